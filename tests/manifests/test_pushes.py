"""Pushes in order, whatever the order in which they arrive."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from manifests import pnrgov
from manifests.pushes import PUSHED, in_force, pushed
from tests.manifests import pnrs

NOON = datetime(2026, 1, 12, 12, tzinfo=UTC)


def push(number: int, hours: int, *locators: str | None, whole: bool = True, changed: int | None = 0) -> list[dict[str, Any]]:
    return [
        {
            "push": number,
            "booking": row,
            "flight": "AC 872",
            "record_locator": locator,
            "prepared_at": NOON + timedelta(hours=hours),
            "changed_at": None if changed is None else NOON - timedelta(hours=10 - changed),
            "reference": f"R{number:02}",
            "whole": whole,
        }
        for row, locator in enumerate(locators)
    ]


def holding(*pushes: list[dict[str, Any]]) -> list[tuple[int, str | None]]:
    rows = [row for one in pushes for row in one]
    return in_force(pl.DataFrame(rows, schema=PUSHED)).select("push", "record_locator").rows()


def test_a_later_push_replaces_an_earlier_one_and_a_late_one_does_not_go_back() -> None:
    early, late = push(1, 0, "A", "B"), push(2, 24, "A", "B")
    assert holding(early, late) == holding(late, early) == [(2, "A"), (2, "B")]


def test_a_booking_that_a_whole_push_lacks_has_left_the_flight() -> None:
    assert holding(push(1, 0, "A", "B"), push(2, 24, "A")) == [(2, "A")]
    assert holding(push(2, 24, "A"), push(1, 0, "A", "B"), push(3, 12, "B", whole=False)) == [(2, "A")]


def test_a_push_of_changes_replaces_only_what_it_holds() -> None:
    assert holding(push(1, 0, "A", "B"), push(2, 24, "A", whole=False)) == [(1, "B"), (2, "A")]


def test_within_a_minute_the_latest_transaction_of_the_booking_decides() -> None:
    assert holding(push(1, 0, "A", changed=5, whole=False), push(2, 0, "A", changed=3, whole=False)) == [(1, "A")]
    assert holding(push(1, 0, "A", changed=5, whole=False), push(2, 0, "A", changed=None, whole=False)) == [(1, "A")]


def test_a_booking_without_a_locator_replaces_none() -> None:
    assert holding(push(1, 0, "A", None, None)) == [(1, "A"), (1, None), (1, None)]
    assert holding(push(1, 0, None), push(2, 24, "A")) == [(2, "A")]


pushes = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.lists(st.sampled_from(["A", "B", "C"]), unique=True, max_size=3),
        st.booleans(),
        st.none() | st.integers(0, 3),
    ),
    max_size=6,
)


@given(pushes, st.randoms(use_true_random=False))
def test_the_order_of_arrival_counts_for_nothing(sent: list[tuple[int, list[str], bool, int | None]], random: Any) -> None:
    made = [push(at, hours, *own, whole=whole, changed=changed) for at, (hours, own, whole, changed) in enumerate(sent)]
    rows = [row for one in made for row in one]
    held = pl.DataFrame(rows, schema=PUSHED)
    random.shuffle(rows)
    assert in_force(pl.DataFrame(rows, schema=PUSHED)).equals(in_force(held))
    # Keeping only what is in force after each push gives the same, as long as pushes of the whole flight stay known.
    assert in_force(in_force(held)).equals(in_force(held))


def test_the_bookings_of_a_push_are_named_by_flight_and_locator() -> None:
    bookings = [pnrs.booking(pnrs.traveller("DOE", "JANE"), locator=locator) for locator in ("ABC123", "DEF456")]
    pnr = pnrgov.read(pnrs.interchange(pnrs.pnrgov(*bookings)))
    found = pushed(7, pnr.manifest, pnr.versions)
    assert found.schema == PUSHED
    assert found.select("push", "record_locator", "flight").rows() == [
        (7, "ABC123", "AC\x1f872\x1fFRA\x1f2026-01-15"),
        (7, "DEF456", "AC\x1f872\x1fFRA\x1f2026-01-15"),
    ]
