"""Planted values occur in `identities` and nowhere else."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from sqlalchemy import inspect, select

from manifests.vocabulary import LAWS
from store.database import Store
from store.identity import IdentityRow, identity_rows
from store.records import Again, Clears, Lookout
from store.schema import BLIND_INDEX, identities, metadata
from tests.store.conftest import DEPARTURE, OFFICER, PLANTED, SECOND, manifest, reason, screening

TOKENS = [PLANTED.encode(), b"1912-06-23"]


def texts(value: Any) -> Iterator[bytes]:
    """The value as bytes, and what it holds compressed."""
    data = value if isinstance(value, bytes) else str(value).encode()
    yield data
    if isinstance(value, bytes) and value[:1] == b"\x78":
        yield zlib.decompress(value)


def fill(store: Store) -> None:
    """Everything that can be written: screenings, a retry, reads, refusals, decisions with planted words."""
    store.commit(
        [screening(store, "r1", refers={0: [reason()], 1: [reason("scenario:x")]}), screening(store, "r2", directive="HOLD")]
    )
    store.commit([screening(store, "r1")])
    page = store.referrals(OFFICER)
    for referral in page.referrals:
        store.referral(OFFICER, referral.id)
    words = {"reason": f"it is {PLANTED} indeed", "legal_basis": "IRPA-148-1-a"}
    for officer in (OFFICER, SECOND):
        store.decide(officer, page.referrals[0].id, "do_not_board", **words, directive="DO_NOT_BOARD", needs_second_officer=True)
    clears = Clears((11,), (Lookout("un", "QDi.001", "0f" * 16),), DEPARTURE)
    content = orjson.dumps({"number": f"{PLANTED}9", "person": {"surname": PLANTED}})
    record, _ = store.enter_redress(OFFICER, 5, clears, content)
    store.clearances(OFFICER)
    store.revoke_clearance(OFFICER, record, f"it is {PLANTED} after all")
    store.decide(OFFICER, page.referrals[0].id, "not_this_person", f"not {PLANTED}", clears=clears)
    store.commit([screening(store, "r3", of=manifest(3))])
    again = screening(store, "r4", of=manifest(3))
    store.commit([replace(again, again=Again(store.screening_ids(1)[0], frozenset({0})))])


def test_planted_values_are_in_identities_only(store: Store) -> None:
    fill(store)
    found: set[str] = set()
    with store._engine.connect() as connection:
        names = set(inspect(connection).get_table_names())
        assert names == set(metadata.tables) | {"alembic_version"}
        for name in names:
            for row in connection.exec_driver_sql(f"SELECT * FROM {name}").mappings():
                for column, value in row.items():
                    if any(token in text for text in texts(value) for token in TOKENS):
                        found.add(f"{name}.{column}")
    assert found == {"identities.content"}


def test_without_identities_the_files_hold_nothing_planted(reopen: Callable[..., Store], folder: Path) -> None:
    store = reopen()
    fill(store)
    with store._engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.execute(identities.delete())
    store.close()
    files = list(folder.glob("forepost.db*"))
    assert files
    assert not [file for file in files if PLANTED.encode() in file.read_bytes()]


def test_every_personal_row_has_departure_class_and_key(store: Store) -> None:
    fill(store)
    with store._engine.connect() as connection:
        rows = connection.execute(select(identities)).all()
    parts = {"traveller", "document", "booking", "legs", "fault", "match", "reason", "decision", "redress", "revoked"}
    assert {row.part for row in rows} == parts
    classes = {part: {row.data_class for row in rows if row.part == part} for part in {row.part for row in rows}}
    assert classes["traveller"] == classes["document"] == {"api"}
    assert classes["booking"] == classes["legs"] == {"pnr"}
    assert classes["match"] == classes["reason"] == classes["decision"] == {"referral"}
    assert classes["redress"] == classes["revoked"] == {"clearance"}
    assert {row.key_id for row in rows} == {store.key.id}
    assert all(row.departure_at for row in rows)


def test_what_was_read_from_a_pnr_is_kept_as_pnr(store: Store) -> None:
    of = manifest()
    pnr = pl.lit("PNR", LAWS).alias("law")
    booked = replace(of, travellers=of.travellers.with_columns(pnr), documents=of.documents.with_columns(pnr))
    rows = identity_rows(screening(store, of=booked))
    assert {row.data_class for row in rows if row.part in ("traveller", "document", "fault", "booking")} == {"pnr"}
    store.commit([made := screening(store, of=booked)])
    assert store.stored_inputs(made.id).manifest.travellers["law"].to_list() == ["PNR"] * of.travellers.height


def test_the_blind_index_finds_a_record_without_reading_it(store: Store) -> None:
    made = screening(store)
    store.commit([made])
    expected = {(kind, pseudonym) for _, kind, pseudonym in made.pseudonyms.iter_rows() if kind != "agency"}
    with store._engine.connect() as connection:
        rows = connection.execute(select(identities)).mappings().all()
        stored = {(name, row[name]) for row in rows for name in BLIND_INDEX if row[name] is not None}
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM identities WHERE document = 1").all()
    assert stored == expected
    assert "identities_document" in str(plan)


def test_rows_are_inserted_in_the_order_of_the_table() -> None:
    assert ("holder", *IdentityRow._fields, "key_id") == tuple(column.name for column in identities.columns)
