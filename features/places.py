"""Airports as row numbers into arrays: coordinates, countries, distance to the land border.

Coordinates and countries come from the airportsdata package (IATA codes). The last row stands for every unknown
airport: its coordinates are NaN and its country is None, so that what is computed from it is unknown.
"""

from collections.abc import Sequence
from functools import cache

import airportsdata
import numpy as np
import numpy.typing as npt
import pycountry

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

# Mean radius of the Earth (IUGG), km.
EARTH_RADIUS_KM = 6371.0088

# Larger land ports of entry between Canada and the United States, latitude and longitude to about 2 km: public geography,
# from the names in CBSA's directory of offices.
LAND_CROSSINGS = (
    (49.00, -122.76),  # Pacific Highway and Douglas, Surrey
    (49.00, -122.27),  # Abbotsford-Huntingdon
    (49.00, -119.46),  # Osoyoos
    (49.00, -116.18),  # Kingsgate
    (49.00, -111.96),  # Coutts
    (49.00, -104.58),  # Regway
    (49.00, -102.55),  # North Portal
    (49.00, -97.24),  # Emerson
    (48.00, -89.59),  # Pigeon River
    (48.61, -93.40),  # Fort Frances
    (46.51, -84.36),  # Sault Ste. Marie
    (43.00, -82.42),  # Blue Water Bridge, Point Edward
    (42.31, -83.07),  # Ambassador Bridge, Windsor
    (42.91, -78.91),  # Peace Bridge, Fort Erie
    (43.15, -79.04),  # Queenston-Lewiston
    (44.35, -75.98),  # Thousand Islands, Lansdowne
    (44.73, -75.46),  # Prescott
    (45.00, -74.74),  # Cornwall
    (45.01, -73.45),  # St-Bernard-de-Lacolle
    (45.02, -73.09),  # St-Armand/Philipsburg
    (45.01, -72.09),  # Stanstead
    (46.12, -67.78),  # Woodstock Road
    (45.19, -67.29),  # St. Stephen
)
BORDER_COUNTRY = "CAN"


class Airports:
    """Arrays over airports; build once with `airports()`."""

    def __init__(self) -> None:
        table = airportsdata.load("IATA")
        alpha3 = {country.alpha_2: country.alpha_3 for country in pycountry.countries} | {"XK": "RKS"}
        self._row = {code: row for row, code in enumerate(table)}
        self.unknown = len(table)
        self.latitude: Floats = np.array([*(airport["lat"] for airport in table.values()), np.nan])
        self.longitude: Floats = np.array([*(airport["lon"] for airport in table.values()), np.nan])
        self.country_names: tuple[str | None, ...] = (
            *sorted({alpha3[a["country"]] for a in table.values() if a["country"] in alpha3}),
            None,
        )
        number = {name: index for index, name in enumerate(self.country_names)}
        # Index into country_names; -1 (the last: None) where unknown.
        self.country: Rows = np.array(
            [*(number.get(alpha3.get(airport["country"], ""), -1) for airport in table.values()), -1], dtype=np.intp
        )
        self.border_km = self._border_km(number[BORDER_COUNTRY])

    def rows(self, codes: Sequence[str | None]) -> Rows:
        """Row of each airport code."""
        row, unknown = self._row, self.unknown
        return np.array([row.get(code or "", unknown) for code in codes], dtype=np.intp)

    def known(self, code: str) -> bool:
        return code in self._row

    def countries(self, rows: Rows) -> list[str | None]:
        """ISO 3166-1 alpha-3 code of each airport row."""
        names = self.country_names
        return [names[number] for number in self.country[rows].tolist()]

    def distance_km(self, start: Rows, end: Rows) -> Floats:
        """Great-circle distance between airports, km; NaN where one is unknown."""
        return haversine_km(self.latitude[start], self.longitude[start], self.latitude[end], self.longitude[end])

    def _border_km(self, country: int) -> Floats:
        """Distance of each airport of BORDER_COUNTRY to the nearest of LAND_CROSSINGS, km; NaN elsewhere."""
        inside = np.flatnonzero(self.country == country)
        crossings = np.array(LAND_CROSSINGS)
        distances = haversine_km(
            self.latitude[inside, None], self.longitude[inside, None], crossings[None, :, 0], crossings[None, :, 1]
        )
        out = np.full(len(self.country), np.nan)
        out[inside] = distances.min(axis=1)
        return out


@cache
def airports() -> Airports:
    """The table, loaded at first use (0.2 s)."""
    return Airports()


def haversine_km(latitude: Floats, longitude: Floats, to_latitude: Floats, to_longitude: Floats) -> Floats:
    """Great-circle distance in km of points in degrees, by the haversine formula (Sinnott 1984, Sky and Telescope 68:159)."""
    phi, to_phi = np.radians(latitude), np.radians(to_latitude)
    half_phi = np.sin((to_phi - phi) / 2)
    half_lambda = np.sin(np.radians(to_longitude - longitude) / 2)
    h = half_phi * half_phi + np.cos(phi) * np.cos(to_phi) * half_lambda * half_lambda
    distance: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(h, 1.0)))
    return distance
