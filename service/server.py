"""A running server: settings in, two listeners over one engine out, and an end that loses nothing that was answered."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import structlog

from forepost.clearances.v1 import clearances_pb2, clearances_pb2_grpc
from forepost.lookouts.v1 import lookouts_pb2, lookouts_pb2_grpc
from forepost.referrals.v1 import referrals_pb2, referrals_pb2_grpc
from forepost.screening.v1 import screening_pb2, screening_pb2_grpc
from referrals.engine import Engine, open_engine
from referrals.screen import Answer, Request, rehearse, screen
from scoring import policy as policies
from service.carriers import Carriers
from service.clearances import Clearances
from service.credentials import load_roles, server_credentials
from service.desk import Desk
from service.listeners import Listener, listen
from service.logs import log_to
from service.lookouts import Lookouts
from service.officers import Officers
from service.publisher import Publisher
from service.queue import ScreeningQueue
from service.rescreening import Rescreening
from service.settings import Settings
from store import database

CALLS_AT_THE_DESK = 256  # that may wait
SCREENING = screening_pb2.DESCRIPTOR.services_by_name["ScreeningService"].full_name
REFERRALS = referrals_pb2.DESCRIPTOR.services_by_name["ReferralService"].full_name
LOOKOUTS = lookouts_pb2.DESCRIPTOR.services_by_name["LookoutService"].full_name
CLEARANCES = clearances_pb2.DESCRIPTOR.services_by_name["ClearanceService"].full_name
HEALTH_SECONDS = 1.0  # between looks at whether lookouts can be published


@dataclass(frozen=True)
class Addresses:
    """Where the listeners are, with the ports that were taken."""

    carriers: str
    officers: str


def run(settings: Settings, ready: Callable[[Addresses], None]) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is called once, when the first call can be answered.

    Raises InputError for settings, certificates, lists or a store that cannot be used, and for a port that is taken.
    """
    log = log_to(sys.stderr)
    server_credentials(settings.certificates)  # before the minute that large lists may take
    engine = open_engine_of(settings)
    try:
        for notice in engine.notices:
            log.warning("part not in use", fault=notice)
        rescreening = Rescreening()
        publisher = Publisher(engine, settings.lists, rescreening, log)
        try:
            rehearse(publisher.engine)
            _event_loop()(_serve(publisher, rescreening, settings, log, ready))
        finally:
            rescreening.end()
            publisher.close()
    finally:
        engine.store.close()
    log.info("stopped")


def open_engine_of(settings: Settings) -> Engine:
    """The engine that the settings name: its store and artefacts lie in the state folder."""
    policy = policies.load(settings.policy)
    settings.state.mkdir(parents=True, exist_ok=True)
    store = database.open(f"sqlite:///{settings.state / 'forepost.db'}", settings.state / "keys.json")
    try:
        model = settings.model or policy.model_path(settings.state)
        return open_engine(policy, store, settings.state / "artefacts", snapshot=settings.lists, model=model)
    except BaseException:
        store.close()
        raise


async def _serve(
    publisher: Publisher,
    rescreening: Rescreening,
    settings: Settings,
    log: structlog.typing.FilteringBoundLogger,
    ready: Callable[[Addresses], None],
) -> None:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, end.set)
    roles = load_roles(settings.certificates)
    queue: ScreeningQueue[Request, Answer] = ScreeningQueue(
        lambda requests: screen(publisher.engine, requests),
        settings.batch_travellers,
        settings.queue_travellers,
        time.monotonic,
        log,
    )
    rescreening.busy = lambda: queue.waiting
    desk = Desk(CALLS_AT_THE_DESK)
    listeners: list[Listener] = []
    try:
        carriers = Carriers(publisher, queue, desk, settings, log)
        listeners.append(
            await listen(
                "carriers",
                settings.carriers,
                settings.certificates,
                {SCREENING: partial(screening_pb2_grpc.add_ScreeningServiceServicer_to_server, carriers)},
                max(settings.message_bytes, settings.request_bytes),
                settings.reflection,
            )
        )
        officers = Officers(publisher, desk, roles, settings, log)
        lookouts = Lookouts(publisher, desk, roles, settings, log)
        clearances = Clearances(publisher, desk, roles, settings, log)
        listeners.append(
            await listen(
                "officers",
                settings.officers,
                settings.certificates,
                {
                    REFERRALS: partial(referrals_pb2_grpc.add_ReferralServiceServicer_to_server, officers),
                    LOOKOUTS: partial(lookouts_pb2_grpc.add_LookoutServiceServicer_to_server, lookouts),
                    CLEARANCES: partial(clearances_pb2_grpc.add_ClearanceServiceServicer_to_server, clearances),
                },
                settings.request_bytes,
                settings.reflection,
            )
        )
        for listener in listeners:
            await listener.serving()
        addresses = Addresses(*(listener.address for listener in listeners))
        log.info("ready", carriers=addresses.carriers, officers=addresses.officers)
        ready(addresses)
        await _tell_health(publisher, listeners[1], end)
        log.info("stopping")
    finally:
        # First no new calls, while those under way are answered; then the threads, which finish what still waits.
        await asyncio.gather(*(listener.stop(settings.grace) for listener in listeners))
        await asyncio.gather(asyncio.to_thread(queue.close), asyncio.to_thread(desk.close))


async def _tell_health(publisher: Publisher, officers: Listener, end: asyncio.Event) -> None:
    """Until the end: the lookout service is not healthy while what it is given cannot be published."""
    while not end.is_set():
        await officers.tell(LOOKOUTS, serving=not publisher.failing)
        with suppress(TimeoutError):
            await asyncio.wait_for(end.wait(), HEALTH_SECONDS)


def _event_loop() -> Callable[..., None]:
    """uvloop's runner; it does not exist for Windows, where asyncio's own serves."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run
