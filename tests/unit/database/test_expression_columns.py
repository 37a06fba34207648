"""Which columns an expression names, and what it is with others in their place."""

from __future__ import annotations

import pytest

pytest.importorskip("postgast")

from smoke.database.migration.tree import columns_in, expression_sql, parse_expression, renamed


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("a + t.b * a", ["a", "b"]),
        ("place::geometry(Point, 4326)", ["place"]),
        ("st_distance(CAST(a AS geometry(point)), b) > 1", ["a", "b"]),
        ("point::geometry(point)", ["point"]),
    ],
)
def test_a_types_modifier_is_no_column(expression: str, columns: list[str]) -> None:
    assert columns_in(parse_expression(expression)) == columns


def test_a_types_modifier_is_not_renamed() -> None:
    tree = renamed(parse_expression("point::geometry(point)"), {"point": "place"})
    assert expression_sql(tree) == "place::geometry(point)"
