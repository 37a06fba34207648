"""Errors of other databases: recognised, so that they are not taken for PostgreSQL's."""

from __future__ import annotations

import re

from smoke.classify.read._place import LIGHT
from smoke.classify.read.draft import Draft, Read
from smoke.classify.text.view import View
from smoke.model.dberror import Certainty

_SIGNS: tuple[tuple[str, tuple[str, ...], re.Pattern[str]], ...] = (
    ("SQLite", ("constraint", "Connection", "such", "SQLITE", "sqlite", "Sqlite", "SQLite", "locked"), re.compile(r"(?:UNIQUE|FOREIGN KEY|NOT NULL|CHECK) constraint failed|SQLITE_[A-Z]+|sqlite3\.|SqliteError|SQLite3::|database is locked|org\.sqlite|\(Connection: sqlite\b|no such (?:table|column): ")),
    ("MongoDB", ("duplicate", "Mongo", "DuplicateKeyError", "WriteConflict", "Path"), re.compile(r"\bWriteConflict\b|validation failed: [^\n]{1,200}: Path `|E11000 duplicate key|Mongo(?:Server|DB|Bulk|Network)\w*Error|MongoError|DuplicateKeyError")),
    ("Oracle", ("ORA", "oracle", "OracleException", "Oracle"), re.compile(r"(?:\b|\\n)ORA-\d{5}\b|oracle\.jdbc|OracleException|cx_Oracle|oracledb\.exceptions")),
    ("SQL Server", ("Violation", "duplicate", "SqlException", "Microsoft", "microsoft", "conflicted", "insert", "deadlocked", "SQL", "Divide", "Snapshot", "Conversion", "Arithmetic", "denied", "truncated", "pyodbc", "Invalid", "EREQUEST", "pymssql", "Connection", "Msg"), re.compile(
        r"Violation of (?:UNIQUE|PRIMARY) KEY constraint|Cannot insert duplicate key|SqlException \(0x80131904\)|\[Microsoft\]\[|com\.microsoft\.sqlserver"
        r"|statement conflicted with the (?:FOREIGN KEY|CHECK|REFERENCE) constraint|Cannot insert the value NULL into column|was deadlocked on lock|SqlException: |\(Connection: sqlsrv\b|Invalid object name '|Msg \d{3,5}, Level \d{1,2}, State \d|EREQUEST\b|pymssql"
        r"|\[SQL Server\]|Divide by zero error encountered|Snapshot isolation transaction aborted|Conversion failed when converting|Arithmetic overflow error converting"
        r"|permission was denied on the object '|String or binary data would be truncated|\(pyodbc\.|mssql: ")),
    ("MySQL", ("Duplicate", "ER", "SQL", "Connection", "errno", "MySqlException", "mysql", "key", "sql", "Mysql", "foreign", "Deadlock", "mariadb", "MariaDB", "Lock", "Column", "Table", "Unknown", "Error", "ERROR", "sqlstate", "Access", "Check", "vttablet"), re.compile(
        r"Duplicate entry '|\bER_[A-Z]{2,}_[A-Z_]+|You have an error in your SQL syntax; check the manual|com\.mysql|mysql2|PyMySQL|MySQLdb"
        r"|Cannot (?:add or update a child|delete or update a parent) row: a foreign key|Deadlock found when trying to get lock|org\.mariadb|Mysql2::"
        r"|SQLSTATE\[23000\]|SQLSTATE\[42S|Lock wait timeout exceeded|pymysql|MariaDB|Column '[^'\n]{1,64}' cannot be null|sqlState\W{1,6}23000"
        # PDO: the driver's own number stands behind the class's words; libpq's is 7
        r"|SQLSTATE\[[0-9A-Z]{5}\]: [^:\n]{3,60}: [1-4][0-9]{3} |SQLSTATE\[[0-9A-Z]{5}\] \[[1-4][0-9]{3}\]|\(Connection: (?:mysql|mariadb)\b"
        # Go's driver, the command line, and Vitess: the driver's own number beside the SQLSTATE
        r"|\b(?:Error|ERROR) [1-9][0-9]{3} \([0-9A-Z]{5}\)|\(errno [0-9]{3,5}\) \((?:sqlstate|SQLSTATE) |\bvttablet: |MySQL server|Access denied for user '[^'\n]{0,80}'@'"
        r"|Check constraint '[^'\n]{1,64}' is violated"
        r"|\"?errno\"?: ?1[0-9]{3}\b|MySqlException|mysqli?_(?:sql_exception|query|connect)|ActiveRecord::[^\n]{0,80}Mysql2|for key '[^'\n]{1,128}'|Table '[^'\n]{1,130}' doesn't exist|Unknown column '[^'\n]{1,64}' in '")),
    ("DB2", ("SQL", "DB", "ibm", "IBM"), re.compile(r"SQL Error: -(?!104\b)[0-9]{3,5}, SQLState: |\[SQL[0-9]{4,5}\] |SQLCODE=-?\d{2,5}|DB2 SQL Error|SQL\d{4,5}N\b|com\.ibm\.db2|\[IBM\]\[")),
    ("H2", ("org", "JdbcSQL", "index", "integrity", "SQL", "rror"), re.compile(
        r"org\.h2\.|JdbcSQL\w{0,60}Exception|Unique index or primary key violation|Referential integrity constraint violation|\[[0-9A-Z]{5}-\d{3}\]"
        # its own numbers are SQLSTATEs; PostgreSQL's driver has none but 0
        r"|SQL Error: [1-9][0-9]{4}, SQLState: |\berrorCode(?:\W|quot){1,12}2[23]5[0-9]{2}\b")),
    ("Derby", ("derby", "aborted", "lock", "cannot", "Attempt", "violated"), re.compile(r"org\.apache\.derby|A lock could not be obtained (?:due to a deadlock, cycle|within the time requested)|Column '[^'\n]{1,128}'  ?cannot accept a NULL value|Attempt to divide by zero|was violated while performing an INSERT or UPDATE on table|because it would have caused a duplicate key value in a unique or primary key constraint")),
    ("HSQLDB", ("hsqldb", "integrity", "SQL"), re.compile(r"SQL Error: -104, SQLState: |org\.hsqldb|integrity constraint violation: (?:unique|foreign key|NOT NULL|check) ")),
    ("Firebird", ("Firebird", "GDS", "violation", "firebird", "Dynamic", "conflicts", "store"), re.compile(r"update conflicts with concurrent update|attempt to store duplicate value \(|violation of (?:PRIMARY or UNIQUE KEY|FOREIGN KEY) constraint \\{0,3}\"|org\.firebirdsql|GDS Exception|Dynamic SQL Error")),
    ("SAP HANA", ("HDB", "sap", "hdbcli", "SAP", "violated"), re.compile(r"unique constraint violated: Table\(|SAP DBTech JDBC|hdbcli\.|HDBODBC|com\.sap\.db")),
    ("Snowflake", ("Snowflake", "snowflake", "compilation", "statementHandle", "sqlState", "Statement", "Numeric", "Division"), re.compile(r"\b[01][0-9]{5} \([0-9A-Z]{5}\): |\bstatementHandle\b|\bcode(?:\W|quot){1,12}[01][0-9]{5}\b[^{}]{0,300}sqlState|sqlState[^{}]{0,300}\bcode(?:\W|quot){1,12}[01][0-9]{5}\b|net\.snowflake|SnowflakeSQLException|snowflake\.connector|SQL compilation error:")),
    ("ClickHouse", ("ClickHouse", "clickhouse", "DB"), re.compile(r"DB::Exception|ClickHouseException|com\.clickhouse")),
    ("Neo4j", ("Neo", "neo"), re.compile(r"\bNeo4jError\b|\bNeo\.(?:ClientError|DatabaseError|TransientError)\.|org\.neo4j")),
    ("Elasticsearch", ("elasticsearch", "version", "index", "rejected"), re.compile(
        r"version_conflict_engine_exception|index_not_found_exception|es_rejected_execution_exception|org\.elasticsearch")),
    ("DynamoDB", ("Check", "Transaction", "Throughput"), re.compile(r"ConditionalCheckFailedException|TransactionCanceledException|ProvisionedThroughputExceeded")),
    ("Cassandra", ("datastax", "CassandraError", "unconfigured", "Undefined"), re.compile(r"\bunconfigured table \w|Undefined column name \w{1,60} in table |com\.datastax|CassandraError")),
    ("Trino", ("line", "trino", "presto", "errorName"), re.compile(r"\bio\.trino\.|\bio\.prestosql\.|com\.facebook\.presto|\berrorName(?:\W|quot){1,12}[A-Z_]{3,60}(?:\W|quot){1,16}errorType\b|\bline \d{1,6}:\d{1,6}: ")),
    ("DuckDB", ("Catalog", "Constraint", "Binder", "Conversion"), re.compile(r"\b(?:Conversion|Catalog|Constraint|Binder) Error: ")),
    ("SAP ASE", ("Attempt",), re.compile(r"Attempt to insert duplicate key row in object '")),
    ("Vertica", ("Duplicate", "vertica"), re.compile(r"Duplicate key values: '[^\n]{1,200} -- violates constraint|com\.vertica|vertica_python")),
    ("Informix", ("informix",), re.compile(r"com\.informix|\(informix\.")),
    ("Teradata", ("Teradata", "teradatasql", "SQLState"), re.compile(r"\[Teradata |teradatasql\.|\[Error \d{4}\] \[SQLState ")),
    ("Spark", ("SQLSTATE", "spark"), re.compile(r"\[[A-Z][A-Z_]{3,60}(?:\.[A-Z_]{3,60})?\] [^\n]{1,600}SQLSTATE: [0-9A-Z]{5}|\b(?:py)?spark\.(?:sql|errors)\.")),
    ("BigQuery", ("location", "division", "bigquery"), re.compile(r"Not found: (?:Table|Dataset) \S{1,300} was not found in location|\bdivision by zero: -?\w{1,40} / 0|google\.cloud\.bigquery|@google-cloud/bigquery")),
    ("Spanner", ("Row", "spanner"), re.compile(r"\bRow \[[^\]\n]{1,200}\] in table \w{1,128} already exists|google\.cloud\.spanner|@google-cloud/spanner")),
    ("Firestore", ("Document", "firestore"), re.compile(r"Document already exists: projects/|google\.cloud\.firestore|@google-cloud/firestore")),
    ("Cosmos DB", ("Entity", "Cosmos"), re.compile(r"Entity with the specified id already exists|CosmosException|Microsoft\.Azure\.Cosmos")),
    ("CouchDB", ("Document",), re.compile(r"Document update conflict")),
    ("SurrealDB", ("Database",), re.compile(r"Database index `[^`\n]{1,128}` already contains ")),
    ("MonetDB", ("violated", "SQLException"), re.compile(r"\b[0-9A-Z]{5}!(?:INSERT|UPDATE|DELETE|SELECT|COMMIT|CREATE|DROP|ALTER)\b")),
    ("Exasol", ("Session",), re.compile(r"constraint violation - (?:primary key|foreign key|not null) \(")),
    ("Ignite", ("ignite",), re.compile(r"org\.apache\.ignite")),
    ("Redis", ("WRONGTYPE", "ReplyError", "redis"), re.compile(r"\bWRONGTYPE Operation|\bEXECABORT |ReplyError: |redis\.exceptions")),
)  # fmt: skip
"""A name, words of which one is in every sign for certain, and the signs."""

_LONG = 256 * 1024
_LINE = 400


def database(view: View) -> str:
    """The database whose error is in the response, if it is not PostgreSQL's."""
    text, words = view.outline(_LONG), view.vocabulary()
    for name, ours, pattern in _SIGNS:
        if any(word in words for word in ours) and pattern.search(text):
            return name
    return ""


def without(view: View, drafts: list[Draft]) -> list[Draft]:
    """The drafts without those that another database's error gave rise to: inferred ones, and mere codes."""
    if not drafts or not database(view):
        return drafts
    return [draft for draft in drafts if draft.certainty != Certainty.INFERRED and _own(draft)]


def _in_line_of_another(read: Read) -> bool:
    """Whether the line in which the words stand bears another database's sign."""
    if read.piece is None:
        return False
    text = read.piece.text
    start = max(text.rfind("\n", 0, read.start) + 1, read.start - _LINE)
    stop = text.find("\n", read.end)
    line = text[start : min(len(text) if stop < 0 else stop, read.end + _LINE)]
    return any(pattern.search(line) for _, _, pattern in _SIGNS)


def _own(draft: Draft) -> bool:
    """Whether words or names of PostgreSQL's own speak for it."""
    said = (draft.fields.get(name) for name in ("message_primary", "message_detail"))
    return (
        # under a key `message` anybody's words may stand; these were recognised as the server's
        (
            any(
                read is not None
                and read.certainty is Certainty.TEXT
                and len(read.text) >= LIGHT  # `division by zero` is what many say
                and not _in_line_of_another(read)
                for read in said
            )
        )
        or "severity" in draft.fields
        or "routine" in draft.fields
    )
