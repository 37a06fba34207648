"""What a run has to tell people, once: facts as values, which the terminal and the reports lay out."""
