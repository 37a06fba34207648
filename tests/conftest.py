"""Fixtures that every test may ask for; each is made only when one does."""

pytest_plugins = ("tests.support.demo",)
