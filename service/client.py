"""Calling a Forepost server with a client certificate: for the command line, the demo, the benchmarks and tests."""

from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, cast

import grpc
from google.rpc import error_details_pb2, status_pb2

from forepost.clearances.v1 import clearances_pb2, clearances_pb2_grpc
from forepost.lookouts.v1 import lookouts_pb2, lookouts_pb2_grpc
from forepost.referrals.v1 import referrals_pb2, referrals_pb2_grpc
from forepost.screening.v1 import screening_pb2, screening_pb2_grpc
from manifests.errors import InputError
from service.credentials import client_credentials
from service.errors import DETAILS

Request = TypeVar("Request")
Response = TypeVar("Response")

MESSAGE_BYTES = 64 * 2**20  # of a response at most: a large manifest's answers


class CallFailed(InputError):
    """A call that the server refused or that did not reach it; every bad field is a fault of its own."""


def carrier_channel(address: str, certs: Path, name: str) -> grpc.Channel:
    """A channel of the carrier `name` to the carriers' listener. Raises InputError without its certificate."""
    return _channel(address, certs, f"carriers/{name}")


def officer_channel(address: str, certs: Path, officer: str) -> grpc.Channel:
    """A channel of the officer to the officers' listener. Raises InputError without the certificate."""
    return _channel(address, certs, f"officers/{officer}")


def carrier_channel_aio(address: str, certs: Path, name: str) -> grpc.aio.Channel:
    """The same for asyncio: many calls under way at once on one connection."""
    return grpc.aio.secure_channel(address, client_credentials(certs, f"carriers/{name}"), options=_options())


def _channel(address: str, certs: Path, place: str) -> grpc.Channel:
    return grpc.secure_channel(address, client_credentials(certs, place), options=_options())


def _options() -> list[tuple[str, int]]:
    # A pool of its own per channel: channels of one process otherwise share one connection.
    return [("grpc.max_receive_message_length", MESSAGE_BYTES), ("grpc.use_local_subchannel_pool", 1)]


def faults_of(error: grpc.RpcError) -> list[str]:
    """What the server says is wrong: one text per bad field, else the status message."""
    message = str(error.details() or "")
    faults = []
    # Pairs from the synchronous and the asynchronous client alike, though their types say otherwise.
    for key, value in cast("Iterable[tuple[str, bytes]]", error.trailing_metadata() or ()):
        if key == DETAILS:
            for detail in status_pb2.Status.FromString(value).details:
                bad = error_details_pb2.BadRequest()
                if detail.Unpack(bad):
                    faults += [f"{fault.field}: {fault.description}".removeprefix(": ") for fault in bad.field_violations]
    return faults or [message]


class OfficerClient:
    """The officers' listener as one officer; a context manager. Every method raises CallFailed."""

    def __init__(self, address: str, certs: Path, officer: str, seconds: float = 30.0) -> None:
        self._address = address
        self._seconds = seconds
        self._channel = officer_channel(address, certs, officer)
        self._stub = referrals_pb2_grpc.ReferralServiceStub(self._channel)
        self._lookouts = lookouts_pb2_grpc.LookoutServiceStub(self._channel)
        self._clearances = clearances_pb2_grpc.ClearanceServiceStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._channel.close()

    def list(self, request: referrals_pb2.ListReferralsRequest) -> referrals_pb2.ListReferralsResponse:
        return self._call(self._stub.ListReferrals, request)

    def show(self, request: referrals_pb2.GetReferralRequest) -> referrals_pb2.Referral:
        return self._call(self._stub.GetReferral, request).referral

    def decide(self, request: referrals_pb2.DecideReferralRequest) -> referrals_pb2.DecideReferralResponse:
        return self._call(self._stub.DecideReferral, request)

    def upsert_lookouts(self, request: lookouts_pb2.UpsertLookoutsRequest) -> lookouts_pb2.UpsertLookoutsResponse:
        return self._call(self._lookouts.UpsertLookouts, request)

    def remove_lookouts(self, request: lookouts_pb2.RemoveLookoutsRequest) -> lookouts_pb2.RemoveLookoutsResponse:
        return self._call(self._lookouts.RemoveLookouts, request)

    def list_lookouts(self, request: lookouts_pb2.ListLookoutsRequest) -> lookouts_pb2.ListLookoutsResponse:
        return self._call(self._lookouts.ListLookouts, request)

    def show_lookout(self, request: lookouts_pb2.GetLookoutRequest) -> lookouts_pb2.GetLookoutResponse:
        return self._call(self._lookouts.GetLookout, request)

    def enter_redress_number(
        self, request: clearances_pb2.EnterRedressNumberRequest
    ) -> clearances_pb2.EnterRedressNumberResponse:
        return self._call(self._clearances.EnterRedressNumber, request)

    def list_clearances(self, request: clearances_pb2.ListClearancesRequest) -> clearances_pb2.ListClearancesResponse:
        return self._call(self._clearances.ListClearances, request)

    def revoke_clearance(self, request: clearances_pb2.RevokeClearanceRequest) -> clearances_pb2.RevokeClearanceResponse:
        return self._call(self._clearances.RevokeClearance, request)

    def _call(self, method: Callable[..., Response], request: Request) -> Response:
        try:
            return method(request, timeout=self._seconds)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise CallFailed(
                    f"{self._address}: no server answers this credential: start one with forepost serve, or name another "
                    f"with --server and its certificates with --certs ({error.details()})"
                ) from error
            raise CallFailed(faults_of(error)) from error


class CarrierClient:
    """The screening service as one carrier, many calls under way at once; an asynchronous context manager.

    Every method raises CallFailed.
    """

    def __init__(self, address: str, certs: Path, name: str, seconds: float = 30.0) -> None:
        self._address = address
        self._seconds = seconds
        self._channel = carrier_channel_aio(address, certs, name)
        self._stub = screening_pb2_grpc.ScreeningServiceStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._channel.close()

    async def screen_traveller(self, request: screening_pb2.ScreenTravellerRequest) -> screening_pb2.ScreenTravellerResponse:
        return await self._call(self._stub.ScreenTraveller, request)

    async def screen_manifest(self, request: screening_pb2.ScreenManifestRequest) -> screening_pb2.ScreenManifestResponse:
        return await self._call(self._stub.ScreenManifest, request)

    async def _call(self, method: Callable[..., Awaitable[Response]], request: Request) -> Response:
        try:
            return await method(request, timeout=self._seconds)
        except grpc.RpcError as error:
            if error.code() is grpc.StatusCode.UNAVAILABLE:
                raise CallFailed(f"{self._address}: no server answers this carrier's credential ({error.details()})") from error
            raise CallFailed(faults_of(error)) from error
