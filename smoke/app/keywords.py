"""The options of a run as keyword arguments: `smoke.run("first-order", url=…, timeout=10)`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import asdict

from smoke.app.as_given import refuse_unknown, words_of
from smoke.app.options import RunOptions
from smoke.diagnostic import SmokeError


def merged(
    selectors: Sequence[str], options: Any, given: Mapping[str, Any], *, of: str
) -> RunOptions:
    """The options of a call: what is given by name, and the selectors, go before what `options` says.

    `of` is the function that was called, `options` what its caller gave: RunOptions, None, or a mistake. Raises
    TypeError for a name that is no option, as Python does, and SmokeError for every value of a wrong type.
    """
    known = [name for name in RunOptions.__struct_fields__ if name != "selectors"]
    unknown = [name for name in given if name not in known]
    if unknown:
        refuse_unknown(unknown, known, of, words_of(RunOptions))
    if options is not None and not isinstance(options, RunOptions):
        words = f"options: RunOptions(…) is expected, not `{type(options).__name__}`"
        raise SmokeError.of("bad-option", words)
    kept = asdict(options or RunOptions())
    # made anew: msgspec's `replace` looks at no value before 0.21
    return RunOptions(**{**kept, **given, **({"selectors": selectors} if selectors else {})})
