"""A value that a rule does not take: the rule as it stands, and the ways out."""

from __future__ import annotations

from smoke.database.answers.question import Question, Told
from smoke.database.lookup import Rule
from smoke.database.remedies import for_check


def tell(_: Question, rule: Rule) -> Told:
    """What is true of a check and the value that it refused."""
    return Told(remedies=for_check(rule))
