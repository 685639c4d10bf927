"""Lookouts made here: who may make them, what each needs, and how they reach the screenings."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from manifests.errors import InputError
from referrals import desk
from referrals.desk import NotAllowed
from referrals.engine import Engine, with_snapshot
from referrals.lookouts import MOST, get_lookout, list_lookouts, publish, remove_lookouts, upsert_lookouts
from referrals.replay import replay
from referrals.screen import Answer, screen
from store import database
from store.actor import Actor
from store.errors import NotFound
from tests.referrals.conftest import INNOCENT, NOW, manifest_of, request_of
from watchlists import snapshot
from watchlists.lookouts import MADE_HERE, SnapshotError, frame
from watchlists.snapshot import KEYS, Changes, Snapshot
from watchlists.sources import generic_csv
from watchlists.sources.generic_csv import Defaults

WRITER = Actor("officer-9", frozenset({"lookout_officer"}), "interdiction")
READER = Actor("officer-1", frozenset({"officer"}), "examination")


def lookout(entry_id: str = "N-1", **values: Any) -> dict[str, Any]:
    """A lookout for INNOCENT, as an officer writes it."""
    return {
        "entry_id": entry_id,
        "name": "TREMBLAY, Jeanne",
        "aliases": [],
        "weak_aliases": [],
        "dobs": ["1988-05-04"],
        "countries": ["CA"],
        "birthplaces": [],
        "documents": [{"type": "P", "number": "ga 302922", "issuer": "Canada"}],
        "authority": "Border agency",
        "purpose": "seen with forged visas",
        "category": "smuggling_facilitation",
        "action": "examine_on_arrival",
        "valid_from": None,
        "valid_until": NOW + timedelta(days=1),
        **values,
    }


@pytest.fixture
def lists(world: Path, tmp_path: Path) -> Path:
    """A snapshot of this test alone."""
    snapshot.replace(
        tmp_path / "lists", generic_csv.read(world / "desk.csv", Defaults(authority="Border agency", purpose="Tests"))
    )
    return tmp_path / "lists"


@pytest.fixture
def engine(open_world: Callable[[], Engine], lists: Path) -> Engine:
    engine = open_world()
    return with_snapshot(engine, lists, Snapshot.open(lists))


def published(engine: Engine, lists: Path) -> Engine:
    return with_snapshot(engine, lists, publish(engine, lists).snapshot)


def referred(engine: Engine, number: str, at: datetime = NOW) -> list[str]:
    """The reasons of the referral that screening INNOCENT on this flight opens."""
    engine = replace(engine, clock=lambda: at)
    answers = screen(engine, [request_of(manifest_of(INNOCENT, number=number), number)])
    assert isinstance(answers[0], Answer)
    page = desk.list_referrals(engine, READER)
    return [reason.code for found in page.referrals if found.flight.number == number for reason in found.reasons]


def test_a_lookout_acts_once_it_is_published_and_no_longer_once_its_removal_is(engine: Engine, lists: Path) -> None:
    done = upsert_lookouts(engine, WRITER, [lookout()])
    assert (done.revision, done.changed) == (1, ("N-1",))
    assert referred(engine, "101") == []
    with_it = published(engine, lists)
    assert publish(with_it, lists).revision == 1
    [code] = [code for code in referred(with_it, "102") if code.startswith("lookout")]
    assert "N-1" in code
    assert referred(engine, "103") == []  # who began with the version before ends with it
    assert remove_lookouts(engine, WRITER, ["N-1"]).revision == 2
    without = published(with_it, lists)
    assert referred(without, "104") == []
    assert [code for code in referred(with_it, "105") if code.startswith("lookout")] == [code]


def test_it_acts_from_its_first_instant_until_before_its_last_without_being_published_again(engine: Engine, lists: Path) -> None:
    begins, ends, tick = NOW + timedelta(hours=1), NOW + timedelta(hours=2), timedelta(microseconds=1)
    upsert_lookouts(engine, WRITER, [lookout(valid_from=begins, valid_until=ends)])
    engine = published(engine, lists)
    acting = [
        bool(referred(engine, f"11{n}", at)) for n, at in enumerate((begins - tick, begins, ends - tick, ends, ends + tick))
    ]
    assert acting == [False, True, True, False, False]


def test_values_are_kept_as_the_matcher_knows_them(engine: Engine, lists: Path) -> None:
    upsert_lookouts(engine, WRITER, [lookout(aliases=["  JEAN   DOE ", "JEAN DOE"])])
    [held] = publish(engine, lists).snapshot.of_source(MADE_HERE).to_dicts()
    assert held["countries"] == ["CAN"]
    assert held["documents"] == [{"type": "P", "number": "GA302922", "issuer": "CAN"}]
    assert held["aliases"] == ["JEAN DOE"]


def test_publishing_what_stands_writes_nothing(engine: Engine, lists: Path) -> None:
    before = set(lists.iterdir())
    assert publish(engine, lists).snapshot.hash == engine.parts.snapshot.hash  # type: ignore[union-attr]
    upsert_lookouts(engine, WRITER, [lookout()])
    first = publish(engine, lists).snapshot
    second = publish(engine, lists).snapshot
    assert first.hash == second.hash
    assert len(set(lists.iterdir()) - before) == 1


def test_publishing_puts_right_whatever_became_of_the_snapshot(engine: Engine, lists: Path) -> None:
    """Another server's lookouts are left, ours are as the store has them, and those past their time go."""
    upsert_lookouts(
        engine, WRITER, [lookout("A"), lookout("B"), lookout("C"), lookout("D", valid_until=NOW + timedelta(hours=1))]
    )
    held = publish(engine, lists).snapshot.of_source(MADE_HERE)
    other, changed = ({**held.to_dicts()[0], **values} for values in ({"entry_id": "OTHER"}, {"entry_id": "C", "name": "X Y"}))
    snapshot.apply(lists, Changes(frame([other, changed]), held.select(KEYS.names()).head(1)))
    remove_lookouts(engine, WRITER, ["B"])
    later = replace(engine, clock=lambda: NOW + timedelta(hours=2))
    after = publish(later, lists).snapshot.of_source(MADE_HERE).sort("entry_id")
    assert after.select("entry_id", "name").rows() == [
        ("A", "TREMBLAY, Jeanne"),
        ("C", "TREMBLAY, Jeanne"),
        ("OTHER", "TREMBLAY, Jeanne"),
    ]


def test_a_list_cannot_be_imported_as_the_one_made_here(lists: Path) -> None:
    with pytest.raises(SnapshotError, match="officers make here"):
        snapshot.replace(lists, [snapshot.Imported(MADE_HERE, frame([]), ())])


def test_a_screening_is_replayed_after_its_version_has_gone(engine: Engine, lists: Path, tmp_path: Path) -> None:
    upsert_lookouts(engine, WRITER, [lookout()])
    engine = published(engine, lists)
    assert referred(engine, "120")
    remove_lookouts(engine, WRITER, ["N-1"])
    published(engine, lists)
    snapshot.compact(lists)
    for number in range(3):  # enough new bases that the old one is taken away
        row = Snapshot.open(lists).entries.drop("entry").head(1).to_dicts()[0]
        snapshot.replace(
            lists, [snapshot.Imported("other", frame([row | {"source": "other", "name": f"X {'ABC'[number]}"}]), ())]
        )
    assert engine.parts.snapshot is not None
    assert not (lists / engine.parts.snapshot.base).exists()
    engine.store.close()
    with database.open(f"sqlite:///{tmp_path / 'forepost.db'}", tmp_path / "keys.json", read_only=True) as store:
        again = replay(store, tmp_path / "artefacts", store.screening_ids(1)[0])
    assert again.exact


def test_only_a_lookout_officer_changes_and_only_officers_read(engine: Engine) -> None:
    for who in (READER, Actor("a", frozenset({"auditor"}), "oversight"), Actor("c", frozenset({"carrier"}), "interdiction")):
        with pytest.raises(NotAllowed, match="lookout_officer"):
            upsert_lookouts(engine, who, [lookout()])
        with pytest.raises(NotAllowed, match="lookout_officer"):
            remove_lookouts(engine, who, ["N-1"])
    upsert_lookouts(engine, WRITER, [lookout()])
    for who in (READER, WRITER):
        assert get_lookout(engine, who, "N-1")[0].values["name"] == "TREMBLAY, Jeanne"
        assert [one.values["entry_id"] for one in list_lookouts(engine, who, query="trembl", include_ended=True).lookouts] == [
            "N-1"
        ]
    carrier = Actor("c", frozenset({"carrier"}), "interdiction")
    with pytest.raises(NotAllowed):
        get_lookout(engine, carrier, "N-1")
    with pytest.raises(NotAllowed):
        list_lookouts(engine, carrier)
    with pytest.raises(NotFound):
        get_lookout(engine, READER, "none")


def test_every_fault_of_every_lookout_is_told_at_once(engine: Engine) -> None:
    bad = lookout(
        "",
        name="12",
        aliases=["ok", "??"],
        dobs=["1988-05-04", "31/12/1970"],
        countries=["Atlantis"],
        documents=[{"type": "Z", "number": "--", "issuer": "Nowhere"}],
        authority=" ",
        purpose="",
        category="nonsense",
        action="",
        valid_until=None,
    )
    past = lookout("P", valid_until=NOW)
    backwards = lookout("B", valid_from=NOW + timedelta(days=2))
    with pytest.raises(InputError) as refused:
        upsert_lookouts(engine, WRITER, [bad, past, backwards, lookout("B"), lookout(" S", name="X" * 501, aliases=["A"] * 101)])
    places = [fault.partition(" ")[0].removesuffix(":") for fault in refused.value.faults]
    assert sorted(places) == sorted(
        [
            *(f"lookouts[0].{field}" for field in ("entry_id", "name", "aliases[1]", "dobs[1]", "countries[0]")),
            *(f"lookouts[0].documents[0].{field}" for field in ("number", "type", "issuer")),
            *(f"lookouts[0].{field}" for field in ("authority", "purpose", "category", "action", "valid_until")),
            *("lookouts[1].valid_until", "lookouts[2].valid_from", "lookouts[3].entry_id"),
            *("lookouts[4].entry_id", "lookouts[4].name", "lookouts[4].aliases"),
        ]
    )
    assert engine.store.standing_lookouts().revision == 0
    for given in ([], [lookout(f"{n}") for n in range(MOST + 1)]):
        with pytest.raises(InputError, match="give 1 to 1,000"):
            upsert_lookouts(engine, WRITER, given)
    with pytest.raises(InputError, match="give 1 to 1,000"):
        remove_lookouts(engine, WRITER, [])
