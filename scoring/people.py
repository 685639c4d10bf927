"""Travellers as arrays: where each stands, when each departs, and who is a child."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.frames import Manifest

Flags = NDArray[np.bool_]
MAJORITY = 18 * 12  # months


@dataclass(frozen=True)
class People:
    """One element per traveller, in the Manifest's order.

    `minor`: under 18 on the local date of departure. `adult`: known to be 18 or more; of unknown age is neither: who sends
    no date of birth is not shielded by that, and not subject to model or lot either.
    """

    ids: NDArray[np.uint32]
    departure_at: NDArray[np.datetime64]  # UTC, NaT where unknown
    minor: Flags
    adult: Flags

    @classmethod
    def of(cls, manifest: Manifest, on: date) -> Self:
        """`on` stands in for the date of a departure that is not known."""
        flights = manifest.flights
        place = np.searchsorted(flights["flight"].to_numpy(), manifest.travellers["flight"].to_numpy())
        at = flights["departure_at"].to_numpy()[place]
        local = flights["departure_time"].to_numpy()[place].astype("M8[D]")
        day = np.where(np.isnat(local), at.astype("M8[D]"), local)
        day = np.where(np.isnat(day), np.datetime64(on, "D"), day)
        dob = manifest.travellers["dob"].to_numpy().astype("M8[D]")
        month = dob.astype("M8[M]")
        # Born on 29 February, of age on 1 March: the day after the last day of February in common years.
        of_age = (month + MAJORITY).astype("M8[D]") + (dob - month.astype("M8[D]"))
        return cls(manifest.travellers["traveller"].to_numpy(), at, day < of_age, day >= of_age)

    @property
    def count(self) -> int:
        return len(self.ids)

    def rows(self, travellers: pl.Series) -> list[int]:
        """Positions of travellers by their id."""
        positions: list[int] = np.searchsorted(self.ids, travellers.to_numpy()).tolist()
        return positions

    def any(self, rows: Iterable[int]) -> Flags:
        """Whether a traveller is among `rows`."""
        flags = np.zeros(self.count, bool)
        flags[list(rows)] = True
        return flags
