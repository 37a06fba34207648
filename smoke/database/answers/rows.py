"""What can be known of a table's rows: which may be seen, which column tells when one was made or put away.

Asked here and not of the catalogue: row security is active for a role, and commit times are kept by a server, at the moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smoke.database.session import Database
from smoke.sql import identifier
from smoke.text import plural

ROW = "smoke_row"
"""What a row is called in our questions: no column is, which would be taken for it."""

_MADE = (
    *("created_at", "createdat", "created", "inserted_at", "insertedat", "created_on"),
    *("createdon", "date_created", "datecreated", "created_date", "creation_date", "placed_at"),
    *("date_placed", "ordered_at", "order_date"),
)
_PUT_AWAY = (
    *("deleted_at", "deletedat", "deleted_on", "date_deleted", "removed_at", "archived_at"),
    *("is_deleted", "isdeleted", "deleted", "is_removed", "archived", "is_archived"),
)


@dataclass(frozen=True, slots=True)
class ColumnTraits:
    """Columns of a table that tell something of a row, as they are named there; empty where it has none.

    `made` is when a row was made, `away` a mark that it counts as deleted. `hides` says that row security is active for
    the role that asks: a row that it does not see may be there. `columns` are all, in their order.
    """

    columns: tuple[str, ...] = ()
    made: str = ""
    made_zoned: bool = False
    away: str = ""
    away_flag: bool = False
    hides: bool = False
    commit_times: bool = False

    def age(self) -> str:
        """SQL for the seconds since a row was made; NULL where nothing tells it."""
        if self.made:
            column = f"{ROW}.{identifier(self.made)}"
            zoned = column if self.made_zoned else f"({column}::timestamp AT TIME ZONE 'UTC')"
            return f"extract(epoch FROM clock_timestamp() - {zoned})::float8"
        if self.commit_times:
            return f"extract(epoch FROM clock_timestamp() - pg_xact_commit_timestamp({ROW}.xmin))::float8"
        return "NULL::float8"

    def put_away(self) -> str:
        """SQL for whether a row is marked as deleted; NULL where the table has no such mark."""
        if not self.away:
            return "NULL::boolean"
        column = f"{ROW}.{identifier(self.away)}"
        return f"coalesce({column}, false)" if self.away_flag else f"{column} IS NOT NULL"

    def since(self, seconds: float | None) -> str:
        """The age as words, with what tells it: `made about 5 minutes ago (created_at)`."""
        if seconds is None:
            return ""
        if not self.made:  # of the row as it is now: a later change of it counts too
            return f"last written {ago(seconds)} (its transaction's commit time)"
        zone = "" if self.made_zoned else ", taken as UTC"
        return f"made {ago(seconds)} ({self.made}{zone})"


def traits(database: Database, schema: str, table: str) -> ColumnTraits:
    """The traits of a table. Raises SmokeError."""
    rows = database.rows(
        "SELECT a.attname, format_type(a.atttypid, NULL),"
        " row_security_active(c.oid), current_setting('track_commit_timestamp')::boolean AND c.relkind IN ('r', 'p')"
        " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        schema,
        table,
    )
    types = {str(row[0]): str(row[1]) for row in rows}
    made = _first(types, _MADE, ("timestamp", "date"))
    away = _first(types, _PUT_AWAY, ("timestamp", "date", "boolean"))
    return ColumnTraits(
        columns=tuple(types),
        made=made,
        made_zoned=types.get(made, "").endswith("with time zone"),
        away=away,
        away_flag=types.get(away) == "boolean",
        hides=bool(rows and rows[0][2]),
        commit_times=bool(rows and rows[0][3]),
    )


def _first(types: Mapping[str, str], names: tuple[str, ...], kinds: tuple[str, ...]) -> str:
    known = {column.lower(): column for column, kind in types.items() if kind.startswith(kinds)}
    return next((known[name] for name in names if name in known), "")


_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"))


def lasting(seconds: float) -> str:
    """A length of time, as people say it."""
    for size, word in _UNITS:
        if seconds >= size:
            return f"about {plural(round(seconds / size), word)}"
    return "less than a minute"


def ago(seconds: float) -> str:
    """A time that has passed, as people say it."""
    return f"{lasting(seconds)} ago"


def parameterless(sql: str) -> str:
    """SQL of the catalogue among ours: a percent sign in it is no parameter."""
    return sql.replace("%", "%%")
