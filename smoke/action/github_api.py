"""GitHub's REST API, as far as the action needs it: pull requests of a commit, one comment, a deployment's status."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from smoke.text import safe_line, shorten

_SECONDS = 20.0
_LARGEST = 8 << 20
_PAGE = 100
_MOST_PAGES = 30
"""Comments that are looked through: 3,000."""


class ApiError(Exception):
    """GitHub did not do what it was asked; the message says what it said. `status` is 0 without an answer."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: the token would go along."""


class GitHub:
    """The API with a job's token. Raises ApiError."""

    def __init__(self, api: str, repository: str, token: str) -> None:
        self._base = f"{api.rstrip('/')}/repos/{urllib.parse.quote(repository)}"
        self._token = token
        self._opener = urllib.request.build_opener(_NoRedirect())

    def pulls_of(self, sha: str) -> Any:
        """The pull requests that a commit belongs to."""
        return self._ask("GET", f"/commits/{urllib.parse.quote(sha, safe='')}/pulls")

    def set_deployment_status(self, deployment: int, status: dict[str, Any]) -> None:
        """Add a status to a deployment."""
        self._ask("POST", f"/deployments/{deployment}/statuses", status)

    def comment(self, pull: int, mark: str, body: str, *, only_update: bool = False) -> str:
        """Write the one comment with that mark, or write it anew; its address, empty where there was nothing to update."""
        sent = {"body": body}
        for number in self._ours(pull, mark):
            try:
                return _address(self._ask("PATCH", f"/issues/comments/{number}", sent))
            except ApiError as error:
                if error.status not in (403, 404):
                    raise
                # somebody else's with our mark in it, or it is gone: not ours to change
        return "" if only_update else _address(self._ask("POST", f"/issues/{pull}/comments", sent))

    def _ours(self, pull: int, mark: str) -> list[int]:
        """Comments with the mark at their end, written by a bot: what people write, and quote, is left alone."""
        found: list[int] = []
        for page in range(1, _MOST_PAGES + 1):
            comments = self._ask("GET", f"/issues/{pull}/comments?per_page={_PAGE}&page={page}")
            if not isinstance(comments, list):
                break
            found += [each["id"] for each in comments if _is_ours(each, mark)]
            if len(comments) < _PAGE:
                break
        return found

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310  (the runner says where its API is)
            self._base + path,
            None if body is None else json.dumps(body).encode(),
            {
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "User-Agent": "checkout-smoke",
                "X-GitHub-Api-Version": "2022-11-28",
            },
            method=method,
        )
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                return json.loads(answer.read(_LARGEST))
        except urllib.error.HTTPError as error:
            with error:
                raise ApiError(f"{method} {path}: {_said(error)}", error.code) from error
        except (OSError, ValueError) as error:
            raise ApiError(f"{method} {path}: {safe_line(str(error))}") from error


def _said(error: urllib.error.HTTPError) -> str:
    try:
        message = json.loads(error.read(4096))["message"]
    except (OSError, ValueError, KeyError, TypeError):
        message = error.reason
    return safe_line(shorten(f"{error.code} {message}", 300))


def _is_ours(comment: Any, mark: str) -> bool:
    if not isinstance(comment, dict) or type(comment.get("id")) is not int:
        return False
    body, user = comment.get("body"), comment.get("user")
    by_bot = isinstance(user, dict) and user.get("type") == "Bot"
    return by_bot and isinstance(body, str) and body.rstrip().endswith(mark)


def _address(comment: Any) -> str:
    found = comment.get("html_url") if isinstance(comment, dict) else None
    return safe_line(found) if isinstance(found, str) else ""
