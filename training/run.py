"""A training run from days of manifests to the artefact folder with its card and report.

Beside the artefact, RUN/evaluation holds the rows that it was measured on, with no name and no pseudonym: features, labels,
scenario hits, and for simulated travellers the latent plan and the oracle.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import polars as pl

from features.matrix import matrix
from manifests.errors import InputError
from manifests.frames import Manifest
from training import artefact, report
from training.dataset import build, periods
from training.evaluate import evaluate, scenario_rates
from training.fit import Fitted, Settings, fit
from training.scenarios import examples, hits, matches, of_lists, weights

TRUTH_COLUMNS = ("plan", "oracle")


class RunError(InputError):
    """A run folder that cannot be used."""


def train(
    days: Callable[[], Iterable[tuple[Manifest, pl.DataFrame]]],
    out: Path,
    key: bytes,
    settings: Settings,
    origin: str,
    list_csv: Path | None,
    progress: Callable[[str, float], None] = lambda stage, share: None,
) -> dict[str, Any]:
    """Build the data set of `days` (gone through again for the list), fit, write the artefact to `out` and measure it.

    `key` makes pseudonyms. `progress` gets a stage ("data", "fit", "measure") and the share of it that is done, "data" as
    travellers. Raises DatasetError, or RunError when `out` holds something.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise RunError(f"{out}: not an empty folder: give --out a new one")
    truths: list[pl.DataFrame] = []
    table = pl.concat(list(build(_kept(days(), truths, progress), key)))
    truth = pl.concat(truths)
    fitted = fit(table, settings, lambda share: progress("fit", share))
    digest = artefact.write(out, fitted, origin)
    *_, last = periods(table)
    first_row = table.height - last.height
    found = None
    if list_csv:
        measured = set(last["day"].unique())
        found = matches(_measured(days(), measured, table.height, progress), list_csv)
    progress("measure", 0.9)
    folder = out / "evaluation"
    folder.mkdir()
    last.write_parquet(folder / "table.parquet")
    truth[first_row:].write_parquet(folder / "truth.parquet")
    pack = examples()
    hits(pack, last, found).write_parquet(folder / "hits.parquet")
    (folder / "not_asked.json").write_text(json.dumps([] if list_csv else of_lists(pack)), encoding="utf-8")
    figures = {"hash": digest, **measure(out)}
    write_up(out, fitted, origin, figures)
    progress("measure", 1.0)
    return figures


def _kept(
    days: Iterable[tuple[Manifest, pl.DataFrame]], truths: list[pl.DataFrame], progress: Callable[[str, float], None]
) -> Iterator[tuple[Manifest, pl.DataFrame]]:
    """The days as they are; what only the evaluation may know is put aside."""
    for manifest, truth in days:
        truths.append(truth.select(name for name in TRUTH_COLUMNS if name in truth.columns))
        yield manifest, truth
        progress("data", truth.height)


def _measured(
    days: Iterable[tuple[Manifest, pl.DataFrame]], measured: set[date], travellers: int, progress: Callable[[str, float], None]
) -> Iterator[Manifest]:
    """The manifests of the days of the evaluation period."""
    done = 0
    for manifest, truth in days:
        if manifest.flights["departure_at"].dt.date().min() in measured:
            yield manifest
        done += truth.height
        progress("measure", 0.9 * done / travellers)


def measure(run: Path) -> dict[str, Any]:
    """Figures of the artefact in `run` on its evaluation rows, scored by the exported graph. Raises RunError."""
    folder = run / "evaluation"
    try:
        contract = json.loads((run / "contract.json").read_text(encoding="utf-8"))
        session = onnxruntime.InferenceSession((run / "model.onnx").read_bytes(), providers=["CPUExecutionProvider"])
        table, truth, fired = (pl.read_parquet(folder / f"{name}.parquet") for name in ("table", "truth", "hits"))
        not_asked: list[str] = json.loads((folder / "not_asked.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, pl.exceptions.PolarsError) as error:
        raise RunError(f"{run}: {error}: give the folder that `forepost train --out` wrote, whole") from None
    (log_odds,) = session.run(["log_odds"], {"features": matrix(table, contract["features"])})
    oracle = truth["oracle"].to_numpy() if "oracle" in truth.columns else None
    figures = evaluate(table, np.asarray(log_odds).reshape(-1), oracle, weights(fired, table.height))
    if "plan" in truth.columns:
        ids = [scenario.id for scenario in examples().scenarios]
        figures["scenarios"] = scenario_rates(fired, truth["plan"], ids, not_asked)
    return figures


def write_up(run: Path, fitted: Fitted, origin: str, figures: dict[str, Any]) -> None:
    """card.md, report.html and evaluation.json."""
    (run / "card.md").write_text(report.card(fitted, origin, figures["hash"], figures), encoding="utf-8")
    (run / "report.html").write_text(report.html(fitted, origin, figures["hash"], figures), encoding="utf-8")
    (run / "evaluation.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
