"""Travellers under way held against lookouts that came up or began to act, beside the calls and after them."""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from referrals.engine import Engine
from referrals.rescreen import SETTLE, rescreen, resume

LOOK: Final = 0.005  # seconds between looks at whether calls wait
LONGEST: Final = 0.5  # seconds that a page gives way at most: travellers who board now must be found as well


class Rescreening:
    """What a Publisher has done after lookouts came up or began to act; `busy`: whether calls wait for screening."""

    def __init__(self) -> None:
        self.busy: Callable[[], bool] = lambda: False
        self._ending = threading.Event()

    def __call__(self, engine: Engine, lookouts: Sequence[tuple[str, str]]) -> None:
        """One pass; without lookouts, what was left undone, and what was listed or began to act while nobody served."""
        if lookouts:
            rescreen(engine, lookouts, go_on=self._go_on, settle=self._settle)
        else:
            resume(engine, go_on=self._go_on, settle=self._settle)

    def end(self) -> None:
        """Let the pass under way end at its next page; the next server goes on with it."""
        self._ending.set()

    def _go_on(self) -> bool:
        waited = 0.0
        while self.busy() and waited < LONGEST and not self._ending.wait(LOOK):
            waited += LOOK
        return not self._ending.is_set()

    def _settle(self) -> None:
        self._ending.wait(SETTLE)
