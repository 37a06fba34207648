"""What an index holds of a row, and how it compares it."""

from __future__ import annotations

from dataclasses import dataclass

from smoke.database.catalogue.snapshot import ObjectKind, Row


@dataclass(frozen=True, slots=True)
class IndexKey:
    """Each part as SQL, the rows that it is made of, and whether a NULL equals another.

    `equals` are the operators by which the index compares its parts: those of the search path may be others (citext). The
    parts are as the server writes them into a detail: columns quoted where SQL needs it, expressions in full.
    """

    table: str = ""
    parts: tuple[str, ...] = ()
    equals: tuple[str, ...] = ()
    predicate: str = ""
    nulls_equal: bool = False


def _index_key(row: Row) -> IndexKey:
    return IndexKey(row[0], tuple(row[1]), tuple(row[2]), row[3], row[4])


INDEX_KEYS = ObjectKind(
    "SELECT n.nspname, c.relname, t.relname,"
    " ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k ORDER BY k),"
    # the third strategy of a B-tree is equality
    " ARRAY(SELECT coalesce((SELECT 'OPERATOR(' || quote_ident(on_.nspname) || '.' || o.oprname || ')' FROM pg_opclass oc"
    "  JOIN pg_amop ao ON ao.amopfamily = oc.opcfamily AND ao.amopstrategy = 3"
    "   AND ao.amoplefttype = oc.opcintype AND ao.amoprighttype = oc.opcintype"
    "  JOIN pg_am am ON am.oid = oc.opcmethod AND am.amname = 'btree'"
    "  JOIN pg_operator o ON o.oid = ao.amopopr JOIN pg_namespace on_ ON on_.oid = o.oprnamespace"
    "  WHERE oc.oid = k.opclass), '=') FROM unnest(i.indclass::oid[]) WITH ORDINALITY k(opclass, pos) ORDER BY k.pos),"
    " coalesce(pg_get_expr(i.indpred, i.indrelid), ''),"
    # NULLS NOT DISTINCT is known since PostgreSQL 15
    " coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false)"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_class t ON t.oid = i.indrelid WHERE {where}",
    key=2,
    schema="n.nspname",
    name="c.relname",
    value=_index_key,
)
