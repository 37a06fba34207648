"""What makes one shop differ from another. Imports no driver, so that a command line can name the choices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaceName(StrEnum):
    """What the shop looks like from outside; what is behind is the same for all."""

    REST = "rest"
    """One JSON document places an order."""
    SESSION = "session"
    """Register, log in, fill a cart; an empty POST places the order."""
    HTML = "html"
    """Pages, forms with a token, redirects; a failed order is a red box at 200."""
    GRAPHQL = "graphql"
    """One endpoint; errors at 200."""


class ErrorStyle(StrEnum):
    """What the answer to a database error looks like."""

    JSON = "json"
    """500, and the driver's error fields under node-postgres' names."""
    TYPED = "typed"
    """500, and a type, a code of the shop's own, and the server's message."""
    TEXT = "text"
    """500, and the last words of a traceback."""
    HTML = "html"
    """500, and a framework's debug page."""
    BOX = "box"
    """200, and the server's message in a red box on the page."""
    GRAPHQL = "graphql"
    """200, with `errors`."""
    NOTHING = "nothing"
    """500, and no body."""


class Mask(StrEnum):
    """What the answer is where a production build hides a database error."""

    REQUEST_ID = "request-id"
    """500, and a request id to ask for."""
    REWRITTEN = "rewritten"
    """400, and a sentence of the shop's own made of table, columns and values; 500 where it has no sentence."""
    EXISTS = "exists"
    """409, and "already exists" without saying what; 500 for what is no duplicate."""
    UNKNOWN = "unknown"
    """500, and "An unknown error occurred."."""
    BOX = "box"
    """200, and a red box on the page that says no more than that there was a problem."""
    UNEXPECTED = "unexpected"
    """200, and GraphQL's "Unexpected error."."""
    EMPTY = "empty"
    """500, and no body."""
    DIGEST = "digest"
    """500, and a page with nothing but a digest, which the log has as well."""
    PLATFORM = "platform"
    """500 of the platform that the shop runs on, with the platform's id."""


class Fault(StrEnum):
    """What goes wrong with the second order of a customer, beside the incident: a real error of the server."""

    UNIQUE_INDEX = "unique-index"
    """23505 by an index that is no constraint."""
    FOREIGN_KEY = "foreign-key"
    """23503: a dispatch step that there is not."""
    CHECK = "check"
    """23514: a stock below zero."""
    NOT_NULL = "not-null"
    """23502: a job without its order."""
    UNDEFINED_TABLE = "undefined-table"
    """42P01: the table is in another schema."""
    UNDEFINED_COLUMN = "undefined-column"
    """42703: no migration has made the column."""
    PERMISSION = "permission"
    """42501: the role may not write there."""
    ROW_SECURITY = "row-security"
    """42501: a policy does not let the role's row in."""
    LOCK_TIMEOUT = "lock-timeout"
    """55P03: another transaction holds the recipient's row, and goes on holding it."""
    STATEMENT_TIMEOUT = "statement-timeout"
    """57014: the same, met by statement_timeout."""
    DEADLOCK = "deadlock"
    """40P01: another transaction has the row of the first order's job, and waits for one that this order has."""
    TOO_MANY_CONNECTIONS = "too-many-connections"
    """53300: the role's limit is reached."""


DEFAULT_STYLE = {
    FaceName.REST: ErrorStyle.JSON,
    FaceName.SESSION: ErrorStyle.TYPED,
    FaceName.HTML: ErrorStyle.BOX,
    FaceName.GRAPHQL: ErrorStyle.GRAPHQL,
}
DEFAULT_MASK = {
    FaceName.REST: Mask.REQUEST_ID,
    FaceName.SESSION: Mask.REWRITTEN,
    FaceName.HTML: Mask.BOX,
    FaceName.GRAPHQL: Mask.UNEXPECTED,
}


class DbTrace(StrEnum):
    """How the database learns which request a statement belongs to."""

    NAME = "name"
    """By `application_name`, which holds the request's id."""
    COMMENT = "comment"
    """By a comment with the `traceparent` behind each statement, as sqlcommenter writes it."""
    NONE = "none"
    """Not at all."""


class LogStyle(StrEnum):
    """What the shop's own log looks like."""

    PINO = "pino"
    """JSON lines, `level` a number and `time` in milliseconds."""
    PINO_CAUSE = "pino-cause"
    """As pino, of an error of an ORM whose cause is the server's: message and stack of both, but no SQLSTATE."""
    WINSTON = "winston"
    """JSON lines, `level` a word and `timestamp` a text."""
    TEXT = "text"
    """A line with the request's id, and the error as Node prints it, over several lines."""
    BARE = "bare"
    """The error as Node prints it, and no id at all."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`mask` hides database errors; without one they are shown as `error_style` says. `version` is the build's."""

    state: str
    version: str
    database: str
    error_style: ErrorStyle = ErrorStyle.JSON
    mask: Mask | None = None
