"""What real drivers and ORMs wrote of real errors is read, in the forms in which applications send it on."""

from __future__ import annotations

import pytest

import smoke
from tests.support.observed import Observed, observed, versions

ALL = list(observed())


def _told(each: Observed) -> dict[str, str | None]:
    found = smoke.classify_response(each.status, [("content-type", each.media)], each.body.encode())
    error = found[0].database_error if found else None
    column = error and (error.column_name or ",".join(error.columns))
    told = {
        "code": found[0].code if found else None,
        "sqlstate": error.sqlstate if error else None,
        "constraint": error.constraint_name if error else None,
        "table": error.table_name if error else None,
        "column": column or None,
    }
    return {name: told[name] for name in each.expected}


@pytest.mark.parametrize("stack", versions())
def test_each_text(stack: str) -> None:
    for each in ALL:
        if each.stack == stack:
            assert _told(each) == each.expected, (each.form, each.body)
