"""The two listeners: TLS, limits, health and reflection. What they serve is handed in."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from manifests.errors import InputError
from service.credentials import server_credentials
from service.handling import unreadable

# gRPC refuses in its own words, without details: on the wire this many times the limit that handlers explain passes.
EXPLAINED = 4
MOST_BYTES = 2**31 - 1  # a gRPC option is a C int


class Parsing(grpc.aio.ServerInterceptor):
    """Requests that are no messages of the contract are INVALID_ARGUMENT; gRPC alone calls them the server's failure."""

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(handler_call_details)
        if handler is None or handler.unary_unary is None:
            return handler

        async def parsed(body: bytes, context: Any) -> Any:
            try:
                request = handler.request_deserializer(body)
            except Exception:
                await unreadable(context)
            return await handler.unary_unary(request, context)

        return grpc.unary_unary_rpc_method_handler(parsed, None, handler.response_serializer)


@dataclass(frozen=True)
class Listener:
    """A gRPC server on one address, with its health and that of its services: NOT_SERVING until told otherwise."""

    server: grpc.aio.Server
    health: health.aio.HealthServicer
    services: tuple[str, ...]
    address: str  # with the port that was taken

    async def serving(self) -> None:
        for name in ("", *self.services):
            await self.tell(name, serving=True)

    async def tell(self, service: str, *, serving: bool) -> None:
        """Let the health of a service be so from now on."""
        answer = health_pb2.HealthCheckResponse
        await self.health.set(service, answer.SERVING if serving else answer.NOT_SERVING)

    async def stop(self, grace: float) -> None:
        """Refuse new calls at once and give those under way `grace` seconds."""
        await self.health.enter_graceful_shutdown()
        await self.server.stop(grace)


async def listen(
    setting: str,
    address: str,
    certificates: Path,
    services: Mapping[str, Callable[[grpc.aio.Server], None]],
    request_bytes: int,
    reflect: bool,
) -> Listener:
    """A started listener for services by their full names, each a function that adds it to the server; their handlers
    refuse what is over `request_bytes`.

    Raises InputError where the address is taken or bad.
    """
    options: Sequence[tuple[str, int]] = [
        ("grpc.so_reuseport", 0),  # two servers would otherwise share a port silently
        ("grpc.max_receive_message_length", min(EXPLAINED * request_bytes, MOST_BYTES)),
        ("grpc.max_send_message_length", -1),
    ]
    server = grpc.aio.server(interceptors=[Parsing()], options=options)
    for add in services.values():
        add(server)
    checks = health.aio.HealthServicer()
    for name in ("", *services):
        await checks.set(name, health_pb2.HealthCheckResponse.NOT_SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    if reflect:
        reflection.enable_server_reflection([*services, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    credentials = server_credentials(certificates)
    try:
        port = server.add_secure_port(address, credentials)
    except RuntimeError as error:
        fix = f"end what uses the port, or set another address in FOREPOST_{setting.upper()}"
        raise InputError(f"{setting} {address}: cannot listen there: {fix}") from error
    await server.start()
    return Listener(server, checks, tuple(services), f"{address.rpartition(':')[0]}:{port}")
