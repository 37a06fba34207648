"""The library from a run to its reports, on a real shop: the same values that the command line prints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import smoke
from tests.support.demo import ShopFactory


def test_a_run_its_events_its_folder_and_its_report(shop: ShopFactory, tmp_path: Path) -> None:
    seen: list[smoke.Event] = []
    run = smoke.run(
        "repeat-customer",
        url=shop("broken").url,
        out=str(tmp_path / "runs"),
        environ={},
        workers=2,
        listener=seen.append,
    )
    assert run.outcome is smoke.Outcome.FAILED
    assert smoke.exit_status(run) is smoke.ExitStatus.FAILED
    error = run.findings[0].database_error
    assert isinstance(error, smoke.DatabaseError)
    assert error.sqlstate == "23505"
    assert isinstance(seen[-1], smoke.events.RunFinished)

    folder = smoke.open_run(out=str(tmp_path / "runs"))
    assert folder.run() == run
    assert [type(event) for event in folder.events()] == [type(event) for event in seen]
    assert folder.verify() == ()
    failed = next(step for step in run.scenarios[0].steps if step.outcome is run.outcome)
    response = failed.attempts[-1].exchanges[-1].response
    assert response is not None
    assert (error.constraint_name or "?").encode() in folder.read(response.body)
    assert smoke.open_run(tmp_path / "runs" / run.id).run() == run

    judged = smoke.judge(run.id[:-1], out=str(tmp_path / "runs"), environ={})
    assert judged.run.outcome is run.outcome
    assert not judged.changes

    report = smoke.write_report(run, "junit", str(tmp_path / "new" / "smoke.xml"))
    assert b"23505" in report.read_bytes()
    assert [path.name for path in report.parent.iterdir()] == ["smoke.xml"]


def test_reports_that_cannot_be_written_are_told(shop: ShopFactory, tmp_path: Path) -> None:
    run = smoke.run("first-order", url=shop("fixed").url, out=tmp_path / "runs", environ={})
    assert run.outcome is smoke.Outcome.PASSED
    with pytest.raises(smoke.SmokeError) as refused:
        smoke.write_report(run, "junti", tmp_path / "x")
    assert refused.value.diagnostics[0].suggestion == "junit"
    (tmp_path / "file").touch()
    with pytest.raises(smoke.SmokeError, match="could not be written"):
        smoke.write_report(run, "junit", tmp_path / "file" / "smoke.xml")
    with pytest.raises(smoke.SmokeError, match="nowhere"):
        smoke.open_run(tmp_path / "nowhere")


def test_redacted_masks_in_each_kind_of_value() -> None:
    secrets = {"TOKEN": "correct-horse-battery"}
    text = '{"a": "correct-horse-battery", "card": "4111 1111 1111 1111"}'
    masked = smoke.redacted(text, secrets)
    assert "horse" not in masked
    assert "4111 1111" not in masked
    assert smoke.redacted(text.encode(), secrets) == masked.encode()
    value = smoke.redacted({"list": ["x correct-horse-battery"], "n": 3}, secrets)
    assert "horse" not in str(value)
    assert value["n"] == 3
    assert smoke.redacted("nothing secret") == "nothing secret"
    with pytest.raises(TypeError, match="Path"):
        smoke.redacted(Path("x"))


@pytest.mark.parametrize("wrong", [None, 5, b"x", [1]])
def test_a_value_of_a_wrong_type_is_refused_in_words(wrong: Any) -> None:
    wrong_too: Any = 5
    calls: dict[str, Callable[[], object]] = {
        "takes a Run": lambda: smoke.exit_status(wrong),
        "name of a format": lambda: smoke.write_report(wrong, wrong, "x"),
        "headers are names and texts": lambda: smoke.classify_response(500, wrong, b""),
        "reason is a text": lambda: smoke.classify_response(500, {}, b"", reason=wrong),
        "values under their names": lambda: smoke.redacted("x", wrong or wrong_too),
    }
    for words, call in calls.items():
        with pytest.raises(TypeError, match=words):
            call()
