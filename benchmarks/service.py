"""The server as carriers meet it: a real process, gRPC over mutual TLS, every answer durable before it is given."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.report import flush_ms, measurement, percentile, process_cpu_ms, spread
from benchmarks.stages import split_by_stage
from benchmarks.traffic import manifests, travellers
from forepost.screening.v1 import screening_pb2 as pb
from service.client import CarrierClient
from service.process import Running, server

MANIFEST, CPU_MANIFEST = 300, 180  # travellers
CHANNELS = 4
# Targets of the design: milliseconds, or multiples of the median.
TRAVELLER_ABOVE_FLUSH, TRAVELLER_P99_FACTOR = 8.0, 5.0
MANIFEST_P50, MANIFEST_P99 = 100.0, 300.0
CPU_PER_TRAVELLER = 0.5
READY_SECONDS = 3.0

Call = Callable[[CarrierClient, Any], Awaitable[Any]]


@dataclass(frozen=True)
class Bed:
    """What a measured server starts from. `loaded` says it in words: how many lookouts, scenarios and trees."""

    settings: dict[str, Any]  # of the server: certs, snapshot, model, policy
    kernels: Path
    scratch: Path  # on the disk whose flush is the floor
    loaded: str
    quick: bool

    def running(self, name: str) -> Any:
        """A server with a store of its own."""
        return server(self.settings, self.scratch / name, self.kernels)

    @property
    def start(self) -> Any:
        """First day of the flights."""
        return (datetime.now(UTC) + timedelta(days=1)).date()


def traveller(bed: Bed) -> list[dict[str, Any]]:
    """`ScreenTraveller`, one call after another."""
    requests = travellers(60 if bed.quick else 400, bed.start)
    samples, cpu, floor = _latencies(bed, "traveller", requests, CarrierClient.screen_traveller)
    p50, p99 = percentile(samples, 50), percentile(samples, 99)
    return [
        measurement(
            "traveller",
            n=len(samples),
            value=p50,
            unit="ms",
            floor=floor,
            target=floor + TRAVELLER_ABOVE_FLUSH,
            met=p50 <= floor + TRAVELLER_ABOVE_FLUSH and p99 <= TRAVELLER_P99_FACTOR * p50,
            cpu_ms=cpu,
            spread=spread(samples),
            p99=round(p99, 2),
            p99_target=round(TRAVELLER_P99_FACTOR * p50, 2),
            stages=_stages(bed, "traveller-stages", requests[: 40 if bed.quick else 150]),
            note=_note(bed),
        )
    ]


def manifest(bed: Bed) -> list[dict[str, Any]]:
    """`ScreenManifest` of 300 travellers, one call after another."""
    requests = manifests(MANIFEST, 10 if bed.quick else 60, bed.start)
    samples, cpu, floor = _latencies(bed, "manifest", requests, CarrierClient.screen_manifest)
    p50, p99 = percentile(samples, 50), percentile(samples, 99)
    return [
        measurement(
            "manifest",
            n=len(samples),
            value=p50,
            unit="ms",
            floor=floor,
            target=MANIFEST_P50,
            met=p50 <= MANIFEST_P50 and p99 <= MANIFEST_P99,
            cpu_ms=cpu,
            spread=spread(samples),
            p99=round(p99, 2),
            p99_target=MANIFEST_P99,
            stages=_stages(bed, "manifest-stages", requests[: 10 if bed.quick else 30]),
            note=_note(bed),
        )
    ]


def online_cpu(bed: Bed) -> list[dict[str, Any]]:
    """CPU of the server per traveller, with manifests of 180 on four channels, a new one as soon as one is answered."""
    requests = manifests(CPU_MANIFEST, 16 if bed.quick else 80, bed.start)
    with bed.running("online-cpu") as running:
        asyncio.run(_through_channels(bed, running, requests[:CHANNELS]))  # warms up
        before, started = process_cpu_ms(running.process.pid), time.perf_counter()
        asyncio.run(_through_channels(bed, running, requests[CHANNELS:]))
        seconds, after = time.perf_counter() - started, process_cpu_ms(running.process.pid)
    count = (len(requests) - CHANNELS) * CPU_MANIFEST
    used = (after or float("nan")) - (before or float("nan"))
    value = used / count
    note = f"{count / seconds:.0f} travellers/s on the wall clock, closed loop on {CHANNELS} channels; {_note(bed)}"
    return [
        measurement(
            "online-cpu",
            n=count,
            value=value,
            unit="CPU-ms per traveller",
            target=CPU_PER_TRAVELLER,
            met=value <= CPU_PER_TRAVELLER,
            cpu_ms=value,
            note=note,
        )
    ]


def start(bed: Bed) -> list[dict[str, Any]]:
    """From the start of the process until it says that it is ready; the first start, which may compile, is told apart."""
    seconds, cpu = [], []
    for number in range(2 if bed.quick else 4):
        began = time.perf_counter()
        with bed.running(f"start-{number}") as running:
            seconds.append(time.perf_counter() - began)
            cpu.append(process_cpu_ms(running.process.pid) or float("nan"))
    warm = seconds[1:]
    value = percentile(warm, 50)
    return [
        measurement(
            "start",
            n=len(warm),
            value=value,
            unit="s",
            target=READY_SECONDS,
            met=value <= READY_SECONDS,
            cpu_ms=percentile(cpu[1:], 50),
            spread=spread(warm),
            first=round(seconds[0], 2),
            note=_note(bed),
        )
    ]


def _latencies(bed: Bed, name: str, requests: Sequence[Any], call: Call) -> tuple[list[float], float | None, float]:
    """Milliseconds of each call after a warm-up of one fifth, server CPU per call, and the median flush on the same disk."""
    warm = len(requests) // 5
    with bed.running(name) as running:
        asyncio.run(_one_by_one(bed, running, requests[:warm], call))
        floor = flush_ms(bed.scratch, 100)
        before = process_cpu_ms(running.process.pid)
        samples = asyncio.run(_one_by_one(bed, running, requests[warm:], call))
        after = process_cpu_ms(running.process.pid)
    cpu = None if before is None or after is None else (after - before) / len(samples)
    return samples, cpu, percentile(floor, 50)


async def _one_by_one(bed: Bed, running: Running, requests: Sequence[Any], call: Call) -> list[float]:
    samples = []
    async with CarrierClient(running.carriers, bed.settings["certs"], "demo") as client:
        for request in requests:
            started = time.perf_counter()
            await call(client, request)
            samples.append((time.perf_counter() - started) * 1000)
    return samples


async def _through_channels(bed: Bed, running: Running, requests: Sequence[pb.ScreenManifestRequest]) -> None:
    waiting = iter(requests)

    async def channel() -> None:
        async with CarrierClient(running.carriers, bed.settings["certs"], "demo") as client:
            for request in waiting:
                await client.screen_manifest(request)

    async with asyncio.TaskGroup() as channels:
        for _ in range(CHANNELS):
            channels.create_task(channel())


def _stages(bed: Bed, name: str, requests: Sequence[Any]) -> dict[str, float]:
    return split_by_stage(bed.scratch / name, bed.settings["snapshot"], bed.settings["model"], requests)


def _note(bed: Bed) -> str:
    return f"with {bed.loaded}; the target is for 1 M names, 200 scenarios and 500 trees"
