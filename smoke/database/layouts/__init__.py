"""How migration tools lay out a project: one module per tool says which folder is its own, and in which order it runs."""
