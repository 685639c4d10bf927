"""The carriers' listener: decode, screen, encode. What is decided about a traveller is decided elsewhere."""

import asyncio
import hmac
from collections.abc import Sequence
from typing import Any

import polars as pl

from forepost.screening.v1 import screening_pb2, screening_pb2_grpc
from manifests import cusres, protobuf
from manifests.errors import InputError
from manifests.frames import split
from manifests.reader import Received, read_edifact
from referrals.engine import Engine
from referrals.screen import Answer, Request, current, faults_told
from service import encode
from service.credentials import submitter
from service.desk import Desk
from service.errors import Fields, Log, Missing, violations
from service.handling import handled, seconds_left
from service.publisher import Publisher
from service.queue import ScreeningQueue
from service.settings import Settings
from store.actor import Actor

REQUEST_ID_LENGTH = 200  # characters
BYTES_PER_TRAVELLER = 400  # of a message, for the queue's bound alone

SingleFlight = screening_pb2.ScreenTravellerRequest | screening_pb2.ScreenManifestRequest


class Carriers(screening_pb2_grpc.ScreeningServiceServicer):
    """The screening service over the engine in use."""

    def __init__(
        self, publisher: Publisher, queue: ScreeningQueue[Request, Answer], desk: Desk, settings: Settings, log: Log
    ) -> None:
        self.publisher = publisher
        self.queue = queue
        self.desk = desk
        self.settings = settings
        self.log = log

    @property
    def engine(self) -> Engine:
        return self.publisher.engine

    @handled
    async def ScreenTraveller(
        self, request: screening_pb2.ScreenTravellerRequest, context: Any
    ) -> screening_pb2.ScreenTravellerResponse:
        missing = [] if request.HasField("traveller") else [("traveller", "is absent: send one")]
        answer = await self._one_flight(request, 1, missing, context)
        return screening_pb2.ScreenTravellerResponse(
            answer=encode.answers(answer.answers)[0],
            faults=encode.faults(answer.faults),
            degraded_sources=answer.degraded,
        )

    @handled
    async def ScreenManifest(
        self, request: screening_pb2.ScreenManifestRequest, context: Any
    ) -> screening_pb2.ScreenManifestResponse:
        travellers = len(request.travellers.ref)
        missing = [] if travellers else [("travellers.ref", "is empty: send one reference per traveller")]
        answer = await self._one_flight(request, travellers, missing, context)
        return screening_pb2.ScreenManifestResponse(
            answers=encode.answers(answer.answers),
            faults=encode.faults(answer.faults),
            degraded_sources=answer.degraded,
        )

    @handled
    async def ScreenMessage(
        self, request: screening_pb2.ScreenMessageRequest, context: Any
    ) -> screening_pb2.ScreenMessageResponse:
        who = submitter(context)
        message, limit = request.message, self.settings.message_bytes
        faults = _request_id_faults(request.request_id) if request.request_id else []
        if not message:
            faults.append(("message", "is empty: send a PAXLST or PNRGOV interchange"))
        if len(message) > limit:
            faults.append(("message", f"{len(message):,} bytes, at most {limit:,} are read: send one interchange per flight"))
        if faults:
            raise Fields(faults)
        digest = self._digest("ScreenMessage", message)
        # Sender and references stand in the body: an interchange that is sent again has the same one.
        request_id = request.request_id or f"edifact:{digest}"
        read: list[Received] = []

        def requests() -> list[Request]:
            read.append(read_edifact(message, self.engine.store.key.cards).to_screen())
            manifests = split(read[0].manifest)
            return [Request(who, f"{request_id}/{number}", digest, manifest) for number, manifest in enumerate(manifests)]

        travellers = 1 + len(message) // BYTES_PER_TRAVELLER
        outcomes = await self.queue.submit(requests, travellers, seconds_left(context, self.settings))
        return await asyncio.to_thread(self._message_response, read[0], outcomes)

    @handled
    async def GetScreening(self, request: screening_pb2.GetScreeningRequest, context: Any) -> screening_pb2.GetScreeningResponse:
        actor = Actor(submitter(context), frozenset({"carrier"}))
        seconds = seconds_left(context, self.settings)
        found = await self.desk.run(seconds, current, self.engine, actor, request.reference)
        if found is None:
            raise Missing("you had no traveller screened under this reference: use the reference of an answer")
        return screening_pb2.GetScreeningResponse(
            answer=encode.answer(
                found.ref, found.reference, found.directive, found.entry_authorisation, found.decide_by, found.telephone
            )
        )

    def _message_response(
        self, read: Received, outcomes: Sequence[tuple[Request, Answer | Exception]]
    ) -> screening_pb2.ScreenMessageResponse:
        """The answers of every flight that could be screened; raises what ended the call when none could, or a conflict."""
        unusable = [outcome for _, outcome in outcomes if isinstance(outcome, InputError)]
        if unusable and len(unusable) == len(outcomes):
            raise unusable[0]
        faults = faults_told(self.engine, read.manifest)
        response = screening_pb2.ScreenMessageResponse(faults=encode.faults(faults))
        flights, travellers = read.manifest.flights.to_dicts(), read.manifest.travellers.partition_by("flight", as_dict=True)
        told, degraded = [], dict[str, None]()
        for flight, (_, outcome) in zip(flights, outcomes, strict=True):
            answered = response.flights.add(flight=encode.flight(flight))
            if isinstance(outcome, InputError):
                for fault in outcome.faults:
                    response.faults.add(where=f"messages[{flight['flight']}]", problem=fault)
                continue
            if isinstance(outcome, Exception):
                raise outcome
            answered.answers.extend(encode.answers(outcome.answers))
            degraded |= dict.fromkeys(outcome.degraded)
            told.append(travellers[flight["flight"],].select("traveller", outcome.answers["directive"]))
        response.degraded_sources.extend(degraded)
        if read.paxlst is not None:
            codes = {str(directive): code for directive, code in self.engine.parts.policy.carrier_codes.items()}
            response.cusres = cusres.write(read.paxlst, pl.concat(told), codes, self.engine.clock(), faults)
        return response

    async def _one_flight(self, request: SingleFlight, travellers: int, missing: list[tuple[str, str]], context: Any) -> Answer:
        """Screen the one flight of a request. Raises Fields with every part of it that is missing, and what screening raises."""
        who = submitter(context)
        faults = [*_request_id_faults(request.request_id), *missing]
        if not request.HasField("flight"):
            faults.append(("flight", "is absent: send carrier, number, departure, arrival and departure_time"))
        body, limit = request.SerializeToString(deterministic=True), self.settings.request_bytes
        if len(body) > limit:
            faults.append(("", f"{len(body):,} bytes, at most {limit:,} are read: send one flight per request"))
            raise Fields(faults)

        def requests() -> list[Request]:
            try:
                manifest = protobuf.manifest_of(request, self.engine.store.key.cards)
            except InputError as error:
                raise Fields([*faults, *violations(error, request)]) from error
            if faults:
                raise Fields(faults)
            return [Request(who, request.request_id, self._digest(type(request).__name__, body), manifest)]

        [(_, outcome)] = await self.queue.submit(requests, travellers, seconds_left(context, self.settings))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _digest(self, method: str, body: bytes) -> str:
        """Keyed digest of a request's body and the method it was sent to: no method answers for another, and nobody without
        the key can try bodies out."""
        return hmac.digest(self.engine.store.key.requests, method.encode() + b"\0" + body, "sha256").hex()


def _request_id_faults(request_id: str) -> list[tuple[str, str]]:
    if not request_id:
        return [("request_id", "is empty: send an id of your own, the same again for a retry")]
    if len(request_id) > REQUEST_ID_LENGTH:
        return [("request_id", f"{len(request_id)} characters: use at most {REQUEST_ID_LENGTH}")]
    return []
