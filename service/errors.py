"""How a call can fail, and what its caller is told: a status code with google.rpc details, never a traceback.

CallError                       a call that ends with a status of its own
├── Denied                      PERMISSION_DENIED: the credential is not one for this listener
├── Missing                     NOT_FOUND
├── Overloaded                  RESOURCE_EXHAUSTED, with the time after which to try again
├── TooLate                     DEADLINE_EXCEEDED: no answer in time
└── Stopping                    UNAVAILABLE: the server is shutting down
store.errors.RequestConflict    ALREADY_EXISTS: the request id was used with another body
store.errors.NotFound           NOT_FOUND
referrals.desk.NotAllowed       PERMISSION_DENIED: the officer's roles do not allow it
store.errors.PurposeMissing     INVALID_ARGUMENT, naming the purpose
manifests.errors.InputError     INVALID_ARGUMENT, with every bad field
anything else                   INTERNAL, with an id that is in the log
"""

import re
import traceback
import uuid
from collections.abc import Sequence
from typing import Any, ClassVar, Protocol

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2

from manifests.errors import InputError

DETAILS = "grpc-status-details-bin"


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


def report(log: Log, error: BaseException, **values: Any) -> str:
    """Log type and stack of `error`, never its message or values, which may hold personal data; give the error's id."""
    error_id = uuid.uuid4().hex
    stack = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    log.error("unexpected", error_id=error_id, exception=type(error).__qualname__, stack=stack, **values)
    return error_id


def violations(error: InputError, request: Message) -> list[tuple[str, str]]:
    """Each fault as field and description; the field is empty where the fault does not begin with one of the request's."""
    return error.violations if isinstance(error, Fields) else [_split(fault, request) for fault in error.faults]


def _split(fault: str, request: Message) -> tuple[str, str]:
    """A fault written `place: what to do` or `place value: what to do`."""
    place = fault.partition(" ")[0].removesuffix(":")
    root = re.split(r"[.\[]", place)[0]
    return (place, fault[len(place) :].lstrip(": ")) if root in request.DESCRIPTOR.fields_by_name else ("", fault)
