"""One step in a process of its own, so that its memory and its start are its own: a list built, or opened and asked.

`python -m benchmarks.names.probe build DATA SIZE FOLDER` and `... open FOLDER` print one JSON object.
"""

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


def main() -> int:
    step, *arguments = sys.argv[1:]
    figures = _build(Path(arguments[0]), int(arguments[1]), Path(arguments[2])) if step == "build" else _open(Path(arguments[0]))
    print(json.dumps(figures))
    return 0


def _build(folder: Path, size: int, path: Path) -> dict[str, Any]:
    """Seconds to build a snapshot of `size` invented persons from columns, and the most memory that took."""
    from benchmarks.names import data, ours
    from watchlists import snapshot

    listed = [ours.imported(data.recombined(folder, size))]
    wall, cpu = time.perf_counter(), time.process_time()
    snapshot.replace(path, listed)
    return {
        "build_s": round(time.perf_counter() - wall, 1),
        "build_cpu_s": round(time.process_time() - cpu, 1),
        "build_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _open(path: Path) -> dict[str, Any]:
    """Seconds to open a snapshot with proof and to match one traveller, and the memory that the process has then."""
    from benchmarks.names import ours, speed
    from watchlists.snapshot import Snapshot

    began = time.perf_counter()
    snap = Snapshot.open(path)
    opened = time.perf_counter()
    ours.whole_match(snap, speed.FIRST, ours.lowest_floor())
    status = Path("/proc/self/status").read_text().splitlines()
    memory = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in status if line.startswith("Rss")}
    return {
        "open_s": round(opened - began, 3),
        "first_match_s": round(time.perf_counter() - opened, 3),
        "rss_own_mb": memory["RssAnon"],
        "rss_mapped_mb": memory["RssFile"],
    }


if __name__ == "__main__":
    sys.exit(main())
