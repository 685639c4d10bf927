"""A lost document from the list to the officer: referral, words, store, replay; the carrier sees nothing of it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from cli.referrals import _lines
from referrals.desk import decide, get_referral, list_referrals
from referrals.engine import Engine, open_engine
from referrals.replay import replay
from referrals.screen import Answer, screen
from scoring import policy as policies
from service.encode import referral
from store import database
from store.blob import unpack
from tests.referrals.conftest import INNOCENT, LISTED, NAMESAKE, NOW, manifest_of, request_of
from tests.referrals.test_desk import OFFICER
from watchlists import lost_build, snapshot
from watchlists.lost_documents import REPORTED

STOLEN = INNOCENT | {"number": "XK4471902"}
ALSO_STOLEN = INNOCENT | {"number": "XK4471999"}
ROWS = [("XK4471902", "CAN", "P"), ("XK4471999", "CAN", "P"), (LISTED["number"], "RUS", "P")]


@pytest.fixture
def engine(world: Path, tmp_path: Path) -> Iterator[Engine]:
    """An engine over the world's list and a list of lost documents."""
    lists = tmp_path / "lists"
    names = snapshot.Snapshot.open(world / "snapshot")
    reported = pl.DataFrame(ROWS, REPORTED, orient="row")
    snapshot.replace(
        lists, [], partial(lost_build.write, batches=[reported], authority="National Police", purpose="lost documents")
    )
    snapshot.apply(lists, snapshot.Changes(names.entries.drop("entry"), snapshot.KEYS.to_frame()))
    store = database.open(f"sqlite:///{tmp_path / 'forepost.db'}", tmp_path / "keys.json")
    policy = policies.load(world / "policy.yaml")
    yield open_engine(policy, store, tmp_path / "artefacts", snapshot=lists, model=None, clock=lambda: NOW)
    store.close()


def screened(engine: Engine, *requests: tuple[dict[str, object], ...]) -> list[Answer]:
    made = [request_of(manifest_of(*people), f"r{number}") for number, people in enumerate(requests)]
    answers = screen(engine, made)
    assert all(isinstance(answer, Answer) for answer in answers), answers
    return answers  # type: ignore[return-value]


def test_the_officer_reads_whom_to_ask_and_the_carrier_reads_nothing(engine: Engine) -> None:
    [answer] = screened(engine, (INNOCENT | {"surname": "ROY"}, STOLEN))
    assert answer.answers["directive"].to_list() == ["BOARD", "BOARD"]
    assert answer.answers["decide_by"].to_list() == [None, None]
    [summary] = list_referrals(engine, OFFICER).referrals
    assert (summary.kind, summary.directive, summary.reference) == ("PRE_BOARDING", "BOARD", answer.answers["reference"][1])
    found = get_referral(engine, OFFICER, summary.id)
    assert found.manifest.documents["number"].to_list() == ["XK4471902"]
    assert found.matches.is_empty()
    [reason] = [reason for reason in found.summary.reasons if reason.code.startswith("lost_document:")]
    assert "Document 1 (P, CAN) was reported lost or stolen to National Police. Confirm with the issuer" in reason.en
    assert "Confirmer auprès de l'émetteur" in reason.fr
    assert "XK4471902" not in reason.en + reason.fr + reason.code
    told = referral(found)
    [lost] = told.lost_documents
    assert (lost.document, lost.type, lost.issuer, lost.authority) == (1, "P", "CAN", "National Police")
    assert (lost.type_agrees, lost.issuer_agrees) == (True, True)
    assert "document   P CAN XK4471902   REPORTED LOST OR STOLEN to National Police" in _lines(told)
    stored = engine.store.stored_inputs(found.screening_id)
    assert stored.features["document_lost_or_stolen"].to_list() == [False, True]


def test_it_stands_beside_a_hold_that_has_its_own_grounds(engine: Engine) -> None:
    [answer] = screened(engine, (LISTED,))
    assert answer.answers["directive"].to_list() == ["HOLD"]
    [summary] = list_referrals(engine, OFFICER).referrals
    assert {reason.code.partition(":")[0] for reason in summary.reasons} >= {"lookout", "lost_document"}


def test_another_lost_document_of_the_same_person_is_asked_about_again(engine: Engine) -> None:
    screened(engine, (STOLEN,))
    [first] = list_referrals(engine, OFFICER).referrals
    decide(engine, OFFICER, first.id, "nothing_found", "The issuer says that it was found again")
    screen(engine, [request_of(manifest_of(STOLEN), "again", digest="d2")])
    assert list_referrals(engine, OFFICER).referrals == ()
    screen(engine, [request_of(manifest_of(ALSO_STOLEN), "other", digest="d3")])
    [second] = list_referrals(engine, OFFICER).referrals
    assert second.id != first.id


def test_screenings_replay_exactly_alone_and_in_batches(engine: Engine) -> None:
    screened(engine, (INNOCENT, STOLEN), (NAMESAKE,), (ALSO_STOLEN | {"given": "MARIE"}, LISTED))
    stored = [engine.store.stored_inputs(screening_id) for screening_id in engine.store.screening_ids(9)]
    assert sorted(one.lost["traveller"].to_list() for one in stored if one.lost is not None) == [[], [0, 1], [1]]
    for one in stored:
        assert replay(engine.store, engine.artefacts, one.id).exact


def test_replay_sees_a_changed_finding(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    screened(engine, (STOLEN,))
    [screening_id] = engine.store.screening_ids(1)
    monkeypatch.setattr("watchlists.lost_documents.LostIndex.find", lambda index, documents: None)
    assert "lost" in replay(engine.store, engine.artefacts, screening_id).differing


def test_no_number_is_kept_beside_the_identities(engine: Engine, tmp_path: Path) -> None:
    screened(engine, (STOLEN,))
    with closing(sqlite3.connect(tmp_path / "forepost.db")) as connection:
        [(blob,)] = connection.execute("SELECT blob FROM screenings").fetchall()
    frames = unpack(blob)
    assert frames["lost"]["tag"].max() < 2**12
    assert not any("XK4471902" in str(frame.to_dicts()) for frame in frames.values())


def test_without_such_a_list_nothing_is_kept(open_world: Callable[[], Engine]) -> None:
    engine = open_world()
    screened(engine, (STOLEN,))
    [screening_id] = engine.store.screening_ids(1)
    assert engine.store.stored_inputs(screening_id).lost is None
    assert replay(engine.store, engine.artefacts, screening_id).exact
    engine.store.close()
