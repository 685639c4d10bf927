"""A lookout made on a running server, until a traveller whom it is about is referred, while others go on being screened."""

import asyncio
import itertools
import json
import shutil
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from benchmarks.report import measurement, percentile, spread
from benchmarks.service import Bed
from benchmarks.traffic import travellers
from forepost.lookouts.v1 import lookouts_pb2 as lb
from forepost.referrals.v1 import referrals_pb2 as rb
from forepost.screening.v1 import screening_pb2 as pb
from service import certs
from service.client import CallFailed, CarrierClient, OfficerClient
from service.process import Running

OFFICER = "lookout-officer"
EFFECTIVE = 5.0  # seconds: target of the design
STREAMS = 2  # carriers that send one traveller after another meanwhile
TURN = 5  # changes before it is measured without any again
WARM = 2.0  # seconds


class Stream:
    """Travellers one after another on a few channels; milliseconds of each and how many failed."""

    def __init__(self, requests: Sequence[pb.ScreenTravellerRequest], name: str) -> None:
        self._name = name
        self._requests = itertools.cycle(requests)
        self._numbers = itertools.count()
        self.samples: list[float] = []
        self.failed = 0

    async def run(self, bed: Bed, running: Running, stop: asyncio.Event) -> None:
        async def channel() -> None:
            async with CarrierClient(running.carriers, bed.settings["certs"], "demo") as client:
                while not stop.is_set():
                    request = pb.ScreenTravellerRequest()
                    request.CopyFrom(next(self._requests))
                    request.request_id = f"{self._name}-{next(self._numbers)}"
                    started = time.perf_counter()
                    try:
                        await client.screen_traveller(request)
                    except CallFailed:
                        self.failed += 1
                    self.samples.append((time.perf_counter() - started) * 1000)

        async with asyncio.TaskGroup() as channels:
            for _ in range(STREAMS):
                channels.create_task(channel())


def lookout(bed: Bed) -> list[dict[str, Any]]:
    """`lookout`: seconds from the call that makes one until a traveller is referred for it."""
    own = _own(bed)
    with own.running("lookout") as running:
        seconds, answered, before, during = asyncio.run(_measure(own, running, TURN if bed.quick else 6 * TURN))
    worst = max(seconds)
    p99 = {"without": percentile(before.samples, 99), "with": percentile(during.samples, 99)}
    p50 = {"without": percentile(before.samples, 50), "with": percentile(during.samples, 50)}
    failed = before.failed + during.failed
    return [
        measurement(
            "lookout",
            n=len(seconds),
            value=worst,
            unit="s",
            target=EFFECTIVE,
            met=worst <= EFFECTIVE and not failed,
            spread=spread(seconds),
            median=round(percentile(seconds, 50), 3),
            answered=round(percentile(answered, 50), 3),
            requests={"without": len(before.samples), "with": len(during.samples), "failed": failed},
            p50_ms={name: round(value, 1) for name, value in p50.items()},
            p99_ms={name: round(value, 1) for name, value in p99.items()},
            note=f"the longest of all; {STREAMS} carriers sent single travellers without and with changes; {bed.loaded}",
        )
    ]


def _own(bed: Bed) -> Bed:
    """The bed with a snapshot of its own, for it is written to, and an officer who may make lookouts."""
    folder = bed.scratch / "lookout-bed"
    shutil.copytree(bed.settings["snapshot"], folder / "lists")
    certs.create(folder / "certs", ["demo"], [OFFICER], [], datetime.now(UTC))
    (folder / "certs" / "roles.json").write_text(json.dumps({OFFICER: ["officer", "lookout_officer"]}))
    settings = bed.settings | {"snapshot": folder / "lists", "certs": folder / "certs"}
    return replace(bed, settings=settings)


async def _measure(bed: Bed, running: Running, changes: int) -> tuple[list[float], list[float], Stream, Stream]:
    """Seconds until the referral and until the answer of each change; the stream without and with them, by turns."""
    requests = travellers(500, bed.start)
    without, during = Stream(requests, "without"), Stream(requests, "with")
    seconds, answered = [], []
    async with CarrierClient(running.carriers, bed.settings["certs"], "demo") as carrier:
        with OfficerClient(running.officers, bed.settings["certs"], OFFICER) as officer:
            await _beside(Stream(requests, "warm"), bed, running, asyncio.sleep(WARM))
            for turn in range(changes // TURN):

                async def change(first: int = turn * TURN) -> None:
                    for number in range(first, first + TURN):
                        answer, referral = await _change(carrier, officer, number)
                        answered.append(answer)
                        seconds.append(referral)

                began = time.perf_counter()
                await _beside(during, bed, running, change())
                await _beside(without, bed, running, asyncio.sleep(time.perf_counter() - began))
    return seconds, answered, without, during


async def _beside(stream: Stream, bed: Bed, running: Running, work: Coroutine[Any, Any, None]) -> None:
    stop = asyncio.Event()
    flow = asyncio.create_task(stream.run(bed, running, stop))
    await work
    stop.set()
    await flow


async def _change(carrier: CarrierClient, officer: OfficerClient, number: int) -> tuple[float, float]:
    surname = "QUORVAX" + "".join(chr(ord("A") + int(digit)) for digit in f"{number:03}")
    entry_id, until = f"BENCH-{number}", datetime.now(UTC) + timedelta(days=30)
    made = lb.Lookout(entry_id=entry_id, name=f"{surname}, Ottilie", dobs=["1984-02-11"])
    made.valid_until.FromDatetime(until)
    made.authority, made.purpose, made.category, made.action = "Bench", "measuring", "organised_crime", "examine_on_arrival"
    leaves = datetime.now(UTC) + timedelta(hours=3)  # so soon that its referral is on the first page
    request = pb.ScreenTravellerRequest(
        flight=pb.Flight(carrier="AC", number="0873", departure="FRA", arrival="YYZ", departure_time=f"{leaves:%Y-%m-%dT%H:%M}"),
        traveller=pb.Traveller(ref="T1", surname=surname, given="OTTILIE", dob="1984-02-11", nationality="DEU", sex="F"),
    )
    listing = rb.ListReferralsRequest(purpose="oversight", page_size=50)
    started = time.perf_counter()
    await asyncio.to_thread(officer.upsert_lookouts, lb.UpsertLookoutsRequest(purpose="interdiction", lookouts=[made]))
    answered = time.perf_counter() - started
    for attempt in itertools.count():
        request.request_id = f"bench-{number}-{attempt}"
        await carrier.screen_traveller(request)
        page = await asyncio.to_thread(officer.list, listing)
        if any(reason.code.endswith(entry_id) for found in page.referrals for reason in found.reasons):
            break
    return answered, time.perf_counter() - started
