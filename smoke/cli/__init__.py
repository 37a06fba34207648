"""The command line: a thin shell around `smoke.app`."""
