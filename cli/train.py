"""`forepost train`: from simulated travellers to a model artefact with its card and report."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    data: Annotated[Path, typer.Argument(help="The folder that `forepost simulate` wrote.")],
    out: Annotated[Path, typer.Option(help="A new folder for the model, its card and its report.")],
    trees: Annotated[int, typer.Option(min=1, max=2000, help="Trees to fit.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The same data and seed give the same model, byte for byte.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Train a model on simulated travellers, calibrate and measure it, and write the artefact."""
    import hashlib
    import json

    from cli.evaluate import summary
    from cli.progress import bar
    from training.fit import Settings
    from training.run import train as run
    from training.simulate.folder import facts, read

    known = facts(data)
    travellers = int(known["travellers"])
    # Each stage's share of the bar, in travellers.
    weight = {"data": 1.0, "fit": 0.2 * travellers, "measure": 0.2 * travellers}
    with bar("train", 1.4 * travellers) as advance:
        done = {"fit": 0.0, "measure": 0.0}

        def tell(stage: str, amount: float) -> None:
            step = amount - done[stage] if stage in done else amount
            if stage in done:
                done[stage] = amount
            advance(step * weight[stage])

        key = hashlib.sha256(f"data set {known['seed']}".encode()).digest()
        figures = run(lambda: read(data), out, key, Settings(trees=trees, seed=seed), "simulated", data / "list.csv", tell)
    print(json.dumps(figures) if as_json else f"{summary(figures)}\nmodel {figures['hash']} in {out}; see {out / 'report.html'}")
