"""`forepost lookouts`: lookouts that officers make here, on a running server."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.officer import As, Certs, Json, Purpose, Server, client, fields, print_json, time
from manifests.errors import InputError

if TYPE_CHECKING:
    from forepost.lookouts.v1.lookouts_pb2 import Lookout, LookoutVersion

app = typer.Typer(help="Make, change, take out and read lookouts on a running server, as an officer.", no_args_is_help=True)

AT_A_TIME = 1_000  # as many as one call takes


@app.command()
def upsert(
    file: Annotated[Path, typer.Argument(help="CSV as for watchlist import, or JSON as of lookouts list --json.")],
    authority: Annotated[str | None, typer.Option(help="Who is answerable for the lookouts of a CSV that does not say.")] = None,
    why: Annotated[str | None, typer.Option(help="Why they are looked for, where the CSV does not say.")] = None,
    category: Annotated[str | None, typer.Option(help="Category of the lookouts.")] = None,
    action: Annotated[str | None, typer.Option(help="What a match asks for: stop_before_boarding, examine_on_arrival, …")] = None,
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "interdiction",
    as_json: Json = False,
) -> None:
    """Put lookouts in place of what stands under their ids. A file with a fault is refused whole."""
    from forepost.lookouts.v1.lookouts_pb2 import UpsertLookoutsRequest

    given = _of_json(file) if file.suffix == ".json" else _of_csv(file, authority, why, category, action)
    with client(server, certs, officer) as desk:
        answers = _in_batches(lambda some: desk.upsert_lookouts(UpsertLookoutsRequest(purpose=purpose, lookouts=some)), given)
    _told(answers, "put in", as_json)


@app.command()
def remove(
    ids: Annotated[list[str], typer.Argument(help="Ids of the lookouts.", metavar="ID…")],
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "interdiction",
    as_json: Json = False,
) -> None:
    """Take lookouts out."""
    from forepost.lookouts.v1.lookouts_pb2 import RemoveLookoutsRequest

    with client(server, certs, officer) as desk:
        answers = _in_batches(lambda some: desk.remove_lookouts(RemoveLookoutsRequest(purpose=purpose, entry_ids=some)), ids)
    _told(answers, "taken out", as_json)


@app.command("list")
def list_(
    query: Annotated[str, typer.Argument(help="A part of an id or of a name.")] = "",
    ended: Annotated[bool, typer.Option(help="Also those taken out or past their validity.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "interdiction",
    as_json: Json = False,
) -> None:
    """List lookouts by id."""
    from forepost.lookouts.v1.lookouts_pb2 import ListLookoutsRequest

    found: list[LookoutVersion] = []
    request = ListLookoutsRequest(purpose=purpose, query=query, include_ended=ended)
    with client(server, certs, officer) as desk:
        while len(found) < limit:
            request.page_size = min(limit - len(found), 500)
            page = desk.list_lookouts(request)
            found += page.lookouts
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
    if as_json:
        print_json({"lookouts": [fields(version) for version in found], "more": bool(request.page_token)})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("id", "name", "born", "category", "action", "until (UTC)", "state")
    for version in found:
        one = version.lookout
        state = "taken out" if version.removed else ""
        table.add_row(one.entry_id, one.name, " ".join(one.dobs), one.category, one.action, time(one.valid_until), state)
    Console().print(table)
    if request.page_token:
        typer.echo(f"more than {limit}: raise --limit")


@app.command()
def show(
    entry_id: Annotated[str, typer.Argument(help="Id of the lookout.", metavar="ID")],
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "interdiction",
    as_json: Json = False,
) -> None:
    """Show a lookout with every version of it: who changed it, when and what for."""
    from forepost.lookouts.v1.lookouts_pb2 import GetLookoutRequest

    with client(server, certs, officer) as desk:
        found = desk.show_lookout(GetLookoutRequest(entry_id=entry_id, purpose=purpose)).versions
    if as_json:
        print_json({"versions": [fields(version) for version in found]})
        return
    for version in found:
        what = "taken out" if version.removed else "put in"
        typer.echo(f"{version.revision}  {time(version.changed_at)}  {what} by {version.officer} for {version.purpose}")
        for name, value in fields(version.lookout).items():
            if value and name != "entry_id":
                typer.echo(f"    {name}: {_shown(value)}")


def _of_json(file: Path) -> list["Lookout"]:
    """The lookouts of {"lookouts": […]}, each alone or within a version of it."""
    from google.protobuf.json_format import ParseDict, ParseError

    from forepost.lookouts.v1.lookouts_pb2 import Lookout

    try:
        rows = json.loads(file.read_bytes())["lookouts"]
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}: check the path") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f'{file}: is no JSON of the form {{"lookouts": […]}}: {error}') from error
    read, faults = [], []
    for position, row in enumerate(rows if isinstance(rows, list) else []):
        try:
            read.append(ParseDict(row.get("lookout", row) if isinstance(row, dict) else row, Lookout()))
        except (ParseError, AttributeError, TypeError) as error:
            faults.append(f"{file}: lookouts[{position}]: {error}")
    if faults or not read:
        raise InputError(faults or [f"{file}: lookouts: there is none"])
    return read


def _of_csv(file: Path, *given: str | None) -> list["Lookout"]:
    """The lookouts of a CSV, every row and value of which can be used."""
    from forepost.lookouts.v1.lookouts_pb2 import Lookout
    from watchlists.lookouts import MADE_HERE
    from watchlists.sources import generic_csv

    lists = generic_csv.read(file, generic_csv.checked(*given))
    faults = [f"{skip.file}:{skip.line}: {skip.value}: {skip.problem}" for read in lists for skip in read.skipped]
    faults += [
        f"{file}: source {read.source}: lookouts made here are the list {MADE_HERE}: leave the column out"
        for read in lists
        if read.source not in (MADE_HERE, file.stem)
    ]
    if faults:
        raise InputError(faults)
    return [
        Lookout(**{name: value for name, value in row.items() if name != "source" and value is not None})
        for read in lists
        for row in read.lookouts.iter_rows(named=True)
    ]


def _in_batches(call: Callable[[Sequence[Any]], Any], values: Sequence[Any]) -> list[Any]:
    """The answers of as many calls as the values need; where one is refused, how many values went before is told as well."""
    answers: list[Any] = []
    for start in range(0, len(values), AT_A_TIME):
        try:
            answers.append(call(values[start : start + AT_A_TIME]))
        except InputError as error:
            before = [f"the first {start:,} of {len(values):,} were done; of the {AT_A_TIME:,} after them none:"] if start else []
            raise InputError([*before, *error.faults]) from error
    return answers


def _told(answers: Sequence[Any], done: str, as_json: bool) -> None:
    changed, unchanged = ([name for answer in answers for name in getattr(answer, kind)] for kind in ("changed", "unchanged"))
    effective = all(answer.effective for answer in answers)
    if as_json:
        print_json({"revision": answers[-1].revision, "changed": changed, "unchanged": unchanged, "effective": effective})
        return
    acts = "in force" if effective else "stored, but not yet in force: the server could not publish it so far and tries again"
    typer.echo(f"{done} {len(changed)}, left {len(unchanged)} as they were; {acts}")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_shown, value))
    return " ".join(filter(None, value.values())) if isinstance(value, dict) else str(value)
