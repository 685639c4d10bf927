"""`forepost simulate`: an invented world of flights and travellers, to try, train and measure on."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer


def simulate(
    travellers: Annotated[int, typer.Option(min=1, help="How many travellers in all.")],
    out: Annotated[
        Path, typer.Option(help="A new folder for Parquet files by day, list.csv, datasheet.md and, apart, the truth.")
    ],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same files.")] = 1,
    start: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of departure.")] = datetime(2026, 1, 1),
    days: Annotated[int | None, typer.Option(min=1, max=365, help="Days of departures (default 240).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Simulate flights into Canada with invented people, a few of whom are smuggled, and write them as Parquet."""
    import json

    from cli.progress import bar
    from training.simulate.folder import write
    from training.simulate.world import DAYS

    with bar("simulate", travellers) as advance:
        figures = write(out, travellers, seed, start.date(), days or DAYS, advance)
    if as_json:
        print(json.dumps(figures))
    else:
        print(f"{figures['travellers']:,} travellers on {figures['flights']:,} flights in {out}; see {out / 'datasheet.md'}")
