"""Where statements begin and end, in text that PostgreSQL takes and in text that it refuses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smoke.database.migration.script import read_script
from smoke.database.migration.split import split


def sqls(text: str) -> list[str]:
    return [piece.sql for piece in split(text)]


def test_semicolons_in_texts_names_comments_and_bodies_end_nothing() -> None:
    text = """select ';', ";", $$;$$, $a$ ; $$ ; $a$, e'\\';' -- ;
        /* ; /* ; */ ; */ ; select 2"""
    assert len(sqls(text)) == 2


def test_a_body_of_begin_atomic_is_part_of_its_statement() -> None:
    text = "create function f() returns int begin atomic select case when true then 1 end; select 2; end; select 3;"
    assert sqls(text)[1:] == ["select 3"]


def test_lines_count_from_the_first_word_of_a_statement() -> None:
    pieces = split("-- a comment\n\nselect 1;\n\n/* two\nlines */ select\n2;")
    assert [piece.line for piece in pieces] == [3, 6]


def test_meta_commands_and_copy_data_are_no_sql() -> None:
    pieces = split("\\connect shop\ncopy t from stdin;\n1;2\n\\.\nselect 1;")
    assert [(piece.sql, piece.aside) for piece in pieces] == [
        ("\\connect shop", "psql"),
        ("copy t from stdin", ""),
        ("select 1", ""),
    ]


def test_what_stands_after_a_down_marker_is_set_aside() -> None:
    for marker in ("-- migrate:down", "-- +goose Down", "-- +migrate Down"):
        pieces = split(f"create table t (a int);\n{marker}\ndrop table t;")
        assert [piece.aside for piece in pieces] == ["", "down"]


def test_an_unterminated_text_is_one_statement_with_a_syntax_error() -> None:
    first, second = read_script("select 1; comment on table t is 'oh; no;")
    assert first.problem == ""
    assert second.problem.startswith("syntax error")


@given(st.text(alphabet="ab;'\"$-/*\\\n ()eE.", max_size=200))
def test_no_text_breaks_the_splitter_and_nothing_is_made_up(text: str) -> None:
    """Every statement of any text is a part of that text, in order."""
    at = 0
    for piece in split(text):
        at = text.index(piece.sql, at) + len(piece.sql)


@given(
    st.lists(
        st.sampled_from(["select 1", "select ';'", "select $$;$$", "select 1 /* ; */"]), max_size=8
    )
)
def test_joined_statements_are_parted_again(statements: list[str]) -> None:
    """Splitting what was joined with semicolons gives as many statements back."""
    assert len(split(";\n".join(statements))) == len(statements)
