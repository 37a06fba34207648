"""Fixtures that every test may ask for; each is made only when one does."""

from hypothesis import settings

pytest_plugins = ("tests.support.demo",)

# a first example pays for imports, and a loaded machine for its load: neither is a fault
settings.register_profile("no-deadline", deadline=None)
settings.load_profile("no-deadline")
