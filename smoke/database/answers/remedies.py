"""Ways out of a rule, as SQL for a person who knows the database: what each does, what it risks, how it locks."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.database.answers.collision import Collision
from smoke.database.answers.keys import key_values
from smoke.database.lookup import Duplicates, Rule
from smoke.database.rule_facts import Generated, Reference
from smoke.model.finding import Statement
from smoke.sql import identifier, literal, relation
from smoke.text import plural

_EXCLUSIVE = (
    "for a moment: nobody reads or writes it meanwhile, and it waits for running transactions"
)
_BOUNDED = "SET lock_timeout = '2s';"


def dropping(rule: Rule, why: str = "ends the rule") -> Statement:
    """The rule's end as SQL that a person may run."""
    if rule.code == "i":
        index = relation(rule.name, rule.schema)
        return Statement(
            purpose=f"{why}: duplicates are possible from then on; waits for running transactions, blocks no writer;"
            " not inside a transaction",
            sql=f"DROP INDEX CONCURRENTLY IF EXISTS {index};",
            writes=True,
        )
    table = relation(rule.table, rule.schema)
    needs = (
        f"; {plural(len(rule.dependants), 'object depends', 'objects depend')} on it"
        if rule.dependants
        else ""
    )
    return Statement(
        purpose=f"{why}; takes an ACCESS EXCLUSIVE lock on {table} {_EXCLUSIVE}{needs}",
        sql=f"{_BOUNDED}\nALTER TABLE {table} DROP CONSTRAINT IF EXISTS {identifier(rule.name)};",
        writes=True,
    )


def replacements(
    rule: Rule,
    candidates: Sequence[Duplicates],
    generated: Sequence[Generated] = (),
    collision: Collision | None = None,
) -> tuple[Statement, ...]:
    """The ways out of a unique rule. Pure.

    A sequence that is behind is set; the rule is dropped; a rule over other columns is put in its place, but only over
    one of which the row that was collided with shows that it tells orders apart, and which no row breaks now.
    """
    table = relation(rule.table, rule.schema)
    found = [_set(rule, item) for item in generated if item.sequence]
    found.append(dropping(rule))
    for candidate in candidates:
        if candidate.keys:
            continue
        columns = ", ".join(identifier(column) for column in candidate.columns)
        not_null = " AND ".join(f"{identifier(c)} IS NOT NULL" for c in candidate.columns)
        check = Statement(
            purpose=f"are there rows that a unique rule over ({columns}) would refuse?",
            sql=f"SELECT {columns}, count(*) FROM {table} WHERE {not_null}\nGROUP BY {columns} HAVING count(*) > 1;",  # noqa: S608  (text for a person, names quoted by smoke.sql)
            expect=(("it can be made", "no rows"),),
        )
        found.append(check)
        name = identifier(f"{rule.table}_{'_'.join(candidate.columns)}_uq"[:63])
        seen = (
            "no row breaks it now"
            if candidate.keys == 0
            else f"not counted ({candidate.why}), check first"
        )
        reason = (
            f" (the row that was collided with has the id of the order {collision.orders[0]} there: it tells them apart)"
            if collision is not None and collision.orders
            else ""
        )
        found.append(
            Statement(
                purpose=f"a rule over ({columns}) in its place{reason}, before the old one is dropped: {seen}; builds"
                " without blocking writers (SHARE UPDATE EXCLUSIVE lock), not inside a transaction; leaves an INVALID"
                " index behind if it fails",
                sql=f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} ({columns});",
                writes=True,
            )
        )
    return tuple(found)


def _set(rule: Rule, item: Generated) -> Statement:
    column, table = identifier(item.column), relation(rule.table, rule.schema)
    return Statement(
        purpose=f"the next {column} comes after the largest one that is there; takes no lock that others wait for",
        sql=f"SELECT setval({literal(item.sequence)}, (SELECT max({column}) FROM {table}));",  # noqa: S608  (text for a person, names quoted by smoke.sql)
        writes=True,
    )


def for_foreign_key(rule: Rule, reference: Reference | None, detail: str) -> tuple[Statement, ...]:
    """The ways out of a foreign key: look for the row, let it be written later, and only then drop the rule. Pure."""
    deleting = "referenced from" in detail
    table = relation(rule.table, rule.schema)
    found: list[Statement] = []
    if reference is not None:
        found += _looking(rule, reference, detail, deleting=deleting)
    if not deleting and not rule.deferrable.startswith("initially"):
        found.append(
            Statement(
                purpose="where the row that it refers to is written later in the same transaction: the rule is checked at"
                f" COMMIT from then on; takes a SHARE ROW EXCLUSIVE lock on {table} for a moment",
                sql=f"{_BOUNDED}\nALTER TABLE {table} ALTER CONSTRAINT {identifier(rule.name)} DEFERRABLE INITIALLY DEFERRED;",
                writes=True,
            )
        )
    last = (
        "last resort, ends the rule: what refers to a row stays behind when it goes"
        if deleting
        else "last resort, ends the rule: rows without their parent can then be written"
    )
    return (*found, dropping(rule, last))


def _looking(
    rule: Rule, reference: Reference, detail: str, *, deleting: bool
) -> tuple[Statement, ...]:
    """A read of the rows on the other side, where the detail tells their key."""
    asked = reference.columns if deleting else rule.columns
    looked_in = rule.columns if deleting else reference.columns
    table = (
        relation(rule.table, rule.schema)
        if deleting
        else relation(reference.table, reference.schema)
    )
    values = key_values(detail, asked)
    if values is None or len(values) != len(looked_in):
        return ()
    where = " AND ".join(
        f"{identifier(column)}::text = {literal(value)}"
        for column, value in zip(looked_in, values, strict=True)
    )
    purpose = (
        "which rows still refer to it?"
        if deleting
        else "is the row there that it refers to? (an id that was never there, a row deleted, one written later)"
    )
    expect = (
        (("delete or change these first", "rows"),)
        if deleting
        else (
            ("missing", "count 0: write it first, or send an id that is there"),
            ("there now", "count 1: it was written after this order"),
        )
    )
    what = "*" if deleting else "count(*)"
    limit = " LIMIT 20" if deleting else ""
    return (Statement(purpose, f"SELECT {what} FROM {table} WHERE {where}{limit};", expect),)  # noqa: S608  (text for a person, names quoted by smoke.sql)


def for_check(rule: Rule) -> tuple[Statement, ...]:
    """The ways out of a check: put the new value into it as it is now, and only then drop it. Pure."""
    table, name = relation(rule.table, rule.schema), identifier(rule.name)
    definition = rule.definition.removesuffix(" NOT VALID")
    return (
        Statement(
            purpose="where the value is right and the rule is out of date: write the new value into the rule, which is"
            f" given as it is now; takes an ACCESS EXCLUSIVE lock on {table} {_EXCLUSIVE}; the rows that are there are"
            " checked afterwards, without blocking writers",
            sql=(
                f"{_BOUNDED}\nALTER TABLE {table} DROP CONSTRAINT {name},\n"
                f"  ADD CONSTRAINT {name} {definition} NOT VALID;\n"
                f"ALTER TABLE {table} VALIDATE CONSTRAINT {name};"
            ),
            writes=True,
        ),
        dropping(rule, "last resort, ends the rule: no value is refused from then on"),
    )
