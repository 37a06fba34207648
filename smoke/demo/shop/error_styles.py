"""How a shop shows its database's errors: the ways that are seen in production, made of the driver's own fields."""

from __future__ import annotations

import html
import re
import traceback
from typing import Any

import psycopg

from smoke.demo.shop import pages
from smoke.demo.shop.call import Call
from smoke.demo.shop.masks import hidden
from smoke.demo.shop.messages import Request, Response, answer
from smoke.demo.shop.settings import ErrorStyle, Mask, Settings

TOO_MANY_CONNECTIONS = "53300"
_REFUSED = re.compile(r"FATAL: +(too many connections for [^\n]{1,200})")
"""libpq tells only the words of a refused connection; node-postgres has the server's fields."""


def error_response(
    error: psycopg.Error, settings: Settings, request: Request, call: Call
) -> Response:
    """The answer to a request that a database error ended: as the settings' mask hides it, or their style shows it."""
    if settings.mask is not None:
        return hidden(settings.mask, driver_fields(error), call)
    return shown(error, settings.error_style, request, call)


def shown(error: psycopg.Error, style: ErrorStyle, request: Request, call: Call) -> Response:
    """The answer that tells of the error."""
    match style:
        case ErrorStyle.JSON:
            fields = driver_fields(error)
            return answer(
                500,
                {
                    "ok": False,
                    "error": fields.pop("message"),
                    "code": fields.get("code"),
                    "details": fields,
                    "request_id": call.request_id,
                },
            )
        case ErrorStyle.TYPED:
            return answer(
                500,
                {
                    "code": "unknown_error",
                    "type": "QueryFailedError",
                    "message": driver_fields(error)["message"],
                },
            )
        case ErrorStyle.TEXT:
            return Response(500, _last_words(error).encode(), "text/plain; charset=utf-8")
        case ErrorStyle.HTML:
            return Response(500, _page(error, request.path).encode(), "text/html; charset=utf-8")
        case ErrorStyle.BOX:
            return pages.page("Preview order", "", problem=box_message(error, None))
        case ErrorStyle.GRAPHQL:
            fields = driver_fields(error)
            problem = {
                "message": fields.pop("message"),
                "path": ["placeOrder"],
                "extensions": {"code": "INTERNAL_SERVER_ERROR", "originalError": fields},
            }
            return answer(200, {"data": None, "errors": [problem]})
        case ErrorStyle.NOTHING:
            return Response(500)


def box_message(error: psycopg.Error, mask: Mask | None) -> str:
    """What stands in a red box: the server's message, or behind a mask a sentence without it."""
    if mask is not None:
        return pages.PROBLEM
    return f"Could not place the order: {driver_fields(error)['message']}"


def driver_fields(error: psycopg.Error) -> dict[str, Any]:
    """What the server said, under the names that node-postgres gives its fields; absent ones are left out."""
    diag = error.diag
    refused = _REFUSED.search(str(error)) if diag.sqlstate is None else None
    if refused:
        return {"message": refused[1], "severity": "FATAL", "code": TOO_MANY_CONNECTIONS}
    fields = {
        "message": diag.message_primary or str(error),
        "severity": diag.severity,
        "code": diag.sqlstate,
        "detail": diag.message_detail,
        "hint": diag.message_hint,
        "where": diag.context,
        "schema": diag.schema_name,
        "table": diag.table_name,
        "column": diag.column_name,
        "dataType": diag.datatype_name,
        "constraint": diag.constraint_name,
        "file": diag.source_file,
        "line": diag.source_line,
        "routine": diag.source_function,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _last_words(error: psycopg.Error) -> str:
    """The end of a Python traceback: the exception's class, the server's message, its detail."""
    return "".join(traceback.format_exception_only(error))


def _page(error: psycopg.Error, path: str) -> str:
    """A debug page as web frameworks show it when somebody forgot to switch it off."""
    name = html.escape(type(error).__name__)
    frames = "".join(
        f"<li><code>{html.escape(frame.name)}</code>, line {frame.lineno}<pre>{html.escape(frame.line or '')}</pre></li>"
        for frame in traceback.extract_tb(error.__traceback__)[-6:]
    )
    return (
        f"<!doctype html>\n<html><head><title>{name} at {html.escape(path)}</title></head><body>\n"
        f"<h1>{name} <small>at {html.escape(path)}</small></h1>\n"
        f'<pre class="exception_value">{html.escape(str(error))}</pre>\n'
        f'<ul class="traceback">{frames}</ul>\n'
        "<p>You see this page because <code>DEBUG = True</code>.</p>\n</body></html>\n"
    )
