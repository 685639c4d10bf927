"""`forepost referrals`: an officer's client of a running server."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.officer import As, Certs, Json, Purpose, Server, client, fields, print_json, time

if TYPE_CHECKING:
    from forepost.referrals.v1.referrals_pb2 import Referral, ReferralSummary

app = typer.Typer(help="List, read and decide referrals on a running server, as an officer.", no_args_is_help=True)

Id = Annotated[str, typer.Argument(help="Id of the referral.", metavar="ID")]


@app.command("list")
def list_(
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "examination",
    decided: Annotated[bool, typer.Option(help="Show decided referrals too.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 50,
    as_json: Json = False,
) -> None:
    """List referrals, those nearest to departure first."""
    from forepost.referrals.v1.referrals_pb2 import ListReferralsRequest

    found: list[ReferralSummary] = []
    with client(server, certs, officer) as desk:
        request = ListReferralsRequest(purpose=purpose, include_decided=decided)
        while len(found) < limit:
            request.page_size = min(limit - len(found), 500)
            page = desk.list(request)
            found += page.referrals
            request.page_token = page.next_page_token
            if not page.next_page_token:
                break
    if as_json:
        print_json({"referrals": [fields(summary) for summary in found], "more": bool(request.page_token)})
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("referral", "flight", "departure (UTC)", "kind", "lane", "directive", "status", "first reason")
    for summary in found:
        flight = summary.flight
        table.add_row(
            summary.referral_id,
            f"{flight.carrier}{flight.number} {flight.departure}-{flight.arrival}",
            time(summary.flight.departure_at) if flight.HasField("departure_at") else "",
            _word("ReferralKind", summary.kind) + (" URGENT" if summary.urgent else ""),
            summary.lane,
            summary.directive,
            _word("ReferralStatus", summary.status),
            summary.reasons[0].text.en if summary.reasons else "",
        )
    Console().print(table)
    if request.page_token:
        typer.echo(f"more than {limit}: raise --limit")


@app.command()
def show(
    referral: Id,
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "examination",
    as_json: Json = False,
) -> None:
    """Show one referral with its person, its reasons and the evidence for and against."""
    from forepost.referrals.v1.referrals_pb2 import GetReferralRequest

    with client(server, certs, officer) as desk:
        found = desk.show(GetReferralRequest(referral_id=referral, purpose=purpose))
    if as_json:
        print_json(fields(found))
    else:
        for line in _lines(found):
            typer.echo(line)


@app.command()
def decide(
    referral: Id,
    disposition: Annotated[str, typer.Option(help="How it is closed, as in nothing_found, hold, release, do_not_board.")],
    reason: Annotated[str, typer.Option(help="Why, in the officer's words.")],
    legal_basis: Annotated[str, typer.Option(help="Code from the policy; needed for do_not_board.")] = "",
    claims_right_of_entry: Annotated[
        bool, typer.Option("--claims-right-of-entry", help="The traveller claims to be a citizen or permanent resident.")
    ] = False,
    server: Server = None,
    certs: Certs = None,
    officer: As = "officer-1",
    purpose: Purpose = "examination",
    as_json: Json = False,
) -> None:
    """Record an officer's decision; the carrier hears when the directive changes."""
    from forepost.referrals.v1.referrals_pb2 import DecideReferralRequest, Disposition
    from manifests.errors import InputError

    names = {name.removeprefix("DISPOSITION_").lower(): value for name, value in Disposition.items() if value}
    if disposition not in names:
        raise InputError(f"--disposition {disposition}: use one of {', '.join(names)}")
    with client(server, certs, officer) as desk:
        request = DecideReferralRequest(
            referral_id=referral,
            purpose=purpose,
            disposition=names[disposition],
            reason=reason,
            legal_basis=legal_basis,
            claims_right_of_entry=claims_right_of_entry,
        )
        outcome = desk.decide(request)
    status = _word("ReferralStatus", outcome.status)
    if as_json:
        print_json({"status": status, "directive": outcome.directive, "clearance_ids": list(outcome.clearance_ids)})
    else:
        cleared = f"; {len(outcome.clearance_ids)} lookouts cleared" if outcome.clearance_ids else ""
        typer.echo(f"{referral}: {status}; directive {outcome.directive}{cleared}")


def _lines(referral: "Referral") -> list[str]:
    summary, person, flight = referral.summary, referral.person, referral.summary.flight
    urgent = "  URGENT: a lookout came up after the traveller was screened" if summary.urgent else ""
    kind, status = _word("ReferralKind", summary.kind), _word("ReferralStatus", summary.status)
    lines = [
        f"{summary.referral_id}  {kind}  {status}  {summary.lane}{urgent}",
        f"flight     {flight.carrier}{flight.number} {flight.departure}-{flight.arrival} {time(flight.departure_at)}",
        f"traveller  {person.surname}/{person.given}  {person.sex}  {person.dob}  {person.nationality}",
    ]
    reported = {lost.document: f"  REPORTED LOST OR STOLEN to {lost.authority}" for lost in referral.lost_documents}
    lines += [
        f"document   {document.type} {document.issuer} {document.number} {document.expiry}{reported.get(number, '')}"
        for number, document in enumerate(person.documents, 1)
    ]
    until = f" until {time(summary.decide_by)}" if summary.HasField("decide_by") else ""
    lines += [f"directive  {summary.directive}{until}", "reasons"]
    lines += [f"  {reason.log_odds:+7.2f}  {reason.code}  {reason.text.en}" for reason in summary.reasons]
    for match in referral.matches:
        cleared = f"  suppressed by clearance {match.clearance_id}" if match.clearance_id else ""
        lines.append(
            f"match      {match.source} {match.entry_id} {match.lookout_name}  probability {match.probability:.3f}{cleared}"
        )
        lines.append(f"  {match.action}, {match.category}; {match.authority}: {match.purpose}")
        for item in match.evidence:
            lines.append(f"  {item.log_odds:+7.2f}  {item.field}  {item.traveller_value} | {item.lookout_value}")
    for decision in referral.decisions:
        waits = "" if decision.effective else " (waits for a second officer)"
        claims = "; claims a right of entry" if decision.claims_right_of_entry else ""
        lines.append(
            f"decision   {time(decision.decided_at)} {decision.officer} {_word('Disposition', decision.disposition)}: "
            f"{decision.reason}{claims}{waits}"
        )
    return lines


def _word(enum: str, value: int) -> str:
    from forepost.referrals.v1 import referrals_pb2

    prefix = {"ReferralKind": "REFERRAL_KIND_", "ReferralStatus": "REFERRAL_STATUS_", "Disposition": "DISPOSITION_"}[enum]
    name: str = getattr(referrals_pb2, enum).Name(value)
    return name.removeprefix(prefix) if enum == "ReferralKind" else name.removeprefix(prefix).lower()
