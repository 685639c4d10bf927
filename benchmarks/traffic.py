"""Requests to measure with: simulated travellers, as a carrier would send them, encoded before the clock starts."""

from collections.abc import Iterator
from datetime import date

import polars as pl

from forepost.screening.v1 import screening_pb2 as pb
from manifests.frames import Manifest, split
from manifests.protobuf import requests_of, traveller_requests_of
from training.simulate.world import World

SEED = 30  # neither the model's nor the demo's world
FLIGHTS_PER_DAY, DAYS = 6, 60
ROOM = 1.7  # simulated travellers per traveller wanted: flights vary in size


def manifests(travellers: int, count: int, start: date) -> list[pb.ScreenManifestRequest]:
    """`count` flights of exactly that many travellers each, over several days, each with its request id."""
    requests: list[pb.ScreenManifestRequest] = []
    for manifest in _flights(travellers, start):
        [request] = requests_of(manifest)
        request.request_id = f"bench-{travellers}-{len(requests)}"
        requests.append(request)
        if len(requests) == count:
            break
    return requests


def travellers(count: int, start: date) -> list[pb.ScreenTravellerRequest]:
    """`count` travellers of several flights, each checking in alone, each with its request id."""
    requests: list[pb.ScreenTravellerRequest] = []
    for manifest in _flights(150, start):
        requests += traveller_requests_of(manifest)
        if len(requests) >= count:
            break
    for number, request in enumerate(requests):
        request.request_id = f"bench-1-{number}"
    return requests[:count]


def _flights(travellers: int, start: date) -> Iterator[Manifest]:
    world = World(int(DAYS * FLIGHTS_PER_DAY * travellers * ROOM), SEED, start, DAYS)
    world.flights_per_day = FLIGHTS_PER_DAY  # fewer and fuller flights than the world would fly
    for day in world.run():
        for manifest in split(day.manifest):
            if manifest.travellers.height >= travellers:
                yield _first(manifest, travellers)


def _first(manifest: Manifest, travellers: int) -> Manifest:
    """The flight with its first travellers alone; bookings come in the order of their travellers."""
    kept = manifest.travellers.head(travellers)
    bookings = pl.col("booking") <= pl.lit(kept["booking"].max(), pl.UInt32)
    return Manifest(
        flights=manifest.flights,
        travellers=kept,
        documents=manifest.documents.filter(pl.col("traveller") < travellers),
        bookings=manifest.bookings.filter(bookings),
        legs=manifest.legs.filter(pl.col("booking").is_null() | bookings),
        faults=manifest.faults,
    )
