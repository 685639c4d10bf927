"""`python -m benchmarks.names KIND`: the name benchmark by itself. Prints JSON; progress goes to stderr.

The frozen result is `benchmarks/names/result.json`; `docs/benchmarks-names.md` is made from it and never by hand.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from benchmarks.names import peers, quality, rates, recall, speed, table
from benchmarks.report import public_data
from manifests.errors import InputError

CHECKOUT: Final = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.names", description=__doc__)
    parser.add_argument("kind", choices=["all", *KINDS, "table"], help="what to measure; table only writes the document anew")
    parser.add_argument("--quick", action="store_true", help="two minutes each: few peers, small lists")
    parser.add_argument("--no-peers", action="store_true", help="quality: ours anew beside the peers as frozen")
    parser.add_argument("--minutes", type=float, default=30.0, help="quality: CPU time that each slow peer may take")
    parser.add_argument("--check", action="store_true", help="print what differs from the frozen result; exit 1 if anything does")
    parser.add_argument("--freeze", action="store_true", help="write the frozen result and the document")
    chosen = parser.parse_args()
    if chosen.freeze and chosen.quick:
        parser.error("--freeze needs the full run: leave out --quick")
    if chosen.kind == "table":
        table.write(CHECKOUT, table.frozen())
        return 0
    kinds = list(KINDS) if chosen.kind == "all" else [chosen.kind]
    try:
        folder = public_data(os.environ.get("FOREPOST_DATA"), CHECKOUT)
        results = {kind: _measured(chosen, kind, folder) for kind in kinds}
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    if not chosen.check:
        print(json.dumps(results, indent=1, ensure_ascii=False))
        return 0
    lines = table.differences(table.frozen(), results)
    print("\n".join(lines) or "as frozen")
    return 1 if lines else 0


def _measured(chosen: argparse.Namespace, kind: str, folder: Path) -> dict[str, Any]:
    began = time.perf_counter()

    def tell(text: str) -> None:
        print(f"{time.perf_counter() - began:7.1f} s  {text}", file=sys.stderr, flush=True)

    figures = KINDS[kind](chosen, folder, tell)
    if chosen.freeze:
        table.freeze(CHECKOUT, kind, figures)
    return figures


def _quality(chosen: argparse.Namespace, folder: Path, tell: quality.Tell) -> dict[str, Any]:
    own = quality.our_quality(folder, ["names", "dob_country"] if chosen.quick else list(quality.SETTINGS), tell)
    frozen = table.frozen().get("quality", {}).get("peers", {})
    others = frozen if chosen.no_peers else peers.peer_quality(folder, chosen.quick, chosen.minutes, tell)
    return {"targets": quality.targets(own, others), "ours": own, "peers": others}


def _recall(chosen: argparse.Namespace, folder: Path, tell: quality.Tell) -> dict[str, Any]:
    tell("recall of the index")
    rows = recall.names_recall(folder, 200, 40_000) if chosen.quick else recall.names_recall(folder)
    return {row["id"]: row for row in rows}


def _speed(chosen: argparse.Namespace, folder: Path, tell: quality.Tell) -> dict[str, Any]:
    rows = []
    for size in ["100k"] if chosen.quick else speed.SIZES:
        tell(f"speed: {size}")
        rows += speed.names_speed(folder, size)
    tell("speed: files of pairs and queries")
    rows += rates.names_rates(folder, 1, 100_000, 10_000) if chosen.quick else rates.names_rates(folder)
    by_id = {row["id"]: row for row in rows}
    if "names-5m" in by_id:
        by_id["names-5m"] = speed.five_times(by_id["names-1m"], by_id["names-5m"])
    return by_id


KINDS: Final[dict[str, Callable[[argparse.Namespace, Path, quality.Tell], dict[str, Any]]]] = {
    "quality": _quality,
    "recall": _recall,
    "speed": _speed,
}


if __name__ == "__main__":
    sys.exit(main())
