"""Names that were first written in Cyrillic, as a passport's machine readable zone spells them (ICAO Doc 9303-3).

Three makes, none of which looks at how the matcher works:

- `un`: the original-script names of the UN list, against the Latin names of the same persons;
- `rewritten`: persons of names/watchlist.csv whose given names end in an East Slavic patronymic. Each token is put back
  into Cyrillic: by the most frequent native spelling of that Latin token in names/romanisation_variants.csv where it is
  attested, else by the rules below, which invert the BGN/PCGN romanisation that the US Treasury follows loosely;
- `genuine`: the pairs `cyr_icao` of names/pairs.csv, real Cyrillic names beside a Latin spelling from elsewhere. Their
  persons join the list with dates of birth drawn by the seed, as the file has none.

`manifests.names.fold` transliterates; it is tested letter by letter against the standard's table.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from defusedxml.ElementTree import parse
from numpy.typing import NDArray

from benchmarks.names.data import alpha_3, pairs, watchlist
from benchmarks.names.measures import SEED
from manifests.names import fold

_PATRONYMIC: Final = r"(?i)(ovich|evich|ovych|evych|ovna|evna|ichna|inichna)$"
_CYRILLIC: Final = re.compile("[А-Яа-яЁё]")
_TOKEN: Final = re.compile("[a-z']+")
# Longest first. The soft sign that "Vasilyevich" and "Vasilievich" hide is put back: 9303 drops it, and with it the I or Y.
_RULES: Final = (
    (r"(?<=[bcdfghklmnprstvz])[iy]e(?=v(ich|na)$)", "ье"),
    (r"ks", "кс"),
    (r"x", "кс"),
    (r"shch", "щ"),
    (r"zh", "ж"),
    (r"kh", "х"),
    (r"ts", "ц"),
    (r"ch", "ч"),
    (r"sh", "ш"),
    (r"yu", "ю"),
    (r"iu", "ю"),
    (r"ya", "я"),
    (r"(?<=[bcdfghklmnprstvz])ia", "ия"),
    (r"yo", "ё"),
    (r"ye", "е"),
    (r"yi", "ы"),
    (r"iy$", "ий"),
    (r"yy$", "ый"),
    (r"(?<=[aeiouаеёиоуыэюя])[yi](?![aeiou])", "й"),
    (r"y$", "ий"),
    (r"y", "ы"),
    (r"ph", "ф"),
)
_LETTERS: Final = str.maketrans("abcdefghijklmnopqrstuvwz", "абкдефгхийклмнопкрстуввз")


def un(data: Path) -> pl.DataFrame:
    """Passengers of the UN's Cyrillic originals: see `_passengers`. Only persons of names/watchlist.csv."""
    listed = watchlist(data).filter(pl.col("source") == "un_sc")
    originals = [
        (f"UN-{person.findtext('DATAID')}", name.text)
        for person in parse(data / "lists" / "un_consolidated.xml").iter("INDIVIDUAL")
        for name in person.iter("NAME_ORIGINAL_SCRIPT")
        if name.text and _CYRILLIC.search(name.text)
    ]
    first = pl.DataFrame(originals, schema={"id": pl.String, "original": pl.String}, orient="row").unique("id", keep="first")
    return _passengers(listed.join(first, on="id", maintain_order="left"))


def rewritten(data: Path) -> pl.DataFrame:
    """Passengers of the listed persons with a patronymic, their Latin names put back into Cyrillic."""
    attested = _attested(data)
    listed = watchlist(data).filter(pl.col("given").str.contains(_PATRONYMIC) & ~pl.col("name").str.contains("[^\\x00-\\x7f]"))
    originals = pl.Series([_cyrillic(name, attested) for name in listed["name"]], dtype=pl.String)
    return _passengers(listed.with_columns(original=originals))


def genuine(data: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Passengers of the genuine pairs, and the persons to list: id, surname (the whole name), given (blank), dob, country."""
    found = pairs(data, "pairs").filter(pl.col("category") == "cyr_icao")
    generator = np.random.default_rng(SEED)
    days = pl.Series(generator.integers(-10_957, 10_957, found.height)).cast(pl.Int32).cast(pl.Date)  # 1940 to 1999
    ids = pl.format("CYR-{}", pl.int_range(pl.len()))
    listed = found.select(ids.alias("id"), surname="right_name", given=pl.lit(""), dob=days.cast(pl.String), country=pl.lit("RU"))
    return _frame(listed["id"], found["left_name"], listed["dob"], listed["country"]), listed


def changed(people: pl.DataFrame, listed: pl.DataFrame) -> NDArray[np.bool_]:
    """Which passengers 9303 spells unlike the list, whatever the order of tokens; `listed` is truth_id and listed."""
    both = people.join(listed, on="truth_id", how="left", maintain_order="left")
    spelt, stood = (fold(both[column]).str.split(" ").list.sort() for column in ("name", "listed"))
    different: NDArray[np.bool_] = (spelt != stood).to_numpy()
    return different


def _passengers(listed: pl.DataFrame) -> pl.DataFrame:
    """name, dob, nationality, truth_id, related, category, surname, given of entries with `original`.

    A passport tells the first of the listed dates of birth and nationalities.
    """
    first = pl.col("dob", "country").str.split(";").list.first()
    firsts = listed.select(first)
    return _frame(listed["id"], fold(listed["original"]), firsts["dob"], firsts["country"])


def _frame(ids: pl.Series, names: pl.Series, dobs: pl.Series, countries: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"name": names, "dob": dobs, "nationality": countries, "truth_id": ids}).with_columns(
        alpha_3("nationality"),
        surname=pl.lit(None, pl.String),
        given=pl.lit(None, pl.String),
        related=pl.lit(1, pl.Int64),
        category=pl.lit("cyrillic"),
        culture=pl.lit("east slavic"),
    )


def _attested(data: Path) -> dict[str, str]:
    """Latin token to its most frequent Cyrillic spelling."""
    table = pl.read_csv(data / "names" / "romanisation_variants.csv").filter(pl.col("lang") == "ru")
    both = pl.concat(
        [
            table.select(latin="latin_main", native="native", n="n_main").unique(),
            table.select(latin="latin_variant", native="native", n="n_variant"),
        ]
    )
    best = both.sort("n", "native", descending=[True, False]).unique("latin", keep="first")
    return dict(best.select("latin", "native").iter_rows())


def _cyrillic(name: str, attested: dict[str, str]) -> str:
    return " ".join(attested.get(token) or cyrillic(token) for token in _TOKEN.findall(name.lower()))


def cyrillic(token: str) -> str:
    """A romanised Russian token in Cyrillic by rule: `yuryevich` gives `юрьевич`."""
    text = token.lower().replace("'", "ь")
    for pattern, letters in _RULES:
        text = re.sub(pattern, letters, text)
    return text.translate(_LETTERS)
