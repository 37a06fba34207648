"""Where the database is: a DSN from an environment variable, as libpq understands it.

A DSN is never taken from an argument: arguments are seen by everybody on the machine (`ps`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from smoke.diagnostic import SmokeError
from smoke.system import SHELL

# libpq's keywords and values (PostgreSQL's documentation, 32.1.1.1): quotes around a value, a backslash before a character
# each text has one reading, so it is linear: a value without quotes ends at white space, an empty one at the end
_KEYWORDS = re.compile(
    r"""\s*(?:[A-Za-z_]+\s*=(?:\s*'(?:[^'\\]|\\.)*'|\s*(?:[^\s'\\]|\\.)(?:[^\s\\]|\\.)*(?!\S)|\s*\Z)\s*)+""",
    re.DOTALL,
)
DEFAULT_VARIABLES = ("SMOKE_DSN", "DATABASE_URL")
"""Looked at in this order when no variable is named."""

# URL parameters of other drivers (Prisma, JDBC, node-postgres, SQLAlchemy), which libpq would refuse
_FOREIGN = frozenset(
    {
        "schema",
        "pgbouncer",
        "connection_limit",
        "connectionlimit",
        "pool_timeout",
        "pool_size",
        "socket_timeout",
        "sslaccept",
        "sslidentity",
        "sslpassword",
        "statement_cache_size",
        "preparethreshold",
        "prepared_statements",
        "currentschema",
        "search_path",
        "ssl",
        "supa",
        "workaround",
        "uselibpqcompat",
        "serverversion",
        "charset",
        "pool",
        "max",
        "timezone",
    }
)


@dataclass(frozen=True, slots=True)
class Dsn:
    """What libpq is given, where it was found, and the schemas that a driver's parameter put first."""

    conninfo: str
    source: str
    search_path: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Dsn(from {self.source})"


def find_dsn(environ: Mapping[str, str], variable: str = "") -> Dsn:
    """The DSN of that variable, else of the first default one that is set. Raises SmokeError: `no-dsn`, `bad-dsn`."""
    for name in (variable,) if variable else DEFAULT_VARIABLES:
        value = environ.get(name, "").strip()
        if value:
            return read_dsn(value, name)
    if variable:
        looks_like_dsn = "://" in variable or "=" in variable
        raise SmokeError.of(
            "no-dsn",
            "--dsn-env takes the name of an environment variable, not the DSN itself"
            if looks_like_dsn
            else f"the environment has no {variable}",
            notes=[
                "arguments are seen by everybody on the machine: put the DSN into the environment instead"
            ],
        )
    raise SmokeError.of(
        "no-dsn",
        f"no database to ask: set {' or '.join(DEFAULT_VARIABLES)}, or name a variable with --dsn-env",
        notes=[f"for example: {SHELL.setting('SMOKE_DSN', 'postgresql://reader@db.example/shop')}"],
    )


def read_dsn(text: str, source: str) -> Dsn:
    """A DSN as libpq takes it, without what only other drivers know. Raises SmokeError, which never quotes it."""
    if "://" not in text:
        if not _KEYWORDS.fullmatch(text):
            raise _no_dsn(source)
        return Dsn(text, source)
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise bad_dsn(source) from error
    scheme = parts.scheme.partition("+")[0]
    if scheme not in ("postgres", "postgresql", "jdbc"):
        raise _no_dsn(source)
    if parts.fragment or scheme == "jdbc":
        # a password with '#' or '?' that is not percent-encoded ends up here
        raise bad_dsn(source)
    given = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(name, value) for name, value in given if name.lower() not in _FOREIGN]
    schemas = tuple(
        schema.strip()
        for name, value in given
        if name.lower() in ("schema", "currentschema", "search_path")
        for schema in value.split(",")
        if schema.strip()
    )
    return Dsn(
        urlunsplit(("postgresql", parts.netloc, parts.path, urlencode(kept, quote_via=quote), "")),
        source,
        schemas,
    )


def _no_dsn(source: str) -> SmokeError:
    return SmokeError.of(
        "bad-dsn",
        f"{source} holds no PostgreSQL DSN",
        notes=["a DSN looks like postgresql://user@host:5432/database, or host=… dbname=… user=…"],
    )


def bad_dsn(source: str) -> SmokeError:
    """What is said of a DSN that cannot be read. It quotes nothing: any part of it may be the password."""
    return SmokeError.of(
        "bad-dsn",
        f"the DSN in {source} cannot be read",
        notes=[
            "special characters of a password in a URL are percent-encoded: # is %23, ? is %3F, / is %2F, @ is %40",
            "or write it as keywords: host=… port=… dbname=… user=… password='…'",
        ],
    )
