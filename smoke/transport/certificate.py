"""A server's certificate as far as a refusal has to name it: its dates, its names, who signed it.

Python gives the fields of a certificate only when it was accepted, so the few that explain a refusal are read from its
DER form here (X.690; the structure is that of RFC 5280 4.1).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from datetime import UTC, datetime

from msgspec import Struct

from smoke.text import safe_line, shorten

_SEQUENCE = 0x30
_UTC_TIME = 0x17
_EXTENSIONS = 0xA3
_DNS_NAME = 0x82
_IP_ADDRESS = 0x87
_COMMON_NAME = b"\x55\x04\x03"
_SUBJECT_ALT_NAME = b"\x55\x1d\x11"
_NAMES_SHOWN = 5

# X509_V_ERR_* of OpenSSL's x509_vfy.h
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = 18
_UNKNOWN_ISSUERS = frozenset({2, 19, 20, 21, 27})
_WRONG_NAMES = frozenset({62, 64})


class Certificate(Struct, frozen=True):
    """What a refusal may speak of. `names` are those it is made out to."""

    not_before: datetime
    not_after: datetime
    issuer: str
    names: tuple[str, ...]


def explain_refusal(code: int, message: str, host: str, certificate: Certificate | None) -> str:
    """Why a certificate was refused. `code` and `message` are those of ssl.SSLCertVerificationError."""
    mine = f"the certificate of {host}"
    if code == _NOT_YET_VALID:
        since = f" before {certificate.not_before:%Y-%m-%d %H:%M} UTC" if certificate else " yet"
        return f"{mine} is not valid{since}"
    if code == _EXPIRED:
        when = f" on {certificate.not_after:%Y-%m-%d %H:%M} UTC" if certificate else ""
        return f"{mine} expired{when}"
    if code == _SELF_SIGNED:
        return f"{mine} is self-signed: no authority vouches for it"
    if code in _UNKNOWN_ISSUERS:
        who = f" '{certificate.issuer}'" if certificate and certificate.issuer else ""
        return f"{mine} comes from an authority{who} that is unknown here"
    if code in _WRONG_NAMES:
        names = ", ".join(certificate.names[:_NAMES_SHOWN]) if certificate else ""
        return f"{mine} is for {names or 'another name'}"
    return f"{mine} was refused: {message}"


def read_certificate(der: bytes) -> Certificate | None:
    """The fields of a certificate; None when they cannot be made out."""
    try:
        return _read(der)
    except (IndexError, ValueError, StopIteration):
        return None


def _read(der: bytes) -> Certificate:
    (outer,) = _items(der)
    signed = next(_items(outer[1]))[1]
    # version, serial number and signature algorithm come first; the version may be left out
    fields = list(_items(signed))
    sequences = [value for tag, value in fields if tag == _SEQUENCE]
    issuer, validity, subject = sequences[1], sequences[2], sequences[3]
    start, end = (_time(tag, value) for tag, value in _items(validity))
    names = _alternative_names(fields) or tuple(_common_names(subject))
    return Certificate(start, end, next(_common_names(issuer), ""), names)


def _items(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and value of each element (X.690 8.1). Raises IndexError or ValueError where it is none."""
    at = 0
    while at < len(data):
        tag, size = data[at], data[at + 1]
        at += 2
        if size & 0x80:
            count = size & 0x7F
            size = int.from_bytes(data[at : at + count], "big")
            at += count
        if at + size > len(data):
            raise ValueError("an element that is longer than its container")
        yield tag, data[at : at + size]
        at += size


def _time(tag: int, value: bytes) -> datetime:
    text = value.decode("ascii")
    if tag == _UTC_TIME:  # RFC 5280 4.1.2.5.1: two digits of the year, 50 and more mean 19xx
        text = ("19" if text[:2] >= "50" else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _common_names(name: bytes) -> Iterator[str]:
    for _, group in _items(name):
        for _, attribute in _items(group):
            (_, kind), (_, value) = _items(attribute)
            if kind == _COMMON_NAME:
                yield shorten(safe_line(value.decode("utf-8", "replace")), 100)


def _alternative_names(fields: list[tuple[int, bytes]]) -> tuple[str, ...]:
    names = []
    for tag, value in fields:
        if tag != _EXTENSIONS:
            continue
        for _, extension in _items(next(_items(value))[1]):
            parts = list(_items(extension))
            if parts[0][1] == _SUBJECT_ALT_NAME:
                names += [_name(*item) for item in _items(next(_items(parts[-1][1]))[1])]
    return tuple(name for name in names if name)


def _name(tag: int, value: bytes) -> str:
    if tag == _DNS_NAME:
        return shorten(safe_line(value.decode("latin-1")), 100)
    if tag == _IP_ADDRESS and len(value) in (4, 16):
        return str(ipaddress.ip_address(value))
    return ""
