"""`forepost serve`: the gRPC server for carriers and officers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from service.server import Addresses


def serve(
    config: Annotated[Path | None, typer.Option(help="TOML or YAML file of settings; FOREPOST_* variables override it.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as one line of JSON.")] = False,
) -> None:
    """Serve carriers and officers until stopped. Prints one line when ready; the log goes to standard error."""
    import json
    from dataclasses import asdict

    from service.server import run
    from service.settings import load

    def ready(addresses: "Addresses") -> None:
        text = f"ready: carriers on {addresses.carriers}, officers on {addresses.officers}"
        print(json.dumps(asdict(addresses)) if as_json else text, flush=True)

    run(load(config), ready)
