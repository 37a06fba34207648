"""Entries of logs, PostgreSQL's and applications', in whatever format, and which of them is behind an exchange. Pure."""
