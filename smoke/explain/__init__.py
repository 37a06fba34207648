"""One page per diagnostic and finding code, printed by `smoke explain`."""
