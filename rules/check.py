"""What a scenario must be before it may act, beyond being well formed.

Indicators are counted over the ways in which a scenario can fire: with `any` each branch by itself must be enough.
Every way is the set of families it needs; only the smallest sets matter, and there are at most 2^families of them,
so the work is bounded however the conditions are nested.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from features.catalogue import BY_ID, CATALOGUE
from rules.language import All, Any, AtLeast, Compare, Condition, Match, Not, Within
from rules.scenario import PNR_PURPOSES, Scenario

REVIEW_WITHIN = timedelta(days=366)
_FAMILIES = tuple(dict.fromkeys(feature.family for feature in CATALOGUE))
# Beside the families, a way notes whether it needs a match or a protected feature.
_MATCH, _PROTECTED = 1 << len(_FAMILIES), 1 << (len(_FAMILIES) + 1)
_EVERY_FAMILY = _MATCH - 1


@dataclass(frozen=True)
class Fault:
    line: int
    problem: str


def condition_faults(scenario: Scenario, pnr_purposes_required: bool) -> Iterator[Fault]:
    """What is wrong with the conditions. `pnr_purposes_required`: booking data only for PNR_PURPOSES."""
    yield from _indicator_faults(scenario)
    yield from _protected_faults(scenario)
    if pnr_purposes_required and scenario.purpose not in PNR_PURPOSES and scenario.reads_pnr():
        read = ", ".join(name for name in scenario.features() if BY_ID[name].pnr)
        yield Fault(
            scenario.line,
            f"purpose {scenario.purpose} may not read booking data (PNR: {read}): "
            f"name {' or '.join(PNR_PURPOSES)}, or use advance passenger information only (SOR/2005-346 s. 4(1))",
        )


def expiry_faults(scenario: Scenario, on: date) -> Iterator[Fault]:
    """Why the scenario does not fire on the day."""
    if on > scenario.valid_until:
        yield Fault(scenario.line, f"valid_until {scenario.valid_until} is past: it does not fire; renew or remove it")
    if on > scenario.justification.review_by:
        yield Fault(
            scenario.line, f"review_by {scenario.justification.review_by} is past: it does not fire; review the justification"
        )


def ways(condition: Condition) -> frozenset[int]:
    """The smallest sets (as bits) of families, match and protected feature with which the condition can be true."""
    match condition:
        case Compare(feature=name) | Within(feature=name):
            feature = BY_ID[name]
            return frozenset([_PROTECTED if feature.protected else 1 << _FAMILIES.index(feature.family)])
        case Match():
            return frozenset([_MATCH])
        case Not(of):
            return _opposite(of)
        case All(of):
            return _at_least(len(of), [ways(part) for part in of])
        case Any(of):
            return _at_least(1, [ways(part) for part in of])
        case AtLeast(k, of):
            return _at_least(k, [ways(part) for part in of])
        case _:
            return frozenset([0])  # that something is known or not is no indicator


def _opposite(condition: Condition) -> frozenset[int]:
    """`ways` of the condition being false."""
    match condition:
        case Not(of):
            return ways(of)
        case All(of):
            return _at_least(1, [_opposite(part) for part in of])
        case Any(of):
            return _at_least(len(of), [_opposite(part) for part in of])
        case AtLeast(k, of):
            return _at_least(len(of) - k + 1, [_opposite(part) for part in of])
        case Match():
            return frozenset([0])  # that nobody is listed is no indicator
        case _:
            return ways(condition)


def _at_least(k: int, parts: list[frozenset[int]]) -> frozenset[int]:
    reached: list[frozenset[int]] = [frozenset([0]), *[frozenset[int]()] * k]
    for part in parts:
        for count in range(k, 0, -1):
            joined = {way | more for way in reached[count - 1] for more in part}
            reached[count] = _smallest(reached[count] | joined)
    return reached[k]


def _smallest(found: frozenset[int]) -> frozenset[int]:
    return frozenset(way for way in found if not any(other != way and other & way == other for other in found))


def _indicator_faults(scenario: Scenario) -> Iterator[Fault]:
    if scenario.lane == "protection":
        return
    if any(not way & _MATCH and (way & _EVERY_FAMILY).bit_count() < 2 and not way & _PROTECTED for way in ways(scenario.when)):
        yield Fault(scenario.line, "can fire on fewer than two indicators of different families: add one of another family")


def _protected_faults(scenario: Scenario) -> Iterator[Fault]:
    protected = [name for name in scenario.features() if BY_ID[name].protected]
    if not protected:
        return
    record = scenario.justification
    grounds = {ground(name) for name in protected}
    if missing := sorted(grounds - set(record.grounds)):
        yield Fault(scenario.line, f"reads {', '.join(protected)}: add {', '.join(missing)} to justification.grounds")
    if record.rights_reviewer is None:
        yield Fault(scenario.line, f"reads {', '.join(protected)}: name justification.rights_reviewer")
    elif record.rights_reviewer == record.author:
        yield Fault(scenario.line, f"rights_reviewer {record.rights_reviewer} is the author: another person must review")
    if scenario.lane != "protection" and any(
        way & _PROTECTED and (way & _EVERY_FAMILY).bit_count() < 2 for way in ways(scenario.when)
    ):
        yield Fault(
            scenario.line,
            f"can fire on {', '.join(protected)} without two other indicators of different families: add them",
        )


def justification_faults(scenario: Scenario) -> Iterator[Fault]:
    """What is wrong with the justification and the dates."""
    record = scenario.justification
    if record.approver == record.author:
        yield Fault(scenario.line, f"approver {record.approver} is the author: another person must approve")
    if record.review_by > record.date + REVIEW_WITHIN:
        yield Fault(scenario.line, f"review_by {record.review_by} is more than 12 months after {record.date}: bring it forward")
    if record.review_by < record.date:
        yield Fault(scenario.line, f"review_by {record.review_by} is before the date {record.date}: correct one of them")
    if scenario.valid_until < scenario.valid_from:
        yield Fault(scenario.line, f"valid_until {scenario.valid_until} is before valid_from {scenario.valid_from}: correct one")


def ground(name: str) -> str:
    """The protected ground that a feature is or stands for, as justification.grounds names it."""
    protected = BY_ID[name].protected
    return (protected or "").removeprefix("proxy: ").replace(" ", "_")
