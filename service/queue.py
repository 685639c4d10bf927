"""Between the event loop and the pipeline: a bounded queue and the one thread that screens.

Calls wait as work; the thread takes what is waiting, up to a number of travellers, and screens it as one batch, so that
many single check-ins cost little more than one. A call is answered only when its batch was committed. Work whose
deadline has passed, or whose caller has gone, before its batch begins is dropped: nothing of it is stored.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from service.errors import Log, Overloaded, Stopping, TooLate, report

Request = TypeVar("Request")
Answer = TypeVar("Answer")

RETRY_AT_LEAST, RETRY_AT_MOST = 0.1, 10.0  # seconds a caller that was turned away is asked to wait


class PipelineError(Exception):
    """The pipeline failed in a way that is no ordinary exception, such as a panic in native code."""


@dataclass(frozen=True)
class Work(Generic[Request, Answer]):
    """One call that waits: `read` gives its requests on the pipeline's thread, or raises what the caller is told."""

    read: Callable[[], Sequence[Request]]
    travellers: int
    deadline: float  # on the queue's clock
    future: asyncio.Future[list[tuple[Request, Answer | Exception]]]


class ScreeningQueue(Generic[Request, Answer]):
    """Runs `screen` on a thread of its own. `clock` counts seconds and never goes back.

    `screen` gives one outcome per request, in order: an answer, or the exception that it ends with.
    """

    def __init__(
        self,
        screen: Callable[[Sequence[Request]], Sequence[Answer | Exception]],
        batch_travellers: int,
        queue_travellers: int,
        clock: Callable[[], float],
        log: Log,
    ) -> None:
        self._screen = screen
        self._batch = batch_travellers
        self._bound = queue_travellers
        self._clock = clock
        self._log = log
        self._waiting: deque[Work[Request, Answer]] = deque()
        self._travellers = 0  # that wait
        self._pace = 0.001  # seconds per traveller of the last batch
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="pipeline")
        self._thread.start()

    async def submit(
        self, read: Callable[[], Sequence[Request]], travellers: int, seconds: float
    ) -> list[tuple[Request, Answer | Exception]]:
        """The requests of one call, all of the same batch, each with its outcome, after the commit.

        Raises Overloaded, Stopping, TooLate or what `read` raised.
        """
        future: asyncio.Future[list[tuple[Request, Answer | Exception]]] = asyncio.get_running_loop().create_future()
        with self._changed:
            if self._closing:
                raise Stopping("the server is shutting down: send the same request again to another one, or later")
            # A request larger than the whole bound is still taken when nothing waits.
            if self._waiting and self._travellers + travellers > self._bound:
                raise Overloaded(min(max(self._travellers * self._pace, RETRY_AT_LEAST), RETRY_AT_MOST))
            self._waiting.append(Work(read, travellers, self._clock() + seconds, future))
            self._travellers += travellers
            self._changed.notify()
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            raise TooLate("no answer within the deadline: send the same request again, it is screened once") from None

    @property
    def waiting(self) -> bool:
        """Whether calls wait for the pipeline."""
        return bool(self._waiting)

    def close(self) -> None:
        """Take nothing more, screen what waits, and return when the thread has ended. Blocks."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                if not self._waiting:
                    return
                batch = self._take()
            self._answer(batch)

    def _take(self) -> list[Work[Request, Answer]]:
        batch: list[Work[Request, Answer]] = []
        travellers = 0
        while self._waiting and (not batch or travellers + self._waiting[0].travellers <= self._batch):
            work = self._waiting.popleft()
            self._travellers -= work.travellers
            travellers += work.travellers
            batch.append(work)
        return batch

    def _answer(self, batch: list[Work[Request, Answer]]) -> None:
        started = self._clock()
        ready: list[tuple[Work[Request, Answer], Sequence[Request]]] = []
        outcomes: list[tuple[Work[Request, Answer], list[tuple[Request, Answer | Exception]] | Exception]] = []
        for work in batch:
            if work.future.cancelled():
                continue
            if work.deadline <= started:
                outcomes.append((work, TooLate("the deadline passed before the screening began: nothing was stored")))
                continue
            try:
                ready.append((work, work.read()))
            except BaseException as error:
                outcomes.append((work, self._ordinary(error)))
        if ready:
            try:
                answers = iter(self._screen([request for _, requests in ready for request in requests]))
                outcomes += [(work, [(request, next(answers)) for request in requests]) for work, requests in ready]
            except BaseException as error:
                failure = self._ordinary(error)
                outcomes += [(work, failure) for work, _ in ready]
            self._pace = (self._clock() - started) / max(sum(work.travellers for work, _ in ready), 1)
        if outcomes:
            outcomes[0][0].future.get_loop().call_soon_threadsafe(_settle, outcomes)

    def _ordinary(self, error: BaseException) -> Exception:
        """The thread outlives every failure: what is no Exception (a panic in native code) is logged and becomes one."""
        if isinstance(error, Exception):
            return error
        return PipelineError(report(self._log, error, method="pipeline"))


def _settle(outcomes: list[tuple[Work[Request, Answer], list[tuple[Request, Answer | Exception]] | Exception]]) -> None:
    for work, outcome in outcomes:
        if work.future.done():
            continue
        if isinstance(outcome, Exception):
            work.future.set_exception(outcome)
        else:
            work.future.set_result(outcome)
