"""The manual's page on values: its scenarios, against a shop that reckons for itself."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm

from smoke.app.options import RunOptions
from smoke.model.run import Outcome
from smoke.scenario.scope import Scope
from smoke.scenario.template import render
from tests.support.documents import ROOT, blocks_of
from tests.support.running import run_text
from tests.support.scripted import scripted

KEY = "a-signing-key-of-nobody"


def example(name: str) -> str:
    blocks = blocks_of(ROOT / "docs" / "how-to" / "values.md")
    (text,) = (block.text for block in blocks if f"name: {name}\n" in block.text)
    return text


def test_a_slot_in_three_days_and_a_total_without_binary_fractions(tmp_path: Path) -> None:
    with scripted() as shop:
        shop.on("POST /api/slots", status=201)
        run = run_text(tmp_path, shop.url, example("slot"))
        sent = json.loads(shop.seen[-1][3])
    assert run.outcome is Outcome.PASSED
    there = datetime.now(UTC) + timedelta(days=3)
    days = {
        (there - timedelta(minutes=back)).astimezone(ZoneInfo("Europe/Paris")) for back in (0, 5)
    }
    assert sent["day"] in {f"{day:%Y-%m-%d}" for day in days}
    assert str(sent["total"]) == "54.75"


def test_a_signature_that_the_shop_could_verify_is_in_no_evidence(tmp_path: Path) -> None:
    with scripted() as shop:
        shop.on("POST /api/signed", status=201)
        run = run_text(tmp_path, shop.url, example("signed"), environ={"SIGNING_KEY": KEY})
        (_, _, headers, body) = shop.seen[-1]
    assert run.outcome is Outcome.PASSED
    signed = hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()
    assert {name.lower(): value for name, value in headers.items()}["x-signature"] == signed
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert KEY.encode() not in kept
    assert signed.encode() not in kept


def test_a_token_of_a_key_pair_is_signed_and_verified_and_no_key_is_kept(tmp_path: Path) -> None:
    pem = private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
    of_shop = ec.generate_private_key(ec.SECP256R1())
    jwk = {**ECAlgorithm.to_jwk(of_shop.public_key(), as_dict=True), "kid": "k1"}
    token = render(
        "{{ c | jwt_sign('ES256', k, 'k1') }}",
        Scope(names={"c": {"sub": "ann"}, "k": private_pem(of_shop)}),
    )
    lines = pem.splitlines()
    with scripted() as shop:
        shop.on("GET /.well-known/jwks.json", body={"keys": [jwk]})
        told = [
            pem,
            pem.replace("\n", "\\n"),
            "\r\n".join(lines),
            "".join(lines),
            json.dumps(pem),
            "".join(lines[1:-1]),
            "\n".join(lines[1:-1]),
        ]
        shop.on("POST /api/token", body={"id_token": token, "error": told})
        shop.on("GET /api/customers/ann", body={"ok": True})
        run = run_text(tmp_path, shop.url, example("key-pair"), environ={"CLIENT_KEY": pem})
        signed = json.loads(shop.seen[1][3])["assertion"].rpartition(".")[2]
        shop.on("POST /api/token", body={"id_token": str(token)[:-8] + "AAAAAAAA"})
        other = run_text(tmp_path, shop.url, example("key-pair"), environ={"CLIENT_KEY": pem})
    assert (run.outcome, other.outcome) == (Outcome.PASSED, Outcome.FAILED)
    assert shop.paths()[-1] == "POST /api/token"
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert str(jwk["x"]).encode() in kept
    for secret in (*lines[1:-1], signed, str(token).rpartition(".")[2]):
        assert secret.encode() not in kept


def private_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    made = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.decode()


def test_values_from_outside_come_from_the_files_that_are_shown(tmp_path: Path) -> None:
    shown = {block.title: block.text for block in blocks_of(ROOT / "docs" / "how-to" / "values.md")}
    for name in (".env", "staging.json"):
        (tmp_path / name).write_text(shown[name], encoding="utf-8")
    env_files = (str(tmp_path / ".env"),)
    vars_files = (str(tmp_path / "staging.json"),)
    with scripted() as shop:
        shop.on("POST /api/shop", status=201)
        run_text(
            tmp_path, shop.url, example("from-outside"), options=RunOptions(vars_files=vars_files)
        )
        run_text(
            tmp_path, shop.url, example("from-outside"), options=RunOptions(env_files=env_files)
        )
        sent = [json.loads(body) for _, _, _, body in shop.seen]
    assert sent == [
        {"email": "ann@shop.example", "quantity": 3},
        {"email": "ann@shop.example", "quantity": 1},
    ]
