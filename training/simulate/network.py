"""Airports, routes into Canada and each day's flights.

Airports' places and time zones come from the airportsdata package; which routes exist, their carriers, weights and
times are invented. Block times: great-circle distance at 850 km/h plus 45 minutes.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import airportsdata
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

EARTH_KM = 6371.0
CRUISE_KM_PER_MINUTE = 850 / 60
GROUND_MINUTES = 45

# Foreign airport: country, dialling code, cultures of those who start there (weights in brackets), hub or not, weight.
ORIGINS: dict[str, tuple[str, str, str, bool, float]] = {
    "LHR": ("GBR", "44", "english:8 indian:1 polish:1 arabic:.5", True, 9),
    "CDG": ("FRA", "33", "french:8 arabic:2 west_african:1 portuguese:.5", True, 8),
    "FRA": ("DEU", "49", "polish:2 english:2 russian:1 persian:1 arabic:1 french:1", True, 6),
    "AMS": ("NLD", "31", "english:3 french:1 arabic:1 polish:1", True, 5),
    "IST": ("TUR", "90", "arabic:2 persian:2 russian:1", True, 4),
    "DOH": ("QAT", "974", "arabic:3 indian:2 filipino:1", True, 3),
    "DXB": ("ARE", "971", "arabic:2 indian:4 persian:1 filipino:1", True, 4),
    "ADD": ("ETH", "251", "west_african:2 english:1 arabic:1", True, 1.5),
    "HKG": ("HKG", "852", "chinese:8 english:1", True, 4),
    "TPE": ("TWN", "886", "chinese:9 english:.5", True, 3),
    "ICN": ("KOR", "82", "korean:9 english:.5", True, 3),
    "NRT": ("JPN", "81", "english:1 chinese:1 korean:1", True, 3),
    "MAD": ("ESP", "34", "spanish:9 french:.5", True, 2),
    "LIS": ("PRT", "351", "portuguese:9", True, 2),
    "ZRH": ("CHE", "41", "french:3 english:2 spanish:.5", True, 2),
    "VIE": ("AUT", "43", "polish:2 english:2 persian:.5", True, 1.5),
    "WAW": ("POL", "48", "polish:9 russian:1", True, 2),
    "BRU": ("BEL", "32", "french:5 arabic:1 west_african:1", True, 1.5),
    "BOG": ("COL", "57", "spanish:9", True, 2),
    "PTY": ("PAN", "507", "spanish:8 english:1", True, 1.5),
    "MEX": ("MEX", "52", "spanish:9 english:.5", True, 4),
    "DEL": ("IND", "91", "indian:9", False, 6),
    "BOM": ("IND", "91", "indian:9", False, 3),
    "PEK": ("CHN", "86", "chinese:9", False, 3),
    "PVG": ("CHN", "86", "chinese:9", False, 3),
    "MNL": ("PHL", "63", "filipino:9", False, 3),
    "SGN": ("VNM", "84", "vietnamese:9", False, 1),
    "CMN": ("MAR", "212", "arabic:8 french:1", False, 2),
    "ALG": ("DZA", "213", "arabic:8 french:1", False, 1.5),
    "CAI": ("EGY", "20", "arabic:9", False, 1.5),
    "FCO": ("ITA", "39", "spanish:2 english:2 french:1 portuguese:1", False, 2),
    "GRU": ("BRA", "55", "portuguese:9", False, 2),
    "LIM": ("PER", "51", "spanish:9", False, 1),
    "SCL": ("CHL", "56", "spanish:9", False, 1),
    "HAV": ("CUB", "53", "spanish:9", False, 1),
    "CUN": ("MEX", "52", "spanish:9 english:1", False, 3),
    "KIN": ("JAM", "1876", "english:9", False, 1.5),
    "SYD": ("AUS", "61", "english:8 chinese:1", False, 1),
    # Places from which travellers only arrive through a hub.
    "LOS": ("NGA", "234", "west_african:9", False, 0),
    "ACC": ("GHA", "233", "west_african:9", False, 0),
    "ABJ": ("CIV", "225", "west_african:8 french:1", False, 0),
    "DKR": ("SEN", "221", "west_african:9", False, 0),
    "NBO": ("KEN", "254", "english:4 indian:1", False, 0),
    "IKA": ("IRN", "98", "persian:9", False, 0),
    "BEY": ("LBN", "961", "arabic:9 french:.5", False, 0),
    "AMM": ("JOR", "962", "arabic:9", False, 0),
    "ALA": ("KAZ", "7", "russian:9", False, 0),
    "TBS": ("GEO", "995", "russian:9", False, 0),
    "BUD": ("HUN", "36", "polish:2 english:1", False, 0),
    "OTP": ("ROU", "40", "polish:1 french:1", False, 0),
    "DAC": ("BGD", "880", "indian:4 arabic:2", False, 0),
    "CMB": ("LKA", "94", "indian:8", False, 0),
    "HAN": ("VNM", "84", "vietnamese:9", False, 0),
    "BKK": ("THA", "66", "chinese:2 english:1 vietnamese:1", False, 0),
}
# Canadian airport: share of arrivals. ONWARD: where journeys go on, some near a land border, some in the United States.
DESTINATIONS = {"YYZ": 0.45, "YUL": 0.25, "YVR": 0.22, "YYC": 0.08}
ONWARD = {"domestic": ["YOW", "YEG", "YHZ", "YYJ"], "border": ["YQG", "YXU", "YQT", "YXX"], "us": ["JFK", "ORD", "SEA", "BOS"]}
CARRIERS = [
    "AC",
    "TS",
    "WS",
    "BA",
    "AF",
    "LH",
    "KL",
    "TK",
    "QR",
    "EK",
    "ET",
    "CX",
    "BR",
    "KE",
    "NH",
    "AM",
    "AV",
    "LO",
    "AI",
    "PR",
]
# Feeders that interline with nobody: a change to one of them is a self-transfer.
LOW_COST = ["FR", "U2", "W6", "G9", "FZ", "PC"]


@dataclass(frozen=True)
class Schedule:
    """All flights that exist: arrays of one entry per flight number. Airports are indices into `Network.codes`."""

    departure: Ints
    arrival: Ints
    carrier: Ints
    number: Ints
    minute: Ints  # of departure, UTC
    weight: Floats


class Network:
    """Places, distances and the flights of each day, all from one seed."""

    def __init__(self, seed: int, flights: int) -> None:
        """`flights`: how many flight numbers exist at least."""
        airports = airportsdata.load("IATA")
        self.origins = list(ORIGINS)
        self.codes: list[str] = [*self.origins, *DESTINATIONS, *(code for group in ONWARD.values() for code in group)]
        self.index = {code: place for place, code in enumerate(self.codes)}
        self.zones = [ZoneInfo(airports[code]["tz"]) for code in self.codes]
        self.hub = np.array([ORIGINS[code][3] if code in ORIGINS else False for code in self.codes])
        self.km = _distances(
            np.array([airports[code]["lat"] for code in self.codes]), np.array([airports[code]["lon"] for code in self.codes])
        )
        self.schedule = self._schedule(np.random.default_rng([seed, 1]), flights)

    @cached_property
    def block(self) -> Ints:
        """Block minutes between any two airports."""
        return (self.km / CRUISE_KM_PER_MINUTE + GROUND_MINUTES).astype(np.int64)

    def _schedule(self, rng: np.random.Generator, flights: int) -> Schedule:
        rows: list[tuple[int, int, int, float]] = []
        for origin, (_, _, _, _, weight) in ORIGINS.items():
            for destination, share in DESTINATIONS.items():
                if weight * share > 0.3:
                    carrier = int(rng.integers(len(CARRIERS)))
                    rows.append((self.index[origin], self.index[destination], carrier, weight * share))
        rows.sort(key=lambda row: -row[3])
        repeats = -(-flights // len(rows))
        used = rows * repeats if flights > len(rows) else rows[: max(8, flights)]
        places = np.array([row[:3] for row in used], dtype=np.int64)
        return Schedule(
            departure=places[:, 0],
            arrival=places[:, 1],
            carrier=places[:, 2],
            number=np.arange(len(used), dtype=np.int64) + 400,
            minute=rng.integers(0, 1440 - 60, len(used)),
            weight=np.array([row[3] for row in used]),
        )

    def offsets(self, day: date) -> Ints:
        """Minutes that each airport's clock is ahead of UTC on that day."""
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        return np.array([int(noon.astimezone(zone).utcoffset().total_seconds() // 60) for zone in self.zones])  # type: ignore[union-attr]

    def flights_of(self, rng: np.random.Generator, count: int) -> Ints:
        """Rows of the schedule that fly on one day, in order of departure."""
        schedule = self.schedule
        count = min(count, schedule.weight.size)
        keys = rng.exponential(size=schedule.weight.size) / schedule.weight
        chosen = np.argsort(keys, kind="stable")[:count]
        return chosen[np.argsort(schedule.minute[chosen], kind="stable")]

    @cached_property
    def feeders(self) -> tuple[list[Ints], list[Ints]]:
        """For each airport, the origins for which it lies on the way to Canada, and those for which it is a detour.

        On the way: the journey to Toronto over it is at most 1.2 × the great circle; a detour: 1.45 to 2.6 ×.
        """
        toronto = self.index["YYZ"]
        places = np.arange(len(self.origins))
        sensible, detour = [], []
        for hub in range(len(self.codes)):
            ratio = (self.km[places, hub] + self.km[hub, toronto]) / self.km[places, toronto]
            there = (places != hub) & (self.km[places, hub] > 300)
            sensible.append(places[there & (ratio <= 1.2)])
            detour.append(places[there & (ratio > 1.45) & (ratio < 2.6)])
        return sensible, detour


def _distances(lat: Floats, lon: Floats) -> Floats:
    """Great-circle kilometres by the haversine formula."""
    phi, theta = np.radians(lat), np.radians(lon)
    half = np.sin((phi[:, None] - phi) / 2) ** 2 + np.cos(phi[:, None]) * np.cos(phi) * np.sin((theta[:, None] - theta) / 2) ** 2
    distances: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(half))
    return distances
