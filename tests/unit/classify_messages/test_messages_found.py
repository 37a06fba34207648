"""The server's messages are found, with their names, however they are wrapped."""

from __future__ import annotations

from itertools import pairwise

import pytest

from smoke.classify.messages import MessageMatch, find_messages, labels


def one(text: str) -> MessageMatch:
    found = find_messages(text)
    assert len(found) == 1, found
    match = found[0]
    for value, start, end in match.fields.values():
        assert text[start:end] == value
    assert 0 <= match.start < match.end <= len(text)
    return match


def fields(text: str) -> dict[str, str]:
    return {name: value for name, (value, _, _) in one(text).fields.items()}


UNIQUE = "duplicate key value violates unique constraint"


@pytest.mark.parametrize(
    "text",
    [
        f'ERROR:  {UNIQUE} "x_uq"',
        f'{UNIQUE} "x_uq".',
        f'{UNIQUE} "x_uq" (SQLSTATE 23505)',
        f'{{"message":"{UNIQUE} \\"x_uq\\"","code":"23505"}}',
        f'{{"a":"{{\\"message\\":\\"{UNIQUE} \\\\\\"x_uq\\\\\\"\\"}}"}}',
        f'at\\n{UNIQUE} \\"x_uq\\"\\n',
        f"{UNIQUE} 'x_uq'",
        f"{UNIQUE} `x_uq`",
        f"{UNIQUE} “x_uq”",
        f"{UNIQUE} &quot;x_uq&quot;<br>",
        f'{UNIQUE} ""x_uq"",,,',
        f"{UNIQUE.capitalize()} “x_uq”",
        'duplicate key\n   value violates unique\r\nconstraint "x_uq"',
        f'insert into t values ("y_uq") - {UNIQUE} "x_uq"',
    ],
)
def test_a_message_in_any_wrapper_gives_its_constraint(text: str) -> None:
    match = one(text)
    assert (match.sqlstate, match.value("constraint_name"), match.cut) == ("23505", "x_uq", False)


def test_without_quotes_the_name_is_taken_and_marked() -> None:
    match = one(f"{UNIQUE} x_uq")
    assert (match.value("constraint_name"), match.unquoted) == ("x_uq", True)
    assert one(f"{UNIQUE} on your order, sorry").fields == {}


@pytest.mark.parametrize(
    "name", ['we"ird', 'a" b', "x, y", "it's", "straße_eindeutig", "数量_チェック", "a (b) > 0"]
)
def test_names_may_hold_anything(name: str) -> None:
    assert fields(f'{UNIQUE} "{name}"')["constraint_name"] == name
    assert fields(f'{UNIQUE} "{name}"\nDETAIL') == {"constraint_name": name}


@pytest.mark.parametrize(
    "tail", ['"h2s_disp', '"h2s_disp…', '"h2s_disp..."', '"', '"h2s\nnext line"', ""]
)
def test_half_a_name_is_no_name(tail: str) -> None:
    match = one(f"{UNIQUE} {tail}")
    assert (match.sqlstate, match.fields, match.cut) == ("23505", {}, True)


def test_class_23_gives_what_libpq_calls_these_fields() -> None:
    assert fields('insert or update on table "orders" violates foreign key constraint "fk"') == {
        "table_name": "orders",
        "constraint_name": "fk",
    }
    # the server's table field is the referencing one
    assert fields(
        'update or delete on table "p" violates foreign key constraint "fk" on table "c"'
    ) == {
        "referenced_table": "p",
        "constraint_name": "fk",
        "table_name": "c",
    }
    assert fields('null value in column "a" of relation "t" violates not-null constraint') == {
        "column_name": "a",
        "table_name": "t",
    }
    assert fields('null value in column "a" violates not-null constraint') == {"column_name": "a"}
    assert fields('value for domain d violates check constraint "c"') == {
        "datatype_name": "d",
        "constraint_name": "c",
    }
    restrict = one(
        'update or delete on table "p" violates RESTRICT setting of foreign key constraint "fk" on table "c"'
    )
    assert (restrict.sqlstate, restrict.value("constraint_name")) == ("23001", "fk")


def test_details_give_columns_and_values() -> None:
    match = one("DETAIL:  Key (lower(email::text), step)=(a@b.c, 1) already exists.")
    assert (match.kind, match.sqlstate) == ("detail", "23505")
    assert match.value("columns") == "lower(email::text), step"
    assert match.value("values") == "a@b.c, 1"
    assert (
        fields("Key (name)=(Skeleton Key (large)) already exists.")["values"]
        == "Skeleton Key (large)"
    )
    missing = fields('Key (product_id)=(7) is not present in table "products".')
    assert missing == {"columns": "product_id", "values": "7", "referenced_table": "products"}
    assert one("Failing row contains (1, null).").sqlstate == ""


def test_a_message_quoted_in_a_value_is_a_value() -> None:
    text = f'invalid input syntax for type uuid: "{UNIQUE} y"'
    assert [match.sqlstate for match in find_messages(text)] == ["22P02"]
    detail = f'Key (note)=({UNIQUE} "a_uq") already exists.'
    assert [match.kind for match in find_messages(detail)] == ["detail"]


def test_two_messages_come_in_order_and_do_not_overlap() -> None:
    text = (
        f'{UNIQUE} "a_uq"\nDETAIL:  Key (a)=(1) already exists.\n'
        "ERROR:  current transaction is aborted, commands ignored until end of transaction block"
    )
    found = find_messages(text)
    assert [match.sqlstate for match in found] == ["23505", "23505", "25P02"]
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_the_longest_template_claims_the_text() -> None:
    match = one('column "a" of relation "b" does not exist')
    assert match.template == 'column "%s" of relation "%s" does not exist'
    match = one('new row violates row-level security policy "p" for table "t"')
    assert match.value("policy_name") == "p"


@pytest.mark.parametrize(
    ("text", "sqlstate"),
    [
        ('invalid input syntax for type date: "x"', "22007"),
        ('invalid input syntax for type timestamp with time zone: ""', "22007"),
        ('invalid input syntax for type integer: "undefined"', "22P02"),
        ("canceling statement due to lock timeout", "55P03"),
        ("canceling statement due to statement timeout", "57014"),
        ("FATAL:  sorry, too many clients already", "53300"),
        ("permission denied for table orders", "42501"),
        ('column "x" of relation "t" does not exist', "42703"),
        ("operator does not exist: integer = text", "42883"),
        ("query_wait_timeout", "08P01"),
        ('ERROR:  role "x" does not exist', "42704"),
        ('FATAL:  role "x" does not exist', "28000"),
        ("FEHLER:  Rolle »x« existiert nicht", "42704"),
    ],
)
def test_other_messages_have_their_sqlstate(text: str, sqlstate: str) -> None:
    assert one(text).sqlstate == sqlstate


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The product is unique; a constraint on the key is the size of the lock.",
        "UNIQUE constraint failed: t.a, t.b",
        "Duplicate entry 'x' for key 'y'",
        "Violation of UNIQUE KEY constraint 'x'. Cannot insert duplicate key in object 'dbo.t'.",
        'E11000 duplicate key error collection: shop.orders index: x dup key: { a: "1" }',
        "ORA-00001: unique constraint (S.X) violated",
        "Your order 23505 could not be placed",
        "reintegrating out of rangefinder",
    ],
)
def test_other_texts_hold_no_message(text: str) -> None:
    assert find_messages(text) == []


def test_labels_are_those_of_all_languages() -> None:
    known = labels()
    assert (
        known["FEHLER"]
        == known["ERREUR"]
        == known["ОШИБКА"]
        == known["错误"]
        == known["ERROR"]
        == "ERROR"
    )
    assert known["DETALLE"] == known["DÉTAIL"] == known["詳細"] == known["ПОДРОБНОСТИ"] == "DETAIL"
    assert known["TIPP"] == known["ヒント"] == "HINT"


@pytest.mark.parametrize(
    "text",
    [
        "It calls a function which does not exist.",
        "The relation that does not exist was never there",
        "the schema you want does not exist",
        '{"type":"item","id":23505}\n{"type":"error","message":"it does not exist"}',
        "an invalid value for parameter size: large",
        'CSV import: null value in column "email" of row 5',
        "TypeError: null value in column 'zip' of the uploaded CSV (line 23502)",
    ],
)
def test_prose_with_the_words_of_a_light_template_is_prose(text: str) -> None:
    assert find_messages(text) == []


def test_a_light_message_says_that_it_stands_in_a_sentence() -> None:
    assert one("a deadlock detected in the worker pool").in_sentence
    assert one("Negotiation deadlock detected").in_sentence
    assert not one("ERROR:  deadlock detected\nDETAIL:").in_sentence
    assert not one('{"message":"deadlock detected","code":"40P01"}').in_sentence


def test_heavy_messages_are_found_without_any_quotes() -> None:
    match = one("insert or update on table orders violates foreign key constraint orders_fk")
    assert (match.unquoted, match.value("table_name"), match.value("constraint_name")) == (
        True,
        "orders",
        "orders_fk",
    )


@pytest.mark.parametrize(
    ("text", "sqlstate", "expected"),
    [
        ("ERROR:  duplicate key value violates uniq", "23505", {}),
        ('insert or update on table "orde', "23503", {}),
        ('insert or update on table "orders" viola…', "23503", {"table_name": "orders"}),
        ('null value in column "email" of rel... and more', "23502", {"column_name": "email"}),
        ("current transaction is aborted, commands ign", "25P02", {}),
        ("doppelter Schlüsselwert verletzt Unique-Constraint »x", "23505", {}),
        ('重複したキー値は一意性制約"x_uq"違反と', "23505", {"constraint_name": "x_uq"}),
        ('오류:  중복된 키 값이 "x_uq" 고유 제약 조건', "23505", {"constraint_name": "x_uq"}),
    ],
)
def test_a_message_that_breaks_off_is_known_by_what_is_left(
    text: str, sqlstate: str, expected: dict[str, str]
) -> None:
    match = one(text)
    assert (match.sqlstate, match.cut) == (sqlstate, True)
    assert {name: value for name, (value, _, _) in match.fields.items()} == expected


@pytest.mark.parametrize(
    "text",
    [
        'update or delete on table "a',
        "canceling statement due to",
        "permission denied for",
        "Key (a)=(b",
    ],
)
def test_what_is_left_of_several_messages_is_none_of_them(text: str) -> None:
    assert find_messages(text) == []
