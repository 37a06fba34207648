"""A candidate fix, tried in a copy that is thrown away: what it mends, what breaks it, what it locks."""
