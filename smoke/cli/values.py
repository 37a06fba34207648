"""Reads the values of options that only commands have; each mistake is a diagnostic."""

from __future__ import annotations

from pathlib import Path

from smoke.diagnostic import SmokeError


def report_target(text: str) -> tuple[str, Path]:
    """Format and path of `FORMAT=PATH`; the format must be one that there is."""
    from smoke import plugins
    from smoke.app.reporting import check_format, is_folder

    name, equals, path = text.partition("=")
    if not equals or not path:
        known = sorted(plugins.survey("reporters").plugins)
        raise SmokeError.of(
            "bad-option",
            f"--report takes FORMAT=PATH, not '{text}'",
            notes=[f"formats: {', '.join(known)}"],
        )
    check_format(name, "--report")
    if path.endswith("/") and not is_folder(name):
        raise SmokeError.of(
            "bad-option", f"--report {text}: a {name} report is a file, not a folder"
        )
    return name, Path(path)
