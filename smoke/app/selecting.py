"""The scenarios of a run: those that its words mean, without what its other options leave out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from smoke.app.catalog import Described, described, entries, is_path, select, under, without_parts
from smoke.app.options import RunOptions
from smoke.app.tag_expression import TagExpression, parse_tags
from smoke.diagnostic import Diagnostic, Note, NothingSelectedError, SmokeError, nearest
from smoke.scenario.files import resolved
from smoke.scenario.load import Loaded, load_scenario
from smoke.text import plural

if TYPE_CHECKING:
    from smoke.app.failed_before import FailedBefore


class Narrowing(Struct, frozen=True):
    """What `--tag` and `--skip` leave: scenarios whose tags meet all of `wanted`, none of `unwanted`, of no file `left_out`."""

    wanted: tuple[TagExpression, ...] = ()
    unwanted: tuple[TagExpression, ...] = ()
    left_out: frozenset[Path] = frozenset()

    def keeps(self, tags: Sequence[str], path: Path) -> bool:
        return (
            all(each.holds(tags) for each in self.wanted)
            and not any(each.holds(tags) for each in self.unwanted)
            and resolved(path) not in self.left_out
        )

    def check(self, known: set[str]) -> None:
        """Refuse a tag that no scenario has: neither one of the `known`, nor one of the project. Raises SmokeError."""
        expressions = (*self.wanted, *self.unwanted)
        if all(name.text in known for each in expressions for name in each.names):
            return
        names = []
        for entry in without_parts(entries()):
            names.append(entry.name)
            try:
                known |= set(load_scenario(entry.path).scenario.tags)
            except SmokeError:
                continue  # it is told where it is chosen
        problems = [
            _or_scenario(problem, names) if each in self.unwanted else problem
            for each in expressions
            for problem in each.unknown(known)
        ]
        if problems:
            raise SmokeError(problems)


def picked(options: RunOptions) -> list[Loaded]:
    """The scenarios that the options choose, each once, in the words' order; without words the project's own.

    Raises SmokeError: a word or a tag that means nothing, an expression that cannot be read, mistakes in files;
    NothingSelectedError when all is right and nothing is left, NothingChangedError when nothing changed since a commit.
    """
    narrowed = options.tags or options.skip or options.failed or options.changed_since
    if not (options.selectors or narrowed):
        raise SmokeError.of(
            "nothing-selected",
            "no scenario selected: name one, or say which with --tag",
            notes=["`smoke list` shows them all"],
        )
    narrowing = _narrowing(options.tags, options.skip)
    failed = _failed(options)
    of_failed = failed.sources if failed is not None and not (options.tags or options.skip) else ()
    chosen = select(options.selectors or of_failed or _own())
    narrowing.check({tag for item in chosen for tag in item.scenario.tags})
    left = [
        item
        for item in chosen
        if narrowing.keeps(item.scenario.tags, Path(item.scenario.source))
        and (failed is None or resolved(Path(item.scenario.source)) in failed.paths)
    ]
    if not left:
        after = f"--failed ({failed.run_id})" if failed is not None else ""
        raise _nothing_left(len(chosen), options.tags, options.skip, after)
    return _changed(left, options.changed_since)


def listed(tags: Sequence[str], skip: Sequence[str]) -> tuple[Described, ...]:
    """What `smoke list` shows: the scenarios that these options leave. Raises SmokeError, as `picked` does."""
    narrowing = _narrowing(tags, skip)
    found = described()
    narrowing.check({tag for item in found for tag in item.tags})
    left = tuple(item for item in found if narrowing.keeps(item.tags, Path(item.path)))
    if found and not left:
        raise _nothing_left(len(found), tags, skip)
    return left


def _own() -> list[str]:
    """The project's scenarios as words; those that ship where it has none."""
    found = without_parts(entries())
    own = [entry for entry in found if not entry.shipped]
    return [entry.path.as_posix() for entry in own or found]


def _failed(options: RunOptions) -> FailedBefore | None:
    """What did not pass before, where that is asked for."""
    if not options.failed:
        return None
    from smoke.app.failed_before import failed_before

    return failed_before(options)


def _changed(loaded: list[Loaded], commit: str) -> list[Loaded]:
    """Those that changed, where that is asked for."""
    if not commit:
        return loaded
    from smoke.app.changed_since import changed_since

    return changed_since(loaded, commit)


def _nothing_left(
    count: int, tags: Sequence[str], skip: Sequence[str], failed: str = ""
) -> NothingSelectedError:
    given = [*(f"--tag '{text}'" for text in tags), *(f"--skip '{text}'" for text in skip)]
    given += [failed] if failed else []
    problem = Diagnostic(
        "nothing-selected",
        f"nothing is left of {plural(count, 'scenario')}: {', '.join(given)}",
        notes=(Note("`smoke list` shows the scenarios with their tags"),),
    )
    return NothingSelectedError([problem])


def _narrowing(tags: Sequence[str], skip: Sequence[str]) -> Narrowing:
    """What the texts mean. Raises SmokeError with all that cannot be read."""
    problems: list[Diagnostic] = []
    wanted = tuple(_expressions(tags, "--tag", problems))
    known = {entry.name: entry.path for entry in entries()} if skip else {}
    unwanted: list[TagExpression] = []
    left_out: set[Path] = set()
    for word in skip:
        if word.strip() and is_path(word):
            left_out |= _paths(word, problems)
        elif word in known:
            left_out.add(resolved(known[word]))
        else:
            unwanted += _expressions([word], "--skip", problems)
    if problems:
        raise SmokeError(problems)
    return Narrowing(wanted, tuple(unwanted), frozenset(left_out))


def _expressions(
    texts: Sequence[str], option: str, problems: list[Diagnostic]
) -> Iterator[TagExpression]:
    for text in texts:
        try:
            yield parse_tags(text, option)
        except SmokeError as error:
            problems += error.diagnostics


def _paths(word: str, problems: list[Diagnostic]) -> set[Path]:
    """The files that a path leaves out."""
    path = Path(word)
    if not path.exists():
        beside = [each.name for each in path.parent.glob("*")] if path.parent.is_dir() else []
        near = nearest(path.name, beside)
        hint = f"; did you mean '{(path.parent / near).as_posix()}'?" if near else ""
        message = f"--skip: there is no file '{word}'{hint}"
        problems.append(Diagnostic("file-not-found", message, suggestion=near))
        return set()
    return {resolved(each) for each in under(path, problems)}


def _or_scenario(problem: Diagnostic, names: Sequence[str]) -> Diagnostic:
    """A tag that is none, where it may be a scenario's name, too."""
    if problem.suggestion or problem.span is None:
        return problem
    word = problem.excerpt[0][1][problem.span.column - 1 : problem.span.end_column - 1]
    near = nearest(word, names)
    label = f"did you mean the scenario '{near}'?" if near else ""
    more = Note(f"scenarios: {', '.join(names)}")
    return replace(problem, suggestion=near, label=label, notes=(*problem.notes, more))
