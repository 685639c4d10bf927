"""The desk's thread: one call at a time, a bound, deadlines, an end that finishes what waits."""

import asyncio
import threading

import pytest

from service.desk import Desk
from service.errors import Overloaded, Stopping, TooLate


def test_runs_off_the_event_loop_one_at_a_time() -> None:
    async def run() -> None:
        desk = Desk(bound=10)
        threads = await asyncio.gather(*(desk.run(30, threading.get_ident) for _ in range(5)))
        assert set(threads) != {threading.get_ident()}
        assert len(set(threads)) == 1
        with pytest.raises(ZeroDivisionError):
            await desk.run(30, divmod, 1, 0)
        desk.close()
        with pytest.raises(Stopping):
            await desk.run(30, threading.get_ident)

    asyncio.run(run())


def test_turns_away_what_would_wait_too_long() -> None:
    async def run() -> None:
        desk = Desk(bound=2)
        gate = threading.Event()
        held = [asyncio.create_task(desk.run(30, gate.wait, 30)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await desk.run(30, threading.get_ident)
        gate.set()
        assert await asyncio.gather(*held) == [True, True]
        assert await desk.run(30, abs, -1) == 1
        desk.close()

    asyncio.run(run())


def test_a_deadline_ends_the_wait() -> None:
    async def run() -> None:
        desk = Desk(bound=2)
        gate = threading.Event()
        with pytest.raises(TooLate):
            await desk.run(0.01, gate.wait, 30)
        gate.set()
        desk.close()

    asyncio.run(run())
