"""One file per step kind: its spec, and what it asks of the engine."""
