"""What a customer did that the shop has a clean answer for."""

from __future__ import annotations

from typing import Any

from smoke.demo.shop.messages import Request, Response, answer


class ShopError(Exception):
    """A refusal with a status, a code for programs and a message for people."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        **details: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers

    def response(self) -> Response:
        """The refusal as JSON."""
        document = {"ok": False, "error": self.message, "code": self.code}
        if self.details:
            document["details"] = self.details
        return answer(self.status, document, self.headers)


def only(request: Request, method: str) -> None:
    """ShopError 405 for any other method."""
    if request.method != method:
        raise ShopError(
            405, "method_not_allowed", f"Only {method} here", headers=(("Allow", method),)
        )
