"""From what somebody typed to a page, or to the nearest codes there are."""

from __future__ import annotations

import difflib
import re
from functools import cache
from pathlib import Path

from smoke.classify.sqlstate import CLASSES, CONDITIONS, NAMES, NOT_ERRORS, ONLY_IN
from smoke.explain._page import ExplanationPage, Section, entries, single

APPENDIX = (
    "PostgreSQL manual, appendix A: https://www.postgresql.org/docs/current/errcodes-appendix.html"
)
POSTGREST = "PostgREST documentation: https://docs.postgrest.org/en/stable/references/errors.html"
PRISMA = "Prisma error reference: https://www.prisma.io/docs/orm/reference/error-reference"

_PAGES = Path(__file__).resolve().parent / "pages"
_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_CUSTOM_STATUS = re.compile(r"PT[1-5][0-9]{2}")
_LONGEST_CODE = 100


def explain(code: str) -> ExplanationPage | None:
    """The page of a code, a class, a condition name, a diagnostic or a finding; None when there is none.

    Upper and lower case are the same. A well-formed SQLSTATE that PostgreSQL does not define has a page too: it is
    the application's own.
    """
    word = code.strip()
    if not word or len(word) > _LONGEST_CODE:
        return None
    upper = word.upper().removeprefix("CLASS ").strip()
    if upper in CONDITIONS:
        return _of_sqlstate(upper)
    if upper in CLASSES:
        return _of_class(upper)
    for collection, source in (("_prisma", PRISMA), ("_postgrest", POSTGREST)):
        found = _collection(collection).get(upper)
        if found:
            return ExplanationPage(
                upper,
                _first_words(upper, found),
                _completed(found, _group(collection, upper)),
                source,
            )
    if "-" in word and word.lower() in _files():
        return _of_file(word.lower())  # `disk-full` is ours, `disk_full` PostgreSQL's
    name = word.lower().replace("-", "_").replace(" ", "_")
    if name in NAMES:
        return _of_name(name)
    own = word.lower().replace("_", "-").replace(" ", "-")
    if own in _files():
        return _of_file(own)
    return _unlisted(upper) if upper == word else None


def is_diagnostic(code: str) -> bool:
    """Whether a diagnostic or a finding of that code has a page: one of a plugin's own has none."""
    return code in _files()


def suggest(code: str) -> tuple[str, ...]:
    """At most five codes that are spelt like this one, nearest first."""
    word = code.strip()[:_LONGEST_CODE]
    spellings = {known.lower(): known for known in codes()}
    near = difflib.get_close_matches(word.lower().replace("-", "_"), spellings, n=5, cutoff=0.6)
    near += difflib.get_close_matches(word.lower().replace("_", "-"), spellings, n=5, cutoff=0.6)
    return tuple(dict.fromkeys(spellings[found] for found in near))[:5]


@cache
def codes() -> tuple[str, ...]:
    """Everything that has a page, sorted."""
    known = {*CONDITIONS, *CLASSES, *NAMES, *_files()}
    known |= {*_collection("_prisma"), *_collection("_postgrest")}
    return tuple(sorted(known))


@cache
def _files() -> frozenset[str]:
    return frozenset(path.stem for path in _PAGES.glob("[a-z]*.md"))


def _of_file(code: str) -> ExplanationPage:
    return single(code, (_PAGES / f"{code}.md").read_text(encoding="utf-8"))


@cache
def _collection(name: str) -> dict[str, tuple[Section, ...]]:
    return entries((_PAGES / f"{name}.md").read_text(encoding="utf-8"))


def _group(collection: str, code: str) -> tuple[Section, ...]:
    return _collection(collection).get("PGRST" if code.startswith("PGRST") else code[:2], ())


def _completed(own: tuple[Section, ...], general: tuple[Section, ...]) -> tuple[Section, ...]:
    """A code's sections, and those of its class where it has none of its own."""
    headings = {section.heading for section in own}
    order = [section for section in general if section.heading not in headings]
    return own + tuple(order)


def _first_words(code: str, sections: tuple[Section, ...]) -> str:
    sentence = sections[0].text.partition("\n")[0]
    cut = re.split(r"[.:;(]\s|\.$", sentence, maxsplit=1)[0]
    return f"{code}: {cut}"


def _of_class(code: str) -> ExplanationPage:
    return ExplanationPage(
        code, f"SQLSTATE class {code}: {CLASSES[code]}", _collection("_sqlstate")[code], APPENDIX
    )


def _of_sqlstate(code: str) -> ExplanationPage:
    group = _collection("_sqlstate")[code[:2]]
    own = _collection("_sqlstate").get(code)
    name = CONDITIONS[code]
    if own is None:
        text = f"`{name}`, a condition of class {code[:2]} ({CLASSES[code[:2]]}). {group[0].text}"
        own = (Section(group[0].heading, text),)
    sections = _completed(own, group)
    notes = []
    if code in ONLY_IN:
        notes.append(f"Known to PostgreSQL {', '.join(ONLY_IN[code])} of the versions looked at.")
    if code in NOT_ERRORS:
        notes.append("Not an error: a code of success or of a warning.")
    if notes:
        sections += (Section("Note", " ".join(notes)),)
    return ExplanationPage(code, f"SQLSTATE {code}: {name}", sections, APPENDIX)


def _of_name(name: str) -> ExplanationPage:
    """The page of the SQLSTATE of a condition name; where it stands for several, of all of them."""
    found = sorted(NAMES[name], key=lambda code: (code in NOT_ERRORS, code))
    first = _of_sqlstate(found[0])
    if len(found) == 1:
        return first
    note = f"`{name}` stands for {', '.join(found)}: the name alone does not tell them apart."
    return ExplanationPage(
        name,
        f"{name}: SQLSTATE {' or '.join(found)}",
        (*first.sections, Section("Note", note)),
        APPENDIX,
    )


def _unlisted(code: str) -> ExplanationPage | None:
    """The page of a code that no list has, where its form tells something."""
    if _CUSTOM_STATUS.fullmatch(code):
        text = (
            f"A function or trigger of the application raised it so that PostgREST answers with HTTP status "
            f"{code[2:]}. The message is the application's own."
        )
        return ExplanationPage(
            code,
            f"{code}: a custom status for PostgREST",
            (Section("What it means", text),),
            POSTGREST,
        )
    if not _SQLSTATE.fullmatch(code) or not any(char.isdigit() for char in code):
        return None
    if code[:2] in CLASSES:
        group = _collection("_sqlstate")[code[:2]]
        text = f"PostgreSQL {_versions()} has no such code; its class is {code[:2]} ({CLASSES[code[:2]]}). "
        return ExplanationPage(
            code,
            f"SQLSTATE {code}: a code of class {code[:2]}",
            _completed((Section("What it means", text + group[0].text),), group),
            APPENDIX,
        )
    if code[0] == "P" and code[1] in "12":
        return None  # Prisma's form: an unknown one is a slip of the pen, not a SQLSTATE
    text = (
        "Not a code of PostgreSQL: a function or trigger of the application raises it "
        f"(`RAISE … USING ERRCODE = '{code}'`), or an extension does. The message is its own."
    )
    check = f"```sql\nSELECT oid::regprocedure FROM pg_proc WHERE prosrc LIKE '%{code}%';\n```"
    sections = (Section("What it means", text), Section("What to check", check))
    return ExplanationPage(code, f"SQLSTATE {code}: not one of PostgreSQL's", sections, APPENDIX)


def _versions() -> str:
    from smoke.classify.sqlstate import VERSIONS

    return f"{VERSIONS[0]} to {VERSIONS[-1]}"
