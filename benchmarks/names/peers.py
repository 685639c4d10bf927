"""The peers over the same passengers, list and pairs: rapidfuzz and phonetic recipes, and nomenklatura's matchers."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.names import data, logic, measures, recipes
from benchmarks.names.data import Passengers
from benchmarks.names.quality import RATES, Tell, pair_figures

# Of each passenger the best entries by these recipes are what the slow peers compare: see `logic`.
_RANKED_BY, _RANKED = ("Jaro-Winkler of tokens, mean (Monge-Elkan)", "token_sort_ratio"), 15
_QUICK_RECIPES: Final = ("Jaro-Winkler", "token_sort_ratio")
_QUICK_UNRELATED: Final = 5_000
_SLOW_UNRELATED: Final = 10_000


def peer_quality(folder: Path, quick: bool, minutes: float, tell: Tell) -> dict[str, dict[str, Any]]:
    """Figures of every peer that is installed, by its name.

    A peer has `recall` by setting and rate, the figures of pairs, and the number of `unrelated` passengers that it was
    measured on: all, or for slow ones a sample. nomenklatura's, which take at most `minutes` of CPU time each, have
    `compared` passengers and the share `saturated` of true ones with a score of 1. `quick` takes two fast recipes and a
    small sample.
    """
    people, listed = data.passengers(folder), data.watchlist(folder)
    everyone = people.frame.filter((pl.col("related") == 1) | pl.col("truth_id").is_null())
    sample = _sampled(everyone, _QUICK_UNRELATED if quick else _SLOW_UNRELATED)
    every = recipes.rapidfuzz_recipes()
    kinds = {name: every[name] for name in _QUICK_RECIPES} if quick else every | _optional(recipes.phonetic_recipes, tell)
    figures: dict[str, dict[str, Any]] = {}
    for name, recipe in kinds.items():
        tell(f"peer: {name}")
        measured_on = sample if quick or name in recipes.SLOW else everyone
        by_strength = recipes.best_scores(recipe, Passengers(measured_on), listed)
        figures[name] = {
            "unrelated": measured_on["truth_id"].null_count(),
            "recall": _best_strength({kind: measures.recalls(scores, RATES) for kind, scores in by_strength.items()}),
            **pair_figures(folder, recipes.pair_scorer(recipe)),
        }
    if quick:
        return figures
    tell("peers: ranking entries for nomenklatura")
    ranked = np.concatenate([recipes.top(every[name], Passengers(sample), listed, _RANKED) for name in _RANKED_BY], axis=1)
    for name in logic.PEERS:
        tell(f"peer: {name}")
        figures |= _optional(partial(_logic, folder, name, Passengers(sample), listed, ranked, minutes), tell)
    return figures


def _sampled(people: pl.DataFrame, unrelated: int) -> pl.DataFrame:
    """All true passengers and so many unrelated ones, drawn by the seed."""
    drawn = people.filter(pl.col("truth_id").is_null()).sample(unrelated, seed=measures.SEED)
    return pl.concat([people.filter(pl.col("truth_id").is_not_null()), drawn])


def _logic(
    folder: Path, name: str, people: Passengers, listed: pl.DataFrame, ranked: NDArray[np.int64], minutes: float
) -> dict[str, dict[str, Any]]:
    scores, compared = logic.best_scores(name, people, listed, ranked, minutes)
    own = scores["names"].filter(pl.col("related") == 1)["own"].to_numpy()
    return {
        name: {
            "unrelated": scores["names"]["truth_id"].null_count(),
            "compared": compared,
            "saturated": round(float((own >= 1.0).mean()), 4),
            "recall": {kind: measures.recalls(found, RATES) for kind, found in scores.items()},
            **pair_figures(folder, logic.pair_scorer(name)),
        }
    }


def _optional(made: Callable[[], dict[str, Any]], tell: Tell) -> dict[str, Any]:
    """What is made, or nothing where the package for it is not installed: then `tell` says so."""
    try:
        return made()
    except ImportError as absent:
        tell(f"left out: {absent}: see requirements-bench.lock")
        return {}


def _best_strength(of_kind: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The recalls of names, and at each rate those of the best strength of date of birth and nationality."""
    chosen: dict[str, Any] = {"names": of_kind.pop("names"), "dob_country": {}}
    for rate in map(measures.rate, RATES):
        best = max(of_kind, key=lambda kind: float(of_kind[kind][rate]["recall"]))
        chosen["dob_country"][rate] = of_kind[best][rate] | {"strength": float(best.partition("/")[2])}
    return chosen
