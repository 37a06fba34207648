"""Responses that look like an error of PostgreSQL and are none, made from sources of many kinds.

Each source is a function from a random generator to one response; `negatives(count)` goes through all of them in turn.
The words are our own, in the shape that such pages and APIs have: codes of five characters, sentences that quote the
server, errors of other databases, failures of payment and shipping services.
"""

from __future__ import annotations

import html
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.elsewhere import ELSEWHERE, LOREM
from tests.support.hearsay import HEARSAY
from tests.support.pages_of_others import OF_OTHERS
from tests.support.reported import REPORTED
from tests.support.shown import SHOWN
from tests.support.written import TEMPLATES as WRITTEN

SQLSTATES = (
    "23505", "23503", "23502", "23514", "40001", "40P01", "42P01", "42703", "42501", "22P02", "22001", "22003", "53300", "57014",
    "55P03", "25P02", "P0001", "08006", "28P01", "42601", "22012", "21000",
)  # fmt: skip
MESSAGES = (
    'duplicate key value violates unique constraint "{a}_{b}_key"',
    'insert or update on table "{a}" violates foreign key constraint "{a}_{b}_fkey"',
    'null value in column "{b}" of relation "{a}" violates not-null constraint',
    'relation "{a}" does not exist',
    'column "{b}" does not exist',
    'new row for relation "{a}" violates check constraint "{a}_{b}_check"',
    "deadlock detected",
    "could not serialize access due to concurrent update",
    "permission denied for table {a}",
    'invalid input syntax for type integer: "{b}"',
    "sorry, too many clients already",
    "canceling statement due to statement timeout",
    "division by zero",
)
_A = ("orders", "users", "carts", "payments", "customers", "items", "shipments")
_B = ("email", "number", "id", "sku", "phone", "code", "slug")
_NAMES = ("Sencha", "Kettle", "Mug", "Teapot", "Filter", "Grinder", "Scale", "Notebook")


@dataclass(frozen=True, slots=True)
class Negative:
    """One response that shows no error of PostgreSQL."""

    source: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


Source = Callable[[random.Random], tuple[int, str, str]]
"""Makes a status, a media type and a body."""


def _fill(rng: random.Random, text: str) -> str:
    return text.format(a=rng.choice(_A), b=rng.choice(_B))


def _said(rng: random.Random) -> str:
    return _fill(rng, rng.choice(MESSAGES))


def _code(rng: random.Random) -> str:
    return rng.choice(SQLSTATES)


def _digits(rng: random.Random) -> str:
    return rng.choice([code for code in SQLSTATES if code.isdigit() and not code.startswith("23")])


def _json(status: int, value: Any) -> tuple[int, str, str]:
    return status, "application/json; charset=utf-8", json.dumps(value)


def _page(body: str, title: str = "Shop", status: int = 200) -> tuple[int, str, str]:
    nav = "<nav><a href='/'>Home</a> <a href='/help'>Help</a></nav>"
    filler = (
        "<p>Welcome to our pages. We collect what we have learned in many years of running shops, and we update this text "
        "whenever something changes. If you have a question that is not answered here, write to us and we shall be glad "
        "to help you as soon as we can.</p>"
    )
    text = f"<!doctype html><html lang=en><head><title>{title}</title></head><body>{nav}<main>{body}{filler}</main></body></html>"
    return status, "text/html; charset=utf-8", text


def _esc(text: str) -> str:
    return html.escape(text)


# -- what is written about PostgreSQL ---------------------------------------------------------------------------------


def docs_table(rng: random.Random) -> tuple[int, str, str]:
    rows = "".join(
        f"<tr><td><code class='literal'>{code}</code></td><td><code>condition_{number}</code></td></tr>"
        for number, code in enumerate(rng.sample(SQLSTATES, 8))
    )
    return _page(f"<h1>Error codes</h1><table>{rows}</table>", "PostgreSQL error codes")


def docs_definition_list(rng: random.Random) -> tuple[int, str, str]:
    rows = "".join(
        f"<dt><code>{code}</code></dt><dd>{_esc(_said(rng))}</dd>"
        for code in rng.sample(SQLSTATES, 6)
    )
    return _page(f"<h1>Codes and messages</h1><dl>{rows}</dl>", "Messages")


def article_one_error(rng: random.Random) -> tuple[int, str, str]:
    body = f"<article><h1>How to fix it</h1><pre><code>ERROR: {_esc(_said(rng))}</code></pre><p>Here is why it happens.</p></article>"
    return _page(body, "How to fix a PostgreSQL error")


def article_variations(rng: random.Random) -> tuple[int, str, str]:
    blocks = "".join(
        f"<pre><code>ERROR: {_esc(_said(rng))}</code></pre><p>or</p>" for _ in range(3)
    )
    return _page(f"<h1>Errors we met</h1>{blocks}", "Errors we met")


def article_without_markup_of_code(rng: random.Random) -> tuple[int, str, str]:
    one, two = rng.sample(MESSAGES[:6], 2)
    body = f"<h2>Two errors</h2><p>ERROR: {_esc(_fill(rng, one))}</p><p>Some time later</p><p>ERROR: {_esc(_fill(rng, two))}</p>"
    return _page(body, "Two errors of last week")


def forum_thread(rng: random.Random) -> tuple[int, str, str]:
    body = f"<article class='post'><h3>ann wrote</h3><blockquote>ERROR: {_esc(_said(rng))}</blockquote><p>Did you run the migration?</p></article>"
    return _page(body, "Forum: my order fails")


def blog_comment(rng: random.Random) -> tuple[int, str, str]:
    return _page(f"<aside><h3>Comments</h3><p>{_esc(_said(rng))}</p></aside>", "Blog")


def help_sentence(rng: random.Random) -> tuple[int, str, str]:
    return _page(
        f"<p>If you see {_esc(_said(rng))} in your console, read more about it below.</p>", "Help"
    )


def help_code_sentence(rng: random.Random) -> tuple[int, str, str]:
    return _page(
        f"<p>What does the error code {_code(rng)} mean? It means that a rule was broken.</p>",
        "FAQ",
    )


def status_page(rng: random.Random) -> tuple[int, str, str]:
    return _page(
        f"<h2>Incident of Monday</h2><p>Customers were told that {_esc(_said(rng))} for about an hour.</p>",
        "Status",
    )


def release_notes(rng: random.Random) -> tuple[int, str, str]:
    lines = "".join(
        f"<li>Fixes “{_esc(_said(rng))}” on checkout ({rng.randint(100, 999)})</li>"
        for _ in range(4)
    )
    return _page(f"<h1>Release notes</h1><ul>{lines}</ul>", "Release notes")


def markdown_changelog(rng: random.Random) -> tuple[int, str, str]:
    lines = "\n".join(f"- fixed `{_said(rng)}` when two orders came at once" for _ in range(5))
    return 200, "text/markdown; charset=utf-8", f"# Changelog\n\n## 2.4\n\n{lines}\n"


def plain_manual(rng: random.Random) -> tuple[int, str, str]:
    lines = "\n".join(f"{code}  {_said(rng)}" for code in rng.sample(SQLSTATES, 5))
    return (
        200,
        "text/plain",
        f"EXIT CODES AND MESSAGES\n\nThe tool may print, for example:\n\n{lines}\n",
    )


def search_results(rng: random.Random) -> tuple[int, str, str]:
    hits = [
        {"title": f"How to fix {_said(rng)}", "url": f"/help/{n}", "snippet": _said(rng)}
        for n in range(4)
    ]
    return _json(200, {"query": "duplicate key", "results": hits})


def cms_entry(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        200,
        {
            "article": {
                "slug": "pg",
                "title": "PostgreSQL errors",
                "body": f"<p>ERROR: {_said(rng)}</p>",
            }
        },
    )


def faq_json(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        200, {"faq": [{"question": f"What is {_code(rng)}?", "answer": f"It says: {_said(rng)}"}]}
    )


def rss_feed(rng: random.Random) -> tuple[int, str, str]:
    items = "".join(
        f"<item><title>Fixing {_esc(_said(rng))}</title><guid>{n}</guid></item>" for n in range(3)
    )
    return (
        200,
        "application/rss+xml",
        f"<?xml version='1.0'?><rss><channel><title>Blog</title>{items}</channel></rss>",
    )


def table_of_codes_json(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        200,
        [
            {"code": code, "name": f"condition_{n}"}
            for n, code in enumerate(rng.sample(SQLSTATES, 6))
        ],
    )


def openapi_document(rng: random.Random) -> tuple[int, str, str]:
    example = {"code": _code(rng), "message": _said(rng)}
    response = {"description": "An error", "content": {"application/json": {"example": example}}}
    return _json(
        200, {"openapi": "3.1.0", "paths": {"/orders": {"post": {"responses": {"500": response}}}}}
    )


# -- what a shop has ---------------------------------------------------------------------------------------------------


def product_page(rng: random.Random) -> tuple[int, str, str]:
    return _page(
        f"<h1>Mug “{_esc(_said(rng))}”</h1><p class=price>12.00</p><p>Printed on both sides.</p>",
        "Mug",
    )


def product_json(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        200,
        {
            "product": {
                "id": rng.randint(1, 99),
                "title": f"T-shirt: {_said(rng)}",
                "sku": _code(rng),
            }
        },
    )


def product_list(rng: random.Random) -> tuple[int, str, str]:
    items = [
        {"name": rng.choice(_NAMES), "code": _code(rng), "price": rng.randint(100, 99999)}
        for _ in range(5)
    ]
    return _json(200, {"items": items, "total": len(items)})


def review(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        200,
        {"reviews": [{"author": "Ann", "text": f"My favourite quote: {_said(rng)}", "stars": 5}]},
    )


def zip_code(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        200,
        {"order": {"id": rng.randint(1, 9999), "address": {"zip": _digits(rng), "city": "Kiel"}}},
    )


def zip_not_served(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        422, {"error": {"message": f"We do not deliver to {_digits(rng)}.", "code": "ZIP"}}
    )


def coupon(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        400,
        {
            "error": "coupon_invalid",
            "message": f"Coupon {_code(rng)} is not valid.",
            "code": _code(rng),
        },
    )


def promotion(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        rng.choice((400, 422)),
        {"code": "P0001", "message": "Promotion is not applicable to this cart"},
    )


def order_number(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        201, {"ok": True, "order": {"number": _digits(rng), "code": _digits(rng), "total": 4200}}
    )


def not_found(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        404,
        {"error": {"code": _digits(rng), "message": f"Product {rng.randint(1, 999)} not found"}},
    )


def not_found_page(rng: random.Random) -> tuple[int, str, str]:
    body = f"<h1>404</h1><section><h2>Popular articles</h2><article>ERROR: {_esc(_said(rng))}</article></section>"
    return _page(body, "Not found", 404)


def validation_echo(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        422,
        {
            "detail": [
                {"loc": ["body", "note"], "msg": "too long", "input": _said(rng), "type": "x"}
            ]
        },
    )


def validation_unique(rng: random.Random) -> tuple[int, str, str]:
    return _json(422, {"errors": {rng.choice(_B): ["has already been taken"]}})


def graphql_user_error(rng: random.Random) -> tuple[int, str, str]:
    error = {"field": ["email"], "message": "Email has already been taken", "code": "TAKEN"}
    return _json(
        200,
        {
            "data": {
                "customerCreate": {
                    "customer": None,
                    "userErrors": [error],
                    "note": rng.choice(_NAMES),
                }
            }
        },
    )


def graphql_bad_input(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        400,
        {
            "errors": [
                {
                    "message": f"Field '{rng.choice(_B)}' doesn't exist on type 'Order'",
                    "extensions": {"code": "undefinedField"},
                }
            ]
        },
    )


def translations(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        200,
        {
            "locale": "en",
            "strings": {"title.shop": "Shop", "help.text": f"You may be told: {_said(rng)}"},
        },
    )


def script_source(rng: random.Random) -> tuple[int, str, str]:
    text = f"export const explain = {{'{_code(rng)}': {json.dumps(_said(rng))}, 'other': 'unknown'}};\nconsole.log(explain);\n"
    return 200, "application/javascript", text


def source_frame(rng: random.Random) -> tuple[int, str, str]:
    frame = {"lineno": 12, "context_line": f"raise ValueError({json.dumps(_said(rng))})"}
    return _json(500, {"error": "ValueError", "message": "cart is empty", "frames": [frame]})


def settings(rng: random.Random) -> tuple[int, str, str]:
    return _json(200, {"features": {"retry_codes": rng.sample(SQLSTATES, 4)}, "timeout": 30})


def metrics(rng: random.Random) -> tuple[int, str, str]:
    lines = "\n".join(
        f'pg_errors_total{{sqlstate="{code}"}} 0' for code in rng.sample(SQLSTATES, 4)
    )
    return 200, "text/plain; version=0.0.4", f"# TYPE pg_errors_total counter\n{lines}\n"


def trace_ids(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        500,
        {
            "error": "internal",
            "trace_id": f"0f{_code(rng).lower()}a{rng.randint(10, 99)}",
            "digest": _digits(rng),
        },
    )


def python_division(rng: random.Random) -> tuple[int, str, str]:
    return (
        500,
        "text/plain",
        f'Traceback (most recent call last):\n  File "shop.py", line {rng.randint(1, 99)}, in total\nZeroDivisionError: division by zero\n',
    )


def file_exists(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        500,
        {"error": f"EEXIST: file already exists, mkdir '/tmp/{rng.choice(_A)}'", "code": "EEXIST"},
    )


def unix_permission(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        500,
        {
            "error": f"EACCES: permission denied, open '/srv/{rng.choice(_A)}.json'",
            "code": "EACCES",
        },
    )


def address_service(rng: random.Random) -> tuple[int, str, str]:
    return _json(
        200,
        {
            "status": "OK",
            "results": [{"postcode": code, "state": "CA"} for code in rng.sample(SQLSTATES, 4)],
        },
    )


def empty_500(rng: random.Random) -> tuple[int, str, str]:
    return (
        500,
        "text/html",
        rng.choice(("", "<h1>Internal Server Error</h1>", "Internal Server Error")),
    )


# -- services with codes of their own ----------------------------------------------------------------------------------

_SERVICES: dict[str, tuple[int, dict[str, Any]]] = {
    "alipay": (500, {"code": "#", "msg": "Missing Required Arguments", "subCode": "isv.missing-method"}),
    "wechat-pay": (400, {"code": "#", "message": "Invalid parameter: out_trade_no"}),
    "adyen": (422, {"status": 422, "errorCode": "#", "message": "Invalid amount specified", "errorType": "validation"}),
    "paypal": (422, {"name": "UNPROCESSABLE_ENTITY", "details": [{"issue": "INVALID_PARAMETER", "description": "not supported"}], "debug_id": "#"}),
    "square": (400, {"errors": [{"category": "INVALID_REQUEST_ERROR", "code": "#", "detail": "Missing required parameter."}]}),
    "braintree": (422, {"errors": [{"code": "#", "message": "Credit card number is not valid."}]}),
    "klarna": (400, {"error_code": "BAD_VALUE", "error_messages": ["Bad value: order_amount"], "correlation_id": "#"}),
    "mollie": (422, {"status": 422, "title": "Unprocessable Entity", "detail": "The amount is higher than the maximum", "field": "amount"}),
    "razorpay": (400, {"error": {"code": "#", "description": "The amount is invalid", "step": "payment_initiation"}}),
    "iyzico": (200, {"status": "failure", "errorCode": "#", "errorMessage": "Invalid card number"}),
    "payu": (400, {"status": {"statusCode": "ERROR_VALUE_INVALID", "code": "#", "codeLiteral": "INVALID", "statusDesc": "Invalid field"}}),
    "checkout": (422, {"request_id": "#", "error_type": "request_invalid", "error_codes": ["amount_invalid"]}),
    "card-declined": (402, {"error": {"code": "#", "message": "Your card was declined.", "type": "card_error"}}),
    "dhl": (400, {"status": 400, "title": "Bad request", "detail": "postal code is not valid for the country", "code": "#"}),
    "ups": (400, {"response": {"errors": [{"code": "#", "message": "Missing or invalid shipper number"}]}}),
    "fedex": (400, {"transactionId": "#", "errors": [{"code": "#", "message": "Invalid field value in the input"}]}),
    "usps": (400, {"error": {"code": "#", "message": "Address not found"}}),
    "easypost": (422, {"error": {"code": "SHIPMENT.INVALID_PARAMS", "message": "Unable to create shipment", "errors": [{"field": "#"}]}}),
    "carrier": (400, {"code": "#", "message": "No shipping carrier serves this address"}),
    "tax": (400, {"error": {"code": "#", "message": "Invalid request: zip is required"}}),
    "twilio": (400, {"code": 21211, "message": "The 'To' number is not a valid phone number.", "status": 400, "sid": "#"}),
    "sms": (400, {"errorCode": "#", "message": "The phone number is not allowed"}),
    "mail": (400, {"errors": [{"message": "The from address does not match a verified sender", "field": "from", "code": "#"}]}),
    "captcha": (400, {"success": False, "error-codes": ["invalid-input-response"], "code": "#"}),
    "login": (401, {"code": "#", "message": "Invalid login or password"}),
    "token": (401, {"error": "invalid_token", "error_description": "The access token expired", "code": "#"}),
    "forbidden": (403, {"code": "#", "message": "Access denied"}),
    "rate-limit": (429, {"code": "#", "message": "Too many requests"}),
    "numbered": (400, {"code": "#", "message": "Invalid parameters", "data": None}),
    "numbered-result": (200, {"code": "#", "msg": "Insufficient stock", "success": False}),
    "erp": (400, {"error": {"code": "#", "innererror": {"message": "Missing required field: customer"}, "message": "Missing required field: customer"}}),
    "loyalty": (422, {"code": "#", "message": "Not enough points: balance is 12"}),
}  # fmt: skip


def _service(name: str) -> Source:
    status, template = _SERVICES[name]

    def make(rng: random.Random) -> tuple[int, str, str]:
        return _json(status, json.loads(json.dumps(template).replace("#", _digits(rng))))

    return make


# -- other databases ---------------------------------------------------------------------------------------------------

_OTHERS: dict[str, tuple[str, ...]] = {
    "mysql": ("Duplicate entry '7' for key '{a}.{b}'", "SQLSTATE[22001]: String data, right truncated: 1406 Data too long for column '{b}' at row 1",
              "SQLSTATE[40001]: Serialization failure: 1213 Deadlock found when trying to get lock; try restarting transaction",
              "SQLSTATE[22003]: Numeric value out of range: 1264 Out of range value for column '{b}' at row 1 (Connection: mysql, SQL: insert into `{a}`)",
              "SQLSTATE[23000]: Integrity constraint violation: 1062 Duplicate entry '7' for key '{b}'"),
    "sqlite": ("UNIQUE constraint failed: {a}.{b}", "SQLITE_CONSTRAINT: FOREIGN KEY constraint failed", "SQLSTATE[23000]: Integrity constraint violation: 19 UNIQUE constraint failed: {a}.{b}"),
    "mongodb": ("E11000 duplicate key error collection: shop.{a} index: {b}_1 dup key: {{ {b}: 7 }}",),
    "oracle": ("ORA-00001: unique constraint (SHOP.{a}_UQ) violated", "ORA-02291: integrity constraint (SHOP.FK_{b}) violated - parent key not found"),
    "sql-server": ("Violation of UNIQUE KEY constraint 'UQ_{a}'. Cannot insert duplicate key in object 'dbo.{a}'. The duplicate key value is (7).",
                   "Cannot insert the value NULL into column '{b}', table 'shop.dbo.{a}'; column does not allow nulls. INSERT fails."),
    "db2": ("DB2 SQL Error: SQLCODE=-803, SQLSTATE=23505, SQLERRMC=2;SHOP.{a}, DRIVER=4.19.26", "DB2 SQL Error: SQLCODE=-530, SQLSTATE=23503, SQLERRMC=SHOP.{a}.FK, DRIVER=4.19.26"),
    "h2": ('Unique index or primary key violation: "PUBLIC.{a}_UQ ON PUBLIC.{a}({b}) VALUES 1"; SQL statement: insert into {a} [23505-214]',
           'Referential integrity constraint violation: "FK: PUBLIC.{a} FOREIGN KEY({b})"; SQL statement: insert into {a} [23506-214]'),
    "derby": ("The statement was aborted because it would have caused a duplicate key value in a unique or primary key constraint or unique index identified by 'UQ' defined on '{a}'.",),
    "hsqldb": ("integrity constraint violation: unique constraint or index violation; {a}_UQ table: {a}",),
    "firebird": ('violation of PRIMARY or UNIQUE KEY constraint "UQ_{a}" on table "{a}"',),
    "dynamodb": ("ConditionalCheckFailedException: The conditional request failed",),
    "redis": ("WRONGTYPE Operation against a key holding the wrong kind of value",),
    "elasticsearch": ("version_conflict_engine_exception: [7]: version conflict, document already exists (current version [1])",),
    "clickhouse": ("Code: 60. DB::Exception: Table default.{a} does not exist. (UNKNOWN_TABLE)",),
    "neo4j": ("Neo.ClientError.Schema.ConstraintValidationFailed: Node(7) already exists with label `{a}` and property `{b}` = 7",),
    "snowflake": ("SQL compilation error: Object '{a}' does not exist or not authorized.",),
}  # fmt: skip


def _other(name: str) -> Source:
    def make(rng: random.Random) -> tuple[int, str, str]:
        said = _fill(rng, rng.choice(_OTHERS[name]))
        return rng.choice(
            (
                (500, "text/plain", f"Error: {said}"),
                _json(500, {"error": said}),
                _json(500, {"message": said, "statusCode": 500}),
                _json(200, {"errors": [{"message": said}], "data": None}),
            )
        )

    return make


def _written(text: str, media_type: str) -> str:
    if "json" in media_type:
        return json.dumps(text)[1:-1]
    return _esc(text) if "ml" in media_type else text


TEMPLATES = {**WRITTEN, **ELSEWHERE, **REPORTED, **SHOWN, **OF_OTHERS, **HEARSAY}


def _template(name: str) -> Source:
    status, media_type, text = TEMPLATES[name]

    def make(rng: random.Random) -> tuple[int, str, str]:
        filled = {
            "#m": _said(rng),
            "#n": _said(rng),
            "#c": _code(rng),
            "#d": _code(rng),
            "#9": _digits(rng),
        }
        body = text.replace("#L", LOREM)
        for mark, value in filled.items():
            body = body.replace(mark, _written(value, media_type))
        return status, media_type, body

    return make


_PAGES: tuple[Source, ...] = (
    docs_table, docs_definition_list, article_one_error, article_variations, article_without_markup_of_code, forum_thread, blog_comment,
    help_sentence, help_code_sentence, status_page, release_notes, markdown_changelog, plain_manual, search_results, cms_entry, faq_json,
    rss_feed, table_of_codes_json, openapi_document, product_page, product_json, product_list, review, zip_code, zip_not_served, coupon,
    promotion, order_number, not_found, not_found_page, validation_echo, validation_unique, graphql_user_error, graphql_bad_input,
    translations, script_source, source_frame, settings, metrics, trace_ids, python_division, file_exists, unix_permission,
    address_service, empty_500,
)  # fmt: skip

SOURCES: dict[str, Source] = {
    **{source.__name__.replace("_", "-"): source for source in _PAGES},
    **{f"service-{name}": _service(name) for name in _SERVICES},
    **{f"database-{name}": _other(name) for name in _OTHERS},
    **{name: _template(name) for name in TEMPLATES},
}
"""Every source by its name."""


def negatives(count: int, seed: int = 7) -> Iterator[Negative]:
    """So many responses, of each source in turn; the same ones for the same seed."""
    rng = random.Random(seed)
    names = sorted(SOURCES)
    for number in range(count):
        name = names[number % len(names)]
        status, media_type, body = SOURCES[name](rng)
        yield Negative(name, status, (("Content-Type", media_type),), body.encode())
