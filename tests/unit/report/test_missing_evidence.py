"""Evidence that cannot be read spoils no report: what is known is told, and that something is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from smoke import plugins
from smoke.cli.summary import render_run
from smoke.facts.evidence import excerpt
from smoke.model.exchange import Body
from smoke.store import RunFolder
from tests.support import samples
from tests.support.reports import Written
from tests.support.samples import SAMPLES, MemoryEvidence, Sample


def emptied(tmp_path: Path, sample: Sample) -> RunFolder:
    """A real run folder with the sample's events, and without its bodies."""
    with RunFolder.create(tmp_path, "run") as folder:
        for event in sample.events:
            folder.append(event)
    return RunFolder.open(tmp_path / "run")


@pytest.mark.parametrize("report", sorted(plugins.find("reporters", third_party=False)))
@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_report_is_written(tmp_path: Path, name: str, report: str) -> None:
    folder = emptied(tmp_path, SAMPLES[name]())
    out = Written()
    plugins.load("reporters", report).write(folder.run(), folder, out)
    assert len(out.getvalue()) > 100


def test_the_summary_says_what_is_missing(tmp_path: Path) -> None:
    folder = emptied(tmp_path, samples.failing())
    text = render_run(folder.run(), folder, width=80, color=False, unicode=True)
    assert "cannot be read: StoreError" in text
    assert "23505 unique_violation" in text


def test_excerpts() -> None:
    evidence = MemoryEvidence()

    def of(data: bytes, charset: str = "utf-8", limit: int = 10) -> tuple[str, bool, bool]:
        body = Body(size=len(data), path="x", charset=charset)
        evidence.bodies["x"] = data
        shown = excerpt(evidence, body, limit)
        return shown.text, shown.cut, shown.lossy

    assert of(b"") == ("", False, False)
    assert of(b"0123456789") == ("0123456789", False, False)
    assert of(b"01234567890") == ("0123456789", True, False)
    # a character over the limit is left out, not broken
    assert of("012345678é0".encode()) == ("012345678", True, False)
    assert of("01234567é".encode()) == ("01234567é", False, False)
    assert of(b"caf\xe9") == ("caf\\xe9", False, True)
    assert of("caf\xe9".encode("utf-16"), "utf-16") == ("café", False, False)
    assert excerpt(evidence, Body(size=3, path="y")).missing == "cannot be read: KeyError"
    evidence.bodies["z"] = bytes(range(32)) * 4
    assert excerpt(evidence, Body(size=128, path="z")).binary
