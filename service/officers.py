"""The officers' listener: the officer comes from the credential, the purpose from the message, the rest from the use cases."""

from collections.abc import Mapping
from typing import Any

from forepost.referrals.v1 import referrals_pb2, referrals_pb2_grpc
from manifests.vocabulary import PURPOSES
from referrals import desk as use_cases
from referrals.engine import Engine
from service import encode
from service.credentials import officer, roles_of
from service.desk import Desk
from service.errors import Fields, Log
from service.handling import handled, seconds_left
from service.publisher import Publisher
from service.settings import Settings
from store.actor import Actor

PAGE_SIZE, LARGEST_PAGE = 50, 500
REASON_LENGTH = 4_000  # characters


class OfficersCalls:
    """What every service of this listener has: the engine in use, and who calls; `roles` by officer id."""

    def __init__(
        self, publisher: Publisher, desk: Desk, roles: Mapping[str, frozenset[str]], settings: Settings, log: Log
    ) -> None:
        self.publisher = publisher
        self.desk = desk
        self.roles = roles
        self.settings = settings
        self.log = log

    @property
    def engine(self) -> Engine:
        return self.publisher.engine

    def actor(self, who: str, purpose: str, faults: list[tuple[str, str]]) -> Actor:
        """The actor of a call whose fields are all good; raises Fields with every one that is not."""
        if faults:
            raise Fields(faults)
        return Actor(who, roles_of(self.roles, who), purpose)


class Officers(OfficersCalls, referrals_pb2_grpc.ReferralServiceServicer):
    """The referral service."""

    @handled
    async def ListReferrals(
        self, request: referrals_pb2.ListReferralsRequest, context: Any
    ) -> referrals_pb2.ListReferralsResponse:
        who = officer(context)
        faults = purpose_faults(request.purpose)
        faults += page_faults(request.page_size)
        page = await self.desk.run(
            seconds_left(context, self.settings),
            use_cases.list_referrals,
            self.engine,
            self.actor(who, request.purpose, faults),
            request.page_size or PAGE_SIZE,
            request.page_token,
            request.include_decided,
        )
        return referrals_pb2.ListReferralsResponse(
            referrals=[encode.summary(found) for found in page.referrals], next_page_token=page.next_page_token
        )

    @handled
    async def GetReferral(self, request: referrals_pb2.GetReferralRequest, context: Any) -> referrals_pb2.GetReferralResponse:
        who = officer(context)
        actor = self.actor(who, request.purpose, [*_id_faults(request.referral_id), *purpose_faults(request.purpose)])
        seconds = seconds_left(context, self.settings)
        found = await self.desk.run(seconds, use_cases.get_referral, self.engine, actor, request.referral_id)
        return referrals_pb2.GetReferralResponse(referral=encode.referral(found))

    @handled
    async def DecideReferral(
        self, request: referrals_pb2.DecideReferralRequest, context: Any
    ) -> referrals_pb2.DecideReferralResponse:
        who = officer(context)
        faults = [*_id_faults(request.referral_id), *purpose_faults(request.purpose)]
        disposition = encode.DISPOSITION_NAMES.get(request.disposition, "unspecified")
        if disposition == "unspecified":
            faults.append(("disposition", f"{request.disposition}: name one of {', '.join(list(encode.DISPOSITIONS)[1:])}"))
        if not request.reason.strip():
            faults.append(("reason", "is empty: say why"))
        if len(request.reason) > REASON_LENGTH:
            faults.append(("reason", f"{len(request.reason):,} characters: use at most {REASON_LENGTH:,}"))
        decided = await self.desk.run(
            seconds_left(context, self.settings),
            use_cases.decide,
            self.engine,
            self.actor(who, request.purpose, faults),
            request.referral_id,
            disposition,
            request.reason,
            request.legal_basis or None,
            request.claims_right_of_entry,
        )
        return referrals_pb2.DecideReferralResponse(
            status=encode.STATUSES[decided.status], directive=decided.directive, clearance_ids=decided.clearances
        )


def _id_faults(referral_id: str) -> list[tuple[str, str]]:
    return [] if referral_id else [("referral_id", "is empty: use the id from ListReferrals")]


def page_faults(size: int) -> list[tuple[str, str]]:
    return [] if 0 <= size <= LARGEST_PAGE else [("page_size", f"{size}: use 1 to {LARGEST_PAGE}, or 0 for {PAGE_SIZE}")]


def purpose_faults(purpose: str) -> list[tuple[str, str]]:
    if purpose in PURPOSES.categories:
        return []
    return [("purpose", f"{purpose or 'is empty'}: name one of {', '.join(PURPOSES.categories)}")]
