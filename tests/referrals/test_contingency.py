"""A HOLD ends at its decide-by time, whoever looks first: the carrier or the officers."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from manifests.errors import InputError
from referrals.desk import decide, get_referral, list_referrals
from referrals.engine import Engine
from referrals.replay import replay
from referrals.screen import Answer, current, screen
from store.actor import Actor
from store.records import Directive
from tests.referrals.conftest import LISTED, NOW, manifest_of, request_of

OFFICER = Actor("officer-1", frozenset({"officer"}), "interdiction")
DEPARTURE = NOW + timedelta(hours=6)
DUE = DEPARTURE - timedelta(minutes=45)


@pytest.fixture
def engine(open_world: Callable[[], Engine]) -> Iterator[Engine]:
    opened = open_world()
    yield opened
    opened.store.close()


def at(engine: Engine, time: datetime) -> Engine:
    return replace(engine, clock=lambda: time)


def held(engine: Engine, request_id: str = "r1") -> str:
    """The reference of the listed person, screened at the engine's time."""
    [outcome] = screen(engine, [request_of(manifest_of(LISTED), request_id)])
    assert isinstance(outcome, Answer)
    return str(outcome.answers["reference"][0])


def now_in_force(engine: Engine, reference: str) -> Directive:
    found = current(engine, Actor("ac"), reference)
    assert found is not None
    return found


def recorded(folder: Path) -> list[dict[str, object]]:
    """What outbox and ledger say of contingencies."""
    connection = sqlite3.connect(f"file:{folder / 'forepost.db'}?mode=ro", uri=True)
    rows = connection.execute(
        "SELECT payload FROM events WHERE kind = 'hold.contingency' "
        "UNION ALL SELECT payload FROM audit_entries WHERE kind = 'contingency'"
    ).fetchall()
    connection.close()
    return [json.loads(payload) for (payload,) in rows]


def test_the_carrier_who_asks_after_the_decide_by_time_hears_board(engine: Engine, tmp_path: Path) -> None:
    reference = held(engine)
    before = now_in_force(at(engine, DUE - timedelta(seconds=1)), reference)
    assert (before.directive, before.decide_by) == ("HOLD", DUE)
    after = now_in_force(at(engine, DUE), reference)
    assert (after.directive, after.decide_by, after.telephone, after.revision) == ("BOARD", None, None, 1)
    assert now_in_force(at(engine, DEPARTURE), reference) == after
    event, entry = recorded(tmp_path)
    assert event == entry
    assert entry["references"] == [reference]
    [summary] = list_referrals(at(engine, DEPARTURE), OFFICER).referrals
    assert (summary.id, summary.kind, summary.status) == (entry["referral"], "ON_ARRIVAL", "open")


def test_the_officers_see_what_is_in_force(engine: Engine) -> None:
    held(engine)
    [before] = list_referrals(engine, OFFICER).referrals
    assert (before.kind, before.directive) == ("PRE_BOARDING", "HOLD")
    found = get_referral(at(engine, DUE), OFFICER, before.id).summary
    assert (found.kind, found.directive) == ("ON_ARRIVAL", "BOARD")


def test_a_release_after_the_time_lifts_nothing(engine: Engine) -> None:
    reference = held(engine)
    [summary] = list_referrals(engine, OFFICER).referrals
    decided = decide(at(engine, DUE), OFFICER, summary.id, "release", "Came too late")
    assert (decided.directive, decided.changed) == ("BOARD", False)
    assert now_in_force(at(engine, DUE), reference).revision == 1


def test_an_officer_who_holds_late_has_until_departure_and_no_longer(engine: Engine) -> None:
    reference = held(engine)
    [summary] = list_referrals(at(engine, DUE), OFFICER).referrals
    decide(at(engine, DUE), OFFICER, summary.id, "hold", "Passport is being checked")
    assert now_in_force(at(engine, DUE), reference).decide_by == DEPARTURE
    assert now_in_force(at(engine, DEPARTURE), reference).directive == "BOARD"
    with pytest.raises(InputError, match="departure is past"):
        decide(at(engine, DEPARTURE), OFFICER, summary.id, "hold", "Too late")


def test_who_checks_in_late_waits_until_departure_and_replays_alike(engine: Engine) -> None:
    late = at(engine, DUE + timedelta(minutes=5))
    reference = held(late)
    found = now_in_force(late, reference)
    assert (found.directive, found.decide_by) == ("HOLD", DEPARTURE)
    [screening_id] = engine.store.screening_ids(1)
    assert replay(engine.store, engine.artefacts, screening_id).exact


def test_nobody_is_held_for_a_flight_that_left(engine: Engine) -> None:
    gone = at(engine, DEPARTURE)
    assert now_in_force(gone, held(gone)).directive == "BOARD"
    [summary] = list_referrals(gone, OFFICER).referrals
    assert (summary.kind, summary.status) == ("ON_ARRIVAL", "open")
    [screening_id] = engine.store.screening_ids(1)
    assert replay(engine.store, engine.artefacts, screening_id).exact


def test_a_new_request_after_the_contingency_is_not_held_again(engine: Engine, tmp_path: Path) -> None:
    held(engine)
    late = at(engine, DUE + timedelta(minutes=1))  # nobody has asked in between
    assert now_in_force(late, held(late, "r2")).directive == "BOARD"
    assert [one.kind for one in list_referrals(late, OFFICER).referrals] == ["ON_ARRIVAL"]
    assert len(recorded(tmp_path)) == 2
