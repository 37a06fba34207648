"""Asks an authorization server for a token: `oauth: {token_url: …, client_id: …, client_secret: "{{ secrets.NAME }}"}`."""

from __future__ import annotations

import base64
import functools
import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote_plus, urlencode

from smoke.model import numbers
from smoke.model.exchange import RawResponse
from smoke.scenario.base import Field, Model
from smoke.scenario.traits import Sends
from smoke.scenario.value_types import Duration
from smoke.steps._session import Built, Making
from smoke.steps._url import BuildError, url_faults

_NOBODY = "an authorization server"
"""A customer of its own: an authorization server has none of the shop's cookies."""
_DIGITS = 9
"""Of a number of seconds: more than thirty years."""
_VISIBLE = range(0x20, 0x7F)
"""What a client's id and secret are made of (RFC 6749, appendices A.1 and A.2)."""

Fault = tuple[tuple[str, ...], str, str]


class Spec(Model):
    """A token by client credentials (RFC 6749, 4.4), or by a refresh token (6)."""

    token_url: str = Field(
        min_length=1,
        description="The token endpoint: a path below the target's URL, or the URL of an allowed origin",
        examples=["https://login.example/oauth/token"],
    )
    client_id: str = Field(
        min_length=1, description="Who asks, as a template", examples=["smoke-tests"]
    )
    client_secret: str | None = Field(
        None,
        min_length=1,
        description="Its secret, as a template that gives it",
        examples=["{{ secrets.SHOP_CLIENT_SECRET }}"],
    )
    client_auth: Literal["basic", "body"] = Field(
        "basic",
        description="Where id and secret stand: basic (the Authorization header) or body",
        examples=["body"],
    )
    refresh_token: str | None = Field(
        None,
        min_length=1,
        description="Ask with this refresh token, instead of client credentials",
        examples=["{{ refresh_token }}"],
    )
    scope: str | None = Field(
        None,
        min_length=1,
        description="What the token is to be good for, words with spaces between them",
        examples=["orders:read orders:write"],
    )
    audience: str | None = Field(
        None,
        min_length=1,
        description="Whom the token is for, where the server asks for it",
        examples=["https://shop.example/api"],
    )
    timeout: Duration | None = Field(None, description="Total time", examples=["10s"])


def sends(_spec: Spec) -> Sends:
    """A POST; a refresh token may be good for one use only, so it is sent again only where the author says so."""
    return Sends(method="POST")


def problems(spec: Spec) -> Iterator[Fault]:
    """Rules between the keys: path, diagnostic code, message."""
    for _, code, message in url_faults(spec.token_url):
        yield ("token_url",), code, message
    if spec.client_secret is None:
        if spec.refresh_token is None:
            message = "client credentials are an id and a secret: it needs the key 'client_secret'"
            yield (), "missing-key", message
        if spec.client_auth == "basic" and "client_auth" in spec.model_fields_set:
            yield ("client_auth",), "bad-value", "basic needs a client_secret"
    for name, text in (
        ("client_secret", spec.client_secret),
        ("refresh_token", spec.refresh_token),
    ):
        if text is not None and "{{" not in text:
            yield (
                (name,),
                "bad-value",
                f'{name} comes from outside of the file, such as "{{{{ secrets.NAME }}}}", declared in secrets',
            )


def build(spec: Spec, making: Making) -> Built:
    """The request to the token endpoint. Raises TemplateError and BuildError."""
    client = _shown(making, spec.client_id)
    secret = None if spec.client_secret is None else _shown(making, spec.client_secret)
    form = {"grant_type": "client_credentials"}
    if spec.refresh_token is not None:
        # a server may give each refresh token for one use: what it gave last goes before what is written
        token = making.refresh or making.text(spec.refresh_token)
        form = {"grant_type": "refresh_token", "refresh_token": token}
    for name, template in (("scope", spec.scope), ("audience", spec.audience)):
        if template is not None:
            form[name] = making.text(template)
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if secret is not None and spec.client_auth == "basic":
        # RFC 6749, 2.3.1: each is encoded as in a form before the two are put together
        pair = f"{quote_plus(client)}:{quote_plus(secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    else:
        form["client_id"] = client
        if secret is not None:
            form["client_secret"] = secret
    body = urlencode(form).encode()
    request = making.request("POST", spec.token_url, headers=headers, body=body)
    return Built(
        request, customer=_NOBODY, timeout=spec.timeout, read=functools.partial(_read, making)
    )


def _shown(making: Making, template: str) -> str:
    """A client's id or secret. Raises BuildError for what neither can be."""
    text = making.text(template)
    if not text or any(ord(each) not in _VISIBLE for each in text):
        raise BuildError("it is empty, or holds more than visible ASCII characters", template)
    return text


def _read(making: Making, response: RawResponse) -> RawResponse | str:
    """The answer, when there is a token in it (RFC 6749, 5.1); a text says what is missing. An error is judged by `expect`."""
    body = response.body
    if response.status != 200 or body.stored is not None or body.decode_error:
        return response
    try:
        answer: Any = numbers.loads(body.window.head.decode("utf-8"))
    except (ValueError, RecursionError):
        return "the answer of the token endpoint is no JSON"
    token = answer.get("access_token") if isinstance(answer, dict) else None
    if not isinstance(token, str) or not token:
        return "the answer holds no access_token"
    kind = answer.get("token_type")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        return f"the token is not of the type bearer, but {json.dumps(kind)[:60]}"
    seconds = _seconds(answer.get("expires_in"))
    if seconds is not None:
        refresh = answer.get("refresh_token")
        making.good_for(seconds, refresh if isinstance(refresh, str) else "")
    return response


def _seconds(value: Any) -> float | None:
    """`expires_in` of an answer (RFC 6749, 5.1); some servers write the number as a text. None where there is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _DIGITS:
        return float(value)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return float(min(max(value, 0), 10**_DIGITS)) if math.isfinite(value) else None
    return None
