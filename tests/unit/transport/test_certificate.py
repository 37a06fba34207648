"""Certificates read as far as a refusal has to name them."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime

import trustme
from hypothesis import given, settings
from hypothesis import strategies as st

from smoke.transport.certificate import Certificate, explain_refusal, read_certificate

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
END = datetime(2055, 6, 7, 8, 9, 10, tzinfo=UTC)
CA = trustme.CA(organization_name="an authority")
LEAF = CA.issue_cert(
    "shop.example",
    "*.shop.example",
    "192.0.2.7",
    "2001:db8::1",
    common_name="the shop",
    not_before=START,
    not_after=END,
)
DER = ssl.PEM_cert_to_DER_cert(LEAF.cert_chain_pems[0].bytes().decode())


def test_dates_and_names_are_read() -> None:
    found = read_certificate(DER)
    assert found is not None
    assert (found.not_before, found.not_after) == (START, END)
    assert found.names == ("shop.example", "*.shop.example", "192.0.2.7", "2001:db8::1")


def test_an_authority_has_a_name() -> None:
    found = read_certificate(ssl.PEM_cert_to_DER_cert(CA.cert_pem.bytes().decode()))
    assert found is not None
    assert found.issuer == ""
    assert found.names == ()


@given(st.integers(0, len(DER) - 1), st.integers(0, 255))
@settings(max_examples=500)
def test_a_damaged_certificate_is_read_or_not(index: int, value: int) -> None:
    """The bytes are a server's: no value of any of them may break the explanation."""
    read_certificate(DER[:index] + bytes([value]) + DER[index + 1 :])
    read_certificate(DER[:index])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_certificate_or_not(data: bytes) -> None:
    read_certificate(data)


def test_refusals_without_a_certificate_are_still_words() -> None:
    for code in (9, 10, 18, 19, 20, 62, 64, 99):
        text = explain_refusal(code, "some reason", "shop.example", None)
        assert "the certificate of shop.example" in text
    assert "some reason" in explain_refusal(99, "some reason", "shop.example", None)


def test_many_names_are_shortened() -> None:
    many = Certificate(START, END, "", tuple(f"host{n}.example" for n in range(50)))
    text = explain_refusal(62, "", "shop.example", many)
    assert "host4.example" in text
    assert "host5.example" not in text
