"""Scenarios in the languages of other tools, one file per tool; what one of them cannot say is a comment in its text."""

from __future__ import annotations

from smoke.exporters import hurl, k6
from smoke.scenario.model import Scenario

TOOLS = {"hurl": hurl.write, "k6": k6.write}
"""Each tool, and what writes a scenario's text in its language."""


def exported(scenario: Scenario, tool: str) -> str:
    """The text of a scenario for one of TOOLS."""
    return TOOLS[tool](scenario)
