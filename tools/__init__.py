"""Generators of the tables that smoke ships, each with `--check` for CI."""
