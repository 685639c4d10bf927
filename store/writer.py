"""The one thread that writes: what waits together is committed together, and a future is done only after the flush.

Each work runs under a savepoint, so that one that fails leaves its neighbours alone. If the commit itself fails, every
work of the group failed.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, Queue
from typing import Any

from sqlalchemy import Connection, Engine

from store.errors import StoreError

Work = Callable[[Connection], Any]


class Writer:
    """Runs works in transactions, `group` batches of works at most in one; `depth` batches may wait, then callers do."""

    def __init__(self, engine: Engine, *, depth: int = 256, group: int = 64) -> None:
        self._engine = engine
        self._group = group
        self._queue: Queue[list[tuple[Work, Future[Any]]] | None] = Queue(depth)
        self._gate = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, works: Sequence[Work]) -> list[Future[Any]]:
        """Queue works for one transaction; their futures hold what each returned, after it is durable."""
        batch = [(work, _started()) for work in works]
        with self._gate:  # so that nothing is queued behind the end
            if self._closed:
                raise StoreError("the store is closed")
            self._queue.put(batch)
        return [future for _, future in batch]

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        with self._engine.connect().execution_options(write=True) as connection:
            open_ = True
            while open_:
                batch = self._queue.get()
                batches = []
                while batch is not None:
                    batches.append(batch)
                    if len(batches) == self._group:
                        break
                    try:
                        batch = self._queue.get_nowait()
                    except Empty:
                        break
                open_ = batch is not None
                if batches:
                    self._write(connection, [pair for batch in batches for pair in batch])

    def _write(self, connection: Connection, pairs: list[tuple[Work, Future[Any]]]) -> None:
        results: list[tuple[Future[Any], Any, Exception | None]] = []
        try:
            with connection.begin():
                for work, future in pairs:
                    connection.exec_driver_sql("SAVEPOINT work")
                    try:
                        results.append((future, work(connection), None))
                    except Exception as error:
                        connection.exec_driver_sql("ROLLBACK TO work")
                        results.append((future, None, error))
                    connection.exec_driver_sql("RELEASE work")
        except Exception as error:
            results = [(future, None, error) for _, future in pairs]
        for future, result, failure in results:
            if failure is None:
                future.set_result(result)
            else:
                future.set_exception(failure)


def _started() -> Future[Any]:
    """A future that cannot be cancelled any more: what was handed over is written, whoever still waits for it."""
    future: Future[Any] = Future()
    future.set_running_or_notify_cancel()
    return future
