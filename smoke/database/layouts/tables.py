"""The tables in which migration tools write down what they ran.

What is here is what each tool's own documentation or source says of its table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """How one tool writes down what it ran. Columns that a table may lack are empty.

    `version` holds the number at a file's beginning, `label` its name or the folder's, `digest` the SHA-256 of its
    text, `done` conditions by the column that each is on, which all hold of a row when the migration ran to its end,
    `group` what the name is unique within (Django's app), `also` columns that tell this tool's table from another's of the same name.
    `last`: the table names only the last version, and all before it are applied. `order`: the column by which the
    last row of a migration counts, where a later row may take an earlier one back. `at` says when a migration was
    applied, `sequence` in which order, `checksum` is an expression over the column named first, `kind` what sort of row it is.
    """

    name: str
    table: str
    version: str = ""
    label: str = ""
    digest: str = ""
    done: tuple[tuple[str, str], ...] = ()
    group: str = ""
    also: tuple[str, ...] = ()
    last: bool = False
    order: str = ""
    at: str = ""
    sequence: str = ""
    checksum: tuple[str, str] = ("", "")
    kind: str = ""


_PRISMA = (("finished_at", "IS NOT NULL"), ("rolled_back_at", "IS NULL"))
_LIQUIBASE = (("exectype", "IN ('EXECUTED', 'RERAN', 'MARK_RAN')"),)
_STATEMENTS = ("statements", r"array_to_string(statements, E'\n')")

TOOLS = (
    Tool("Supabase", "schema_migrations", "version", "name", checksum=_STATEMENTS),
    Tool("golang-migrate", "schema_migrations", "version", done=(("dirty", "IS FALSE"),), also=("dirty",), last=True),
    Tool("Rails, dbmate or Ecto", "schema_migrations", "version", at="inserted_at"),
    Tool("Prisma", "_prisma_migrations", label="migration_name", digest="checksum", done=_PRISMA, at="finished_at", sequence="started_at", kind="rolled_back_at"),
    Tool("Drizzle", "__drizzle_migrations", "created_at", digest="hash", sequence="id"),
    Tool("Knex", "knex_migrations", label="name", at="migration_time", sequence="id"),
    Tool("TypeORM", "migrations", "timestamp", "name", also=("timestamp",), sequence="id"),
    Tool("postgres-migrations", "migrations", "id", "name", also=("id", "hash")),
    Tool("db-migrate", "migrations", label="name", also=("run_on",)),
    Tool("Laravel", "migrations", label="migration", also=("batch",)),
    Tool("Flyway", "flyway_schema_history", "version", "script", done=(("success", "IS TRUE"),), at="installed_on", sequence="installed_rank", checksum=("checksum", "checksum"), kind="type"),
    Tool("Liquibase", "databasechangelog", "id", "filename", done=_LIQUIBASE, group="author", at="dateexecuted", sequence="orderexecuted", kind="exectype"),
    Tool("Django", "django_migrations", label="name", group="app", at="applied", sequence="id"),
    Tool("Alembic", "alembic_version", "version_num", last=True),
    Tool("Sequelize", "SequelizeMeta", label="name"),
    Tool("goose", "goose_db_version", "version_id", done=(("is_applied", "IS TRUE"),), order="id", at="tstamp", sequence="id"),
    Tool("node-pg-migrate", "pgmigrations", label="name", at="run_on", sequence="id"),
    Tool("MikroORM", "mikro_orm_migrations", label="name"),
    Tool("Kysely", "kysely_migration", label="name"),
    Tool("sqlx", "_sqlx_migrations", "version", "description", done=(("success", "IS TRUE"),), at="installed_on", sequence="installed_on", checksum=("checksum", "encode(checksum, 'hex')")),
    Tool("Diesel", "__diesel_schema_migrations", "version", at="run_on", sequence="run_on"),
    Tool("refinery", "refinery_schema_history", "version", "name"),
    Tool("Atlas", "atlas_schema_revisions", "version", "description", done=(("applied", ">= total"),), at="executed_at", sequence="executed_at", kind="type"),
    Tool("graphile-migrate", "migrations", label="filename", also=("previous_hash",)),
    Tool("Entity Framework", "__EFMigrationsHistory", label="MigrationId"),
    Tool("yoyo", "_yoyo_migration", label="migration_id"),
    Tool("Sqitch", "changes", label="change", also=("change_id", "project")),
    Tool("tern", "schema_version", "version", last=True),
    Tool("the shop", "shop_migrations", "version", "name", "checksum"),
)  # fmt: skip
