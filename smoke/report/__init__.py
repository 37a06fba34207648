"""One file per format: a Run to bytes."""
