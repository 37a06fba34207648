"""Is a migration applied here? SQL text in, a verdict for each statement out; nothing is run but questions."""
