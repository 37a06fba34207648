"""XPath 1.0 over an XML answer. Documents with a DTD are refused: no entity is expanded, nothing is fetched.

By `elementpath`, which is Python alone, on a tree that the parser of Python's own library makes; both are loaded where
a scenario has an XPath.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

from smoke.diagnostic import nearest
from smoke.extras import install_command
from smoke.model.run import JsonValue

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_BYTES = 8 * 1024 * 1024
_MOST_ELEMENTS = 20_000
_DEEPEST = 100
"""`//a//b` takes a second or two at these bounds, whatever the document."""
_PREFIX = re.compile(r"prefix '([^']{1,100})' is not declared")
_FUNCTION = re.compile(r"unknown function '([^']{1,100})'")
# XPath 1.0, 4
_FUNCTIONS = (
    "last", "position", "count", "id", "local-name", "namespace-uri", "name", "string", "concat", "starts-with", "contains",
    "substring-before", "substring-after", "substring", "string-length", "normalize-space", "translate", "boolean", "not",
    "true", "false", "lang", "number", "sum", "floor", "ceiling", "round",
)  # fmt: skip

Namespaces = tuple[tuple[str, str], ...]


class XPathError(ValueError):
    """The expression cannot be used; with `missing`, because a package is not there."""

    def __init__(self, message: str, *, missing: bool = False) -> None:
        super().__init__(message)
        self.missing = missing


class XmlError(ValueError):
    """The body is no XML that is read here."""


def namespaces_of(declared: dict[str, Any]) -> Namespaces:
    """The prefixes that an `expect` declares, as a key."""
    return tuple((prefix, str(uri)) for prefix, uri in declared.items())


def check_xpath(path: str, namespaces: Namespaces) -> None:
    """Raises XPathError with the column, for what is no XPath 1.0, or has a prefix that is not declared."""
    _compiled(path, namespaces)


def value_at(path: str, document: Any, namespaces: Namespaces) -> tuple[bool, JsonValue]:
    """Whether an expression finds something, and what: of nodes the first one's text. Raises XPathError."""
    from xml.etree.ElementTree import Element

    from elementpath import XPathContext
    from elementpath.exceptions import ElementPathError

    token = _compiled(path, namespaces)
    try:
        found = token.get_results(XPathContext(root=document))
    except (ElementPathError, ArithmeticError, RecursionError, TypeError, ValueError) as error:
        raise XPathError(f"the XPath cannot be evaluated: {_words(error)}") from error
    if isinstance(found, list):
        if not found:
            return False, None
        found = found[0]
    if isinstance(found, Element):
        return True, "".join(found.itertext())
    if isinstance(found, (bool, str)):
        return True, found
    if isinstance(found, (int, float)):
        number = float(found)
        return True, int(number) if number.is_integer() else _finite(number)
    return True, str(found)


def elements_of(document: Any) -> list[Element]:
    """The elements of a document in order; what ElementTree calls them has their namespace in braces."""
    from elementpath import XPathContext

    found: list[Element] = _compiled("//*", ()).get_results(XPathContext(root=document))
    return found


def _finite(number: float) -> JsonValue:
    """XPath's number, its NaN as a text: it is none that JSON has."""
    return number if number - number == 0 else str(number)


@functools.lru_cache(maxsize=256)
def _compiled(path: str, namespaces: Namespaces) -> Any:
    try:
        from elementpath import XPath1Parser
        from elementpath.exceptions import ElementPathError
    except ImportError as error:
        raise XPathError(
            f"XPath needs a package that is not installed: {install_command('xml')}", missing=True
        ) from error
    try:
        return XPath1Parser(namespaces=dict(namespaces)).parse(path)
    except (ElementPathError, RecursionError, ValueError) as error:
        raise XPathError(
            f"not an XPath 1.0 expression{_place(error, path)}: {_said(error, namespaces)}"
        ) from error


def _place(error: Exception, path: str) -> str:
    """Where an expression stops being one."""
    span = getattr(getattr(error, "token", None), "span", None)
    if not isinstance(span, tuple) or "unexpected end" in str(error):
        return " (it ends too soon)"
    return f" from column {span[0] + 1} on ('{path[span[0] : span[0] + 30]}')"


def _said(error: Exception, namespaces: Namespaces) -> str:
    """What is wrong in a few words, with the prefix or the function that was probably meant."""
    text = str(error)
    if prefix := _PREFIX.search(text):
        near = nearest(prefix[1], [known for known, _ in namespaces])
        words = f"the prefix '{prefix[1]}' is not in `namespaces`"
    elif function := _FUNCTION.search(text):
        near = nearest(function[1], _FUNCTIONS)
        words = f"XPath 1.0 has no function '{function[1]}'"
    else:
        return _words(error)
    return f"{words}: did you mean '{near}'?" if near else words


def _words(error: Exception) -> str:
    """The library's words without its codes and places."""
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    return str(error).rpartition("] ")[2][:200]


def parse_xml(data: bytes, encoding: str | None = None) -> Any:
    """A document, as `value_at` takes it. Raises XmlError: not well-formed, a DTD, too large, too deep."""
    from xml.parsers import expat

    if len(data) > MAX_BYTES:
        raise XmlError(f"the XML has more than {MAX_BYTES:,} bytes")
    tree = _Tree()
    parser = expat.ParserCreate(encoding, namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = tree.refuse
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.data
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        raise XmlError(
            f"the body is not XML ({why}: line {error.lineno}, column {error.offset + 1})"
        ) from error
    except (LookupError, ValueError) as error:
        if isinstance(error, XmlError):
            raise
        raise XmlError(f"the body is not XML that can be read ({error})") from error
    from xml.etree.ElementTree import ElementTree

    from elementpath import get_node_tree

    return get_node_tree(ElementTree(tree.root()))


class _Tree:
    """Makes a tree of what a parser finds, within bounds."""

    def __init__(self) -> None:
        from xml.etree.ElementTree import TreeBuilder

        self._builder = TreeBuilder()
        self._depth = self._count = 0

    @staticmethod
    def refuse(*_: Any) -> None:
        """A document type: the only place where entities come from."""
        raise XmlError("the XML has a document type (DTD), which is not read")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """The beginning of an element."""
        self._depth += 1
        self._count += 1 + len(attributes)
        if self._depth > _DEEPEST:
            raise XmlError(f"the XML is nested more than {_DEEPEST} levels deep")
        if self._count > _MOST_ELEMENTS:
            raise XmlError(f"the XML has more than {_MOST_ELEMENTS:,} elements and attributes")
        self._builder.start(_full(name), {_full(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        """The end of an element."""
        self._depth -= 1
        self._builder.end(_full(name))

    def data(self, text: str) -> None:
        """A piece of text."""
        self._builder.data(text)

    def root(self) -> Element:
        """The whole tree."""
        return self._builder.close()


def _full(name: str) -> str:
    """A name as ElementTree writes it: with its namespace in braces."""
    return f"{{{name}" if "}" in name else name
