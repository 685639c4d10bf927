"""Build the matcher's static tables from public inputs: `python -m watchlists.tables.build DATA_FOLDER`.

`frequencies.csv`: token, persons per million that carry it, from
- the persons of the OFAC SDN list (US public domain) and the UN Consolidated List (public record), each once;
- NETransliteration's Latin spellings of Wikidata name tokens with their counts (CC0).
The share of a token is the larger of the two sources' shares: a token common in either population is common somewhere.

`spelling.csv`: cost in nats of writing one sound as another, or of leaving it out, given that a spelling varies, from
the NETransliteration pairs (two Latin spellings of one native token), aligned by the costs themselves, three rounds.
"""

import csv
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.names import fold
from watchlists.kernels import SOUNDS
from watchlists.sources import ofac, un
from watchlists.tokens import letters_of, sounds_of

_HERE: Final = Path(__file__).parent
_ROUNDS: Final = 3
_PSEUDO: Final = 0.5  # unseen pairs count as half a pair
_FURTHEST: Final = 4  # plain edits; spellings further apart are other names, not romanisations


def frequencies(data: Path) -> pl.DataFrame:
    """Columns token, per_million: tokens that two or more persons of a source carry."""
    lists = data / "lists"
    imported = (ofac.read([lists / "ofac_sdn.csv", lists / "ofac_alt.csv"]), un.read(lists / "un_consolidated.xml"))
    people = pl.concat([read.lookouts.select("name") for read in imported])
    listed = _shares(people.select(fold(people["name"]).alias("name")).with_row_index(), people.height)

    variants = pl.read_csv(data / "names" / "romanisation_variants.csv")
    spelt = pl.concat(
        [
            variants.group_by("lang", "native", "latin_main").agg(pl.col("n_main").max()).select(name="latin_main", n="n_main"),
            variants.select(name="latin_variant", n="n_variant"),
        ]
    )
    spelt = spelt.with_columns(fold(spelt["name"])).filter(~pl.col("name").str.contains(" ") & (pl.col("name") != ""))
    # Wikidata counts tokens of names; a name has about two.
    wikidata = spelt.group_by(token="name").agg(share=pl.col("n").sum() * 2 / spelt["n"].sum(), n=pl.col("n").sum())
    return (
        pl.concat([listed, wikidata.select("token", "share", pl.col("n").cast(pl.UInt32))])
        .filter(pl.col("n") >= 3)
        .group_by("token")
        .agg(per_million=(pl.col("share").max() * 1e6).round().cast(pl.UInt32))
        .sort("token")
    )


def _shares(names: pl.DataFrame, persons: int) -> pl.DataFrame:
    tokens = names.select("index", token=pl.col("name").str.split(" ")).explode("token").unique().filter(pl.col("token") != "")
    return tokens.group_by("token").agg(n=pl.len()).select("token", share=pl.col("n") / persons, n=pl.col("n").cast(pl.UInt32))


def spelling(data: Path) -> NDArray[np.float64]:
    """Costs (32, 32): row and column 31 stand for nothing (a sound left out)."""
    variants = pl.read_csv(data / "names" / "romanisation_variants.csv").filter(pl.col("n_main") + pl.col("n_variant") >= 3)
    left, right = (_sounds(fold(variants[column])) for column in ("latin_main", "latin_variant"))
    pairs = [(a, b) for a, b in zip(left, right, strict=True) if a and b and abs(len(a) - len(b)) <= 2]
    costs = np.ones((SOUNDS + 1, SOUNDS + 1))
    np.fill_diagonal(costs, 0.0)
    for step in range(_ROUNDS):
        counts: Counter[tuple[int, int]] = Counter()
        for a, b in pairs:
            steps = _align(a, b, costs)
            if step or sum(x != y for x, y in steps) <= _FURTHEST:
                counts.update(steps)
        costs = _costs(counts)
    return costs


def _sounds(names: pl.Series) -> list[list[int]]:
    sounds, offsets = sounds_of(*letters_of(names.str.replace_all(" ", "")))
    return [sounds[offsets[i] : offsets[i + 1]].tolist() for i in range(len(names))]


def _align(a: list[int], b: list[int], costs: NDArray[np.float64]) -> list[tuple[int, int]]:
    table = np.zeros((len(a) + 1, len(b) + 1))
    table[1:, 0] = np.cumsum([costs[x, SOUNDS] for x in a])
    table[0, 1:] = np.cumsum([costs[SOUNDS, y] for y in b])
    for i, x in enumerate(a, 1):
        for j, y in enumerate(b, 1):
            table[i, j] = min(
                table[i - 1, j - 1] + costs[x, y], table[i - 1, j] + costs[x, SOUNDS], table[i, j - 1] + costs[SOUNDS, y]
            )
    steps = []
    i, j = len(a), len(b)
    while i or j:
        if i and j and table[i, j] == table[i - 1, j - 1] + costs[a[i - 1], b[j - 1]]:
            i, j = i - 1, j - 1
            steps.append((a[i], b[j]))
        elif i and table[i, j] == table[i - 1, j] + costs[a[i - 1], SOUNDS]:
            i -= 1
            steps.append((a[i], SOUNDS))
        else:
            j -= 1
            steps.append((SOUNDS, b[j]))
    return steps


def _costs(counts: Counter[tuple[int, int]]) -> NDArray[np.float64]:
    """-ln P(b | a, a spelling that varies), made symmetric: which spelling is the main one means nothing."""
    seen = np.zeros((SOUNDS + 1, SOUNDS + 1))
    for (x, y), n in counts.items():
        seen[x, y] += n
        seen[y, x] += n
    seen += _PSEUDO
    total = seen.sum(axis=1)
    shares = seen / np.sqrt(total[:, None] * total[None, :])
    shares[SOUNDS, :] = shares[:, SOUNDS] = seen[:, SOUNDS] / total  # a sound left out: per its own occurrences
    costs: NDArray[np.float64] = -np.log(np.minimum(shares, 1.0))
    np.fill_diagonal(costs, 0.0)
    return costs


def main(data: Path) -> None:
    frequencies(data).write_csv(_HERE / "frequencies.csv")
    costs = spelling(data)
    with (_HERE / "spelling.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([f"{cost:.2f}" for cost in row] for row in costs)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
