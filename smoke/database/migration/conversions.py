"""Claims on conversions between encodings."""

from __future__ import annotations

from typing import Any

from smoke.database.catalogue.snapshot import ObjectKind, Row
from smoke.database.migration.claims import Finding, Thing
from smoke.database.migration.planner import Planned, Planner
from smoke.database.migration.sight import OfRow, Sight, called
from smoke.database.migration.tree import name_of, strings

_CONVERSIONS = ObjectKind(
    "SELECT n.nspname, c.conname, pg_encoding_to_char(c.conforencoding), pg_encoding_to_char(c.contoencoding), p.proname,"
    " c.condefault FROM pg_conversion c JOIN pg_namespace n ON n.oid = c.connamespace JOIN pg_proc p ON p.oid = c.conproc"
    " WHERE {where}",
    key=2,
    schema="n.nspname",
    name="c.conname",
)


def create_conversion(planner: Planner, node: Any) -> Planned:
    """CREATE CONVERSION: from that encoding to that, by that function, and as the usual one or not."""
    schema, name = name_of(node.conversion_name)
    value = ConversionThere(
        _encoding(node.for_encoding_name),
        _encoding(node.to_encoding_name),
        strings(node.func_name)[-1],
        bool(getattr(node, "def")),
    )
    thing = planner.world.make("conversion", name, planner.home(schema))
    planner.world.made_there(thing, value)
    return None


def _encoding(name: str) -> str:
    """An encoding as the server knows it: UTF-8 and utf8 are one, and so are LATIN1 and ISO-8859-1."""
    bare = "".join(letter for letter in name.lower() if letter.isalnum())
    return _ALIASES.get(bare, bare)


_LATIN = [f"latin{n}" for n in range(1, 11)]
# pg_encname_tbl of PostgreSQL
_ALIASES = {
    **dict(zip([f"iso8859{n}" for n in (1, 2, 3, 4, 9, 10, 13, 14, 15, 16)], _LATIN, strict=True)),
    **{f"windows{n}": f"win{n}" for n in (866, 874, *range(1250, 1259))},
    **dict.fromkeys(("mskanji", "shiftjis", "win932", "windows932"), "sjis"),
    **dict.fromkeys(("abc", "tcvn", "tcvn5712", "vscii"), "win1258"),
    **dict.fromkeys(("win936", "windows936"), "gbk"),
    **dict.fromkeys(("win949", "windows949"), "uhc"),
    **dict.fromkeys(("win950", "windows950"), "big5"),
    "alt": "win866",
    "koi8": "koi8r",
    "unicode": "utf8",
    "win": "win1251",
}


class ConversionThere(OfRow, frozen=True):
    """There is a conversion between two encodings by a function."""

    rows = _CONVERSIONS
    source: str
    target: str
    function: str
    usual: bool

    def _found(self, sight: Sight, thing: Thing, row: Row) -> Finding:
        del sight
        words = f"conversion {called(thing)} is from {row[0]} to {row[1]} by {row[2]}"
        wanted = (self.source, self.target, self.function, self.usual)
        same = (_encoding(row[0]), _encoding(row[1]), *row[2:]) == wanted
        return Finding(same, words + (" and the usual one" if row[3] else ""))
