"""How a call can fail, and what its caller is told: a status code with google.rpc details, never a traceback.

CallError                 a call that ends with a status of its own
├── Denied                PERMISSION_DENIED: the credential is not one for this listener
├── Missing               NOT_FOUND
├── Conflict              ALREADY_EXISTS: the request id was used with another body
├── Overloaded            RESOURCE_EXHAUSTED, with the time after which to try again
├── TooLate               DEADLINE_EXCEEDED: dropped before the work began
└── Stopping              UNAVAILABLE: the server is shutting down
manifests.errors.InputError   INVALID_ARGUMENT, with every bad field
anything else                 INTERNAL, with an id that is in the log
"""

import asyncio
import functools
import traceback
import uuid
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, ClassVar, Never, Protocol, TypeVar

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from manifests.errors import InputError

DOMAIN = "forepost"
DETAILS = "grpc-status-details-bin"

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
Servicer = TypeVar("Servicer")


class Log(Protocol):
    """The one thing that handlers ask of a logger: an event and its values."""

    def error(self, event: str, **values: Any) -> object: ...


class Fields(InputError):
    """Request fields that cannot be used, as pairs of field and description."""

    def __init__(self, violations: Sequence[tuple[str, str]]) -> None:
        self.violations = list(violations)
        super().__init__([f"{field}: {description}" for field, description in violations])


class CallError(Exception):
    code: ClassVar[grpc.StatusCode]
    reason: ClassVar[str]

    def details(self) -> list[Message]:
        return []


class Denied(CallError):
    code, reason = grpc.StatusCode.PERMISSION_DENIED, "CREDENTIAL_NOT_FOR_THIS_LISTENER"


class Missing(CallError):
    code, reason = grpc.StatusCode.NOT_FOUND, "NOT_FOUND"


class Conflict(CallError):
    code, reason = grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"


class Overloaded(CallError):
    code, reason = grpc.StatusCode.RESOURCE_EXHAUSTED, "QUEUE_FULL"

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"too many travellers are waiting: send the same request again in {retry_after:.1f} s")

    def details(self) -> list[Message]:
        info = error_details_pb2.RetryInfo()
        info.retry_delay.FromMilliseconds(round(self.retry_after * 1000))
        return [info]


class TooLate(CallError):
    code, reason = grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_PASSED"


class Stopping(CallError):
    code, reason = grpc.StatusCode.UNAVAILABLE, "STOPPING"


def handled(
    method: Callable[[Servicer, Request, Any], Awaitable[Response]],
) -> Callable[[Servicer, Request, Any], Awaitable[Response]]:
    """An RPC method of a servicer with a `log`, with every exception turned into a status."""

    @functools.wraps(method)
    async def call(self: Servicer, request: Request, context: Any) -> Response:
        try:
            return await method(self, request, context)
        except asyncio.CancelledError:
            raise
        except CallError as error:
            await _abort(context, error.code, str(error), error.reason, error.details())
        except InputError as error:
            summary = "; ".join(error.faults[:3]) + ("; …" if len(error.faults) > 3 else "")
            await _abort(context, grpc.StatusCode.INVALID_ARGUMENT, summary, "BAD_REQUEST", [_bad_request(error)])
        except Exception as error:
            log: Log = self.log  # type: ignore[attr-defined]
            error_id = report(log, error, method=method.__name__)
            await _abort(context, grpc.StatusCode.INTERNAL, f"the call failed; quote error {error_id}", "INTERNAL", [], error_id)

    return call


def report(log: Log, error: BaseException, **values: Any) -> str:
    """Log type and stack of `error`, never its message or values, which may hold personal data; give the error's id."""
    error_id = uuid.uuid4().hex
    stack = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("unexpected", error_id=error_id, exception=type(error).__qualname__, stack=stack, **values)
    return error_id


def _bad_request(error: InputError) -> error_details_pb2.BadRequest:
    pairs = error.violations if isinstance(error, Fields) else [_split(fault) for fault in error.faults]
    return error_details_pb2.BadRequest(
        field_violations=[error_details_pb2.BadRequest.FieldViolation(field=field, description=text) for field, text in pairs]
    )


def _split(fault: str) -> tuple[str, str]:
    """Field and description of a fault written `field: description`; the field is empty where none is named."""
    field, colon, description = fault.partition(": ")
    return (field, description) if colon and " " not in field else ("", fault)


async def _abort(
    context: Any, code: grpc.StatusCode, message: str, reason: str, details: list[Message], error_id: str | None = None
) -> Never:
    status = status_pb2.Status(code=code.value[0], message=message)
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata={"error_id": error_id} if error_id else {})
    for detail in (info, *details):
        status.details.add().Pack(detail)
    await context.abort(code, message, trailing_metadata=((DETAILS, status.SerializeToString()),))
    raise AssertionError("abort raises")
