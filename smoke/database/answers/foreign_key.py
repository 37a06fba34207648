"""A row that refers to another: where the rule leads, and the ways out."""

from __future__ import annotations

from smoke.advice.sql import relation
from smoke.database.answers.question import Question, Told
from smoke.database.lookup import Rule
from smoke.database.remedies import for_foreign_key
from smoke.database.rule_facts import reference
from smoke.model.finding import Known


def tell(question: Question, rule: Rule) -> Told:
    """What is true of a foreign key and the row that it refused."""
    leads = question.part("where it leads", lambda: reference(question.database, rule))
    return Told(
        remedies=for_foreign_key(rule, leads, question.error.message_detail or ""),
        known=Known(referenced=relation(leads.table, leads.schema) if leads else ""),
    )
