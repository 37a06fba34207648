"""A response to its texts and labelled records, whatever they were wrapped in."""
