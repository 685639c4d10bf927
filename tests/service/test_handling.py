"""What a caller is told: over real TLS, every way a call can end as a status with details, and never more than that."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from forepost.screening.v1 import screening_pb2, screening_pb2_grpc
from manifests.errors import InputError
from referrals.desk import NotAllowed
from service import certs, client
from service.credentials import officer, submitter
from service.errors import DETAILS, Fields, Missing, Overloaded, Stopping, TooLate
from service.handling import handled, seconds_left
from service.listeners import Listener, listen
from service.settings import Settings
from store.errors import NotFound, PurposeMissing, RequestConflict

SERVICE = screening_pb2.DESCRIPTOR.services_by_name["ScreeningService"].full_name
SECRET = "TREMBLAY/LUCIE"


@dataclass
class Log:
    events: list[dict[str, Any]] = field(default_factory=list)

    def error(self, event: str, **values: Any) -> None:
        self.events.append({"event": event, **values})


class Endings(screening_pb2_grpc.ScreeningServiceServicer):
    """GetScreening ends as `ending` says; the reference of its answer is what that gives."""

    def __init__(self) -> None:
        self.log = Log()
        self.ending: Callable[[Any], str] = submitter

    @handled
    async def GetScreening(self, request: screening_pb2.GetScreeningRequest, context: Any) -> screening_pb2.GetScreeningResponse:
        return screening_pb2.GetScreeningResponse(answer=screening_pb2.TravellerAnswer(reference=self.ending(context)))


@dataclass
class Running:
    address: str
    certs: Path
    servicer: Endings
    listener: Listener
    loop: asyncio.AbstractEventLoop

    def do(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    def call(self, channel: grpc.Channel, timeout: float | None = 30) -> str:
        stub = screening_pb2_grpc.ScreeningServiceStub(channel)
        return stub.GetScreening(screening_pb2.GetScreeningRequest(reference="x"), timeout=timeout).answer.reference


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("certs")
    certs.create(folder, ["ac", "lh"], ["officer-1"], [], datetime.now(UTC))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    servicer = Endings()
    add = partial(screening_pb2_grpc.add_ScreeningServiceServicer_to_server, servicer)

    def do(coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(30)

    listener = do(listen("carriers", "localhost:0", folder, {SERVICE: add}, 4096, True))
    yield Running(listener.address, folder, servicer, listener, loop)
    do(listener.stop(1))
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


@pytest.fixture
def channel(running: Running) -> Iterator[grpc.Channel]:
    with client.carrier_channel(running.address, running.certs, "ac") as channel:
        yield channel


def ended(running: Running, channel: grpc.Channel, ending: Callable[[Any], str]) -> grpc.RpcError:
    running.servicer.ending = ending
    with pytest.raises(grpc.RpcError) as error:
        running.call(channel)
    return error.value


def raising(error: BaseException) -> Callable[[Any], str]:
    def ending(context: Any) -> str:
        raise error

    return ending


def details(error: grpc.RpcError) -> list[Any]:
    kinds = (error_details_pb2.ErrorInfo, error_details_pb2.BadRequest, error_details_pb2.RetryInfo)
    [packed] = [metadatum.value for metadatum in error.trailing_metadata() if metadatum.key == DETAILS]
    found = []
    for detail in status_pb2.Status.FromString(packed).details:
        [message] = [kind() for kind in kinds if detail.Is(kind.DESCRIPTOR)]
        detail.Unpack(message)
        found.append(message)
    return found


def test_the_caller_is_who_the_certificate_names(running: Running) -> None:
    running.servicer.ending = submitter
    for name in ("ac", "lh"):
        with client.carrier_channel(running.address, running.certs, name) as channel:
            assert running.call(channel) == name


def test_each_credential_is_refused_where_the_other_belongs(running: Running, channel: grpc.Channel) -> None:
    denied = ended(running, channel, officer)
    assert denied.code() is grpc.StatusCode.PERMISSION_DENIED
    with client.officer_channel(running.address, running.certs, "officer-1") as other:
        assert ended(running, other, submitter).code() is grpc.StatusCode.PERMISSION_DENIED
        running.servicer.ending = officer
        assert running.call(other) == "officer-1"


def test_without_a_client_certificate_nobody_gets_in(running: Running) -> None:
    running.servicer.ending = submitter
    authority = (running.certs / "ca.pem").read_bytes()
    with (
        grpc.secure_channel(running.address, grpc.ssl_channel_credentials(authority)) as channel,
        pytest.raises(grpc.RpcError) as error,
    ):
        running.call(channel)
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE


def test_a_certificate_of_another_authority_gets_nobody_in(running: Running, tmp_path: Path) -> None:
    running.servicer.ending = submitter
    certs.create(tmp_path, ["ac"], [], [], datetime.now(UTC))
    (tmp_path / "ca.pem").write_bytes((running.certs / "ca.pem").read_bytes())
    with client.carrier_channel(running.address, tmp_path, "ac") as channel, pytest.raises(grpc.RpcError) as error:
        running.call(channel)
    assert error.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [
        (Missing("none"), grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
        (NotFound("none"), grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
        (RequestConflict("r-1"), grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
        (NotAllowed("needs a role"), grpc.StatusCode.PERMISSION_DENIED, "ROLE_MISSING"),
        (TooLate("late"), grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED"),
        (Stopping("stopping"), grpc.StatusCode.UNAVAILABLE, "STOPPING"),
    ],
)
def test_each_failure_has_its_code_and_reason(
    running: Running, channel: grpc.Channel, error: Exception, code: grpc.StatusCode, reason: str
) -> None:
    told = ended(running, channel, raising(error))
    assert told.code() is code
    [info] = details(told)
    assert (info.reason, info.domain) == (reason, "forepost")


def test_every_bad_field_is_named_at_once(running: Running, channel: grpc.Channel) -> None:
    faults = [(f"travellers[{n}].dob", "is not a date") for n in range(5)]
    told = ended(running, channel, raising(Fields(faults)))
    assert told.code() is grpc.StatusCode.INVALID_ARGUMENT
    _, bad = details(told)
    assert [(fault.field, fault.description) for fault in bad.field_violations] == faults
    assert client.faults_of(told) == [f"{field}: {text}" for field, text in faults]
    assert told.details().endswith("and 2 more")


def test_faults_told_as_text_keep_their_field(running: Running, channel: grpc.Channel) -> None:
    faults = ["reference: send one", "reference x.y: send one of ours", "reference[3].dob 1: wrong", "no flight at all: send one"]
    told = ended(running, channel, raising(InputError(faults)))
    _, bad = details(told)
    assert [(fault.field, fault.description) for fault in bad.field_violations] == [
        ("reference", "send one"),
        ("reference", "x.y: send one of ours"),
        ("reference[3].dob", "1: wrong"),
        ("", "no flight at all: send one"),
    ]


def test_a_missing_purpose_is_a_bad_field(running: Running, channel: grpc.Channel) -> None:
    _, bad = details(ended(running, channel, raising(PurposeMissing("no purpose"))))
    assert [fault.field for fault in bad.field_violations] == ["purpose"]


def test_overload_says_when_to_come_back(running: Running, channel: grpc.Channel) -> None:
    told = ended(running, channel, raising(Overloaded(1.5)))
    assert told.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    _, retry = details(told)
    assert retry.retry_delay.ToTimedelta().total_seconds() == 1.5


def test_an_unexpected_failure_tells_an_id_and_nothing_else(running: Running, channel: grpc.Channel) -> None:
    told = ended(running, channel, raising(KeyError(SECRET)))
    assert told.code() is grpc.StatusCode.INTERNAL
    [info] = details(told)
    event = running.servicer.log.events[-1]
    assert event["error_id"] == info.metadata["error_id"]
    assert event["error_id"] in told.details()
    assert (event["exception"], event["method"]) == ("KeyError", "GetScreening")
    assert any("in ending" in frame or frame.endswith(" ending") for frame in event["stack"])
    assert SECRET not in str(event)
    assert SECRET not in str(told)


@pytest.mark.parametrize("body", [b"\xff\xff\xff", b"\n\xff", b"\n\x02\xff\xfe"])
def test_a_body_that_is_no_message_is_the_callers_fault(channel: grpc.Channel, body: bytes) -> None:
    call = channel.unary_unary(f"/{SERVICE}/GetScreening")
    with pytest.raises(grpc.RpcError) as error:
        call(body, timeout=30)
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_deadline_is_the_callers_or_that_of_the_settings(running: Running, channel: grpc.Channel) -> None:
    settings = Settings(deadline=7)
    running.servicer.ending = lambda context: str(seconds_left(context, settings))
    assert running.call(channel, timeout=None) == "7.0"
    assert 20 < float(running.call(channel, timeout=25)) < 26  # gRPC rounds a deadline up


def test_a_port_that_is_taken_is_named(running: Running) -> None:
    with pytest.raises(InputError, match=f"carriers {running.address}: cannot listen there"):
        running.do(listen("carriers", running.address, running.certs, {SERVICE: lambda server: None}, 4096, False))


def test_health_is_not_serving_until_it_is_said(running: Running, channel: grpc.Channel) -> None:
    stub = health_pb2_grpc.HealthStub(channel)

    def status(service: str) -> int:
        return stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=30).status

    states = health_pb2.HealthCheckResponse
    assert {status(""), status(SERVICE)} <= {states.NOT_SERVING, states.SERVING}
    running.do(running.listener.serving())
    assert {status(""), status(SERVICE)} == {states.SERVING}
