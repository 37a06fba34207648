"""A runner of GitHub Actions, as far as our composite actions use it, and the part of GitHub's API that they ask.

It carries out an `action.yml` step by step as the real one does: conditions and expressions, variables, outputs, scripts
by bash. Of other people's actions it does what counts here: cache, artifact. As with the real one, a composite action
whose job is cancelled ends with the step that was cancelled, whatever the others' `if` says (actions/runner, #2638).
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.support.scripted import Answer, Shop

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "shop/storefront"
SHA = "5f0e" * 10
JSON = {"Content-Type": "application/json"}
_TOKEN = re.compile(r"'((?:[^']|'')*)'|(&&|\|\||==|!=)|(always|success|cancelled)\(\)|([\w.-]+)")


@dataclass
class Done:
    """What an action left: outputs, the log, the summary; `steps` are the names of those that were carried out."""

    outputs: dict[str, str]
    failed: bool
    log: str
    summary: str
    steps: list[str]


@dataclass
class Runner:
    """One job: `workspace` is the checkout, `secrets` are variables of the step that uses the action."""

    workspace: Path
    temp: Path
    api: str = ""
    token: str = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
    artifacts: dict[str, Path] = field(default_factory=dict)
    cache: dict[str, Path] = field(default_factory=dict)
    attempt: int = 0

    def use(
        self,
        inputs: Mapping[str, str],
        event: tuple[str, Any],
        *,
        action: str = "smoke",
        env: Mapping[str, str] | None = None,
        meanwhile: Callable[[subprocess.Popen[bytes]], None] | None = None,
    ) -> Done:
        """Use the action in a job for that event. `meanwhile` is called with the process of the step `run`: the job is cancelled then."""
        if action == "smoke":
            self.attempt += 1
        job = _Composite(self, action, dict(inputs), event, dict(env or {}))
        return job.carry_out(meanwhile)


class _Composite:
    def __init__(
        self,
        runner: Runner,
        action: str,
        inputs: dict[str, str],
        event: tuple[str, Any],
        env: dict[str, str],
    ) -> None:
        self.runner = runner
        self.path = ROOT / ".github/actions" / action
        self.metadata = yaml.safe_load((self.path / "action.yml").read_text(encoding="utf-8"))
        unknown = inputs.keys() - self.metadata["inputs"].keys()
        assert not unknown, f"no such inputs: {unknown}"
        self.env = env
        self.folder = Path(tempfile.mkdtemp(dir=runner.temp))
        (self.folder / "event.json").write_text(json.dumps(event[1]))
        (self.folder / "summary").touch()
        self.event = event[0]
        self.outputs: dict[str, dict[str, str]] = {}
        self.failed = self.cancelled = False
        self.log = ""
        self.steps: list[str] = []
        self.inputs = {
            name: str(inputs.get(name, self.filled(str(given.get("default", "")))))
            for name, given in self.metadata["inputs"].items()
        }
        required = {n for n, given in self.metadata["inputs"].items() if given.get("required")}
        assert required <= inputs.keys()

    def carry_out(self, meanwhile: Callable[[subprocess.Popen[bytes]], None] | None) -> Done:
        for step in self.metadata["runs"]["steps"]:
            if self.cancelled:
                break
            condition = str(step.get("if", ""))
            always = "always()" in condition
            if (self.failed and not always) or (condition and not self.value(condition)):
                continue
            self.steps.append(step["name"])
            if "uses" in step:
                self.outputs[step.get("id", "")] = self.foreign(step)
            elif step.get("id") == "install":
                self.outputs["install"] = {"python": sys.executable}
            else:
                self.script(step, meanwhile if step.get("id") == "run" else None)
        told = {n: self.filled(given["value"]) for n, given in self.metadata["outputs"].items()}
        return Done(told, self.failed, self.log, (self.folder / "summary").read_text(), self.steps)

    def script(
        self, step: dict[str, Any], meanwhile: Callable[[subprocess.Popen[bytes]], None] | None
    ) -> None:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"], "what a script is made of is its author's alone"
        script, output = self.folder / "script.sh", self.folder / "output"
        script.write_text(step["run"])
        output.write_text("")
        with subprocess.Popen(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.runner.workspace / self.filled(step.get("working-directory", ".")),
            env=self.variables()
            | {"GITHUB_OUTPUT": str(output)}
            | {name: self.filled(value) for name, value in step.get("env", {}).items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as child:
            if meanwhile is not None:
                meanwhile(child)
                self.cancelled = True
            self.log += child.communicate(timeout=60)[0].decode()
        self.failed = self.failed or child.returncode != 0
        self.outputs[step.get("id", "")] = _parsed(output.read_text())

    def variables(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {
            **kept,
            **self.env,
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.path),
            "GITHUB_API_URL": self.runner.api or "http://127.0.0.1:9",
            "GITHUB_EVENT_NAME": self.event,
            "GITHUB_EVENT_PATH": str(self.folder / "event.json"),
            "GITHUB_JOB": "checkout",
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_RUN_ID": str(4000 + self.runner.attempt),
            "GITHUB_SERVER_URL": "https://github.example",
            "GITHUB_SHA": SHA,
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            "GITHUB_WORKFLOW": "After a deploy",
            "GITHUB_WORKSPACE": str(self.runner.workspace),
            "RUNNER_TEMP": str(self.runner.temp),
            "PYTHONDONTWRITEBYTECODE": "",
        }

    def foreign(self, step: dict[str, Any]) -> dict[str, str]:
        name, _, commit = step["uses"].partition("@")
        assert re.fullmatch("[0-9a-f]{40}", commit), "pinned to a commit"
        given = {key: self.filled(str(value)) for key, value in step["with"].items()}
        if name == "actions/upload-artifact":
            return self.keep(given)
        place = self.runner.workspace / given["path"]
        stored = self.runner.temp / "cache" / given["key"]
        if name == "actions/cache/save":
            if place.exists():
                stored.parent.mkdir(exist_ok=True)
                shutil.copy(place, stored)
                self.runner.cache[given["key"]] = stored
            return {}
        assert name == "actions/cache/restore"
        keys = [key for key in self.runner.cache if key.startswith(given["restore-keys"])]
        if keys:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.runner.cache[keys[-1]], place)
        return {}

    def keep(self, given: dict[str, str]) -> dict[str, str]:
        assert given["name"] not in self.runner.artifacts or given.get("overwrite") == "true"
        assert not re.search(r'[":<>|*?\r\n\\/]', given["name"])
        assert int(given["retention-days"]) > 0
        kept = self.folder / "artifact"
        for line in given["path"].splitlines():
            place = self.runner.workspace / line
            if place.is_dir():
                shutil.copytree(place, kept / line, dirs_exist_ok=True)
            elif place.exists():
                (kept / line).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(place, kept / line)
        self.runner.artifacts[given["name"]] = kept
        return {"artifact-url": f"https://github.example/artifacts/{len(self.runner.artifacts)}"}

    def filled(self, text: str) -> str:
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: self.value(found[1]), str(text))

    def value(self, expression: str) -> str:
        """An expression's value as text; the empty text is false."""
        parts: list[tuple[str, str, str, str]] = _TOKEN.findall(expression.strip(" ${}"))
        assert "".join("".join(part) for part in parts)
        values: list[str] = []
        operators: list[str] = []
        for literal, operator, function, name in parts:
            if operator:
                operators.append(operator)
            elif function:
                values.append("true" if function == "always" else "")
            else:
                values.append(self.named(name) if name else literal)
        for wanted in (("==", "!="), ("&&",), ("||",)):
            while found := [i for i, each in enumerate(operators) if each in wanted]:
                at = found[0]
                operator, left, right = operators.pop(at), values[at], values.pop(at + 1)
                equal = "true" if (left == right) is (operator == "==") else ""
                values[at] = {"&&": right if left else "", "||": left or right}.get(operator, equal)
        (value,) = values
        return value

    def named(self, name: str) -> str:
        scope, _, rest = name.partition(".")
        if scope == "inputs":
            return self.inputs[rest]
        if name == "github.token":
            return self.runner.token
        step, outputs, output = rest.split(".")
        assert (scope, outputs) == ("steps", "outputs")
        known = [each.get("id") for each in self.metadata["runs"]["steps"]]
        assert step in known, f"no step {step}"
        return self.outputs.get(step, {}).get(output, "")


def _parsed(text: str) -> dict[str, str]:
    found = re.findall(r"(?m)^([\w-]+)(?:=(.*)|<<(\S+)\n(?s:(.*?))\n\3)$", text)
    return {name: line or block for name, line, _, block in found}


@dataclass
class FakeGitHub:
    """The API on a scripted server: comments of pull request 7, statuses of deployment 31, pulls of the commit."""

    shop: Shop
    comments: list[dict[str, Any]] = field(default_factory=list)
    statuses: list[dict[str, Any]] = field(default_factory=list)
    pulls: list[dict[str, Any]] = field(default_factory=list)
    refuses: bool = False

    def __post_init__(self) -> None:
        base = f"/repos/{REPOSITORY}"
        self.shop.routes |= {
            f"GET {base}/issues/7/comments": lambda _: self.answer(self.comments),
            f"POST {base}/issues/7/comments": self.write,
            f"GET {base}/commits/{SHA}/pulls": lambda _: self.answer(self.pulls),
            f"POST {base}/deployments/31/statuses": self.set_status,
        }

    def answer(self, value: Any, status: int = 200) -> Answer:
        if self.refuses:
            return 403, JSON, b'{"message": "Resource not accessible by integration"}'
        return status, JSON, json.dumps(value).encode()

    def write(self, body: bytes) -> Answer:
        if self.refuses:
            return self.answer(None)
        number = len(self.comments) + 1
        address = f"https://github.example/{REPOSITORY}/pull/7#issuecomment-{number}"
        comment = {"id": number, "html_url": address, "user": {"type": "Bot"}, **json.loads(body)}
        self.comments.append(comment)
        self.shop.routes[f"PATCH /repos/{REPOSITORY}/issues/comments/{number}"] = lambda new: (
            self.answer(self.change(comment, new))
        )
        return self.answer(comment, 201)

    @staticmethod
    def change(comment: dict[str, Any], body: bytes) -> dict[str, Any]:
        comment.update(json.loads(body))
        return comment

    def set_status(self, body: bytes) -> Answer:
        self.statuses.append(json.loads(body))
        return self.answer({}, 201)
