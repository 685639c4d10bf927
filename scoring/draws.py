"""The control sample: who is examined on arrival by lot, so that what is missed can be known.

The lot falls on a place on a flight, never on a person: the same person on another flight draws anew, and nobody can
tell from a name who will be drawn.
"""

import hmac

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.frames import Manifest
from manifests.pseudonyms import flight_identities

# Strata by risk: from a tenth of the risk that refers upwards, four lots are drawn instead of one. Misses are rare and
# concentrate there, so that as many examinations tell more of them (Neyman allocation, with the two strata rounded).
NEAR = 0.1
NEAR_FACTOR = 4.0


def draws(manifest: Manifest, key: bytes) -> pl.Series:
    """One number in [0, 1) per traveller: HMAC-SHA256 under a rotating key, Float64 with 53 random bits.

    The message is the flight's identity (`manifests.pseudonyms.flight_identities`) and the carrier's traveller reference;
    without one, the place within the flight's part of this Manifest.
    """
    flights = dict(zip(manifest.flights["flight"], flight_identities(manifest), strict=True))
    places: dict[int, int] = {}
    values = []
    for flight, ref in zip(manifest.travellers["flight"], manifest.travellers["ref"], strict=True):
        place = places[flight] = places.get(flight, -1) + 1
        tail = f"\x1eref\x1f{ref}" if ref is not None else f"\x1eplace\x1f{place}"
        digest = hmac.digest(key, (flights[flight] + tail).encode(), "sha256")
        values.append((int.from_bytes(digest[:8], "big") >> 11) * 2.0**-53)
    return pl.Series("draw", values, pl.Float64)


def inclusion(eligible: NDArray[np.bool_], near: NDArray[np.bool_], rate: float) -> NDArray[np.float64]:
    """Probability with which each traveller is drawn: 0 for those who are not eligible, `rate` or more for the others.

    `near`: the upper stratum. Recorded with each decision, for Horvitz-Thompson estimates.
    """
    return np.where(eligible, np.where(near, min(1.0, rate * NEAR_FACTOR), rate), 0.0)
