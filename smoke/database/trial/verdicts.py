"""From what was tried to whether the failing statement would pass, in words. Pure, but for questions to the copy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from smoke.database.answers.keys import MASKED, key_values
from smoke.database.trial.case import Case
from smoke.database.trial.copied import Copy
from smoke.database.trial.demands import Demanded, Schema
from smoke.database.trial.passing import Probe, ProbeOutcome, tried
from smoke.model.dberror import DatabaseError
from smoke.sql import identifier, relation


@dataclass(frozen=True, slots=True)
class Passing:
    """Whether the failing statement would pass (None: it cannot be told), why, and what the answer rests on."""

    would: bool | None
    words: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Before:
    """What was seen before the fix, to be compared with what is seen after it."""

    case: Case
    schema: Schema
    probe: Probe | None
    control: ProbeOutcome | None
    facts: Mapping[str, bool]
    definition: str


_UNIQUE = ("23505", "23P01")
_RULES = (
    "SELECT pg_get_constraintdef(con.oid) FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s AND con.conname = %s"
    " UNION ALL SELECT pg_get_indexdef(c.oid) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('i', 'I') AND n.nspname = %s AND c.relname = %s"
    " UNION ALL SELECT pg_get_triggerdef(t.oid) || t.tgenabled::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = %s AND c.relname = %s AND t.tgname = %s"
)


def before_the_fix(copy: Copy, case: Case, schema: Schema, probe: Probe | None) -> Before:
    """What is to be compared later. The copy is left as it is."""
    rule = case.rule
    control = tried(copy, probe, schema, schema, rule=rule.name) if probe and rule else None
    return Before(case, schema, probe, control, _facts(copy, case, schema), _definition(copy, case))


def after_the_fix(copy: Copy, before: Before, now: Schema) -> Passing:
    """Whether what failed would pass now."""
    case, rule = before.case, before.case.rule
    if not case.named:
        return Passing(None, "it is not known what failed: no run tells a database error")
    if rule is None:
        return _by_state(copy, before, now)
    place = f"{rule.kind} {identifier(rule.name)} on {relation(rule.table, rule.schema)}"
    if not before.definition:
        return Passing(None, f"the {place} could not be copied, so nothing shows what the fix does")
    if before.probe is not None and before.control is not None:
        if before.control.refused is None or before.control.refused.rule != rule.name:
            said = before.control.refused
            how = f"was refused otherwise ({said.sqlstate})" if said else "was taken"
            missing = f"a row like the refused one {how} in the copy before the fix"
            return _by_catalogue(copy, before, place, missing)
        return _by_row(copy, before, now, place)
    return _by_catalogue(copy, before, place, "")


def _by_row(copy: Copy, before: Before, now: Schema, place: str) -> Passing:
    probe, rule = before.probe, before.case.rule
    assert probe is not None
    assert rule is not None
    found = tried(copy, probe, before.schema, now, rule=rule.name)
    key = ", ".join(sorted(probe.key))
    by = (
        f"a row with the values of the refused one ({key}) was refused by it in the copy before the fix"
        if rule.code == "c"
        else f"a second row with the same ({key}) was refused by it in the copy before the fix"
    )
    if found.gone:
        names = ", ".join(found.gone)
        return Passing(
            False,
            f"the fix takes the column {names} away that the refused statement wrote: it would fail for that",
            by,
        )
    said = found.refused
    if said is None:
        return Passing(True, f"the {place} refuses it no more", f"{by}, and is taken after it")
    if said.rule == rule.name:
        return Passing(False, f"the {place} still refuses it", f"{by}, and is after it")
    if said.sqlstate in _UNIQUE:
        return Passing(False, f"{said.rule} refuses it in place of {rule.name}", by)
    if said.sqlstate == "23502" and said.column and said.column not in probe.row:
        return Passing(
            False,
            f"the fix requires a value of {said.column}, which the refused statement does not give",
            by,
        )
    why = f"{said.rule or 'the copy'} refuses the row that stands for the refused one ({said.sqlstate})"
    return Passing(None, why, by)


def _by_catalogue(copy: Copy, before: Before, place: str, why: str) -> Passing:
    rule = before.case.rule
    assert rule is not None
    now = _definition(copy, before.case)
    more = f" ({why})" if why else ""
    by = "the catalogue of the copy before the fix and after it" + more
    if not now:
        unsure = rule.unique and bool(why)
        words = f"the {place} is gone"
        return Passing(None if unsure else True, words, by)
    if now == before.definition:
        told = _reference_made(copy, before) if rule.code == "f" else None
        if told is not None:
            return told
        return Passing(False, f"the {place} is still there as it was", by)
    if rule.code == "f" and re.search(r"ON DELETE (CASCADE|SET)", now) and _removes(before):
        return Passing(True, f"the {place} lets the row go now: {now}", by)
    return Passing(
        None, f"the {place} is another one then, and no row shows whether it refuses: {now}", by
    )


def _removes(before: Before) -> bool:
    """Whether it was a row that others refer to which could not be removed."""
    return "is still referenced" in (before.case.error.message_detail or "")


def _reference_made(copy: Copy, before: Before) -> Passing | None:
    if before.facts.get("referenced") is False and _facts(copy, before.case, before.schema).get(
        "referenced"
    ):
        return Passing(
            True, "the row that it refers to is there then", "the fix makes it in the copy"
        )
    return None


def _definition(copy: Copy, case: Case) -> str:
    rule = case.rule
    if rule is None:
        return ""
    place = (rule.schema, rule.table, rule.name)
    rows = copy.rows(_RULES, *place, rule.schema, rule.name, *place)
    return str(rows[0][0]) if rows else ""


def _by_state(copy: Copy, before: Before, now: Schema) -> Passing:
    """Of an error that no rule stands behind: whether what it missed is there then."""
    error = before.case.error
    state = error.sqlstate or "an error without a name"
    by = "the catalogue of the copy before the fix and after it"
    if error.constraint_name:
        return Passing(
            None,
            f"{error.constraint_name} is not in this database (any more), or there several times: is it the right one?",
            by,
        )
    if state == "23502" and error.column_name:
        return _by_null(before, now, by)
    facts = _facts(copy, before.case, before.schema)
    for what, there in facts.items():
        if before.facts.get(what):
            return Passing(
                None,
                f"{what} is there already: the shop asks another database, or by another path",
                by,
            )
        words = f"{what} is there then" if there else f"{what} is still not there"
        return Passing(there, words, by)
    return Passing(None, f"a copy of the schema does not show whether {state} is mended", by)


def _by_null(before: Before, now: Schema, by: str) -> Passing:
    error = before.case.error
    tables = [
        table
        for table, columns in before.schema.columns.items()
        if error.column_name in columns
        and error.table_name in (None, table[1])
        and error.schema_name in (None, table[0])
    ]
    if len(tables) != 1:
        return Passing(None, f"it is not known which table's {error.column_name} was meant", by)
    column = now.columns.get(tables[0], {}).get(error.column_name or "")
    name = f"{relation(tables[0][1], tables[0][0])}.{identifier(error.column_name or '')}"
    if column is None:
        return Passing(False, f"the fix takes {name} away, which the refused statement wrote", by)
    if not column.required:
        return Passing(True, f"{name} accepts NULL then", by)
    was = before.schema.columns[tables[0]][column.name]
    if column.filled and not was.filled:
        words = f"{name} gets a default, which helps only where the statement leaves the column out"
        return Passing(None, words, by)
    return Passing(False, f"{name} still accepts no NULL", by)


def _facts(copy: Copy, case: Case, schema: Schema) -> dict[str, bool]:
    """What the error missed, by what it is called, and whether it is there."""
    error = case.error
    state, message = error.sqlstate or "", error.message_primary or ""
    found: dict[str, bool] = {}
    if case.rule is not None and case.rule.code == "f":
        return _referenced(copy, case, schema)
    if state == "42P01" and error.table_name:
        name = relation(error.table_name, error.schema_name or "")
        found[f"table {name}"] = _resolves(copy, "to_regclass", name)
    elif state == "42703" and (of := _column_of(error)):
        table, column = of
        rows = copy.rows(
            "SELECT count(*) FROM pg_attribute a WHERE a.attrelid = to_regclass(%s) AND a.attname = %s AND NOT a.attisdropped",
            table,
            column,
        )
        found[f"column {column} of {table}"] = bool(rows[0][0])
    elif state == "22P02" and (
        label := re.search(r'enum ("?[\w.$ ]{1,130}"?): "(.{1,200})"', message)
    ):
        rows = copy.rows(
            "SELECT count(*) FROM pg_enum WHERE enumtypid = to_regtype(%s) AND enumlabel = %s",
            label[1],
            label[2],
        )
        found[f"the label of {label[1]}"] = bool(rows[0][0])
    elif state == "42704" and (named := re.search(r'type "([^"]{1,130})" does not exist', message)):
        found[f"type {named[1]}"] = _resolves(copy, "to_regtype", named[1])
    elif state == "3F000" and (named := re.search(r'schema "([^"]{1,130})"', message)):
        found[f"schema {named[1]}"] = _resolves(copy, "to_regnamespace", identifier(named[1]))
    elif state == "42883" and (named := re.search(r"function ([\w.$\"]{1,130})\(", message)):
        bare = named[1].rpartition(".")[2].strip('"')
        rows = copy.rows("SELECT count(*) FROM pg_proc WHERE proname = %s", bare)
        found[f"a function {bare}"] = bool(rows[0][0])
    return found


def _resolves(copy: Copy, function: str, name: str) -> bool:
    return bool(copy.rows(f"SELECT {function}(%s) IS NOT NULL", name)[0][0])


def _column_of(error: DatabaseError) -> tuple[str, str] | None:
    """Table and column of a column that does not exist, as SQL finds the table."""
    message = error.message_primary or ""
    named = re.search(r'column "([^"]{1,130})" of relation "([^"]{1,130})"', message)
    column = error.column_name or (named[1] if named else "")
    table = error.table_name or (named[2] if named else "")
    if not column or not table:
        return None
    return relation(table, error.schema_name or ""), column


def _referenced(copy: Copy, case: Case, schema: Schema) -> dict[str, bool]:
    """Whether the row is there that a foreign key leads to."""
    rule, detail = case.rule, case.error.message_detail or ""
    assert rule is not None
    values = key_values(detail, rule.columns)
    demand = schema.demands.get((Demanded.REFERENCE, (rule.schema, rule.table), rule.name))
    if "is not present" not in detail or values is None or demand is None:
        return {}
    if any(MASKED in value for value in values):
        return {}
    where = " AND ".join(f"{name.replace('%', '%%')} = %s" for name in demand.target_columns)
    place = relation(demand.target[1], demand.target[0]).replace("%", "%%")
    with copy.taken_back():
        count = copy.rows(f"SELECT count(*) FROM {place} WHERE {where}", *values)  # noqa: S608  (names are quoted, values are parameters)
    return {"referenced": bool(count[0][0])}
