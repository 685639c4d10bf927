"""The queue in front of the pipeline: batches, bounds, deadlines and an end that loses nothing."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from service.errors import Overloaded, Stopping, TooLate
from service.queue import PipelineError, ScreeningQueue


class Log:
    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def error(self, event: str, **values: Any) -> None:
        self.events.append({"event": event, **values})


class Pipeline:
    """Screens by negation, batch by batch, each batch only when the gate is open; a text is a request that fails."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []
        self.gate = threading.Event()
        self.began = threading.Event()

    def __call__(self, requests: Sequence[Any]) -> list[int | Exception]:
        self.began.set()
        assert self.gate.wait(30)
        self.batches.append(list(requests))
        if None in requests:
            raise BaseException("a panic")  # what PyO3 raises is no Exception
        return [ValueError(request) if isinstance(request, str) else -request for request in requests]


@asynccontextmanager
async def queue_of(pipeline: Pipeline, batch: int = 8, bound: int = 100) -> AsyncIterator[ScreeningQueue[Any, int]]:
    queue: ScreeningQueue[Any, int] = ScreeningQueue(pipeline, batch, bound, time.monotonic, Log())
    try:
        yield queue
    finally:
        pipeline.gate.set()
        await asyncio.to_thread(queue.close)


def reading(*values: Any) -> Callable[[], list[Any]]:
    return lambda: list(values)


async def held(queue: ScreeningQueue[Any, int], pipeline: Pipeline) -> "asyncio.Task[Any]":
    """A first call that keeps the pipeline busy until the gate opens."""
    task = asyncio.create_task(queue.submit(reading(1), 1, 30))
    await asyncio.to_thread(pipeline.began.wait, 30)
    return task


def test_what_waits_is_screened_as_one_batch_up_to_the_bound() -> None:
    async def run() -> None:
        pipeline = Pipeline()
        async with queue_of(pipeline, batch=8) as queue:
            first = await held(queue, pipeline)
            rest = [asyncio.create_task(queue.submit(reading(n), 3, 30)) for n in range(2, 7)]
            await asyncio.sleep(0)
            pipeline.gate.set()
            assert await asyncio.gather(first, *rest) == [[(n, -n)] for n in range(1, 7)]
        assert pipeline.batches == [[1], [2, 3], [4, 5], [6]]

    asyncio.run(run())


def test_one_bad_request_does_not_stop_those_beside_it() -> None:
    def unreadable() -> Any:
        raise KeyError("field")

    async def run() -> None:
        pipeline = Pipeline()
        async with queue_of(pipeline) as queue:
            first = await held(queue, pipeline)
            calls = [queue.submit(reading(2, "bad"), 2, 30), queue.submit(unreadable, 1, 30), queue.submit(reading(3), 1, 30)]
            tasks = [asyncio.create_task(call) for call in calls]
            await asyncio.sleep(0)
            pipeline.gate.set()
            bad, unread, good = await asyncio.gather(*tasks, return_exceptions=True)
            await first
        assert isinstance(bad, list)
        assert bad[0] == (2, -2)
        assert isinstance(bad[1][1], ValueError)
        assert isinstance(unread, KeyError)
        assert good == [(3, -3)]

    asyncio.run(run())


def test_a_panic_fails_its_batch_and_the_thread_goes_on() -> None:
    async def run() -> None:
        pipeline = Pipeline()
        pipeline.gate.set()
        async with queue_of(pipeline) as queue:
            with pytest.raises(PipelineError):
                await queue.submit(reading(None), 1, 30)
            assert await queue.submit(reading(2), 1, 30) == [(2, -2)]

    asyncio.run(run())


def test_a_full_queue_turns_calls_away_with_a_time_to_wait() -> None:
    async def run() -> None:
        pipeline = Pipeline()
        async with queue_of(pipeline, bound=5) as queue:
            first = await held(queue, pipeline)
            large = asyncio.create_task(queue.submit(reading(2), 50, 30))  # nothing waits: it may
            await asyncio.sleep(0)
            with pytest.raises(Overloaded) as turned:
                await queue.submit(reading(3), 1, 30)
            assert 0 < turned.value.retry_after <= 10
            pipeline.gate.set()
            assert await asyncio.gather(first, large) == [[(1, -1)], [(2, -2)]]
            assert await queue.submit(reading(3), 1, 30) == [(3, -3)]

    asyncio.run(run())


def test_what_is_too_late_or_given_up_before_it_begins_is_not_screened() -> None:
    async def run() -> None:
        pipeline = Pipeline()
        async with queue_of(pipeline) as queue:
            first = await held(queue, pipeline)
            gone = asyncio.create_task(queue.submit(reading(2), 1, 30))
            await asyncio.sleep(0)
            gone.cancel()
            with pytest.raises(TooLate):
                await queue.submit(reading(3), 1, 0.01)
            pipeline.gate.set()
            await first
            assert await queue.submit(reading(4), 1, 30) == [(4, -4)]
        assert pipeline.batches == [[1], [4]]

    asyncio.run(run())


def test_closing_answers_what_waits_and_takes_nothing_more() -> None:
    async def run() -> None:
        pipeline = Pipeline()
        queue: ScreeningQueue[Any, int] = ScreeningQueue(pipeline, 2, 100, time.monotonic, Log())
        first = await held(queue, pipeline)
        rest = [asyncio.create_task(queue.submit(reading(n), 1, 30)) for n in range(2, 9)]
        await asyncio.sleep(0)
        closing = asyncio.create_task(asyncio.to_thread(queue.close))
        while True:
            try:
                await queue.submit(reading(0), 1, 0.001)
            except Stopping:
                break
            except TooLate:
                continue
        pipeline.gate.set()
        assert await asyncio.gather(first, *rest) == [[(n, -n)] for n in range(1, 9)]
        await closing

    asyncio.run(run())
