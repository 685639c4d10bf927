"""Places of birth: what is read of the text, and what agreement is worth beside the nationality."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.watchlists.conftest import AT, PRIOR, Build, documents, lookout, matches, travellers
from watchlists import score
from watchlists.match import match
from watchlists.places import Place, place


@pytest.mark.parametrize(
    ("text", "words", "country"),
    [
        ("Kandahar, Afghanistan", ("KANDAHAR",), "AFG"),
        ("KANDAHAR, AFG", ("KANDAHAR",), "AFG"),
        ("USA, HARTFORD", ("HARTFORD",), "USA"),
        ("KANDAHAR AFGHANISTAN", ("KANDAHAR",), "AFG"),
        ("Kandahar City, Kandahar Province, Afghanistan", ("KANDAHAR",), "AFG"),
        ("GOMA DEMOCRATIC REPUBLIC OF THE CONGO", ("GOMA",), "COD"),
        ("Gaza (Palestinian Authority)", ("GAZA",), "PSE"),
        ("Tbilisi, USSR", ("TBILISI",), "SUN"),
        ("AFG", (), "AFG"),
        ("FR", (), "FRA"),
        ("LOS ANGELES, CA", ("ANGELES",), None),  # CA is California here
        ("SANTA FE, NEW MEXICO", ("SANTA", "NEW", "MEXICO"), None),
        ("Mexico City, Mexico", ("MEXICO",), "MEX"),
        ("St. Petersburg, Russia", ("PETERSBURG",), "RUS"),
        ("Saint Petersburg", ("PETERSBURG",), None),
        ("Ливны", ("LIVNY",), None),
        ("City", (), None),
        (" , ,", (), None),
        ("123", (), None),
    ],
)
def test_a_place_is_its_country_and_the_words_that_tell_it_apart(text: str, words: tuple[str, ...], country: str | None) -> None:
    assert place(text) == Place(words, country)


@given(st.text(max_size=200))
def test_any_text_is_a_place_of_few_words(text: str) -> None:
    read = place(text)
    assert len(read.words) <= 8
    assert all(word.isascii() and word.isupper() for word in read.words)


def evidence(build: Build, listed: list[str], own: str | None, nationality: str | None = "AFG") -> list[dict[str, Any]]:
    """The evidence on places and nationality of one person whose lookout has the nationality AFG."""
    opened = build(lookout("1", "QUDDOOSHI, Zulmay", countries=["AFG"], birthplaces=listed))
    (row,) = matches(opened, travellers(("QUDDOOSHI", "ZULMAY", None, nationality, own))).iter_rows(named=True)
    assert sum(part["log_odds"] for part in row["evidence"]) == pytest.approx(row["log_odds"], abs=1e-6)
    return [part for part in row["evidence"] if not part["field"].startswith("name")]


@pytest.mark.parametrize(
    ("listed", "own"),
    [
        ("Kandahar, Afghanistan", "KANDAHAR, AFG"),
        ("Kandahar Province, Afghanistan", "QANDAHAR"),
        ("Spin Boldak District, Kandahar Province, Afghanistan", "Kandahar, Afghanistan"),
        ("Kandahar", "KANDAHAR AFG"),
    ],
)
def test_the_same_place_written_differently_agrees_and_both_values_are_shown(build: Build, listed: str, own: str) -> None:
    found = evidence(build, [listed], own)
    assert [part["field"] for part in found] == ["birthplace", "nationality"]
    assert (found[0]["traveller_value"], found[0]["lookout_value"]) == (own, listed)
    assert found[0]["log_odds"] == pytest.approx(score.PLACES.same)


def test_the_country_of_birth_counts_where_the_nationality_has_not_agreed(build: Build) -> None:
    counted = evidence(build, ["Kandahar, Afghanistan"], "AFG")
    assert [(part["field"], part["log_odds"]) for part in counted] == [
        ("nationality", score.COUNTRY_AGREES),
        ("birthplace_country", 0.0),
    ]
    unknown = evidence(build, ["Kandahar, Afghanistan"], "AFG", None)
    assert [(part["field"], part["log_odds"]) for part in unknown] == [("birthplace_country", score.COUNTRY_AGREES)]
    naturalised = evidence(build, ["Kandahar, Afghanistan"], "AFG", "CAN")
    assert {part["field"]: part["log_odds"] for part in naturalised} == {
        "birthplace_country": score.COUNTRY_AGREES,
        "nationality": score.COUNTRY_DIFFERS,
    }
    both = evidence(build, ["Kandahar, Afghanistan"], "Kandahar, Afghanistan", None)
    assert both[0]["log_odds"] == pytest.approx(score.PLACES.same + score.COUNTRY_AGREES)


@pytest.mark.parametrize(
    ("own", "worth"),
    [
        ("HERAT, AFG", score.PLACES.elsewhere),
        ("HERAT", score.PLACES.elsewhere),
        ("LAHORE, PAK", score.PLACES.abroad),
    ],
)
def test_another_place_speaks_against_but_not_much(build: Build, own: str, worth: float) -> None:
    found = evidence(build, ["Kandahar, Afghanistan"], own)
    assert {part["field"]: part["log_odds"] for part in found}["birthplace"] == pytest.approx(worth)
    assert -1.5 < worth < 0.0


@pytest.mark.parametrize("own", [None, "CITY", "GHAZNI KANDAHAR", "KANDAHAR, PAK", "PAKISTAN"])
def test_what_cannot_be_told_is_neutral(build: Build, own: str | None) -> None:
    listed = ["Gelan District, Kandahar"] if own != "KANDAHAR, PAK" else ["Kandahar, Afghanistan"]
    assert [part["field"] for part in evidence(build, listed, own)] == ["nationality"]
    assert [part["field"] for part in evidence(build, [], "KANDAHAR, AFG")] == ["nationality"]


def test_the_best_of_several_places_counts_less_for_their_number(build: Build) -> None:
    found = evidence(build, ["Herat, Afghanistan", "Kandahar, Afghanistan"], "KANDAHAR")
    assert found[0]["lookout_value"] == "Kandahar, Afghanistan" or found[1]["lookout_value"] == "Kandahar, Afghanistan"
    worth = {part["field"]: part["log_odds"] for part in found}["birthplace"]
    assert 0.0 < worth < score.PLACES.same


def test_a_former_state_is_where_its_successors_are(build: Build) -> None:
    opened = build(
        lookout("1", "QUDDOOSHI, Zulmay", birthplaces=["Tashkent, USSR"]),
        lookout("2", "QUDDOOSHI, Zulmay", birthplaces=["Uzbekistan"]),
    )
    people = travellers(("QUDDOOSHI", "ZULMAY", None, None, "UZB"), ("QUDDOOSHI", "ZULMAY", None, None, "Soviet Union"))
    found = matches(opened, people)
    fields = found.select("traveller", "entry_id", pl.col("evidence").list.eval(pl.element().struct.field("field")))
    assert len(fields) == 4
    assert all("birthplace_country" in row for row in fields["evidence"])


def test_the_floor_loses_nothing_above_it_of_travellers_with_a_place_of_birth(build: Build) -> None:
    given_names = ("ZULMAY", "ALI", "HASSAN", "OMAR")
    places = ("Kandahar, Afghanistan", "Herat", "Lahore, Pakistan", "Afghanistan")
    opened = build(
        *(
            lookout(f"{given}{at}", f"QUDDOOSHI, {given}", countries=["AFG"][: at % 2], birthplaces=[place])
            for given in given_names
            for at, place in enumerate(places)
        )
    )
    people = travellers(
        *(("QUDOSHI", given, None, country, own) for given in given_names for own in (*places, None) for country in ("AFG", None))
    )
    everything = matches(opened, people)
    for floor in (6.0, 9.0, 12.0, 14.0, 16.0):
        kept = match(opened, people, documents(), PRIOR, floor, AT)
        wanted = everything.filter(pl.col("log_odds") >= floor)
        assert kept.drop("probability").equals(wanted.drop("probability"))
        assert kept.height > 0 or floor > 14.0


def test_a_place_of_birth_without_a_name_raises_nothing(build: Build) -> None:
    opened = build(lookout("1", "PETROVSKY, Anatoly", birthplaces=["Kandahar, Afghanistan"]))
    assert matches(opened, travellers(("NAKAMURA", "JUN", None, None, "KANDAHAR, AFG"))).is_empty()
