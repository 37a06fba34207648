"""What poolers and proxies in front of a database say of themselves: the cause, and what to do, product by product.

Sources: the products' own code (PgBouncer, Supavisor's `Supavisor.Errors`, PgCat, Odyssey) and documentation (Amazon RDS
Proxy "Troubleshooting", Cloudflare Hyperdrive "Troubleshoot and debug", Neon "Connection errors", Prisma's error reference).
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Saying:
    """What a product says, and what it means."""

    product: str
    pattern: re.Pattern[str]
    meaning: str


def _saying(product: str, pattern: str, meaning: str) -> Saying:
    return Saying(product, re.compile(pattern), meaning)


SAYINGS = (
    _saying("Supavisor", r"Tenant or user not found|\bENOTFOUND_TENANT\b",
        "it knows no such tenant. The user is `postgres.` and the project's reference, the host is that of the project's region "
        "(copy both from the dashboard), and the project is not paused."),
    _saying("Supavisor", r"MaxClientsInSessionMode|EMAXCLIENTSESSION|max clients reached in session mode",
        "in session mode (port 5432) each client keeps one of pool_size connections. Functions and serverless deployments "
        "connect in transaction mode (port 6543); else raise the pool size."),
    _saying("Supavisor", r"EMAXCLIENTCONN|(?i:max client connections reached)",
        "the project's limit of client connections is reached: smaller pools in each instance, fewer idle clients, or a larger compute size."),
    _saying("Supavisor", r"ECHECKOUT(?:TIMEOUT|RETRIES)|[Uu]nable to check ?out (?:process from the pool|connection from the pool after)|failed to check out a connection after multiple retries",
        "no server connection of its pool became free in time: look for slow statements and open transactions, then at the pool size."),
    _saying("Supavisor", r"EADDRNOTALLOWED|address not in tenant allow_list",
        "the deployment's address is not in the project's network restrictions: add its outgoing addresses there."),
    _saying("Supavisor", r"ESESSIONLEAK",
        "the statement would leave something of the session behind, which transaction mode does not keep: use SET LOCAL within "
        "a transaction, or the session mode's port for this client."),
    _saying("Supavisor", r"EINVALIDUSERINFO|Invalid format for user or db_name",
        "the user or database in the connection string is not of the form that it takes: copy it from the dashboard."),
    _saying("Supavisor", r"ESUBSCRIBERETRIES|EPROXYSTARTFAILED|failed to subscribe to tenant",
        "it could not open the tenant's pool: look at the status of the project and of the platform, and repeat."),
    _saying("PgCat", r"No pool configured for database",
        "its configuration has no pool for this database and user: compare the connection string with `[pools]`."),
    _saying("PgCat", r"could not get connection from the pool - |AllServersDown",
        "all servers of the pool are down or banned after failures, or none became free within connect_timeout: look at its log."),
    _saying("Odyssey", r"too many active clients for user \(pool_size",
        "the route's pool_size is used up: use `pool \"transaction\"`, or raise pool_size or pool_timeout."),
    _saying("Odyssey", r"failed to get remote server connection",
        "no server connection of the route could be had: the server refused it or is down, or pool_timeout ran out. Its log says which."),
    _saying("RDS Proxy", r"This RDS Proxy has no credentials for the role",
        "the role's secret is not associated with the proxy: add it in Secrets Manager and to the proxy, under exactly this user's name."),
    _saying("RDS Proxy", r"Timed-out waiting to acquire database connection",
        "it got no database connection within ConnectionBorrowTimeout: sessions are pinned, MaxConnectionsPercent is too low, or the database is full."),
    _saying("RDS Proxy", r"This RDS Proxy requires TLS",
        "it is set to require TLS: connect with sslmode=require or stricter."),
    _saying("Hyperdrive", r"Hyperdrive[^\n]{0,60}Invalid database credentials|\b2013\b[^\n]{0,40}Invalid database credentials",
        "the password or user in its configuration is not the database's (any longer): update it with `wrangler hyperdrive update`."),
    _saying("Hyperdrive", r"(?i:hyperdrive)[^\n]{0,80}Failed to acquire a connection from the pool|Failed to acquire a connection from the pool[^\n]{0,120}(?i:hyperdrive)",
        "its pool to the database is used up or the database does not answer: end transactions sooner, and look at the limit of its connections."),
    _saying("Neon", r"Endpoint ID is not specified",
        "the driver does not tell the host's name (SNI): use a newer libpq, or `options=endpoint%3D<endpoint-id>` in the connection string."),
    _saying("Neon", r"Couldn't connect to compute node",
        "the compute was starting or could not start: repeat in a moment, and look at its state and the platform's status."),
    _saying("Neon", r"[Ee]ndpoint (?:has been|is) disabled",
        "the branch's compute is disabled: enable it in the console or through the API."),
    _saying("Neon", r"limit of concurrently active endpoints",
        "too many computes of the project are active at once: let idle ones suspend, or have the limit raised."),
    _saying("Neon", r"Your account or project has exceeded the [a-z ]{0,40}quota",
        "the plan's quota is used up until it renews: change the plan, or wait."),
    _saying("Prisma Accelerate", r"\bP6001\b", "the connection string is not one of Accelerate (`prisma://…?api_key=`)."),
    _saying("Prisma Accelerate", r"\bP6002\b", "the API key is wrong or was revoked: make a new one and set it in the deployment."),
    _saying("Prisma Accelerate", r"\bP6003\b", "the plan's limit is reached."),
    _saying("Prisma Accelerate", r"\bP6004\b", "the query took longer than its limit: look for a missing index, or raise the limit."),
    _saying("Prisma Accelerate", r"\bP6008\b", "it could not reach the database: does the database take connections from outside, with this user?"),
    _saying("Prisma Accelerate", r"\bP6009\b", "the result is larger than its limit: select fewer rows and columns."),
    _saying("Prisma Accelerate", r"\bP5011\b", "too many requests at once: retry more slowly."),
    _saying("PgBouncer", r"no more connections allowed|\bmax_client_conn\b",
        "max_client_conn is reached: close idle clients, use smaller pools in each instance, or raise it (SHOW CLIENTS tells who they are)."),
    _saying("PgBouncer", r"query_wait_timeout",
        "no server connection became free within query_wait_timeout: look for open transactions and slow statements "
        "(SHOW POOLS: cl_waiting, sv_active), then raise default_pool_size."),
    _saying("PgBouncer", r"server login has been failing|server_login_retry|pgbouncer cannot connect to server",
        "it cannot log in to the server behind it: its log has the server's answer (a password, pg_hba.conf, a full server)."),
    _saying("PgBouncer", r"unsupported startup parameter",
        "the driver sends a start-up parameter that it does not pass on: take it out of the connection string's options, or name "
        "it in ignore_startup_parameters (Neon's pooler is a PgBouncer too)."),
    _saying("PgBouncer", r"no such database: ", "`[databases]` has no entry of this name, nor a fallback `*`."),
    _saying("PgBouncer", r"no such user: ", "neither auth_file nor auth_query knows this user."),
    _saying("PgBouncer", r"client_login_timeout", "the client did not finish its login in time: is the network slow, or the server behind it full?"),
)  # fmt: skip
"""Each product's own message, the more special one first."""


_SURE = re.compile(r"\bESESSIONLEAK\b|\bAccelerate\b")


def explain_pooler(message: str, *, stated: bool = False) -> str:
    """Which product speaks, and what it means; empty when none of theirs is in the message.

    `stated`: it is a sentence that the shop states, which has to name the product or its code.
    """
    if stated and not _SURE.search(message):
        return ""
    for saying in SAYINGS:
        if saying.pattern.search(message):
            return (
                f"The pooler in front of the database answered, {saying.product}: {saying.meaning}"
            )
    return ""
