"""Travellers as the matcher reads them: names as tokens, births and countries as numbers."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.names import FEW, fold
from watchlists import births
from watchlists.countries import packed
from watchlists.kernels import Places
from watchlists.places import places
from watchlists.tokens import Rarities, Tokenised, cut_short, tokenise


@dataclass(frozen=True)
class Queries:
    """One row per traveller."""

    tokenised: Tokenised
    cut: NDArray[np.bool_]  # the name fills a machine readable zone: its end may be lost
    births: NDArray[np.int16]  # (n, 4) first year, last year, month, day; 0 where unknown
    births_shown: pl.Series
    countries: NDArray[np.uint16]  # `countries.packed`
    nationality: pl.Series  # alpha-3, or a code of ICAO 9303
    places: Places  # one at most of each
    birthplaces: pl.Series  # free text


def of_travellers(frequencies: Rarities, travellers: pl.DataFrame) -> Queries:
    """Queries of a Travellers frame."""
    dob = travellers["dob"]
    days = dob.to_numpy().astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    month, day = months.astype(np.int64) + 1970 * 12, (days - months).astype(np.int64)
    rows = np.stack([month // 12, month // 12, month % 12 + 1, day + 1], axis=1)
    rows[np.isnat(days)] = 0
    return _queries(
        frequencies,
        travellers["surname"],
        travellers["given"],
        rows.astype(np.int16),
        dob.cast(pl.String),
        travellers["nationality"],
        travellers["birthplace"],
    )


def of_columns(
    frequencies: Rarities,
    surname: pl.Series,
    given: pl.Series,
    dob: pl.Series,
    nationality: pl.Series,
    birthplace: pl.Series | None = None,
) -> Queries:
    """Queries of plain columns: `dob` canonical (see `births`) and thus perhaps only a year; what is no date is unknown."""
    if birthplace is None:
        birthplace = pl.Series([None] * len(dob), dtype=pl.String)
    return _queries(frequencies, surname, given, births.rows(dob), dob, nationality, birthplace)


def _queries(
    frequencies: Rarities,
    surname: pl.Series,
    given: pl.Series,
    rows: NDArray[np.int16],
    shown: pl.Series,
    nationality: pl.Series,
    birthplace: pl.Series,
) -> Queries:
    last, first = fold(surname), fold(given)
    if len(last) <= FEW:
        whole = pl.Series([f"{one} {other}" for one, other in zip(last, first, strict=True)], dtype=pl.String)
    else:
        whole = last + " " + first
    return Queries(
        tokenised=tokenise(whole, frequencies),
        cut=cut_short(whole),
        births=rows,
        births_shown=shown,
        countries=packed(nationality),
        nationality=nationality,
        places=_places(birthplace),
        birthplaces=birthplace,
    )


def _places(birthplace: pl.Series) -> Places:
    if birthplace.null_count() == len(birthplace):  # most carriers send none
        return places(np.zeros(0, np.uint32), (), len(birthplace), listed=False)
    texts = birthplace.to_list()
    told = [row for row, text in enumerate(texts) if text]
    return places(np.array(told, np.uint32), [texts[row] for row in told], len(texts), listed=False)
