"""The lookouts that officers make here, on the officers' listener: messages to and from what the use cases take and give."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from forepost.lookouts.v1 import lookouts_pb2 as pb
from forepost.lookouts.v1 import lookouts_pb2_grpc
from referrals import lookouts as use_cases
from service import encode
from service.credentials import officer
from service.handling import handled, seconds_left
from service.officers import PAGE_SIZE, OfficersCalls, page_faults, purpose_faults
from store.lookouts import LookoutVersion

QUERY_LENGTH = 200  # characters
ANSWER_AT = 0.8  # of the time that a caller gives: then it is told that its change is stored, if not yet effective
_TEXTS = ("entry_id", "name", "authority", "purpose", "category", "action")
_LISTS = ("aliases", "weak_aliases", "dobs", "countries", "birthplaces")
_TIMES = ("valid_from", "valid_until")


class Lookouts(OfficersCalls, lookouts_pb2_grpc.LookoutServiceServicer):
    """The lookout service."""

    @handled
    async def UpsertLookouts(self, request: pb.UpsertLookoutsRequest, context: Any) -> pb.UpsertLookoutsResponse:
        who, seconds = officer(context), seconds_left(context, self.settings)
        faults = [*purpose_faults(request.purpose), *self._size_faults(request)]
        given = [_read(lookout, f"lookouts[{position}]", faults) for position, lookout in enumerate(request.lookouts)]
        actor = self.actor(who, request.purpose, faults)
        done = await self.desk.run(seconds, use_cases.upsert_lookouts, self.engine, actor, given)
        return pb.UpsertLookoutsResponse(
            revision=done.revision,
            changed=done.changed,
            unchanged=done.unchanged,
            effective=await self.publisher.effective(done.revision, ANSWER_AT * seconds_left(context, self.settings)),
        )

    @handled
    async def RemoveLookouts(self, request: pb.RemoveLookoutsRequest, context: Any) -> pb.RemoveLookoutsResponse:
        who, seconds = officer(context), seconds_left(context, self.settings)
        actor = self.actor(who, request.purpose, [*purpose_faults(request.purpose), *self._size_faults(request)])
        done = await self.desk.run(seconds, use_cases.remove_lookouts, self.engine, actor, list(request.entry_ids))
        return pb.RemoveLookoutsResponse(
            revision=done.revision,
            changed=done.changed,
            unchanged=done.unchanged,
            effective=await self.publisher.effective(done.revision, ANSWER_AT * seconds_left(context, self.settings)),
        )

    @handled
    async def GetLookout(self, request: pb.GetLookoutRequest, context: Any) -> pb.GetLookoutResponse:
        who, seconds = officer(context), seconds_left(context, self.settings)
        missing = [] if request.entry_id else [("entry_id", "is empty: use an id from ListLookouts")]
        actor = self.actor(who, request.purpose, [*missing, *purpose_faults(request.purpose)])
        found = await self.desk.run(seconds, use_cases.get_lookout, self.engine, actor, request.entry_id)
        return pb.GetLookoutResponse(versions=_versions(found))

    @handled
    async def ListLookouts(self, request: pb.ListLookoutsRequest, context: Any) -> pb.ListLookoutsResponse:
        who, seconds = officer(context), seconds_left(context, self.settings)
        faults = [*purpose_faults(request.purpose), *page_faults(request.page_size)]
        if len(request.query) > QUERY_LENGTH:
            faults.append(("query", f"{len(request.query):,} characters: use at most {QUERY_LENGTH}"))
        page = await self.desk.run(
            seconds,
            use_cases.list_lookouts,
            self.engine,
            self.actor(who, request.purpose, faults),
            request.page_size or PAGE_SIZE,
            request.page_token,
            request.query,
            request.include_ended,
        )
        return pb.ListLookoutsResponse(lookouts=_versions(page.lookouts), next_page_token=page.next_page_token)

    def _size_faults(self, request: pb.UpsertLookoutsRequest | pb.RemoveLookoutsRequest) -> list[tuple[str, str]]:
        size, limit = request.ByteSize(), self.settings.request_bytes
        return [] if size <= limit else [("", f"{size:,} bytes, at most {limit:,} are read: send fewer lookouts at once")]


def _read(lookout: pb.Lookout, place: str, faults: list[tuple[str, str]]) -> dict[str, Any]:
    """The lookout as the use case takes it; a time that is none is added to the faults."""
    documents = [{name: getattr(one, name) for name in ("type", "number", "issuer")} for one in lookout.documents]
    read: dict[str, Any] = {name: getattr(lookout, name) for name in _TEXTS} | {"documents": documents}
    read |= {name: list(getattr(lookout, name)) for name in _LISTS}
    begins = lookout.valid_from if lookout.HasField("valid_from") else None
    ends = lookout.valid_until if lookout.HasField("valid_until") else None
    return read | {name: _instant(stamp, f"{place}.{name}", faults) for name, stamp in zip(_TIMES, (begins, ends), strict=True)}


def _instant(stamp: Timestamp | None, place: str, faults: list[tuple[str, str]]) -> datetime | None:
    try:
        return stamp.ToDatetime(UTC) if stamp else None
    except (ValueError, OverflowError):
        faults.append((place, "is no time of the years 1 to 9999"))
        return None


def _versions(found: Sequence[LookoutVersion]) -> list[pb.LookoutVersion]:
    return [
        pb.LookoutVersion(
            lookout=_message(version.values),
            revision=version.revision,
            changed_at=encode.timestamp(version.changed_at),
            officer=version.officer,
            purpose=version.purpose,
            removed=version.removed,
        )
        for version in found
    ]


def _message(values: Any) -> pb.Lookout:
    return pb.Lookout(
        **{name: values[name] for name in (*_TEXTS, *_LISTS)},
        documents=[pb.Document(**one) for one in values["documents"]],
        valid_from=encode.timestamp(values["valid_from"]),
        valid_until=encode.timestamp(values["valid_until"]),
    )
