"""`forepost clearances`: of which lookouts persons were found not to be, and redress numbers, on a running server."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from cli.officer import As, Certs, Json, Purpose, Server, client, fields, print_json, time
from manifests.errors import InputError

if TYPE_CHECKING:
    from forepost.clearances.v1.clearances_pb2 import Clearance

app = typer.Typer(help="List and revoke clearances and enter redress numbers on a running server.", no_args_is_help=True)


@app.command()
def add(
    number: Annotated[str, typer.Argument(help="The redress number.", metavar="NUMBER")],
    surname: Annotated[str, typer.Option(help="Surname of the person it is given to.")],
    dob: Annotated[str, typer.Option(help="Date of birth, as in 1978-07-06.")],
    document: Annotated[list[str], typer.Option(help="TYPE:NUMBER:ISSUER, as in P:C01X00T47:DEU; once per document.")],
    reason: Annotated[str, typer.Option(help="What it rests on.")],
    given: Annotated[str, typer.Option(help="Given names.")] = "",
    lookout: Annotated[
        list[str] | None, typer.Option(help="SOURCE:ENTRY cleared of; default: every lookout that matches the person now.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(help="When it ends (UTC); default and longest: as the policy says.")] = None,
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "oversight",
    as_json: Json = False,
) -> None:
    """Record whom a redress number is given to. Entered again, it takes the place of its earlier record."""
    from forepost.clearances.v1.clearances_pb2 import Document, EnterRedressNumberRequest, LookoutKey, Person

    faults = [f"--document {one}: write TYPE:NUMBER:ISSUER" for one in document if one.count(":") != 2]
    faults += [f"--lookout {one}: write SOURCE:ENTRY" for one in lookout or [] if not all(one.partition(":"))]
    if faults:
        raise InputError(faults)
    papers = [Document(**dict(zip(("type", "number", "issuer"), one.split(":"), strict=True))) for one in document]
    keys = [LookoutKey(source=one.partition(":")[0], entry_id=one.partition(":")[2]) for one in lookout or []]
    request = EnterRedressNumberRequest(
        purpose=purpose,
        redress_number=number,
        person=Person(surname=surname, given=given, dob=dob, documents=papers),
        lookouts=keys,
        reason=reason,
    )
    if until is not None:
        request.expires_at.FromDatetime(until.replace(tzinfo=until.tzinfo or UTC))
    with client(server, certs, officer) as desk:
        entered = desk.enter_redress_number(request)
    if as_json:
        print_json(fields(entered))
    else:
        typer.echo(f"{entered.redress_id}: {len(entered.clearance_ids)} lookouts cleared")


@app.command("list")
def list_(
    referral: Annotated[str, typer.Option(help="Only those that a decision on this referral made.")] = "",
    lookout: Annotated[str, typer.Option(help="Only of this list, or of SOURCE:ENTRY.")] = "",
    ended: Annotated[bool, typer.Option(help="Show those that ended or expired too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "oversight",
    as_json: Json = False,
) -> None:
    """List clearances, latest first."""
    from forepost.clearances.v1.clearances_pb2 import ListClearancesRequest, LookoutKey

    source, _, entry_id = lookout.partition(":")
    key = LookoutKey(source=source, entry_id=entry_id)
    request = ListClearancesRequest(purpose=purpose, referral_id=referral, lookout=key, include_ended=ended)
    found: list[Clearance] = []
    with client(server, certs, officer) as desk:
        while len(found) < limit:
            request.page_size = min(limit - len(found), 500)
            page = desk.list_clearances(request)
            found += page.clearances
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
    if as_json:
        print_json({"clearances": [fields(one) for one in found], "more": bool(request.page_token)})
        return
    for one in found:
        came = f"referral {one.referral_id}" if one.referral_id else f"redress number {one.redress_number} ({one.redress_id})"
        end = f"ended {time(one.ended_at)} by {one.ended_by}" if one.ended_by else f"until {time(one.expires_at)}"
        typer.echo(
            f"{one.clearance_id}  {one.lookout.source} {one.lookout.entry_id}  {came}  {one.officer} {time(one.made_at)}, {end}"
        )
    if request.page_token:
        typer.echo(f"more than {limit}: raise --limit")


@app.command()
def revoke(
    which: Annotated[str, typer.Argument(help="Id of a clearance, or of a redress number's record.", metavar="ID")],
    reason: Annotated[str, typer.Option(help="Why.")],
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "oversight",
    as_json: Json = False,
) -> None:
    """End a clearance, or all that came with a redress number."""
    from forepost.clearances.v1.clearances_pb2 import RevokeClearanceRequest

    with client(server, certs, officer) as desk:
        ended = desk.revoke_clearance(RevokeClearanceRequest(purpose=purpose, id=which, reason=reason))
    if as_json:
        print_json(fields(ended))
    else:
        typer.echo(f"ended: {', '.join(ended.clearance_ids)}")
