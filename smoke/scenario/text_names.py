"""Refuses what is looked for inside of a name that stands for a text: the run would end there."""

from __future__ import annotations

from collections.abc import Sequence

from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.captured_uses import captured_uses
from smoke.scenario.drafts import StepDraft
from smoke.scenario.reading import Reader, stretch
from smoke.scenario.uses import has_default

_TEXTS = ("header", "cookie", "html", "regex", "url")
"""Places that a capture takes nothing but a text from."""
_RECEIVER = "receiver"


def check_text_names(drafts: Sequence[StepDraft], reader: Reader) -> None:
    """Report `{{ hook.url }}` of a receiver `hook`, and its like."""
    for use in captured_uses(drafts, _texts_of):
        if len(use.expression.path) > 1 and not has_default(use.expression):
            name = str(use.expression.path[0])
            reader.error(
                "unknown-name",
                f"'{name}' is a text, {use.known}: nothing is inside of it",
                stretch(
                    reader.line(use.scalar.span),
                    use.scalar,
                    use.expression.start,
                    use.expression.end,
                ),
                label=f"write {{{{ {name} }}}}",
            )


def _texts_of(draft: StepDraft) -> dict[str, str | None]:
    step = draft.step
    if step is None:
        return {}
    what = f"the URL of the receiver '{draft.name}'" if step.kind == _RECEIVER else None
    found: dict[str, str | None] = dict.fromkeys(step.traits.gives, what)
    for name, spec in step.capture.items():
        sure = _is_text(spec) and step.when is None
        found[name] = f"captured by '{draft.name}'" if sure else None
    return found


def _is_text(spec: CaptureSpec) -> bool:
    sources = spec.sources()
    sure = len(sources) == 1 and sources[0] in _TEXTS
    return sure and not spec.optional and spec.default is None
