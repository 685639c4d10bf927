"""nomenklatura's logic-v1 and logic-v2 as peers: each passenger against the entries that cheap scorers rank highest.

All pairs would take weeks: a pair takes them a tenth of a millisecond. So each passenger is compared with the union of
the best entries by several recipes, and a true passenger with their own entry besides. What is left out can only lower an
unrelated passenger's best score, hence the threshold, and never loses a true pair: pruning only flatters these peers.
Their own features weigh date of birth and nationality; "names" leaves those features out of the same comparison.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.names.data import Passengers
from benchmarks.names.measures import SEED, Floats

# Whether a passenger's name is given in parts as well as whole: as each peer did better on a sample. Entries have parts.
PEERS: Final = {"logic-v2": False, "logic-v1": True}
# The features that read something other than names, of those that a passenger's record can reach.
_BESIDES: Final = frozenset({"country_mismatch", "dob_year_disjoint", "dob_day_disjoint"})


@dataclass(frozen=True)
class Algorithm:
    """One of nomenklatura's matchers and a way of making its entities. Raises ImportError where it is not installed."""

    matcher: Any
    config: Any

    @staticmethod
    def of(name: str) -> "Algorithm":
        from nomenklatura.matching import get_algorithm  # type: ignore[import-not-found]

        matcher = get_algorithm(name)
        return Algorithm(matcher, matcher.default_config())

    def both(self, query: Any, entry: Any) -> tuple[float, float]:
        """Score with names only, and with everything."""
        compared = self.matcher.compare(query, entry, self.config)
        features = {name: result.score for name, result in compared.explanations.items() if name not in _BESIDES}
        weights = {feature.name: feature.weight for feature in self.matcher.features}
        return min(1.0, max(0.0, self.matcher.compute_score(features, weights))), compared.score


def person(name: str, surname: str | None, given: str | None, dobs: Sequence[str], countries: Sequence[str]) -> Any:
    """A followthemoney Person; countries are lower-case alpha-2 codes."""
    from followthemoney import model  # type: ignore[import-not-found]

    properties = {
        "name": [name],
        "lastName": [surname] if surname else [],
        "firstName": [given] if given else [],
        "birthDate": list(dobs),
        "nationality": list(countries),
    }
    known = {key: values for key, values in properties.items() if values}
    # nomenklatura keeps what it read of an entity by its id: another person must have another one.
    return model.get_proxy({"id": repr(known), "schema": "Person", "properties": known})


def best_scores(
    name: str, people: Passengers, listed: pl.DataFrame, ranked: NDArray[np.int64], minutes: float
) -> tuple[dict[str, pl.DataFrame], int]:
    """As `recipes.best_scores`, and how many passengers were compared in the time; in an order drawn by the seed.

    `ranked`: (passengers, any number) rows of `listed` to compare each with. `people` keep alpha-2 codes in `country`.
    """
    algorithm = Algorithm.of(name)
    entries = [
        person(row["name"], row["surname"], row["given"], _cell(row["dob"]), _codes(row["country"])) for row in listed.to_dicts()
    ]
    position = {id: row for row, id in enumerate(listed["id"])}
    order = np.random.default_rng(SEED).permutation(people.frame.height)
    until = time.process_time() + minutes * 60
    done, scores = [], []
    for row in order.tolist():
        if time.process_time() > until:
            break
        record = people.frame.row(row, named=True)
        surname, given = (record["surname"], record["given"]) if PEERS[name] else (None, None)
        query = person(record["name"], surname, given, _cell(record["dob"]), _codes(record["country"]))
        own = position.get(record["truth_id"])
        wanted = {*ranked[row].tolist()} | ({own} if own is not None else set())
        compared = {entry: algorithm.both(query, entries[entry]) for entry in wanted}
        best = [max(pair[kind] for pair in compared.values()) for kind in (0, 1)]
        done.append(row)
        scores.append([*best, *((-np.inf, -np.inf) if own is None else compared[own])])
    frame, values = people.frame[done], np.array(scores, np.float64).reshape(-1, 4)
    return {
        kind: frame.with_columns(best=values[:, place], own=values[:, 2 + place])
        for place, kind in enumerate(("names", "dob_country"))
    }, len(done)


def pair_scorer(name: str) -> Callable[[pl.DataFrame], Floats]:
    return partial(_pairs, Algorithm.of(name))


def _pairs(algorithm: Algorithm, pairs: pl.DataFrame) -> Floats:
    """The higher score of either name as the query: these peers are not symmetric."""
    rows = pairs.select("left_name", "right_name").iter_rows()
    sides = ([person(name, None, None, (), ()) for name in row] for row in rows)
    return np.array([max(algorithm.both(left, right)[0], algorithm.both(right, left)[0]) for left, right in sides])


def _cell(text: str | None) -> list[str]:
    return [part for part in (text or "").split(";") if part]


def _codes(text: str | None) -> list[str]:
    return [code.lower() for code in _cell(text)]
