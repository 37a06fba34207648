"""Broken scenario files: a diagnostic with its place, exit 2, and not one request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import every_key
from tests.support.cli import smoke
from tests.support.scripted import scripted

GOOD = "name: good\nsteps:\n  - {name: x, request: GET /}\n"

FILES: dict[str, tuple[bytes, str, str]] = {
    "tab": (b"name: a\nsteps:\n\t- name: x\n", "yaml-tab", ":3:1"),
    "duplicate key": (
        b"name: a\nname: b\nsteps:\n  - {name: x, request: GET /}\n",
        "duplicate-key",
        ":2:1",
    ),
    "unknown key": (
        b"name: a\nsteps:\n  - name: x\n    request:\n      methd: POST\n      url: /\n",
        "did you mean 'method'?",
        ":5:7",
    ),
    "wrong type": (
        b"name: a\nsteps:\n  - name: x\n    request: GET /\n    repeat: many\n",
        "a whole number is expected",
        ":5:13",
    ),
    "unknown variable": (
        b'name: a\nvariables: {email: x}\nsteps:\n  - {name: x, request: "GET /{{ emial }}"}\n',
        "did you mean 'email'?",
        ":4:30",
    ),
    "missing file": (
        b"name: a\nsteps:\n  - name: x\n    request: {url: /, file: nope.bin}\n",
        "file-not-found",
        ":4:29",
    ),
    "cyclic include": (b"name: a\nsteps:\n  - include: cyclic.yaml\n", "cyclic-include", ":"),
    "phone": (
        b"name: a\nsteps:\n  - name: x\n    request: {url: /, json: {phone: 0712345678}}\n",
        "number-loses-digits",
        ":4:37",
    ),
    "not utf-8": ("name: ä\n".encode("latin-1"), "not-utf8", ":1:7"),
    "empty": (b"", "empty-file", ":1:1"),
}


@pytest.mark.parametrize("what", FILES)
def test_each_is_told_with_its_place_and_nothing_is_sent(what: str, tmp_path: Path) -> None:
    data, words, place = FILES[what]
    (tmp_path / "broken.yaml").write_bytes(data)
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "cyclic.yaml").write_text("steps:\n  - include: cyclic.yaml\n", encoding="utf-8")
    with scripted() as shop:
        done = smoke(["run", "good.yaml", "broken.yaml", "--url", shop.url], tmp_path)
        assert shop.seen == []
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert f".yaml{place}" in done.stderr
    assert "Traceback" not in done.stderr
    assert smoke(["check", "broken.yaml"], tmp_path).returncode == 2


def test_three_mistakes_are_three_messages(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "name: a\nsteps:\n  - name: x\n    request: {url: /, methd: GET}\n"
        "    expect: {staus: 200}\n    captur: {a: $.b}\n",
        encoding="utf-8",
    )
    done = smoke(["check", "a.yaml"], tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("error[unknown-key]") == 3


def test_what_ships_is_all_right(tmp_path: Path) -> None:
    done = smoke(["check", "repeat-customer", "first-order"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_of_every_key_in_every_wrong_way_nothing_is_sent(tmp_path: Path) -> None:
    """One run of a good scenario and all the broken ones: each is named with its line, and the shop hears nothing."""
    ways = (every_key.misspelt, every_key.other_type, every_key.other_value)
    wrong = [made for key in every_key.every_key() for way in ways if (made := way(key))]
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    names = [f"{number}.yaml" for number in range(len(wrong))]
    for name, each in zip(names, wrong, strict=True):
        (tmp_path / name).write_text(each.text, encoding="utf-8")
    with scripted() as shop:
        done = smoke(["run", "good.yaml", *names, "--url", shop.url], tmp_path)
        assert shop.seen == []
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    checked = smoke(["check", "--format", "json", *names], tmp_path)
    told = {(each["file"], each["line"]) for each in json.loads(checked.stdout)["diagnostics"]}
    assert {(name, each.line) for name, each in zip(names, wrong, strict=True)} <= told
