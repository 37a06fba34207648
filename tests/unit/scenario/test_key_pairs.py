"""Tokens that a key pair signs: vectors of the standards, another library's look at them, and what is refused."""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from smoke.diagnostic import SmokeError
from smoke.scenario.load import load_scenario
from smoke.scenario.scope import Scope, TemplateError
from smoke.scenario.template import render

# RFC 7515, appendix A.3
A3 = (
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
A3_KEY = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
}
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
SMALL = rsa.generate_private_key(public_exponent=65537, key_size=1024)
CURVES = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
EC = {name: ec.generate_private_key(curve) for name, curve in CURVES.items()}
ED = ed25519.Ed25519PrivateKey.generate()
KEYS: dict[str, Any] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA),
    **EC,
    "EdDSA": ED,
}


def private_pem(key: Any) -> str:
    made: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.decode()


def public_pem(key: Any) -> str:
    made: bytes = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return made.decode()


def given(written: str, **names: Any) -> Any:
    key = names.pop("secret", "")
    return render(f"{{{{ {written} }}}}", Scope(names=names, secrets={"KEY": key}))


def number(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_token_of_the_standard_is_verified_by_its_key_and_by_a_set_of_keys() -> None:
    keys = {"keys": [{**A3_KEY, "kid": "a"}, {"kty": "oct", "kid": "b", "k": "AAAA"}]}
    for key in (A3_KEY, {"keys": keys["keys"][:1]}):
        assert given("token | jwt_verify('ES256', key) | jwt_claim('iss')", token=A3, key=key) == "joe"  # fmt: skip
    (token,) = [given("c | jwt_sign('ES256', secrets.KEY, 'b')", c={}, secret=private_pem(EC["ES256"]))]  # fmt: skip
    with pytest.raises(TemplateError, match="a set of JWKs that ES256 can use"):
        given("token | jwt_verify('ES256', key)", token=token, key=keys)
    with pytest.raises(TemplateError, match="none of the set's keys has the 'kid'"):
        given("t | jwt_verify('ES256', key)", t=token, key={"keys": keys["keys"][:1]})
    changed = A3.replace("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJqb2Yi")
    with pytest.raises(TemplateError, match="not one of this key"):
        given("token | jwt_verify('ES256', key)", token=changed, key=A3_KEY)


@pytest.mark.parametrize("algorithm", KEYS)
def test_what_a_private_key_signs_its_public_key_verifies_and_no_other(algorithm: str) -> None:
    key = KEYS[algorithm]
    token = given(f"c | jwt_sign('{algorithm}', secrets.KEY)", c={"sub": "7"}, secret=private_pem(key))  # fmt: skip
    verify = f"token | jwt_verify('{algorithm}', key)"
    assert given(verify, token=token, key=public_pem(key)) == token
    other = ED if algorithm != "EdDSA" else ed25519.Ed25519PrivateKey.generate()
    with pytest.raises(TemplateError):
        given(verify, token=token, key=public_pem(other))


def test_a_key_that_is_too_small_for_a_token_has_not_signed_it() -> None:
    """A shop's set of keys is its own: one of them that is no use is none that signed."""
    numbers = RSA.public_key().public_numbers()
    jwks = [{"kty": "RSA", "n": "TQ", "e": "BQ"}, {"kty": "RSA", "n": _said(numbers.n), "e": "AQAB"}]  # fmt: skip
    token = given("c | jwt_sign('PS256', secrets.KEY)", c={}, secret=private_pem(RSA))
    verify = "t | jwt_verify('PS256', key)"
    assert given(verify, t=token, key={"keys": jwks}) == token
    with pytest.raises(TemplateError, match="not one of this key"):
        given(verify, t=token, key=jwks[0])


def _said(number: int) -> str:
    return base64.urlsafe_b64encode(number.to_bytes(256)).rstrip(b"=").decode()


def test_another_library_verifies_what_is_signed() -> None:
    token = given("c | jwt_sign('RS256', secrets.KEY, 'k1')", c={"sub": "7"}, secret=private_pem(RSA))  # fmt: skip
    said, _, signature = token.rpartition(".")
    RSA.public_key().verify(number(signature), said.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert json.loads(number(said.split(".")[0])) == {"alg": "RS256", "typ": "JWT", "kid": "k1"}
    token = given("c | jwt_sign('ES256', secrets.KEY)", c={"sub": "7"}, secret=private_pem(EC["ES256"]))  # fmt: skip
    said, _, signature = token.rpartition(".")
    both = number(signature)
    r, s = int.from_bytes(both[:32]), int.from_bytes(both[32:])
    EC["ES256"].public_key().verify(
        utils.encode_dss_signature(r, s), said.encode(), ec.ECDSA(hashes.SHA256())
    )


def test_a_key_in_one_line_is_read_as_variables_of_ci_systems_have_it() -> None:
    line = private_pem(RSA).replace("\n", "\\n")
    token = given("c | jwt_sign('RS256', secrets.KEY)", c={}, secret=line)
    assert given("t | jwt_verify('RS256', key)", t=token, key=public_pem(RSA)) == token


@pytest.mark.parametrize(
    ("written", "key", "words"),
    [
        ("c | jwt_sign('RS256', secrets.KEY)", "tr0ub4dor", "a private key in PEM that RS256 can use"),
        ("c | jwt_sign('RS256', secrets.KEY)", public_pem(RSA), "a public one signs nothing"),
        ("c | jwt_sign('ES256', secrets.KEY)", private_pem(EC["ES384"]), "a private key in PEM that ES256 can use"),
        ("c | jwt_sign('ES256', secrets.KEY)", private_pem(RSA), "a private key in PEM that ES256 can use"),
        ("c | jwt_sign('PS512', secrets.KEY)", private_pem(SMALL), "this one is too small for PS512"),
        ("c | jwt_sign('EdDSA', c)", "", "a private key in PEM that is a text"),
        ("t | jwt_verify('ES256', jwk)", "", "a private JWK belongs into no scenario"),
        ("t | jwt_verify('ES256', c)", "", "a public key in PEM, a JWK or a set of JWKs"),
        ("t | jwt_verify('RS256', secrets.KEY)", public_pem(RSA), "signed otherwise than by RS256"),
    ],
    ids=map(str, range(9)),  # keys are made anew by each worker, and names of tests must be the same
)  # fmt: skip
def test_what_is_no_key_is_told_without_a_word_of_it(written: str, key: str, words: str) -> None:
    with pytest.raises(TemplateError) as error:
        given(written, c={}, t=A3, jwk={**A3_KEY, "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}, secret=key)  # fmt: skip
    assert words in str(error.value)
    assert "MI" not in str(error.value)
    assert "tr0ub" not in str(error.value)


def test_a_package_that_is_not_there_is_named_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        "name: a\nsecrets: [KEY]\nvariables: {c: {sub: x}}\nsteps:\n- name: A\n"
        "  request: {url: /, bearer: \"{{ c | jwt_sign('ES256', secrets.KEY) }}\"}\n",
        encoding="utf-8",
    )
    load_scenario(path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "jwt"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "jwt", None)
    with pytest.raises(SmokeError) as refused:
        load_scenario(path)
    (found,) = refused.value.diagnostics
    assert found.code == "jwt-missing"
    assert found.span is not None
    assert (found.span.line, found.span.column) == (6, 30)
    assert "python3 -m pip install" in found.message
