"""forepost manifest: read carriers' messages without screening them."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Read carriers' messages.", no_args_is_help=True)


@app.callback()
def group() -> None:
    """Read carriers' messages."""


@app.command()
def parse(
    files: Annotated[list[Path], typer.Argument(help="PAXLST, PNRGOV or JSON files.", metavar="FILE…")],
    json: Annotated[bool, typer.Option("--json", help="Accepted for symmetry: the output is always JSON.")] = False,
) -> None:
    """Print the canonical JSON of messages, with what is wrong in them.

    Of several files the flights are put together, and each fault names its file. A file that cannot be read at all is
    reported on stderr and makes the exit code 2; the others are printed all the same.
    """
    import orjson

    from manifests.errors import InputError
    from manifests.json_format import to_json
    from manifests.reader import read_file

    read, unread = [], []
    for file in files:
        try:
            read.append((file, to_json(read_file(file).manifest)))
        except InputError as error:
            unread += [f"{file}: {fault}" for fault in error.faults]
    if read:
        whole = {
            "flights": [flight for _, parsed in read for flight in parsed["flights"]],
            "faults": [
                fault | {"where": f"{file}: {fault['where']}"} if len(files) > 1 else fault
                for file, parsed in read
                for fault in parsed["faults"]
            ],
            **({"law": "PNR"} if any("law" in parsed for _, parsed in read) else {}),
        }
        sys.stdout.buffer.write(orjson.dumps(whole, option=orjson.OPT_INDENT_2) + b"\n")
    if unread:
        raise InputError(unread)
