"""The writer groups what waits, isolates what fails, and gives nothing before it is durable."""

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, event

from store.database import Store
from store.errors import StoreError
from store.writer import Writer


def put(value: int) -> Callable[[Connection], int]:
    def work(connection: Connection) -> int:
        connection.exec_driver_sql("INSERT INTO events (at, kind, payload) VALUES (?, 'test', '')", (value,))
        return value

    return work


def stored(store: Store) -> list[int]:
    with store._engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT at FROM events WHERE kind = 'test' ORDER BY seq").scalars())


@pytest.fixture
def writer(store: Store) -> Writer:
    assert store._writer is not None
    return store._writer


def test_what_waits_shares_a_commit(store: Store, writer: Writer) -> None:
    commits = []
    event.listen(store._engine, "commit", commits.append)
    gate = threading.Event()
    blocked = writer.submit([lambda _: gate.wait(10)])
    waiting = [writer.submit([put(number)])[0] for number in range(20)]
    gate.set()
    assert blocked[0].result() is True
    assert [future.result() for future in waiting] == list(range(20))
    assert len(commits) <= 2
    assert stored(store) == list(range(20))


def test_a_failure_undoes_itself_alone(store: Store, writer: Writer) -> None:
    def half(connection: Connection) -> None:
        put(99)(connection)
        raise ValueError("half done")

    futures = writer.submit([put(1), half, put(2)])
    assert futures[0].result() == 1
    assert isinstance(futures[1].exception(), ValueError)
    assert futures[2].result() == 2
    assert stored(store) == [1, 2]


def test_a_commit_that_fails_fails_everybody_and_the_next_goes_on(store: Store, writer: Writer) -> None:
    def poison(connection: Connection) -> None:
        connection.exec_driver_sql("ROLLBACK")  # as SQLite does by itself when the disk is full

    futures = writer.submit([put(1), poison, put(2)])
    assert all(isinstance(future.exception(), Exception) for future in futures)
    assert stored(store) == []
    assert writer.submit([put(3)])[0].result() == 3
    assert stored(store) == [3]


def test_a_caller_that_goes_away_cannot_take_its_work_back(store: Store, writer: Writer) -> None:
    future = writer.submit([put(1)])[0]
    assert not future.cancel()
    assert future.result() == 1


def test_what_waits_is_written_before_the_end(store: Store, writer: Writer) -> None:
    futures = [writer.submit([put(number)])[0] for number in range(100)]
    writer.close()
    assert [future.result() for future in futures] == list(range(100))
    with pytest.raises(StoreError, match="closed"):
        writer.submit([put(1)])
    writer.close()
