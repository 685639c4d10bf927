"""The example pack: lawful under the strictest policy, and each scenario fires on its situation and not on another's."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from features.catalogue import BY_ID, CATALOGUE
from features.derive import FEATURES
from manifests.vocabulary import CATEGORIES
from policies import FOLDER
from rules.evaluate import evaluate
from rules.pack import load

PACK = load(FOLDER / "packs" / "examples.yaml", pnr_purposes_required=True)
ON = date(2026, 11, 15)
LATE_CASH_ONE_WAY = {"booked_before_departure_hours": 20.0, "paid_cash": True, "one_way": True}

# What makes each fire, and one value of it that, changed, makes it silent.
SITUATIONS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "late-cash-one-way": (LATE_CASH_ONE_WAY, {"booked_before_departure_hours": 48.0}),
    "shared-contact-paid-by-other": (
        {"email_other_bookings_30d": 2.0, "payer_not_travelling": True},
        {"payer_not_travelling": None},
    ),
    "escort-other-companions": (
        {"earlier_companions_365d": 3.0, "earlier_trips_365d": 3.0, "stay_days": 3.0} | {"booked_before_departure_hours": 50.0},
        {"earlier_companions_365d": 2.0},
    ),
    "card-network": (
        {"card_other_bookings_30d": 2.0, "linked_bookings_on_flight": 1.0, "booked_by_agency": False},
        {"booked_by_agency": True},
    ),
    "document-of-other-person": ({"document_other_persons_365d": 1.0, "earlier_trips_365d": 0.0}, {"earlier_trips_365d": 1.0}),
    "expiring-document-no-bag": (
        {"document_validity_days": 12.0, "checked_bags": 0.0, "flight_km": 6000.0},
        {"checked_bags": None},
    ),
    "detour-long-layover": (
        {"detour_ratio": 1.6, "longest_layover_hours": 9.0, "checked_bags": 0.0, "one_way": True},
        {"one_way": None},
    ),
    "child-without-adult": ({"child_without_adult": True}, {"child_without_adult": None}),
    "adult-with-unrelated-children": ({"unrelated_children": 2.0, "payer_not_travelling": True}, {"unrelated_children": 1.0}),
    "southbound-transit": (
        {"journey_end_border_km": 12.0, "one_way": True, "checked_bags": 0.0, "contact_missing": True, "paid_cash": True},
        {"contact_missing": None},
    ),
    "security-lookout-late-booking": ({"paid_cash": True}, {"paid_cash": None}),
    "warrant-identity-agrees": ({}, {}),
}
MATCHED = {"security-lookout-late-booking": "war_crimes", "warrant-identity-agrees": "warrant_or_removal_order"}


def fires(values: dict[str, Any], category: str | None, probability: float = 0.3) -> list[str]:
    row = {one.id: [values.get(one.id)] for one in CATALOGUE}
    features = pl.DataFrame({"traveller": [0], **row}, schema=FEATURES)
    columns = {"traveller": pl.UInt32, "entry_id": pl.String, "source": pl.String, "category": CATEGORIES}
    columns |= {"probability": pl.Float64, "dob_agrees": pl.Boolean, "document_agrees": pl.Boolean}
    found = [(0, "1", "list", category, probability, True, False)] if category else []
    matches = pl.DataFrame(found, schema=columns, orient="row")
    return evaluate(PACK, features, matches, ON)["scenario"].to_list()


def test_there_is_a_situation_for_each() -> None:
    assert list(SITUATIONS) == [scenario.id for scenario in PACK.scenarios]
    assert PACK.origin == "example"


@pytest.mark.parametrize("id", SITUATIONS)
def test_it_fires_on_its_situation_only(id: str) -> None:
    values, change = SITUATIONS[id]
    assert fires(values, MATCHED.get(id)) == [id]
    assert fires({**values, **change}, MATCHED.get(id), 0.01 if id in MATCHED else 0.3) == []


def test_protection_is_neutral_and_never_before_boarding() -> None:
    protection = [scenario for scenario in PACK.scenarios if scenario.lane == "protection"]
    assert len(protection) == 2
    assert {scenario.kind for scenario in protection} == {"ON_ARRIVAL"}
    assert {scenario.category for scenario in protection} == {"trafficking_protection"}


def test_enforcement_touches_no_protected_ground() -> None:
    for scenario in PACK.scenarios:
        if scenario.lane == "enforcement":
            assert not [name for name in scenario.features() if BY_ID[name].protected]
