"""TLS for one connection: version 1.2 or newer, host names checked, and a refusal named in words."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import certifi

from smoke.diagnostic import SmokeError
from smoke.model.exchange import ErrorKind, Phase
from smoke.system import READABLE, WRITABLE, trust_authorities
from smoke.transport.certificate import Certificate, explain_refusal, read_certificate
from smoke.transport.client_certificate import present, refusal
from smoke.transport.dial import dial_again
from smoke.transport.fault import Fault, reason_of
from smoke.transport.options import Options
from smoke.transport.record import ExchangeRecord
from smoke.transport.stream import Stream

if TYPE_CHECKING:  # TLS within TLS is for https through a proxy that speaks TLS itself
    from smoke.transport.layered_tls import LayeredTls


def make_context(options: Options, *, client: bool = False) -> ssl.SSLContext:
    """The context of a client, with its certificate if `client`. Raises SmokeError when a file cannot be used."""
    # as browsers do: the public authorities, and those that this machine trusts (a company's); with a file named,
    # Python looks for none in the environment
    if options.verify:
        context = ssl.create_default_context(cafile=certifi.where())
        trust_authorities(context)
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Python 3.13 and later refuse what no browser does, such as a company's authority without a key identifier
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if options.ca_file is not None:
        _trust(context, options.ca_file)
    if not options.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if client:
        present(context, options)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # some builds of Python 3.11 take a connection that was cut for one that was closed, as OpenSSL 1.1.1 did
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF
    context.set_alpn_protocols(["h2", "http/1.1"] if options.http2 else ["http/1.1"])
    return context


def _trust(context: ssl.SSLContext, file: str) -> None:
    """Trust the authorities of a file beside those that the context trusts already."""
    try:
        # what is no file (a named pipe) would never end
        if Path(file).exists() and not Path(file).is_file():
            raise SmokeError.of(
                "bad-ca-file", f"the CA file '{file}' cannot be used: it is no file"
            )
        context.load_verify_locations(file)
    except (OSError, ValueError) as error:
        reason = "it holds no certificate" if isinstance(error, ssl.SSLError) else None
        reason = reason or (reason_of(error) if isinstance(error, OSError) else "a bad path")
        raise SmokeError.of(
            "bad-ca-file", f"the CA file '{file}' cannot be used: {reason}"
        ) from error


def start_tls(
    stream: Stream,
    context: ssl.SSLContext,
    host: str,
    record: ExchangeRecord,
    *,
    direct: bool = True,
) -> str:
    """Go on over TLS; the protocol that ALPN chose, or "". Raises Fault, and then no request was sent.

    `direct` says that the other end of the socket is the server itself, and not a proxy.
    """
    record.phase = Phase.TLS
    record.deadline.reword(f"{host} did not finish the TLS handshake in time")
    try:
        sock = _wrapped(stream, context, host)
    except (ssl.SSLError, ValueError) as error:
        raise Fault(ErrorKind.TLS, f"no TLS with '{host}': {error}") from error
    stream.secure(sock)
    try:
        _shake_hands(sock, record)
    except ssl.SSLCertVerificationError as error:
        certificate = _shown_certificate(sock, host, record) if direct else None
        why = explain_refusal(error.verify_code, error.verify_message, host, certificate)
        raise Fault(ErrorKind.TLS, why) from error
    except ssl.SSLError as error:
        raise Fault(ErrorKind.TLS, _words(error, host)) from error
    except OSError as error:
        raise Fault(
            ErrorKind.TLS, f"{host} broke the TLS handshake off ({reason_of(error)})"
        ) from error
    record.tls = record.deadline.elapsed()
    return sock.selected_alpn_protocol() or ""


def _wrapped(stream: Stream, context: ssl.SSLContext, host: str) -> ssl.SSLSocket | LayeredTls:
    """A TLS socket over the stream's, which may be TLS with a proxy already. Raises ssl.SSLError or ValueError."""
    if stream.secured is not None:
        from smoke.transport.layered_tls import LayeredTls

        assert not isinstance(stream.secured, LayeredTls)  # there is one proxy
        return LayeredTls(stream.secured, context, host)
    return context.wrap_socket(
        stream.sock,
        server_hostname=host,
        do_handshake_on_connect=False,
        suppress_ragged_eofs=False,
    )


def _shake_hands(sock: ssl.SSLSocket | LayeredTls, record: ExchangeRecord) -> None:
    while True:
        try:
            sock.do_handshake()
        except ssl.SSLWantReadError:
            record.deadline.wait(sock.fileno(), READABLE)
        except ssl.SSLWantWriteError:
            record.deadline.wait(sock.fileno(), WRITABLE)
        else:
            return


def expiry(sock: ssl.SSLSocket | LayeredTls | None) -> datetime | None:
    """When the certificate of the other end expires; None where there is none that can be read."""
    der = sock.getpeercert(binary_form=True) if sock is not None else None
    certificate = read_certificate(der) if der else None
    return certificate.not_after if certificate is not None else None


def _shown_certificate(
    refused: ssl.SSLSocket | LayeredTls, host: str, record: ExchangeRecord
) -> Certificate | None:
    """The certificate that was refused: read on a second connection that trusts it, and sends nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        address = refused.getpeername()
        with (
            dial_again(address, record) as plain,
            context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False) as sock,
        ):
            _shake_hands(sock, record)
            der = sock.getpeercert(binary_form=True)
    except (OSError, ValueError, Fault):
        return None  # the refusal stands without its details
    return read_certificate(der) if der else None


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
    if said := refusal(error):
        return f"{host} {said}"
    reason = error.reason or ""
    for sign, words in _REASONS:
        if sign in reason:
            return words.format(host=host)
    readable = reason.lower().replace("_", " ") or str(error)
    return f"the TLS handshake with {host} failed: {readable}"
