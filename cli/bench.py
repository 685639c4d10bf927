"""`forepost bench`: what was promised beside what is measured, as JSON."""

import os
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from manifests.errors import InputError

if TYPE_CHECKING:
    from benchmarks.service import Bed

CHECKOUT = Path(__file__).resolve().parent.parent


class Means:
    """What measurements are made with; each is made when the first of them asks for it."""

    def __init__(self, state: Path, quick: bool, tell: Callable[[str], None]) -> None:
        self.quick = quick
        self.tell = tell
        self.state = state
        self.scratch = state / "bench" / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
        self.scratch.mkdir(parents=True)

    @cached_property
    def data(self) -> Path:
        """The public data. Raises DataAbsent."""
        from benchmarks.report import public_data

        return public_data(os.environ.get("FOREPOST_DATA"), CHECKOUT)

    @cached_property
    def names_1m(self) -> list[dict[str, Any]]:
        """Names against a list of a million: speed, start, worst query. The time at five million is judged by it."""
        from benchmarks import names

        return names.names_speed(self.data, "1m", rounds=2 if self.quick else 5)

    @cached_property
    def bed(self) -> "Bed":
        """A server's settings: the real lists where they are present, the demo's list elsewhere; the demo's model and pack."""
        from benchmarks.names import build
        from benchmarks.report import DataAbsent
        from benchmarks.service import Bed
        from cli.demo_state import prepare
        from rules import pack
        from scoring import policy

        self.tell("preparing the demo's model and list")
        demo = prepare(self.state, None, datetime.now(UTC), lambda name, share: None)
        settings, lookouts = demo.settings(), demo.lookouts
        try:
            self.tell("importing the public lists")
            opened = build(self.scratch / "lists", self.data, "lists")
            settings, lookouts = settings | {"snapshot": self.scratch / "lists"}, opened.sources
        except DataAbsent as absent:
            self.tell(f"{absent}: measuring with the demo's list")
        path = policy.load("demo").pack_path()
        scenarios = len(pack.load(path).scenarios) if path else 0
        trees = (demo.model / "model.txt").read_text().count("\nTree=")
        lists = " + ".join(f"{count} {source}" for source, count in lookouts.items())
        loaded = f"{lists} lookouts, {scenarios} scenarios and {trees} trees"
        return Bed(settings, demo.kernels, self.scratch, loaded, self.quick)


Measure = Callable[[Means], list[dict[str, Any]]]


def _traveller(means: Means) -> list[dict[str, Any]]:
    from benchmarks import service

    return service.traveller(means.bed)


def _manifest(means: Means) -> list[dict[str, Any]]:
    from benchmarks import service

    return service.manifest(means.bed)


def _online_cpu(means: Means) -> list[dict[str, Any]]:
    from benchmarks import service

    return service.online_cpu(means.bed)


def _start(means: Means) -> list[dict[str, Any]]:
    from benchmarks import service

    return service.start(means.bed)


def _lookout(means: Means) -> list[dict[str, Any]]:
    from benchmarks import lookouts

    return lookouts.lookout(means.bed)


def _rescreen(means: Means) -> list[dict[str, Any]]:
    from benchmarks import rescreen

    return rescreen.rescreens(means.data, means.scratch, 50_000 if means.quick else 1_000_000)


def _rules(means: Means) -> list[dict[str, Any]]:
    from benchmarks import rules

    return rules.measure(40 if means.quick else 200)


def _names_100k(means: Means) -> list[dict[str, Any]]:
    from benchmarks import names

    return names.names_speed(means.data, "100k", rounds=2 if means.quick else 5)


def _names_1m(means: Means) -> list[dict[str, Any]]:
    return means.names_1m


def _names_5m(means: Means) -> list[dict[str, Any]]:
    from benchmarks import names

    one = means.names_1m[0]
    (five,) = names.names_speed(means.data, "5m", rounds=2 if means.quick else 5)
    return [names.five_times(one, five)]


def _names_rates(means: Means) -> list[dict[str, Any]]:
    from benchmarks import names

    return names.names_rates(means.data, 1, 100_000, 10_000) if means.quick else names.names_rates(means.data)


def _names_recall(means: Means) -> list[dict[str, Any]]:
    from benchmarks import names

    return names.names_recall(means.data, 200 if means.quick else 1_000)


def _names_quality(means: Means) -> list[dict[str, Any]]:
    from benchmarks import names

    return names.names_quality(means.data)


def _documents(means: Means) -> list[dict[str, Any]]:
    from benchmarks import documents

    return documents.measure(means.scratch / "documents", 5_000_000 if means.quick else 100_000_000)


def _paxlst(means: Means) -> list[dict[str, Any]]:
    from benchmarks import paxlst

    return paxlst.reading(15 if means.quick else 101)


def _paxlst_large(means: Means) -> list[dict[str, Any]]:
    from benchmarks import paxlst

    return paxlst.growth(20 if means.quick else 200)


def _model(means: Means) -> list[dict[str, Any]]:
    from benchmarks import model

    return model.measure(40) if means.quick else model.measure()


# A row belongs to the id that it has or that it begins with: names-quality/names/0.01 to names-quality.
MEASUREMENTS: dict[str, Measure] = {
    "traveller": _traveller,
    "manifest": _manifest,
    "online-cpu": _online_cpu,
    "start": _start,
    "lookout": _lookout,
    "rescreen": _rescreen,
    "rules-1": _rules,
    "rules-300": _rules,
    "names-100k": _names_100k,
    "names-1m": _names_1m,
    "names-start": _names_1m,
    "names-worst": _names_1m,
    "names-5m": _names_5m,
    "names-match-rate": _names_rates,
    "names-score-rate": _names_rates,
    "names-recall": _names_recall,
    "names-quality": _names_quality,
    "documents": _documents,
    "paxlst": _paxlst,
    "paxlst-large": _paxlst_large,
    "model-1": _model,
    "model-300": _model,
    "feature-auc": _model,
    "recall-at-2": _model,
}
IDS = ", ".join(MEASUREMENTS)


def bench(
    ids: Annotated[
        list[str] | None, typer.Argument(help=f"What to measure: {IDS}. Default: everything.", metavar="[ID]…")
    ] = None,
    quick: Annotated[bool, typer.Option(help="Fewer repetitions: minutes become seconds, figures become rough.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Accepted for symmetry: the output is always JSON.")] = False,
) -> None:
    """Measure what the design promises, each figure beside its floor or peer in the same run. Prints a JSON list."""
    import json

    if unknown := [name for name in ids or [] if name not in MEASUREMENTS]:
        raise InputError([f"{name}: is no measurement: use {IDS}" for name in unknown])
    from benchmarks.report import DataAbsent, skipped

    state = Path(os.environ.get("FOREPOST_STATE") or "state").absolute()
    os.environ["FOREPOST_STATE"] = str(state)  # what is compiled is kept there, wherever this is run from
    means = Means(state, quick, lambda text: print(f"bench: {text}", file=sys.stderr, flush=True))
    # Some functions measure several ids at once: each runs once, and what was not asked for is left out.
    asked: dict[Measure, list[str]] = {}
    for name in dict.fromkeys(ids or MEASUREMENTS):
        asked.setdefault(MEASUREMENTS[name], []).append(name)
    measured: list[dict[str, Any]] = []
    try:
        for measure, names in asked.items():
            means.tell(", ".join(names))
            try:
                measured += [row for row in measure(means) if any(_belongs(row["id"], name) for name in names)]
            except DataAbsent as absent:
                means.tell(f"{', '.join(names)}: skipped: {absent}")
                measured += [skipped(name, str(absent)) for name in names]
    finally:
        shutil.rmtree(means.scratch, ignore_errors=True)
    print(json.dumps(measured, indent=1, ensure_ascii=False))


def _belongs(row: str, name: str) -> bool:
    return row == name or row.startswith((f"{name}/", f"{name}-"))
