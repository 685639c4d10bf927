"""History: a fold over events that the store keeps online and the data set builder folds offline, through the same code.

An event says that a traveller brought a pseudonym (person, document, phone, …) to a flight. A person's events also name
the companions of the booking, which is how an escort shows. What is counted for a traveller is looked up among the
latest EVENTS_PER_KEY events of each of the traveller's pseudonyms before departure: bounded even for an agency with a
million bookings, whose counts then mean "at least". Protection outcomes are no events, so they never count against anyone.

Point in time: only events strictly before this flight's departure count, and none of the same flight.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from features.base import HISTORY_COLUMNS
from features.numbers import NAN, Flags, Floats, Rows, distinct, positions
from features.party_counts import parties
from manifests.frames import Manifest
from manifests.vocabulary import PSEUDONYM_KINDS

Ints = npt.NDArray[np.int64]

EVENTS: dict[str, pl.DataType] = {
    "kind": PSEUDONYM_KINDS,
    "pseudonym": pl.Int64(),
    "at": pl.Datetime("us", "UTC"),  # departure of the flight
    "person": pl.Int64(),  # who brought it (of a person's events: who was in the party, the person included)
    "booking": pl.Int64(),
    "flight": pl.Int64(),
}
HISTORY: dict[str, pl.DataType] = {"traveller": pl.UInt32(), **dict.fromkeys(HISTORY_COLUMNS, pl.Float64())}

EVENTS_PER_KEY = 64
DAYS_KEPT = 365
# A record with more names is a group (carriers' systems hold nine to a record): its members are not each other's companions.
LARGEST_PARTY = 9
_ORDER = ("kind", "pseudonym", "at", "flight", "booking", "person")
_KIND: dict[str, int] = {kind: number for number, kind in enumerate(PSEUDONYM_KINDS.categories)}
_NONE = int(np.iinfo(np.int64).min)
_DAY = 86_400_000_000  # microseconds
# Above this the rows of other keys are worth a join to be rid of: a state folded offline, not what a store gives.
_SMALL = 100_000


def empty() -> pl.DataFrame:
    """The state, or the events, before anyone travelled."""
    return pl.DataFrame(schema=EVENTS)


def events(manifest: Manifest, pseudonyms: pl.DataFrame, flight_keys: pl.Series, booking_keys: pl.Series) -> pl.DataFrame:
    """EVENTS of all travellers of the manifest whose flight's departure is known: sorted, none twice.

    `pseudonyms` is PSEUDONYMS of manifests.pseudonyms; `flight_keys` and `booking_keys` are Int64, one per row of
    flights and of bookings.
    """
    now = _now(manifest, pseudonyms, flight_keys, booking_keys)
    owner = positions(manifest.travellers["traveller"], pseudonyms["traveller"])
    # Everyone of a small party is a companion of everyone else, and of himself: the trip that has no companion.
    small = np.flatnonzero((now.person != _NONE) & (np.bincount(now.party)[now.party] <= LARGEST_PARTY))
    members = pl.DataFrame({"party": now.party[small], "traveller": small, "person": now.person[small]})
    pairs = members.join(members.select("party", other="person"), on="party").filter(pl.col("person") != pl.col("other"))
    of = np.concatenate([owner, pairs["traveller"].to_numpy()])
    known_departure = now.departure[of] != _NONE
    frame = pl.DataFrame(
        {
            "kind": pl.concat([pseudonyms["kind"], pl.repeat("person", pairs.height, dtype=PSEUDONYM_KINDS, eager=True)]),
            "pseudonym": np.concatenate([pseudonyms["pseudonym"].to_numpy(), pairs["person"].to_numpy()]),
            "at": pl.Series(now.departure[of]).cast(EVENTS["at"]),
            "person": np.concatenate([now.person[owner], pairs["other"].to_numpy()]),
            "booking": now.booking[of],
            "flight": now.flight[of],
        }
    )
    unknown = (pl.when(pl.col(name) != _NONE).then(name) for name in ("person", "booking"))
    return frame.filter(known_departure).with_columns(unknown).cast(pl.Schema(EVENTS)).unique().sort(_ORDER)


def update(state: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """The state after new events: of each (kind, pseudonym) the latest EVENTS_PER_KEY (ties: the later in flight, booking,
    person), of the DAYS_KEPT days before the latest event of all. As a set it depends neither on the order in which
    events come nor on repetitions; the order of rows is not part of it."""
    keys = new.select("kind", "pseudonym").unique()
    untouched = state.join(keys, on=["kind", "pseudonym"], how="anti")
    touched = pl.concat([state.join(keys, on=["kind", "pseudonym"], how="semi"), new]).unique().sort(_ORDER)
    latest = touched.filter(pl.int_range(pl.len()).reverse().over("kind", "pseudonym") < EVENTS_PER_KEY)
    merged = pl.concat([untouched, latest])
    return merged.filter(pl.col("at") > pl.col("at").max() - pl.duration(days=DAYS_KEPT))


def history(
    manifest: Manifest, pseudonyms: pl.DataFrame, flight_keys: pl.Series, booking_keys: pl.Series, state: pl.DataFrame
) -> pl.DataFrame:
    """HISTORY: one row per traveller of the manifest in order.

    `state` is what `update` folded, or the part of it with the manifest's pseudonyms. Flights of the manifest that
    depart before others count for those too, so that a day of flights gives what the same flights give one by one.
    Null where the traveller does not have what the column is about, or the departure is unknown; 0 where nothing was found.
    """
    now = _now(manifest, pseudonyms, flight_keys, booking_keys)
    travellers = len(now.person)
    owner = positions(manifest.travellers["traveller"], pseudonyms["traveller"])
    kind = _integers(pseudonyms["kind"].to_physical())
    pool = state
    if manifest.flights.height > 1:
        pool = pl.concat([state, events(manifest, pseudonyms, flight_keys, booking_keys)]).unique()
    if pool.height > _SMALL:
        pool = pool.join(pseudonyms.select("kind", "pseudonym"), on=["kind", "pseudonym"], how="semi")
    past = _Events(**{name: _integers(pool[name].to_physical()) for name in EVENTS})
    query, found = past.latest_before(kind, _integers(pseudonyms["pseudonym"]), now.departure[owner])
    other_flight = past.flight[found] != now.flight[owner[query]]
    query, found = query[other_flight], found[other_flight]

    traveller, kind_found = owner[query], kind[query]
    age = now.departure[traveller] - past.at[found]
    person, booking, flight = past.person[found], past.booking[found], past.flight[found]
    of_kind = {name: np.flatnonzero(kind_found == number) for name, number in _KIND.items()}
    stranger = np.zeros(len(found), np.bool_)  # known, and not of the party now; an agency's travellers need not be told apart
    known = np.flatnonzero((person != _NONE) & (kind_found != _KIND["agency"]))
    stranger[known] = ~_in_party(now, traveller[known], person[known])
    other_booking = (booking != _NONE) & (booking != now.booking[traveller])

    def count(kind_name: str, days: int, value: Ints, where: Flags | None = None) -> Floats:
        chosen = of_kind[kind_name]
        chosen = chosen[age[chosen] <= days * _DAY]
        if where is not None:
            chosen = chosen[where[chosen]]
        return distinct(traveller[chosen], value[chosen], travellers)

    def has(kind_name: str) -> Flags:
        return np.bincount(owner[kind == _KIND[kind_name]], minlength=travellers) > 0

    last = np.full(travellers, NAN)
    of_person = (kind_found == _KIND["person"]) & (age <= DAYS_KEPT * _DAY)
    np.fmin.at(last, traveller[of_person], age[of_person] / _DAY)
    another = (person != _NONE) & (person != now.person[traveller])
    known_person, unrelated = has("person"), stranger & other_booking
    columns = {
        "document_persons_365d": (count("document", 365, person, another), has("document") & known_person),
        "trips_365d": (count("person", 365, flight), known_person),
        "trips_30d": (count("person", 30, flight), known_person),
        "last_trip_days": (last, known_person),
        "companions_365d": (count("person", 365, person, stranger), known_person),
        "card_bookings_30d": (count("card", 30, booking, unrelated), has("card")),
        "phone_bookings_30d": (count("phone", 30, booking, unrelated), has("phone")),
        "email_bookings_30d": (count("email", 30, booking, unrelated), has("email")),
        "address_bookings_30d": (count("address", 30, booking, unrelated), has("address")),
        "agency_bookings_7d": (count("agency", 7, booking, other_booking), has("agency")),
        "agency_bookings_30d": (count("agency", 30, booking, other_booking), has("agency")),
    }
    departs = now.departure != _NONE
    return pl.DataFrame(
        [
            manifest.travellers["traveller"],
            *(
                pl.Series(name, np.where(applies & departs, column, NAN), pl.Float64, nan_to_null=True)
                for name, (column, applies) in columns.items()
            ),
        ]
    )


@dataclass(frozen=True)
class _Now:
    """Per traveller: the person, the keys of flight and booking, departure (µs) and party number; _NONE where unknown."""

    person: Ints
    flight: Ints
    booking: Ints
    departure: Ints
    party: Rows


def _now(manifest: Manifest, pseudonyms: pl.DataFrame, flight_keys: pl.Series, booking_keys: pl.Series) -> _Now:
    travellers = manifest.travellers
    flight = positions(manifest.flights["flight"], travellers["flight"])
    booking = positions(manifest.bookings["booking"], travellers["booking"])
    owner = positions(travellers["traveller"], pseudonyms["traveller"])
    persons = pseudonyms["kind"].to_physical().to_numpy() == _KIND["person"]
    person = np.full(travellers.height, _NONE)
    person[owner[persons]] = pseudonyms["pseudonym"].to_numpy()[persons]
    return _Now(
        person=person,
        flight=_integers(flight_keys)[flight],
        booking=np.append(_integers(booking_keys), _NONE)[booking],
        departure=_integers(manifest.flights["departure_at"].to_physical())[flight],
        party=parties(manifest, flight, booking)[0],
    )


@dataclass(frozen=True)
class _Events:
    """Events as arrays."""

    kind: Ints
    pseudonym: Ints
    at: Ints
    person: Ints
    booking: Ints
    flight: Ints

    def latest_before(self, kind: Ints, pseudonym: Ints, at: Ints) -> tuple[Rows, Rows]:
        """For each query the latest EVENTS_PER_KEY events of its key strictly before `at`: (query, event) row pairs.

        Queries are sorted in among the events, so that it costs one sort whatever the size of a key.
        """
        queries = len(kind)
        # Each query stands twice: before all events of its key, and before the first event at or after `at`.
        kinds, pseudonyms = np.concatenate([kind, kind, self.kind]), np.concatenate([pseudonym, pseudonym, self.pseudonym])
        time = np.concatenate([np.full(queries, _NONE), at, self.at])
        is_event = np.repeat([False, True], [2 * queries, len(self.at)])
        order = np.lexsort((is_event, time, kinds, pseudonyms))
        place = np.empty(len(order), np.intp)
        place[order] = np.cumsum(is_event[order])
        first, end = place[:queries], place[queries : 2 * queries]
        event = order[is_event[order]] - 2 * queries
        if (end - first).max(initial=0) > EVENTS_PER_KEY:
            # Only where a key has more does it matter which events of one departure are the last.
            event = np.lexsort([getattr(self, name) for name in (*reversed(_ORDER[2:]), "kind", "pseudonym")])
        first = np.maximum(first, end - EVENTS_PER_KEY)
        counts = end - first
        query = np.repeat(np.arange(queries), counts)
        offset = np.cumsum(counts) - counts
        return query, event[np.arange(len(query)) + np.repeat(first - offset, counts)]


def _in_party(now: _Now, traveller: Rows, person: Ints) -> Flags:
    """Whether the person travels in the traveller's party now."""
    here = np.flatnonzero(now.person != _NONE)
    if len(here) == 0 or len(person) == 0:
        return np.zeros(len(person), np.bool_)
    persons, number = np.unique(now.person[here], return_inverse=True)
    at = np.minimum(np.searchsorted(persons, person), len(persons) - 1)
    pairs = now.party[here] * len(persons) + number
    inside: Flags = (persons[at] == person) & np.isin(now.party[traveller] * len(persons) + at, pairs)
    return inside


def _integers(series: pl.Series) -> Ints:
    """Int64 with _NONE for null. A keyed hash equals that value once in 2^64."""
    return (series.fill_null(_NONE) if series.null_count() else series).to_numpy().astype(np.int64, copy=False)
