"""The simulated world: deterministic, within its contracts, and with a truth that no manifest tells."""

import hashlib
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from manifests.frames import DTYPES, check
from training.simulate import folder
from training.simulate.elements import PARTY, PERSON
from training.simulate.facilitators import IDENTIFIER_BASE
from training.simulate.lists import COLUMNS, entries
from training.simulate.plans import IS_FINDING, NAMES, PRIOR, STATE_PLAN
from training.simulate.world import TRUTH, World, simulate

START = date(2026, 1, 1)
TRAVELLERS, DAYS = 3000, 8


@pytest.fixture(scope="module")
def days() -> list:
    return list(simulate(TRAVELLERS, 5, START, DAYS))


@pytest.fixture(scope="module")
def season() -> pl.DataFrame:
    return pl.concat([truth for _, truth in simulate(50_000, 2, START, 40)])


def digests(path: Path) -> dict[str, str]:
    return {str(file.relative_to(path)): hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(path.rglob("*.*"))}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("first", 5), ("second", 5), ("third", 6)):
        folder.write(tmp_path / name, 600, seed, START, 4)
    first, second, third = (digests(tmp_path / name) for name in ("first", "second", "third"))
    assert first == second
    assert len(first) == 4 * 6 + 3
    assert {name for name in first if first[name] == third[name]} == set()


def test_exactly_as_many_travellers_as_asked(days: list) -> None:
    assert sum(manifest.travellers.height for manifest, _ in days) == TRAVELLERS
    assert sum(manifest.travellers.height for manifest, _ in simulate(7, 1, START, 30)) == 7


def test_manifests_keep_the_contract(days: list) -> None:
    for manifest, truth in days:
        check(manifest)
        assert truth.schema == TRUTH
        assert truth["traveller"].equals(manifest.travellers["traveller"])


def test_days_follow_each_other(days: list) -> None:
    ends = [(manifest.flights["departure_at"].min(), manifest.flights["departure_at"].max()) for manifest, _ in days]
    assert all(earlier[1] < later[0] for earlier, later in pairwise(ends))


def test_itineraries_hold_the_flight_and_are_in_order(days: list) -> None:
    for manifest, _ in days:
        legs = manifest.legs.join(manifest.flights, on="flight", suffix="_of_flight")
        own = (pl.col("departure_at") == pl.col("departure_at_of_flight")) & (pl.col("arrival") == pl.col("arrival_of_flight"))
        assert legs.group_by("booking").agg(own.sum() == 1)["departure_at"].all()
        order = manifest.legs.with_columns(gap=pl.col("departure_at") - pl.col("arrival_at").shift().over("booking"))
        assert order["gap"].drop_nulls().min().total_seconds() > 0
        booked = manifest.bookings.join(manifest.legs.group_by("booking").agg(pl.col("departure_at").min()), on="booking")
        assert (booked["booked_at"] < booked["departure_at"]).all()


def test_the_manifests_say_nothing_of_the_truth(days: list) -> None:
    columns = {column for schema in DTYPES.values() for column in schema}
    assert not columns & {"plan", "state", "outcome", "oracle", "network", "person", "unit"}
    for manifest, _ in days:
        texts = [
            frame[column].drop_nulls().cast(pl.String).str.to_lowercase()
            for frame in (manifest.travellers, manifest.bookings)
            for column, dtype in frame.schema.items()
            if dtype == pl.String
        ]
        words = ("smuggl", "victim", "altered", "escort", "network")
        assert not any(text.str.contains_any(list(words)).any() for text in texts)


def test_people_return(season: pl.DataFrame) -> None:
    trips = season["person"].value_counts()["count"]
    assert (trips > 1).sum() > 500
    assert trips.max() >= 4


def test_minors_and_protected_people_are_never_findings(season: pl.DataFrame) -> None:
    findings = season.filter(pl.col("outcome").is_in(["facilitation", "fraudulent_document"]))
    assert findings.height >= 20
    assert not findings["minor"].any()
    assert not findings["plan"].is_in(["trafficking_victim", "unaccompanied_child"]).any()
    assert season.filter(pl.col("minor"))["oracle"].max() == 0


def test_of_the_adult_beside_trafficked_children_nothing_is_recorded(season: pl.DataFrame) -> None:
    adults = season.filter(pl.col("plan") == "trafficking_adult")
    assert adults.height >= 1
    assert set(adults["outcome"]) == {"nothing_found"}
    assert not adults["minor"].any()
    beside = season.filter(pl.col("unit").is_in(adults["unit"].implode()) & pl.col("minor"))
    assert set(beside["plan"]) == {"trafficking_victim"}


def test_an_escort_is_one_person_wherever_the_journey_starts() -> None:
    names: dict[int, set[tuple[str, str]]] = {}
    for manifest, truth in simulate(30_000, 2, START, 20):
        escorts = truth.filter((pl.col("plan") == "escort") & (pl.col("person") >= IDENTIFIER_BASE))
        for row, person in escorts.select("traveller", "person").iter_rows():
            names.setdefault(person, set()).add((manifest.travellers["surname"][row], manifest.travellers["given"][row]))
    assert names
    assert {len(of_one) for of_one in names.values()} == {1}


def test_the_oracle_is_calibrated_and_far_from_certain(season: pl.DataFrame) -> None:
    plan = season["plan"].is_in(["smuggled", "escort", "altered_document"]).to_numpy() & ~season["minor"].to_numpy()
    oracle = season["oracle"].to_numpy()
    # Within four standard deviations of a sum of independent draws; members of a unit share one, hence the factor.
    spread = 4 * np.sqrt(2 * (oracle * (1 - oracle)).sum())
    assert abs(plan.sum() - oracle.sum()) < spread
    top = np.argsort(-oracle)[: oracle.size * 2 // 1000]
    assert 0.2 < plan[top].sum() / plan.sum() <= 0.9


@pytest.mark.parametrize("name", [*PARTY, *PERSON])
def test_no_element_separates_alone(name: str) -> None:
    """AUC of the best ranking by one element, from its table: below .8."""
    table = (PARTY | PERSON)[name].table
    assert np.allclose(table.sum(axis=1), 1)
    assert (table > 0).all()
    finding = (PRIOR[IS_FINDING] / PRIOR[IS_FINDING].sum()) @ table[IS_FINDING]
    other = (PRIOR[~IS_FINDING] / PRIOR[~IS_FINDING].sum()) @ table[~IS_FINDING]
    order = np.argsort(finding / other)
    above = np.cumsum(other[order]) - other[order] / 2
    assert (finding[order] * above).sum() < 0.8


def test_most_people_are_innocent() -> None:
    assert PRIOR[STATE_PLAN == 0].sum() > 0.99
    assert len(NAMES) == len(PRIOR)


def test_the_list_is_in_the_documented_columns_and_says_that_it_is_invented() -> None:
    found = entries(3, START)
    assert found.columns == COLUMNS
    assert found["id"].is_unique().all()
    assert set(found["authority"]) == {"Forepost demonstration list (invented)"}
    assert found["category"].n_unique() >= 5
    assert found["action"].n_unique() == 4
    assert found.equals(entries(3, START))


def test_listed_people_travel() -> None:
    travelled = [
        (manifest.travellers["surname"][row], entry)
        for manifest, truth in simulate(20_000, 4, START, 5)
        for row, entry in truth.filter(pl.col("entry").is_not_null()).select("traveller", "entry").iter_rows()
    ]
    assert len(travelled) >= 2
    assert {entry for _, entry in travelled} <= set(entries(4, START)["id"])


def test_a_full_folder_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    with pytest.raises(folder.FolderError, match="not an empty folder"):
        folder.write(tmp_path, 10, 1, START, 1)
    with pytest.raises(folder.FolderError, match=r"world\.json"):
        list(folder.read(tmp_path))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    folder.write(tmp_path / "world", 400, 9, START, 3)
    made = [(day.manifest, day.truth) for day in World(400, 9, START, 3).run()]
    for (manifest, truth), (back, back_truth) in zip(made, folder.read(tmp_path / "world"), strict=True):
        assert truth.equals(back_truth)
        assert all(getattr(manifest, name).equals(getattr(back, name)) for name in folder.FRAMES)


def test_an_incomplete_folder_names_what_is_missing(tmp_path: Path) -> None:
    folder.write(tmp_path / "world", 100, 9, START, 2)
    (tmp_path / "world" / "legs" / "2026-01-02.parquet").unlink()
    with pytest.raises(folder.FolderError, match=r"legs/2026-01-02\.parquet is missing"):
        list(folder.read(tmp_path / "world"))


def test_the_data_sheet_states_its_unrealism(tmp_path: Path) -> None:
    folder.write(tmp_path / "world", 300, 9, START, 2)
    text = (tmp_path / "world" / "datasheet.md").read_text()
    for words in ("findings recorded", "GAO-17-216", "What is not real", "control era", "Left out"):
        assert words in text
