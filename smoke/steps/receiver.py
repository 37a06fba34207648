"""Opens a port of the loopback for calls from the shop: `receiver: {as: confirmations}`, and `{{ confirmations }}` is its URL."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from smoke.diagnostic import SmokeError
from smoke.model.call import CallAnswer
from smoke.model.run import Outcome
from smoke.scenario.base import Field, Model
from smoke.scenario.naming import name_problem
from smoke.scenario.template import as_text
from smoke.steps._body import json_body
from smoke.steps._session import Done, Given, Session
from smoke.steps._url import header, header_faults

_FRAMING = re.compile(r"(?i)content-length|transfer-encoding|connection|content-encoding")
_MOST = 1024 * 1024


class ReceiverAnswer(Model):
    """What every call is answered. At most one body: json or text."""

    status: int = Field(200, ge=200, le=599, description="The status code", examples=[204])
    headers: dict[str, Any] = Field(
        default_factory=dict, description="Name: value", examples=[{"X-Request-Id": "r-1"}]
    )
    json_: Any = Field(
        None, alias="json", description="A JSON document", examples=[{"received": True}]
    )
    text: str | None = Field(None, description="A text", examples=["OK"])


class Spec(Model):
    """A receiver of calls, open until the scenario's end."""

    as_: str = Field(
        alias="as", description="The name that its URL has from here on", examples=["confirmations"]
    )
    port: int | None = Field(
        None,
        ge=1024,
        le=65535,
        description="A port that the shop knows [default: any that is free, and a path that nobody can guess]",
        examples=[8787],
    )
    answer: ReceiverAnswer = Field(
        default_factory=lambda: ReceiverAnswer.model_validate({}),
        description="What every call is answered [default: 200 without a body]",
        examples=[{"status": 204}],
    )


def problems(spec: Spec) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Rules between the keys of a receiver: path, diagnostic code, message."""
    if problem := name_problem(spec.as_):
        yield ("as",), "bad-name", problem
    given = spec.answer.model_fields_set
    if "json_" in given and spec.answer.text is not None:
        yield (
            ("answer", "text"),
            "several-bodies",
            "an answer has one body, this one has json and text",
        )
    if given & {"json_", "text"} and spec.answer.status in (204, 304):
        message = f"an answer with status {spec.answer.status} has no body"
        yield ("answer", "status"), "bad-value", message
    for path, code, message in header_faults(spec.answer.headers):
        yield ("answer", *path), code, message
    for name in spec.answer.headers:
        if _FRAMING.fullmatch(name):
            yield ("answer", "headers", name), "bad-value", f"{name} is written by smoke itself"


def captures(spec: Spec) -> Sequence[str]:
    """Its URL."""
    return [spec.as_]


def perform(spec: Spec, session: Session) -> Done:
    """Open it. Raises SmokeError when the port cannot be had."""
    url = session.open_receiver(_answer(spec.answer, session), spec.port or 0)
    return Done(Outcome.PASSED, captures=(Given(spec.as_, url),))


def _answer(spec: ReceiverAnswer, session: Session) -> CallAnswer:
    names = {name.lower() for name in spec.headers}
    body, media_type = b"", ""
    if "json_" in spec.model_fields_set:
        body, media_type = json_body(spec.json_, session.scope)[0], "application/json"
    elif spec.text is not None:
        body, media_type = session.text(spec.text).encode(), "text/plain; charset=utf-8"
    if len(body) > _MOST:
        raise SmokeError.of("bad-template-value", "the answer of a receiver has 1 MiB at the most")
    headers = [("Content-Type", media_type)] if media_type and "content-type" not in names else []
    for name, template in spec.headers.items():
        value = session.fill(template)
        if value is not None:
            headers.append((name, as_text(value)))
    return CallAnswer(
        spec.status, tuple(header(name, value, value) for name, value in headers), body
    )
