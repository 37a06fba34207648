"""Finished runs by target and build: what failed before, since when, and whether a build is worse than the one before it."""
