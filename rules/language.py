"""The scenario language: conditions over features and matches, in three-valued logic.

A condition is written as an analyst would say it, one line each:

    booked_before_departure_hours < 48      ==  !=  <  <=  >  >=
    arrival_airport in border_airports      in, not in: a group, or a list like [YUL, YYZ]
    stay_days is unknown                    is known, is unknown

and combined with `all`, `any`, `not`, `at_least: {k: 2, of: […]}`; `match: […]` holds when one lookout match of the
traveller meets every line of it. A line is one text, not a YAML pair: YAML reads a value that begins with > or ! as
something else.

Unknown is not false: a comparison with an unknown value is unknown, `not` unknown is unknown, `all` is false as soon
as one is false, `any` true as soon as one is true, and a scenario fires only on true (Kleene's strong logic). Only
`is known` and `is unknown` are never unknown. A traveller without matches has no match: `match` is false.
"""

import re
from dataclasses import dataclass, field
from typing import Literal

Operator = Literal["==", "<", "<=", ">", ">="]
Value = float | bool | str


@dataclass(frozen=True)
class Compare:
    feature: str
    operator: Operator
    value: Value
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Within:
    """The value is one of `values`; `group` names where they came from."""

    feature: str
    values: tuple[Value, ...]
    group: str | None = None
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Known:
    feature: str
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Match:
    """One match of the traveller meets all of `of` (fields of MATCHES)."""

    of: tuple["Condition", ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Not:
    of: "Condition"
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class All:
    of: tuple["Condition", ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Any:
    of: tuple["Condition", ...]
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class AtLeast:
    k: int
    of: tuple["Condition", ...]
    line: int = field(default=0, compare=False)


Leaf = Compare | Within | Known
Condition = Leaf | Match | Not | All | Any | AtLeast

_LINE = re.compile(
    r"(?P<name>[A-Za-z_][\w.]*)\s*(?P<operator>==|!=|<=|>=|<|>|\bnot in\b|\bin\b|\bis known\b|\bis unknown\b)\s*(?P<value>.*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Line:
    """A condition's line in its parts, before anyone knows what the name stands for."""

    name: str
    operator: str
    value: str


def split(text: str) -> Line | None:
    """The parts of a line such as `paid_cash == true`; None where it is no condition."""
    found = _LINE.fullmatch(" ".join(text.split()))
    if found is None or (found["value"] == "") != found["operator"].startswith("is "):
        return None
    return Line(found["name"], found["operator"], found["value"].strip())


def children(condition: Condition) -> tuple[Condition, ...]:
    """Conditions directly inside; a match counts as one whole."""
    match condition:
        case All(of) | Any(of) | AtLeast(of=of):
            return of
        case Not(of):
            return (of,)
        case _:
            return ()


def leaves(condition: Condition) -> list[Leaf | Match]:
    """All leaves in the order written."""
    out: list[Leaf | Match] = []
    pending = [condition]
    while pending:
        current = pending.pop()
        if isinstance(current, Compare | Within | Known | Match):
            out.append(current)
        pending.extend(reversed(children(current)))
    return out
