"""The body of a request: its bytes and its media type."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from smoke.model.numbers import json_text, loads
from smoke.model.run import JsonValue
from smoke.scenario.base import Field, Model
from smoke.scenario.scope import Scope
from smoke.scenario.template import as_text, render, render_text
from smoke.steps._multipart import Part, encode
from smoke.steps._url import BuildError, named, pairs

BODIES = ("json", "form", "multipart", "graphql", "text", "file")
_BINARY = "application/octet-stream"
_MEDIA_TYPES = {
    ".json": "application/json", ".txt": "text/plain; charset=utf-8", ".xml": "application/xml", ".csv": "text/csv",
    ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".pdf": "application/pdf",
}  # fmt: skip


class GraphQL(Model):
    """A GraphQL operation, sent as JSON by POST. Errors in its answer fail the step, unless `expect` names `$.errors`."""

    query: str = Field(
        min_length=1, description="The document", examples=["mutation { placeOrder { id } }"]
    )
    variables: Any = Field(
        None,
        description="An object; templates keep their types",
        examples=[{"id": "{{ cart_id }}"}],
    )
    operation: str | None = Field(
        None, description="Which operation of the query", examples=["PlaceOrder"]
    )


class Upload(Model):
    """A file of a multipart form."""

    file: str = Field(min_length=1, description="Path relative to the scenario, below its folder")
    filename: str | None = Field(None, description="The name that is sent [default: the file's]")
    media_type: str | None = Field(
        None, description="Its Content-Type [default: by the file's ending]"
    )


def json_body(value: Any, scope: Scope) -> tuple[bytes, str]:
    """A JSON document (RFC 8259)."""
    return _json(render(value, scope)), "application/json"


def graphql_body(spec: GraphQL, scope: Scope) -> tuple[bytes, str]:
    """A GraphQL request (GraphQL over HTTP, 5.4)."""
    payload: dict[str, JsonValue] = {"query": as_text(render_text(spec.query, scope))}
    if spec.variables is not None:
        payload["variables"] = render(spec.variables, scope)
    if spec.operation is not None:
        payload["operationName"] = as_text(render_text(spec.operation, scope))
    return _json(payload), "application/json"


def form_body(values: Mapping[str, Any], scope: Scope) -> tuple[bytes, str]:
    """A form as browsers send it (URL standard, 5.2)."""
    return urlencode(pairs(values, scope)).encode(), "application/x-www-form-urlencoded"


def multipart_body(
    values: Mapping[str, Any],
    scope: Scope,
    new_uuid: Callable[[], str],
    files: Mapping[str, bytes],
) -> tuple[bytes, str]:
    """A form with files."""
    boundary = f"smoke-{new_uuid()}"
    parts = []
    for name, value in values.items():
        if isinstance(value, dict):
            parts.append(_upload(name, Upload.model_validate(value), scope, files))
        else:
            parts += [
                Part(key, as_text(item).encode()) for key, item in named({name: value}, scope)
            ]
    return encode(parts, boundary), f"multipart/form-data; boundary={boundary}"


def text_body(text: str, media_type: str | None, scope: Scope) -> tuple[bytes, str]:
    """Text as it stands."""
    body = as_text(render_text(text, scope)).encode()
    return body, _rendered(media_type, scope) or "text/plain; charset=utf-8"


def file_body(
    file: str, media_type: str | None, scope: Scope, files: Mapping[str, bytes]
) -> tuple[bytes, str]:
    """A file byte for byte: no template in it is looked at."""
    return files[file], _rendered(media_type, scope) or _media_type(file)


def event_body(event: Any, saved: bytes | None, scope: Scope) -> bytes:
    """An event as JSON; a saved one byte for byte, or changed as `event` says (RFC 7396). Raises BuildError."""
    if event is None:
        return saved or b""
    given = render(event, scope)
    if saved is None:
        return _json(given)
    try:
        return _json(_patched(loads(saved), given))
    except (ValueError, RecursionError) as error:
        message = f"the saved event is not JSON that can be changed: {error}"
        raise BuildError(message, event) from error


def _patched(target: JsonValue, patch: JsonValue) -> JsonValue:
    """A JSON value with a merge patch carried out on it (RFC 7396, 2)."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _patched(result.get(name), value)
    return result


def upload_problem(value: Any) -> str:
    """What is wrong with one value of a multipart form; empty when nothing is."""
    if not isinstance(value, dict):
        return ""
    try:
        Upload.model_validate(value)
    except ValueError:  # pydantic's ValidationError
        return "a file is {file: path} with, if need be, filename and media_type, all of them texts"
    return ""


def _upload(name: str, upload: Upload, scope: Scope, files: Mapping[str, bytes]) -> Part:
    return Part(
        as_text(render_text(name, scope)),
        files[upload.file],
        _rendered(upload.filename, scope) or upload.file.rpartition("/")[2],
        _rendered(upload.media_type, scope) or _media_type(upload.file),
    )


def _rendered(text: str | None, scope: Scope) -> str:
    return as_text(render_text(text, scope)) if text is not None else ""


def _media_type(file: str) -> str:
    return _MEDIA_TYPES.get(file[file.rfind(".") :].lower(), _BINARY)


def _json(value: JsonValue) -> bytes:
    try:
        return json_text(value).encode()
    except (ValueError, UnicodeEncodeError) as error:
        raise BuildError(f"the body cannot be written as JSON: {error}") from error
