"""What the server screens with, kept up to date while it serves: lookouts made here go out, lists imported elsewhere come in.

A thread of its own prepares the next engine beside the one in use and then replaces it at once. Whoever took the old one
ends with it, and what only that one needed is let go with the last of them. Nothing that screens ever waits for this.
"""

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from referrals.artefacts import prune
from referrals.engine import LOOKOUTS_BEHIND, Engine, with_snapshot
from referrals.lookouts import publish
from referrals.rescreen import beginning
from referrals.screen import rehearse
from service.errors import Log, report
from watchlists import snapshot, versions
from watchlists.compaction import COMPACT_FROM

POLL: Final = 1.0  # seconds between looks at the snapshot that others may have replaced
EFFECTIVE: Final = 5.0  # seconds within which a change shall be in force
TIDY: Final = 3_600.0  # seconds between looks for snapshots that were kept and that nothing needs any more
UNUSED: Final = timedelta(hours=1)  # by then what was begun with a snapshot is committed, and cites it
RETOLD: Final = 60.0  # seconds after which a failure that lasts is logged again

# What is done after lookouts came up, changed or began to act: with the engine that has them, and their source and entry_id.
# Once at the start with none: what came up before.
Follow = Callable[[Engine, Sequence[tuple[str, str]]], object]


class Publisher:
    """Owns the engine: `engine` is the one that a call which begins now is to use. Safe to read from any thread.

    `folder` is the snapshot's; a version's own folder never changes, and nothing can be published into it. Ready when it
    is made: what the store has and the snapshot lacks was published, or `failing` says that it could not be.
    """

    def __init__(self, engine: Engine, folder: Path, follow: Follow | None, log: Log) -> None:
        self._engine = engine
        self._folder = folder
        self._follow = follow
        self._log = log
        self._revision = -1
        self._looked = engine.clock()  # until when lookouts that begin to act were followed
        self._failing = False
        self._told = 0.0
        self._tidied = float("-inf")
        self._closing = False
        self._woken = threading.Event()
        self._compaction: subprocess.Popen[bytes] | None = None
        self._uncompacted = ""  # the version whose compaction failed: not tried again
        self._followers = ThreadPoolExecutor(1, thread_name_prefix="follow")
        if follow:
            self._followers.submit(self._following, follow, engine, ())  # before the first step adds to what came up
        self._step()
        self._thread = threading.Thread(target=self._run, name="publisher")
        self._thread.start()

    @property
    def engine(self) -> Engine:
        return self._engine

    @property
    def failing(self) -> bool:
        """Whether the last attempt to publish, or to take up what was published, failed."""
        return self._failing

    def wake(self) -> None:
        """Publish now: the store's lookouts have changed."""
        self._woken.set()

    async def effective(self, revision: int, seconds: float) -> bool:
        """Wake, and wait until calls that begin are screened with the store's lookouts of that revision; whether they are."""
        self.wake()
        end = time.monotonic() + min(seconds, EFFECTIVE)
        while self._revision < revision and time.monotonic() < end:
            await asyncio.sleep(0.02)
        return self._revision >= revision

    def close(self) -> None:
        """End the thread, and a compaction, which leaves the snapshot as it is. Blocks."""
        self._closing = True
        self.wake()
        self._thread.join()
        self._followers.shutdown(cancel_futures=True)
        if self._compaction is not None:
            self._compaction.kill()
            self._compaction.wait()

    def _run(self) -> None:
        while True:
            woken = self._woken.wait(POLL)
            self._woken.clear()
            if self._closing:
                return
            if woken or self._failing or self._replaced():
                self._step()
            self._begin()
            self._compact()
            self._tidy()

    def _replaced(self) -> bool:
        """Whether another version is in force than the one in use."""
        current, used = versions.current(self._folder), self._engine.parts.snapshot
        return current is not None and used is not None and current != used.hash

    def _step(self) -> None:
        try:
            self._publish()
        except BaseException as error:  # the thread outlives every failure, panics of native code included
            now = time.monotonic()
            if not self._failing or now - self._told >= RETOLD:
                self._told = now
                report(self._log, error, method="publish")
            self._failing = True
            self._engine = replace(self._engine, degraded=(LOOKOUTS_BEHIND,))
        else:
            self._failing = False

    def _publish(self) -> None:
        before = self._engine
        if before.parts.snapshot is None:
            return
        published = publish(before, self._folder)
        fresh = replace(before, degraded=())
        if published.snapshot.hash != before.parts.snapshot.hash:
            fresh = with_snapshot(fresh, self._folder, published.snapshot)
            rehearse(fresh)
        self._engine = fresh
        self._revision = published.revision
        if self._follow and (new := snapshot.changes(before.parts.snapshot, published.snapshot).put).height:
            self._followers.submit(self._following, self._follow, fresh, new.select(snapshot.KEY).rows())

    def _begin(self) -> None:
        """Follow the lookouts whose time has come since the last look."""
        engine, since = self._engine, self._looked
        if engine.parts.snapshot is None or self._follow is None:
            return
        self._looked = engine.clock()
        if begun := beginning(engine.parts.snapshot, since, self._looked):
            self._followers.submit(self._following, self._follow, engine, begun)

    def _following(self, follow: Follow, engine: Engine, entries: Sequence[tuple[str, str]]) -> None:
        try:
            follow(engine, entries)
        except BaseException as error:
            report(self._log, error, method="follow", lookouts=len(entries))

    def _tidy(self) -> None:
        """Take away what is kept for nothing. In this thread, so that nothing is kept anew meanwhile."""
        if time.monotonic() - self._tidied < TIDY:
            return
        self._tidied = time.monotonic()
        engine = self._engine
        try:
            prune(engine.artefacts, engine.store, engine.parts.snapshot, engine.clock() - UNUSED)
        except Exception as error:
            report(self._log, error, method="prune")

    def _compact(self) -> None:
        """Begin to fold a delta that has grown into a new base, in a process of its own; `_replaced` sees the outcome."""
        used = self._engine.parts.snapshot
        if self._compaction is not None:
            code = self._compaction.poll()
            if code:
                self._log.error("compaction failed: run forepost watchlist compact to see why", code=code)
                self._uncompacted = used.hash if used else ""
            if code is not None:
                self._compaction = None
        elif used and used.hash != self._uncompacted and not self._failing and used.added.height >= COMPACT_FROM:
            command = [sys.executable, "-P", "-m", "watchlists.compaction", str(self._folder)]
            quiet = subprocess.DEVNULL
            self._compaction = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
