"""Asks the database behind the deployment: `check: {constraint_absent: {name: …}}`. It only reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError, create_model
from pydantic.json_schema import SkipJsonSchema

from smoke import plugins
from smoke.diagnostic import SmokeError
from smoke.model.run import Outcome
from smoke.scenario.strict import StrictModel
from smoke.scenario.template import render
from smoke.steps._session import Done, Session

_DETAILS = 5


def _installed() -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of the spec, one for each check that is installed, and what is wrong with those left out."""
    seen = plugins.survey("checks")
    fields: dict[str, Any] = {}
    broken = {name.replace("-", "_"): why for name, why in seen.left_out.items()}
    for name, plugin in seen.plugins.items():
        key = name.replace("-", "_")
        if hasattr(StrictModel, key):
            broken[key] = f"{plugin} cannot be used: pydantic has a word for that name"
            continue
        try:
            spec = plugin.load().Spec
            fields[key] = (spec | None, Field(None, description=plugin.description()))
        except plugins.PluginError as fault:
            broken[key] = str(fault)
    return fields, {key: why for key, why in broken.items() if key not in fields}


_FIELDS, _BROKEN = _installed()
_CHECKS = list(_FIELDS)
# whoever asks for one that is broken is told what is wrong with it, not that there is none
_LEFT_OUT: dict[str, Any] = {
    key: (SkipJsonSchema[Any], None)  # type: ignore[misc]  # to mypy it is an alias of Annotated
    for key in _BROKEN
    if key.isidentifier() and not hasattr(StrictModel, key)
}

# a step holds one of them
Spec: type[BaseModel] = create_model(
    "Spec",
    __base__=StrictModel,
    __doc__="One question to the database, and what it must answer.",
    **_LEFT_OUT,
    **_FIELDS,
)

ASKS_DATABASE = True


def beside(spec: BaseModel, folder: Path) -> BaseModel:
    """The spec with its files found from the folder of the scenario that names them."""
    found: dict[str, BaseModel] = {}
    for name in _given(spec):
        inner: BaseModel = getattr(spec, name)
        files = {key: folder / value for key, value in inner if isinstance(value, Path)}
        found[name] = inner.model_copy(update=files)
    return spec.model_copy(update=found)


def problems(spec: BaseModel) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Path, code and message of what is wrong: not one check, a file that is not there, values spliced into SQL."""
    broken = [name for name in _LEFT_OUT if getattr(spec, name) is not None]
    for name in broken:
        yield (name,), "plugin-failed", _BROKEN[name]
    given = _given(spec)
    if len(given) != 1:
        told = " and ".join(given) if given else "none"
        if not broken:
            yield (), "bad-value", f"a check takes one of {', '.join(_CHECKS)}; this has {told}"
        return
    for key, value in getattr(spec, given[0]):
        if isinstance(value, Path) and "{{" not in str(value) and not value.exists():
            yield (given[0], key), "file-not-found", f"there is no file '{value}'"
        if key == "query" and isinstance(value, str) and "{{" in value:
            message = (
                'values do not go into the text of a query: write $1, and parameters: ["{{ … }}"]'
            )
            yield (given[0], key), "bad-value", message


def describe(spec: BaseModel) -> str:
    """What it asks, in words."""
    (name,) = _given(spec)
    return f"{name}: {getattr(spec, name).model_dump(mode='json', exclude_unset=True)}"


def perform(spec: BaseModel, session: Session) -> Done:
    """Ask; what does not hold is failed. Raises SmokeError when there is no answer, TemplateError."""
    (name,) = _given(spec)
    question = _rendered(name, getattr(spec, name), session)
    answer = session.ask(name.replace("_", "-"), question)
    details = "; ".join(answer.details[:_DETAILS])
    more = f" ({details})" if details and not answer.ok else ""
    return Done(
        Outcome.PASSED if answer.ok else Outcome.FAILED,
        f"{answer.message}{more}",
        checked=(f"database: {answer.message}",),
    )


def _given(spec: BaseModel) -> list[str]:
    return [name for name in _CHECKS if getattr(spec, name) is not None]


def _plain(value: Any) -> Any:
    """A field as it is written in YAML; numbers keep their spelling."""
    if isinstance(value, Path):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _rendered(name: str, question: BaseModel, session: Session) -> BaseModel:
    """The question with its templates filled in, which must still be one."""
    given = {key: _plain(value) for key, value in question.model_dump(exclude_unset=True).items()}
    values = {key: render(value, session.scope) for key, value in given.items()}
    if values == given:
        return question
    try:
        return plugins.guarded(
            plugins.get("checks", name.replace("_", "-")),
            lambda: type(question).model_validate(values),
            lets=(ValidationError,),
        )
    except ValidationError as error:
        where = ", ".join(str(part) for part in error.errors()[0]["loc"])
        raise SmokeError.of(
            "bad-value", f"the check is not usable with its values: {where}"
        ) from error
