"""The codes of errors and findings: the pages that `smoke explain` shows."""

from __future__ import annotations

import re

from reference.markdown import page

from smoke.classify.sqlstate import CLASSES, CONDITIONS
from smoke.explain import ExplanationPage, codes, explain

_OWN = """\
What `error[…]`, `warning[…]` and findings are called, with what each means and what to do. `smoke explain CODE` shows the
same on the command line."""
_DATABASE = """\
SQLSTATEs of PostgreSQL that meet a checkout, and the classes of all others; codes of PostgREST (Supabase's data API) and
of Prisma. `smoke explain 23505`, `smoke explain unique_violation` or `smoke explain PGRST116` shows the same on the
command line, and knows every SQLSTATE."""
_SQLSTATE = re.compile(r"[0-9A-Z]{5}")


def own_page() -> str:
    """docs/reference/codes.md: diagnostics and findings of smoke's own."""
    own = [code for code in codes() if "-" in code and code == code.lower()]
    return page("Codes of smoke", _OWN, (_entry(code) for code in own))


def database_page() -> str:
    """docs/reference/database-codes.md."""
    known = [code for code in codes() if code == code.upper() and "-" not in code]
    parts: list[str] = []
    for heading, belongs in (
        ("Classes of SQLSTATEs", lambda code: code in CLASSES),
        ("SQLSTATEs", lambda code: code in CONDITIONS and _has_own_text(code)),
        ("PostgREST", lambda code: code.startswith("PGRST")),
        ("Prisma", lambda code: code not in CLASSES and re.fullmatch("P[1-6]([0-9]{3})?", code)),
    ):
        found = [code for code in known if belongs(code)]
        parts += [f"## {heading}\n", *(_entry(code, "###") for code in found)]
    return page("Codes of databases", _DATABASE, parts)


def _has_own_text(code: str) -> bool:
    """Whether more is known of a SQLSTATE than its name and its class."""
    shown = explain(code)
    return shown is not None and not shown.sections[0].text.startswith(f"`{CONDITIONS[code]}`, a")


def _of_group(code: str) -> frozenset[str]:
    """The texts that a code has from its class."""
    group = "PGRST" if code.startswith("PGRST") else code[:2]
    shown = explain(group) if group != code and code == code.upper() else None
    return frozenset(section.text for section in shown.sections) if shown else frozenset()


def _entry(code: str, marks: str = "##") -> str:
    shown = explain(code)
    assert isinstance(shown, ExplanationPage), code
    title = shown.title.removeprefix(f"{code}: ").removeprefix(f"SQLSTATE {code}: ")
    title = re.sub(r"^SQLSTATE (class )?\S+: ", "", title)
    parts = [f"{marks} {code}\n", f"**{title}**\n"]
    general = _of_group(code)
    for section in shown.sections:
        if section.text in general:
            continue  # it stands at the class, and is on the page of every code of it
        if section.heading != "What it means":
            parts.append(f"*{section.heading}*\n")
        parts.append(f"{section.text}\n")
    return "\n".join(parts)
