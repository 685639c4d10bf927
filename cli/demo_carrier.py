"""The carrier of the demo: a program of its own that sends simulated flights over gRPC with a carrier's certificate.

    python -m cli.demo_carrier --server HOST:PORT --certs DIR --listed FILE --start 2026-01-15 --pace 3

Of each flight a few people who travel alone check in one by one; the others come as one manifest. Standard output gets
one line of JSON per flight. SIGTERM or the end of standard input ends it after the flights under way.
"""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import polars as pl
import typer

from manifests.errors import InputError
from manifests.frames import Manifest, split
from manifests.protobuf import requests_of, traveller_requests_of
from training.simulate.lists import travels_as
from training.simulate.world import TRAVELLERS_PER_FLIGHT, World

if TYPE_CHECKING:
    from service.client import CarrierClient

SEED = 20  # not the one of the world that the model learns from
DAYS, FLIGHTS_PER_DAY = 240, 24
CHECK_INS = 4  # travellers of a flight who check in one by one
LISTED_EVERY = 2  # one listed person on every so many flights, the first included: many more than in any real traffic
UNDER_WAY = 4  # flights at once at most


@dataclass(frozen=True)
class Departure:
    """One flight: those who check in one by one, the others, and the references of the listed persons on board."""

    check_ins: Manifest | None
    others: Manifest
    listed: frozenset[str]


def departures(seed: int, start: date, listed: Sequence[dict[str, str]]) -> Iterator[list[Departure]]:
    """The flights of each simulated day, in order of departure, until the simulated season ends."""
    rng = np.random.default_rng([seed, 5])
    sent = 0
    for day in World(DAYS * FLIGHTS_PER_DAY * TRAVELLERS_PER_FLIGHT, seed, start, DAYS).run():
        flights = []
        for manifest in split(day.manifest):
            if manifest.travellers.is_empty():
                continue
            alone = _alone(manifest, start)
            refs: frozenset[str] = frozenset()
            if listed and alone and sent % LISTED_EVERY == 0:
                manifest, ref = _with_listed(rng, manifest, alone, listed[int(rng.integers(len(listed)))])
                refs = frozenset([ref])
            flights.append(_departure(manifest, alone[:CHECK_INS], refs))
            sent += 1
        yield flights


def _alone(manifest: Manifest, on: date) -> list[int]:
    """Rows of adults with a record locator of their own: nobody on board whom the engine must see beside them."""
    adult = pl.col("dob") < on - timedelta(days=19 * 366)
    return manifest.travellers.filter(adult & (pl.len().over("record_locator") == 1))["traveller"].to_list()


def _with_listed(
    rng: np.random.Generator, manifest: Manifest, alone: Sequence[int], entry: dict[str, str]
) -> tuple[Manifest, str]:
    """The flight with one listed person in the place of somebody who travels alone; and the person's reference."""
    row = alone[int(rng.integers(len(alone)))]
    surname, given, born, number = travels_as(rng, entry)
    it = pl.col("traveller") == row
    travellers = manifest.travellers.with_columns(
        _where(it, surname, "surname"),
        _where(it, given, "given"),
        _where(it, born, "dob"),
        _where(it, entry["country"] or pl.col("nationality"), "nationality"),
    )
    documents = manifest.documents
    if number:
        documents = documents.with_columns(
            _where(it, number, "number"), _where(it, entry["issuer"] or entry["country"] or pl.col("issuer"), "issuer")
        )
    parts = {**vars(manifest), "travellers": travellers, "documents": documents}
    return Manifest(**parts), str(travellers["ref"][row])


def _where(it: pl.Expr, value: Any, column: str) -> pl.Expr:
    written = value if isinstance(value, pl.Expr) else pl.lit(value)
    return pl.when(it).then(written).otherwise(pl.col(column)).alias(column)


def _departure(manifest: Manifest, check_ins: Sequence[int], listed: frozenset[str]) -> Departure:
    if not check_ins or len(check_ins) == manifest.travellers.height:
        return Departure(None, manifest, listed)
    # Those who check in one by one become a second flight of the same name, which `split` then parts from the first.
    apart = pl.col("traveller").is_in(check_ins)
    theirs = manifest.travellers.filter(apart & pl.col("booking").is_not_null())["booking"].implode()

    def moved(frame: pl.DataFrame, rows: pl.Expr) -> pl.DataFrame:
        return frame.with_columns(pl.when(rows).then(pl.lit(1, pl.UInt32)).otherwise(pl.col("flight")).alias("flight"))

    flights = pl.concat([manifest.flights, manifest.flights.with_columns(pl.lit(1, pl.UInt32).alias("flight"))])
    parts = {
        **vars(manifest),
        "flights": flights,
        "travellers": moved(manifest.travellers, apart),
        "bookings": moved(manifest.bookings, pl.col("booking").is_in(theirs)),
        "legs": moved(manifest.legs, pl.col("booking").is_in(theirs)),
    }
    others, single = split(Manifest(**parts))
    return Departure(single, others, listed)


async def send(client: "CarrierClient", departure: Departure, prefix: str) -> dict[str, Any]:
    """Screen the flight as its carrier would; what came back, for one line of output. Raises CallFailed."""
    from forepost.screening.v1.screening_pb2 import Directive

    answers, check_in_ms, faults = [], [], 0
    degraded: set[str] = set()
    if departure.check_ins is not None:
        for number, request in enumerate(traveller_requests_of(departure.check_ins)):
            request.request_id = f"{prefix}/{number}"
            started = time.perf_counter()
            single = await client.screen_traveller(request)
            check_in_ms.append(round((time.perf_counter() - started) * 1000, 2))
            answers.append(single.answer)
            faults += len(single.faults)
            degraded.update(single.degraded_sources)
    [manifest] = requests_of(departure.others)
    manifest.request_id = f"{prefix}/manifest"
    started = time.perf_counter()
    whole = await client.screen_manifest(manifest)
    manifest_ms = round((time.perf_counter() - started) * 1000, 2)
    answers += whole.answers
    [flight] = departure.others.flights.to_dicts()
    return {
        "flight": f"{flight['carrier']}{flight['number']}",
        "departure": flight["departure"],
        "arrival": flight["arrival"],
        "departure_at": f"{flight['departure_at']:%Y-%m-%dT%H:%MZ}",
        "travellers": len(answers),
        "check_in_ms": check_in_ms,
        "manifest_ms": manifest_ms,
        "directives": Counter(Directive.Name(answer.directive).removeprefix("DIRECTIVE_") for answer in answers),
        "faults": faults + len(whole.faults),
        "degraded": sorted(degraded.union(whole.degraded_sources)),
        "listed": [answer.reference for answer in answers if answer.ref in departure.listed],
    }


async def fly(server: str, certs: Path, listed: Sequence[dict[str, str]], start: date, pace: float) -> None:
    """Send flights until told to stop. Raises CallFailed."""
    from service.client import CarrierClient

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    loop.add_reader(sys.stdin.fileno(), _stop_at_end, stop)
    days = departures(SEED, start, listed)
    places = asyncio.Semaphore(UNDER_WAY)

    async def one(departure: Departure, number: int) -> None:
        async with places:
            print(json.dumps(await send(client, departure, f"demo/{start}/{number}")), flush=True)

    async with CarrierClient(server, certs, "demo") as client, asyncio.TaskGroup() as under_way:
        number, due = 0, loop.time()
        while not stop.is_set() and (flights := await asyncio.to_thread(next, days, None)):
            for departure in flights:
                await _until(due, stop)
                async with places:  # a server that cannot keep up slows the carrier down
                    pass
                if stop.is_set():
                    break
                under_way.create_task(one(departure, number))
                number, due = number + 1, max(due + 1 / pace, loop.time())


def _stop_at_end(stop: asyncio.Event) -> None:
    """Standard input ends with the program that started this one, however that ended."""
    if not os.read(sys.stdin.fileno(), 4096):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stop.set()


async def _until(due: float, stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout_at(due):
            await stop.wait()
    except TimeoutError:
        return


def main(
    server: Annotated[str, typer.Option()],
    certs: Annotated[Path, typer.Option()],
    listed: Annotated[Path, typer.Option()],
    start: Annotated[str, typer.Option()],
    pace: Annotated[float, typer.Option()],
) -> None:
    """Send simulated flights."""
    try:
        asyncio.run(fly(server, certs, json.loads(listed.read_bytes()), date.fromisoformat(start), pace))
    except* InputError as errors:
        for error in errors.exceptions:
            print(f"carrier: {error}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    typer.run(main)
