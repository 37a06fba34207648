"""What a migration does to a database, seen by carrying it out: the catalogue in words before and after.

Nothing of the product is used for it: a verdict that agrees with what is seen here is right by another road.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import yaml

from smoke.database.migration.split import split
from tests.support.migrations import CORPUS, groups, load


@dataclass(frozen=True)
class Case:
    """A migration of the corpus, and its verdict."""

    name: str
    before: str
    ran: str
    migration: str
    verdict: str


FILES = tuple(
    sorted(
        path.stem for path in CORPUS.glob("*.yaml") if path.stem not in ("one_by_one", "decided")
    )
)
_LINES = """
SELECT 'schema ' || oid::regnamespace || ' of ' || pg_get_userbyid(nspowner) || ' ' || coalesce(nspacl::text, '')
  FROM pg_namespace WHERE nspname !~ '^pg_'
UNION ALL SELECT concat_ws(' ', 'relation', c.oid::regclass, c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), c.relrowsecurity,
   c.relforcerowsecurity, c.relreplident, (SELECT array_agg(o ORDER BY o) FROM unnest(c.reloptions) o), 'acl', c.relacl::text,
   pg_get_expr(c.relpartbound, c.oid), CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END,
   (SELECT string_agg(inhparent::regclass::text, ',' ORDER BY inhseqno) FROM pg_inherits WHERE inhrelid = c.oid),
   CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END, nullif(c.reloftype, 0)::regtype)
  FROM pg_class c WHERE c.oid >= 16384 AND c.relkind NOT IN ('i', 'I', 't') AND c.relnamespace::regnamespace::text !~ '^pg_'
UNION ALL SELECT concat_ws(' ', 'column', c.oid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
   a.attgenerated, 'default', pg_get_expr(d.adbin, d.adrelid), nullif(a.attcollation, t.typcollation)::regcollation, a.attstorage,
   a.attcompression, a.attstattarget, a.attoptions::text, 'acl', a.attacl::text, a.attislocal)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_type t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attrelid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind NOT IN ('i', 'I', 't', 'S')
UNION ALL SELECT concat_ws(' ', 'constraint', coalesce(nullif(conrelid, 0)::regclass::text, nullif(contypid, 0)::regtype::text), conname,
   pg_get_constraintdef(oid), convalidated, condeferrable, condeferred) FROM pg_constraint WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'index', pg_get_indexdef(indexrelid), indisvalid, indisclustered, indisreplident,
   (SELECT concat_ws(' ', reloptions::text) FROM pg_class WHERE oid = indexrelid)) FROM pg_index WHERE indexrelid >= 16384
   AND (SELECT relnamespace::regnamespace::text !~ '^pg_' FROM pg_class WHERE oid = indexrelid)
UNION ALL SELECT concat_ws(' ', 'sequence', seqrelid::regclass, seqtypid::regtype, seqstart, seqincrement, seqmax, seqmin, seqcache, seqcycle,
   (SELECT string_agg(refobjid::regclass || '.' || refobjsubid, ',') FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = seqrelid
    AND refclassid = 'pg_class'::regclass AND deptype IN ('a', 'i'))) FROM pg_sequence WHERE seqrelid >= 16384
UNION ALL SELECT concat_ws(' ', 'trigger', pg_get_triggerdef(oid), tgenabled) FROM pg_trigger WHERE oid >= 16384 AND NOT tgisinternal
UNION ALL SELECT concat_ws(' ', 'rule', pg_get_ruledef(oid), ev_enabled) FROM pg_rewrite WHERE oid >= 16384 AND rulename <> '_RETURN'
UNION ALL SELECT concat_ws(' ', 'policy', polrelid::regclass, polname, polcmd, polpermissive, polroles::regrole[]::text,
   pg_get_expr(polqual, polrelid), 'check', pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
UNION ALL SELECT concat_ws(' ', 'routine', oid::regprocedure, CASE WHEN prokind IN ('f', 'p') THEN pg_get_functiondef(oid) ELSE prokind::text END,
   pg_get_userbyid(proowner), proacl::text) FROM pg_proc WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'aggregate', aggfnoid, aggtransfn, aggfinalfn, aggtranstype::regtype, agginitval) FROM pg_aggregate
   WHERE aggfnoid >= 16384::oid
UNION ALL SELECT concat_ws(' ', 'type', t.oid::regtype, t.typtype, pg_get_userbyid(t.typowner), t.typacl::text, nullif(t.typbasetype, 0)::regtype,
   t.typtypmod, t.typnotnull, t.typdefault, nullif(t.typcollation, 0)::regcollation,
   (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
   (SELECT rngsubtype::regtype FROM pg_range WHERE rngtypid = t.oid)) FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
   WHERE t.oid >= 16384 AND t.typcategory <> 'A' AND coalesce(c.relkind, 'c') = 'c'
UNION ALL SELECT concat_ws(' ', 'extension', extname, extversion, extnamespace::regnamespace) FROM pg_extension
UNION ALL SELECT concat_ws(' ', 'comment', i.type, i.identity, d.description) FROM pg_description d,
   LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i WHERE d.objoid >= 16384 OR d.objoid = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', 'shared comment', classoid::regclass, objoid, description) FROM pg_shdescription
UNION ALL SELECT concat_ws(' ', 'default privileges', defaclrole::regrole, nullif(defaclnamespace, 0)::regnamespace, defaclobjtype, defaclacl::text)
   FROM pg_default_acl
UNION ALL SELECT concat_ws(' ', 'publication', p.pubname, p.puballtables, p.pubinsert, p.pubupdate, p.pubdelete, p.pubtruncate, p.pubviaroot,
   pg_get_userbyid(p.pubowner), (SELECT string_agg(concat_ws(' ', prrelid::regclass, prattrs::text, pg_get_expr(prqual, prrelid)), ','
   ORDER BY prrelid::regclass::text) FROM pg_publication_rel WHERE prpubid = p.oid),
   (SELECT string_agg(pnnspid::regnamespace::text, ',' ORDER BY 1) FROM pg_publication_namespace WHERE pnpubid = p.oid)) FROM pg_publication p
UNION ALL SELECT concat_ws(' ', 'statistics', pg_get_statisticsobjdef(oid), stxstattarget, pg_get_userbyid(stxowner)) FROM pg_statistic_ext
UNION ALL SELECT concat_ws(' ', 'event trigger', evtname, evtevent, evtfoid::regproc, evtenabled, evttags::text) FROM pg_event_trigger
UNION ALL SELECT concat_ws(' ', 'operator', oid::regoperator, oprcode, oprcom::regoperator, oprrest) FROM pg_operator WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'cast', castsource::regtype, casttarget::regtype, castcontext, castmethod, castfunc::regprocedure) FROM pg_cast
   WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'collation', to_jsonb(l) - 'oid' - 'collversion') FROM pg_collation l WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'conversion', to_jsonb(v) - 'oid') FROM pg_conversion v WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'operator class', to_jsonb(o) - 'oid' - 'opcfamily') FROM pg_opclass o WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'text search', to_jsonb(o) - 'oid') FROM pg_ts_config o WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'dictionary', to_jsonb(o) - 'oid') FROM pg_ts_dict o WHERE oid >= 16384
UNION ALL SELECT concat_ws(' ', 'wrapper', to_jsonb(o) - 'oid') FROM pg_foreign_data_wrapper o
UNION ALL SELECT concat_ws(' ', 'server', srvname, srvtype, srvversion, srvoptions::text, srvacl::text) FROM pg_foreign_server
UNION ALL SELECT concat_ws(' ', 'mapping', srvname, usename, umoptions::text) FROM pg_user_mappings
UNION ALL SELECT concat_ws(' ', 'foreign table', ftrelid::regclass, ftoptions::text) FROM pg_foreign_table
UNION ALL SELECT concat_ws(' ', 'language', lanname, lanpltrusted, lanacl::text) FROM pg_language
UNION ALL SELECT concat_ws(' ', 'role', to_jsonb(r) - 'oid' - 'rolpassword') FROM pg_roles r
UNION ALL SELECT concat_ws(' ', 'member', roleid::regrole, member::regrole, admin_option) FROM pg_auth_members
UNION ALL SELECT concat_ws(' ', 'setting', (SELECT datname FROM pg_database WHERE oid = setdatabase), nullif(setrole, 0)::regrole, setconfig::text)
   FROM pg_db_role_setting
UNION ALL SELECT concat_ws(' ', 'database', datname, pg_get_userbyid(datdba), datconnlimit, datacl::text) FROM pg_database
   WHERE datname = current_database()
"""


def lines(connection: psycopg.Connection[Any]) -> frozenset[str]:
    """The catalogue as sentences, without numbers that another run would have otherwise."""
    path = connection.execute("SELECT current_setting('search_path')").fetchone()
    assert path is not None
    connection.execute("SET LOCAL search_path = pg_catalog")
    found = frozenset(str(row[0]) for row in connection.execute(_LINES.encode()))
    connection.execute("SELECT set_config('search_path', %s, true)", (path[0],))
    return found


@dataclass(frozen=True)
class Seen:
    """What carrying it out shows: `holds` says whether all of a migration's effect was there; None when it has none."""

    holds: bool | None
    refused: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


_NEVER = re.compile(r"\b(rollback|abort|savepoint)\b|\\c", re.IGNORECASE)


def seen(dsn: str, case: Case) -> Seen | None:
    """Compare what ran with what the migration does where it has not run; None of what cannot be taken back."""
    if _NEVER.search(f"{case.ran}; {case.migration}"):
        return None
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("BEGIN")
        if _carry_out(connection, case.before):
            return None
        first = lines(connection)
        connection.execute("SAVEPOINT first")
        if _carry_out(connection, case.ran):
            return None
        there = lines(connection)
        connection.execute("ROLLBACK TO SAVEPOINT first")
        refused = _carry_out(connection, case.migration)
        wanted = lines(connection)
        connection.execute("ROLLBACK")
    if wanted == first:
        return Seen(None, tuple(refused))
    lacking = [f"+ {line}" for line in wanted - first - there]
    lacking += [f"- {line}" for line in (first - wanted) & there]
    return Seen(not lacking, tuple(refused), tuple(sorted(lacking)))


_LEFT_OUT = re.compile(r"(begin|commit|start transaction|end|copy\b.*\bstdin)\b", re.IGNORECASE)
"""Rows of COPY are no matter of the catalogue, and all of it is one transaction already."""


def _carry_out(connection: psycopg.Connection[Any], script: str) -> list[str]:
    """The SQLSTATEs of statements that were refused; each is taken back alone."""
    refused = []
    for piece in split(script):
        if piece.aside or _LEFT_OUT.match(piece.sql):
            continue
        connection.execute("SAVEPOINT one")
        try:
            connection.execute(re.sub(r"(?i)\bconcurrently\b", "", piece.sql).encode())
        except psycopg.Error as error:
            connection.execute("ROLLBACK TO SAVEPOINT one")
            refused.append(error.sqlstate or "?")
        else:
            connection.execute("RELEASE SAVEPOINT one")
    return refused


def cases(files: Sequence[str] = FILES) -> Iterator[Case]:
    """Every case: what is judged one by one before it has run, then the scripts."""
    for group in groups():
        for number, sql in enumerate(group.statements):
            if number not in group.skip:
                (verdict, *_) = group.unexecuted.get(number, ["not applied"])
                yield Case(f"{group.name} {number}", group.before, "", sql, verdict)
    for file in files:
        for case in load(f"{file}.yaml"):
            yield Case(
                f"{file}: {case['name']}",
                str(case["before"]),
                str(case["ran"]),
                str(case["migration"]),
                str(case["overall"]),
            )


def difference(case: Case, told: Seen | None) -> str:
    """How a verdict differs from what is seen; empty where it agrees, or one of them says nothing."""
    if told is None or case.verdict == "cannot tell":
        return ""
    if told.holds is None:
        plain = case.verdict in ("no effect", "applied")
        return "" if plain else f"{case.verdict}, but it changes nothing"
    if told.holds is (case.verdict == "applied"):
        return ""
    return f"{case.verdict}, but its effect {'holds' if told.holds else 'does not hold'}"


def decided() -> Mapping[str, str]:
    """The differences that a person has decided, each with its reason: the verdict is right."""
    found = yaml.safe_load((CORPUS / "decided.yaml").read_text(encoding="utf-8"))
    return {str(name): str(reason) for name, reason in found.items()}
