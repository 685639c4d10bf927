from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.names import cyrillic, data, noise, ours, speed
from manifests.names import fold, fold_one


@pytest.fixture
def synthetic(tmp_path: Path) -> Path:
    """A folder with eight invented persons of two countries."""
    (tmp_path / "names").mkdir()
    pl.DataFrame(
        {
            "id": [f"S{row}" for row in range(8)],
            "surname": ["GARCIA", "LOPEZ", "PEREZ", "DIAZ", "IVANOV", "PETROV", "SIDOROV", "POPOV"],
            "given": ["ANA", "LUZ", "EVA", "PIA", "IVAN", "OLEG", "IGOR", "LEV"],
            "dob": ["1950-01-01", None, "1960-02-02", "1970-03-03", "1980-04-04", "1990-05-05", None, "2000-06-06"],
            "country": ["ES"] * 4 + ["RU"] * 4,
        }
    ).write_parquet(tmp_path / "names" / "synthetic_names_500k.parquet")
    return tmp_path


def test_recombined_persons_keep_the_name_parts_of_a_country_together(synthetic: Path) -> None:
    people = data.recombined(synthetic, 2_000)
    assert people["id"].n_unique() == 2_000
    spanish = people.filter(pl.col("country") == "ES")
    assert set(spanish["surname"]) == {"GARCIA", "LOPEZ", "PEREZ", "DIAZ"}
    assert set(spanish["given"]) == {"ANA", "LUZ", "EVA", "PIA"}
    assert spanish.select("surname", "given").n_unique() == 16
    assert 0.02 < people["dob"].null_count() / people.height < 0.09
    assert people.equals(data.recombined(synthetic, 2_000))


def test_recombined_persons_make_a_list(synthetic: Path) -> None:
    imported = ours.imported(data.recombined(synthetic, 10))
    assert imported.lookouts.height == 10
    assert set(imported.lookouts["countries"].explode()) <= {"ESP", "RUS"}
    assert imported.lookouts["aliases"].list.len().sum() == 0


@pytest.mark.parametrize(
    ("latin", "native", "passport"),
    [
        ("Yuryevich", "юрьевич", "IUREVICH"),
        ("Vasilievna", "васильевна", "VASILEVNA"),
        ("Nikolayevich", "николаевич", "NIKOLAEVICH"),
        ("Shcherbakov", "щербаков", "SHCHERBAKOV"),
        ("Zhanna", "жанна", "ZHANNA"),
        ("Dmitriy", "дмитрий", "DMITRII"),
        ("Sergey", "сергей", "SERGEI"),
        ("Lyubov", "любов", "LIUBOV"),
        ("Tsyplakov", "цыплаков", "TSYPLAKOV"),
    ],
)
def test_romanised_tokens_are_put_back_into_cyrillic(latin: str, native: str, passport: str) -> None:
    assert cyrillic.cyrillic(latin) == native
    assert fold_one(native) == passport


def test_names_spelt_alike_in_another_order_have_not_changed() -> None:
    people = pl.DataFrame({"truth_id": ["A", "B"], "name": ["IVANOV OLEG", "IURII PETROV"]})
    listed = pl.DataFrame({"truth_id": ["A", "B"], "listed": ["Oleg IVANOV", "Yuri PETROV"]})
    assert cyrillic.changed(people, listed).tolist() == [False, True]


SURNAME, GIVEN = ["RODRIGUEZ", "MONTENEGRO"], ["MUHAMMAD", "ALEJANDRO"]
KNOWN = {"MUHAMMAD": ["MOHAMED"]}


def _draws(kind: str) -> set[str]:
    made = [noise.KINDS[kind](SURNAME, GIVEN, np.random.default_rng(seed), KNOWN) for seed in range(20)]
    assert all(made)
    return {" ".join(tokens) for tokens in made if tokens}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("exact", {"MUHAMMAD ALEJANDRO RODRIGUEZ MONTENEGRO"}),
        ("swap", {"RODRIGUEZ MONTENEGRO MUHAMMAD ALEJANDRO"}),
        ("truncation", {"MUHAMMAD RODRIGUEZ MONTENEGRO"}),  # 30 characters: RODRIGUEZ<MONTENEGRO<<MUHAMMAD
        ("romanisation", {"MOHAMED ALEJANDRO RODRIGUEZ MONTENEGRO"}),
        ("joined", {"MUHAMMADALEJANDRO RODRIGUEZ MONTENEGRO"}),
        ("initials", {"MUHAMMAD A RODRIGUEZ MONTENEGRO"}),
    ],
)
def test_noise_of_one_outcome(kind: str, expected: set[str]) -> None:
    assert _draws(kind) == expected


def test_noise_of_many_outcomes_changes_the_name() -> None:
    whole = "MUHAMMAD ALEJANDRO RODRIGUEZ MONTENEGRO"
    for kind in ("typo", "particles"):
        drawn = _draws(kind)
        assert len(drawn) > 3
        assert all(name.startswith(("M", "A")) or kind == "typo" for name in drawn)
    assert any(name != whole for name in _draws("typo"))


def test_noise_is_drawn_only_for_persons_who_can_have_it() -> None:
    people = pl.DataFrame({"surname": ["LI", "RODRIGUEZ MONTENEGRO"], "given": ["BO", "MUHAMMAD ALEJANDRO"]})
    drawn = noise.noisy(people, 1, KNOWN, np.random.default_rng(1))
    assert sorted(drawn["category"]) == sorted(noise.KINDS)
    long = drawn.filter(pl.col("category").is_in(["truncation", "romanisation", "joined", "initials"]))
    assert set(long["surname"]) == {"RODRIGUEZ MONTENEGRO"}


def test_nasty_queries_are_what_they_say() -> None:
    queries = speed.nasty(pl.Series(["KIM, Un", "KIM, Il", "LEE, Un"]))
    assert len(queries["500 tokens"].split()) == 500
    assert queries["MOHAMMED, 12 times"].split() == ["MOHAMMED"] * 12
    assert queries["commonest token"] in {"KIM", "UN"}
    assert fold(pl.Series([queries["homoglyphs"]]))[0] != ""
    assert "\x00" in queries["NUL"]
