"""PAXLST to frames: what reading costs beside bare `split`, and whether it stays in proportion up to the size limit."""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.report import measurement, percentile, spread
from manifests import edifact, paxlst

TRAVELLERS = 300
LARGE = 1200  # travellers of a flight
TARGET_MS = 25.0
# A message of the largest size may cost this much more per byte than one flight: memory is farther away.
TARGET_GROWTH = 2.0


def reading(repetitions: int) -> list[dict[str, Any]]:
    """CPU milliseconds to read a flight of 300, each traveller with a passport, bags and places; floor: `split` alone."""
    message = interchange(flights=1, travellers=TRAVELLERS)
    manifest = paxlst.read(message).manifest
    assert (manifest.travellers.height, manifest.faults.height) == (TRAVELLERS, 0), "the message is not read whole"
    samples = _cpu_ms(lambda: paxlst.read(message), repetitions)
    floor = percentile(_cpu_ms(lambda: split(message), repetitions), 50)
    value = percentile(samples, 50)
    note = f"{len(message):,} bytes; the floor splits segments, elements and components and keeps them"
    return [
        measurement(
            "paxlst",
            n=repetitions,
            value=value,
            unit="ms",
            floor=floor,
            target=TARGET_MS,
            met=value <= TARGET_MS,
            cpu_ms=value,
            spread=spread(samples),
            note=note,
        )
    ]


def growth(flights: int) -> list[dict[str, Any]]:
    """CPU nanoseconds per byte of an interchange of many large flights (200: the size limit); floor: those of one flight."""
    one, many = interchange(1, TRAVELLERS), interchange(flights, LARGE)
    assert len(many) <= edifact.MOST_BYTES, "larger than what is read"
    floor = percentile(_cpu_ms(lambda: paxlst.read(one), 9), 50) * 1e6 / len(one)
    [spent] = _cpu_ms(lambda: paxlst.read(many), 1)
    value = spent * 1e6 / len(many)
    return [
        measurement(
            "paxlst-large",
            n=1,
            value=value,
            unit="ns/byte",
            floor=floor,
            target=TARGET_GROWTH * floor,
            met=value <= TARGET_GROWTH * floor,
            cpu_ms=spent,
            note=f"{len(many):,} bytes, {flights * LARGE:,} travellers",
        )
    ]


def split(message: bytes) -> list[list[list[str]]]:
    """The bare peer: what any reader of EDIFACT must at least do."""
    segments = message.decode().split("'")
    return [[element.split(":") for element in segment.split("+")] for segment in segments]


def interchange(flights: int, travellers: int) -> bytes:
    """An interchange of invented people, so many travellers on each flight."""
    lines = ["UNB+UNOA:4+AIRCO:ZZ+BORDER:ZZ+260115:1030+REF1++APIS"]
    for flight in range(flights):
        head = [f"UNH+{flight}+PAXLST:D:05B:UN:IATA", "BGM+745", "NAD+MS+++OPERATIONS", "COM+1 514 555 0100:TE"]
        leg = [f"TDT+20+AC{flight + 1:04}+++AC", "LOC+125+FRA", "DTM+189:2601151400:201", "LOC+87+YYZ", "DTM+232:2601151630:201"]
        body = [segment for number in range(travellers) for segment in traveller(number)]
        total = [f"CNT+42:{travellers}"]
        lines += [*head, *leg, *body, *total, f"UNT+{len(head) + len(leg) + len(body) + 2}+{flight}"]
    return "".join(f"{line}'" for line in [*lines, f"UNZ+{flights}+REF1"]).encode()


def traveller(number: int) -> list[str]:
    """The segments of one traveller."""
    return [
        f"NAD+FL+++SURNAME{chr(65 + number % 26)}:GIVEN{chr(65 + number // 26 % 26)}:MARIA",
        f"ATT+2++{'MF'[number % 2]}",
        f"DTM+329:{40 + number % 60:02}{1 + number % 12:02}{1 + number % 28:02}",
        "MEA+CT++:2",
        "LOC+22+YYZ",
        "LOC+174+DEU",
        "LOC+178+FRA",
        "LOC+179+YYZ",
        "NAT+2+DEU",
        f"RFF+AVF:L{number // 2:05}",
        f"RFF+ABO:R{number:05}",
        f"DOC+P:110:111+C01X{number:05}",
        "DTM+36:310101",
        "LOC+91+DEU",
    ]


def _cpu_ms(function: Callable[[], Any], repetitions: int) -> list[float]:
    samples = []
    for _ in range(repetitions):
        started = time.process_time()
        function()
        samples.append((time.process_time() - started) * 1000)
    return samples
