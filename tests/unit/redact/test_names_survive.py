"""Redaction never touches what a finding is made of: SQLSTATEs, object names, details."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smoke.classify import sqlstate
from smoke.redact import Secrets, mask_text

SECRETS = Secrets.of({"API": "abcdef-123456", "DB": "p@ss w0rd"})
OBJECTS = [
    "token_session_uq",
    "password",
    "session",
    "api_key",
    "users_password_check",
    "card_token_fk",
    "h2s_dispatch_jobs_recipient_step_uq",
    "secret",
    "csrf_token_idx",
    "auth.sessions",
    "pin",
    "credentials_pkey",
]
MESSAGES = [
    'duplicate key value violates unique constraint "{}"',
    'null value in column "{}" of relation "users" violates not-null constraint',
    'insert or update on table "{}" violates foreign key constraint "orders_token_fkey"',
    'column "{}" does not exist',
    'column "{}" of relation "orders" already exists',
    'relation "{}" does not exist at character 15',
    'new row for relation "{}" violates check constraint "password_length_ck"',
    "permission denied for table {}",
    'Key (email)=(a@example.test) is not present in table "{}".',
    "select {} from users where password = $1 and token = $2",
    "where {}.token=sessions.token and u.password=v.password",
    'ERROR:  syntax error at or near "{}"',
    'LINE 1: select "{}" from t',
    "Key (session_id, step)=(17, 2) already exists in {}.",
]


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("name", OBJECTS)
def test_messages_stay_in_text_and_in_json(message: str, name: str) -> None:
    text = message.format(name)
    for form in (text, json.dumps({"message": text}), json.dumps(json.dumps({"detail": text}))):
        assert mask_text(form, SECRETS) == form


@given(
    st.lists(st.sampled_from(sorted(sqlstate.CONDITIONS)), min_size=1, max_size=50),
    st.sampled_from(OBJECTS),
    st.sampled_from(OBJECTS),
)
def test_error_fields_stay(codes: list[str], name: str, other: str) -> None:
    body = json.dumps(
        [
            {
                "code": code,
                "severity": "ERROR",
                "constraint": name,
                "table": other,
                "column": name,
                "schema": other,
                "constraint_name": name,
                "detail": f"Key ({name})=(7) already exists.",
                "routine": "_bt_check_unique",
                "where": f'COPY {name}, line 1, column email: "x"',
            }
            for code in codes
        ]
    )
    assert mask_text(body, SECRETS) == body


def test_every_sqlstate_stays() -> None:
    text = " ".join(sorted(sqlstate.CONDITIONS))
    assert mask_text(text, SECRETS) == text
    text = "\n".join(f"ERROR: {code}: token" for code in sorted(sqlstate.CONDITIONS))
    assert mask_text(text, SECRETS) == text
