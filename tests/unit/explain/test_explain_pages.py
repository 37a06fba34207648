"""Every code has a page that says something; nothing heavy is loaded for it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from smoke.classify.sqlstate import CLASSES, CONDITIONS, NAMES
from smoke.explain import ExplanationPage, codes, explain, suggest
from smoke.explain._lookup import _collection
from smoke.explain._page import sections_of, single


@pytest.mark.parametrize("code", codes())
def test_every_listed_code_has_a_page_with_a_meaning(code: str) -> None:
    page = explain(code)
    assert page is not None
    assert code in page.markdown()
    assert len(page.section("What it means")) > 20
    assert page.source.startswith(("PostgreSQL manual", "PostgREST", "Prisma")) or code.islower()


def test_all_conditions_classes_and_names_are_listed() -> None:
    assert {*CONDITIONS, *CLASSES, *NAMES} <= set(codes())


def test_every_entry_of_the_collection_is_a_code_or_class_of_the_table() -> None:
    written = set(_collection("_sqlstate"))
    assert written <= {*CONDITIONS, *CLASSES}
    assert set(CLASSES) <= written


@pytest.mark.parametrize(
    "code",
    [
        "23505",
        "23503",
        "23502",
        "23514",
        "40001",
        "42P01",
        "42501",
        "53300",
        "57014",
        "25P02",
        "P0001",
        "42P10",
    ],
)
def test_codes_of_a_checkout_say_how_they_get_there_and_what_to_check(code: str) -> None:
    page = explain(code)
    assert page is not None
    assert page.section("How it reaches a checkout")
    assert page.section("What to check")


def test_a_condition_name_in_any_spelling_is_its_code() -> None:
    for word in ("unique_violation", "UNIQUE_VIOLATION", "unique-violation", " unique violation "):
        page = explain(word)
        assert page is not None
        assert page.code == "23505"


def test_a_name_of_two_codes_says_both_and_starts_with_the_error() -> None:
    page = explain("string_data_right_truncation")
    assert page is not None
    assert page.title == "string_data_right_truncation: SQLSTATE 22001 or 01004"


def test_prisma_codes_win_over_their_look_as_sqlstates() -> None:
    page = explain("p2002")
    assert page is not None
    assert page.code == "P2002"
    assert "23505" in page.markdown()


def test_a_code_without_its_own_page_is_explained_by_its_class() -> None:
    page = explain("22011")
    assert page is not None
    assert "substring_error" in page.section("What it means")
    assert page.section("What to check")


def test_a_code_of_the_applications_own_is_said_to_be_one() -> None:
    page = explain("H2S01")
    assert page is not None
    assert "not one of PostgreSQL's" in page.title
    newer = explain("23X99")
    assert newer is not None
    assert "class 23" in newer.title
    custom = explain("PT402")
    assert custom is not None
    assert "402" in custom.section("What it means")


def test_codes_that_not_all_versions_have_say_which_do() -> None:
    page = explain("25P04")
    assert page is not None
    assert "17, 18" in page.section("Note")


@pytest.mark.parametrize(
    "word", ["", "   ", "nonsense", "P2999", "ECONNREFUSED", "x" * 10_000, "../secret"]
)
def test_unknown_words_have_no_page(word: str) -> None:
    assert explain(word) is None


def test_a_slip_of_the_pen_is_answered_with_the_nearest() -> None:
    assert suggest("uniqe-violation")[0] == "unique_violation"
    assert "P2002" in suggest("P20022")
    assert suggest("completely different words") == ()
    assert suggest("x" * 100_000) == ()


def test_a_page_of_a_file_keeps_its_sections_and_its_source() -> None:
    text = (
        "# A title\n\nMeans this.\n\n## Check\n\n```sql\n## no heading\n```\n\nSource: the manual\n"
    )
    page = single("some-code", text)
    assert page.title == "A title"
    assert [section.heading for section in page.sections] == ["What it means", "What to check"]
    assert "## no heading" in page.section("What to check")
    assert page.source == "the manual"
    assert single("x", "# T\n\nOnly this.") == ExplanationPage(
        "x", "T", sections_of("Only this.", "##"), ""
    )


def test_nothing_heavy_is_imported() -> None:
    code = "import smoke.explain, sys; smoke.explain.explain('23505'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {
        "pydantic",
        "httpx",
        "typer",
        "yaml",
        "rich",
        "smoke.classify.messages._table",
    }
