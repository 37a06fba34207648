"""Run folders: events, bodies, locks."""
