"""The TDT groups of a PAXLST message: which leg is the flight, and which are the itinerary around it.

A group is TDT, then stops: each LOC with the DTM that follow it. The flight runs from LOC+125 (last foreign
departure) to LOC+87 (first arrival in the State of destination); every other pair of neighbouring stops is a leg.
"""

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from manifests.edifact import Segment, value

DEPARTURE, ARRIVAL = "125", "87"  # LOC 3227
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


class Itinerary:
    """The TDT groups of one message, filled segment by segment."""

    def __init__(self) -> None:
        self._transports: list[_Transport] = []

    def tdt(self, index: int, segment: Segment) -> None:
        designator, named = value(segment, 2).upper(), value(segment, 5).upper()
        found = _DESIGNATOR.fullmatch(designator)
        carrier, number = (found[1], found[2]) if found else ("", designator)
        flight = {"carrier": Sent(named or carrier, index), "number": Sent(number, index)}
        self._transports.append(_Transport(designator, flight))

    def loc(self, index: int, segment: Segment) -> None:
        if self._transports:
            self._transports[-1].stops.append(_Stop(value(segment, 1), Sent(value(segment, 2), index)))

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
        pairs = [
            (transport, left, reached)
            for transport in self._transports
            for left, reached in zip(transport.stops, transport.stops[1:], strict=False)
        ]
        return [
            (order, transport.flight | _ends(left, reached))
            for order, (transport, left, reached) in enumerate(pairs)
            if not (flight and left is flight[0] and reached is flight[1])
        ]

    def repeated(self) -> int | None:
        """The segment of a second LOC+125 or LOC+87, which makes the flight uncertain; else None."""
        for qualifier in (DEPARTURE, ARRIVAL):
            found = [stop for transport in self._transports for stop in transport.stops if stop.qualifier == qualifier]
            if len(found) > 1:
                return found[1].airport.segment
        return None

    def _flight(self) -> tuple[_Transport, _Stop | None, _Stop | None] | None:
        """The first group with both ends; else the first with either, and the first other end of any; else the first group."""
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
