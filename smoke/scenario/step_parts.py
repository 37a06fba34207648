"""The parts of a step that say what its answer must be and what is taken from it."""

from __future__ import annotations

from typing import Literal

from smoke.diagnostic import Level, SmokeError, Span
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.expectations import Expect
from smoke.scenario.files import FileRefusedError, Files
from smoke.scenario.model import FileRow, PlaceOrder, StepKeys
from smoke.scenario.nodes import Pairs, Scalar, is_null, plain
from smoke.scenario.one_or_list import always_list, doubt_expectations
from smoke.scenario.reading import Reader, key_span, value_span
from smoke.scenario.rules import capture_of, capture_problems, expect_doubts, expect_problems


def step_name(item: Pairs, names: dict[str, Span], reader: Reader) -> str | None:
    """The name of a step, which joins those of its place; None after it was reported that it has none."""
    node = item.get("name")
    if node is None:
        reader.error("missing-key", "a step needs the key 'name'", item.span)
        return None
    if not isinstance(node, Scalar) or node.value is None:
        reader.error("bad-value", "name: a text is expected", node.span)
        return None
    name = node.text
    first = names.get(name)
    if first is not None:  # an alias of a whole step comes here as well
        reader.error(
            "duplicate-step",
            f"there are two steps named '{name}'",
            node.span,
            label=f"the first is in line {first.line}",
        )
    names[name] = node.span
    return name


def order_of(
    node: Pairs, keys: StepKeys | None, expect: Expect | None, reader: Reader
) -> PlaceOrder | Literal[False] | None:
    """The step's `places_order`; False when it has none, None when it cannot be used."""
    if keys is None or keys.places_order is None:
        return False
    rule = None
    if keys.places_order.id is not None:
        path = ("places_order", "id")
        rule = capture_of(keys.places_order.id, node, path, reader)
        if rule is None:
            return None
        for message in capture_problems(rule):
            reader.error("bad-capture", message, value_span(node, path))
        if rule.json_ is not None and always_list(rule.json_):
            reader.error(
                "bad-capture",
                f"an order has one id, and {rule.json_} always gives a list: the order could not be removed",
                value_span(node, path),
                notes=["where one request makes several orders, give the id that removes them all"],
            )
    if (
        keys.places_order.may_place_none
        and expect is not None
        and not (rule and _says_what_came(expect))
    ):
        reader.error(
            "bad-value",
            "may_place_none tells an order from none by its `id` and by what `expect` says of the body: it goes with both",
            value_span(node, ("places_order", "may_place_none")),
        )
    return PlaceOrder(rule, keys.places_order.remove, keys.places_order.may_place_none)


def _says_what_came(expect: Expect) -> bool:
    """Whether it looks into the body: with an `id` that looks in the wrong place, an order would be taken for none."""
    documented = expect.schema_ is not None or expect.openapi is not None
    return (
        bool(expect.json_ or expect.html or expect.xpath) or expect.text is not None or documented
    )


def expect_of(node: Pairs, reader: Reader) -> Expect | None:
    """What the step's answer must satisfy; None after its faults were reported."""
    value = node.get("expect")
    if value is None:
        return Expect.model_validate({})
    for key, inner in value.pairs if isinstance(value, Pairs) else ():
        if is_null(inner):
            reader.error(
                "bad-value", f"expect.{key.text} has no value: it would check nothing", key.span
            )
    expect = reader.model(Expect, value, "expect")
    if expect is not None:
        for path, code, message in expect_problems(expect):
            reader.error(code, message, key_span(value, path))
        for path, near in expect_doubts(expect):
            span = key_span(value, path)
            reader.error(
                "maybe-matcher",
                f"'{path[-1]}' is no matcher: the value must be an object with this key",
                span,
                label=f"did you mean '{near}'?",
                suggestion=near,
                level=Level.WARNING,
            )
        doubt_expectations(value.get("json") if isinstance(value, Pairs) else None, reader)
    return expect


def captures_of(node: Pairs, reader: Reader) -> dict[str, CaptureSpec] | None:
    """What the step captures, by name; None after its faults were reported."""
    value = node.get("capture")
    if value is None:
        return {}
    if not isinstance(value, Pairs):
        reader.error("wrong-type", "capture is a mapping of names to places", value.span)
        return None
    found: dict[str, CaptureSpec] = {}
    for key, rule in value.pairs:
        spec = capture_of(plain(rule), node, ("capture", key.text), reader)
        if spec is None:
            return None
        for message in capture_problems(spec, key.text):
            reader.error("bad-capture", message, rule.span)
        found[key.text] = spec
    return found


def rows_named(node: Pairs, files: Files, reader: Reader) -> tuple[FileRow, ...]:
    """The rows of the file that a step's `for_each` names; none where it names none, or after its faults were reported."""
    loop = node.get("for_each")
    if not isinstance(loop, Pairs):
        return ()
    from smoke.scenario.rows import RowFile, ending_problem, rows_of  # for the few that have one

    named = reader.model(RowFile, loop, "for_each")
    if named is None:
        return ()
    span = value_span(loop, ("file",))
    try:
        path = files.locate(named.file, span.source)
        if problem := ending_problem(named.file):
            reader.error("bad-value", problem, span)
            return ()
        data = files.read_rows(path)
        return rows_of(data, named.file, files.beside(named.file, span.source), span)
    except FileRefusedError as refused:
        reader.refused(refused, span)
    except SmokeError as error:
        for diagnostic in error.diagnostics:
            reader.take(diagnostic)
    return ()
