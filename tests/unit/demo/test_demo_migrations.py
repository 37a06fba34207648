"""The shop's migrations, and the copy of the fix that scenarios point at."""

from __future__ import annotations

from pathlib import Path

from smoke.demo.migrate import FIX, fix, migrations

ROOT = Path(__file__).parents[3]


def test_migrations_are_numbered_without_gaps() -> None:
    versions = [migration.version for migration in migrations()]
    assert versions == [f"{number:04}" for number in range(1, len(versions) + 1)]
    assert versions[-1] == FIX


def test_the_incidents_constraint_and_its_fix_are_migrations() -> None:
    *_, before, last = migrations()
    assert "UNIQUE (recipient_id, step_id)" in before.sql
    assert last == fix()
    assert (
        "ALTER TABLE h2s_dispatch_jobs DROP CONSTRAINT IF EXISTS h2s_dispatch_jobs_recipient_step_uq;"
        in last.sql
    )
    assert (
        "CREATE UNIQUE INDEX IF NOT EXISTS h2s_dispatch_jobs_order_id_uq ON h2s_dispatch_jobs(order_id);"
        in last.sql
    )


def test_scenarios_point_at_the_same_fix() -> None:
    """A scenario's `fix` is a path beside it; the file there is the migration itself."""
    copy = ROOT / "scenarios" / "fixes" / fix().file_name
    assert copy.read_text(encoding="utf-8") == fix().sql
