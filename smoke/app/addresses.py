"""The URLs of options as origins, or a diagnostic before anything is sent."""

from __future__ import annotations

from collections.abc import Collection

from smoke.diagnostic import SmokeError
from smoke.engine.redirects import Origin, origin_of
from smoke.scenario.address import (
    AddressError,
    below,
    check_deployment,
    check_origin,
    check_reference,
)


def base_of(url: str, where: str) -> Origin:
    """The origin of a deployment's URL, which may have a path. `where` says who gave it. Raises SmokeError."""
    try:
        check_deployment(url)
    except AddressError as error:
        raise _refused(where, error) from error
    return _origin(url)


def allowed_of(text: str, where: str) -> Origin:
    """The origin that `https://pay.example` names. Raises SmokeError."""
    try:
        check_origin(text)
    except AddressError as error:
        raise _refused(where, error) from error
    return _origin(text)


def check_ready(reference: str, base: str, allowed: Collection[Origin], where: str) -> None:
    """Refuse an address to wait for that would never be asked. Raises SmokeError."""
    try:
        check_reference(reference, base)
    except AddressError as error:
        raise _refused(where, error) from error
    origin = _origin(below(base, reference))
    if origin not in allowed:
        raise SmokeError.of(
            "bad-url",
            f"{where} is neither at the target nor at an origin that is allowed: {origin}",
            notes=[f"allow it: --allow-host {origin}"],
        )


def _origin(url: str) -> Origin:
    origin = origin_of(url)
    assert origin is not None  # it was checked
    return origin


def _refused(where: str, error: AddressError) -> SmokeError:
    return SmokeError.of("bad-url", f"{where} {error}", notes=error.notes)
