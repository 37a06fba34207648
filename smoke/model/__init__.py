"""The data that flows: frozen dataclasses, standard library only."""
