"""Learn the constants of the name part: `python -m watchlists.tables.learn DATA_FOLDER [ROUNDS]`; rewrites `weights.yaml`.

Coordinate search: each learned constant in turn is moved by small steps and stays where the recall of listed passengers is
highest, at the thresholds that so many unrelated passengers in 1,000 pass, by names alone and with date of birth and
nationality. Rates around the targets are averaged, so that no single passenger decides. Listed persons and unrelated
passengers fall into two halves by a hash; one half teaches, and the figures of the other are printed beside.

Only pairs are scored that the constants as they stand score highest for each passenger, and those of the true persons:
constants that have moved far are best learned again. `together` is set last, so that log-odds are log-odds: at the mean
over bins of the score, ln P(score | one person) - ln P(score | unrelated) is the score.

Passengers: names/queries.csv and 40,000 of the invented persons; list: names/watchlist.csv. Two rounds take six minutes of
one processor.
"""

import hashlib
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import candidates, kernels, queries, score, snapshot
from watchlists.countries import alpha3
from watchlists.frequencies import Frequencies, reweighed
from watchlists.kernels import PARTICLE
from watchlists.queries import Queries
from watchlists.sources import generic_csv
from watchlists.tokens import PARTICLE_RARITY, Tokenised
from watchlists.weights import constants, weights_of

_TABLE: Final = Path(__file__).parent / "weights.yaml"
_SEED: Final = 20_260
_DRAWN: Final = 40_000
_KEPT: Final = 40  # pairs of one passenger, best first
_FLOORS: Final = (3.0, 6.0)  # of the name alone, and of all evidence, in the pairs that are scored again
_OFTEN: Final = (0.004, 0.007, 0.01, 0.015, 0.025)
_SELDOM: Final = (0.0005, 0.0007, 0.001, 0.0015, 0.0025)
_STEPS: Final = (0.7, 0.85, 1.15, 1.4)
_GAIN: Final = 1e-3  # of the sum of four recalls; less is chance
_SPELLINGS: Final = ("most_rare", "short_rarity", "letter_rarity", "edit", "short", "variant", "first", "feminine", "article")
_NAMES: Final = ("shared", "unlike", "joined", "initial", "beyond", "lacking", "further", "minor", "conflict", "conflicts")


@dataclass(frozen=True)
class Bench:
    """Pairs of passengers and listed names that are scored again and again."""

    asked: Queries
    listed: Tokenised
    frequencies: Frequencies
    query: NDArray[np.uint32]  # of each pair
    name: NDArray[np.uint32]
    own: NDArray[np.bool_]  # the pair is one person
    beside: NDArray[np.float64]  # log-odds of date of birth and nationality
    unrelated: NDArray[np.bool_]  # of each passenger
    related: NDArray[np.bool_]
    half: NDArray[np.int64]

    def scores(self, values: Mapping[str, float]) -> NDArray[np.float64]:
        """Name log-odds of each pair by these constants."""
        weights = weights_of(values)
        frequencies = reweighed(self.frequencies, weights, values)

        def weighed(names: Tokenised) -> Tokenised:
            # What the snapshot holds was weighed by the constants as they stand.
            rarity = frequencies.rarity(names.tokens, weights, values)
            rarity[names.tokens.kind == PARTICLE] = PARTICLE_RARITY
            return replace(names, tokens=names.tokens._replace(rarity=rarity))

        left, right = weighed(self.asked.tokenised), weighed(self.listed)
        return kernels.score_pairs(
            self.query, left.names, left.tokens, self.asked.cut, self.name, right.names, right.tokens, weights
        )

    def recalls(self, scores: NDArray[np.float64], half: int) -> NDArray[np.float64]:
        """Of one half: by names alone often and seldom, then with date of birth and nationality."""
        figures = []
        for total in (scores, scores + self.beside):
            best = np.full(self.half.size, kernels.NO_NAME)
            own = best.copy()
            np.maximum.at(best, self.query, total)
            np.maximum.at(own, self.query[self.own], total[self.own])
            others = np.sort(best[self.unrelated & (self.half == half)])[::-1]
            true = own[self.related & (self.half == half)]
            figures += [
                float(np.mean([(true > others[int(rate * others.size)]).mean() for rate in rates])) for rates in (_OFTEN, _SELDOM)
            ]
        return np.array(figures)

    def bias(self, scores: NDArray[np.float64]) -> float:
        """How far the score is below the log-odds that the training half shows, at the mean over bins with both kinds."""
        taught = self.half[self.query] == 0
        true, others = scores[self.own & taught], scores[self.unrelated[self.query] & taught]
        persons = int((~self.unrelated & (self.half == 0)).sum())
        pairs = int((self.unrelated & (self.half == 0)).sum()) * self.listed.names.offsets.size
        edges = np.quantile(others, (0.9, 0.97, 0.99, 0.997, 0.999))
        gaps = []
        for low, high in pairwise(edges):
            same = (true >= low) & (true < high)
            other = (others >= low) & (others < high)
            if same.any() and other.any():
                gaps.append(np.log(same.sum() / persons) - np.log(other.sum() / pairs) - (low + high) / 2)
        return float(np.mean(gaps))


def bench(data: Path) -> Bench:
    """The pairs of the public benchmark."""
    people = _passengers(data)
    defaults = generic_csv.Defaults("benchmark", "measurement", "sanctions", None)
    with TemporaryDirectory() as folder:
        opened = snapshot.replace(Path(folder) / "snapshot", generic_csv.read(data / "names" / "watchlist.csv", defaults))
        segment = opened.segments[0]
        nobody = pl.Series([None] * people.height, dtype=pl.String)
        asked = queries.of_columns(opened.frequencies, nobody, people["name"], people["dob"], people["nationality"])
        least = candidates.needs(asked, _FLOORS[1])
        by_name = least._replace(name=np.full(people.height, _FLOORS[0]), total=_FLOORS[0] - 20.0)
        found = pl.concat(
            pl.DataFrame({"query": query, "entry": entry, "name": name, "odds": odds})
            .sort("query", "odds", "name", descending=[False, True, False])
            .filter(pl.int_range(pl.len()).over("query") < _KEPT)
            for query, entry, name, odds in (candidates.named(segment, asked, needs) for needs in (by_name, least))
        ).select("query", "entry", "name")
        ids = segment.entries.select("entry", truth_id="entry_id")
        numbered = people.select("truth_id").with_row_index("query").drop_nulls()
        names = segment.frames.names.select("entry").with_row_index("name")
        own = numbered.join(ids, on="truth_id").join(names, on="entry").select("query", "entry", "name")
        pairs = pl.concat([part.cast(pl.UInt32) for part in (found, own)]).unique().sort("query", "entry", "name")
        query, entry = pairs["query"].to_numpy(), pairs["entry"].to_numpy()
        listed = segment.listed
        births, _, _ = kernels.birth_evidence(query, entry, asked.births, listed.births, score.BIRTHS)
        countries = kernels.country_evidence(
            query, entry, asked.countries, listed.countries, listed.country_offsets, score.COUNTRY_AGREES, score.COUNTRY_DIFFERS
        )
        same = pairs.join(
            own.cast(pl.UInt32).with_columns(own=True), on=["query", "entry", "name"], how="left", maintain_order="left"
        )
        # Files that are mapped may be taken away.
        shown = Tokenised(listed.names, listed.tokens, segment.frames.spelt["token"])
        frequencies = opened.frequencies
    keys = [truth or f"n{row}" for row, truth in enumerate(people["truth_id"].to_list())]
    return Bench(
        asked=asked,
        listed=shown,
        frequencies=frequencies,
        query=query,
        name=pairs["name"].to_numpy(),
        own=same["own"].fill_null(False).to_numpy(),
        beside=births + countries,
        unrelated=people["truth_id"].is_null().to_numpy(),
        related=(people["related"] == 1).fill_null(False).to_numpy(),
        half=np.array([hashlib.sha256(key.encode()).digest()[-1] % 2 for key in keys]),
    )


def _passengers(data: Path) -> pl.DataFrame:
    columns = ["name", "dob", "nationality", "truth_id", "related"]
    known = pl.read_csv(data / "names" / "queries.csv", schema_overrides={"dob": pl.String}).select(columns)
    invented = pl.read_parquet(data / "names" / "synthetic_names_500k.parquet").sample(_DRAWN, seed=_SEED)
    unrelated = invented.select(
        pl.concat_str("given", "surname", separator=" ").alias("name"),
        "dob",
        pl.col("country").alias("nationality"),
        pl.lit(None, pl.String).alias("truth_id"),
        pl.lit(None, pl.Int64).alias("related"),
    )
    people = pl.concat([known, unrelated])
    codes = {code: alpha3(code) for code in people["nationality"].drop_nulls().unique()}
    return people.with_columns(pl.col("nationality").replace_strict(codes, default=None, return_dtype=pl.String))


def learn(pairs: Bench, values: Mapping[str, float], rounds: int) -> dict[str, float]:
    """The constants after so many rounds of the search, and `together` set by the training half."""
    best = dict(values)
    reached = pairs.recalls(pairs.scores(best), 0).sum()
    for _ in range(rounds):
        for name in (*_NAMES, *_SPELLINGS):
            for step in _STEPS:
                tried = best | {name: round(values[name] * step, 3)}
                recall = pairs.recalls(pairs.scores(tried), 0).sum()
                if recall > reached + _GAIN:
                    best, reached = tried, recall
        values = dict(best)
    best["together"] = round(best["together"] + pairs.bias(pairs.scores(best)), 1)
    return best


def rewritten(table: str, values: Mapping[str, float]) -> str:
    """The text of the table with other values; all else stays as it is written."""

    def put(found: re.Match[str]) -> str:
        return f"{found[1]}{values[found[2]]}{found[3]}"

    return re.sub(r"(?m)^(  (\w+): \{value: )[-\d.]+(, .*from: learned)", put, table)


def main(data: Path, rounds: int) -> None:
    pairs = bench(data)
    for label, values in (("before", dict(constants())), ("after", learn(pairs, constants(), rounds))):
        scores = pairs.scores(values)
        for half, name in enumerate(("taught", "held out")):
            print(label, name, np.round(pairs.recalls(scores, half), 4))
    _TABLE.write_text(rewritten(_TABLE.read_text(), values))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
