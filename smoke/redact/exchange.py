"""`redact`: the only producer of `Exchange`."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from msgspec.structs import replace

from smoke.model.exchange import (
    Body,
    Exchange,
    Headers,
    RawBody,
    RawExchange,
    RawResponse,
    Redaction,
    Response,
    StoredRequest,
)
from smoke.redact.headers import learned, mask_headers
from smoke.redact.masker import MAX_LISTED, SHORTEST, Took, mask_whole, mask_with
from smoke.redact.matches import MaskReason
from smoke.redact.secrets import Secrets
from smoke.redact.values import decoded

TAIL_CONTEXT = 64 * 1024
"""Bytes at the beginning of a tail that are only looked at: a secret that begins before it is not longer."""

Keep = Callable[[str, bytes], Body]
"""Takes a part's name (`request`, `response`, `tail`, `wire`, `undecoded`, `leftover`) and masked bytes; says where they lie."""


class _Redactor:
    """Masks the parts of one exchange and counts."""

    def __init__(self, secrets: Secrets, keep: Keep, digest_key: bytes, took: Took | None) -> None:
        self.took = took
        self.secrets = secrets
        self.keep = keep
        self.digest_key = digest_key
        self.redactions: list[Redaction] = []
        self.count = 0
        self.notes: list[str] = []

    def note(self, redactions: list[Redaction] | tuple[Redaction, ...], count: int) -> None:
        self.redactions.extend(redactions[: MAX_LISTED - len(self.redactions)])
        self.count += count

    def small(self, data: bytes, part: str) -> bytes:
        text, redactions, count = mask_with(data, self.secrets, part, took=self.took)
        self.note(redactions, count)
        return text

    def text(self, text: str, part: str) -> str:
        if len(text) < SHORTEST:
            return text
        return decoded(self.small(text.encode("utf-8", "surrogatepass"), part))

    def headers(self, headers: Headers, part: str) -> Headers:
        kept, redactions, count = mask_headers(headers, self.secrets, part, self.took)
        self.note(redactions, count)
        return kept

    def body(self, data: bytes, part: str, name: str) -> Body:
        """A whole body masked and kept; its originals' size and digest are told when it changed."""
        text, redactions, count = mask_whole(data, self.secrets, part, self.took)
        self.note(redactions, count)
        digest = payload_digest(data, self.digest_key) if count and self.digest_key else ""
        return replace(self.keep(name, text), original_size=len(data), original_digest=digest)

    def optional(self, data: bytes, part: str) -> Body | None:
        return self.body(data, part, part) if data else None


def media_type_of(headers: Headers) -> tuple[str, str]:
    """Media type and charset of a Content-Type header, in lower case; empty where it says nothing."""
    for name, value in headers:
        if name.lower() == b"content-type":
            kind, *parameters = value.decode("latin-1").split(";")
            for parameter in parameters:
                key, _, charset = parameter.partition("=")
                if key.strip().lower() == "charset":
                    return kind.strip().lower(), charset.strip(" \t\"'").lower()
            return kind.strip().lower(), ""
    return "", ""


def _response_body(redactor: _Redactor, response: RawResponse) -> Body:
    raw: RawBody = response.body
    media_type, charset = media_type_of(response.headers)
    body = raw.stored
    before = redactor.count
    if body is None and raw.window.omitted:
        body = _apart(redactor, raw)
    elif body is None:
        body = redactor.body(raw.window.head, "body", "response")
    else:
        redactor.note(raw.redactions, max(len(raw.redactions), raw.redaction_count))
    body = replace(
        body,
        media_type=redactor.text(media_type, "body"),
        charset=redactor.text(charset, "body"),
        content_encoding=redactor.text(raw.content_encoding, "body"),
        decoded=raw.decoded,
        decode_error=redactor.text(raw.decode_error, "body"),
        wire_size=raw.wire_size,
        declared_size=raw.declared_size,
    )
    if raw.wire is None:
        return body
    if redactor.count > before:
        redactor.notes.append(
            "the undecoded bytes are withheld: the part that could be decoded has secrets in it"
        )
        return body
    wire = redactor.body(raw.wire, "wire", "wire")
    return replace(body, wire_path=wire.path, wire_sha256=wire.sha256)


def _apart(redactor: _Redactor, raw: RawBody) -> Body:
    """Head and tail of a body that the disk did not take, in two files: joined they would be a body that never came.

    The tail may begin within a secret: what is masked there goes, with enough around it that any secret is whole.
    """
    window = raw.window
    head = redactor.body(window.head, "body", "response")
    text, redactions, count = mask_whole(window.tail, redactor.secrets, "tail")
    redactor.note(redactions, count)
    begin = min(len(text), TAIL_CONTEXT)
    tail = redactor.keep("tail", text[begin:])
    return replace(
        head,
        original_size=window.size,
        original_digest="",
        omitted=head.omitted + window.omitted + begin + tail.omitted,
        tail_path=tail.path,
        tail_size=tail.size if tail.path else 0,
        tail_sha256=tail.sha256 if tail.path else "",
    )


def learning(secrets: Secrets, *headers: Headers) -> Secrets:
    """The secrets and the credentials that headers carry; for the masker of a streamed body, too."""
    for block in headers:
        for name, value in learned(block):
            secrets = secrets.adding(name, value, kind=MaskReason.LEARNED)
    return secrets


def redact(
    raw: RawExchange,
    secrets: Secrets,
    keep: Keep,
    *,
    started_at: str,
    digest_key: bytes = b"",
    took: Took | None = None,
) -> Exchange:
    """The exchange with every secret masked and its bodies handed to `keep`.

    Credentials that its headers carry are secrets too, declared or not, wherever the server repeats them.
    `digest_key` is random, of one run, and never stored; without it originals have no digest.
    `took` is told of everything that is masked, for it to be known again; it must keep that in memory only.
    """
    response = raw.response
    secrets = learning(secrets, raw.request.headers, response.headers if response else ())
    redactor = _Redactor(secrets, keep, digest_key, took)
    request = _request(redactor, raw)
    answer = None if response is None else _response(redactor, response)
    error = raw.error
    if error is not None:
        error = replace(error, message=redactor.text(error.message, "error"))
    return Exchange(
        id=raw.id,
        request=request,
        response=answer,
        error=error,
        timing=raw.timing,
        peer=raw.peer,
        undecoded=redactor.optional(raw.undecoded, "undecoded"),
        leftover=redactor.optional(raw.leftover, "leftover"),
        redactions=tuple(redactor.redactions),
        redaction_count=redactor.count,
        started_at=started_at,
        notes=tuple(redactor.notes),
    )


def _response(redactor: _Redactor, response: RawResponse) -> Response:
    return Response(
        status=response.status,
        reason=redactor.small(response.reason, "reason"),
        http_version=redactor.text(response.http_version, "http_version"),
        headers=redactor.headers(response.headers, "header"),
        body=_response_body(redactor, response),
        completeness=response.body.completeness,
        trailers=redactor.headers(response.trailers, "trailer"),
        interim=tuple(
            (status, redactor.headers(headers, "interim")) for status, headers in response.interim
        ),
    )


def _request(redactor: _Redactor, raw: RawExchange) -> StoredRequest:
    sent = raw.request
    url = redactor.text(sent.url, "url")
    headers = redactor.headers(sent.headers, "request:header")
    digests: list[tuple[str, str]] = []
    if redactor.digest_key:
        parts = [("url", sent.url.encode("utf-8", "replace"))] if url != sent.url else []
        for (name, value), shown in zip(sent.headers, headers, strict=True):
            if shown != (name, value):
                parts.append((f"header {shown[0].decode('latin-1').lower()}", value))
        digests = [(place, payload_digest(value, redactor.digest_key)) for place, value in parts]
    return StoredRequest(
        method=redactor.text(sent.method, "method"),
        url=url,
        headers=headers,
        body=_request_body(redactor, raw),
        digests=tuple(digests),
    )


def _request_body(redactor: _Redactor, raw: RawExchange) -> Body:
    if not raw.request.body:
        return Body()
    media_type, charset = media_type_of(raw.request.headers)
    body = redactor.body(raw.request.body, "request:body", "request")
    size = len(raw.request.body)
    if raw.request.gzip:
        size = next((int(v) for k, v in raw.request.headers if k == b"Content-Length"), size)
        body = replace(body, content_encoding="gzip")
    return replace(body, media_type=media_type, charset=charset, wire_size=size)


def payload_digest(data: bytes, key: bytes) -> str:
    """The keyed digest of a payload (HMAC-SHA-256): equal payloads of a run can be told apart from others."""
    return hmac.new(key, data, hashlib.sha256).hexdigest()
