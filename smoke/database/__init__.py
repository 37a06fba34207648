"""Read-only questions to a PostgreSQL."""
