"""One file per question that a scenario may put to the database."""
