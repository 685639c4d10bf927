import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from manifests import frames
from manifests.errors import InputError
from referrals.desk import list_referrals
from referrals.engine import Engine
from referrals.screen import Answer, Request, current, rehearse, screen, screenings_of
from scoring import policy as policies
from store.actor import Actor
from store.errors import RequestConflict
from tests.referrals.conftest import INNOCENT, LISTED, NAMESAKE, manifest_of, request_of


@pytest.fixture
def engine(open_world: Callable[[], Engine]) -> Iterator[Engine]:
    opened = open_world()
    yield opened
    opened.store.close()


def answer(engine: Engine, request: Request) -> Answer:
    [outcome] = screen(engine, [request])
    assert isinstance(outcome, Answer), outcome
    return outcome


def test_a_listed_person_waits_and_the_others_board(engine: Engine) -> None:
    answers = answer(engine, request_of(manifest_of(INNOCENT, LISTED, NAMESAKE))).answers
    assert answers["ref"].to_list() == ["P0", "P1", "P2"]
    assert answers["directive"].to_list() == ["BOARD", "HOLD", "BOARD"]
    held = answers.row(1, named=True)
    assert held["telephone"] == "+1 613 555 0100"
    assert held["decide_by"] is not None
    assert answers["telephone"][0] is None


def test_a_retry_gets_the_first_answer_and_another_body_is_refused(engine: Engine) -> None:
    first = answer(engine, request_of(manifest_of(LISTED)))
    again = answer(engine, request_of(manifest_of(LISTED)))
    assert again.answers.equals(first.answers)
    [refused] = screen(engine, [request_of(manifest_of(INNOCENT), digest="d2")])
    assert isinstance(refused, RequestConflict)
    assert len(engine.store.screening_ids(10)) == 1


def test_the_same_request_twice_in_one_batch_is_screened_once(engine: Engine) -> None:
    request = request_of(manifest_of(INNOCENT))
    first, second = screen(engine, [request, request])
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert second.answers.equals(first.answers)
    assert len(engine.store.screening_ids(10)) == 1


def test_a_bad_request_leaves_its_neighbours_alone(engine: Engine) -> None:
    bad, good = screen(engine, [request_of(frames.build(), "bad"), request_of(manifest_of(INNOCENT), "good")])
    assert isinstance(bad, InputError)
    assert isinstance(good, Answer)


def test_what_is_missing_is_named_also_on_a_retry(engine: Engine) -> None:
    manifest = manifest_of(INNOCENT, INNOCENT | {"given": "PAUL", "number": "GA302923", "dob": None})
    for _ in range(2):
        answered = answer(engine, request_of(manifest))
        assert answered.answers["directive"].to_list() == ["BOARD", "INSUFFICIENT_DATA"]
        assert answered.faults.select("where", "field").rows() == [("travellers[1].dob", "dob")]


def test_a_batch_gives_what_the_requests_give_one_by_one(engine: Engine) -> None:
    people = (INNOCENT, LISTED, NAMESAKE, INNOCENT)
    numbers = ("200", "200", "200", "201")  # single check-ins of one flight, and of another
    requests = [
        request_of(manifest_of(person, number=number), f"r{row}")
        for row, (person, number) in enumerate(zip(people, numbers, strict=True))
    ]
    together = screenings_of(engine, requests)
    for one, request in zip(together, requests, strict=True):
        [alone] = screenings_of(engine, [request])
        for name in ("history", "features", "matches", "hits", "decisions", "pseudonyms", "events"):
            assert getattr(one, name).equals(getattr(alone, name)), name
        assert one.draws.equals(alone.draws)


def test_a_second_flight_shows_the_earlier_trip(engine: Engine) -> None:
    first = screenings_of(engine, [request_of(manifest_of(INNOCENT))])[0]
    assert first.features["earlier_trips_365d"].to_list() == [0]
    answer(engine, request_of(manifest_of(INNOCENT)))
    later = screenings_of(engine, [request_of(manifest_of(INNOCENT, days=9, number="101"), "r2")])[0]
    assert later.features["earlier_trips_365d"].to_list() == [1]


def test_the_engine_never_takes_a_board_back(engine: Engine) -> None:
    nobody_holds = replace(engine, parts=replace(engine.parts, policy=policies.load("demo")))
    assert answer(nobody_holds, request_of(manifest_of(LISTED))).answers["directive"].to_list() == ["BOARD"]
    assert answer(engine, request_of(manifest_of(LISTED), "again")).answers["directive"].to_list() == ["BOARD"]
    officer = Actor("officer-1", frozenset({"officer"}), "interdiction")
    [referral] = list_referrals(engine, officer).referrals
    assert referral.kind == "PRE_BOARDING"
    other_passport = manifest_of(LISTED | {"number": "K0000001"})
    assert answer(engine, request_of(other_passport, "other passport")).answers["directive"].to_list() == ["HOLD"]
    other_flight = manifest_of(LISTED, number="999")
    assert answer(engine, request_of(other_flight, "other flight")).answers["directive"].to_list() == ["HOLD"]


def test_only_the_submitter_reads_what_is_in_force(engine: Engine) -> None:
    reference = answer(engine, request_of(manifest_of(LISTED))).answers["reference"][0]
    mine = current(engine, Actor("ac"), reference)
    assert mine is not None
    assert mine.directive == "HOLD"
    assert current(engine, Actor("lh"), reference) is None
    assert current(engine, Actor("ac"), "nonsense") is None


def test_personal_data_stands_in_identities_only(engine: Engine, tmp_path: Path) -> None:
    answer(engine, request_of(manifest_of(LISTED, NAMESAKE, INNOCENT)))
    planted = ["VORONTSOV", "ARKADY", "TREMBLAY", "JEANNE", "K7712345", "GA302922", "16135550123", "planted.person", "1971-03-09"]
    places: dict[str, set[str]] = {}
    with sqlite3.connect(f"file:{tmp_path / 'forepost.db'}?mode=ro", uri=True) as connection:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in connection.execute(f"SELECT * FROM {table}"):
                for value in row:
                    for text in _texts(value):
                        for word in planted:
                            if word.lower() in text.lower():
                                places.setdefault(word, set()).add(table)
    connection.close()
    assert set(places) == set(planted)
    assert set().union(*places.values()) == {"identities"}


def _texts(value: object) -> list[str]:
    """A value of the database as text; of a compressed frame blob, everything in it."""
    if not isinstance(value, bytes):
        return [str(value)]
    from store.blob import unpack

    try:
        unpacked = unpack(value)
    except Exception:
        return [value.decode("latin-1")]
    return [str(row) for frame in unpacked.values() for row in frame.rows()]


def test_a_rehearsal_stores_nothing(engine: Engine) -> None:
    rehearse(engine)
    assert engine.store.screening_ids(10) == []


def test_a_child_of_a_traveller_row_keeps_its_place(engine: Engine) -> None:
    manifest = manifest_of(INNOCENT, LISTED)
    reversed_rows = pl.Series([1, 0], dtype=pl.UInt32)
    swapped = frames.Manifest(
        manifest.flights,
        manifest.travellers[reversed_rows.to_list()].with_columns(traveller=pl.Series([0, 1], dtype=pl.UInt32)),
        manifest.documents.with_columns(traveller=pl.lit(1, pl.UInt32) - pl.col("traveller")),
        manifest.bookings,
        manifest.legs,
        manifest.faults,
    )
    assert answer(engine, request_of(swapped)).answers["directive"].to_list() == ["HOLD", "BOARD"]
