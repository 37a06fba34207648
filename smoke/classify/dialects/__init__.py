"""One file per way in which a stack prints a database error."""
