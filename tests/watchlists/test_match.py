"""What the field complains about in other matchers, and what design section 2 fixes, on lists made here."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from tests.watchlists.conftest import AT, PRIOR, Build, alerts, documents, lookout, matches, travellers
from watchlists.match import Matches, match

BORN = date(1962, 4, 23)


def name_log_odds(found: pl.DataFrame, traveller: int, entry_id: str) -> float:
    rows = found.filter(pl.col("traveller") == traveller, pl.col("entry_id") == entry_id)
    return rows["name_log_odds"].item() if rows.height else float("-inf")


def test_matches_keep_their_contract_and_their_evidence_adds_up(build: Build) -> None:
    opened = build(
        lookout("1", "AL-ZAYDI, Mustafa Karim", aliases=["Mostafa Al Zaidi"], dobs=["1962-04-23", "1964"], countries=["IRQ"]),
        lookout("2", "ZAIDI, Mustafa", documents=[{"type": "P", "number": "G1234567", "issuer": "IRQ"}]),
    )
    people = travellers(("ALZAIDI", "MUSTAFA", BORN, "IRQ"), ("OTHER", "PERSON"), ("ZAYDI", "MOUSTAPHA KARIM", None, "CAN"))
    found = matches(opened, people, documents((0, "P", "G1234567", "IRQ")))
    Matches.validate(found)
    assert found.height >= 4
    assert found["traveller"].is_sorted()
    for row in found.iter_rows(named=True):
        assert sum(part["log_odds"] for part in row["evidence"]) == pytest.approx(row["log_odds"], abs=1e-6)
        names = sum(part["log_odds"] for part in row["evidence"] if part["field"].startswith("name"))
        assert names == pytest.approx(row["name_log_odds"], abs=1e-6)
        assert 0.0 < row["probability"] < 1.0
    first = found.filter(pl.col("traveller") == 0, pl.col("entry_id") == "1").row(0, named=True)
    assert first["dob_agrees"]
    assert not first["document_agrees"]
    born = next(part for part in first["evidence"] if part["field"] == "dob")
    assert (born["traveller_value"], born["lookout_value"]) == ("1962-04-23", "1962-04-23")


def test_no_traveller_and_no_match_give_an_empty_frame_of_the_contract(build: Build) -> None:
    opened = build(lookout("1", "DOE, Jonathan"))
    for people in (travellers(), travellers(("SMITH", "ANNE"))):
        found = matches(opened, people)
        Matches.validate(found)
        assert found.is_empty()


def test_george_bush_is_not_george_habbash(build: Build) -> None:
    known = {"dobs": ["1962-04-23"], "countries": ["USA"]}
    opened = build(lookout("habash", "HABBASH, George", **known), lookout("bush", "BUSH, George", **known))
    # Not even where date of birth and nationality are the same.
    found = alerts(opened, travellers(("BUSH", "GEORGE", BORN, "USA"), ("HABBASH", "GEORGE", BORN, "USA")))
    assert found == [(0, "bush"), (1, "habash")]
    names = matches(opened, travellers(("BUSH", "GEORGE"), ("HABBASH", "GEORGE")))
    for traveller, own, other in ((0, "bush", "habash"), (1, "habash", "bush")):
        assert name_log_odds(names, traveller, other) < name_log_odds(names, traveller, own) / 2


def test_one_shared_token_raises_no_alert(build: Build) -> None:
    opened = build(lookout("two", "TARASENKO, Hassan"), lookout("one", "HASSAN", countries=["IRQ"]))
    people = travellers(
        ("HASSAN", ""), ("HASSAN", "", None, "IRQ"), ("", "TARASENKO"), ("HASSAN", "ANNE"), ("TARASENKO", "HASSAN")
    )
    assert alerts(opened, people) == []  # nor does the whole name of two tokens by itself, though it is far likelier:
    found = matches(opened, people)
    full = name_log_odds(found, 4, "two")
    for traveller, entry in ((0, "one"), (0, "two"), (2, "two"), (3, "one"), (3, "two"), (4, "one")):
        assert full > name_log_odds(found, traveller, entry) + 3.0


def test_generic_tokens_raise_no_alert_and_rare_ones_do(build: Build) -> None:
    known = {"dobs": ["1962-04-23"], "countries": ["PAK"]}
    opened = build(lookout("generic", "MUHAMMAD, Ali", **known), lookout("rare", "QUDDOOSHI, Zulmay", **known))
    other_day = date(1962, 9, 1)
    people = travellers(
        ("MUHAMMAD", "ALI"),
        ("MUHAMMAD", "ALI", None, "PAK"),
        ("MUHAMMAD", "ALI", other_day, "PAK"),
        ("MUHAMMAD", "ALI", BORN, "PAK"),
        ("QUDDOOSHI", "ZULMAY"),
        ("QUDDOOSHI", "ZULMAY", other_day, "PAK"),
    )
    assert alerts(opened, people) == [(3, "generic"), (4, "rare"), (5, "rare")]


def test_the_same_date_of_birth_and_nationality_without_the_name_raise_no_alert(build: Build) -> None:
    opened = build(lookout("1", "PETROVSKY, Anatoly", dobs=["1962-04-23"], countries=["RUS"]))
    people = travellers(
        ("NAKAMURA", "JUN", BORN, "RUS"),
        ("SOKOLOV", "ANATOLY", BORN, "RUS"),  # a given name is a little evidence: far less than the rest of the name
        ("PETROVSKY", "ANATOLY", BORN, "RUS"),
    )
    assert alerts(opened, people) == [(2, "1")]
    assert matches(opened, people)["traveller"].unique().sort().to_list() == [1, 2]


def test_without_date_of_birth_a_name_is_matched_all_the_same(build: Build) -> None:
    opened = build(lookout("dated", "QUDDOOSHI, Zulmay", dobs=["1962-04-23"]), lookout("undated", "VERKHOLANTSEV, Pyotr"))
    found = matches(opened, travellers(("QUDDOOSHI", "ZULMAY"), ("VERKHOLANTSEV", "PYOTR", BORN)))
    assert found["entry_id"].to_list() == ["dated", "undated"]
    assert found["log_odds"].to_list() == found["name_log_odds"].to_list()


@pytest.mark.parametrize(
    ("listed", "surname", "given"),
    [
        ("OTKE, Anna Ivanovna", "OTKE", "ANNAIVANOVNA"),
        ("OTKE, Anna Ivanovna", "OTKE", "ANNAIVANOVNAMRS"),
        ("VERKHOLANTSEV, Xiaoping", "VERKHOLANTSEV", "XIAO PING"),
        ("VERKHOLANTSEV, Pyotr Ilyich", "PYOTR ILYICH", "VERKHOLANTSEV"),
        ("AL-HABSI, Mahmood", "ALHABSI", "MAHMOOD"),
        ("AL-HABSI, Mahmood", "HABSI", "MAHMOUD"),
        ("VAN DER KOLKHOF, Pieter", "KOLKHOF", "PIETER"),
        ("MEZENTSEV, Dmitriy Fedorovich", "MEZENTSEV", "DMITRII FEDOROVICH"),
        ("KHASANOV, Yuri", "KHASANOV", "IURII"),
        ("ZHAMSUYEV, Bair Bayaskhalanovich", "ZHAMSUYEV", "BAIR BAYASKHALANOV"),
        ("KHANANI, Muhammad Javed", "KHANANI", "MUHAMMAD J"),
        ("GUTIERREZ RENDON, Orlando", "GUTIERREZ", "ORLANDO"),
        ("SARDASHTI, Nasrollah", "SARDASTHI", "NASROLLAH"),
        ("Müller-Lüdenscheidt, Jörg", "MULLER LUDENSCHEIDT", "JORG"),
        ("Воложинский, Аркадий", "VOLOZHINSKII", "ARKADII"),
    ],
)
def test_one_person_written_differently_is_found(build: Build, listed: str, surname: str, given: str) -> None:
    opened = build(lookout("1", listed, dobs=["1962-04-23"]), lookout("2", "SOMEONE, Else", dobs=["1962-04-23"]))
    found = matches(opened, travellers((surname, given, BORN)))
    assert found["entry_id"].to_list() == ["1"]
    assert found["log_odds"].item() > 17.0


def test_dates_of_birth_rank_by_how_well_they_agree(build: Build) -> None:
    opened = build(lookout("1", "QUDDOOSHI, Zulmay", dobs=["1962-04-03"]))
    ranked = [
        date(1962, 4, 3),  # equal
        date(1962, 3, 4),  # day and month exchanged
        date(1963, 4, 3),  # one digit
        None,
        date(1985, 11, 27),
    ]
    found = matches(opened, travellers(*(("QUDDOOSHI", "ZULMAY", born) for born in ranked)))
    assert found["traveller"].to_list() == [0, 1, 2, 3, 4]
    assert found["log_odds"].is_sorted(descending=True)
    assert found["dob_agrees"].to_list() == [True, False, False, False, False]


def test_a_weak_alias_never_triggers_and_confirms_a_document(build: Build) -> None:
    passport = [{"type": "P", "number": "G1234567", "issuer": "IRQ"}]
    opened = build(lookout("1", "PETROVSKY, Anatoly", weak_aliases=["Black Stallion"], dobs=["1962-04-23"], documents=passport))
    people = travellers(("STALLION", "BLACK", BORN))
    assert matches(opened, people).is_empty()
    confirmed = matches(opened, people, documents((0, "P", "G1234567", "IRQ")))
    other = matches(opened, travellers(("NAKAMURA", "JUN", BORN)), documents((0, "P", "G1234567", "IRQ")))
    assert confirmed["weak"].to_list() == [True]
    assert confirmed["lookout_name"].to_list() == ["Black Stallion"]
    assert confirmed["log_odds"].item() > other["log_odds"].item() + 10.0
    assert other["weak"].to_list() == [False]


@pytest.mark.parametrize(
    ("document", "agrees"),
    [
        (("P", "G1234567", "IRQ"), True),
        ((None, "G1234567", None), True),
        (("P", "G1234567", "CAN"), False),
        (("V", "G1234567", "IRQ"), False),
        (("P", "G1234568", "IRQ"), False),
        (("P", None, "IRQ"), False),
    ],
)
def test_a_document_is_evidence_where_number_type_and_issuer_agree(
    build: Build, document: tuple[str | None, str, str | None], agrees: bool
) -> None:
    opened = build(
        lookout("1", "PETROVSKY, Anatoly", documents=[{"type": "P", "number": "G1234567", "issuer": "IRQ"}]),
        lookout("2", "OTHERSON, Ole", documents=[{"type": "P", "number": "1234", "issuer": "IRQ"}]),
    )
    found = matches(opened, travellers(("NAKAMURA", "JUN")), documents((0, *document), (0, "P", "1234", "IRQ")))
    assert found["document_agrees"].to_list() == ([True] if agrees else [])


def test_a_lookout_acts_from_its_start_until_before_its_end(build: Build) -> None:
    second = timedelta(seconds=1)
    opened = build(
        lookout("past", "QUDDOOSHI, Zulmay", valid_until=AT),
        lookout("last_second", "QUDDOOSHI, Zulmay", valid_until=AT + second),
        lookout("first_second", "QUDDOOSHI, Zulmay", valid_from=AT),
        lookout("future", "QUDDOOSHI, Zulmay", valid_from=AT + second),
    )
    assert set(matches(opened, travellers(("QUDDOOSHI", "ZULMAY")))["entry_id"]) == {"last_second", "first_second"}


def test_the_prior_is_that_of_the_source_and_moves_the_probability_alone(build: Build) -> None:
    opened = build(lookout("1", "QUDDOOSHI, Zulmay", dobs=["1962-04-23"]))
    people = travellers(("QUDDOOSHI", "ZULMAY", BORN))
    plain = match(opened, people, documents(), {"default": 0.01}, 0.0, AT)
    likelier = match(opened, people, documents(), {"default": 0.01, "test": 1.0}, 0.0, AT)
    assert plain["log_odds"].item() == likelier["log_odds"].item()
    odds = [float((frame["probability"] / (1 - frame["probability"])).item()) for frame in (plain, likelier)]
    assert odds[1] / odds[0] == pytest.approx(100, rel=1e-3)


def test_nothing_under_the_floor_is_given_and_the_floor_loses_nothing_above_it(build: Build) -> None:
    people = travellers(("QUDDOOSHI", "ZULMAY", BORN), ("QUDDOOSHI", "ALI", BORN), ("QUDOSHI", "ZULMAI"))
    opened = build(lookout("1", "QUDDOOSHI, Zulmay", dobs=["1962-04-23"]), lookout("2", "QUDDOOSHI, Ali", dobs=["1962"]))
    everything = matches(opened, people)
    for floor in (5.0, 10.0, 14.0, 20.0):
        kept = match(opened, people, documents(), PRIOR, floor, AT)
        expected = everything.filter(pl.col("log_odds") >= floor)
        assert kept.drop("probability").equals(expected.drop("probability"))
        # What is under the floor took a share of the probability that is hardly one.
        assert np.allclose(kept["probability"], expected["probability"], rtol=1e-3)


@pytest.mark.parametrize(
    ("listed", "nationality", "worth"),
    [
        ("SUN", "UKR", "agrees"),
        ("YUG", "RKS", "agrees"),
        ("SCG", "MNE", "agrees"),
        ("XKX", "RKS", "agrees"),
        ("RKS", "UNK", "agrees"),
        ("GBR", "GBD", "agrees"),
        ("SUN", "CAN", "differs"),
        ("UKR", "RUS", "differs"),
        ("IRQ", "XXA", None),
        ("IRQ", "XXB", None),
        ("IRQ", "UNO", None),
    ],
)
def test_nationalities_are_compared_by_the_states_they_stand_for(
    build: Build, listed: str, nationality: str, worth: str | None
) -> None:
    opened = build(lookout("1", "QUDDOOSHI, Zulmay", countries=[listed]))
    (row,) = matches(opened, travellers(("QUDDOOSHI", "ZULMAY", None, nationality))).iter_rows(named=True)
    told = [(part["log_odds"] > 0, part["traveller_value"]) for part in row["evidence"] if part["field"] == "nationality"]
    assert told == ([] if worth is None else [(worth == "agrees", nationality)])
