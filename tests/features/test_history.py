"""The fold: bounded, independent of order, and equal to counting over everything that ever happened."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import history as fold
from manifests.frames import Manifest, concat
from manifests.vocabulary import PSEUDONYM_KINDS

KINDS = tuple(PSEUDONYM_KINDS.categories)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
PSEUDONYMS = {"traveller": pl.UInt32, "kind": PSEUDONYM_KINDS, "pseudonym": pl.Int64}

# A traveller: person (None: unknown), and what is brought of each other kind.
Traveller = dict[str, int | None]
# A flight: hours after START, and bookings of (booking key, travellers).
Flight = tuple[int, list[tuple[int, list[Traveller]]]]


def screened(
    make: Callable[..., Manifest], flights: list[tuple[int, Flight]]
) -> tuple[Manifest, pl.DataFrame, pl.Series, pl.Series]:
    """Flights (key, flight) as one manifest with pseudonyms, flight keys and booking keys."""
    manifests, brought, keys, bookings = [], [], [], []
    row = 0
    for key, (hours, parties) in flights:
        people = [(number, person) for number, (_, travellers) in enumerate(parties) for person in travellers]
        at = START + timedelta(hours=hours)
        manifests.append(
            make(
                flights=[{"departure_at": at}],
                travellers=[{"booking": number} for number, _ in people],
                bookings=[{} for _ in parties],
                documents=[],
                legs=[],
            )
        )
        keys.append(key)
        bookings.extend(booking for booking, _ in parties)
        for _, person in people:
            brought += [(row, kind, value) for kind, value in person.items() if value is not None]
            row += 1
    pseudonyms = pl.DataFrame(brought, schema=PSEUDONYMS, orient="row")
    return concat(manifests), pseudonyms, pl.Series(keys, dtype=pl.Int64), pl.Series(bookings, dtype=pl.Int64)


def brute_force(flights: list[tuple[int, Flight]], of: int) -> list[dict[str, float | None]]:
    """HISTORY of flight number `of` by counting over all events of all flights."""
    rows: list[dict[str, Any]] = []
    for key, (hours, parties) in flights:
        for booking, travellers in parties:
            for traveller in travellers:
                brought = [(kind, value, traveller["person"]) for kind, value in traveller.items() if value is not None]
                if traveller["person"] is not None and len(travellers) <= fold.LARGEST_PARTY:
                    brought += [
                        ("person", traveller["person"], other["person"]) for other in travellers if other["person"] is not None
                    ]
                for kind, value, person in brought:
                    rows.append({"key": (kind, value), "at": hours, "flight": key, "booking": booking, "person": person})
    rows = [dict(pairs) for pairs in {tuple(row.items()) for row in rows}]
    own_key, (now, parties) = flights[of]
    out = []
    for booking, travellers in parties:
        party = {traveller["person"] for traveller in travellers}
        for traveller in travellers:
            found: dict[str, list[dict[str, Any]]] = {}
            for kind in KINDS:
                value = traveller.get(kind)
                mine = [row for row in rows if value is not None and row["key"] == (kind, value) and row["at"] < now]
                mine.sort(key=lambda row: (row["at"], row["flight"], row["booking"], _null_first(row["person"])))
                found[kind] = [row for row in mine[-fold.EVENTS_PER_KEY :] if row["flight"] != own_key]

            def within(kind: str, days: int, found: dict[str, list[dict[str, Any]]] = found) -> list[dict[str, Any]]:
                return [row for row in found[kind] if now - row["at"] <= days * 24]

            def unrelated(
                kind: str, days: int, booking: int = booking, party: set[int | None] = party, within: Any = within
            ) -> float:
                rows = within(kind, days)
                return float(
                    len(
                        {
                            r["booking"]
                            for r in rows
                            if r["booking"] != booking and r["person"] is not None and r["person"] not in party
                        }
                    )
                )

            person = traveller["person"]
            trips = within("person", 365)
            known = person is not None
            values: dict[str, tuple[float | None, bool]] = {
                "document_persons_365d": (
                    float(len({r["person"] for r in within("document", 365)} - {None, person})),
                    known and traveller.get("document") is not None,
                ),
                "trips_365d": (float(len({r["flight"] for r in trips})), known),
                "trips_30d": (float(len({r["flight"] for r in within("person", 30)})), known),
                "last_trip_days": (min((now - r["at"] for r in trips), default=None), known and bool(trips)),
                "companions_365d": (float(len({r["person"] for r in trips} - party)), known),
            }
            for kind in ("card", "phone", "email", "address"):
                values[f"{kind}_bookings_30d"] = (unrelated(kind, 30), traveller.get(kind) is not None)
            for days in (7, 30):
                others = {r["booking"] for r in within("agency", days)} - {booking}
                values[f"agency_bookings_{days}d"] = (float(len(others)), traveller.get("agency") is not None)
            last = values["last_trip_days"]
            values["last_trip_days"] = (None if last[0] is None else last[0] / 24, last[1])
            out.append({name: value if applies else None for name, (value, applies) in values.items()})
    return out


def _null_first(value: int | None) -> tuple[bool, int]:
    return (value is not None, value or 0)


def folded(make: Callable[..., Manifest], flights: list[tuple[int, Flight]], hours_at_once: int) -> list[list[dict[str, Any]]]:
    """HISTORY per flight when all flights of so many hours are screened as one manifest and then folded in."""
    state, out = fold.empty(), []
    periods = sorted({hours // hours_at_once for _, (hours, _) in flights})
    for period in periods:
        batch = [flight for flight in flights if flight[1][0] // hours_at_once == period]
        screening = screened(make, batch)
        found = fold.history(*screening, state)
        assert dict(found.schema) == fold.HISTORY
        state = fold.update(state, fold.events(*screening))
        for number in range(len(batch)):
            mine = screening[0].travellers["flight"] == number
            out.append(found.filter(mine).drop("traveller").to_dicts())
    return out


travellers = st.fixed_dictionaries(
    {
        "person": st.one_of(st.none(), st.integers(1, 4)),
        "document": st.one_of(st.none(), st.integers(1, 2)),
        "phone": st.one_of(st.none(), st.integers(1, 2)),
        "agency": st.one_of(st.none(), st.just(1)),
    }
)
bookings = st.tuples(st.integers(1, 6), st.lists(travellers, min_size=1, max_size=3))
all_flights = st.lists(st.tuples(st.integers(0, 500 * 24), st.lists(bookings, min_size=1, max_size=3)), min_size=1, max_size=7)


@settings(max_examples=60, deadline=None)
@given(drawn=all_flights, hours_at_once=st.sampled_from([24, 24 * 30]))
def test_folding_equals_counting_over_everything(
    drawn: list[Flight], hours_at_once: int, flight: Callable[..., Manifest]
) -> None:
    flights = [(100 + number, one) for number, one in enumerate(sorted(drawn, key=lambda one: one[0]))]
    expected = [brute_force(flights, number) for number in range(len(flights))]
    assert folded(flight, flights, hours_at_once) == expected


def test_a_busy_agency_is_counted_among_its_latest_travellers(flight: Callable[..., Manifest]) -> None:
    flights: list[tuple[int, Flight]] = [
        (day, (24 * day, [(1000 * day + number, [{"person": None, "agency": 1}]) for number in range(50)])) for day in range(4)
    ]
    expected = [brute_force(flights, number) for number in range(4)]
    assert [rows[0]["agency_bookings_7d"] for rows in expected] == [0, 50, 64, 64]
    assert folded(flight, flights, 24) == folded(flight, flights, 24 * 10) == expected


event_rows = st.lists(
    st.tuples(st.sampled_from(KINDS[:2]), st.integers(1, 3), st.integers(0, 800), st.integers(1, 3), st.integers(1, 9)),
    max_size=40,
)


def frame(rows: list[tuple[str, int, int, int, int]]) -> pl.DataFrame:
    return pl.DataFrame(
        [(kind, key, START + timedelta(days=day), person, None, flight) for kind, key, day, person, flight in rows],
        schema=fold.EVENTS,
        orient="row",
    )


@settings(deadline=None)
@given(first=event_rows, second=event_rows)
def test_the_order_of_events_and_repetitions_do_not_matter(
    first: list[tuple[str, int, int, int, int]], second: list[tuple[str, int, int, int, int]]
) -> None:
    one = fold.update(fold.update(fold.empty(), frame(first)), frame(second))
    other = fold.update(fold.update(fold.update(fold.empty(), frame(second)), frame(first)), frame(second))
    order = list(fold.EVENTS)
    assert one.sort(order).equals(other.sort(order))


def test_the_state_is_bounded_in_number_and_time() -> None:
    many = frame([("agency", 1, 400, 1, number) for number in range(200)] + [("agency", 2, 30, 1, 1)])
    state = fold.update(fold.empty(), many)
    assert state.height == fold.EVENTS_PER_KEY
    assert state["flight"].min() == 200 - fold.EVENTS_PER_KEY


@pytest.mark.parametrize(("hours", "trips"), [(-1, 1.0), (0, 0.0), (1, 0.0)])
def test_only_what_departed_before_counts(hours: int, trips: float, flight: Callable[..., Manifest]) -> None:
    earlier = screened(flight, [(1, (100 + hours, [(1, [{"person": 7}])]))])
    state = fold.update(fold.empty(), fold.events(*earlier))
    now = screened(flight, [(2, (100, [(2, [{"person": 7}])]))])
    assert fold.history(*now, state)["trips_365d"].to_list() == [trips]


def test_a_second_screening_of_the_same_flight_does_not_count_itself(flight: Callable[..., Manifest]) -> None:
    before_the_delay = screened(flight, [(1, (100, [(1, [{"person": 7, "phone": 5}])]))])
    state = fold.update(fold.empty(), fold.events(*before_the_delay))
    delayed = screened(flight, [(1, (103, [(1, [{"person": 7, "phone": 5}])]))])
    found = fold.history(*delayed, state)
    assert found["trips_365d"].to_list() == [0.0]
    assert found["phone_bookings_30d"].to_list() == [0.0]


def test_members_of_a_group_are_not_each_others_companions(flight: Callable[..., Manifest]) -> None:
    group: list[Traveller] = [{"person": number} for number in range(1, fold.LARGEST_PARTY + 2)]
    state = fold.update(fold.empty(), fold.events(*screened(flight, [(1, (0, [(1, group)]))])))
    found = fold.history(*screened(flight, [(2, (48, [(2, [{"person": 1}])]))]), state)
    assert found["trips_365d"].to_list() == [1.0]
    assert found["companions_365d"].to_list() == [0.0]


def test_an_unknown_departure_leaves_history_unknown(flight: Callable[..., Manifest]) -> None:
    manifest, pseudonyms, flights, bookings = screened(flight, [(1, (0, [(1, [{"person": 1, "phone": 2}])]))])
    unknown = flight(flights=[{"departure_at": None}], travellers=[{}], bookings=[{}], documents=[], legs=[])
    assert fold.events(unknown, pseudonyms, flights, bookings).is_empty()
    found = fold.history(unknown, pseudonyms, flights, bookings, fold.events(manifest, pseudonyms, flights, bookings))
    assert set(found.drop("traveller").row(0)) == {None}
