"""Templates and matchers: what each does in a sentence, with an example that is carried out when the page is made."""

from __future__ import annotations

from typing import Any

from reference.markdown import code, flow, page, table

from smoke.scenario.fake import KINDS, WITH_COUNT
from smoke.scenario.filters import FILTERS
from smoke.scenario.matcher import MATCHERS, unmet
from smoke.scenario.matcher_schema import MATCHER_WORDS
from smoke.scenario.scope import NAMESPACES, ORDER_NAMES, Scope
from smoke.scenario.template import render

_EXAMPLE = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI3In0.hWQ2GWGXwuqL7L_uokaZMaZy_DiBNyCug0pbMoMAmqI"
_FILTERS: dict[str, tuple[str, Any, str]] = {
    "base64_decode": (
        "The text in Base64 of either alphabet, padded or not",
        "dXNlcjpwYXNz",
        "base64_decode",
    ),
    "base64url": ("The text in Base64 for URLs, without padding", "a?>", "base64url"),
    "date": (
        "A date or time by the letters of strftime, in English",
        "2026-11-29T03:10:00Z",
        "date('%d %b %Y, %H:%M')",
    ),
    "divided_by": ("The quotient, exact, or rounded to so many places", 10, "divided_by(3, 2)"),
    "from_unix": ("The time of seconds since 1970, in UTC", 1795921800, "from_unix"),
    "hmac": (
        "The HMAC of the text, by an algorithm and a key; behind them `'base64'` or `'base64url'`, else it is hexadecimal",
        "tea",
        "hmac('sha256', 'a key')",
    ),
    "jwt_claim": (
        "A claim of a JSON Web Token as it stands there: nothing is verified",
        _EXAMPLE,
        "jwt_claim('sub')",
    ),
    "jwt_sign": (
        "A JSON Web Token with an object's claims, by an algorithm (HS256, RS256, ES256 …) and a key; behind them the `kid`",
        {"sub": "7"},
        "jwt_sign('HS256', 'a key')",
    ),
    "jwt_verify": (
        "The token itself, if that key signed it; its times are not looked at",
        _EXAMPLE,
        "jwt_verify('HS256', 'a key')",
    ),
    "md5": ("MD5 of the text, for old payment providers", "tea", "md5"),
    "minus": ("The difference of numbers; an earlier date or time", 19.90, "minus(4.95)"),
    "plus": ("The sum of numbers; a later date or time", "2026-01-31", "plus('1 month')"),
    "round": ("So many places, half up; or `'half_even'`, `'up'`, `'down'`", 2.345, "round(2)"),
    "sha1": ("SHA-1 of the text", "tea", "sha1"),
    "sha384": ("SHA-384 of the text", "tea", "sha384('base64')"),
    "sha512": ("SHA-512 of the text", "tea", "sha512('base64')"),
    "sum": (
        "The sum of a list of numbers, or of what its objects have at a key",
        [{"price": 2.50}, {"price": 3}],
        "sum('price')",
    ),
    "times": ("The product, in decimals", 19.95, "times(2)"),
    "unix": ("Whole seconds since 1970 of a time", "2026-11-29T03:10:00Z", "unix"),
    "zone": (
        "The same time as the clocks of a zone say it",
        "2026-11-29T03:10:00Z",
        "zone('Europe/Berlin')",
    ),
    "base64": ("The text in Base64", "user:pass", "base64"),
    "default": ("Another value where it is null or empty", None, "default('none')"),
    "first": ("The first item of a list, or character of a text", ["a", "b"], "first"),
    "int": ("A whole number from digits", "12", "int"),
    "json": ("The value as JSON text", {"id": 7}, "json"),
    "last": ("The last item of a list, or character of a text", ["a", "b"], "last"),
    "length": ("How many items, characters or keys", ["a", "b"], "length"),
    "list": ("A list of one value; a list stays, and null is an empty one", "s-1", "list"),
    "lower": ("Small letters", "ORD-7", "lower"),
    "replace": ("Each place of a text by another text", "1,234", "replace(',', '')"),
    "sha256": ("SHA-256 of the text, as hexadecimal digits", "tea", "sha256"),
    "slug": ("Small letters, digits and hyphens", "Tea & Cake", "slug"),
    "string": ("The value as a text", 12, "string"),
    "trim": ("Without white space at its ends", " tea ", "trim"),
    "upper": ("Capital letters", "ord-7", "upper"),
    "urlencode": ("Percent-encoded, slashes too", "a b/c", "urlencode"),
}
_NAMES = {
    "env": (
        "`{{ env.NAME }}`",
        "A variable of the environment, in plain text; `secrets` are masked",
    ),
    "fake": ("`{{ fake.email }}`", "Made-up data, below; another value each time it is written"),
    "now": (
        "`{{ now }}`",
        "The time at which the template is filled in, UTC, in whole seconds: `2026-11-29T03:10:00Z`. Keep it in a variable to use it twice",
    ),
    "run": ("`{{ run.id }}`, `{{ run.started }}`", "The run's id, and when it began"),
    "secrets": ("`{{ secrets.NAME }}`", "A secret that the scenario or the target declares"),
    "target": ("`{{ target.url }}`", "The deployment under test"),
    "orders": ("`{{ orders }}`", "The orders to remove: a list of `id` and `key`, for `for_each`"),
    "orders_without_id": (
        "`{{ orders_without_id }}`",
        "Orders that may exist, whose answer never came: a list of `key`",
    ),
}
_MEETS: dict[str, Any] = {
    "equals": "tea",
    "not": "fine",
    "exists": None,
    "type": 12,
    "matches": "ORD-7",
    "contains": [1, 2, 3],
    "one_of": "paid",
    "greater": 12,
    "less": 12,
    "at_least": 12,
    "at_most": 12,
    "length": [1, 2, 3],
    "starts_with": "ORD-7",
    "ends_with": "https://shop.example/thank-you",
    "each": [{"sku": "tea", "price": 250}],
    "any": [1, 3],
    "has": {"id": 7, "status": "paid", "customer": {"id": None, "name": "Ada"}},
    "unordered": ["pot-cast-iron", "tea"],
    "within": 249.5,
    "after": "2026-11-29T05:00:00+01:00",
    "before": "2026-11-29T03:10:00Z",
    "empty": [],
}
"""By matcher: a value that meets its example."""
_TEMPLATES = """\
A template stands between `{{` and `}}` in any text of a scenario: a name with what is inside of it (`{{ item.id }}`,
`{{ list[0] }}`, `{{ order['an id'] }}`), and filters behind it (`{{ name | upper }}`). A filter's argument is a
number, a quoted text, or a name (`{{ body | hmac('sha256', secrets.KEY) }}`). There are no operators, and no attributes of anything else. A number or a quoted text cannot stand first: keep it in a variable (`{{ price | times(2) }}`). Templates work in the keys of `expect` too, such as a JSONPath: `$.orders[?@.id == '{{ order_id }}'].status`. A template that is the whole value keeps the value's type; within a text it becomes text.
Values are never expanded again. In the path of a URL a value becomes one encoded segment, so that it leads nowhere else."""
_MATCHERS_INTRO = """\
What a value must satisfy, in `expect` and in `when`. A plain value means equal: `$.ok: true`. A mapping of these keys is a
matcher, and all of them must hold; to compare with a mapping that has such a key, use `equals`. A value that is not there
meets nothing but `exists: false`; null is a value, which `equals: null` asks for, and `exists: true` takes as well. Numbers are compared as they are written: `1.10` equals `1.1`, and no digit is lost."""


def templates_page() -> str:
    """docs/reference/templates.md."""
    assert _FILTERS.keys() == FILTERS.keys(), "a filter is described, and only those that are there"
    assert _NAMES.keys() == {*NAMESPACES, *ORDER_NAMES}
    scope = Scope(seed="the manual")
    given = {**dict.fromkeys(WITH_COUNT, "(6)"), "choice": "('S', 'M', 'L')", "number": "(1, 6)"}
    kinds = [f"{kind}{given.get(kind, '')}" for kind in KINDS]
    made = (
        (code(f"fake.{kind}"), _shown(render(f"{{{{ fake.{kind} }}}}", scope))) for kind in kinds
    )
    filters = (
        (
            code(name),
            f"{meaning}.",
            code(f"{{{{ value | {written} }}}}"),
            _shown(value),
            _shown(render(f"{{{{ value | {written} }}}}", scope.with_names({"value": value}))),
        )
        for name, (meaning, value, written) in sorted(_FILTERS.items())
    )
    return page(
        "Templates",
        _TEMPLATES,
        [
            "## Names\n",
            (
                "Variables, captures and the parameters of an included file by their own names; `item` and `loop` in a loop"
                " (`{{ loop.number }}` from 1, `{{ loop.index }}` from 0); and\n"
            ),
            table(("template", "meaning"), ((name, f"{text}.") for name, text in _NAMES.values())),
            "## Made-up data\n",
            (
                "Customers that nobody is: e-mail addresses and telephone numbers of the ranges that are reserved for it."
                " `--seed` gives the same ones again. Keep one in a variable to use it twice.\n"
            ),
            table(("name", "for example"), made),
            "## Filters\n",
            table(("filter", "gives", "example", "of", "is"), filters),
        ],
    )


def matchers_page() -> str:
    """docs/reference/matchers.md."""
    assert MATCHER_WORDS.keys() == _MEETS.keys() == MATCHERS.keys(), "each is described"
    rows = []
    for name, (meaning, argument) in MATCHER_WORDS.items():
        value = _MEETS[name]
        spec = {name: argument}
        holds = name == "exists" or unmet(spec, value) is None
        assert holds, name
        met = "nothing" if name == "exists" else code(flow(value))
        rows.append((code(name), f"{meaning}.", code(f"$.value: {flow(spec)}"), met))
    return page(
        "Matchers",
        _MATCHERS_INTRO,
        [table(("matcher", "asks for", "example", "is met by"), rows)],
    )


def _shown(value: Any) -> str:
    return code(flow(value))
