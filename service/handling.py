"""How a handler ends: every exception becomes a status code with google.rpc details, never a traceback to the caller."""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Never, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2

from manifests.errors import InputError
from manifests.vocabulary import PURPOSES
from referrals.desk import NotAllowed
from service.errors import DETAILS, CallError, Fields, Log, report, violations
from service.settings import Settings
from store.errors import NotFound, PurposeMissing, RequestConflict

DOMAIN = "forepost"  # of every google.rpc.ErrorInfo

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response", bound=Message)
Servicer = TypeVar("Servicer")


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
        except RequestConflict:
            message = "request_id was used before with another body: send the first body again, or a new request_id"
            await _abort(context, grpc.StatusCode.ALREADY_EXISTS, message, "REQUEST_ID_REUSED")
        except NotAllowed as error:
            await _abort(context, grpc.StatusCode.PERMISSION_DENIED, str(error), "ROLE_MISSING")
        except NotFound:
            await _abort(context, grpc.StatusCode.NOT_FOUND, "nothing that you may read has this id", "NOT_FOUND")
        except PurposeMissing:
            await _refuse(context, request, Fields([("purpose", f"name one of {', '.join(PURPOSES.categories)}")]))
        except InputError as error:
            await _refuse(context, request, error)
        except Exception as error:
            log: Log = self.log  # type: ignore[attr-defined]
            error_id = report(log, error, method=method.__name__)
            message = f"the call failed on our side; quote error {error_id}"
            await _abort(context, grpc.StatusCode.INTERNAL, message, "INTERNAL", error_id=error_id)

    return call


def seconds_left(context: Any, settings: Settings) -> float:
    """Seconds until the caller's deadline, or those of the settings where it set none."""
    remaining: float | None = context.time_remaining()
    return settings.deadline if remaining is None else max(remaining, 0.0)


async def unreadable(context: Any) -> Never:
    """End a call whose body is no message of the contract."""
    problem = "the body is no message of this method: truncated, or text that is not UTF-8"
    await _refuse(context, Empty(), Fields([("", problem)]))


async def _refuse(context: Any, request: Message, error: InputError) -> Never:
    pairs = violations(error, request)
    texts = [f"{field}: {text}".removeprefix(": ") for field, text in pairs]
    bad = error_details_pb2.BadRequest(
        field_violations=[error_details_pb2.BadRequest.FieldViolation(field=field, description=text) for field, text in pairs]
    )
    summary = "; ".join(texts[:3]) + (f"; and {len(texts) - 3} more" if len(texts) > 3 else "")
    await _abort(context, grpc.StatusCode.INVALID_ARGUMENT, summary, "BAD_REQUEST", [bad])


async def _abort(
    context: Any,
    code: grpc.StatusCode,
    message: str,
    reason: str,
    details: Sequence[Message] = (),
    error_id: str | None = None,
) -> Never:
    status = status_pb2.Status(code=code.value[0], message=message)
    info = error_details_pb2.ErrorInfo(reason=reason, domain=DOMAIN, metadata={"error_id": error_id} if error_id else {})
    for detail in (info, *details):
        status.details.add().Pack(detail)
    await context.abort(code, message, trailing_metadata=((DETAILS, status.SerializeToString()),))
    raise AssertionError("abort raises")
