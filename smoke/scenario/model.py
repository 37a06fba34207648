"""A scenario as it is written (models) and as it is run (frozen structs)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from smoke.diagnostic import Diagnostic, Span
from smoke.model.run import JsonValue
from smoke.scenario.base import Field, Model
from smoke.scenario.capture_spec import CaptureSpec
from smoke.scenario.expectations import Expect
from smoke.scenario.traits import Holds, Traits
from smoke.scenario.value_types import Duration, RetryRules

NAME = r"[a-z0-9][a-z0-9-]{0,63}"
VARIABLE = r"[A-Za-z_][A-Za-z0-9_-]{0,63}"
MAX_ATTEMPTS = 10
INCLUDE = "include"


class Retry(Model):
    """When a step may be tried again. An unsafe request only when it is declared idempotent, or has a key."""

    attempts: int = Field(
        3, ge=1, le=MAX_ATTEMPTS, description="Attempts at most, the first one included"
    )
    on: RetryRules = Field(
        ("429", "502", "503", "504", "transport"),
        description="Statuses, classes, or transport (no answer)",
        examples=[[429], ["5xx", "transport"]],
    )
    wait: Duration = Field(
        0.5, description="Pause before the second attempt; it doubles, with jitter"
    )
    max_wait: Duration = Field(10.0, description="Longest pause, also for a server's Retry-After")
    idempotent: bool = Field(False, description="The endpoint takes the same request twice as one")


class Until(Model):
    """Ask again until the expectations hold. Only for safe requests."""

    deadline: Duration = Field(30.0, description="Give up after this time")
    every: Duration = Field(1.0, description="Pause between two tries")


class PlacesOrder(Model):
    """A request that orders: it is journalled before it is sent."""

    id: Any = Field(
        None,
        description="How to learn the order's id: a JSONPath or a capture that gives one value. Where one request makes several orders, the id that removes them all",
        examples=["$.order.id"],
    )
    remove: str | None = Field(
        None,
        description="How a person removes the order, in words or SQL",
        examples=["delete from orders where id = '{{ order_id }}'"],
    )
    may_place_none: bool = Field(
        False,
        description="An answer of 2xx that is as `expect` says and holds no `id` placed no order, such as a refusal at 200",
    )


class Include(Model):
    """Steps of another file."""

    file: str = Field(
        description="Path relative to the file that names it, below the scenario's folder",
        examples=["parts/login.yaml"],
    )
    with_: dict[str, Any] = Field(
        default_factory=dict,
        alias="with",
        description="Values of its parameters",
        examples=[{"email": "{{ email }}"}],
    )


class StepKeys(Model):
    """What every step may have beside the one key of its kind."""

    name: str | None = Field(
        None,
        min_length=1,
        max_length=100,
        description="What every report calls the step; unique in the scenario",
        examples=["Order 2"],
    )
    like: str | None = Field(
        None,
        description="Name of an earlier step to take over; maps merge, other values replace, null takes away",
        examples=["Order 1"],
    )
    when: Any = Field(
        None,
        description="Carry it out only if this is neither null, false, 0 nor empty, or if a value meets a matcher",
        examples=["{{ coupon }}", {"value": "{{ target.url }}", "contains": "staging"}],
    )
    repeat: int | None = Field(
        None, ge=1, le=10_000, description="So many rounds; {{ loop.number }} counts them from 1"
    )
    for_each: Any = Field(
        None,
        description="A round for each item of a list, of a template that gives one, or for each row of a file; it is {{ item }}",
        examples=[["tea-sencha", "pot-cast-iron"], "{{ orders }}", {"file": "customers.csv"}],
    )
    expect: Expect = Field(
        default_factory=lambda: Expect.model_validate({}),
        description="What the response must satisfy; without it, that it is a success and shows no database error",
    )
    capture: dict[str, Any] = Field(
        default_factory=dict,
        description="Name: JSONPath or capture",
        examples=[{"order_id": "$.order.id"}],
    )
    retry: Retry | None = Field(None, description="When the step may be tried again")
    until: Until | None = Field(
        None, description="Ask again until the expectations hold; only for safe requests"
    )
    places_order: PlacesOrder | None = Field(
        None, description="The request orders: it is journalled before it is sent"
    )
    removes_order: str | None = Field(
        None,
        description="Template that gives the key of the order that the request removes",
        examples=["{{ item.key }}"],
    )
    defaults: Any = Field(
        None,
        description="With group, together or include: what all requests in it have, unless they say otherwise",
    )


class ScenarioFile(Model):
    """A scenario file."""

    json_schema: str | None = Field(
        None,
        alias="$schema",
        description="Where the JSON Schema of scenario files is, for editors; smoke does not look at it",
        examples=["../.smoke/scenario.schema.json"],
    )
    name: str | None = Field(
        None,
        pattern=f"^{NAME}$",
        description="Lower-case letters, digits and hyphens",
        examples=["first-order"],
    )
    summary: str = Field(
        "",
        max_length=500,
        description="One sentence for `smoke list` and the reports",
        examples=["A new customer can order."],
    )
    passed: str = Field(
        "",
        max_length=200,
        description="Printed behind VALIDATION PASSED",
        examples=["customers can order"],
    )
    tags: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Words that `smoke run` takes in place of names",
        examples=[["checkout"]],
    )
    variables: dict[str, Any] = Field(
        default_factory=dict,
        description="Name: value or template, rendered once and in order; `--var` sets them",
        examples=[{"email": "{{ fake.email }}"}],
    )
    secrets: tuple[str, ...] = Field(
        (),
        strict=False,
        description="Names of environment variables; {{ secrets.NAME }} is masked everywhere",
        examples=[["SHOP_PASSWORD"]],
    )
    needs: Any = Field(
        None,
        description="Scenarios that are carried out once in a run, before all that need them; their captures and cookies are known here",
        examples=["login.yaml", {"file": "login.yaml", "customer": "alice", "renew_on": 401}],
    )
    fix: str | None = Field(
        None,
        description="The migration that is supposed to fix what this finds; its path is relative to this file",
        examples=["../migrations/0007_one_job_per_order.sql"],
    )
    defaults: Any = Field(
        None, description="What all requests of the file have, unless they say otherwise"
    )
    may_place_none: bool = Field(
        False, description="It may pass without an order, though it has steps that place one"
    )
    parameters: Any = Field(
        None,
        description="For a file that is included: names, or names with defaults",
        examples=[["email"], {"quantity": 1}],
    )
    steps: Any = None
    teardown: Any = None


class PlaceOrder(Struct, frozen=True):
    """`places_order` as it is run."""

    id: CaptureSpec | None
    remove: str | None
    may_place_none: bool = False
    """An answer as expected that holds no id placed no order."""


class FileRow(Struct, frozen=True):
    """A row of a file that a loop goes through, and what it is called: `customers.csv:3`."""

    values: Mapping[str, JsonValue]
    name: str


class Step(Struct, frozen=True):
    """One step, ready to be run. `spec` is what its kind's module made of its value."""

    id: str
    name: str
    kind: str
    spec: Any
    span: Span
    expect: Expect
    capture: Mapping[str, CaptureSpec] = field(default_factory=dict)
    retry: Retry | None = None
    until: Until | None = None
    when: Any = None
    repeat: int | None = None
    for_each: Any = None
    rows: tuple[FileRow, ...] = ()
    """The rows of the file that `for_each` names."""
    places_order: PlaceOrder | None = None
    removes_order: str | None = None
    children: tuple[Step, ...] = ()
    files: Mapping[str, bytes] = field(default_factory=dict)
    contracts: Any = None
    """What was read of the files that its expectations name."""
    names_from: tuple[str, ...] = ()
    """Keys under which the parameters of the files that this step was included from are found."""
    lines: Mapping[str, Span] = field(default_factory=dict)
    """Where each expectation stands, by its path (`status`, `json.$.ok`)."""
    path: tuple[str, ...] = ()
    """The names of the groups and includes around it, outermost first, and its own."""
    places: Mapping[str, Span] = field(default_factory=dict)
    """Where each of its templates stands, by what is written between the braces, braces included."""
    uses: Mapping[str, bool] = field(default_factory=dict)
    """The names in its templates, its children's apart, and whether one of them has no default."""
    traits: Traits = Traits()

    @property
    def is_group(self) -> bool:
        """Whether its children are carried out one after the other, and it sends nothing itself."""
        return self.traits.holds is Holds.IN_ORDER

    @property
    def gives(self) -> tuple[str, ...]:
        """The names that it captures, its children's apart."""
        return (*self.capture, *self.traits.gives)

    @property
    def is_loop(self) -> bool:
        return self.repeat is not None or self.for_each is not None


def every_step(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps and all that are in them, at any depth, each before its children."""
    for step in steps:
        yield step
        yield from every_step(step.children)


def ordering(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps that place an order, those within others included."""
    return tuple(step for step in every_step(steps) if step.places_order is not None)


def captured(steps: Iterable[Step]) -> Iterator[str]:
    """The names that are known behind these steps: what is captured in a round of a loop ends with it."""
    for step in steps:
        if not step.is_loop:
            yield from step.gives
            yield from captured(step.children)


class Needed(Struct, frozen=True):
    """What templates need: variables of the environment, with the first place of each, and other names."""

    environment: Mapping[str, Span] = field(default_factory=dict)
    names: frozenset[str] = frozenset()


class NeededScenario(Struct, frozen=True):
    """A scenario that another one needs, with the warnings about its file."""

    scenario: Scenario
    warnings: tuple[Diagnostic, ...] = ()
    renew_on: tuple[str, ...] = ()
    """The statuses that say that what it gave ran out."""
    customer: str = ""
    """Whose cookies and captures its own become; empty where they keep their names."""

    @property
    def gives(self) -> tuple[str, ...]:
        """The names that it gives: its captures, or the customer's."""
        found = tuple(dict.fromkeys(captured(self.scenario.steps)))
        return (self.customer,) if self.customer and found else found


class LastStep(Struct, frozen=True):
    """The step that a scenario ends with, though there are more: nothing behind it is carried out but the teardown."""

    title: str
    paths: frozenset[tuple[str, ...]]
    """Its own path, and those of everything around it: when one of these is over, so is the scenario."""

    def up_to(self, steps: Iterable[Step]) -> tuple[Step, ...]:
        """The steps without those behind it."""
        kept: list[Step] = []
        for step in steps:
            if step.path not in self.paths:
                kept.append(step)
                continue
            if step.is_group:
                inside = self.up_to(step.children)
            else:  # the lanes of a `together` leave at the same instant
                inside = tuple(self.up_to((child,))[0] for child in step.children)
            return (*kept, replace(step, children=inside))
        return tuple(kept)


class Scenario(Struct, frozen=True):
    """A scenario, ready to be run."""

    name: str
    source: str
    summary: str = ""
    passed: str = ""
    tags: tuple[str, ...] = ()
    variables: Mapping[str, Any] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    fix: str | None = None
    may_place_none: bool = False
    steps: tuple[Step, ...] = ()
    teardown: tuple[Step, ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    """Values of its variables from the scenario that needs it."""
    needs: tuple[NeededScenario, ...] = ()
    """The scenarios whose captures and cookies it begins with."""
    places: Mapping[str, Span] = field(default_factory=dict)
    """Where the templates of its variables stand, by what is written."""
    of_steps: Needed = Needed()
    """What its steps and its teardown need."""
    of_variables: Mapping[str, Needed] = field(default_factory=dict)
    """What each of its variables needs, as it is written."""
    named: Mapping[str, Span] = field(default_factory=dict)
    """Where each of its secrets is declared."""
    last: LastStep | None = None
    """The step that `--until` names."""
