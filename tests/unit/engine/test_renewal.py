"""Which request is sent once more with a new login: the table of what was refused, and why it is not repeated."""

from __future__ import annotations

import pytest

from smoke.engine.renewal import RefusedLogin, why_not

NAMED = ("401",)
CASES = {
    "a GET": (RefusedLogin(419, "GET"), ""),
    "a GET after a 401 that broke off": (RefusedLogin(401, "get"), ""),
    "a POST that only reads": (RefusedLogin(403, "POST", safe=True), ""),
    "a promise": (RefusedLogin(403, "POST", promised=True), ""),
    "a 401": (RefusedLogin(401, "POST", clean=True, named=NAMED), ""),
    "a 401 twice": (RefusedLogin(401, "POST", clean=True, named=("401", "401")), ""),
    "a 403": (RefusedLogin(403, "POST", clean=True, named=("403",)), "after status 403 the POST"),
    "a 401 among others": (
        RefusedLogin(401, "POST", clean=True, named=("401", "403")),
        "only where renew_on names nothing else",
    ),
    "a 401 with more in it": (RefusedLogin(401, "DELETE", named=NAMED), "does not say for sure"),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_cannot_have_ordered_is_repeated(case: str) -> None:
    told, words = CASES[case]
    assert words in why_not(told)
    assert bool(why_not(told)) is bool(words)
