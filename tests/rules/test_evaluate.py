"""The evaluator against a reference interpreter that goes row by row, and what it says of a hit."""

import operator as op
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.catalogue import BY_ID, CATALOGUE
from features.derive import FEATURES
from manifests.vocabulary import CATEGORIES, LOOKOUT_ACTIONS
from rules import evaluate as evaluator
from rules.evaluate import HITS, evaluate, fired
from rules.language import All, AtLeast, Compare, Condition, Known, Match, Not, Within
from rules.language import Any as AnyOf
from rules.pack import parse
from rules.program import compile_conditions
from rules.scenario import MATCH_FIELDS, Pack

ON = date(2026, 6, 1)
MATCHES = {
    "traveller": pl.UInt32(),
    "entry_id": pl.String(),
    "source": pl.String(),
    "category": CATEGORIES,
    "action": LOOKOUT_ACTIONS,
    "probability": pl.Float64(),
    "dob_agrees": pl.Boolean(),
}
COMPARE = {"==": op.eq, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
NUMBERS = ("checked_bags", "stay_days")
FLAGS = ("paid_cash", "one_way")
CODES = ("payment_form", "arrival_airport")


def features_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """FEATURES with the given values; everything else unknown."""
    return pl.DataFrame(
        {"traveller": range(len(rows)), **{one.id: [row.get(one.id) for row in rows] for one in CATALOGUE}}, schema=FEATURES
    )


def matches_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame({name: [row.get(name) for row in rows] for name in MATCHES}, schema=MATCHES)


# The reference: Kleene's strong three-valued logic, value by value. None is unknown.
def truth(condition: Condition, row: dict[str, Any], matches: list[dict[str, Any]]) -> bool | None:
    match condition:
        case Known(name):
            return row[name] is not None
        case Compare(name, operator, value):
            mine = row[name]
            return None if mine is None else bool(COMPARE[operator](mine, value))
        case Within(name, values):
            return None if row[name] is None else row[name] in values
        case Not(of):
            inner = truth(of, row, matches)
            return None if inner is None else not inner
        case Match(of):
            return at_least(1, [truth(All(of), match, []) for match in matches])
        case All(of):
            return at_least(len(of), [truth(part, row, matches) for part in of])
        case AnyOf(of):
            return at_least(1, [truth(part, row, matches) for part in of])
        case AtLeast(k, of):
            return at_least(k, [truth(part, row, matches) for part in of])


def at_least(k: int, values: list[bool | None]) -> bool | None:
    if sum(value is True for value in values) >= k:
        return True
    return None if sum(value is not False for value in values) >= k else False


numbers = st.sampled_from([0.0, 1.0, 2.0, 2.5, 48.0])
codes = st.sampled_from(["cash", "card", "YUL", "YYZ", "LHR"])
operators = st.sampled_from(["==", "<", "<=", ">", ">="])
leaves = st.one_of(
    st.builds(Compare, st.sampled_from(NUMBERS), operators, numbers),
    st.builds(Compare, st.sampled_from(FLAGS), st.just("=="), st.booleans()),
    st.builds(Compare, st.sampled_from(CODES), st.just("=="), codes),
    st.builds(Within, st.sampled_from(CODES), st.lists(codes, min_size=1, max_size=3).map(tuple)),
    st.builds(Within, st.sampled_from(NUMBERS), st.lists(numbers, min_size=1, max_size=3).map(tuple)),
    st.builds(Known, st.sampled_from(NUMBERS + FLAGS + CODES)),
)
match_leaves = st.one_of(
    st.builds(Compare, st.just("category"), st.just("=="), st.sampled_from(["war_crimes", "sanctions"])),
    st.builds(Compare, st.just("probability"), operators, st.sampled_from([0.1, 0.5])),
    st.builds(Compare, st.just("dob_agrees"), st.just("=="), st.booleans()),
    st.builds(Known, st.just("dob_agrees")),
)
several = st.lists(match_leaves, min_size=1, max_size=3).map(tuple)
atoms = st.one_of(leaves, st.builds(Match, several))


def combined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=1, max_size=4).map(tuple)
    return st.one_of(
        st.builds(All, parts),
        st.builds(AnyOf, parts),
        st.builds(Not, inner),
        parts.flatmap(lambda of: st.builds(AtLeast, st.integers(1, len(of)), st.just(of))),
    )


conditions = st.recursive(atoms, combined, max_leaves=12)
feature_rows = st.lists(
    st.fixed_dictionaries(
        {name: st.one_of(st.none(), numbers) for name in NUMBERS}
        | {name: st.one_of(st.none(), st.booleans()) for name in FLAGS}
        | {name: st.one_of(st.none(), codes) for name in CODES}
    ),
    max_size=19,
)
match_rows = st.lists(
    st.fixed_dictionaries(
        {
            "traveller": st.integers(0, 20),
            "entry_id": st.just("e"),
            "source": st.just("list"),
            "category": st.sampled_from(["war_crimes", "sanctions", "national_security"]),
            "action": st.just("notify_owner"),
            "probability": st.sampled_from([0.05, 0.1, 0.5, 0.9]),
            "dob_agrees": st.one_of(st.none(), st.booleans()),
        }
    ),
    max_size=6,
)


def pack_with(template: Pack, when: list[Condition]) -> Pack:
    """The pack's first scenario with each of the conditions."""
    program = compile_conditions(when, {name: one.kind for name, one in BY_ID.items()})
    return replace(
        template,
        scenarios=tuple(replace(template.scenarios[0], id=f"s{number}", when=one) for number, one in enumerate(when)),
        program=program,
        match_program=compile_conditions([All(match.of) for match in program.matches], MATCH_FIELDS),
    )


@settings(max_examples=150, deadline=None)
@given(
    when=st.lists(conditions, min_size=1, max_size=5), rows=feature_rows, matches=match_rows, batch=st.sampled_from([3, 8, 100])
)
def test_compiled_is_the_reference(
    when: list[Condition], rows: list[dict[str, Any]], matches: list[dict[str, Any]], batch: int, text: str
) -> None:
    pack = pack_with(parse(text.encode(), "test"), when)
    features = features_of(rows)
    mine = [[match for match in matches if match["traveller"] == number] for number in range(len(rows))]
    expected = [[truth(one, row, found) is True for row, found in zip(rows, mine, strict=True)] for one in when]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluator, "_BATCH", batch)
        assert fired(pack, features, matches_of(matches)).tolist() == expected
        hits = evaluate(pack, features, matches_of(matches), ON)
    assert list(zip(hits["traveller"], hits["scenario"], strict=True)) == [
        (row, f"s{scenario}") for row in range(len(rows)) for scenario in range(len(when)) if expected[scenario][row]
    ]


def test_unknown_is_not_false(pack_of: Callable[..., Pack]) -> None:
    pack = pack_of("- not: one_way == true", "- one_way != true", "- one_way is unknown", "- checked_bags not in [0, 1]")
    rows = [{"one_way": True, "checked_bags": 1.0}, {"one_way": False, "checked_bags": 2.0}, {}]
    assert fired(pack, features_of(rows), matches_of([])).tolist() == [
        [False, True, False],
        [False, True, False],
        [False, False, True],
        [False, True, False],
    ]


def test_one_match_must_meet_every_line(pack_of: Callable[..., Pack]) -> None:
    pack = pack_of("- match: [category == war_crimes, probability >= 0.5]")
    apart = [
        {"traveller": 0, "category": "war_crimes", "probability": 0.1},
        {"traveller": 0, "category": "sanctions", "probability": 0.9},
        {"traveller": 1, "category": "war_crimes", "probability": 0.5},
    ]
    assert fired(pack, features_of([{}, {}, {}]), matches_of(apart)).tolist() == [[False, True, False]]


def test_a_hit_names_what_made_it_fire(pack_of: Callable[..., Pack]) -> None:
    pack = pack_of(
        "- any: [paid_cash == true, contact_missing == true]\n"
        "- not: {all: [checked_bags > 0, one_way == true]}\n"
        "- at_least: {k: 1, of: [stay_days < 3, age_years >= 18]}\n"
        "- match: [probability >= 0.2]\n"
        "- stay_days is known"
    )
    rows = [{"paid_cash": True, "contact_missing": False, "checked_bags": 0.0, "one_way": True, "stay_days": 1.25}]
    matches = [
        {"traveller": 0, "source": "ofac", "entry_id": "9", "probability": 0.1},
        {"traveller": 0, "source": "un", "entry_id": "QDi.1", "probability": 0.3},
    ]
    hits = evaluate(pack, features_of(rows), matches_of(matches), ON)
    assert dict(hits.schema) == HITS
    assert hits.row(0, named=True) == {
        "traveller": 0,
        "scenario": "s0",
        "category": "smuggling_facilitation",
        "lane": "protection",
        "kind": "ON_ARRIVAL",
        "weight": 1.5,
        "evidence": [
            {"feature": "paid_cash", "value": "true"},
            {"feature": "checked_bags", "value": "0"},
            {"feature": "stay_days", "value": "1.25"},
            {"feature": "match", "value": "un QDi.1"},
        ],
    }


@pytest.mark.parametrize(
    ("on", "fires"),
    [(date(2025, 12, 31), False), (date(2026, 1, 1), True), (date(2026, 11, 30), True), (date(2026, 12, 1), False)],
)
def test_outside_its_validity_or_past_its_review_a_scenario_does_not_fire(on: date, fires: bool, text: str) -> None:
    pack = parse(text.encode(), "test")
    features = features_of([{"booked_before_departure_hours": 2.0, "paid_cash": True}])
    assert (evaluate(pack, features, matches_of([]), on).height == 1) is fires
    assert pack.expired(on) == (("late",) if on > date(2026, 11, 30) else ())


def test_no_travellers_no_hits(text: str) -> None:
    pack = parse(text.encode(), "test")
    hits = evaluate(pack, features_of([]), matches_of([]), ON)
    assert hits.is_empty()
    assert dict(hits.schema) == HITS
    assert fired(pack, features_of([]), matches_of([])).shape == (1, 0)
    assert np.all(~fired(pack, features_of([{}]), matches_of([])))
