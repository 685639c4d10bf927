"""Travellers under way in pages, each once and the next to arrive first; and what a screening again leaves as it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest

from store.database import Store
from store.ids import ids
from store.records import Again, Screening
from store.rescreens import Page
from tests.store.conftest import DEPARTURE, NOW, OFFICER, manifest, reason, screening


def under_way(store: Store, *, at: datetime = NOW, size: int = 20_000, **made: datetime) -> list[Page]:
    pages = [store.under_way(at, documents=True, size=size, **made)]
    while pages[-1].next is not None:
        pages.append(store.under_way(pages[-1].next, documents=True, size=size, **made))
    return pages


@pytest.fixture
def flights(store: Store) -> list[Screening]:
    """Four flights of three travellers, the last to leave screened first."""
    made = [
        screening(store, f"r{days}", of=manifest(3, number=f"{days + 1}", departure_at=DEPARTURE + timedelta(days=days)))
        for days in (3, 2, 1, 0)
    ]
    store.commit(made)
    return made


@pytest.mark.parametrize("size", [1, 3, 4, 6, 7, 100])
def test_pages_hold_whole_screenings_once_and_the_next_to_arrive_first(store: Store, flights: list[Screening], size: int) -> None:
    pages = under_way(store, size=size)
    travellers = pl.concat([page.travellers for page in pages])
    expected = [(one.id, row) for one in reversed(flights) for row in range(3)]
    assert travellers.select("screening", "row").rows() == expected
    counts = [page.travellers["screening"].value_counts()["count"].to_list() for page in pages]
    assert {count for page in counts for count in page} == {3}
    assert all(sum(page) < size + 3 for page in counts)
    papers = pl.concat([page.documents for page in pages])
    assert papers.height == sum(one.manifest.documents.height for one in flights)


def test_what_is_read_is_what_was_committed(store: Store, flights: list[Screening]) -> None:
    [page] = under_way(store)
    soonest = flights[-1].manifest
    columns = ["surname", "given", "dob", "nationality", "birthplace"]
    mine = pl.col("screening") == flights[-1].id
    assert page.travellers.filter(mine).select(columns).equals(soonest.travellers.select(columns))
    documents = ["type", "number", "issuer"]
    assert page.documents.filter(mine).sort("row").select(documents).equals(soonest.documents.select(documents))


def test_who_has_arrived_is_left_out(store: Store, flights: list[Screening]) -> None:
    day_after = DEPARTURE + timedelta(days=1)  # without an arrival time a day is allowed for
    [page] = under_way(store, at=day_after)
    assert page.travellers["screening"].unique().len() == 4
    [page] = under_way(store, at=day_after + timedelta(microseconds=1))
    assert page.travellers["screening"].unique(maintain_order=True).to_list() == [one.id for one in reversed(flights[:3])]
    [page] = under_way(store, at=day_after + timedelta(days=3, microseconds=1))
    assert page.travellers.is_empty()
    assert page.documents.is_empty()


def test_screenings_of_a_time(store: Store) -> None:
    made = [replace(screening(store, f"r{minute}"), id=ids(lambda m=minute: NOW + timedelta(minutes=m))()) for minute in range(3)]
    assert store.oldest_under_way(NOW) is None
    store.commit(made)

    def found(**times: datetime) -> list[str]:
        return [one for page in under_way(store, **times) for one in page.travellers["screening"].unique(maintain_order=True)]

    at = NOW + timedelta(minutes=1)
    assert found() == [one.id for one in made]
    assert found(made_before=at) == [made[0].id]
    assert found(made_since=at) == [made[1].id, made[2].id]
    assert store.oldest_under_way(NOW) == NOW
    assert store.oldest_under_way(DEPARTURE + timedelta(days=2)) is None


def test_a_pass_is_kept_until_it_is_finished(reopen: Callable[..., Store]) -> None:
    store = reopen()
    assert store.last_snapshot() is None
    store.commit([screening(store)])
    assert store.last_snapshot() == "snapshot-hash"
    begun = store.begin_rescreen("newer", [("desk", "N-1"), ("un", "Q;2")])
    page = store.under_way(NOW, documents=False, size=1)
    store.proceed_rescreen(replace(begun, position=page.next, travellers=2, referred=1))
    store.close()
    store = reopen()
    [found] = store.unfinished_rescreens()
    assert found == replace(begun, position=page.next, travellers=2, referred=1)
    assert store.last_snapshot() == "newer"
    store.proceed_rescreen(found, finished=True)
    assert store.unfinished_rescreens() == []
    assert store.verify() == []
    store.close()


def test_screened_again_only_those_concerned_are_referred_and_no_directive_changes(store: Store) -> None:
    first = screening(store, "r1", refers={}, of=manifest(3))
    store.commit([first])
    again = screening(store, "r2", refers={0: [reason()], 1: [reason("lookout:n")]}, directive="HOLD", of=manifest(3))
    [answered] = store.commit([replace(again, again=Again(first.id, frozenset({1})))])
    assert answered.answers["directive"].to_list() == ["BOARD"] * 3
    [referral] = store.referrals(OFFICER).referrals
    assert (referral.urgent, referral.reference, referral.directive) == (True, f"{again.id}.1", "BOARD")
    assert store.superseded(first.id, [0, 1]) == {0, 1}
    assert store.superseded(again.id, [0, 1]) == set()


def test_an_officers_directive_goes_over_to_the_screening_again(store: Store) -> None:
    first = screening(store, "r1", directive="HOLD")
    store.commit([first])
    store.decide(OFFICER, store.referrals(OFFICER).referrals[0].id, "release", "seen", directive="BOARD")
    again = screening(store, "r2", refers={0: [reason("lookout:n")]}, directive="HOLD")
    store.commit([replace(again, again=Again(first.id, frozenset({0})))])
    assert store.directive(f"{again.id}.0", "AC-DCS").directive == "BOARD"
    assert [one.urgent for one in store.referrals(OFFICER).referrals] == [True]
