"""What a plain sum adds to a similarity for date of birth and nationality: for peers that compare names only.

+1 for an equal date, +.5 for years that may be equal where a side has no full date, +.25 for one year and another day, -1
for other years; +.4 or -.4 for the nationality; what is missing adds nothing. Of several listed values the best counts.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.names.data import alpha_3
from watchlists.births import Birth, birth

COUNTRY: Final = 0.4
Matrix = NDArray[np.float32]


@dataclass(frozen=True)
class Agreement:
    """What the plain sum adds for date of birth and nationality: passengers beside all entries."""

    births: NDArray[np.int32]  # (passengers, 4): first year, last year, month, day; 0 where unknown
    listed: NDArray[np.int32]  # (dates, 4) of all entries
    starts: NDArray[np.int64]  # of each entry's dates; one of zeros where it has none
    countries: NDArray[np.int64]  # of passengers, -1 unknown
    of_entries: NDArray[np.bool_]  # (entries, countries)
    named: NDArray[np.bool_]  # entries that name a country

    @staticmethod
    def of(people: pl.DataFrame, listed: pl.DataFrame) -> "Agreement":
        dates = [[_four(birth(text)) for text in (cell or "").split(";")] for cell in listed["dob"].to_list()]
        codes = [
            pl.Series([code for code in (cell or "").split(";") if code], dtype=pl.String) for cell in listed["country"].to_list()
        ]
        spelt = [pl.DataFrame({"code": each}).select(alpha_3("code"))["code"].drop_nulls().to_list() for each in codes]
        known = {code: number for number, code in enumerate(sorted({code for each in spelt for code in each}))}
        of_entries = np.zeros((listed.height, len(known) + 1), bool)
        for row, each in enumerate(spelt):
            of_entries[row, [known[code] for code in each]] = True
        nationality = people["nationality"].to_list()
        return Agreement(
            np.array([_four(birth(text) if text else None) for text in people["dob"].to_list()], np.int32),
            np.array([date for each in dates for date in each], np.int32),
            np.cumsum([0, *(len(each) for each in dates[:-1])]),
            np.array([-1 if code is None else known.get(code, len(known)) for code in nationality], np.int64),
            of_entries,
            np.asarray(of_entries.any(axis=1)),
        )

    def part(self, first: int, size: int) -> Matrix:
        here = slice(first, first + size)
        dates = _dates(self.births[here, None, :], self.listed[None, :, :])
        total = np.maximum.reduceat(dates, self.starts, axis=1)
        countries = self.countries[here]
        same = np.where(self.of_entries[:, countries].T, COUNTRY, -COUNTRY)
        total += np.where((countries >= 0)[:, None] & self.named, same, 0.0).astype(np.float32)
        return total


def _four(known: Birth | None) -> tuple[int, int, int, int]:
    return (known.first_year, known.last_year, known.month, known.day) if known else (0, 0, 0, 0)


def _dates(left: NDArray[np.int32], right: NDArray[np.int32]) -> Matrix:
    """Agreement of dates of birth, broadcast: see the module."""
    years = (left[..., 0] <= right[..., 1]) & (right[..., 0] <= left[..., 1])
    full = (left[..., 3] > 0) & (right[..., 3] > 0)
    equal = full & (left == right).all(axis=-1)
    agreed = np.select([equal, years & ~full, years], [1.0, 0.5, 0.25], -1.0)
    known = (left[..., 0] > 0) & (right[..., 0] > 0)
    return np.where(known, agreed, 0.0).astype(np.float32)
