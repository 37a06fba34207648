"""The target that options name, and a run's options as it completes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from smoke.app.declared import declared
from smoke.app.options import RunOptions
from smoke.diagnostic import Diagnostic, Note, SmokeError, nearest

if TYPE_CHECKING:
    from smoke.app.target_spec import TargetSpec

DEFAULT_TARGETS = Path("smoke-targets.yaml")


def load_targets_of(options: RunOptions) -> Mapping[str, TargetSpec]:
    """The targets of the file that the options name, or of all files where that is a pattern. Raises SmokeError."""
    from smoke.app.target_spec import load_targets

    found: dict[str, TargetSpec] = {}
    files: dict[str, Path] = {}
    for path in _files(options.targets_file or DEFAULT_TARGETS):
        for name, spec in load_targets(path).items():
            if name in found:
                raise SmokeError.of(
                    "bad-target", f"{files[name]} and {path} both have a target '{name}'"
                )
            found[name], files[name] = spec, path
    return found


def _files(path: Path) -> list[Path]:
    """The file, or those that a pattern such as `shops/*.yaml` means. Raises SmokeError where it means none."""
    if path.exists() or not any(sign in str(path) for sign in "*?["):
        return [path]
    found = sorted(each for each in Path(path.anchor or ".").glob(_below_anchor(path)))
    if not found:
        raise SmokeError.of("no-targets", f"--targets: no file is meant by {path}")
    return found


def _below_anchor(path: Path) -> str:
    return str(path.relative_to(path.anchor)) if path.anchor else str(path)


def spec_of(options: RunOptions) -> TargetSpec | None:
    """The target that the options name; None when they name none. Raises SmokeError."""
    if not options.target:
        if options.targets_file is not None:
            raise SmokeError.of("bad-option", "--targets needs --target NAME: which one is meant?")
        return None
    path = options.targets_file or DEFAULT_TARGETS
    targets = load_targets_of(options)
    if options.target in targets:
        return targets[options.target]
    known = sorted(targets)
    raise SmokeError(
        [
            Diagnostic(
                "unknown-target",
                f"{path} has no target '{options.target}'",
                suggestion=nearest(options.target, known),
                notes=(Note(f"targets: {', '.join(known) or '(none)'}"),),
            )
        ]
    )


def completed(options: RunOptions, spec: TargetSpec | None) -> RunOptions:
    """The options with what their target says of those that were not given.

    Its origins are allowed beside those that are. Its headers are not taken: they may hold secrets, and go along as it
    says (`header_values`).
    """
    if spec is None:
        return options
    changes: dict[str, Any] = {}
    for name, value in spec.said().items():
        given = getattr(options, name)
        if name == "headers" or (name == "logs" and options.all_logs):
            continue
        if name == "allow_hosts":
            changes[name] = (*given, *value)
        elif given == declared(RunOptions)[name].default:
            changes[name] = value
    return replace(options, **changes)
