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
    last row of a migration counts, where a later row may take an earlier one back.
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


_PRISMA = (("finished_at", "IS NOT NULL"), ("rolled_back_at", "IS NULL"))
_LIQUIBASE = (("exectype", "IN ('EXECUTED', 'RERAN', 'MARK_RAN')"),)

TOOLS = (
    Tool("Supabase", "schema_migrations", "version", "name"),
    Tool("golang-migrate", "schema_migrations", "version", done=(("dirty", "IS FALSE"),), also=("dirty",), last=True),
    Tool("Rails, dbmate or Ecto", "schema_migrations", "version"),
    Tool("Prisma", "_prisma_migrations", label="migration_name", digest="checksum", done=_PRISMA),
    Tool("Drizzle", "__drizzle_migrations", "created_at", digest="hash"),
    Tool("Knex", "knex_migrations", label="name"),
    Tool("TypeORM", "migrations", "timestamp", "name", also=("timestamp",)),
    Tool("postgres-migrations", "migrations", "id", "name", also=("id", "hash")),
    Tool("db-migrate", "migrations", label="name", also=("run_on",)),
    Tool("Laravel", "migrations", label="migration", also=("batch",)),
    Tool("Flyway", "flyway_schema_history", "version", "script", done=(("success", "IS TRUE"),)),
    Tool("Liquibase", "databasechangelog", "id", "filename", done=_LIQUIBASE),
    Tool("Django", "django_migrations", label="name", group="app"),
    Tool("Alembic", "alembic_version", "version_num", last=True),
    Tool("Sequelize", "SequelizeMeta", label="name"),
    Tool("goose", "goose_db_version", "version_id", done=(("is_applied", "IS TRUE"),), order="id"),
    Tool("node-pg-migrate", "pgmigrations", label="name"),
    Tool("MikroORM", "mikro_orm_migrations", label="name"),
    Tool("Kysely", "kysely_migration", label="name"),
    Tool("sqlx", "_sqlx_migrations", "version", "description", done=(("success", "IS TRUE"),)),
    Tool("Diesel", "__diesel_schema_migrations", "version"),
    Tool("refinery", "refinery_schema_history", "version", "name"),
    Tool("Atlas", "atlas_schema_revisions", "version", "description", done=(("applied", ">= total"),)),
    Tool("graphile-migrate", "migrations", label="filename", also=("previous_hash",)),
    Tool("Entity Framework", "__EFMigrationsHistory", label="MigrationId"),
    Tool("yoyo", "_yoyo_migration", label="migration_id"),
    Tool("Sqitch", "changes", label="change", also=("change_id", "project")),
    Tool("tern", "schema_version", "version", last=True),
    Tool("the shop", "shop_migrations", "version", "name", "checksum"),
)  # fmt: skip
