"""The TDT groups of a PAXLST message: which leg is the flight, and which are the itinerary around it.

A group is TDT, then stops: each LOC with the DTM that follow it. The flight runs from LOC+125 (last foreign
departure) to LOC+87 (first arrival in the State of destination); every other pair of neighbouring stops is a leg. Where
neither is sent, as on progressive flights (all LOC+92), it is the leg to the airport where most travellers are examined,
else the last one that enters the country of the last stop.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from manifests.codes import airport_countries
from manifests.edifact import Segment, value
from manifests.errors import InputError

DEPARTURE, ARRIVAL = "125", "87"  # LOC 3227
_STOPS = frozenset({DEPARTURE, ARRIVAL, "92", "130"})  # … intermediate stop, last stop
_MOST = 200  # TDT and LOC of one message
_TIMES = {"189": "departure_time", "232": "arrival_time"}  # DTM 2005
_WITH_SECONDS = "202"  # DTM 2379: YYMMDDHHMMSS, as long as CCYYMMDDHHMM
_DESIGNATOR = re.compile(r"([A-Z]{3}|[A-Z][A-Z0-9]|[0-9][A-Z]) *([0-9]{1,4}[A-Z]?)")


class Sent(NamedTuple):
    """A value as sent, and the index of its segment."""

    text: str
    segment: int


Journey = dict[str, Sent]  # carrier, number, departure, arrival, departure_time, arrival_time: those that were sent


@dataclass(frozen=True)
class _Stop:
    qualifier: str
    airport: Sent
    times: dict[str, Sent] = field(default_factory=dict)


@dataclass(frozen=True)
class _Transport:
    """One TDT group."""

    designator: str  # as sent: UA0989
    flight: Journey  # carrier and number
    stops: list[_Stop] = field(default_factory=list)


_Flight = tuple[_Transport, _Stop | None, _Stop | None]


class Itinerary:
    """The TDT groups of one message, filled segment by segment."""

    def __init__(self) -> None:
        self._transports: list[_Transport] = []
        self._count = 0
        self._taken: _Flight | None = None  # for the flight, where no LOC names its ends

    def tdt(self, index: int, segment: Segment) -> None:
        designator, named = value(segment, 2).upper(), value(segment, 5).upper()
        self._limit(index)
        found = _DESIGNATOR.fullmatch(designator)
        carrier, number = (found[1], found[2]) if found else ("", designator)
        flight = {"carrier": Sent(named or carrier, index), "number": Sent(number, index)}
        self._transports.append(_Transport(designator, flight))

    def loc(self, index: int, segment: Segment) -> None:
        """A stop of the last transport; other places are passed over."""
        if self._transports and value(segment, 1) in _STOPS:
            self._limit(index)
            self._transports[-1].stops.append(_Stop(value(segment, 1), Sent(value(segment, 2), index)))

    def _limit(self, index: int) -> None:
        self._count += 1
        if self._count > _MOST:
            raise InputError(f"segment {index + 1}: more than {_MOST} flights and stops: send one flight per message")

    def dtm(self, index: int, segment: Segment) -> None:
        """DTM+189 or +232 of the last stop; anything else is passed over."""
        name = _TIMES.get(value(segment, 1))
        if name and self._transports and self._transports[-1].stops:
            text = value(segment, 1, 1)
            if value(segment, 1, 2) == _WITH_SECONDS:
                text = text[:-2]
            self._transports[-1].stops[-1].times[name] = Sent(text, index)

    def flight(self) -> Journey:
        """The flight: what of it was sent."""
        at = self._flight()
        if at is None:
            return {}
        transport, left, reached = at
        return transport.flight | _ends(left, reached)

    def designator(self) -> str:
        """The designator of the flight as sent in TDT: UA0989."""
        at = self._flight()
        return at[0].designator if at else ""

    def legs(self) -> list[tuple[int, Journey]]:
        """The legs that are not the flight, each with its place in travel order (the flight's is left out)."""
        at = self._flight()
        flight = at and (at[1], at[2])
        return [
            (order, transport.flight | _ends(left, reached))
            for order, (transport, left, reached) in enumerate(self._pairs())
            if not (flight and left is flight[0] and reached is flight[1])
        ]

    def settle(self, clearances: Sequence[str]) -> None:
        """Take a leg for the flight where neither LOC+125 nor LOC+87 was sent; `clearances`: where travellers are examined."""
        pairs = self._pairs()
        if not pairs or any(stop.qualifier in (DEPARTURE, ARRIVAL) for transport in self._transports for stop in transport.stops):
            return
        examined = Counter(clearances).most_common(1)
        to_clearance = [pair for pair in pairs if examined and pair[2].airport.text == examined[0][0]]
        entering = [pair for pair in pairs if _enters(pair[1], pair[2], pairs[-1][2])]
        self._taken = next(iter(to_clearance), next(reversed(entering), pairs[0] if len(pairs) == 1 else None))

    def _pairs(self) -> list[tuple[_Transport, _Stop, _Stop]]:
        return [
            (transport, left, reached)
            for transport in self._transports
            for left, reached in zip(transport.stops, transport.stops[1:], strict=False)
        ]

    def faults(self) -> list[tuple[int, str, str]]:
        """What makes the flight uncertain: segment, value, problem."""
        if self._taken is not None:
            _, left, reached = self._taken
            sent = "-".join(stop.airport.text for stop in (left, reached) if stop)
            problem = "taken for the flight, for no LOC says which leg is: send LOC+125 and LOC+87"
            return [(stop.airport.segment, sent, problem) for stop in (reached,) if stop]
        for qualifier in (DEPARTURE, ARRIVAL):
            found = [stop for transport in self._transports for stop in transport.stops if stop.qualifier == qualifier]
            if len(found) > 1:
                return [(found[1].airport.segment, qualifier, "sent twice, the first is used: send one flight per message")]
        return []

    def _flight(self) -> _Flight | None:
        """The first group with both ends; else the first with either, and the first other end of any; else the first group."""
        if self._taken is not None:
            return self._taken
        ends = [
            (transport, _first(transport.stops, DEPARTURE), _first(transport.stops, ARRIVAL)) for transport in self._transports
        ]
        if not ends:
            return None
        whole = [at for at in ends if at[1] and at[2]]
        if whole:
            return whole[0]
        left = next((at for at in ends if at[1]), None)
        reached = next((at for at in ends if at[2]), None)
        transport = (left or reached or ends[0])[0]
        return transport, left and left[1], reached and reached[2]


def _first(stops: list[_Stop], qualifier: str) -> _Stop | None:
    return next((stop for stop in stops if stop.qualifier == qualifier), None)


def _enters(left: _Stop, reached: _Stop, last: _Stop) -> bool:
    """Whether a leg crosses into the country of the last stop."""
    country = airport_countries()
    ends = [country.get(stop.airport.text.upper(), "") for stop in (left, reached, last)]
    return all(ends) and ends[0] != ends[1] == ends[2]


def _ends(left: _Stop | None, reached: _Stop | None) -> Journey:
    journey: Journey = {}
    if left:
        journey["departure"] = left.airport
        if "departure_time" in left.times:
            journey["departure_time"] = left.times["departure_time"]
    if reached:
        journey["arrival"] = reached.airport
        if "arrival_time" in reached.times:
            journey["arrival_time"] = reached.times["arrival_time"]
    return journey
