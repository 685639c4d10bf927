"""The data of the name benchmark: passengers with the truth, pairs of names, Cyrillic originals, lists of any size.

Everything that is drawn is drawn by the committed SEED.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.names.measures import SEED
from watchlists.countries import alpha3

# Name cultures by the country of the listed person: what decides the form of the name is where it was first written.
CULTURES: Final = {
    "arabic": "AE BH DJ DZ EG EH IQ JO KM KW LB LY MA MR OM PS QA SA SD SY TN YE",
    "persian": "AF IR TJ",
    "east slavic": "BY RU UA",
    "hispanic": "AR BO CL CO CR CU DO EC ES GT HN MX NI PA PE PR PY SV UY VE",
    "korean": "KP KR",
    "chinese": "CN HK MO TW",
    "south asian": "BD BT IN LK MV NP PK",
    "south-east asian": "BN ID KH LA MM MY PH SG TH TL VN",
    "caucasian, central asian": "AM AZ GE KG KZ TM UZ",
    "african": "AO BF BI BJ BW CD CF CG CI CM CV ER ET GA GH GM GN GQ GW KE LR LS MG ML MU MW MZ NA NE NG RW SC SL SN SO SS"
    " ST SZ TD TG TZ UG ZA ZM ZW",
    "turkish": "TR",
}
_OF_COUNTRY: Final = {country: culture for culture, countries in CULTURES.items() for country in countries.split()}


@dataclass(frozen=True)
class Passengers:
    """Passengers with the truth: the listed entry's id, or null.

    `frame`: name, surname, given, dob (canonical or null), country (any code or null), nationality (the same as alpha-3),
    truth_id, related (1 where at least two tokens resemble the listed name), category, culture (of the listed person; null
    for the unrelated).
    """

    frame: pl.DataFrame


def passengers(data: Path, drawn: int = 40_000) -> Passengers:
    """The passengers of names/queries.csv and `drawn` unrelated ones of the synthetic persons."""
    columns = ["name", "surname", "given", "dob", "country", "truth_id", "related", "category"]
    known = pl.read_csv(data / "names" / "queries.csv", schema_overrides={"dob": pl.String}).rename({"nationality": "country"})
    unrelated = synthetic(data).sample(drawn, seed=SEED)
    unrelated = unrelated.select(
        "surname",
        "given",
        "dob",
        "country",
        name=pl.col("given") + " " + pl.col("surname"),
        truth_id=pl.lit(None, pl.String),
        related=pl.lit(None, pl.Int64),
        category=pl.lit("neg_synthetic"),
    )
    frame = pl.concat([known.select(columns), unrelated.select(columns)])
    of_entry = cultures(watchlist(data)).rename({"id": "truth_id"})
    of_culture = frame.join(of_entry, on="truth_id", how="left", maintain_order="left")
    return Passengers(of_culture.with_columns(nationality=alpha_3("country")))


def watchlist(data: Path) -> pl.DataFrame:
    """names/watchlist.csv: id, source, name, surname, given, dob, country; lists inside a cell are separated by semicolons."""
    return pl.read_csv(data / "names" / "watchlist.csv", schema_overrides={"dob": pl.String, "doc": pl.String})


def listed_of(data: Path) -> pl.DataFrame:
    """names/watchlist.csv as `recombined` gives persons: only the first date of birth and country of each."""
    first = pl.col("dob", "country").str.split(";").list.first()
    return watchlist(data).select("id", "surname", pl.col("given").fill_null(""), first)


def cultures(listed: pl.DataFrame) -> pl.DataFrame:
    """id and culture of listed persons by the first of their countries; null where the list names none, "other" for the rest."""
    first = pl.col("country").str.split(";").list.first()
    return listed.select(
        "id",
        culture=pl.when(first.is_not_null()).then(first.replace_strict(_OF_COUNTRY, default="other", return_dtype=pl.String)),
    )


def pairs(data: Path, kind: str) -> pl.DataFrame:
    """left_name, right_name, label, category of `pairs` (names/pairs.csv) or `human_pairs`."""
    return pl.read_csv(data / "names" / f"{kind}.csv").select("left_name", "right_name", "label", "category")


def synthetic(data: Path) -> pl.DataFrame:
    """Half a million invented persons: id, surname, given, dob, country."""
    return pl.read_parquet(data / "names" / "synthetic_names_500k.parquet")


def recombined(data: Path, size: int) -> pl.DataFrame:
    """`size` invented persons: surname, given, dob (5 % null), country; ids R0000000 and on.

    The surname, given name, date of birth and country of each come from four synthetic persons drawn apart, of whom the
    first three share the country: name parts keep their frequencies and go together as they do in that country.
    """
    people = synthetic(data).sort("country", "id")
    counts = people["country"].value_counts(sort=True).sort("country")
    firsts = counts["count"].cum_sum() - counts["count"]
    generator = np.random.default_rng(SEED)
    group = generator.choice(counts.height, size=size, p=counts["count"].to_numpy() / people.height)
    first, count = firsts.to_numpy()[group], counts["count"].to_numpy()[group]

    def drawn(column: str) -> pl.Series:
        return people[column].gather((first + generator.random(size) * count).astype(np.int64)).alias(column)

    dob = people["dob"].drop_nulls()
    born = dob.gather(generator.integers(dob.len(), size=size)).alias("dob")
    kept = pl.Series(generator.random(size) >= 0.05)
    return pl.DataFrame([drawn("surname"), drawn("given"), born, counts["country"].gather(group)]).select(
        pl.format("R{}", pl.int_range(size).cast(pl.String).str.zfill(7)).alias("id"),
        "surname",
        "given",
        pl.when(kept).then("dob"),
        "country",
    )


def alpha_3(column: str) -> pl.Expr:
    """A column of country codes or names as alpha-3, null where there is none."""
    return pl.col(column).map_batches(_alpha_3, return_dtype=pl.String)


def _alpha_3(codes: pl.Series) -> pl.Series:
    known = {code: alpha3(code) for code in codes.drop_nulls().unique()}
    return codes.replace_strict(known, default=None, return_dtype=pl.String)
