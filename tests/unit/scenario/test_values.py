"""Filters that reckon: times, money, digests, tokens; arguments that are names; what they refuse."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from smoke.diagnostic import SmokeError
from smoke.engine.services import SecretBox
from smoke.model.numbers import fraction, json_text
from smoke.redact import Secrets, mask_text
from smoke.scenario.load import load_scenario
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render

NOW = datetime(2026, 11, 29, 3, 10, 0, 400_000, tzinfo=UTC)
# RFC 7515, appendix A.1: the token; its key is given there in Base64 for URLs and is no text, so it is only read
A1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
# jwt.io's own example
JWT_IO = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c"
)
NAMES: dict[str, Any] = {
    "t": "2026-11-29T03:10:00Z",
    "d": "2024-02-29",
    "price": fraction("19.90"),
    "text": "19.90",
    "a1": A1,
    "token": JWT_IO,
    "claims": {"sub": "1234567890", "name": "John Doe", "iat": 1516239022},
    "items": [{"total": 0.1}, {"total": "0.2"}],
    "three": 3,
    "step": "90 minutes",
    "http": "Sun, 06 Nov 1994 08:49:37 GMT",
}


def rendered(written: str) -> str:
    value = render(
        f"{{{{ {written} }}}}", Scope(names=NAMES, secrets={"KEY": "Jefe"}, now=lambda: NOW)
    )
    return value if isinstance(value, str) else json_text(value)


@pytest.mark.parametrize(
    ("written", "gives"),
    [
        ("now", "2026-11-29T03:10:00Z"),
        ("now | plus('3 days') | date('%Y-%m-%d')", "2026-12-02"),
        ("now | minus('1 day 2 hours')", "2026-11-28T01:10:00Z"),
        ("text | list | first", "19.90"),
        ("items | list | length", "2"),
        ("three | list", "[3]"),
        ("missing | default('') | list", '[""]'),
        ("t | plus(step)", "2026-11-29T04:40:00Z"),
        ("t | plus('1 month')", "2026-12-29T03:10:00Z"),
        ("d | plus('1 year')", "2025-02-28"),
        ("d | minus('1 month')", "2024-01-29"),
        ("t | zone('Europe/Berlin')", "2026-11-29T04:10:00+01:00"),
        ("t | zone('America/St_Johns') | date('%d.%m.%y %I:%M %p %z')", "28.11.26 11:40 PM -0330"),
        ("t | date('%A, %d %B %Y %H:%M:%S.%f, %a %b %j %%')", "Sunday, 29 November 2026 03:10:00.000000, Sun Nov 333 %"),
        ("t | unix", "1795921800"),
        ("t | unix | from_unix", "2026-11-29T03:10:00Z"),
        ("http | plus('1 second')", "1994-11-06T08:49:38Z"),
        ("price | times(2)", "39.80"),
        ("text | plus(0.1)", "20.00"),
        ("price | minus(text)", "0.00"),
        ("price | times(0.19) | round(2)", "3.78"),
        ("price | times(100) | round(0)", "1990"),
        ("three | divided_by(8)", "0.375"),
        ("three | minus(5) | divided_by(3, 2)", "-0.67"),
        ("three | times(0.5) | round(0, 'half_even')", "2"),
        ("three | times(0.75) | round(1, 'down')", "2.2"),
        ("three | round(2)", "3.00"),
        ("items | sum('total')", "0.3"),
        ("a1 | jwt_claim('iss')", "joe"),
        ("token | jwt_claim('iat') | from_unix", "2018-01-18T01:30:22Z"),
        ("claims | jwt_sign('HS256', 'your-256-bit-secret')", JWT_IO),
        ("token | jwt_verify('HS256', 'your-256-bit-secret') | jwt_claim('sub')", "1234567890"),
        ("text | base64url", "MTkuOTA"),
        ("text | base64url | base64_decode", "19.90"),
        ("fake.number(3, 3)", "3"),
    ],
)  # fmt: skip
def test_what_filters_give(written: str, gives: str) -> None:
    assert rendered(written) == gives


def test_hmac_of_the_standards() -> None:
    """RFC 2202 and RFC 4231, test case 2 of each."""
    scope = Scope(names={"data": "what do ya want for nothing?"}, secrets={"KEY": "Jefe"})
    found = [render(f"{{{{ data | hmac('{name}', secrets.KEY) }}}}", scope) for name in ("md5", "sha1", "sha256")]  # fmt: skip
    assert found == [
        "750c783e6ab0b503eaa86e310a5db738",
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ]
    assert render("{{ data | hmac('sha1', secrets.KEY, 'base64') }}", scope) == "7/zfauXrL6LSdBbV8YTfnCWafHk="  # fmt: skip


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("d | plus('2 hours')", "a date has no hours"),
        ("text | plus('3 days')", "takes a date or a time such as"),
        ("t | plus('9999999 years')", "out of the years"),
        ("d | unix", "distance from UTC"),
        ("three | divided_by(7)", "digits without an end"),
        ("three | times('1e99') | times('1e99')", "digits"),
        ("t | times(2)", "not this text"),
        ("items | sum('price')", "the item [0] has no 'price'"),
        ("text | jwt_claim('sub')", "three texts with dots"),
        ("token | jwt_claim('sup')", "did you mean 'sub'?"),
        ("token | jwt_verify('HS256', 'another key')", "not one of this key"),
        ("token | jwt_verify('HS512', 'a key')", "signed otherwise"),
        ("text | base64_decode", "Base64"),
        ("text | replace(nothing, text)", "nothing is called 'nothing'"),
    ],
)
def test_what_filters_refuse(written: str, words: str) -> None:
    with pytest.raises(TemplateError) as error:
        rendered(written)
    assert words in str(error.value)


WRONG = {
    "now | plus('3 dayz')": "did you mean '3 days'?",
    "now | plus('soon')": "takes a time such as '3 days'",
    "now.day": "now is a text",
    "now | date('%Q')": "there is no '%Q' in a format",
    "now | date('%s')": "did you mean '%S'?",
    "now | date": "takes one argument, not 0",
    "now | zone('Europe/Berln')": "did you mean 'Europe/Berlin'?",
    "now | zone('+01:00')": "there is no time zone '+01:00'",
    "now | zone('../../etc/passwd')": "there is no time zone",
    "email | hmac('sha265', 'k')": "did you mean 'sha256'?",
    "email | hmac('sha256')": "takes two arguments or 3, not 1",
    "email | hmac('sha256', sekrets.K)": "there is no name 'sekrets' here",
    "email | sha512('base46')": "did you mean 'base64'?",
    "email | jwt_sign('RS265', 'k')": "did you mean 'RS256'?",
    "email | jwt_sign('none', 'k')": "not 'none'",
    "email | jwt_claim('')": "takes a text with something in it",
    "email | times('two')": "takes a number such as 19.90",
    "email | divided_by(0)": "nothing is divided by zero",
    "email | round(2.5)": "places behind the point, from 0 to 20",
    "email | round(2, 'half_down')": "rounds half_up, half_even, up, down",
    "email | base64_dekode": "base64_decode",
    "fake.number(6, 1)": "the least and the largest",
    "fake.number": "the least and the largest",
    "fake.choice()": "values to choose from",
    "email | plus(fake.nmber)": "did you mean 'fake.number'?",
    "email | default(env.SMOKE_NONE.x)": "a variable of the environment is env.NAME",
}


def test_each_wrong_way_is_told_with_its_place(tmp_path: Path) -> None:
    lines = [f'      - "{{{{ {written} }}}}"' for written in WRONG]
    path = tmp_path / "wrong.yaml"
    path.write_text(
        "name: wrong\nsummary: S.\npassed: P\nvariables: {email: e}\nsteps:\n- name: A\n  request:\n    url: /\n    json:\n"
        + "\n".join(lines)
    )
    with pytest.raises(SmokeError) as error:
        load_scenario(path)
    told: dict[int, str] = {}
    for each in error.value.diagnostics:
        assert each.span is not None
        told[each.span.line] = f"{each.message} {each.label} did you mean '{each.suggestion}'?"
    for at, words in enumerate(WRONG.values(), start=10):
        assert words in told.get(at, "nothing"), at


def test_random_choices_are_the_same_for_the_same_seed() -> None:
    text = "{{ fake.number(1, 1000000) }} {{ fake.choice('S', 'M', 'L') }} {{ fake.choice(sizes) }} {{ fake.uuid }}"
    names: dict[str, Any] = {"sizes": [38, 40, 42]}
    first, again, other = (render(text, Scope(seed=seed, names=names)) for seed in "aab")
    assert first == again != other


@pytest.mark.parametrize(
    "written",
    ["k | base64url", "k | sha512", "k | hmac('sha256', 'public')", "m | hmac('sha256', k)", "m | hmac('sha1', k, 'base64')",
     "claims | jwt_sign('HS256', k)", "k | base64 | base64_decode | upper", "digits | plus(1)"],
)  # fmt: skip
def test_what_is_made_of_a_secret_is_one(written: str) -> None:
    secret, digits = "tr0ub4dor-and-3", "482913770211"
    box = SecretBox(Secrets.of({"K": secret, "DIGITS": digits}), None)
    names: dict[str, Any] = {
        "k": secret,
        "m": "a message",
        "claims": {"sub": "7"},
        "digits": digits,
    }
    value = render(f"{{{{ {written} }}}}", Scope(names=names, watch=box.derived))
    text = value if isinstance(value, str) else json_text(value)
    signature = text.rpartition(".")[2]
    assert signature not in mask_text(f"before {text} behind", box.current)


def test_a_secret_that_was_not_taken_makes_no_other_value_one() -> None:
    box = SecretBox(Secrets.of({"K": "tr0ub4dor-and-3"}), None)
    scope = Scope(
        names={"given": "plain-value-77"}, secrets={"K": "tr0ub4dor-and-3"}, watch=box.derived
    )
    assert render("{{ given | default(secrets.K) | upper }}", scope) == "PLAIN-VALUE-77"
    assert mask_text("PLAIN-VALUE-77", box.current) == "PLAIN-VALUE-77"
    taken = render("{{ missing | default(secrets.K) | sha512 }}", scope)
    assert mask_text(str(taken), box.current) != taken
