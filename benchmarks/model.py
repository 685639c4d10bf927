"""What the model costs and what it is worth: scoring beside a bare onnxruntime call, features alone, oracle, scenarios, model.

Trains on a simulated world of its own in a temporary folder; needs the packages of the extra `train`.
"""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from benchmarks.report import DataAbsent, measurement, percentile, skipped, spread
from features.matrix import matrix
from scoring.model import Model

TREES = 500
RATIO = 1.2  # target: at most so many bare calls
HIGHEST_AUC = 0.8
HIGHEST_ORACLE, SCENARIOS_OF_ORACLE, GAIN = 0.9, 0.35, 1.5
BUDGET = "2"
TRAVELLERS, DAYS, START, SEED, KEY = 120_000, 120, date(2026, 1, 1), 3, bytes(32)


def measure(repetitions: int = 200, travellers: int = TRAVELLERS) -> list[dict[str, Any]]:
    """model-1 and model-300, feature-auc, and oracle, scenarios and scenarios-and-model at 2 referrals per 1,000.

    Raises DataAbsent where the packages for training are not installed.
    """
    try:
        from training.fit import Settings
        from training.run import train
        from training.simulate.lists import write_list
        from training.simulate.world import simulate
    except ModuleNotFoundError as error:
        raise DataAbsent(f"the package {error.name} is absent: pip install 'forepost[train]'") from None
    with TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        settings = Settings(trees=TREES, rate=0.02)
        listed = Path(folder) / "list.csv"
        write_list(SEED, listed, START)
        figures = train(lambda: simulate(travellers, SEED, START, DAYS), run, KEY, settings, "simulated", listed)
        table = pl.read_parquet(run / "evaluation" / "table.parquet")
        model = Model.load(run, ["simulated"])
        return [*(_speed(model, table[:rows], repetitions) for rows in (1, 300)), *_quality(figures)]


def _speed(model: Model, features: pl.DataFrame, repetitions: int) -> dict[str, Any]:
    """Scoring FEATURES beside the bare call on a matrix that is ready, in turn, so that both meet the same noise."""
    values = matrix(features, model.contract.features)
    ours, bare = [], []
    for _ in range(repetitions):
        ours.append(_milliseconds(lambda: model.score(features)))
        bare.append(_milliseconds(lambda: model.session.run(None, {"features": values})))
    value, floor = percentile(ours, 50), percentile(bare, 50)
    return measurement(
        f"model-{features.height}",
        n=repetitions,
        value=value,
        unit="ms",
        met=value <= RATIO * floor,
        target=RATIO * floor,
        floor=floor,
        cpu_ms=value,
        spread=spread(ours),
        note=f"{TREES} trees, CPU time; with the making of the matrix",
    )


def _quality(figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Figures of the evaluation period; one that is not estimable is skipped, with the count."""
    positives, name = figures["positives"], max(figures["feature_auc"], key=figures["feature_auc"].__getitem__)
    highest = figures["feature_auc"][name]
    out = [
        measurement(
            "feature-auc",
            n=positives,
            value=highest,
            unit="AUC",
            met=highest <= HIGHEST_AUC,
            target=HIGHEST_AUC,
            note=name,
            features={
                feature: round(value, 3) for feature, value in sorted(figures["feature_auc"].items(), key=lambda item: -item[1])
            },
        )
    ]
    recall = {ranking: budgets[BUDGET]["recall"] for ranking, budgets in figures["budgets"].items()}
    if text := next((value for value in recall.values() if isinstance(value, str)), None):
        return [*out, skipped("recall-at-2", text)]
    both, scenarios, oracle = recall["scenarios_and_model"], recall["scenarios"], recall["oracle"]
    targets = {
        "oracle": (HIGHEST_ORACLE, oracle <= HIGHEST_ORACLE),
        "scenarios": (SCENARIOS_OF_ORACLE * oracle, scenarios >= SCENARIOS_OF_ORACLE * oracle),
        "model": (None, None),
        "scenarios_and_model": (GAIN * scenarios, both >= GAIN * scenarios),
    }
    for ranking, (target, met) in targets.items():
        at = figures["budgets"][ranking][BUDGET]
        out.append(
            measurement(
                f"recall-at-2-{ranking.replace('_', '-')}",
                n=positives,
                value=recall[ranking],
                unit="recall at 2 referrals per 1,000",
                met=met,
                target=target,
                interval=[round(at["recall_low"], 3), round(at["recall_high"], 3)],
            )
        )
    return out


def _milliseconds(call: Callable[[], Any]) -> float:
    started = time.process_time_ns()
    call()
    return (time.process_time_ns() - started) / 1e6
