"""Every row of the table of directives, and the rules beside it, as cases; then what must hold whatever comes in."""

from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.exceptions import InvalidOperationError

from manifests.vocabulary import DIRECTIVES, ENGINE_DIRECTIVES
from scoring.frames import DECISIONS, REDRESS
from watchlists.score import NAME_COUNTS

CHILD = {"dob": date(2012, 5, 1)}
STOP = {"action": "stop_before_boarding"}
PROTECTION = {"scenario": "lone-child", "lane": "protection", "category": "trafficking_protection", "weight": 2.0}
BEFORE = {"kind": "PRE_BOARDING"}
NO_NAME = {"name_log_odds": 0.0, "document_agrees": True, "dob_agrees": False}
OTHER_DOB = {"dob_agrees": False, "document_agrees": False}
# Log-odds of a risk that is nearly certain.
SURE = 9.0

CASES: dict[str, tuple[dict[str, Any], str, str | None, str | None]] = {
    # what is special: (policy, its changes, person, matches, hits, risk, draw, …) → directive, kind, lane
    "nothing": ({}, "BOARD", None, None),
    "match over the bound": ({"match": [{}]}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "match under the bound": ({"match": [{"probability": 0.02}]}, "BOARD", None, None),
    "arrest is silent": ({"match": [{"action": "arrest_on_arrival"}]}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "noted for the owner, no work for officers": ({"match": [{"action": "notify_owner"}]}, "BOARD", None, None),
    "stop, list not named": ({"match": [STOP]}, "BOARD", "PRE_BOARDING", "enforcement"),
    "stop, list named": ({"hold": True, "match": [STOP]}, "HOLD", "PRE_BOARDING", "enforcement"),
    "stop, other list named": ({"hold": True, "match": [{**STOP, "source": "un"}]}, "BOARD", "PRE_BOARDING", "enforcement"),
    "other action never holds": ({"hold": True, "match": [{}]}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "stop, under the bound of a hold": (
        {"hold": True, "match": [{**STOP, "probability": 0.8}]}, "BOARD", "PRE_BOARDING", "enforcement",
    ),
    "stop, document and name": (
        {"hold": True, "match": [{**STOP, "dob_agrees": False, "document_agrees": True}]}, "HOLD", "PRE_BOARDING", "enforcement",
    ),
    "never on a name alone": (
        {"hold": True, "match": [{**STOP, **OTHER_DOB, "probability": 0.9999}]}, "BOARD", "PRE_BOARDING", "enforcement",
    ),
    "never on a document alone": (
        {"hold": True, "match": [{**STOP, **NO_NAME, "probability": 0.9999}]}, "BOARD", "PRE_BOARDING", "enforcement",
    ),
    "a weak alias does not trigger": ({"match": [{"weak": True}]}, "BOARD", None, None),
    "a weak alias beside a document": (
        {"hold": True, "match": [{**STOP, "weak": True, "document_agrees": True}]}, "BOARD", "PRE_BOARDING", "enforcement",
    ),
    "the earlier place wins": ({"match": [{}, STOP]}, "BOARD", "PRE_BOARDING", "enforcement"),
    "scenario": ({"hit": [{}]}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "scenario before boarding": ({"hit": [BEFORE]}, "BOARD", "PRE_BOARDING", "enforcement"),
    "scenario never holds": ({"hold": True, "hit": [{**BEFORE, "weight": 50.0}]}, "BOARD", "PRE_BOARDING", "enforcement"),
    "protection first": ({"hit": [BEFORE, PROTECTION]}, "BOARD", "PRE_BOARDING", "protection"),
    "no hold from protection": ({"hold": True, "hit": [{**PROTECTION, **BEFORE}]}, "BOARD", "PRE_BOARDING", "protection"),
    "a hold stands on its own": ({"hold": True, "match": [STOP], "hit": [PROTECTION]}, "HOLD", "PRE_BOARDING", "protection"),
    "model refers": ({"risk": [SURE]}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "model at its threshold": ({"risk": [-2.9444390], "threshold": 0.05}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "model under its threshold": ({"risk": [-2.9444401], "threshold": 0.05}, "BOARD", None, None),
    "model under the floor": ({"risk": [-4.6], "threshold": 0.001}, "BOARD", None, None),
    "model without a threshold": ({"risk": [SURE], "threshold": None}, "BOARD", None, None),
    "ca: model refers nobody": ({"policy": "ca", "risk": [SURE]}, "BOARD", None, None),
    "eu: model refers nobody": ({"policy": "eu", "risk": [SURE]}, "BOARD", None, None),
    "ca: scenarios refer": ({"policy": "ca", "hit": [{}], "risk": [SURE]}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "model leaves a possible victim alone": ({"risk": [SURE], "hit": [PROTECTION]}, "BOARD", "ON_ARRIVAL", "protection"),
    "child: scenario": ({"person": CHILD, "hit": [BEFORE]}, "BOARD", None, None),
    "child: model": ({"person": CHILD, "risk": [SURE]}, "BOARD", None, None),
    "child: lot": ({"person": CHILD, "draw": [0.0]}, "BOARD", None, None),
    "child: protection": ({"person": CHILD, "hit": [PROTECTION]}, "BOARD", "ON_ARRIVAL", "protection"),
    "child: exact person": ({"person": CHILD, "match": [{}]}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "child: another spelling": ({"person": CHILD, "match": [{"lookout_name": "FERREYRA, Ana Lucia"}]}, "BOARD", None, None),
    "child: one name less": ({"person": CHILD, "match": [{"lookout_name": "FERREIRA, Ana"}]}, "BOARD", None, None),
    "child: name alone": ({"person": CHILD, "match": [OTHER_DOB]}, "BOARD", None, None),
    "child: exact document": (
        {"person": CHILD, "match": [{"lookout_name": "SOMEONE ELSE", **NO_NAME}]}, "BOARD", "ON_ARRIVAL", "enforcement",
    ),
    "child: exact person, held": ({"person": CHILD, "hold": True, "match": [STOP]}, "HOLD", "PRE_BOARDING", "enforcement"),
    "eighteen on the day of departure": (
        {"person": {"dob": date(2008, 1, 15)}, "hit": [{}]}, "BOARD", "ON_ARRIVAL", "enforcement",
    ),
    "eighteen tomorrow": ({"person": {"dob": date(2008, 1, 16)}, "hit": [{}]}, "BOARD", None, None),
    "of unknown age: scenario": ({"person": {"dob": None}, "hit": [{}]}, "INSUFFICIENT_DATA", "ON_ARRIVAL", "enforcement"),
    "of unknown age: model": ({"person": {"dob": None}, "risk": [SURE]}, "INSUFFICIENT_DATA", None, None),
    "of unknown age: lot": ({"person": {"dob": None}, "draw": [0.0]}, "INSUFFICIENT_DATA", None, None),
    "lot": ({"draw": [0.0]}, "BOARD", "ON_ARRIVAL", "enforcement"),
    "lot at its edge": ({"draw": [0.0005]}, "BOARD", None, None),
    "no document": ({"person": {"document": {}}}, "INSUFFICIENT_DATA", None, None),
    "one name is enough": ({"person": {"given": None}}, "BOARD", None, None),
    "no name": ({"person": {"surname": None, "given": "  "}}, "INSUFFICIENT_DATA", None, None),
    "unreadable": ({"faults": [(0, "nationality")], "person": {"nationality": None}}, "INSUFFICIENT_DATA", None, None),
    "unreadable, not asked for": ({"faults": [(0, "document.expiry")]}, "BOARD", None, None),
    "insufficient, matched on what is there": (
        {"person": {"dob": None}, "match": [{}]}, "INSUFFICIENT_DATA", "ON_ARRIVAL", "enforcement",
    ),
    "a hold is stronger than insufficient data": (
        {"hold": True, "person": {"nationality": None}, "faults": [(0, "nationality")], "match": [STOP]},
        "HOLD", "PRE_BOARDING", "enforcement",
    ),
    "no hold without a time to decide by": (
        {"hold": True, "flight": {"departure_at": None, "departure_time": None}, "match": [STOP]},
        "INSUFFICIENT_DATA", "PRE_BOARDING", "enforcement",
    ),
    "lists out": ({"out": ("watchlists",)}, "NOT_SCREENED", None, None),
    "lists out, degraded answer allowed": (
        {"out": ("watchlists",), "changes": {"answer_without": ["watchlists"]}}, "BOARD", None, None,
    ),
    "model and scenarios out": ({"out": ("scenarios", "model")}, "BOARD", None, None),
    "scenarios out, not allowed": ({"out": ("scenarios",), "changes": {"answer_without": []}}, "NOT_SCREENED", None, None),
    "scenarios out, held all the same": (
        {"out": ("scenarios",), "changes": {"answer_without": []}, "hold": True, "match": [STOP]},
        "HOLD", "PRE_BOARDING", "enforcement",
    ),
    "lists out, scenario refers": ({"out": ("watchlists",), "hit": [{}]}, "NOT_SCREENED", "ON_ARRIVAL", "enforcement"),
}  # fmt: skip


def one(make: SimpleNamespace, special: dict[str, Any]) -> dict[str, Any]:
    changes = dict(special.get("changes", {}))
    if special.get("hold"):
        changes["hold"] = make.hold
    people = make.manifest(special.get("person", {}), flight=special.get("flight"), faults=special.get("faults", ()))
    named = {key: special[key] for key in ("match", "hit", "risk", "draw", "threshold", "out", "now") if key in special}
    (row,) = make.decisions(people, under=make.policy(special.get("policy", "standard"), **changes), **named).to_dicts()
    return row


@pytest.mark.parametrize("case", CASES)
def test_a_traveller(make: SimpleNamespace, case: str) -> None:
    special, directive, kind, lane = CASES[case]
    row = one(make, special)
    assert (row["directive"], row["kind"], row["lane"]) == (directive, kind, lane)


@pytest.mark.parametrize(
    ("finding", "person", "kind", "code"),
    [
        ("agrees", {}, None, None),
        ("unchecked", {}, None, None),
        ("differs", {}, "ON_ARRIVAL", "redress:differs"),
        ("unknown", {}, "ON_ARRIVAL", "redress:unknown"),
        ("differs", CHILD, None, None),
    ],
)
def test_a_redress_number_that_is_not_theirs_is_asked_about_on_arrival(
    make: SimpleNamespace, finding: str, person: dict[str, Any], kind: str | None, code: str | None
) -> None:
    found = pl.DataFrame([(0, finding)], schema=REDRESS, orient="row")
    row = make.decisions(make.manifest(person), under=make.policy(), redress=found).to_dicts()[0]
    assert (row["directive"], row["kind"]) == ("BOARD", kind)
    assert [one for one in codes(row) if one.startswith("redress")] == [code] * (code is not None)


@pytest.mark.parametrize(("minutes", "kind"), [(-1, "PRE_BOARDING"), (0, "ON_ARRIVAL"), (1, "ON_ARRIVAL")])
def test_after_departure_nobody_is_looked_at_before_boarding(make: SimpleNamespace, minutes: int, kind: str) -> None:
    departs = datetime(2026, 1, 15, 13, tzinfo=UTC)
    assert one(make, {"match": [STOP], "now": departs + timedelta(minutes=minutes)})["kind"] == kind


def codes(row: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in row["reasons"]]


def test_a_hold_says_until_when_and_whom_to_call(make: SimpleNamespace) -> None:
    row = one(make, {"hold": True, "match": [STOP]})
    assert row["decide_by"] == datetime(2026, 1, 15, 12, 15, tzinfo=UTC)  # 45 minutes before departure
    assert row["telephone"] == "+1 613 555 0100"
    assert "waits for an officer" in row["reasons"][0]["en"]
    assert "attend la décision" in row["reasons"][0]["fr"]


@pytest.mark.parametrize(
    ("now", "directive", "decide_by", "kind"),
    [
        (datetime(2026, 1, 15, 12, 14, 59, tzinfo=UTC), "HOLD", datetime(2026, 1, 15, 12, 15, tzinfo=UTC), "PRE_BOARDING"),
        (datetime(2026, 1, 15, 12, 15, tzinfo=UTC), "HOLD", datetime(2026, 1, 15, 13, tzinfo=UTC), "PRE_BOARDING"),
        (
            datetime(2026, 1, 15, 21, 59, tzinfo=timezone(timedelta(hours=9))),
            "HOLD",
            datetime(2026, 1, 15, 13, tzinfo=UTC),
            "PRE_BOARDING",
        ),
        (datetime(2026, 1, 15, 13, tzinfo=UTC), "BOARD", None, "ON_ARRIVAL"),
        (datetime(2026, 1, 16, tzinfo=UTC), "BOARD", None, "ON_ARRIVAL"),
    ],
)
def test_a_hold_ends_in_time(make: SimpleNamespace, now: datetime, directive: str, decide_by: datetime | None, kind: str) -> None:
    row = one(make, {"hold": True, "match": [STOP], "now": now})
    assert (row["directive"], row["decide_by"], row["kind"]) == (directive, decide_by, kind)
    assert (row["telephone"] is None) == (directive == "BOARD")
    assert ("waits for an officer" in row["reasons"][0]["en"]) == (directive == "HOLD")


def test_one_case_has_all_reasons_and_they_add_up(make: SimpleNamespace) -> None:
    row = one(
        make, {"match": [{}, {**STOP, "entry_id": "L-8"}], "hit": [{}, {"scenario": "other", "weight": 0.25}], "risk": [-3.5]}
    )
    assert codes(row) == ["lookout:national:L-7", "lookout:national:L-8", "scenario:late-cash", "scenario:other", "model"]
    assert [reason["log_odds"] for reason in row["reasons"]] == [0.0, 0.0, 1.5, 0.25, -3.5]
    assert row["priority"] == -1.75


def test_reasons_carry_values_in_both_languages_and_no_name(make: SimpleNamespace) -> None:
    row = one(make, {"match": [{}], "hit": [{}], "risk": [-3.5]})
    lookout, scenario, model = row["reasons"]
    assert lookout["en"] == (
        "Possible match with lookout L-7 of list national (examine on arrival), probability 95 %. "
        "Evidence: name +12.0, date of birth +10.0."
    )
    assert lookout["fr"] == (
        "Correspondance possible avec le signalement L-7 de la liste national (examiner à l'arrivée), probabilité 95 %. "
        "Éléments : nom +12,0, date de naissance +10,0."
    )
    assert scenario["en"] == "Scenario: Late and cash (weight +1.5). Observed: hours from booking to departure: 3."
    assert scenario["fr"] == "Scénario : Tard et comptant (poids +1,5). Constaté : heures entre réservation et départ : 3."
    assert model["en"] == "Model: 2.9 % risk of a finding if examined."
    assert model["fr"] == "Modèle : risque de 2,9 % d'une constatation en cas d'examen."
    assert "FERREIRA" not in str(row).upper()


def test_without_a_model_the_base_rate_is_the_first_addend(make: SimpleNamespace) -> None:
    row = one(make, {"hit": [{}]})
    assert codes(row) == ["scenario:late-cash", "base"]
    assert row["priority"] == pytest.approx(-10.126591 + 1.5)  # log(4e-5 / (1 - 4e-5)): 1 in 25,000


def test_on_a_protection_case_nothing_else_counts(make: SimpleNamespace) -> None:
    row = one(make, {"hit": [{"weight": 5.0}, PROTECTION], "risk": [SURE]})
    assert row["priority"] == pytest.approx(-10.126591 + 2.0)
    aside, help_, base = row["reasons"]
    assert (aside["log_odds"], base["code"]) == (0.0, "base")
    assert help_["en"].startswith("This person may need help: Child alone")
    told = " ".join(reason[language] for reason in row["reasons"] for language in ("en", "fr")).lower()
    assert not any(word in told for word in ("late and cash", "smuggl", "passeur", "suspect", "scénario", "scenario:"))


def test_a_childs_enforcement_hits_neither_count_nor_are_told(make: SimpleNamespace) -> None:
    row = one(make, {"person": CHILD, "hit": [{}, PROTECTION], "risk": [SURE]})
    assert codes(row) == ["scenario:lone-child", "base"]
    assert row["priority"] == pytest.approx(-10.126591 + 2.0)


def test_a_match_is_noted_for_the_owner_of_the_lookout(make: SimpleNamespace) -> None:
    noted = one(make, {"match": [{"action": "notify_owner"}]})
    assert codes(noted) == ["notify:national:L-7", "base"]
    assert "Noted for its owner" in noted["reasons"][0]["en"]
    assert "Consigné pour son propriétaire" in noted["reasons"][0]["fr"]


def test_fields_at_fault_are_named_once(make: SimpleNamespace) -> None:
    person = {"dob": None, "document": {}, "surname": None, "given": None}
    row = one(make, {"person": person, "faults": [(0, "dob"), (0, "dob"), (0, "document.issuer")]})
    assert codes(row) == ["missing:name", "unreadable:dob", "missing:document.number", "unreadable:document.issuer", "base"]


def test_whoever_cannot_be_matched_at_all_is_never_cleared(make: SimpleNamespace) -> None:
    lenient = {"changes": {"insufficient_when": {"missing": [], "unreadable": []}}}
    assert one(make, {**lenient, "person": {"surname": "—", "given": None, "document": {}}})["directive"] == "INSUFFICIENT_DATA"
    assert one(make, {**lenient, "person": {"surname": None, "given": None}})["directive"] == "BOARD"
    assert one(make, {**lenient, "person": {"document": {}}})["directive"] == "BOARD"


def test_the_flights_own_fields_can_be_asked_for(make: SimpleNamespace) -> None:
    changes = {"insufficient_when": {"missing": ["flight.departure"], "unreadable": []}}
    row = one(make, {"changes": changes, "flight": {"departure": None}})
    assert (row["directive"], codes(row)) == ("INSUFFICIENT_DATA", ["missing:flight.departure", "base"])
    assert one(make, {"changes": changes})["directive"] == "BOARD"


def test_a_leap_day_child_is_of_age_on_the_first_of_march(make: SimpleNamespace) -> None:
    born = {"person": {"dob": date(2008, 2, 29)}, "hit": [{}]}
    assert one(make, {**born, "flight": {"departure_time": datetime(2026, 2, 28, 23)}})["kind"] is None
    assert one(make, {**born, "flight": {"departure_time": datetime(2026, 3, 1)}})["kind"] == "ON_ARRIVAL"


def test_age_is_that_on_the_local_day_of_departure(make: SimpleNamespace) -> None:
    born = {"person": {"dob": date(2008, 1, 16)}, "hit": [{}]}
    utc = {"departure_at": datetime(2026, 1, 15, 23, 30, tzinfo=UTC)}
    assert one(make, {**born, "flight": {"departure_time": datetime(2026, 1, 16, 0, 30), **utc}})["kind"] == "ON_ARRIVAL"
    assert one(make, {**born, "flight": {"departure_time": None, **utc}})["kind"] is None


def test_the_lot_is_recorded_with_its_probability(make: SimpleNamespace) -> None:
    people = make.manifest({}, {}, {}, CHILD)
    risk = [-12.0, -5.0, SURE, -12.0]  # a tenth of the threshold .05 has log-odds -5.3
    drawn = make.decisions(people, under=make.policy(), risk=risk, draw=[0.0004, 0.0019, 0.0, 0.0])
    assert drawn["inclusion"].to_list() == [0.0005, 0.002, 0.0, 0.0]
    assert drawn["control"].to_list() == [True, True, False, False]
    assert drawn["kind"].to_list() == ["ON_ARRIVAL", "ON_ARRIVAL", "ON_ARRIVAL", None]
    queue_only = make.decisions(people, under=make.policy("ca"), risk=risk, draw=[0.0004, 0.0019, 0.0, 0.0])
    assert queue_only["inclusion"].to_list() == [0.0005, 0.0005, 0.0005, 0.0]


def test_no_column_can_hold_do_not_board() -> None:
    assert DECISIONS["directive"] == ENGINE_DIRECTIVES
    assert set(DIRECTIVES.categories) - set(ENGINE_DIRECTIVES.categories) == {"DO_NOT_BOARD"}
    with pytest.raises(InvalidOperationError):
        pl.Series(["DO_NOT_BOARD"], dtype=DECISIONS["directive"])


def test_the_result_has_the_promised_columns(make: SimpleNamespace) -> None:
    assert make.decisions(make.manifest({}), under=make.policy()).schema == DECISIONS
    assert make.decisions(make.manifest({}), under=make.policy(hold=make.hold), match=[STOP]).schema == DECISIONS


probabilities = st.floats(0, 1)
match_rows = st.fixed_dictionaries(
    {
        "traveller": st.integers(0, 2),
        "source": st.sampled_from(["national", "un"]),
        "lookout_name": st.sampled_from(["FERREIRA, Ana Lucia", "FERREIRA"]),
        "weak": st.booleans(),
        "action": st.sampled_from(["stop_before_boarding", "examine_on_arrival", "arrest_on_arrival", "notify_owner"]),
        "name_log_odds": st.sampled_from([-3.0, 0.0, NAME_COUNTS - 0.1, NAME_COUNTS, 12.0]),
        "probability": probabilities,
        "dob_agrees": st.booleans(),
        "document_agrees": st.booleans(),
    }
)
hit_rows = st.fixed_dictionaries(
    {
        "traveller": st.integers(0, 2),
        "lane": st.sampled_from(["enforcement", "protection"]),
        "kind": st.sampled_from(["ON_ARRIVAL", "PRE_BOARDING"]),
        "weight": st.floats(-20, 20),
    }
)
people = st.fixed_dictionaries(
    {
        "dob": st.sampled_from([None, date(1988, 4, 12), date(2012, 5, 1)]),
        "surname": st.sampled_from([None, "Ferreira"]),
        "document": st.sampled_from([{}, {"type": "P", "number": "X1", "issuer": "PRT"}]),
    }
)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["demo", "standard", "ca", "eu"]),
    holds=st.booleans(),
    persons=st.lists(people, min_size=3, max_size=3),
    match=st.lists(match_rows, max_size=6),
    hit=st.lists(hit_rows, max_size=4),
    risk=st.none() | st.lists(st.floats(-30, 30), min_size=3, max_size=3),
    draw=st.lists(st.floats(0, 0.01), min_size=3, max_size=3),
    out=st.sets(st.sampled_from(["watchlists", "scenarios", "model"])),
)
def test_whatever_comes_in(
    make: SimpleNamespace, name: str, holds: bool, persons: Any, match: Any, hit: Any, risk: Any, draw: Any, out: Any
) -> None:
    policy = make.policy(name, **({"hold": make.hold} if holds else {}))
    result = make.decisions(make.manifest(*persons), under=policy, match=match, hit=hit, risk=risk, draw=draw, out=out)
    assert result.schema == DECISIONS
    assert result["traveller"].to_list() == [0, 1, 2]
    for row, decision in enumerate(result.to_dicts()):
        mine = [item for item in match if item["traveller"] == row]
        lanes = {item["lane"] for item in hit if item["traveller"] == row}
        child = persons[row]["dob"] == date(2012, 5, 1)
        assert decision["directive"] != "DO_NOT_BOARD"
        if decision["directive"] == "HOLD":
            assert holds
            assert any(
                item["action"] == "stop_before_boarding"
                and item["source"] == "national"
                and (item["dob_agrees"] or item["document_agrees"])
                and item["name_log_odds"] >= NAME_COUNTS
                and not item["weak"]
                and item["probability"] > 0.8
                for item in mine
            )
        if "watchlists" in out:
            assert decision["directive"] in {"NOT_SCREENED", "HOLD"}
        if child and "protection" not in lanes and decision["kind"] is not None:
            assert any(item["document_agrees"] or item["dob_agrees"] for item in mine)
        if decision["control"]:
            assert decision["kind"] == "ON_ARRIVAL"
            assert persons[row]["dob"] == date(1988, 4, 12)
            assert 0 <= draw[row] < decision["inclusion"]
        if decision["inclusion"]:
            assert decision["inclusion"] >= 1 / 2000
        if policy.model_role == "prioritise" and decision["kind"] is not None and not decision["control"]:
            assert mine or lanes
        assert (decision["lane"] == "protection") == ("protection" in lanes)
        assert all(reason["en"] and reason["fr"] and reason["code"] for reason in decision["reasons"])


@settings(max_examples=30, deadline=None)
@given(
    match=st.lists(match_rows, max_size=5),
    hit=st.lists(hit_rows, max_size=5),
    risk=st.lists(st.floats(-9, 9), min_size=3, max_size=3),
)
def test_a_travellers_decision_does_not_depend_on_the_others(make: SimpleNamespace, match: Any, hit: Any, risk: Any) -> None:
    policy = make.policy(hold=make.hold)
    together = make.decisions(make.manifest({}, CHILD, {}), under=policy, match=match, hit=hit, risk=risk)
    for row, person in enumerate([{}, CHILD, {}]):
        alone = make.decisions(
            make.manifest(person),
            under=policy,
            match=[{**item, "traveller": 0} for item in match if item["traveller"] == row],
            hit=[{**item, "traveller": 0} for item in hit if item["traveller"] == row],
            risk=[risk[row]],
        )
        assert alone.drop("traveller").equals(together.drop("traveller")[row : row + 1])
