"""Claims on domains: what they are over, default, NOT NULL, checks."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.records import Constraint
from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.claims import Facet, Finding, Thing
from smoke.database.migration.planner import Planned, Planner, Unjudged
from smoke.database.migration.sight import OfRow, Sight, called, no_object
from smoke.database.migration.tree import enum_name, expression_sql, name_of, parse_one
from smoke.sql import identifier

_DOMAINS = ObjectKind(
    "SELECT n.nspname, t.typname, t.oid::int8, format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault"
    " FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'd' AND {where}",
    key=2,
    schema="n.nspname",
    name="t.typname",
)


def create_domain(planner: Planner, node: Any) -> Planned:
    """CREATE DOMAIN: base type, default, NOT NULL, checks."""
    schema, name = name_of(node.domainname)
    thing = planner.world.make("type", name, planner.home(schema))
    planner.world.made_there(thing, DomainOver(node.type_name))
    not_null, default = False, None
    for item in node.constraints:
        match enum_name(item.constraint, "contype"):
            case "CONSTR_NOTNULL":
                not_null = True
            case "CONSTR_DEFAULT":
                default = item.constraint.raw_expr
            case "CONSTR_CHECK":
                _claim_check(planner, thing, item.constraint)
            case _:
                pass
    planner.world.claim(thing, Facet.NOT_NULL, DomainNotNull(not_null))
    planner.world.claim(thing, Facet.DEFAULT, DomainDefault(default))
    return None


class OfDomain(OfRow, frozen=True):
    """What a domain should be."""

    rows = _DOMAINS
    word = "domain"


class DomainOver(OfDomain, frozen=True):
    """The domain is over that type (a tree)."""

    type_name: Any

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        wanted = sight.type_words(self.type_name)
        same = row[1] == wanted
        also = "" if same else f", not {wanted}"
        return Finding(same, f"domain {called(thing)} is {row[1]}{also}")


class DomainNotNull(OfDomain, frozen=True):
    """The domain is NOT NULL, or takes NULL."""

    wanted: bool

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        words = "is NOT NULL" if row[2] else "takes NULL"
        return Finding(row[2] == self.wanted, f"domain {called(thing)} {words}")


class DomainDefault(OfDomain, frozen=True):
    """The domain has that default (a tree), or none."""

    expression: Any

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        words = "no default" if row[3] is None else f"the default {row[3]}"
        same: bool | None = self.expression is None and row[3] is None
        if self.expression is not None and row[3] is not None:
            same = sight.canon.same(sight.sql(self.expression), row[3], {}, cast=row[1])
        return Finding(same, f"domain {called(thing)} has {words}")


class OfCheck(OfDomain, frozen=True):
    """What a constraint of a domain should be."""

    def _judge(self, sight: Sight, thing: Thing) -> Finding:
        domain = thing.parent
        assert domain is not None
        row = sight.catalog.one(self.rows, domain.schema, domain.name)
        return no_object(domain, self.word) if row is None else self._found(sight, thing, row)

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        known = sight.catalog.domain_constraints(row[0])
        assert thing.parent is not None
        return self._among(sight, thing, known, row[1], f"domain {called(thing.parent)}")

    def _among(
        self, sight: Sight, thing: Thing, known: list[Constraint], base: str, domain: str
    ) -> Finding:
        raise NotImplementedError


class CheckThere(OfCheck, frozen=True):
    """The domain has that check (a tree), by its name if it has one."""

    node: Any

    def _among(
        self, sight: Sight, thing: Thing, known: list[Constraint], base: str, domain: str
    ) -> Finding:
        name = self.node.conname
        for con in known:
            if (con.name == thing.name or not name) and _same_check(sight, self.node, con, base):
                return Finding(True, f"{domain} has {con.definition}")
        words = next((f": it is {con.definition}" for con in known if con.name == thing.name), "")
        said = identifier(name) if name else ""
        return Finding(False, f"{domain} has no such constraint {said}{words}")


def _same_check(sight: Sight, wanted: Any, found: Constraint, base: str) -> bool:
    if found.code != "c":
        return False
    altered = parse_one(f"ALTER TABLE t ADD CONSTRAINT c {found.definition}").alter_table_stmt
    other = getattr(altered.cmds[0].alter_table_cmd, "def").constraint
    mine, theirs = (expression_sql(node.raw_expr) for node in (wanted, other))
    return bool(sight.canon.same(mine, theirs, {"domain": {"value": base}}))


class CheckGone(OfCheck, frozen=True):
    """The domain has no constraint of that name."""

    def _among(
        self, sight: Sight, thing: Thing, known: list[Constraint], base: str, domain: str
    ) -> Finding:
        del sight, base
        there = any(con.name == thing.name for con in known)
        words = "still has" if there else "does not have"
        return Finding(not there, f"{domain} {words} constraint {called(thing)}")


class CheckValid(OfCheck, frozen=True):
    """A constraint of the domain is validated."""

    def _among(
        self, sight: Sight, thing: Thing, known: list[Constraint], base: str, domain: str
    ) -> Finding:
        del sight, base, domain
        holds = any(con.name == thing.name and con.validated for con in known)
        return Finding(holds, f"constraint {called(thing)} is {'' if holds else 'not '}validated")


def _claim_check(planner: Planner, thing: Thing, constraint: Any) -> None:
    name = constraint.conname or f"check {planner.world.statement}"
    part = planner.world.make("constraint", name, parent=thing)
    planner.world.claim(part, Facet.THERE, CheckThere(constraint))


def alter_domain(planner: Planner, node: Any) -> Planned:
    """ALTER DOMAIN."""
    thing, world = planner.typed(name_of(node.type_name)), planner.world
    given = getattr(node, "def") if node.HasField("def") else None
    match node.subtype if isinstance(node.subtype, str) else enum_name(node, "subtype"):
        case "T" | "AD_AlterDefault":
            world.claim(thing, Facet.DEFAULT, DomainDefault(given))
        case "O" | "AD_SetNotNull":
            world.claim(thing, Facet.NOT_NULL, DomainNotNull(wanted=True))
        case "N" | "AD_DropNotNull":
            world.claim(thing, Facet.NOT_NULL, DomainNotNull(wanted=False))
        case "C" | "AD_AddConstraint" if given is not None:
            if enum_name(given.constraint, "contype") == "CONSTR_NOTNULL":
                world.claim(thing, Facet.NOT_NULL, DomainNotNull(wanted=True))
            else:
                _claim_check(planner, thing, given.constraint)
        case "X" | "AD_DropConstraint":
            world.drop(planner.part("constraint", node.name, thing), CheckGone())
        case "V" | "AD_ValidateConstraint":
            part = planner.part("constraint", node.name, thing)
            world.claim(part, Facet.VALID, CheckValid())
        case _:
            return Unjudged("smoke does not know how to look up this change of a domain")
    return None
