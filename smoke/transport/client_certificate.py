"""The certificate that a client shows of itself: PEM files, checked before anything is sent, and what a server says against it."""

from __future__ import annotations

import ssl
from pathlib import Path

from smoke.diagnostic import SmokeError
from smoke.inputs import read_input
from smoke.transport.fault import reason_of
from smoke.transport.options import Options

_MOST = 1024 * 1024
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"
_KEY = b"PRIVATE KEY-----"
_ENCRYPTED = (
    b"-----BEGIN ENCRYPTED PRIVATE KEY-----",
    b"Proc-Type: 4,ENCRYPTED",
)  # RFC 7468 11, RFC 1421 4.6.1.1
_TO_PEM = "from PKCS #12: openssl pkcs12 -in client.p12 -out client.pem"
_OPENED_BY = "--client-key-password-env NAME: the environment variable that holds its password"

# alerts of RFC 8446 6.2 that a server sends only of the client's certificate, as OpenSSL names them
_ALERTS = (
    ("UNKNOWN_CA", "comes from an authority that it does not know"),
    ("CERTIFICATE_EXPIRED", "is expired"),
    ("CERTIFICATE_REVOKED", "is revoked"),
    ("CERTIFICATE_UNKNOWN", "is not accepted"),
    ("BAD_CERTIFICATE", "is not accepted"),
    ("UNSUPPORTED_CERTIFICATE", "is of a kind that it does not take"),
    ("ACCESS_DENIED", "may not be used there"),
)


def present(context: ssl.SSLContext, options: Options) -> None:
    """Have a context show the client certificate of options. Raises SmokeError when it cannot be used."""
    assert options.client_cert is not None
    file, key_file = options.client_cert, options.client_key or options.client_cert
    if _CERTIFICATE not in _read("--client-cert", file):
        raise _refused(f"--client-cert: '{file}' holds no certificate in PEM form", _TO_PEM)
    key = _read("--client-key" if options.client_key else "--client-cert", key_file)
    if _KEY not in key:
        hint = (
            "--client-key FILE names the file of its private key"
            if not options.client_key
            else _TO_PEM
        )
        raise _refused(f"'{key_file}' holds no private key in PEM form", hint)
    encrypted = any(mark in key for mark in _ENCRYPTED)
    if encrypted and not options.client_key_password:
        raise _refused(f"the private key in '{key_file}' is encrypted", _OPENED_BY)
    try:
        # never without one: OpenSSL would ask for it at the terminal
        context.load_cert_chain(file, key_file, password=options.client_key_password or "")
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise _refused(
                f"the private key in '{key_file}' is not that of the certificate in '{file}'",
                "the first certificate of the file is the client's own, those of its authorities follow",
            ) from error
        if encrypted:
            raise _refused(
                f"the private key in '{key_file}' does not open with the password", _OPENED_BY
            ) from error
        raise _refused(
            f"'{file}' and its key cannot be used: {error.reason or 'no PEM'}"
        ) from error
    except (OSError, ValueError) as error:
        raise _refused(f"'{file}' and its key cannot be used: {error}") from error


def check_file(file: str) -> None:
    """Refuse a file that cannot hold a client certificate or its key. Raises SmokeError."""
    _read("", file)


def refusal(error: ssl.SSLError) -> str:
    """What a server says against the client's certificate, in words; empty where its alert is about something else."""
    reason = error.reason or ""
    if "ALERT" in reason:
        for sign, words in _ALERTS:
            if reason.endswith(sign):
                return f"refused the client certificate: it {words}"
    return ""


def _read(option: str, file: str) -> bytes:
    before = f"{option}: " if option else ""
    try:
        # what is no file (a named pipe) would be read twice, and end once
        if Path(file).exists() and not Path(file).is_file():
            raise _refused(f"{before}'{file}' cannot be used: it is no file")
        return read_input(Path(file), _MOST)
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "a bad path"
        raise _refused(f"{before}'{file}' cannot be used: {reason}") from error


def _refused(words: str, *notes: str) -> SmokeError:
    return SmokeError.of("bad-client-cert", words, notes=list(notes))
