"""History reads are bounded, point in time, and the same journey counts once."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.database import Store
from store.history import LATEST, history_state
from store.records import EVENTS
from store.schema import history_events, to_micros
from tests.store.conftest import DEPARTURE, manifest, screening

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
FOREVER = (EPOCH - timedelta(days=9999), EPOCH + timedelta(days=9999))


def put(store: Store, rows: list[tuple[int, int, int]]) -> None:
    """(pseudonym, hour, flight) rows."""
    columns = ("pseudonym", "at", "flight", "person", "booking", "kind")
    values = [(key, to_micros(EPOCH + timedelta(hours=hour)), flight, 0, 0, "phone") for key, hour, flight in rows]
    with store._engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(history_events.delete())
        if values:
            connection.execute(history_events.insert(), [dict(zip(columns, value, strict=True)) for value in values])


def test_journeys_come_back_by_pseudonym(store: Store) -> None:
    made = screening(store)
    store.commit([made])
    found = store.history_state(made.pseudonyms["pseudonym"], *FOREVER)
    assert found.schema == pl.Schema(EVENTS)
    order = ["pseudonym", "person"]
    assert found.sort(order).equals(made.events.sort(order))
    assert store.history_state([], *FOREVER).schema == pl.Schema(EVENTS)
    assert store.history_state([1, 2], *FOREVER).is_empty()


def test_the_same_journey_sent_again_counts_once(store: Store) -> None:
    made = screening(store)
    store.commit([made, screening(store, "again")])
    assert store.history_state(made.pseudonyms["pseudonym"], *FOREVER).height == made.events.height
    store.commit([screening(store, "next", of=manifest(departure_at=DEPARTURE + timedelta(days=1)))])
    assert store.history_state(made.pseudonyms["pseudonym"], *FOREVER).height == 2 * made.events.height


def test_a_flight_without_a_time_is_not_remembered(store: Store) -> None:
    made = screening(store, of=manifest(departure_at=None))
    store.commit([made])
    assert store.history_state(made.pseudonyms["pseudonym"], *FOREVER).is_empty()


def test_only_the_latest_are_read_and_only_the_window(store: Store) -> None:
    put(store, [(key, hour, 1) for key in (-5, 7) for hour in range(200)])
    found = store.history_state([-5, 7, 7, 9], EPOCH, EPOCH + timedelta(hours=150))
    assert found.group_by("pseudonym").len().sort("pseudonym").rows() == [(-5, LATEST), (7, LATEST)]
    assert found["at"].max() == EPOCH + timedelta(hours=149)
    assert found["at"].min() == EPOCH + timedelta(hours=150 - LATEST)
    assert found["person"].null_count() == found.height
    narrow = store.history_state([7], EPOCH + timedelta(hours=10), EPOCH + timedelta(hours=12))
    assert narrow["at"].to_list() == [EPOCH + timedelta(hours=10), EPOCH + timedelta(hours=11)]


def test_one_search_of_the_index_per_key(store: Store) -> None:
    """The plan reads no table from end to end: work does not grow with the history."""
    put(store, [(1, 1, 1)])
    with store._engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        statements: list[str] = []
        raw.set_trace_callback(statements.append)
        history_state(connection, [1], *FOREVER)
        raw.set_trace_callback(None)
        query = next(one for one in statements if "history_events" in one)
        plans = [row[3] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + query.replace("%", "%%"))]
    assert [plan for plan in plans if "SCAN" in plan and "VIRTUAL TABLE" not in plan] == []
    assert sum("SEARCH" in plan for plan in plans) == 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(1, 5)), unique=True, max_size=400),
    st.integers(0, 50),
    st.integers(0, 50),
)
def test_it_is_the_same_as_reading_everything(store: Store, rows: list[tuple[int, int, int]], start: int, stop: int) -> None:
    put(store, rows)
    since, until = EPOCH + timedelta(hours=start), EPOCH + timedelta(hours=stop)
    expected = []
    for key in (0, 1, 2):
        window = sorted((hour, flight) for one, hour, flight in rows if one == key and start <= hour < stop)
        expected += [(key, EPOCH + timedelta(hours=hour), flight) for hour, flight in window[-LATEST:]]
    assert store.history_state([0, 1, 2], since, until).select("pseudonym", "at", "flight").rows() == expected


@pytest.mark.parametrize("naive", [datetime(2026, 1, 1)])
def test_naive_times_are_refused(store: Store, naive: datetime) -> None:
    with pytest.raises(TypeError):
        store.history_state([1], naive, EPOCH)
