"""What is wrong with a server's certificate, in words: its dates, its names, who signed it."""

from __future__ import annotations

from smoke.transport.record import Record

# X509_V_ERR_* of OpenSSL's x509_vfy.h
_NOT_YET_VALID = 9
_EXPIRED = 10
_SELF_SIGNED = 18
_SELF_SIGNED_IN_CHAIN = 19
_UNKNOWN_ISSUERS = frozenset({2, 20, 21, 27})
_WRONG_NAMES = frozenset({62, 64})


def explain_refusal(code: int, message: str, host: str, record: Record) -> str:
    """Why a certificate was refused. `code` and `message` are those of ssl.SSLCertVerificationError."""
    del record
    if code == _NOT_YET_VALID:
        return f"the certificate of {host} is not valid yet"
    if code == _EXPIRED:
        return f"the certificate of {host} has expired"
    if code == _SELF_SIGNED:
        return f"the certificate of {host} is self-signed, no authority vouches for it"
    if code == _SELF_SIGNED_IN_CHAIN:
        return f"the certificate of {host} comes from an authority that is not trusted here"
    if code in _UNKNOWN_ISSUERS:
        return f"the certificate of {host} comes from an authority that is not known here"
    if code in _WRONG_NAMES:
        return f"the certificate is for another name than {host}"
    return f"the certificate of {host} was refused: {message}"
