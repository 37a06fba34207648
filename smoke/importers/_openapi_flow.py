"""Which operations of an OpenAPI document make an order, which gives what another one wants, and why they are taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from smoke.diagnostic import SmokeError, nearest
from smoke.importers._filling import shown
from smoke.importers._openapi_document import (
    AnswerLeaf,
    OfferedOperation,
    OpenApiDocument,
    last_word,
    singular,
)
from smoke.importers._shapes import as_dict, as_text
from smoke.recording.given import telling
from smoke.recording.ordering import candidates
from smoke.recording.records import RecordedRequest
from smoke.redact.keys import sensitive, words

_OWN = {"cart", "basket", "checkout", "bag", "order", "customer", "user", "account", "address", "payment", "session", "token"}  # fmt: skip
"""What a customer makes: of anything else (products, regions) the list is asked, and nothing is made."""
_CARTS = {"cart", "carts", "basket", "baskets", "bag", "checkout", "checkouts"}
_GOODS = {"item", "items", "lines", "line", "products", "sku", "quantity", "variant", "variants"}
_FILLS = {"item", "items", "line", "lines", "add", "products"}
_BEFORE = {"address", "addresses", "shipping", "delivery", "payment", "payments", "methods", "sessions", "email"}  # fmt: skip
_SIGN_UP = {"register", "registration", "signup", "customers", "users", "accounts", "customer", "user", "account"}  # fmt: skip
_WRAPPERS = {"data", "item", "result", "list", "content", "entry", "record", "row", "value"}
_MOST = 20


class Gives(Struct, frozen=True):
    """A value of an operation's answer that another operation wants, and how that is known."""

    operation: OfferedOperation
    name: str
    path: str
    why: str


def named(file: OpenApiDocument, names: Sequence[str], source: str) -> list[OfferedOperation]:
    """The operations of these names (`operationId`, or `METHOD /path`). Raises SmokeError for what is none."""
    known = {name: each for each in file.operations for name in (each.label, each.name) if name}
    found = []
    for name in names:
        if name not in known:
            near = nearest(name, known)
            listed = ", ".join(shown(each.name or each.label) for each in file.operations[:20])
            raise SmokeError.of(
                "bad-option",
                f"--operation: {source} has no operation '{shown(name)}'"
                + (f"; did you mean '{shown(near)}'?" if near else ""),
                notes=[f"operations: {listed or '(none)'}"],
            )
        found.append(known[name])
    return found


def gives(
    file: OpenApiDocument,
    wanting: OfferedOperation,
    name: str,
    before: Sequence[OfferedOperation],
    *,
    where: str = "",
) -> Gives | None:
    """What of these operations gives a value of that name, the last of them first; `where` is `path` for a part of the path."""
    wants = _wanted(wanting, name, where)
    for each in reversed(before):
        linked = _linked(file, each, wanting, name)
        if linked:
            return Gives(each, wants, linked, "a link of the document says so")
    # what was asked for by this name gives nothing new: the same value is sent again
    for each in (one for one in reversed(before) if f"{{{name}}}" not in one.path):
        # the first of a list that is asked for is there; one in what was just made may not be
        found = [
            leaf
            for leaf in file.given(each)
            if wants in _called(each, leaf) and ("[" not in leaf.path or each.method == "GET")
        ]
        if found:
            best = min(found, key=lambda leaf: (leaf.path.count("."), len(leaf.path)))
            return Gives(each, wants, best.path, "guessed by its name")
    return None


def _wanted(operation: OfferedOperation, name: str, where: str) -> str:
    parts = words(name)
    if len(parts) == 1 and where == "path" and parts[0] in {"id", "number", "code", "key", "uuid", "slug", "handle"}:  # fmt: skip
        head = operation.path.partition(f"{{{name}}}")[0]
        return "_".join((*words(singular(last_word(head))), *parts))
    return "_".join(parts)


def _called(operation: OfferedOperation, leaf: AnswerLeaf) -> set[str]:
    """The names by which others may want a value."""
    name = words(leaf.name)
    within = [words(leaf.within)]
    if not within[0] or within[0][-1] in _WRAPPERS:
        within.append(words(singular(last_word(operation.path))))
    return {"_".join(name), *("_".join((*each, *name)) for each in within if each)}


def _linked(
    file: OpenApiDocument, giving: OfferedOperation, wanting: OfferedOperation, name: str
) -> str:
    """The JSONPath that a link (Link Object) names for a parameter; empty without one."""
    for each in as_dict(file.success(giving)[1].get("links")).values():
        link = file.resolved(each)
        target = as_text(link.get("operationId")) or as_text(link.get("operationRef"))
        escaped = wanting.path.replace("/", "~1")
        fits = target == wanting.name or target == f"#/paths/{escaped}/{wanting.method.lower()}"
        for key, value in as_dict(link.get("parameters")).items():
            said = as_text(value)
            pointer = said.removeprefix("$response.body#")
            if target and fits and key.rpartition(".")[2] == name and pointer != said:
                steps = pointer.split("/")[1:]
                if steps and all(step.replace("_", "a").isalnum() for step in steps):
                    return "$" + "".join(f"[{step}]" if step.isdecimal() else f".{step}" for step in steps)  # fmt: skip
    return ""


class LikelyFlow:
    """The operations of an order, from the one that places it to what it wants; `reasons` say why each is there. Raises SmokeError where none places one."""

    def __init__(self, file: OpenApiDocument, source: str) -> None:
        self._file = file
        self._taken: list[OfferedOperation] = []
        self.reasons: dict[str, str] = {}
        order, why = self._order(source)
        if self._wants_cart(order):
            self._fill(order)
        self._visit(order, f"it places the order: {why}", 0)
        back = self._read_back(order)
        if back is not None:
            self._take(back, "it reads the order again")
        self.operations = [*self._sign_in(), *self._taken]

    def _take(self, operation: OfferedOperation, why: str) -> None:
        if operation not in self._taken:
            self._taken.append(operation)
            self.reasons[operation.label] = why

    def _order(self, source: str) -> tuple[OfferedOperation, str]:
        offered = [each for each in self._file.operations if each.method in {"POST", "PUT"}]
        own = [each for each in offered if "admin" not in words(each.path)] or offered
        found = candidates([self._as_sent(each) for each in own])
        if not found:
            listed = ", ".join(shown(each.name or each.label) for each in self._file.operations[:20])  # fmt: skip
            raise SmokeError.of(
                "cannot-read",
                f"no operation of {source} looks like one that places an order",
                notes=["name those to take, in their order: --operation NAME --operation NAME", f"operations: {listed or '(none)'}"],
            )  # fmt: skip
        return own[found[0].index], ", ".join(found[0].reasons)

    def _as_sent(self, operation: OfferedOperation) -> RecordedRequest:
        """An operation as a request that can be weighed: its name counts as a part of its path."""
        parts = [part for part in operation.path.split("/") if part and "{" not in part]
        url = "/".join(("https://shop.example", operation.name or "-", *parts))
        kept = tuple((f"v{number}", leaf.path) for number, leaf in enumerate(self._file.given(operation)))  # fmt: skip
        return RecordedRequest(operation.method, url, captures=kept)

    def _visit(self, operation: OfferedOperation, why: str, depth: int) -> None:
        """Take an operation, and before it what gives what it wants."""
        for name, where in needs(self._file, operation):
            if depth < _MOST and gives(self._file, operation, name, self._taken, where=where) is None:  # fmt: skip
                found = self._giver(operation, name, where)
                if found is not None:
                    self._visit(found, f"it gives '{shown(name)}', which {operation.label} wants", depth + 1)  # fmt: skip
        self._take(operation, why)

    def _giver(self, wanting: OfferedOperation, name: str, where: str) -> OfferedOperation | None:
        thing = _wanted(wanting, name, where).rpartition("_")[0].split("_")[-1]
        first = "POST" if thing in _OWN else "GET"
        others = [each for each in self._file.operations if each is not wanting and each.method in {"POST", "GET"} and each not in self._taken and ("{" not in each.path or where == "path") and f"{{{name}}}" not in each.path and "admin" not in words(each.path)]  # fmt: skip
        found = [each for each in others if gives(self._file, wanting, name, [each], where=where)]
        return min(found, key=lambda each: (each.path.count("{"), each.method != first, len(each.path)), default=None)  # fmt: skip

    def _wants_cart(self, order: OfferedOperation) -> bool:
        asked = {word for leaf in self._file.asked(order) for word in words(leaf.name)}
        return not asked & _GOODS

    def _fill(self, order: OfferedOperation) -> None:
        """What puts goods into the cart, and what the cart wants before it is ordered."""
        carts = [each for each in self._file.operations if each.method in {"POST", "PUT", "PATCH"} and each is not order and _CARTS & set(words(each.path)) and "admin" not in words(each.path)]  # fmt: skip
        fills = [
            each for each in carts if _FILLS & {*words(last_word(each.path)), *words(each.name)}
        ]
        for each in fills[:1]:
            self._visit(each, "it puts goods into the cart", 1)
        for each in carts:
            if fills and _BEFORE & self._says(each) and each not in fills:
                self._visit(each, "it stands below the cart, and says where to or how it is paid", 1)  # fmt: skip

    def _says(self, operation: OfferedOperation) -> set[str]:
        """The words of the end of its path, and of what it wants to be sent."""
        asked = (word for leaf in self._file.asked(operation) for word in (*words(leaf.within), *words(leaf.name)))  # fmt: skip
        return {*words(last_word(operation.path)), *asked}

    def _read_back(self, order: OfferedOperation) -> OfferedOperation | None:
        found = [each for each in self._file.operations if each.method == "GET" and each.path.count("{") == 1 and any(gives(self._file, each, name, [order], where=where) and where == "path" for name, where in needs(self._file, each))]  # fmt: skip
        own = [each for each in found if "order" in {singular(word) for word in words(each.path)}]
        return min(own, key=lambda each: len(each.path), default=None)

    def _sign_in(self) -> Iterator[OfferedOperation]:
        """Who signs up and logs in, where an operation wants a token that another one gives."""
        if not any(self._file.schemes(each) for each in self._taken):
            return
        logins = [each for each in self._file.operations if each.method == "POST" and "{" not in each.path and each not in self._taken and "admin" not in words(each.path) and not self._file.schemes(each) and token_of(self._file, each)]  # fmt: skip
        asks = [each for each in self._file.operations if each.method == "POST" and each not in self._taken and "{" not in each.path and "admin" not in words(each.path) and _SIGN_UP & {*words(last_word(each.path)), *words(each.name)} and any(sensitive(leaf.name) for leaf in self._file.asked(each)) and each not in logins[:1]]  # fmt: skip
        if asks and logins:
            self.reasons[asks[0].label] = "the customer signs up"
            yield asks[0]
        for each in logins[:1]:
            self.reasons[each.label] = "it gives the token that others want"
            yield each


def needs(file: OpenApiDocument, operation: OfferedOperation) -> list[tuple[str, str]]:
    """The names of what an operation wants of others, and where: parts of its path, ids elsewhere."""
    found = [(as_text(each["name"]), "path" if each["in"] == "path" else "") for each in operation.parameters if each["in"] == "path" or (each.get("required") is True and telling(as_text(each["name"])))]  # fmt: skip
    found += [(leaf.name, "") for leaf in file.asked(operation) if is_reference(leaf.name)]
    return list(dict.fromkeys(found))[:_MOST]


def is_reference(name: str) -> bool:
    """Whether a field names a thing that the shop has: `cartId`, `sku`; not `id` by itself, `postcode` or `zip_code`."""
    parts = words(name)
    return (len(parts) > 1 and parts[-1] in {"id", "uuid", "sku", "handle", "slug"}) or parts == ("sku",)  # fmt: skip


def token_of(file: OpenApiDocument, operation: OfferedOperation) -> str:
    """Where an operation's answer has a token; empty without one."""
    for leaf in file.given(operation):
        name = words(leaf.name)
        if name[-1:] in {("token",), ("jwt",)} and "refresh" not in name and "csrf" not in name:
            return leaf.path
    return ""
