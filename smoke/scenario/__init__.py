"""YAML text to a Scenario, or a list of diagnostics; never opens a socket."""
