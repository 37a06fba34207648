"""What a response says of a database that was not reached: the words, and what kind of obstacle they name.

Words of libpq, node-postgres, the JDBC driver and pools (HikariCP, SQLAlchemy, Prisma, Knex); of poolers (PgBouncer, Supavisor, PgCat, Odyssey,
Amazon RDS Proxy, Cloudflare Hyperdrive) and hosts (Neon, Supabase).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice

from smoke.classify.read.speech import Spoken
from smoke.classify.text.view import View
from smoke.text import shorten

OBSTACLES: Mapping[str, str] = {
    "refused": "nothing listens at that address and port, or a firewall turns the connection away: compare host and port "
    "in the deployment's settings with the database's",
    "name": "the host's name does not resolve: compare it in the deployment's settings, and look whether the project was "
    "paused or deleted, or is reachable by IPv6 only",
    "timeout": "the database, or its pooler, did not answer in time: is it up, is it reachable from the deployment's network?",
    "pool": "no connection of a pool became free in time: look for slow statements and transactions left open "
    "(pg_stat_activity), then at the pool's size",
    "limit": "a pooler's or proxy's limit of client connections is reached: use its transaction mode, close idle clients, "
    "or raise the limit",
    "quota": "the host has stopped the database because the plan's quota is used up",
    "paused": "the host has paused or disabled the database: wake it in its dashboard",
    "credentials": "the pooler or proxy does not know this user, tenant or password: compare the connection string with its settings",
    "tls": "the encrypted connection could not be made: compare sslmode and the certificate",
    "closed": "the connection broke off: the database, or its pooler, restarted or closed it; the statement may have been carried out",
    "cluster": "nodes of the database's cluster do not answer, or disagree: look at the state of its nodes; the statement may have been carried out",
    "pooler": "the pooler could not reach the database behind it: look at the pooler's log",
}
"""What stands in the way, and what to look at."""

_HOST = r"[\w.:\[\]-]{2,120}"
_KINDS: tuple[tuple[str, str], ...] = (
    ("quota", r"Your account or project has exceeded the [a-z ]{0,40}quota|exceeded the (?:compute time|data transfer) quota"),
    ("paused", r"The endpoint has been disabled|FATAL: {1,2}database \\{0,3}\"[^\"\n]{1,64}\" is disabled|endpoint is disabled|project (?:is|was) paused|(?:Control plane|Console) request failed"),
    ("credentials", r"Endpoint ID is not specified|EADDRNOTALLOWED|ETENANTNOTFOUND|[Aa]ddress not in tenant allow_list|EINVALIDUSERINFO|EAUTHQUERY|No pool configured for database: |This RDS [Pp]roxy has no credentials for the role|The password that was provided for the role [^\n]{1,80} is wrong|RDS [Pp]roxy supports only IAM|The IAM authentication failed for the role|boss::NOT_AUTHORIZED|Cloud SQL IAM \w{1,20} authentication failed|codeParamsRoutingFailed|The requested endpoint could not be found, or you don.t have access to it\. Please check the provided ID|FATAL: {1,2}(?:no such user: |database does not allow connections: |(?:SASL|password) authentication failed(?! for)|Wrong password\b|no authentication method found)|odyssey: c\w{1,40}: (?:route for |password authentication failed)|Hyperdrive[^\n]{0,60}Invalid database credentials"),
    ("limit", r"ECIRCUITBREAKER|too many tcp connections \(global client_max|Failed to acquire permit to connect to the database|odyssey: c\w{1,40}: too many |Too many connections to this endpoint|codeProxyRefusedConnection|Circuit breaker open: |RDS [Pp]roxy has reached the maximum number of|maximum number of client connections[^\n]{0,40}has been reached|[Mm]ax clients? (?:connections )?reached|EMAXCLIENT(?:CONN|SESSION)|too many active clients for user \(pool_size|limit of concurrently active endpoints"),
    (
        "pool",
        (r"ECHECKOUT(?:TIMEOUT|RETRIES)|failed to check out a connection after|[Uu]nable to check ?out (?:process|connection) from the pool|Timed-out waiting to acquire database connection"
        r"|Timed out fetching a new connection from the connection pool|connection timed out waiting for a connection from the pool"
        r"|Failed to acquire a connection from the pool|could not get connection from the pool|waiting for an open slot in the pool|Failed to acquire (?:a )?connection to (?:the )?database"
        r"|QueuePool limit of size \d|PoolTimeout|couldn't get a connection after \d|Connection is not available, request timed out after"
        r"|Knex: Timeout acquiring a connection|ResourceRequest timed out|SequelizeConnectionAcquireTimeoutError|connection pool timeout|PGRST003"
        r"|could not obtain a (?:database )?connection from the pool|ConnectionTimeoutError: could not obtain a connection"),
    ),
    (
        "pooler",
        (r"server login has been failing|server_login_retry|ESUBSCRIBERETRIES|EPROXYSTARTFAILED|failed to subscribe to tenant|Couldn't connect to compute node|client_login_timeout|bouncer config error|AllServersDown|failed to get remote server|Pool down for database"
        r"|no more servers available|Server connection attempt failed|odyssey: c\w{1,40}: failed to |RDS proxy has no target|Database proxy currently unavailable"),
    ),
    ("cluster", r"\breplica unavailable: \(n\d|server is not accepting clients, try another node|Leader not ready to serve requests|\blost quorum \(|clock synchronization error: this node|Timed out: Perform RPC \(request call id"),
    (
        "name",
        (rf"could not translate host name|failed to resolve host '[^'\n]{{1,255}}'"
        rf"|E(?:NOTFOUND|AI_AGAIN)\b[^{{}}]{{0,120}}\bhostname\W{{1,6}}(?:(?:db|postgres|pg|database)[\w.-]|[\w.-]{{1,80}}(?:supabase|neon|rds|postgres|pooler)){_HOST}"
        rf"|dial tcp: lookup (?:db|postgres|pg|database)[\w.-]{{0,80}}\b[^\n]{{0,80}}: no such host"
        rf"|getaddrinfo (?:ENOTFOUND|EAI_AGAIN) {_HOST}(?:supabase|neon|rds|postgres|pooler|db\.|:5432|:6543){_HOST}"
        rf"|getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (?:db|postgres|pg|database)[\w.-]{{0,80}}"),
    ),
    (
        "refused",
        (rf"connect (?:ENOENT|ECONNREFUSED) \S{{1,200}}\.s\.PGSQL\.\d{{1,5}}\b|ECONNREFUSED {_HOST}:(?:5432|6543)\b|ECONNREFUSED\b[^{{}}]{{0,200}}\bport\W{{1,6}}(?:5432|6543)\b|SequelizeConnectionRefusedError"
        rf"|Connect call failed \('[^'\n]{{1,120}}', (?:5432|6543)\b|dial tcp {_HOST}:(?:5432|6543): connect: connection refused"
        rf"|tcp connect \({_HOST}:(?:5432|6543)\): connection refused|error (?:connecting to server|communicating with database): Connection refused|Connection to [\w.-]{{1,100}}:\d{{1,5}} refused\. Check that the hostname and port are correct"
        r"|could not connect to server: Connection refused|connection to server at [^\n]{1,200} failed: Connection refused"),
    ),
    (
        "tls",
        (r"FATAL: {1,2}(?:SSL connection is required|(?:SSL|TLS) required)|The server does not support SSL connections|This RDS Proxy requires TLS|server does not support SSL, but SSL was required|connection requires a valid client certificate"
        r"|connection is insecure \(try using `sslmode=require`\)"),
    ),
    (
        "timeout",
        (rf"ETIMEDOUT {_HOST}:(?:5432|6543)\b|timeout exceeded when trying to connect|Connection terminated due to connection timeout"
        r"|connection to server at [^\n]{1,200} failed: (?:Connection timed out|timeout expired)|CONNECT_TIMEOUT"),
    ),
    (
        "closed",
        (r"server closed the connection unexpectedly|(?:FATAL: {1,2})?\b(?:client_idle_timeout|idle transaction timeout)\b|FATAL: {1,2}(?:transaction|query) timeout\b|EDBHANDLEREXITED|odyssey: c\w{1,40}: remote server |Connection terminated unexpectedly|SSL connection has been closed unexpectedly"
        r"|CONNECTION_(?:ENDED|CLOSED|DESTROYED)|Client has encountered a connection error and is not queryable"),
    ),
    (
        "",
        (r"connection to server at [^\n]{1,200}\s{1,3}failed: (?!FATAL)|could not connect to server: |Can't reach database server"
        r"|Failed to connect to [\w.:-]{1,100}:5432|PGRST00[012]|Can't create a connection to host \S{1,255} and port \d{1,5} \(timeout is"
        r"|failed to connect to `(?:host|user)=|SequelizeHostNot(?:Found|Reachable)Error|SequelizeConnectionTimedOutError|DatabaseNotReachable"),
    ),
)  # fmt: skip
_PATTERNS = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
_BARE: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("refused", re.compile(r"ECONNREFUSED|Connect call failed|[Cc]onnection refused")),
    ("name", re.compile(r"ENOTFOUND|EAI_AGAIN|[Nn]ame or service not known|[Nn]ame resolution|no such host")),
    ("timeout", re.compile(r"ETIMEDOUT")),
    ("closed", re.compile(r"ECONNRESET|EPIPE\b")),
)  # fmt: skip
"""What any client says of any server: it is the database's where a driver of it stands beside."""
_DRIVER = re.compile(
    r"node_modules/(?:pg|pg-pool|pg-protocol|postgres)/|Failed query: |\basyncpg[/.]|\bpg8000[/.]|\bpsycopg2?[/.]|org\.postgresql\.|\bNpgsql\."
    r"|\bpostgres(?:ql)?://|jackc/pgx|lib/pq\b|tokio_postgres|\bsqlx(?:_|::)|DBConnection\.ConnectionError|PG::ConnectionBad"
)
_BEFORE, _BEHIND = 2_000, 2_000
_TRIES = 20
_OUTLINE = 128 * 1024
_LINE = re.compile(r"[^\n\r<]{0,300}")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Obstacle:
    """`kind` is a key of OBSTACLES, or empty; `words` are the response's own, in one line."""

    kind: str
    words: str


def obstacle(view: View) -> Obstacle | None:
    """What kept the application from its database, by the response's words; None where it says nothing of that."""
    if view.succeeded:
        return _told(view)
    text = view.outline(_OUTLINE)
    for kind, pattern in _PATTERNS:
        found = pattern.search(text)
        if found is not None:
            return Obstacle(kind, _words(view, pattern, found))
    for kind, pattern in _BARE:
        for found in islice(pattern.finditer(text), _TRIES):
            if _DRIVER.search(text, max(0, found.start() - _BEFORE), found.end() + _BEHIND):
                return Obstacle(kind, _words(view, pattern, found))
    return None


def _told(view: View) -> Obstacle | None:
    """What an answer that did not fail says where errors stand: in GraphQL's `errors`, beside `ok: false`, in a box."""
    spoken = Spoken.of(view)
    for kind, pattern in _PATTERNS:
        if not pattern.search(spoken.text):
            continue
        for speech in spoken.speeches:
            found = pattern.search(speech.piece.text)
            if found is not None and speech.shows_error(found.start()):
                return Obstacle(kind, _line(speech.piece.text, found))
    return None


def _words(view: View, pattern: re.Pattern[str], found: re.Match[str]) -> str:
    """The words with what follows on their line, taken from a text without escapes and tags where there is one."""
    for piece in view.strings():
        clean = pattern.search(piece.text)
        if clean is not None:
            return _line(piece.text, clean)
    return shorten(" ".join(found[0].split()), _MOST)


def _line(text: str, found: re.Match[str]) -> str:
    """The words with what follows on their line."""
    rest = _LINE.match(text, found.end())
    said = found[0] + (rest[0] if rest is not None else "")
    return shorten(" ".join(said.split()), _MOST)
