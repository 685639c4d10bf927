"""`forepost certs`: the development certificate authority."""

import json
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Certificates for mutual TLS during development.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `create` a named command while it is the only one."""


@app.command()
def create(
    out: Annotated[Path | None, typer.Option(help="Folder of the certificates; default: certs in the state folder.")] = None,
    carrier: Annotated[list[str] | None, typer.Option(help="Name of a carrier's client; repeat for more.")] = None,
    officer: Annotated[list[str] | None, typer.Option(help="Id of an officer; repeat for more.")] = None,
    host: Annotated[list[str] | None, typer.Option(help="Further host name or address of the server.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Make an authority, a server certificate and client certificates; what is still good stays as it is."""
    from datetime import UTC, datetime

    from service import certs
    from service.settings import load

    folder = out or load().certificates
    made = certs.create(folder, carrier or ["demo"], officer or ["officer-1", "officer-2"], host or [], datetime.now(UTC))
    if as_json:
        print(json.dumps({"folder": str(folder), "made": [str(path) for path in made]}))
    else:
        print(f"{folder}: {len(made)} certificates made" if made else f"{folder}: every certificate is still good")
        for path in made:
            print(f"  {path}")
