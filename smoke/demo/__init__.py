"""A demo shop on a real PostgreSQL, with the bug of the incident."""
