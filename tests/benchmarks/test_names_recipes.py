import numpy as np
import polars as pl
import pytest

from benchmarks.names import recipes
from benchmarks.names.agreement import Agreement
from benchmarks.names.data import Passengers
from benchmarks.names.recipes import Names

LISTED = pl.DataFrame(
    {
        "id": ["E1", "E2", "E3"],
        "name": ["Ahmad AL-SAIDI", "Maria GARCIA LOPEZ", "Yuri PETROV"],
        "dob": ["1970-03-12;1971", None, "1968/1972"],
        "country": ["IQ;SY", None, "RU"],
    }
)


def _people(**columns: list[str | None]) -> Passengers:
    return Passengers(pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)))


def test_every_recipe_puts_the_same_name_first() -> None:
    left, right = Names.of(LISTED["name"]), Names.of(LISTED["name"])
    for name, recipe in recipes.rapidfuzz_recipes().items():
        scores = recipe(left, right)
        assert scores.shape == (3, 3), name
        assert np.allclose(np.diagonal(scores), 1.0), name
        assert scores.max() <= 1.0, name
        assert (scores - 2 * np.eye(3)).max() < 1.0, name


def test_token_means_see_through_the_order_of_tokens_and_whole_name_recipes_do_not() -> None:
    every = recipes.rapidfuzz_recipes()
    left, right = Names.of(pl.Series(["GARCIA LOPEZ MARIA", ""])), Names.of(LISTED["name"])
    means = every["Jaro-Winkler of tokens, mean (Monge-Elkan)"](left, right)
    assert means[0, 1] == pytest.approx(1.0)
    assert every["Jaro-Winkler"](left, right)[0, 1] < 0.9
    assert not means[1].any()  # a blank name resembles nothing


def test_token_means_are_means_over_the_tokens_of_both_sides() -> None:
    means = recipes.rapidfuzz_recipes()["Jaro-Winkler of tokens, mean (Monge-Elkan)"]
    scores = means(Names.of(pl.Series(["MARIA XXXX"])), Names.of(pl.Series(["MARIA"])))
    assert scores[0, 0] == pytest.approx((0.5 + 1.0) / 2)


@pytest.mark.parametrize(
    ("dob", "nationality", "agreements"),
    [
        ("1970-03-12", "IRQ", [1.4, 0.0, 0.5 - 0.4]),
        ("1970-03-13", "SYR", [0.25 + 0.4, 0.0, 0.5 - 0.4]),
        ("1971-05-05", None, [0.5, 0.0, 0.5]),
        ("1950", "FRA", [-1.4, 0.0, -1.4]),
        (None, None, [0.0, 0.0, 0.0]),
    ],
)
def test_agreement_of_births_and_nationalities(dob: str | None, nationality: str | None, agreements: list[float]) -> None:
    people = _people(dob=[dob], nationality=[nationality])
    assert Agreement.of(people.frame, LISTED).part(0, 1)[0].tolist() == pytest.approx(agreements)


def test_best_scores_are_of_the_whole_list_and_own_ones_of_the_true_entry() -> None:
    people = _people(
        name=["MARIA GARCIA LOPEZ", "IURII PETROV", "JOHN SMITH"],
        dob=[None, "1970", None],
        nationality=[None, "RUS", None],
        truth_id=["E2", "E1", None],
    )
    found = recipes.best_scores(recipes.rapidfuzz_recipes()["ratio"], people, LISTED)
    assert set(found) == {"names", *(f"dob_country/{strength:g}" for strength in recipes.STRENGTHS)}
    names = found["names"]
    assert names["own"][0] == names["best"][0] == 1.0
    assert names["own"][1] < names["best"][1]  # the truth says E1, the name says E3
    assert names["own"][2] == -np.inf
    assert found["dob_country/0.4"]["best"][1] == pytest.approx(names["best"][1] + 0.4 * 0.9)


def test_pruning_keeps_the_entries_that_the_recipe_ranks_highest() -> None:
    people = _people(name=["GARCIA LOPEZ MARIA", "PETROV IURII"])
    kept = recipes.top(recipes.rapidfuzz_recipes()["token_sort_ratio"], people, LISTED, 1)
    assert kept.tolist() == [[1], [2]]


def test_pairs_are_scored_beside_each_other() -> None:
    pairs = pl.DataFrame({"left_name": ["A B"] * 70 + ["MARIA"], "right_name": ["B A"] * 70 + ["maría"]})
    scores = recipes.pair_scorer(recipes.rapidfuzz_recipes()["token_sort_ratio"])(pairs)
    assert scores.tolist() == [1.0] * 71
