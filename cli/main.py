"""The `forepost` command: groups of commands, one thin module each."""

import sys

import typer

from cli import (
    bench,
    certs,
    clearances,
    demo,
    evaluate,
    features,
    lookouts,
    manifest,
    referrals,
    replay,
    rules,
    screen,
    serve,
    simulate,
    train,
    watchlist,
)
from manifests.errors import InputError

app = typer.Typer(
    name="forepost",
    help="Advance passenger risk scoring: a carrier's manifest in, referrals for officers out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(certs.app, name="certs")
app.add_typer(clearances.app, name="clearances")
app.add_typer(features.app, name="features")
app.add_typer(lookouts.app, name="lookouts")
app.add_typer(manifest.app, name="manifest")
app.add_typer(referrals.app, name="referrals")
app.add_typer(rules.app, name="rules")
app.add_typer(watchlist.app, name="watchlist")
app.command()(demo.demo)
app.command()(screen.screen)
app.command()(replay.replay)
app.command()(serve.serve)
app.command()(simulate.simulate)
app.command()(train.train)
app.command()(evaluate.evaluate)
app.command()(bench.bench)


def main() -> None:
    """Run the command line. Exit 0: done; 2: bad input or usage, with a message on stderr."""
    try:
        app()
    except InputError as error:
        for fault in error.faults:
            print(f"forepost: {fault}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
