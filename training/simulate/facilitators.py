"""Facilitators' networks: each works for some months on one route, through one agency, with its own phones, cards and escorts.

Clients show the network's phone, card, address or agency only now and then, and the agencies serve innocent people too.
"""

from dataclasses import dataclass

import numpy as np

from training.simulate.network import Floats, Ints

TRAVELLERS_PER_NETWORK = 30_000
DOCUMENTS = 3
FAVOURITE = 0.85  # of two phones or two cards the first is used so often
# Chance that a client's booking shows what belongs to the network, given that the element is there at all.
SHARED = {"phone": 0.75, "card": 0.7, "address": 0.4, "agency": 0.5, "route": 0.6, "escort": 0.5}
# Numbers that stand for the networks' things lie above those of all people.
IDENTIFIER_BASE = 1 << 40


@dataclass(frozen=True)
class Facilitators:
    """Arrays of one entry per network; times in days of the world."""

    first: Ints
    last: Ints
    flight: Ints  # row of the schedule
    agency: Ints  # rank among the local agencies of the route's origin
    volume: Floats

    def active(self, day: int) -> Ints:
        """Networks at work on that day; the one that ends last where none is, so that clients always have one."""
        at_work = np.flatnonzero((self.first <= day) & (day <= self.last))
        return at_work if at_work.size else np.array([int(np.argmax(self.last))])

    def draw(self, rng: np.random.Generator, day: int, count: int) -> Ints:
        """A network for each client party of the day."""
        active = self.active(day)
        return rng.choice(active, count, p=self.volume[active] / self.volume[active].sum())


def networks(seed: int, travellers: int, days: int, weights: Floats, agencies: int) -> Facilitators:
    """Networks for that many travellers over so many days; routes in proportion to traffic, so that no origin stands out."""
    rng = np.random.default_rng([seed, 3])
    count = max(4, round(travellers / TRAVELLERS_PER_NETWORK))
    length = rng.integers(45, 150, count)
    first = rng.integers(-60, max(1, days - 30), count)
    first[: min(4, count)] = np.linspace(-30, max(0, days - 120), min(4, count)).astype(np.int64)  # somebody is always at work
    return Facilitators(
        first=first,
        last=first + length,
        flight=rng.choice(weights.size, count, p=weights / weights.sum()),
        agency=rng.integers(agencies // 3, agencies, count),
        volume=rng.gamma(2.0, 1.0, count) + 0.2,
    )


def identifier(network: Ints, kind: int, which: Ints) -> Ints:
    """The number of a network's phone, card, address, document or escort."""
    return IDENTIFIER_BASE + network * 1024 + kind * 32 + which
