"""The demo shop: an HTTP service on a PostgreSQL, with the rules that a real one has."""
