"""The thread that reads and writes the store for calls that screen nothing: GetScreening and the officers' calls."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from service.errors import Overloaded, Stopping, TooLate

Given = ParamSpec("Given")
Result = TypeVar("Result")

RETRY_AFTER = 1.0  # seconds


class Desk:
    """Runs use cases one at a time off the event loop; at most `bound` wait. To be used from one event loop."""

    def __init__(self, bound: int) -> None:
        self._bound = bound
        self._waiting = 0
        self._closing = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="desk")

    async def run(self, seconds: float, use_case: Callable[Given, Result], *args: Given.args, **named: Given.kwargs) -> Result:
        """What the use case gives or raises. Raises Overloaded, Stopping or TooLate; it may have been done all the same."""
        if self._closing:
            raise Stopping("the server is shutting down: call another one, or later")
        if self._waiting >= self._bound:
            raise Overloaded(RETRY_AFTER)
        future = asyncio.get_running_loop().run_in_executor(self._executor, lambda: use_case(*args, **named))
        self._waiting += 1
        future.add_done_callback(self._done)
        try:
            async with asyncio.timeout(seconds):
                return await future
        except TimeoutError:
            raise TooLate("no answer within the deadline: read again what is in force") from None

    def close(self) -> None:
        """Take nothing more and return when what waits has run. Blocks."""
        self._closing = True
        self._executor.shutdown()

    def _done(self, future: "asyncio.Future[Result]") -> None:
        self._waiting -= 1
        # A caller that has gone leaves nobody to take the exception.
        if not future.cancelled():
            future.exception()
