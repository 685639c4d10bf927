"""forepost screen: screen files offline against a snapshot."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from manifests.reader import Received
    from referrals.offline import OfflineScreening
    from scoring.policy import Policy


class Format(StrEnum):
    table = "table"
    json = "json"
    cusres = "cusres"


@dataclass(frozen=True)
class _Screened:
    file: Path
    received: "Received"
    found: "OfflineScreening"


def screen(
    files: Annotated[list[Path], typer.Argument(help="PAXLST, PNRGOV or JSON files.", metavar="FILE…")],
    snapshot: Annotated[Path, typer.Option(help="Watchlist snapshot, as `forepost watchlist import` writes it.")],
    policy: Annotated[str, typer.Option(help="A shipped policy (demo, standard, ca, eu) or a YAML file.")] = "standard",
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
            help="When lists and scenarios must be valid: a time in UTC, or a day for its start.",
        ),
    ] = None,
    format: Annotated[Format, typer.Option(help="What to print.")] = Format.table,
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Screen files against a snapshot, as of each flight's departure; nothing is stored and no history is known.

    Every traveller that could be read is answered. A file that cannot be read is reported on stderr and makes the exit
    code 2; the others are screened all the same.
    """
    from manifests.errors import InputError
    from manifests.reader import read_file
    from referrals.engine import open_parts
    from referrals.offline import screen_offline
    from scoring import policy as policies
    from service import settings

    rules = policies.load(policy)
    model = rules.model_path(settings.load().state)
    parts, notices = open_parts(rules, snapshot, model)
    for notice in notices:
        print(f"forepost: {notice}", file=sys.stderr)
    screened, unread = [], []
    for file in files:
        try:
            received = read_file(file).to_screen()
            found = screen_offline(received.manifest, parts, as_of.replace(tzinfo=UTC) if as_of else None)
        except InputError as error:
            unread += [fault if fault.startswith(str(file)) else f"{file}: {fault}" for fault in error.faults]
            continue
        screened.append(_Screened(file, received, found))
    if json or format is Format.json:
        _print_json(screened)
    elif format is Format.cusres:
        unread += _print_cusres(screened, rules)
    else:
        _print_table(screened)
    if unread:
        raise InputError(unread)


def _faults(screened: Sequence[_Screened]) -> list[dict[str, str]]:
    return [
        {"where": f"{one.file}: {where}" if len(screened) > 1 else where, "value": value, "problem": problem}
        for one in screened
        for where, value, problem in one.found.faults.select("where", "value", "problem").iter_rows()
    ]


def _print_json(screened: Sequence[_Screened]) -> None:
    import orjson

    flights = [flight for one in screened for flight in _flights(one)]
    degraded = sorted({source for one in screened for source in one.found.degraded})
    document = {"flights": flights, "faults": _faults(screened), "degraded_sources": degraded}
    sys.stdout.buffer.write(orjson.dumps(document, option=orjson.OPT_INDENT_2) + b"\n")


def _flights(one: _Screened) -> list[dict[str, Any]]:
    matches, hits = _by_traveller(one.found.matches.drop("entry")), _by_traveller(one.found.hits)
    lost = {} if one.found.lost is None else _by_traveller(one.found.lost.drop("tag"))
    risks = {} if one.found.risks is None else dict(one.found.risks.select("traveller", "risk").iter_rows())
    decisions = {row["traveller"]: row for row in one.found.decisions.to_dicts()}
    manifest = one.received.manifest
    travellers: dict[int, list[dict[str, Any]]] = {}
    for row, flight, ref in manifest.travellers.select("traveller", "flight", "ref").iter_rows():
        decision = decisions[row]
        referral = {name: decision[name] for name in ("kind", "lane", "priority", "reasons")} if decision["kind"] else None
        travellers.setdefault(flight, []).append(
            {
                "ref": ref,
                "directive": decision["directive"],
                "entry_authorisation": decision["entry_authorisation"],
                "matches": matches.get(row, []),
                "lost_documents": lost.get(row, []),
                "hits": hits.get(row, []),
                "risk": risks.get(row),
                "referral": referral,
            }
        )
    return [
        {"carrier": carrier, "number": number, "travellers": travellers.get(flight, [])}
        for flight, carrier, number in manifest.flights.select("flight", "carrier", "number").iter_rows()
    ]


def _by_traveller(frame: Any) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in frame.to_dicts():
        found.setdefault(row.pop("traveller"), []).append(row)
    return found


def _print_cusres(screened: Sequence[_Screened], policy: "Policy") -> list[str]:
    """Print the CUSRES answer of each PAXLST; returns what is wrong with the other files."""
    from manifests import cusres

    codes = {str(directive): code for directive, code in policy.carrier_codes.items()}
    wrong = []
    for one in screened:
        if one.received.paxlst is None:
            kind = "JSON" if one.received.pnr is None else "PNRGOV"
            wrong.append(f"{one.file}: is {kind}, and CUSRES answers PAXLST: use --format json or table")
            continue
        answer = cusres.write(one.received.paxlst, one.found.decisions, codes, datetime.now(UTC), one.found.faults)
        sys.stdout.buffer.write(answer)
        if not answer.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
    return wrong


def _print_table(screened: Sequence[_Screened]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for one in screened:
        for flight in _flights(one):
            table = Table(title=f"{flight['carrier'] or '?'} {flight['number'] or '?'}  ({one.file.name})", title_justify="left")
            for heading in ("traveller", "directive", "referral", "first reason"):
                table.add_column(heading, overflow="fold")
            for traveller in flight["travellers"]:
                referral = traveller["referral"]
                reason = referral["reasons"][0]["en"] if referral and referral["reasons"] else ""
                table.add_row(traveller["ref"] or "", traveller["directive"], referral["kind"] if referral else "", reason)
            console.print(table)
    for fault in _faults(screened):
        console.print(f"{fault['where']}: {fault['value']!r} {fault['problem']}", markup=False, highlight=False)
