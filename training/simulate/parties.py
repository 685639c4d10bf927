"""One day's parties: latent states, the elements drawn from them, and the exact posterior of the state.

A *unit* is one booking or two that travel together under one state. What the tables decide independently given the
state goes into the posterior; what it leaves out is said in `OUTSIDE_ORACLE`.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulate.elements import PARTY, PERSON
from training.simulate.facilitators import SHARED, Facilitators
from training.simulate.network import Floats, Ints, Network
from training.simulate.plans import IS_FINDING, NAMES, PRIOR, STATES

Bools = npt.NDArray[np.bool_]

OUTSIDE_ORACLE = (
    "links between bookings of different units (a network's phone, card, address, agency, route, document or escort seen before)",
    "how often and on which routes a returning traveller came before (only that the person was seen before is inside)",
    "names, birth dates, sex, nationality and origin, which do not depend on the plan",
    "matches with the invented list (a lookout is the matcher's label, not a finding)",
)
CARRIERS_WITHOUT_PNR = 2  # the first of `network.CARRIERS` send API elements only
IS_CLIENT = np.array([state.plan in ("smuggled", "escort") for state in STATES.values()])
CHILD_ALONE, VICTIM_CHILDREN = NAMES.index("child_alone"), NAMES.index("victim_children")


@dataclass(frozen=True)
class Parties:
    """Bookings of a day in order of flight, their travellers, and the levels drawn."""

    unit: Ints  # per booking
    state: Ints  # per booking
    flight: Ints  # per booking: place among the day's flights, ascending
    network: Ints  # per booking: the facilitators' network it belongs to, or -1
    pnr: Bools  # per booking: the carrier sends booking data
    hub: Bools  # per booking: the last foreign airport is a hub
    levels: dict[str, Ints]  # per booking
    booking: Ints  # per traveller
    position: Ints  # per traveller: 0 is the lead
    child: Bools  # per traveller
    person_levels: dict[str, Ints]  # per traveller


def draw(
    rng: np.random.Generator, travellers: int, day: int, flights: Ints, network: Network, facilitators: Facilitators
) -> Parties:
    """Parties of exactly that many travellers on the day's flights (rows of the schedule)."""
    companion = PARTY["companion"].table[:, 1]
    mean = _mean_size(companion)
    units = int(travellers / mean * 1.1) + 30
    state = rng.choice(len(PRIOR), units, p=PRIOR)
    pair = rng.random(units) < companion[state]
    clients = facilitators.draw(rng, day, units)
    place = {int(row): index for index, row in enumerate(flights)}
    theirs = np.array([place.get(int(row), -1) for row in facilitators.flight])[clients]
    flight = rng.integers(0, flights.size, units)
    is_client = IS_CLIENT[state]
    flight = np.where(is_client & (theirs >= 0) & (rng.random(units) < SHARED["route"]), theirs, flight)
    unit = np.repeat(np.arange(units), 1 + pair)
    state, flight, clients = state[unit], flight[unit], np.where(is_client, clients, -1)[unit]
    size = PARTY["size"].draw(rng, state) + 1
    size += np.where(size == 5, rng.integers(0, 6, size.size), 0)
    kept = int(np.searchsorted(np.cumsum(size), travellers)) + 1
    size = size[:kept].copy()
    size[-1] -= int(size.sum()) - travellers
    unit, state, flight, clients = unit[:kept], state[:kept], flight[:kept], clients[:kept]
    order = np.argsort(flight, kind="stable")
    unit, state, flight, clients, size = unit[order], state[order], flight[order], clients[order], size[order]

    levels = {name: element.draw(rng, state) for name, element in PARTY.items() if name not in ("size", "companion")}
    levels["size"] = np.minimum(size, 5) - 1
    levels["companion"] = np.bincount(unit, minlength=units)[unit] - 1
    hub = network.hub[network.schedule.departure[flights]][flight]
    levels["route"] = np.where(hub, levels["route"], 0)
    booking = np.repeat(np.arange(kept), size)
    position = np.arange(travellers) - np.repeat(np.cumsum(size) - size, size)
    child = ((position >= 2) | ((position >= 1) & (state[booking] == VICTIM_CHILDREN))) & (levels["children"][booking] == 1)
    child |= state[booking] == CHILD_ALONE
    carriers = network.schedule.carrier[flights]
    pnr = (carriers >= CARRIERS_WITHOUT_PNR)[flight]
    person_levels = {name: element.draw(rng, state[booking]) for name, element in PERSON.items()}
    return Parties(unit, state, flight, clients, pnr, hub, levels, booking, position, child, person_levels)


def posterior(parties: Parties, seen: Bools, seen_rate: float, fresh: Bools) -> Floats:
    """P(finding plan | elements of the unit) per traveller; 0 for children.

    `seen`: per booking, the lead is known to have travelled before; `seen_rate`: share of the day's returning leads who
    have; `fresh`: per traveller, the document's validity was drawn from the tables.
    """
    units = int(parties.unit.max()) + 1
    companion = PARTY["companion"].table[:, 1]
    scores = np.tile(np.log(PRIOR), (units, 1))
    pair = np.bincount(parties.unit, minlength=units) - 1
    scores += np.where(pair[:, None] > 0, np.log(companion), np.log1p(-companion))
    observed = _observed(parties)
    for name, mask in observed.items():
        np.add.at(scores, parties.unit[mask], PARTY[name].log_likelihood(parties.levels[name][mask]))
    returning = PARTY["returning"].table[:, 1] * seen_rate
    np.add.at(scores, parties.unit, np.where(seen[:, None], np.log(returning), np.log1p(-returning)))
    unit = parties.unit[parties.booking]
    renewed = PERSON["renewed"]
    masks = {
        "bags": np.ones(unit.size, dtype=bool),
        "expiry": fresh,
        "number": np.ones(unit.size, dtype=bool),
        "renewed": seen[parties.booking] & (parties.position == 0),
    }
    for name, mask in masks.items():
        element = renewed if name == "renewed" else PERSON[name]
        np.add.at(scores, unit[mask], element.log_likelihood(parties.person_levels[name][mask]))
    scores -= scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    finding: Floats = weights[:, IS_FINDING].sum(axis=1) / weights.sum(axis=1)
    return np.where(parties.child, 0.0, finding[unit])


def _observed(parties: Parties) -> dict[str, Bools]:
    """Which bookings show each party element."""
    pnr, levels = parties.pnr, parties.levels
    everywhere = np.ones(parties.unit.size, dtype=bool)
    connecting = pnr & (levels["route"] > 0)
    several = levels["size"] > 0
    masks = dict.fromkeys(PARTY, pnr)
    masks |= {"size": everywhere, "surnames": several, "pooled": several, "children": levels["size"] > 1}
    masks |= {"layover": connecting, "interline": connecting, "route": pnr & parties.hub}
    for name in ("companion", "returning"):
        del masks[name]
    return masks


def _mean_size(companion: Floats) -> float:
    sizes = PARTY["size"].table @ np.array([1.0, 2.0, 3.0, 4.0, 7.5])
    return float((PRIOR * sizes * (1 + companion)).sum())
