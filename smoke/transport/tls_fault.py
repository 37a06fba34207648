"""What the errors of a TLS connection mean that broke after its handshake. Loaded when one did."""

from __future__ import annotations

import ssl

from smoke.model.exchange import ErrorKind
from smoke.transport.client_certificate import refusal
from smoke.transport.fault import Fault


def is_cut(error: ssl.SSLError) -> bool:
    """Whether the connection ended without close_notify; Python 3.11.2 has no class of its own for OpenSSL 3's word."""
    return isinstance(error, ssl.SSLEOFError) or error.reason == "UNEXPECTED_EOF_WHILE_READING"


def alert(error: ssl.SSLError) -> Fault:
    """The fault of a TLS connection that broke after its handshake."""
    if "ALERT_BAD_CERTIFICATE" not in (error.reason or "") and (said := refusal(error)):
        return Fault(ErrorKind.TLS, f"the server {said}")
    reason = (error.reason or str(error)).lower().replace("_", " ")
    if "certificate required" in reason or "bad certificate" in reason:
        # TLS 1.3 servers refuse a missing client certificate only after the client thinks it is connected
        return Fault(ErrorKind.TLS, "the server wants a client certificate")
    return Fault(ErrorKind.TLS, f"the TLS connection broke: {reason}")
