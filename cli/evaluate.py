"""`forepost evaluate`: the figures of a trained model on the travellers it has not seen."""

from pathlib import Path
from typing import Annotated, Any

import typer


def evaluate(
    run: Annotated[Path, typer.Argument(help="The folder that `forepost train` wrote.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Score the evaluation period again with the exported model and print what it is worth."""
    import json

    from training.run import measure

    figures = measure(run)
    print(json.dumps(figures) if as_json else summary(figures))


def summary(figures: dict[str, Any]) -> str:
    """Tables for the terminal."""
    from training.report import BUDGET_HEAD, budget_rows, number

    name, highest = max(figures["feature_auc"].items(), key=lambda item: item[1])
    lines = [
        f"{figures['travellers']:,} travellers, {figures['positives']} findings ({figures['base_rate']:.2e}), "
        f"{' to '.join(figures['days'])}",
        "",
        *aligned([BUDGET_HEAD, *budget_rows(figures)]),
        "",
        f"PR-AUC {number(figures['pr_auc'])}, AUC {number(figures['auc'])}, "
        f"highest AUC of a single feature {highest:.3f} ({name})",
    ]
    if figures.get("scenarios"):
        plans = [plan for plan in figures["scenarios"][0]["per_1000"] if plan != "innocent"]
        head = ["scenario", "fired", "per 1,000 innocent", *plans]
        rows = [
            [
                row["scenario"],
                str(row["fired"]),
                number(row["per_1000"]["innocent"]),
                *(str(row["count"].get(plan, 0)) for plan in plans),
            ]
            for row in figures["scenarios"]
        ]
        lines += ["", "Scenarios: rate on innocents, and how many travellers of each plan they hit", *aligned([head, *rows])]
    return "\n".join(lines)


def aligned(rows: list[list[str]]) -> list[str]:
    """Columns of equal width, the first to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join([first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True))]).rstrip()
        for first, *rest in rows
    ]
