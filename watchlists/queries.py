"""Travellers as the matcher reads them: names as tokens, births and countries as numbers."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.names import fold
from watchlists import births, score
from watchlists.tokens import Frequencies, Tokenised, cut_short, tokenise


@dataclass(frozen=True)
class Queries:
    """One row per traveller."""

    tokenised: Tokenised
    cut: NDArray[np.bool_]  # the name fills a machine readable zone: its end may be lost
    births: NDArray[np.int16]  # (n, 4) first year, last year, month, day; 0 where unknown
    births_shown: pl.Series
    countries: NDArray[np.uint16]  # `score.countries_packed`
    nationality: pl.Series  # alpha-3


def of_travellers(frequencies: Frequencies, travellers: pl.DataFrame) -> Queries:
    """Queries of a Travellers frame."""
    dob = travellers["dob"]
    parts = pl.select(year=dob.dt.year(), last=dob.dt.year(), month=dob.dt.month(), day=dob.dt.day())
    rows = parts.fill_null(0).cast(pl.Int16).to_numpy()
    return _queries(
        frequencies,
        travellers["surname"],
        travellers["given"],
        np.ascontiguousarray(rows),
        dob.cast(pl.String),
        travellers["nationality"],
    )


def of_columns(frequencies: Frequencies, surname: pl.Series, given: pl.Series, dob: pl.Series, nationality: pl.Series) -> Queries:
    """Queries of plain columns: `dob` canonical (see `births`) and thus perhaps only a year; what is no date is unknown."""
    known = [births.birth(text) if text else None for text in dob.to_list()]
    rows = np.array([[b.first_year, b.last_year, b.month, b.day] if b else [0] * 4 for b in known], np.int16).reshape(-1, 4)
    return _queries(frequencies, surname, given, rows, dob, nationality)


def _queries(
    frequencies: Frequencies,
    surname: pl.Series,
    given: pl.Series,
    rows: NDArray[np.int16],
    shown: pl.Series,
    nationality: pl.Series,
) -> Queries:
    folded = fold(surname), fold(given)
    return Queries(
        tokenised=tokenise(folded[0] + " " + folded[1], frequencies),
        cut=cut_short(*folded),
        births=rows,
        births_shown=shown,
        countries=score.countries_packed(nationality),
        nationality=nationality,
    )
