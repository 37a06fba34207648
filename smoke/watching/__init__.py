"""Watching shops all day: what changed since the last round, when the next one is, what is told. Rules only."""
