"""What is found in each saved response of the corpus."""

from __future__ import annotations

import pytest

from smoke import plugins
from smoke.classify import classify_response
from smoke.model.dberror import Citation, DatabaseError
from tests.support.responses import CORPUS, Saved, saved

CASES = list(saved())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_expected_finding_is_made(case: Saved) -> None:
    findings = classify_response(case.status, case.headers, case.body, reason=case.reason)
    errors = [f for f in findings if f.database_error is not None]
    expected = case.expected
    if expected["sqlstate"] is None and expected["constraint"] is None:
        assert not errors, errors[0].database_error
    else:
        error = errors[0].database_error
        assert error is not None
        assert (error.sqlstate, error.constraint_name) == (
            expected["sqlstate"],
            expected["constraint"],
        )
        if "table" in expected:
            assert error.table_name == expected["table"]
        if "columns" in expected:
            assert list(error.columns) == expected["columns"]
        if "consequences" in expected:
            told = [consequence.sqlstate for consequence in errors[0].consequences]
            assert told == expected["consequences"]
            assert errors[0].reason
    if "code" in expected:
        assert [f.code for f in findings] == [expected["code"]]
    if "hiding" in expected:
        assert [f.hiding for f in findings] == [expected["hiding"]]


def _part(case: Saved, citation: Citation) -> bytes:
    if citation.part == "body":
        return case.body
    if citation.part == "reason":
        return case.reason.encode("latin-1")
    name = citation.part.removeprefix("header:")
    return next(value.encode("latin-1") for key, value in case.headers if key == name)


def _values(error: DatabaseError) -> list[tuple[Citation, str]]:
    return [
        (citation, getattr(error, citation.field))
        for citation in error.citations
        if citation.field != "columns"
    ]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_value_that_was_read_cites_its_bytes(case: Saved) -> None:
    """Nothing was peeled off: the bytes are the value. Else they lie in the part, in order."""
    for finding in classify_response(case.status, case.headers, case.body, reason=case.reason):
        error = finding.database_error
        if error is None:
            continue
        for citation, value in _values(error):
            part = _part(case, citation)
            if not citation.through:
                assert part[citation.start : citation.end].decode("utf-8") == value
            elif "gzip" not in citation.through[0]:
                assert 0 <= citation.start <= citation.end <= len(part)
                assert citation.end > citation.start


def test_every_dialect_has_a_corpus_folder() -> None:
    named = {path.name for path in CORPUS.iterdir()}
    assert set(plugins.find("dialects", third_party=False)) - named == set()


def test_every_dialect_has_two_cases() -> None:
    for name in plugins.find("dialects", third_party=False):
        assert len(list((CORPUS / name).glob("*/finding.json"))) >= 2, name


@pytest.mark.parametrize("case", CASES[::7], ids=[case.name for case in CASES[::7]])
def test_the_name_of_a_finding_does_not_depend_on_ids_and_times(case: Saved) -> None:
    body = case.body.replace(b"2026-01-05", b"2027-02-06")
    first = classify_response(case.status, case.headers, case.body, reason=case.reason)
    second = classify_response(case.status, case.headers, body, reason=case.reason)
    assert [f.fingerprint for f in first] == [f.fingerprint for f in second]
