"""What PostgreSQL says of itself: the catalogue of one database, read once in few questions."""
