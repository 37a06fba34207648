"""TLS for one connection: version 1.2 or newer, host names checked, and a refusal named in words."""

from __future__ import annotations

import ssl

import httpx

from smoke.diagnostic import SmokeError
from smoke.model.exchange import ErrorKind, Phase
from smoke.transport.certificate import explain_refusal
from smoke.transport.deadline import READABLE, WRITABLE
from smoke.transport.fault import Fault, reason_of
from smoke.transport.options import Options
from smoke.transport.record import Record
from smoke.transport.stream import Stream

_NOT_SENT = "no request was sent"


def make_context(options: Options) -> ssl.SSLContext:
    """The context of a client. Raises SmokeError when the file of authorities cannot be used."""
    if options.ca_file is None:
        context = httpx.create_ssl_context(verify=options.verify, trust_env=False)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(options.ca_file)
        except (OSError, ssl.SSLError) as error:
            reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else None
            raise SmokeError.of(
                "bad-ca-file",
                f"the CA file '{options.ca_file}' cannot be used: {reason or reason_of(error)}",
            ) from error
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2", "http/1.1"] if options.http2 else ["http/1.1"])
    return context


def start_tls(stream: Stream, context: ssl.SSLContext, host: str, record: Record) -> str:
    """Go on over TLS; the protocol that ALPN chose, or "". Raises Fault, and then no request was sent."""
    record.phase = Phase.TLS
    plain = stream.sock
    try:
        sock = context.wrap_socket(
            plain, server_hostname=host, do_handshake_on_connect=False, suppress_ragged_eofs=False
        )
    except (ssl.SSLError, ValueError) as error:
        raise Fault(ErrorKind.TLS, f"no TLS with '{host}': {error}; {_NOT_SENT}") from error
    stream.secure(sock)
    try:
        _shake_hands(sock, record)
    except ssl.SSLCertVerificationError as error:
        why = explain_refusal(error.verify_code, error.verify_message, host, record)
        raise Fault(ErrorKind.TLS, f"{why}; {_NOT_SENT}") from error
    except ssl.SSLError as error:
        raise Fault(ErrorKind.TLS, f"{_words(error, host)}; {_NOT_SENT}") from error
    except OSError as error:
        raise Fault(
            ErrorKind.TLS, f"{host} broke the TLS handshake off ({reason_of(error)}); {_NOT_SENT}"
        ) from error
    record.tls = record.deadline.elapsed()
    return sock.selected_alpn_protocol() or ""


def _shake_hands(sock: ssl.SSLSocket, record: Record) -> None:
    while True:
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            record.deadline.wait(sock.fileno(), READABLE)
        except ssl.SSLWantWriteError:
            record.deadline.wait(sock.fileno(), WRITABLE)
        else:
            return


# OpenSSL's reasons (ssl.SSLError.reason), and what they mean to a person
_REASONS = (
    ("WRONG_VERSION_NUMBER", "{host} answered something that is no TLS (is it an http:// port?)"),
    ("HTTP_REQUEST", "{host} answered something that is no TLS (is it an http:// port?)"),
    ("RECORD_LAYER_FAILURE", "{host} answered something that is no TLS (is it an http:// port?)"),
    ("PACKET_LENGTH_TOO_LONG", "{host} answered something that is no TLS (is it an http:// port?)"),
    ("UNSUPPORTED_PROTOCOL", "{host} speaks only TLS older than 1.2"),
    ("PROTOCOL_VERSION", "{host} speaks only TLS older than 1.2"),
    ("CERTIFICATE_REQUIRED", "{host} wants a client certificate"),
    (
        "HANDSHAKE_FAILURE",
        "{host} refused the handshake (it may want a client certificate, or other ciphers)",
    ),
    ("UNRECOGNIZED_NAME", "{host} has no certificate for that name"),
    ("UNEXPECTED_EOF", "{host} closed the connection within the TLS handshake"),
    ("ZERO_RETURN", "{host} closed the connection within the TLS handshake"),
)


def _words(error: ssl.SSLError, host: str) -> str:
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return f"{host} closed the connection within the TLS handshake"
    reason = error.reason or ""
    for sign, words in _REASONS:
        if sign in reason:
            return words.format(host=host)
    readable = reason.lower().replace("_", " ") or str(error)
    return f"the TLS handshake with {host} failed: {readable}"
