"""Logs that applications and their platforms write: JSON lines, labelled lines, and plain text with stack traces. Pure."""
