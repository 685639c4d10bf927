"""The one shape of a measurement, and the figures that every measurement takes: percentiles, spread, CPU time."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from manifests.errors import InputError

MET, MISSED, SKIPPED = "met", "missed", "skipped"


class DataAbsent(InputError):
    """Public data or an optional package that a measurement needs is not there: it is skipped, with this reason."""


def measurement(
    id: str,
    *,
    n: int,
    value: float,
    unit: str,
    met: bool | None,
    target: float | None = None,
    floor: float | None = None,
    cpu_ms: float | None = None,
    spread: float | None = None,
    **extra: Any,
) -> dict[str, Any]:
    """One measurement: `value` over `n` repetitions, with `floor` (what a bare peer takes) and `target` in the same unit.

    `met` is None where there is no target. `cpu_ms` is per repetition, `spread` the interquartile range over the median.
    What a reader must know besides stands in `extra`, such as `note` or `stages`.
    """
    return {
        "id": id,
        "n": n,
        "value": _rounded(value),
        "unit": unit,
        "floor": _rounded(floor),
        "ratio": _rounded(value / floor) if floor else None,
        "target": _rounded(target),
        "verdict": None if met is None else MET if met else MISSED,
        "cpu_ms": _rounded(cpu_ms),
        "spread": _rounded(spread),
        **extra,
    }


def skipped(id: str, reason: str) -> dict[str, Any]:
    """What stands in the list for a measurement that could not be taken."""
    return {
        **dict.fromkeys(("id", "n", "value", "unit", "floor", "ratio", "target", "verdict", "cpu_ms", "spread")),
        "id": id,
        "n": 0,
        "verdict": SKIPPED,
        "note": reason,
    }


def percentile(samples: Sequence[float], percent: float) -> float:
    """The percentile of the samples (linear between neighbours); NaN of none."""
    return float(np.percentile(samples, percent)) if len(samples) else float("nan")


def spread(samples: Sequence[float]) -> float:
    """Interquartile range over the median: how noisy the machine was."""
    return (percentile(samples, 75) - percentile(samples, 25)) / percentile(samples, 50)


def process_cpu_ms(pid: int) -> float | None:
    """CPU milliseconds that the process has used, user and system, all threads; None where /proc does not tell."""
    try:
        # The command in parentheses may hold spaces: fields 14 and 15 of proc(5) are counted after it.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def flush_ms(folder: Path, repetitions: int, size: int = 32 * 1024) -> list[float]:
    """Milliseconds of a durable append to a file in `folder`: `size` bytes written, then fsync, as a WAL commit does."""
    samples = []
    path = folder / "flush.bin"
    block = os.urandom(size)
    with path.open("ab", buffering=0) as file:
        for _ in range(repetitions):
            started = time.perf_counter()
            file.write(block)
            os.fsync(file.fileno())
            samples.append((time.perf_counter() - started) * 1000)
    path.unlink()
    return samples


def public_data(environment: str | None, checkout: Path) -> Path:
    """The folder of the public lists: the one that FOREPOST_DATA names, else `shared/data` beside the checkout.

    Raises DataAbsent.
    """
    folder = Path(environment) if environment else checkout.parent / "shared" / "data"
    if not (folder / "INDEX.md").is_file():
        raise DataAbsent("public data is absent: set FOREPOST_DATA or put it in ../shared/data")
    return folder


def _rounded(value: float | None) -> float | None:
    """Four significant digits: more would be noise."""
    return None if value is None else float(f"{value:.4g}")
