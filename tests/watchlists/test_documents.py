"""Documents of lookouts: exact numbers, and numbers with characters misread."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.watchlists.conftest import Build, documents, lookout, matches, travellers
from watchlists import score
from watchlists.documents import alike, document_keys

NUMBERS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=14)
LOOK_ALIKE = {"0": "OQD", "1": "IL", "2": "Z", "5": "S", "6": "G", "8": "B"}


@given(NUMBERS, st.data())
def test_a_misread_number_has_the_key_of_the_number(number: str, data: st.DataObject) -> None:
    misread = "".join(data.draw(st.sampled_from(one + LOOK_ALIKE.get(one, ""))) for one in number)
    assert alike(misread) == alike(number)
    keys = document_keys(pl.Series([number, misread, alike(number)]))
    assert len(set(keys.tolist())) == 1


@given(NUMBERS, NUMBERS)
def test_numbers_that_do_not_look_alike_have_different_keys(left: str, right: str) -> None:
    keys = document_keys(pl.Series([left, right])).tolist()
    assert (keys[0] == keys[1]) == (alike(left) == alike(right))


@given(NUMBERS, st.booleans())
def test_a_misread_number_is_always_worth_less_than_the_exact_one(number: str, issuer: bool) -> None:
    assert score.misread_log_odds(alike(number), issuer) < score.document_log_odds(number, issuer) - 3.0


def test_a_misread_document_brings_the_lookout_as_a_finding_of_its_own_and_does_not_agree(build: Build) -> None:
    passport = [{"type": "P", "number": "OB123456", "issuer": "IRQ"}]
    opened = build(lookout("1", "PETROVSKY, Anatoly", documents=passport))
    people = travellers(("NAKAMURA", "JUN"), ("PETROVSKY", "ANATOLY"), ("NAKAMURA", "JUN"))
    papers = documents((0, "P", "0B12345G", "IRQ"), (1, "P", "0812345G", None), (2, "P", "OB123456", "IRQ"))
    found = matches(opened, people, papers).sort("traveller")
    assert found["traveller"].to_list() == [0, 1, 2]
    assert found["document_agrees"].to_list() == [False, False, True]
    misread, exact = (
        next(part for part in found["evidence"][row].to_list() if part["field"].startswith("document")) for row in (0, 2)
    )
    assert (misread["field"], misread["traveller_value"], misread["lookout_value"]) == (
        "document_misread",
        "0B12345G IRQ",
        "OB123456 IRQ",
    )
    assert exact["field"] == "document"
    assert exact["log_odds"] > misread["log_odds"] + 3.0
    for row in found.iter_rows(named=True):
        assert sum(part["log_odds"] for part in row["evidence"]) == pytest.approx(row["log_odds"], abs=1e-6)


def test_of_two_documents_the_exact_one_counts(build: Build) -> None:
    opened = build(lookout("1", "PETROVSKY, Anatoly", documents=[{"type": "P", "number": "OB123456", "issuer": None}]))
    papers = documents((0, "P", "0B123456", None), (0, "P", "OB123456", None))
    (row,) = matches(opened, travellers(("NAKAMURA", "JUN")), papers).iter_rows(named=True)
    assert row["document_agrees"]


@pytest.mark.parametrize(
    ("listed", "own"),
    [(("P", "OB123456", "IRQ"), ("P", "0B123456", "CAN")), (("P", "OB123456", "IRQ"), ("V", "0B123456", "IRQ"))],
)
def test_a_misread_number_of_another_issuer_or_type_is_another_document(
    build: Build, listed: tuple[str, str, str], own: tuple[str, str, str]
) -> None:
    opened = build(lookout("1", "PETROVSKY, Anatoly", documents=[dict(zip(("type", "number", "issuer"), listed, strict=True))]))
    assert matches(opened, travellers(("NAKAMURA", "JUN")), documents((0, *own))).is_empty()


@pytest.mark.parametrize(("listed", "own"), [("RKS", "UNK"), ("XKX", "RKS"), ("GBR", "GBD")])
def test_issuers_are_compared_by_the_state_that_their_codes_name(build: Build, listed: str, own: str) -> None:
    opened = build(lookout("1", "PETROVSKY, Anatoly", documents=[{"type": "P", "number": "OB123456", "issuer": listed}]))
    found = matches(opened, travellers(("NAKAMURA", "JUN")), documents((0, "P", "OB123456", own)))
    assert found["document_agrees"].to_list() == [True]
