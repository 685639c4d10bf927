"""The simulated world, day by day: manifests as carriers would send them, and apart from them the truth.

Seasons, weekdays, routes, families, returning travellers and facilitators' networks; outcomes are drawn from the latent
plan with officers' errors, never from an element. Every traveller counts as examined (a "control era").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from manifests.frames import Manifest
from training.simulate.facilitators import DOCUMENTS, IDENTIFIER_BASE, SHARED, Facilitators, identifier, networks
from training.simulate.frames import LEFT_DAYS, LOCAL_AGENCIES, Writer, _within, people_frames
from training.simulate.lists import entries, travels_as
from training.simulate.network import Floats, Ints, Network
from training.simulate.parties import Bools, Parties, draw, posterior
from training.simulate.people import People
from training.simulate.plans import (
    CLAIM,
    FALSE_FINDING,
    NAMES,
    OUTCOMES,
    PLANS,
    SENSITIVITY,
    SENSITIVITY_LISTED,
    STATE_PLAN,
)  # fmt: skip

DAYS = 240
TRAVELLERS_PER_FLIGHT = 110
LISTED_RATE = 1e-3  # of eligible travellers: so high that a modest world holds some of every category
POOL_PER_TRAVELLER = 0.08  # people who fly again and again, per simulated traveller
REST_DAYS = 5  # nobody returns sooner
TRUTH = pl.Schema(
    {
        "traveller": pl.UInt32(),  # row of the day's Manifest
        "person": pl.Int64(),  # true identity
        "unit": pl.Int64(),  # bookings that travel together
        "network": pl.Int32(),  # facilitators' network, null for none
        "plan": PLANS,
        "state": pl.Enum(NAMES),
        "minor": pl.Boolean(),
        "outcome": OUTCOMES,
        "oracle": pl.Float64(),  # P(finding plan | elements)
        "entry": pl.String(),  # id of the list entry that travels
    }
)


@dataclass(frozen=True)
class Day:
    """One day's manifest and its truth, apart."""

    day: date
    manifest: Manifest
    truth: pl.DataFrame


def simulate(travellers: int, seed: int, start: date, days: int = DAYS) -> Iterator[tuple[Manifest, pl.DataFrame]]:
    """(Manifest, TRUTH) per day of departure (UTC), in order of time: exactly that many travellers in all.

    Raises ValueError when travellers or days are below 1.
    """
    for day in World(travellers, seed, start, days).run():
        yield day.manifest, day.truth


class World:
    """What lasts from day to day: places, networks, the listed, and who has been seen."""

    def __init__(self, travellers: int, seed: int, start: date, days: int = DAYS) -> None:
        if travellers < 1 or days < 1:
            raise ValueError(f"travellers {travellers}, days {days}: at least 1 of each")
        self.seed, self.start, self.days = seed, start, days
        self.per_day = _per_day(travellers, start, days)
        flights = max(2, round(travellers / days / TRAVELLERS_PER_FLIGHT))
        self.flights_per_day = flights
        self.network = Network(seed, flights * 2)
        weights = self.network.schedule.weight
        self.facilitators: Facilitators = networks(seed, travellers, days, weights, LOCAL_AGENCIES)
        self.people = People(seed, start)
        self.writer = Writer(seed, start, days, travellers, self.network, self.facilitators)
        self.entries = entries(seed, start).to_dicts()
        self.pool = max(20, int(travellers * POOL_PER_TRAVELLER / len(self.network.origins)))  # per origin
        count = self.pool * len(self.network.origins)
        self.last_trip = np.full(count, -1000, dtype=np.int64)
        self.version = np.zeros(count, dtype=np.int64)
        self.fresh = 1 << 30  # number of the next person who flies once

    def run(self) -> Iterator[Day]:
        for index in range(self.days):
            if self.per_day[index]:
                yield self._day(index)

    def _day(self, index: int) -> Day:
        rng = np.random.default_rng([self.seed, 2, index])
        travellers = int(self.per_day[index])
        rows = self.network.flights_of(rng, min(self.flights_per_day, max(1, travellers // 2)))
        parties = draw(rng, travellers, index, rows, self.network, self.facilitators)
        origin = self._origins(rng, parties, rows)
        person, seen, rate, returning = self._who(rng, index, parties, origin)
        fresh = ~(returning[parties.booking] & (parties.position == 0))
        manifest, entry = self._manifest(rng, index, rows, parties, origin, person, fresh)
        oracle = posterior(parties, seen, rate, fresh)
        truth = self._truth(rng, index, parties, person, oracle, entry)
        return Day(self.start + timedelta(days=index), manifest, truth)

    def _origins(self, rng: np.random.Generator, parties: Parties, rows: Ints) -> Ints:
        """Where each booking's journey starts: at the flight's airport, on the way to it, or where it is a detour."""
        hub = self.network.schedule.departure[rows][parties.flight]
        sensible, detour = self.network.feeders
        origin = hub.copy()
        route = parties.levels["route"]
        for place in np.unique(hub[route > 0]):
            for level, choices in ((1, sensible[place]), (2, detour[place]), (3, detour[place])):
                at = np.flatnonzero((hub == place) & (route == level))
                choices = choices if choices.size else sensible[place] if sensible[place].size else np.array([place])
                origin[at] = choices[rng.integers(0, choices.size, at.size)]
        same = origin == hub
        parties.levels["route"][same & (route > 0)] = 0
        return origin

    def _who(self, rng: np.random.Generator, day: int, parties: Parties, origin: Ints) -> tuple[Ints, Bools, float, Bools]:
        """Person per traveller; per booking: lead seen before, share seen of returning leads, lead is a returning person."""
        count, bookings = parties.booking.size, origin.size
        person = self.fresh + np.arange(count)
        self.fresh += count
        lead = np.flatnonzero(parties.position == 0)
        member = origin * self.pool + (rng.random(bookings) ** 1.3 * self.pool).astype(np.int64)
        rested = self.last_trip[member] < day - REST_DAYS
        once = np.zeros(bookings, dtype=bool)
        once[np.unique(member, return_index=True)[1]] = True
        returning = (parties.levels["returning"] == 1) & rested & once & (parties.state != NAMES.index("child_alone"))
        seen = returning & (self.last_trip[member] >= 0)
        rate = float(np.clip(seen.sum() / max(1, returning.sum()), 0.02, 0.98))
        renewed = seen & (parties.person_levels["renewed"][lead] == 1)
        chosen = member[returning]
        self.version[member[renewed]] += 1
        self.last_trip[chosen] = day
        person[lead[returning]] = chosen
        # An escort flies with a client party, or on an own booking: one of the network's few.
        client = (parties.network >= 0) & (parties.levels["size"] > 0) & (rng.random(bookings) < SHARED["escort"])
        alone = (parties.state == NAMES.index("escort")) & (parties.levels["returning"] == 1)
        escort = (alone | client) & ~returning | alone
        number = identifier(parties.network, 4, np.zeros(bookings, dtype=np.int64))
        person[lead[escort]] = number[escort]
        return person, seen | alone, rate, returning | escort

    def _manifest(
        self, rng: np.random.Generator, day: int, rows: Ints, parties: Parties, origin: Ints, person: Ints, fresh: Bools
    ) -> tuple[Manifest, pl.Series]:
        people, booking = self.people, parties.booking
        lead = person[parties.position == 0]
        # An escort is the same person wherever the journey starts: their home is where the network's route begins.
        start = np.where(lead >= IDENTIFIER_BASE, self._bases(parties.network), origin)[booking]
        family = lead[booking]
        same = (parties.levels["surnames"] == 0)[booking]
        named = np.where(same, family, person)
        surnames = people.surnames(named, people.culture(named, start))
        given = people.given(person, people.culture(family, start))
        nationality = people.nationality(family, start)
        born = people.born(person, parties.child)
        holder, holder_origin = self._holders(rng, parties, person, start, family)
        borrowed = holder != person
        issuer = np.where(borrowed, people.nationality(holder, holder_origin), nationality)
        nationality = np.where(borrowed & (parties.network[booking] < 0), issuer, nationality)
        held = np.where(holder < self.last_trip.size, self.version[np.minimum(holder, self.last_trip.size - 1)], 0) % 16
        number = people.document(holder, held, issuer, parties.person_levels["number"] == 1)
        today = people.start + day
        left = _within(rng, LEFT_DAYS, parties.person_levels["expiry"]).astype(np.int64)
        expiry = today + np.where(fresh, left, people.validity_left(person, held, day))
        surnames, given, born, number, entry = self._listed(rng, parties, fresh, surnames, given, born, number)
        codes, issued = (pl.Series(people.countries[country], dtype=pl.String) for country in (nationality, issuer))
        travellers, documents = people_frames(
            rng, parties, surnames, given, people.sex(person), born, codes, number, issued, expiry
        )
        return self.writer.manifest(rng, day, rows, parties, origin, travellers, documents, lead), entry

    def _holders(self, rng: np.random.Generator, parties: Parties, person: Ints, start: Ints, family: Ints) -> tuple[Ints, Ints]:
        """Whose document each traveller shows, and that person's origin: their own, the lead's by a clerk's mistake, one
        that the network hands on, or that of somebody from the same place who flies often."""
        network = parties.network[parties.booking]
        reused = (parties.person_levels["reused"] == 1) & ~parties.child
        altered = reused & (STATE_PLAN[parties.state[parties.booking]] == PLANS.categories.to_list().index("altered_document"))
        handed_on = identifier(np.maximum(network, 0), 3, rng.integers(0, DOCUMENTS, person.size))
        often = start * self.pool + (rng.random(person.size) ** 4 * self.pool).astype(np.int64)
        holder = np.select([altered, reused & (network >= 0), reused], [often, handed_on, family], person)
        return holder, np.where(reused & (network >= 0), self._bases(network), start)

    def _bases(self, network: Ints) -> Ints:
        """The airport where each network's route begins; of no meaning for -1."""
        bases: Ints = self.network.schedule.departure[self.facilitators.flight[np.maximum(network, 0)]]
        return bases

    def _listed(
        self,
        rng: np.random.Generator,
        parties: Parties,
        fresh: Bools,
        surnames: pl.Series,
        given: pl.Series,
        born: Ints,
        number: pl.Series,
    ) -> tuple[pl.Series, pl.Series, Ints, pl.Series, pl.Series]:
        """Now and then somebody on the list takes the place of an innocent adult. Gives the entry's id per traveller."""
        count = born.size
        eligible = (STATE_PLAN[parties.state[parties.booking]] == 0) & ~parties.child & fresh
        chosen = np.flatnonzero(eligible & (rng.random(count) < LISTED_RATE))
        entry: list[str | None] = [None] * count
        born = born.copy()
        for traveller in chosen.tolist():
            row = self.entries[int(rng.integers(len(self.entries)))]
            surname, name, birth, document = travels_as(rng, row)
            surnames[traveller], given[traveller] = surname, name
            born[traveller] = (birth - date(1970, 1, 1)).days
            if document:
                number[traveller] = document
            entry[traveller] = row["id"]
        return surnames, given, born, number, pl.Series(entry, dtype=pl.String)

    def _truth(
        self, rng: np.random.Generator, day: int, parties: Parties, person: Ints, oracle: Floats, entry: pl.Series
    ) -> pl.DataFrame:
        state = parties.state[parties.booking]
        plan = _plans(parties, state, person, entry)
        network = parties.network[parties.booking]
        return pl.DataFrame(
            {
                "traveller": np.arange(person.size),
                "person": person,
                "unit": (day << 24) + parties.unit[parties.booking],
                "network": pl.select(pl.when(pl.Series(network >= 0)).then(pl.Series(network))).to_series(),
                "plan": pl.Series(plan).cast(pl.UInt8).cat.to(PLANS),
                "state": pl.Series(state).cast(pl.UInt8).cat.to(TRUTH["state"]),
                "minor": parties.child,
                "outcome": pl.Series(_outcomes(rng, plan, parties.child)).cast(pl.UInt8).cat.to(OUTCOMES),
                "oracle": oracle,
                "entry": entry,
            }
        ).cast(TRUTH)


def _plans(parties: Parties, state: Ints, person: Ints, entry: pl.Series) -> Ints:
    """Plan per traveller: in a client party the escort has their own, and so has the adult with trafficked children."""
    plan = STATE_PLAN[state]
    adult_beside = (state == NAMES.index("victim_children")) & ~parties.child
    plan = np.where(adult_beside, PLANS.categories.to_list().index("trafficking_adult"), plan)
    escorting = (person >= IDENTIFIER_BASE) & (parties.network[parties.booking] >= 0)
    plan = np.where(escorting, PLANS.categories.to_list().index("escort"), plan)
    return np.where(entry.is_not_null().to_numpy(), PLANS.categories.to_list().index("listed"), plan)


def _outcomes(rng: np.random.Generator, plan: Ints, child: Bools) -> Ints:
    """What an officer records of an examined traveller: drawn from the plan alone; a child is protected, never a finding."""
    plans, outcomes = PLANS.categories.to_list(), OUTCOMES.categories.to_list()
    found = rng.random(plan.size)
    error = rng.random(plan.size)
    claims = rng.random(plan.size)
    recorded = np.zeros(plan.size, dtype=np.int64)
    labels = {
        "smuggled": "facilitation", "escort": "facilitation", "altered_document": "fraudulent_document",
        "trafficking_victim": "protection", "unaccompanied_child": "unaccompanied_child", "listed": "lookout_identity",
    }  # fmt: skip
    for name, outcome in labels.items():
        sensitivity = SENSITIVITY.get(name, SENSITIVITY_LISTED)
        recorded[(plan == plans.index(name)) & (found < sensitivity)] = outcomes.index(outcome)
    wrong = (recorded == 0) & (plan == 0) & ~child & (error < FALSE_FINDING)
    recorded[wrong] = outcomes.index("fraudulent_document")
    finding = np.isin(recorded, [outcomes.index("facilitation"), outcomes.index("fraudulent_document")])
    recorded[finding & child] = outcomes.index("protection")
    for name, share in CLAIM.items():
        recorded[(plan == plans.index(name)) & (claims < share)] = outcomes.index("refugee_claim")
    return recorded


def _per_day(travellers: int, start: date, days: int) -> Ints:
    """Travellers of each day: a summer peak of 25 %, fuller Fridays to Sundays; exact in sum (largest remainders)."""
    dates = [start + timedelta(days=day) for day in range(days)]
    season = np.array([1 + 0.25 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 205) / 365) for day in dates])
    week = np.array([1.15 if day.weekday() >= 4 else 0.9 for day in dates])
    shares = season * week / (season * week).sum() * travellers
    counts: Ints = np.floor(shares).astype(np.int64)
    counts[np.argsort(counts - shares, kind="stable")[: travellers - int(counts.sum())]] += 1
    return counts
