"""Pseudonyms join what belongs together and nothing else."""

from dataclasses import replace
from datetime import UTC, date, datetime

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.frames import Manifest, build, concat
from manifests.pseudonyms import PSEUDONYMS, booking_keys, flight_keys, identity_keys, pseudonyms, redress_keys, traveller_keys
from manifests.vocabulary import PSEUDONYM_KINDS

KEY = b"k" * 32


def manifest(**changes: object) -> Manifest:
    """One flight, one traveller with every element; a change names a column, None takes the value away."""
    flight = {
        "flight": 0,
        "carrier": "AC",
        "number": "872",
        "departure": "FRA",
        "departure_time": datetime(2026, 1, 15, 14),
    }
    traveller = {
        "traveller": 0,
        "flight": 0,
        "ref": "r1",
        "surname": "Müller",
        "given": "Anna",
        "dob": date(1978, 7, 6),
        "booking": 0,
    }
    document = {"traveller": 0, "type": "P", "document": "C01X", "issuer": "DEU"}
    booking = {
        "booking": 0,
        "flight": 0,
        "record_locator": "ABC123",
        "booked_at": datetime(2026, 1, 2, 9, tzinfo=UTC),
        "phone": "4915112345",
        "email": "a@example.org",
        "card": "digest",
        "agency": "12345675",
        "address": "1 Main St",
    }
    rows = (flight, traveller, document, booking)
    for name, value in changes.items():
        next(row for row in rows if name in row)[name] = value
    document["number"] = document.pop("document")
    return build(
        **{name: pl.DataFrame([row]) for name, row in zip(("flights", "travellers", "documents", "bookings"), rows, strict=True)}
    )


def by_kind(of: Manifest, key: bytes = KEY) -> dict[str, int]:
    frame = pseudonyms(of, key)
    return dict(zip(frame["kind"], frame["pseudonym"], strict=True))


def test_every_element_gives_its_kind() -> None:
    found = pseudonyms(manifest(), KEY)
    assert found.schema == pl.Schema(PSEUDONYMS)
    assert found["kind"].to_list() == PSEUDONYM_KINDS.categories.to_list()
    assert found["traveller"].to_list() == [0] * 7
    assert found["pseudonym"].n_unique() == 7


def test_spelling_does_not_part_a_person() -> None:
    assert by_kind(manifest(surname="MUELLER", given="ANNA"))["person"] == by_kind(manifest())["person"]
    assert by_kind(manifest(surname="Mueller", given="Hanna"))["person"] != by_kind(manifest())["person"]
    assert by_kind(manifest(dob=date(1978, 7, 7)))["person"] != by_kind(manifest())["person"]
    assert by_kind(manifest(address=" 1  main  st "))["address"] == by_kind(manifest())["address"]


def test_unknown_values_join_nobody() -> None:
    assert "person" not in by_kind(manifest(dob=None))
    assert "person" not in by_kind(manifest(surname=None, given=None))
    assert "document" not in by_kind(manifest(document=None))
    assert "phone" not in by_kind(manifest(phone=None))
    assert "phone" not in by_kind(manifest(phone=""))
    without_booking = manifest()
    without_booking = replace(
        without_booking, travellers=without_booking.travellers.with_columns(booking=pl.lit(None, pl.UInt32))
    )
    assert set(by_kind(without_booking)) == {"person", "document"}
    assert "document" in by_kind(manifest(issuer=None))


def test_same_text_of_another_kind_is_another_pseudonym() -> None:
    found = by_kind(manifest(phone="123", agency="123", card="123"))
    assert len({found["phone"], found["agency"], found["card"]}) == 3


def test_another_key_gives_other_pseudonyms() -> None:
    assert not set(by_kind(manifest()).values()) & set(by_kind(manifest(), b"other" * 8).values())


def test_flight_key_is_carrier_number_airport_and_local_day() -> None:
    base = flight_keys(manifest(), KEY)
    assert base.dtype == pl.Int64
    assert flight_keys(manifest(departure_time=datetime(2026, 1, 15, 23, 59)), KEY).to_list() == base.to_list()
    for change in ({"carrier": "LH"}, {"number": "873"}, {"departure": "MUC"}, {"departure_time": datetime(2026, 1, 16, 14)}):
        assert flight_keys(manifest(**change), KEY).to_list() != base.to_list()
    assert flight_keys(manifest(number=None), KEY).null_count() == 0


def test_booking_key_holds_over_the_flights_of_a_booking() -> None:
    base = booking_keys(manifest(), KEY).to_list()
    assert booking_keys(manifest(number="1", departure="YYZ"), KEY).to_list() == base
    assert booking_keys(manifest(record_locator="XYZ"), KEY).to_list() != base
    assert booking_keys(manifest(booked_at=datetime(2025, 1, 2, tzinfo=UTC)), KEY).to_list() != base
    assert booking_keys(manifest(record_locator=None), KEY).to_list() == [None]


def test_traveller_key_takes_the_best_that_is_known() -> None:
    def key_of(of: Manifest) -> int:
        return traveller_keys(of, pseudonyms(of, KEY), KEY)[0]

    assert key_of(manifest()) == by_kind(manifest())["person"]
    assert key_of(manifest(dob=None)) == by_kind(manifest())["document"]
    assert key_of(manifest(dob=None, document=None)) == key_of(manifest(dob=None, document=None, surname="Other"))
    assert key_of(manifest(dob=None, document=None)) != key_of(manifest(dob=None, document=None, ref="r2"))
    two = concat([manifest(dob=None, document=None, ref=None)] * 2)
    assert traveller_keys(two, pseudonyms(two, KEY), KEY).n_unique() == 2


def test_namesakes_on_one_flight_are_told_apart() -> None:
    one, other = manifest(), manifest(document="D02Y")
    both = concat([one, other])
    both = replace(both, travellers=both.travellers.with_columns(flight=pl.lit(0, pl.UInt32)))
    keys = traveller_keys(both, pseudonyms(both, KEY), KEY)
    assert keys.n_unique() == 2
    assert traveller_keys(both, pseudonyms(both, KEY), KEY).to_list() == keys.to_list()
    apart = concat([one, other])
    assert traveller_keys(apart, pseudonyms(apart, KEY), KEY).n_unique() == 1


def test_an_empty_manifest_has_none() -> None:
    empty = build()
    found = pseudonyms(empty, KEY)
    assert found.schema == pl.Schema(PSEUDONYMS)
    assert found.is_empty()
    assert flight_keys(empty, KEY).is_empty()
    assert booking_keys(empty, KEY).is_empty()
    assert traveller_keys(empty, found, KEY).is_empty()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=8), st.none() | st.text(max_size=8)), min_size=1, max_size=6))
def test_a_batch_gives_what_each_gives_alone(names: list[tuple[str, str | None]]) -> None:
    alone = [manifest(surname=surname, given=given_name) for surname, given_name in names]
    together = pseudonyms(concat(alone), KEY)
    for row, one in enumerate(alone):
        assert together.filter(pl.col("traveller") == row)["pseudonym"].to_list() == pseudonyms(one, KEY)["pseudonym"].to_list()


def test_an_identity_is_name_birth_and_document_together() -> None:
    [[own]] = identity_keys(manifest(), KEY)
    assert identity_keys(manifest(surname="MUELLER", given="ANNA", ref="r2", booking=None), KEY) == [(own,)]
    changes = ({"surname": "Meier"}, {"dob": date(1978, 7, 7)}, {"document": "C01Y"}, {"type": "V"}, {"issuer": "AUT"})
    others = {identity_keys(manifest(**change), KEY)[0][0] for change in changes}
    assert len(others) == len(changes)
    assert own not in others
    assert identity_keys(manifest(), b"l" * 32) != [(own,)]


def test_who_is_not_known_in_full_has_no_identity() -> None:
    for name in ("dob", "type", "issuer", "document"):
        assert identity_keys(manifest(**{name: None}), KEY) == [()]
    assert identity_keys(manifest(surname=None, given=None), KEY) == [()]
    one = manifest()
    assert identity_keys(replace(one, documents=one.documents.clear()), KEY) == [()]
    unreadable = one.documents.with_columns(number=pl.lit(None, pl.String))
    both = replace(one, documents=pl.concat([one.documents, unreadable]))
    assert identity_keys(both, KEY) == [()]  # a document that nobody could compare may be any


def test_redress_numbers_are_keyed() -> None:
    first, none, second, again = redress_keys(["CTN1", None, "CTN2", "CTN1"], KEY)
    assert none is None
    assert first == again != second
    assert first != redress_keys(["CTN1"], b"l" * 32)[0]
