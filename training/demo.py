"""The model that `forepost demo` trains on its first run: small, simulated, deterministic."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from training.fit import Settings
from training.run import train
from training.simulate.lists import write_list
from training.simulate.world import simulate

TRAVELLERS, DAYS, START, SEED = 120_000, 120, date(2026, 1, 1), 1
SETTINGS = Settings(trees=100)
KEY = bytes(32)  # pseudonyms of invented people
# Where each stage begins and how much of the time it takes.
STAGES = {"data": (0.0, 0.6), "fit": (0.6, 0.02), "measure": (0.62, 0.38)}


def demo_model(folder: Path, progress: Callable[[float], None] = lambda share: None) -> dict[str, Any]:
    """Simulate, build, fit, export and measure into `folder` (new or empty); gives the figures.

    `progress` gets the share done, from 0 to 1.
    """
    done = 0.0

    def tell(stage: str, amount: float) -> None:
        nonlocal done
        begins, takes = STAGES[stage]
        done = done + amount / TRAVELLERS if stage == "data" else amount
        progress(min(1.0, begins + takes * done))

    def days() -> Any:
        return simulate(TRAVELLERS, SEED, START, DAYS)

    with TemporaryDirectory() as apart:
        listed = Path(apart) / "list.csv"
        write_list(SEED, listed, START)
        return train(days, folder, KEY, SETTINGS, "simulated", listed, tell)
