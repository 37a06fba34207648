"""The version, for whoever names it: the face of the package, the User-Agent, a run."""

from __future__ import annotations

__version__ = "0.1.0"
