"""`forepost watchlist diff` and `search`: what the lookouts of a snapshot say."""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer


def diff(
    before: Annotated[Path, typer.Argument(metavar="A", help="Folder of a snapshot, or of one version of it.")],
    after: Annotated[Path, typer.Argument(metavar="B", help="Folder of another snapshot or version.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show entry by entry what B has that A has not, what it lacks, and which fields changed."""
    from watchlists.diff import compare
    from watchlists.snapshot import Snapshot

    found = compare(*(Snapshot.open(path).entries.drop("entry") for path in (before, after)))
    if as_json:
        _print_json({"difference": found.counts(), "entries": list(found.entries())})
        return
    for entry in found.entries():
        print(f"{entry['change']} {entry['source']} {entry['entry_id']}: {entry['name']}")
        for field in entry["fields"]:
            print(f"    {field['field']}: {_shown(field['before'])} → {_shown(field['after'])}")
    print_difference(found.counts(), found.changed_fields())


def print_difference(counts: Mapping[str, Mapping[str, int]], fields: Mapping[str, Mapping[str, int]]) -> None:
    """One line per source."""
    for source, kinds in counts.items():
        changed = ", ".join(f"{name} {count}" for name, count in fields.get(source, {}).items())
        print(f"{source}: {', '.join(f'{count} {kind}' for kind, count in kinds.items())}{f' ({changed})' if changed else ''}")


def search(
    text: Annotated[str, typer.Argument(help="A name in any order and script, or an entry id.")],
    snapshot: Annotated[Path, typer.Option("--snapshot", help="Folder of the snapshot.")],
    dob: Annotated[str | None, typer.Option(help="Date of birth: 1970-03-12, 1970-03, 1970 or 1968/1972.")] = None,
    nationality: Annotated[str | None, typer.Option(help="ISO 3166-1 code or English name.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many lookouts to show at most.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the lookouts that match a name best, with evidence and facts; or the one with this entry id."""
    from watchlists import lookup
    from watchlists.snapshot import Snapshot

    found = lookup.search(Snapshot.open(snapshot), text, datetime.now(UTC), dob=dob, nationality=nationality, limit=limit)
    if as_json:
        rows = [
            {**one.lookout, "log_odds": one.log_odds, "matched_name": one.matched_name, "evidence": one.evidence} for one in found
        ]
        _print_json({"found": rows})
        return
    for one in found:
        lookout = one.lookout
        score = "entry id" if one.log_odds is None else f"log-odds {one.log_odds:.2f}"
        print(f"{lookout['source']} {lookout['entry_id']}: {lookout['name']} ({score})")
        for part in one.evidence:
            values = f"{part['traveller_value'] or '-'} ~ {part['lookout_value'] or '-'}"
            print(f"  {part['log_odds']:+7.2f} {part['field']}: {values}")
        for name, value in lookout.items():
            if name not in ("source", "entry_id", "name") and value not in (None, []):
                print(f"    {name}: {_shown(value)}")
    if not found:
        print("no lookout in force matches")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_shown, value)) or "-"
    if isinstance(value, dict):
        return " ".join(str(part) for part in value.values() if part)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%MZ}"
    return "-" if value is None else str(value)


def _print_json(value: Any) -> None:
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_UTC_Z).decode() + "\n")
