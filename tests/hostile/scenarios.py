"""A scenario file for each case of the hostile server: what a careful person would write for such an endpoint."""

from __future__ import annotations

import json
from typing import Any

Case = dict[str, Any]

SECRETS = ("SMOKE_API_TOKEN", "SMOKE_DB_PASSWORD", "SMOKE_CUSTOMER_PIN")

UPLOAD = "upload.txt"
"""A file of 5 MB beside the scenario."""

_RETRY = {"attempts": 3, "on": ["429", "5xx", "transport"], "wait": "300ms"}


def scenario(case: Case) -> str:
    """The scenario as YAML (JSON is YAML)."""
    made: Case = {"name": case["id"].replace(":", "-").replace("_", "-"), "steps": []}
    builder = {
        "order": _order,
        "retry": _retry,
        "redirect": _redirect,
        "secret": _secret,
        "captured": _captured,
    }.get(case["group"], _plain)
    builder(made, case)
    return json.dumps(made, indent=1)


def _request(case: Case) -> Case:
    request: Case = {"method": case["method"], "url": case["path"]}
    if case["method"] == "POST":
        request["json"] = {"action": "place_order"}
    return {"name": "The case", "request": request}


def _plain(made: Case, case: Case) -> None:
    step = _request(case)
    if case["path"].startswith("/upload/"):
        step["request"].pop("json")
        step["request"]["file"] = UPLOAD
    made["steps"].append(step)
    if case["path"].startswith("/keepalive/"):
        made["steps"].append(_placing("/order/ok?key=after", "The order behind it"))


def _placing(url: str, name: str) -> Case:
    return {
        "name": name,
        "request": {"method": "POST", "url": url, "json": {"action": "place_order"}},
        "places_order": {"id": "$.order_id"},
        "expect": {"status": 201},
        "capture": {"order_id": "$.order_id"},
    }


def _order(made: Case, case: Case) -> None:
    if case["method"] == "DELETE":
        made["steps"].append(_placing("/order/ok?key=cleanup", "An order to clean up"))
        made["teardown"] = [
            {
                "name": "Cancel",
                "for_each": "{{ orders }}",
                "request": {"method": "DELETE", "url": case["path"]},
                "removes_order": "{{ item.key }}",
            }
        ]
        return
    step = _placing(case["path"], "The order")
    step["retry"] = _RETRY
    if case["path"] == "/order/idempotent":
        step["request"]["idempotency_key"] = True
    made["steps"].append(step)


def _retry(made: Case, case: Case) -> None:
    step = _request(case)
    step["retry"] = _RETRY | {"max_wait": "5s", "attempts": 5 if "slow" in case["path"] else 3}
    step["expect"] = {"status": 200}
    made["steps"].append(step)


def _redirect(made: Case, case: Case) -> None:
    step = _with_secrets(_request(case))
    step["request"]["follow_redirects"] = True
    if case["path"] == "/redirect/login":
        step["capture"] = {"order_id": "$.order_id"}
    else:
        step["expect"] = {"status": [200, 201]}
    if "order" in case["path"] or "commit" in case["path"] or "307-post" in case["path"]:
        step["places_order"] = {"id": "$.order_id"}
    made["steps"].append(step)
    made["secrets"] = list(SECRETS)


def _secret(made: Case, case: Case) -> None:
    first = _with_secrets(_request(case))
    # whatever it answers, the other request must go out too: Authorization can carry only one secret
    first["expect"] = {"status": [500], "database_error": "allowed"}
    first["capture"] = {"session": {"cookie": "session", "secret": True, "optional": True}}
    second = _with_secrets(_request(case))
    second["name"] = "The case with another login"
    second["request"].pop("bearer")
    second["request"]["basic"] = {
        "username": "customer",
        "password": "{{ secrets.SMOKE_DB_PASSWORD }}",
    }
    large = case["max_seconds"] > 5  # once is enough to see what a large body does
    made["steps"] += [second] if large else [first, second]
    made["secrets"] = list(SECRETS)


def _with_secrets(step: Case) -> Case:
    request = step["request"]
    request["bearer"] = "{{ secrets.SMOKE_API_TOKEN }}"
    request["query"] = {"pin": "{{ secrets.SMOKE_CUSTOMER_PIN }}"}
    request["headers"] = {
        "X-Api-Key": "{{ secrets.SMOKE_API_TOKEN }}",
        "Cookie": "pin={{ secrets.SMOKE_CUSTOMER_PIN }}",
    }
    if request["method"] != "GET":
        request["json"] = {"action": "place_order", "password": "{{ secrets.SMOKE_DB_PASSWORD }}"}
    return step


def _captured(made: Case, case: Case) -> None:
    """What the answer gave goes into a path, a header, a body and a hint for people."""
    step = _request(case)
    step["capture"] = {"order_id": "$.order_id"}
    step["places_order"] = {
        "id": "$.order_id",
        "remove": "DELETE FROM orders WHERE id = '{{ order_id }}'",
    }
    made["steps"] += [
        step,
        {
            "name": "Ask for it",
            "request": {
                "method": "POST",
                "url": "/orders/{{ order_id }}",
                "headers": {"X-Order": "{{ order_id }}"},
                "json": {"id": "{{ order_id }}"},
            },
        },
    ]
    made["teardown"] = [
        {
            "name": "Cancel",
            "for_each": "{{ orders }}",
            "request": {"method": "DELETE", "url": "/orders/{{ item.id }}"},
            "removes_order": "{{ item.key }}",
        }
    ]
