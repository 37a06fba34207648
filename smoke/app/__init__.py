"""Use cases: they wire the rooms together and return values; they never print."""
