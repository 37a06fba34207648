"""Waits for a call from the shop: `listen: {at: "{{ confirmations }}"}`, which a `receiver` step opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from smoke.model import numbers
from smoke.model.call import ReceivedCall
from smoke.scenario.base import Field, Model
from smoke.scenario.json_rules import meets, rule_faults, rules_with
from smoke.scenario.scope import NAMESPACES
from smoke.scenario.template import Expression, TemplateSyntaxError, compile_text
from smoke.scenario.value_types import EACH, Duration
from smoke.steps._session import Done, Session, WantedCall
from smoke.steps._url import TOKEN
from smoke.text import shorten


class Spec(Model):
    """The next call that came to a receiver, or that comes: the first one that no step took."""

    at: str = Field(
        min_length=1,
        description="The receiver's URL: the name that its step gave it, as a template",
        examples=["{{ confirmations }}"],
    )
    method: str | None = Field(
        None, max_length=20, description="Only a call with this method", examples=["POST"]
    )
    path: str | None = Field(
        None,
        description="Only a call to this path behind the receiver's URL",
        examples=["/orders/{{ order_id }}"],
    )
    json_: dict[str, Any] | None = Field(
        None,
        alias="json",
        description="Only a call whose JSON meets this, JSONPath: matcher",
        json_schema_extra=EACH,
        examples=[{"$.order.id": "{{ order_id }}"}],
    )
    none: bool = Field(
        False,
        description="No such call may come within the time: one that comes fails the step",
        examples=[True],
    )
    within: Duration = Field(30.0, description="How long to wait", examples=["10s"])


RECEIVES = True


def takes_call(spec: Spec) -> bool:
    """Not where none may come."""
    return not spec.none


def problems(spec: Spec) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Rules between the keys: path, diagnostic code, message."""
    if not _is_a_name(spec.at):
        yield (
            ("at",),
            "bad-value",
            f'at names a receiver, as its URL: "{{{{ NAME }}}}"{_behind(spec.at)}',
        )
    if spec.method is not None and not TOKEN.fullmatch(spec.method):
        yield ("method",), "bad-value", "a method is one word, such as POST"
    if spec.path is not None and not spec.path.startswith(("/", "{{")):
        yield ("path",), "bad-value", "a path begins with /"
    if spec.within <= 0:
        yield ("within",), "bad-value", "within must be above zero"
    if spec.json_ == {}:
        yield ("json",), "bad-value", "json has no rule: every call would do"
    for path, code, message in rule_faults(spec.json_ or {}):
        yield ("json", *path), code, message
    if spec.none and "within" not in spec.model_fields_set:
        yield ("none",), "missing-key", "none needs the key 'within': how long no call may come"


def _is_a_name(text: str) -> bool:
    try:
        parts = [part for part in compile_text(text.strip()) if part != ""]
    except TemplateSyntaxError:
        return True  # told with its place by the check of all templates
    return (
        len(parts) == 1 and isinstance(parts[0], Expression) and parts[0].path[0] not in NAMESPACES
    )


def _behind(text: str) -> str:
    """Where what follows the receiver's URL belongs."""
    before, _, after = text.strip().partition("}}")
    named = _is_a_name(f"{before}}}}}") and after.startswith("/")
    return f"; the path goes into `path: {shorten(after, 120)}`" if named else ""


def _meets(rules: Mapping[str, Any]) -> Callable[[ReceivedCall], bool]:
    """Whether the JSON of a call meets all of the rules; another body does not."""

    def met(call: ReceivedCall) -> bool:
        try:
            return meets(rules, numbers.loads(call.request.body.decode("utf-8")))
        except (ValueError, RecursionError):
            return False

    return met


def perform(spec: Spec, session: Session) -> Done:
    """Wait. Raises SmokeError when there is no such receiver."""
    wanted = WantedCall(
        url=session.text(spec.at.strip()),
        method=(spec.method or "").upper(),
        path=None if spec.path is None else session.text(spec.path),
        seconds=spec.within,
        meets=None if spec.json_ is None else _meets(rules_with(spec.json_, session.scope)),
        none=spec.none,
    )
    reply = session.receive(wanted)
    return Done(reply.outcome, reply.message)
