"""Clearances and redress numbers on the officers' listener: messages to and from what the use cases take and give."""

from datetime import UTC
from typing import Any

from forepost.clearances.v1 import clearances_pb2 as pb
from forepost.clearances.v1 import clearances_pb2_grpc
from referrals import redress as use_cases
from service import encode
from service.credentials import officer
from service.handling import handled, seconds_left
from service.officers import PAGE_SIZE, REASON_LENGTH, OfficersCalls, page_faults, purpose_faults
from store.records import Clearance

DOCUMENTS, LOOKOUTS = 20, 500  # of one redress number at most


class Clearances(OfficersCalls, clearances_pb2_grpc.ClearanceServiceServicer):
    """The clearance service."""

    @handled
    async def EnterRedressNumber(self, request: pb.EnterRedressNumberRequest, context: Any) -> pb.EnterRedressNumberResponse:
        who, seconds = officer(context), seconds_left(context, self.settings)
        faults = [*purpose_faults(request.purpose), *_reason_faults(request.reason)]
        for field, given, most in (
            ("person.documents", request.person.documents, DOCUMENTS),
            ("lookouts", request.lookouts, LOOKOUTS),
        ):
            if len(given) > most:
                faults.append((field, f"{len(given):,} of them: give at most {most}"))
        expires_at = None
        if request.HasField("expires_at"):
            try:
                expires_at = request.expires_at.ToDatetime(UTC)
            except (ValueError, OverflowError):
                faults.append(("expires_at", "is no time of the years 1 to 9999"))
        entered = await self.desk.run(
            seconds,
            use_cases.enter,
            self.engine,
            self.actor(who, request.purpose, faults),
            request.redress_number,
            {name: getattr(request.person, name) for name in use_cases.PERSON},
            [{name: getattr(document, name) for name in use_cases.DOCUMENT} for document in request.person.documents],
            [(lookout.source, lookout.entry_id) for lookout in request.lookouts],
            request.reason,
            expires_at,
        )
        return pb.EnterRedressNumberResponse(redress_id=entered.redress_id, clearance_ids=entered.clearances)

    @handled
    async def ListClearances(self, request: pb.ListClearancesRequest, context: Any) -> pb.ListClearancesResponse:
        who, seconds = officer(context), seconds_left(context, self.settings)
        faults = [*purpose_faults(request.purpose), *page_faults(request.page_size)]
        page = await self.desk.run(
            seconds,
            use_cases.list_clearances,
            self.engine,
            self.actor(who, request.purpose, faults),
            request.page_size or PAGE_SIZE,
            request.page_token,
            request.include_ended,
            request.referral_id,
            request.lookout.source,
            request.lookout.entry_id,
        )
        return pb.ListClearancesResponse(
            clearances=[_message(one) for one in page.clearances], next_page_token=page.next_page_token
        )

    @handled
    async def RevokeClearance(self, request: pb.RevokeClearanceRequest, context: Any) -> pb.RevokeClearanceResponse:
        who, seconds = officer(context), seconds_left(context, self.settings)
        faults = [*purpose_faults(request.purpose), *_reason_faults(request.reason)]
        if not request.id:
            faults.append(("id", "is empty: use a clearance_id or redress_id of ListClearances"))
        actor = self.actor(who, request.purpose, faults)
        ended = await self.desk.run(seconds, use_cases.revoke, self.engine, actor, request.id, request.reason)
        return pb.RevokeClearanceResponse(clearance_ids=ended)


def _reason_faults(reason: str) -> list[tuple[str, str]]:
    if not reason.strip():
        return [("reason", "is empty: say why")]
    if len(reason) > REASON_LENGTH:
        return [("reason", f"{len(reason):,} characters: use at most {REASON_LENGTH:,}")]
    return []


def _message(one: Clearance) -> pb.Clearance:
    return pb.Clearance(
        clearance_id=one.id,
        origin=one.origin,
        referral_id=one.referral_id or "",
        redress_id=one.redress_id or "",
        redress_number=one.redress_number or "",
        lookout=pb.LookoutKey(source=one.source, entry_id=one.entry_id),
        officer=one.officer,
        purpose=one.purpose,
        made_at=encode.timestamp(one.made_at),
        expires_at=encode.timestamp(one.expires_at),
        ended_at=encode.timestamp(one.ended_at),
        ended_by=one.ended_by or "",
    )
