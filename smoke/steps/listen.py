"""Waits for a call from the shop: `listen: {at: "{{ confirmations }}"}`, which a `receiver` step opened."""

from __future__ import annotations

from collections.abc import Iterator

from smoke.scenario.base import Field, Model
from smoke.scenario.scope import NAMESPACES
from smoke.scenario.template import Expression, TemplateSyntaxError, compile_text
from smoke.scenario.value_types import Duration
from smoke.steps._session import Done, Session, WantedCall
from smoke.steps._url import TOKEN


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
    within: Duration = Field(30.0, description="How long to wait", examples=["10s"])


RECEIVES = True


def problems(spec: Spec) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Rules between the keys: path, diagnostic code, message."""
    if not _is_a_name(spec.at):
        yield ("at",), "bad-value", 'at names a receiver, as its URL: "{{ NAME }}"'
    if spec.method is not None and not TOKEN.fullmatch(spec.method):
        yield ("method",), "bad-value", "a method is one word, such as POST"
    if spec.path is not None and not spec.path.startswith(("/", "{{")):
        yield ("path",), "bad-value", "a path begins with /"
    if spec.within <= 0:
        yield ("within",), "bad-value", "within must be above zero"


def _is_a_name(text: str) -> bool:
    try:
        parts = [part for part in compile_text(text.strip()) if part != ""]
    except TemplateSyntaxError:
        return True  # told with its place by the check of all templates
    return (
        len(parts) == 1 and isinstance(parts[0], Expression) and parts[0].path[0] not in NAMESPACES
    )


def perform(spec: Spec, session: Session) -> Done:
    """Wait. Raises SmokeError when there is no such receiver."""
    wanted = WantedCall(
        url=session.text(spec.at.strip()),
        method=(spec.method or "").upper(),
        path=None if spec.path is None else session.text(spec.path),
        seconds=spec.within,
    )
    reply = session.receive(wanted)
    return Done(reply.outcome, reply.message)
