"""The shop's own log, as the loggers of real shops write it."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import psycopg

from smoke.demo.shop.call import Call
from smoke.demo.shop.error_styles import driver_fields
from smoke.demo.shop.masks import digest
from smoke.demo.shop.messages import Request
from smoke.demo.shop.settings import LogStyle, Mask

HOSTNAME = "demo-shop"
_FRAMES = (
    "    at /app/node_modules/pg-pool/index.js:45:11",
    "    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    "    at async placeOrder (/app/dist/checkout.js:88:20)",
)
_NODE_FIELDS = (
    "severity", "code", "detail", "hint", "position", "internalPosition", "internalQuery", "where", "schema", "table",
    "column", "dataType", "constraint", "file", "line", "routine",
)  # fmt: skip

Fields: TypeAlias = dict[str, Any]


class AppLog:
    """Appends to a file, each entry in one write; safe to be called by many threads."""

    def __init__(self, path: Path, style: LogStyle, mask: Mask | None = None) -> None:
        self._style = style
        self._mask = mask
        self._lock = threading.Lock()
        self._file = path.open("a", encoding="utf-8")

    def failed(self, error: psycopg.Error, request: Request, call: Call, status: int) -> None:
        """An error that ended a request."""
        fields = driver_fields(error)
        if self._mask is Mask.DIGEST:
            fields["digest"] = digest(fields)
        match self._style:
            case LogStyle.PINO | LogStyle.PINO_CAUSE:
                wraps = self._style is LogStyle.PINO_CAUSE
                document = {
                    **_pino(50, request, call, status),
                    "err": _pino_wrapped(fields) if wraps else _pino_error(fields),
                    "msg": "request errored",
                }
                self._write(_line(document))
            case LogStyle.WINSTON:
                self._write(_line(_winston("error", request, call, status, fields)))
            case LogStyle.TEXT:
                head = f"[{_stamp()}] ERROR ({call.request_id}): {request.method} {request.path} failed"
                self._write(f"{head}\n{inspect(fields)}\n")
            case LogStyle.BARE:
                self._write(f" ⨯ {inspect(fields)}\n")

    def answered(self, request: Request, call: Call, status: int) -> None:
        """A request and its status; the bare style says nothing of it."""
        match self._style:
            case LogStyle.PINO | LogStyle.PINO_CAUSE:
                document = {**_pino(30, request, call, status), "msg": "request completed"}
                self._write(_line(document))
            case LogStyle.WINSTON:
                self._write(_line(_winston("info", request, call, status, {})))
            case LogStyle.TEXT:
                said = f"({call.request_id}): {request.method} {request.path} {status}"
                self._write(f"[{_stamp()}] INFO {said}\n")
            case LogStyle.BARE:
                pass

    def _write(self, text: str) -> None:
        with self._lock:
            if not self._file.closed:
                self._file.write(text)
                self._file.flush()

    def close(self) -> None:
        """No more entries."""
        with self._lock:
            self._file.close()


def inspect(fields: Mapping[str, Any]) -> str:
    """The error as Node's `console.error` prints one of node-postgres: its stack, then its own fields."""
    rows = [("length", str(_length(fields)))]
    rows += [(name, _quoted(fields.get(name))) for name in _NODE_FIELDS]
    if "digest" in fields:
        rows.append(("digest", _quoted(fields["digest"])))
    return (
        _stack(fields) + " {\n" + ",\n".join(f"  {name}: {value}" for name, value in rows) + "\n}"
    )


def _pino(level: int, request: Request, call: Call, status: int) -> Fields:
    """pino-http's line: the whole request with its headers, as it is set up by default."""
    trace = {"trace_id": call.trace_id, "span_id": call.span_id} if call.trace_id else {}
    return {
        "level": level,
        "time": int(time.time() * 1000),
        "pid": os.getpid(),
        "hostname": HOSTNAME,
        **trace,
        "req": {
            "id": call.request_id,
            "method": request.method,
            "url": request.path,
            "headers": {**request.headers, "x-vercel-id": call.platform_id},
            **_body(request),
        },
        "res": {"statusCode": status},
    }


def _pino_error(fields: Mapping[str, Any]) -> Fields:
    own = {name: value for name, value in fields.items() if name != "message"}
    return {
        "type": "DatabaseError",
        "message": fields["message"],
        "stack": _stack(fields),
        "length": _length(fields),
        "name": "error",
        **own,
    }


def _pino_wrapped(fields: Mapping[str, Any]) -> Fields:
    """An error with a cause, as pino's own serializer joins the two: the cause's fields are lost."""
    said = "Failed query: insert into orders"
    wrapped = "\n".join((f"Error: {said}", *_FRAMES))
    return {
        "type": "DrizzleQueryError",
        "message": f"{said}: {fields['message']}",
        "stack": f"{wrapped}\ncaused by: {_stack(fields)}",
        **({"digest": fields["digest"]} if "digest" in fields else {}),
    }


def _winston(
    level: str, request: Request, call: Call, status: int, fields: Mapping[str, Any]
) -> Fields:
    said = fields.get("message", "request completed")
    own = {name: value for name, value in fields.items() if name != "message"}
    trace = {"traceId": call.trace_id, "spanId": call.span_id} if call.trace_id else {}
    return {
        "level": level,
        "message": said,
        "service": HOSTNAME,
        "requestId": call.request_id,
        **trace,
        "method": request.method,
        "path": request.path,
        "status": status,
        **_body(request),
        **own,
        **({"stack": _stack(fields)} if fields else {}),
        "timestamp": _stamp(),
    }


def _body(request: Request) -> Fields:
    """What was sent, as many shops log it without a thought: passwords and card numbers are in it."""
    try:
        return {"body": json.loads(request.body)} if request.body else {}
    except ValueError:
        return {"body": request.body.decode(errors="replace")}


def _line(document: Fields) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"


def _stack(fields: Mapping[str, Any]) -> str:
    return "\n".join((f"error: {fields['message']}", *_FRAMES))


def _length(fields: Mapping[str, Any]) -> int:
    """The bytes of the server's ErrorResponse, about: node-postgres keeps them with the error."""
    return 5 + sum(len(str(value).encode()) + 2 for value in fields.values())


def _quoted(value: object) -> str:
    """A value as `util.inspect` writes it: in the quotes that need no escape."""
    if value is None:
        return "undefined"
    text = str(value).replace("\\", "\\\\").replace("\n", "\\n")
    mark = next((each for each in "'\"`" if each not in text), "'")
    return mark + (text.replace("'", "\\'") if mark in text else text) + mark


def _stamp() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
