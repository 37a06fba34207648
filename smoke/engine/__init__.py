"""The loop over scenarios, steps and attempts; I/O only through `smoke.engine.ports`."""
