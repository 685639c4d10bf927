"""What is committed is there, once, whole, and only where it may be."""

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import polars as pl
import pytest

from manifests.frames import Manifest, concat
from store import database
from store.database import Store
from store.errors import NotFound, RequestConflict, StoreError, StoreUnusable
from store.records import ANSWERS, StoredScreening
from tests.store.conftest import DEPARTURE, manifest, reason, screening


def assert_same(left: StoredScreening, right: StoredScreening) -> None:
    """Equal to the last bit, dtypes and orders included."""
    for name in [field.name for field in fields(StoredScreening)]:
        one, other = getattr(left, name), getattr(right, name)
        if isinstance(one, Manifest):
            for frame in fields(Manifest):
                assert_frames(getattr(one, frame.name), getattr(other, frame.name))
        elif isinstance(one, pl.DataFrame):
            assert_frames(one, other)
        elif isinstance(one, pl.Series):
            assert_frames(one.to_frame(), other.to_frame())
        else:
            assert one == other, name


def assert_frames(one: pl.DataFrame, other: pl.DataFrame) -> None:
    assert one.schema == other.schema
    assert one.equals(other), (one, other)


def test_a_screening_comes_back_as_it_was_committed(store: Store) -> None:
    committed = screening(store)
    store.commit([committed])
    assert_same(store.stored_inputs(committed.id), committed)


def test_many_flights_no_model_no_referral_and_no_traveller_come_back_too(store: Store) -> None:
    both = concat([manifest(3), manifest(2, number="9", departure_at=None)])
    made = [
        screening(store, "two flights", of=both, refers={4: [reason()]}),
        screening(store, "plain", refers={}, risks=None, degraded=()),
        screening(store, "empty", of=manifest(0), refers={}, hits=screening(store).hits.clear()),
    ]
    store.commit(made)
    for one in made:
        assert_same(store.stored_inputs(one.id), one)


def test_the_answer_has_one_shape(store: Store) -> None:
    held = screening(store, directive="HOLD")
    answered = store.commit([held])[0]
    assert answered.first
    assert answered.degraded == ("authorisations",)
    assert answered.answers.schema == pl.Schema(ANSWERS)
    assert answered.answers["directive"].to_list() == ["HOLD", "BOARD"]
    assert answered.answers["reference"].to_list() == [f"{held.id}.0", f"{held.id}.1"]
    assert answered.answers["ref"].to_list() == held.manifest.travellers["ref"].to_list()
    now = store.directive(f"{held.id}.0", "AC-DCS")
    assert (now.directive, now.telephone, now.revision) == ("HOLD", "+1 613 555 0100", 0)
    assert now.decide_by == held.decisions["decide_by"][0]
    assert now.ref == held.manifest.travellers["ref"][0]


def test_a_retry_gets_the_first_answer_and_another_body_is_refused(store: Store) -> None:
    first = store.commit([screening(store, directive="HOLD")])[0]
    retried = store.commit([screening(store)])[0]
    assert not retried.first
    assert retried.screening_id == first.screening_id
    assert_frames(retried.answers, first.answers)
    known = store.answer_of("AC-DCS", "r1", "digest")
    assert known is not None
    assert_frames(known.answers, first.answers)
    assert known.body_digest == "digest"
    with pytest.raises(RequestConflict, match="r1"):
        store.commit([screening(store, body="other")])
    with pytest.raises(RequestConflict, match="r1"):
        store.answer_of("AC-DCS", "r1", "other")
    assert store.answer_of("AC-DCS", "r2", "digest") is None
    assert store.answer_of("LH-DCS", "r1", "digest") is None
    assert store.commit([screening(store, submitter="LH-DCS", body="other")])[0].first
    assert len(store.screening_ids(10)) == 2


def test_one_that_fails_leaves_its_neighbours_alone(store: Store) -> None:
    store.commit([screening(store, "r1")])
    futures = store.submit([screening(store, "r2"), screening(store, "r1", body="other"), screening(store, "r3")])
    assert futures[0].result().first
    assert isinstance(futures[1].exception(), RequestConflict)
    assert futures[2].result().first
    assert len(store.screening_ids(10)) == 3
    assert store.verify() == []


def test_only_the_submitter_may_ask(store: Store) -> None:
    made = screening(store)
    store.commit([made])
    for reference, submitter in (
        (f"{made.id}.0", "LH-DCS"),
        (f"{made.id}.9", "AC-DCS"),
        ("nonsense", "AC-DCS"),
        ("x.0", "AC-DCS"),
    ):
        with pytest.raises(NotFound):
            store.directive(reference, submitter)
    with pytest.raises(NotFound):
        store.stored_inputs("nothing")


def test_an_engine_frame_with_another_vocabulary_is_refused(store: Store) -> None:
    made = screening(store)
    forged = made.decisions.with_columns(pl.lit("DO_NOT_BOARD").alias("directive"))
    with pytest.raises(ValueError, match="ENGINE_DIRECTIVES"):
        store.commit([replace(made, decisions=forged)])
    with pytest.raises(ValueError, match="one row per traveller"):
        store.commit([replace(made, decisions=made.decisions.head(1))])
    assert store.screening_ids(1) == []


def test_a_restart_gives_the_same(reopen: Callable[..., Store]) -> None:
    store = reopen()
    made = [screening(store, f"r{n}", of=manifest(number=str(n))) for n in range(5)]
    store.commit(made)
    key = store.key
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.commit([made[0]])
    again = reopen()
    assert again.key == key
    assert again.screening_ids(10) == [one.id for one in reversed(made)]
    for one in made:
        assert_same(again.stored_inputs(one.id), one)
        assert not again.commit([one])[0].first
    assert again.screening_ids(2) == [made[4].id, made[3].id]


def test_two_processes_do_not_write_to_one_file(reopen: Callable[..., Store]) -> None:
    store = reopen()
    with pytest.raises(StoreUnusable, match="writes to this store"):
        reopen()
    made = screening(store)
    store.commit([made])
    reader = reopen(read_only=True)
    assert_same(reader.stored_inputs(made.id), made)
    with pytest.raises(StoreUnusable, match="reading only"):
        reader.commit([made])
    store.close()
    assert reopen().screening_ids(1) == [made.id]


def test_what_cannot_be_opened_says_why(folder: Path, reopen: Callable[..., Store]) -> None:
    with pytest.raises(StoreUnusable, match="there is no store"):
        reopen(read_only=True)
    for url in ("nonsense", "sqlite://", "sqlite:///:memory:"):
        with pytest.raises(StoreUnusable):
            database.open(url, folder / "keys.json")
    (folder / "forepost.db").write_bytes(b"this is no database, but long enough to be read as a page" * 99)
    with pytest.raises(StoreUnusable, match="is not a store"):
        reopen()


def test_a_store_is_not_opened_without_its_keys(folder: Path, reopen: Callable[..., Store]) -> None:
    reopen().close()
    keys = folder / "keys.json"
    assert keys.stat().st_mode & 0o777 == 0o600
    kept = keys.read_text()
    keys.unlink()
    with pytest.raises(StoreUnusable, match="needs its key file"):
        reopen()
    assert not keys.exists()
    keys.touch(0o600)
    keys.write_text(kept.replace(kept[kept.index("secret") + 10 :][:8], "00000000"))
    with pytest.raises(StoreUnusable, match="not the one"):
        reopen()
    keys.write_text("{")
    with pytest.raises(StoreUnusable, match="not a key file"):
        reopen()
    keys.write_text(kept)
    keys.chmod(0o644)
    with pytest.raises(StoreUnusable, match="chmod 600"):
        reopen()
    keys.chmod(0o600)
    assert reopen().key.secret


def test_departures_that_are_unknown_count_from_receipt(store: Store) -> None:
    store.commit([screening(store, "r1"), screening(store, "r2", of=manifest(number="1", departure_at=None))])
    with store._engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT departure_at FROM screenings ORDER BY id").scalars().all()
        missing = connection.exec_driver_sql("SELECT count(*) FROM identities WHERE departure_at IS NULL").scalar()
    assert [row / 1e6 for row in rows] == [DEPARTURE.timestamp(), DEPARTURE.timestamp() - 6 * 3600]
    assert missing == 0
