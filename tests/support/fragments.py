"""Pieces of scenario files, as a manual shows them, made whole so that they can be checked."""

from __future__ import annotations

import re
from pathlib import Path

from smoke.app.target_spec import load_targets
from smoke.diagnostic import Diagnostic, SmokeError
from smoke.scenario.files import Files
from smoke.scenario.load import load_text
from smoke.scenario.model import ScenarioFile, StepKeys
from smoke.scenario.nodes import Items, Node, Pairs
from smoke.scenario.source import parse

_STEP = "  - {{name: {}, request: {{url: /api/shop, json: {{}}}}, places_order: {{id: $.id}}}}\n"
_KINDS = ("request", "group", "together", "include", "pause", "clear_cookies", "check", "like")
_ABSENT = ("file-not-found", "fix-not-found")
_NAME = re.compile(r"there is no name '([^']+)'")
_EARLIER = re.compile(r"no step before this one is named '([^']+)'")


def kind_of(text: str) -> str:
    """What a piece of YAML is: scenario, part, targets, steps, keys of a scenario or a step, workflow, or nothing."""
    root: Node = parse(text.encode(), "piece").root
    if isinstance(root, Items):
        return "steps"
    if not isinstance(root, Pairs):
        return ""
    keys = {key.text for key, _ in root.pairs}
    if "targets" in keys:
        return "targets"
    if "jobs" in keys:
        return "workflow"
    if "repos" in keys:
        return "hooks"
    if "parameters" in keys:
        return "part"
    if keys <= ScenarioFile.model_fields.keys() and keys & {
        "steps",
        "teardown",
        "variables",
        "secrets",
        "fix",
    }:
        return "scenario" if {"name", "steps"} <= keys else "head"
    return "step" if keys <= {*StepKeys.model_fields, *_KINDS} else ""


def problems(text: str, folder: Path) -> list[Diagnostic]:
    """What `smoke check` says of a piece of a scenario in a folder, its names taken for given."""
    kind = kind_of(text)
    if kind == "targets":
        path = folder / "smoke-targets.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            load_targets(path)
        except SmokeError as error:
            return list(error.diagnostics)
        return []
    if kind == "scenario":
        return _checked(text, folder)
    names: dict[str, None] = {}
    steps: dict[str, None] = {}
    while True:
        # a piece may name files, names and steps that its page does not show, or shows elsewhere
        whole = _whole(
            text, kind, names, "".join(_STEP.format(name) for name in ("Before", *steps))
        )
        found = [item for item in _checked(whole, folder) if item.code not in _ABSENT]
        unknown = _said(found, "unknown-name", _NAME)
        before = _said(found, "unknown-step", _EARLIER)
        if not unknown - names.keys() and not before - steps.keys():
            return found
        names.update(dict.fromkeys(sorted(unknown)))
        steps.update(dict.fromkeys(sorted(before)))


def _said(found: list[Diagnostic], code: str, pattern: re.Pattern[str]) -> set[str]:
    """What diagnostics of a code say that is not there."""
    return {
        match[1] for item in found if item.code == code and (match := pattern.search(item.message))
    }


def _whole(text: str, kind: str, names: dict[str, None], steps: str) -> str:
    """A whole scenario around a piece; `names` are variables of it."""
    head = "name: piece\n"
    secrets = sorted(set(re.findall(r"secrets\.([A-Z_]+)", text)))
    if secrets and "secrets:" not in text:
        head += f"secrets: [{', '.join(secrets)}]\n"
    if names:
        assert "\nvariables:" not in f"\n{text}"
        head += "variables:\n" + "".join(f"  {name}: [given]\n" for name in names)
    if kind == "head":
        own = re.search("^steps:", text, re.MULTILINE)
        return f"{head}{text}\n" if own else f"{head}{text}\nsteps:\n{steps}"
    if kind == "step":
        keys = text if re.search("^name:", text, re.MULTILINE) else f"name: piece\n{text}"
        if not any(re.search(f"^{key}:", text, re.MULTILINE) for key in _KINDS):
            keys += "\nrequest: /api/shop\n"
        first, *rest = keys.splitlines()
        lines = [f"  - {first}", *(f"    {line}" for line in rest)]
        return f"{head}steps:\n{steps}" + "\n".join(lines) + "\n"
    return f"{head}steps:\n{steps}" + "".join(f"  {line}\n" for line in text.splitlines())


def _checked(text: str, folder: Path) -> list[Diagnostic]:
    path = folder / "scenarios" / "piece.yaml"
    path.parent.mkdir(exist_ok=True)
    try:
        return list(load_text(text.encode(), str(path), Files(path)).warnings)
    except SmokeError as error:
        return list(error.diagnostics)
