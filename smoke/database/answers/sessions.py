"""Who is connected, what their sessions do, and which limits are set for them; statements without their values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smoke.database.answers.rows import lasting
from smoke.database.session import Database
from smoke.text import shorten

_VALUES = re.compile(
    r"/\*.*?(?:\*/|\Z)|--[^\n]*|\$(\w*)\$.*?(?:\$\1\$|\Z)|[eE]?'(?:[^']|'')*'?|(?<![\w$\"])\d[\d.]*",
    re.DOTALL,
)
_LONGEST = 120


def without_values(sql: str) -> str:
    """A statement with `?` in place of each value, in one line and cut; comments are left out. Pure."""

    def hidden(found: re.Match[str]) -> str:
        return " " if found[0].startswith(("/*", "--")) else "?"

    return shorten(" ".join(_VALUES.sub(hidden, sql[:5000]).split()), _LONGEST)


@dataclass(frozen=True, slots=True)
class ServerSession:
    """One connection. `state` is empty where the role may not see it; times are seconds."""

    pid: int
    user: str
    application: str
    state: str
    in_state: float | None
    in_transaction: float | None
    statement: str

    def line(self, *, show_values: bool = False) -> str:
        """Who it is and what it does."""
        facts = [
            self.user or "a process of the server",
            self.application or "no application name",
        ]
        if self.state:
            lasts = f" for {lasting(self.in_state)}" if self.in_state is not None else ""
            facts.append(f"{self.state}{lasts}")
        else:
            facts.append("its state is not shown to this role")
        if self.in_transaction is not None:
            facts.append(f"in a transaction for {lasting(self.in_transaction)}")
        said = ""
        if self.state and self.statement:
            text = (
                shorten(" ".join(self.statement.split()), _LONGEST)
                if show_values
                else without_values(self.statement)
            )
            said = f", {'last ' if self.state != 'active' else ''}statement: {text}"
        return f"pid {self.pid} ({', '.join(facts)}){said}"


def sessions(database: Database, pids: Sequence[int]) -> dict[int, ServerSession]:
    """The sessions of these processes that are still there. Raises SmokeError."""
    rows = database.rows(
        "SELECT pid, coalesce(usename, ''), coalesce(application_name, ''), coalesce(state, ''),"
        " extract(epoch FROM clock_timestamp() - state_change)::float8,"
        " extract(epoch FROM clock_timestamp() - xact_start)::float8,"
        " CASE WHEN state IS NULL THEN '' ELSE coalesce(query, '') END"
        " FROM pg_stat_activity WHERE pid = ANY (%s::int[]) AND pid <> pg_backend_pid()",
        list(pids),
    )
    return {int(row[0]): ServerSession(int(row[0]), *row[1:]) for row in rows}


def settings(database: Database, names: Sequence[str]) -> list[str]:
    """Settings of these names that are made for a role or for the database: `lock_timeout=5s for shop_app`."""
    rows = database.rows(
        "SELECT c.text, pg_get_userbyid(nullif(s.setrole, 0)), s.setdatabase <> 0 FROM pg_db_role_setting s"
        " CROSS JOIN unnest(s.setconfig) AS c(text) WHERE split_part(c.text, '=', 1) = ANY (%s::text[])"
        " AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))"
        " ORDER BY 1, 2 LIMIT 20",
        list(names),
    )
    return [
        f"{shorten(str(text), 100)} for {f'the role {role}' if role else 'every role'}"
        + (" in this database" if here else "")
        for text, role, here in rows
    ]
