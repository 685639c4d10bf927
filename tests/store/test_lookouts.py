"""Lookouts made here: versions with who, when and why; personal data in one table alone."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import inspect, select
from sqlalchemy.exc import IntegrityError

from manifests.errors import InputError
from store.actor import Actor
from store.database import Store
from store.errors import NotFound, PurposeMissing
from store.lookouts import LOOKOUT
from store.schema import audit_entries, events, lookouts, metadata
from tests.store.conftest import NOW, OFFICER, PLANTED, SECOND
from watchlists.lookouts import LOOKOUTS


def lookout(entry_id: str = "N-1", name: str = "VORONTSOV, Arkady", **values: Any) -> dict[str, Any]:
    return {
        "entry_id": entry_id,
        "name": name,
        "aliases": [],
        "weak_aliases": [],
        "dobs": ["1971-03-09"],
        "countries": ["RUS"],
        "birthplaces": [],
        "documents": [{"type": "P", "number": "K7712345", "issuer": "RUS"}],
        "authority": "Border agency",
        "purpose": "seen with forged visas",
        "category": "smuggling_facilitation",
        "action": "examine_on_arrival",
        "valid_from": NOW,
        "valid_until": NOW + timedelta(days=30),
        **values,
    }


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=LOOKOUT)


def test_what_is_kept_is_what_the_watchlists_read() -> None:
    assert {"source": pl.String(), **LOOKOUT} == dict(LOOKOUTS)


def test_lookouts_come_back_as_they_were_given(store: Store) -> None:
    given = frame(lookout("A", aliases=["W, Ann"], documents=[]), lookout("B", valid_until=None, birthplaces=["Omsk"]))
    done = store.upsert_lookouts(OFFICER, given)
    assert (done.revision, done.changed, done.unchanged) == (2, ("A", "B"), ())
    standing = store.standing_lookouts()
    assert standing.revision == 2
    assert standing.lookouts.drop("removed").equals(given)
    assert standing.lookouts["removed"].to_list() == [False, False]


def test_an_empty_store_has_no_lookouts(store: Store) -> None:
    standing = store.standing_lookouts()
    assert (standing.revision, standing.lookouts.height) == (0, 0)
    assert standing.lookouts.drop("removed").schema == LOOKOUT


def test_the_same_again_changes_nothing(store: Store) -> None:
    store.upsert_lookouts(OFFICER, frame(lookout("A"), lookout("B")))
    again = store.upsert_lookouts(SECOND, frame(lookout("A"), lookout("B", name="OTHER, Name")))
    assert (again.revision, again.changed, again.unchanged) == (3, ("B",), ("A",))


def test_every_version_says_who_when_and_why(store: Store) -> None:
    store.upsert_lookouts(OFFICER, frame(lookout()))
    store.upsert_lookouts(SECOND, frame(lookout(action="stop_before_boarding")))
    removed = store.remove_lookouts(Actor("officer-3", frozenset(), "oversight"), ["N-1"])
    assert (removed.revision, removed.changed) == (3, ("N-1",))
    versions = store.lookout(OFFICER, "N-1")
    told = [(one.revision, one.officer, one.purpose, one.removed, one.values["action"]) for one in versions]
    assert told == [
        (3, "officer-3", "oversight", True, "stop_before_boarding"),
        (2, "officer-2", "interdiction", False, "stop_before_boarding"),
        (1, "officer-1", "interdiction", False, "examine_on_arrival"),
    ]
    assert versions[0].changed_at > versions[1].changed_at > versions[2].changed_at > NOW
    assert frame(dict(versions[2].values)).equals(frame(lookout()))
    assert store.standing_lookouts().lookouts["removed"].to_list() == [True]


def test_a_removed_lookout_can_be_made_again(store: Store) -> None:
    store.upsert_lookouts(OFFICER, frame(lookout()))
    store.remove_lookouts(OFFICER, ["N-1"])
    assert store.remove_lookouts(OFFICER, ["N-1", "N-1"]).unchanged == ("N-1",)
    assert store.upsert_lookouts(OFFICER, frame(lookout())).changed == ("N-1",)
    assert store.standing_lookouts().lookouts["removed"].to_list() == [False]


def test_all_unknown_ids_are_named_and_none_is_removed(store: Store) -> None:
    store.upsert_lookouts(OFFICER, frame(lookout()))
    with pytest.raises(InputError) as refused:
        store.remove_lookouts(OFFICER, ["N-1", "X", "Y"])
    assert [fault.partition(":")[0] for fault in refused.value.faults] == ["entry_ids[1] X", "entry_ids[2] Y"]
    assert store.standing_lookouts().lookouts["removed"].to_list() == [False]
    with pytest.raises(NotFound):
        store.lookout(OFFICER, "X")


def test_a_purpose_is_needed(store: Store) -> None:
    nobody = Actor("officer-1", frozenset({"lookout_officer"}))
    for call in (
        lambda: store.upsert_lookouts(nobody, frame(lookout())),
        lambda: store.remove_lookouts(nobody, ["N-1"]),
        lambda: store.lookout(nobody, "N-1"),
        lambda: store.lookouts(nobody),
    ):
        with pytest.raises(PurposeMissing):
            call()
    assert store.standing_lookouts().revision == 0


def test_pages_are_found_by_part_of_an_id_or_of_a_name(store: Store) -> None:
    ended = {"valid_from": None, "valid_until": NOW - timedelta(days=1)}
    store.upsert_lookouts(
        OFFICER,
        frame(
            lookout("A-1", "ÅSTRÖM, Björn"),
            lookout("A-2", "DOE, Jane", aliases=["ASTROM J"]),
            lookout("B%1", "DOE, John", weak_aliases=["BOSS"]),
            lookout("C", "PAST, Ann", **ended),
        ),
    )
    store.remove_lookouts(OFFICER, ["A-1"])

    def ids(**options: Any) -> list[str]:
        return [one.values["entry_id"] for one in store.lookouts(OFFICER, **options).lookouts]

    assert ids() == ["A-2", "B%1"]
    assert ids(include_ended=True) == ["A-1", "A-2", "B%1", "C"]
    assert ids(query="astro", include_ended=True) == ["A-1", "A-2"]
    assert ids(query="boss") == ["B%1"]
    assert ids(query="B%") == ["B%1"]
    assert ids(query="%") == ["B%1"]
    assert ids(query="none") == []
    first = store.lookouts(OFFICER, page_size=1)
    second = store.lookouts(OFFICER, page_size=1, page_token=first.next_page_token)
    assert [one.values["entry_id"] for page in (first, second) for one in page.lookouts] == ["A-2", "B%1"]
    assert second.next_page_token == ""
    for options in ({"page_size": 0}, {"page_size": 501}, {"page_token": "é"}, {"page_token": "x"}):
        with pytest.raises(InputError, match="page_"):
            store.lookouts(OFFICER, **options)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=20))
def test_any_query_is_answered(store: Store, query: str) -> None:
    store.upsert_lookouts(OFFICER, frame(lookout()))
    assert len(store.lookouts(OFFICER, query=query).lookouts) <= 1


def test_changes_are_in_the_ledger_and_the_outbox(store: Store) -> None:
    store.upsert_lookouts(OFFICER, frame(lookout("A"), lookout("B")))
    store.upsert_lookouts(OFFICER, frame(lookout("A")))  # nothing changed, nothing is told
    store.remove_lookouts(OFFICER, ["A"])
    store.lookout(OFFICER, "A")
    with store._engine.connect() as connection:
        told = [json.loads(row.payload) for row in connection.execute(select(events).order_by(events.c.seq))]
        entries = [
            (row.kind, json.loads(row.payload)) for row in connection.execute(select(audit_entries).order_by(audit_entries.c.seq))
        ]
    assert told == [
        {"entry_id": "A", "revision": 1, "removed": False},
        {"entry_id": "B", "revision": 2, "removed": False},
        {"entry_id": "A", "revision": 3, "removed": True},
    ]
    assert [kind for kind, _ in entries] == ["lookouts", "lookouts", "read"]
    assert entries[0][1]["lookouts"] == told[:2]
    assert entries[0][1]["actor"] == "officer-1"
    assert entries[2][1]["lookouts"] == ["A"]
    assert store.verify() == []


def test_personal_data_is_in_the_contents_only(store: Store) -> None:
    words = {name: [f"{PLANTED} {name}"] for name in ("aliases", "weak_aliases", "dobs", "countries", "birthplaces")} | {
        "authority": PLANTED,
        "purpose": PLANTED,
        "documents": [{"type": PLANTED, "number": PLANTED, "issuer": PLANTED}],
    }
    store.upsert_lookouts(OFFICER, frame(lookout("A", PLANTED, **words)))
    store.lookouts(OFFICER, query=PLANTED)
    store.remove_lookouts(OFFICER, ["A"])
    found = set()
    with store._engine.connect() as connection:
        for name in set(inspect(connection).get_table_names()) & set(metadata.tables):
            for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings():
                found |= {f"{name}.{column}" for column, value in row.items() if PLANTED.encode() in str(value).encode()}
    assert found == {"lookout_contents.content", "lookout_contents.names"}


def test_the_database_refuses_two_versions_that_stand(store: Store) -> None:
    store.upsert_lookouts(OFFICER, frame(lookout()))
    with store._engine.connect().execution_options(write=True) as connection, connection.begin():
        row = dict(connection.execute(select(lookouts)).one()._mapping)
        for broken in ({"revision": 2}, {"revision": 3, "entry_id": "X", "valid_until": row["valid_from"]}):
            with pytest.raises(IntegrityError), connection.begin_nested():
                connection.execute(lookouts.insert(), row | broken)


def test_they_are_there_after_a_restart(store: Store, reopen: Callable[..., Store], folder: Path) -> None:
    store.upsert_lookouts(OFFICER, frame(lookout()))
    store.close()
    assert reopen().standing_lookouts().lookouts["entry_id"].to_list() == ["N-1"]
    assert (folder / "forepost.db").is_file()
