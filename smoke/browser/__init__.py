"""A browser that somebody has: found, started with a profile of its own, and watched while a person orders."""
