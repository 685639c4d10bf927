"""The thread that keeps the engine in use up to date, without a server around it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from referrals.engine import Engine, open_engine
from referrals.lookouts import upsert_lookouts
from scoring import policy as policies
from service import publisher as publishing
from service.publisher import Publisher
from store import database
from store.actor import Actor
from tests import serving
from tests.referrals.test_lookouts import lookout
from watchlists import snapshot, versions
from watchlists.snapshot import Changes, Snapshot

WRITER = Actor("officer-9", frozenset({"lookout_officer"}), "interdiction")
SECONDS = 60.0
NEXT_YEAR = datetime.now(UTC) + timedelta(days=365)


class Logged:
    """A log that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def error(self, event: str, **values: Any) -> None:
        self.events.append((event, values))


class Followed:
    """What is done after lookouts came up, kept; it waits while `held` is closed, and fails where it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[tuple[str, str]]]] = []
        self.open = threading.Event()
        self.open.set()
        self.fails = False

    def __call__(self, engine: Engine, entries: Sequence[tuple[str, str]]) -> None:
        self.open.wait(SECONDS)
        assert engine.parts.snapshot is not None
        self.calls.append((engine.parts.snapshot.hash, list(entries)))
        if self.fails:
            raise RuntimeError("cannot")


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    return serving.prepare(tmp_path).folder / "snapshot"


@pytest.fixture
def engine(lists: Path, tmp_path: Path) -> Iterator[Engine]:
    store = database.open(f"sqlite:///{tmp_path / 'forepost.db'}", tmp_path / "keys.json")
    policy = policies.load(tmp_path / "policy.yaml")
    yield open_engine(policy, store, tmp_path / "artefacts", snapshot=lists, model=None)
    store.close()


@pytest.fixture
def start(engine: Engine, lists: Path) -> Iterator[Callable[..., Publisher]]:
    started: list[Publisher] = []

    def make(follow: Followed | None = None, log: Logged | None = None) -> Publisher:
        started.append(Publisher(engine, lists, follow, log or Logged()))
        return started[-1]

    yield make
    for publisher in started:
        publisher.close()


def put(engine: Engine, *entry_ids: str, **values: Any) -> int:
    return upsert_lookouts(
        engine, WRITER, [lookout(entry_id, valid_until=NEXT_YEAR, **values) for entry_id in entry_ids]
    ).revision


def effective(publisher: Publisher, revision: int, seconds: float = SECONDS) -> bool:
    async def wait() -> bool:
        end = time.monotonic() + seconds
        while not (done := await publisher.effective(revision, 1.0)) and time.monotonic() < end:
            pass
        return done

    return asyncio.run(wait())


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def held(publisher: Publisher) -> set[str]:
    opened = publisher.engine.parts.snapshot
    assert opened is not None
    return set(opened.entries["entry_id"])


def test_lookouts_that_came_or_changed_are_followed_up_with_the_engine_that_has_them(
    engine: Engine, start: Callable[..., Publisher]
) -> None:
    put(engine, "A")
    followed = Followed()
    publisher = start(followed)
    assert "A" in held(publisher)  # before anything else
    until(lambda: bool([entries for _, entries in followed.calls if entries]))
    assert effective(publisher, put(engine, "A", "B", aliases=["OTHER, Name"]))
    until(lambda: len([entries for _, entries in followed.calls if entries]) == 2)
    opened = publisher.engine.parts.snapshot
    assert opened is not None
    digest, entries = followed.calls[-1]
    assert (digest, sorted(entries)) == (opened.hash, [("officers", "A"), ("officers", "B")])


def test_what_follows_holds_up_no_publication_nor_ends_it_by_failing(engine: Engine, start: Callable[..., Publisher]) -> None:
    followed, log = Followed(), Logged()
    publisher = start(followed, log)
    until(lambda: len(followed.calls) == 1)
    followed.open.clear()
    followed.fails = True
    for entry_id in "ABC":
        assert effective(publisher, put(engine, entry_id))
    followed.open.set()
    until(lambda: len([entries for _, entries in followed.calls if entries]) == 3)
    until(lambda: len(log.events) >= 3)
    assert not publisher.failing
    assert all(values["method"] == "follow" for _, values in log.events)


def test_a_lookout_whose_time_comes_is_followed_then(engine: Engine, lists: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "POLL", 0.01)
    now, begins = [datetime(2026, 5, 4, 12, tzinfo=UTC)], datetime(2026, 5, 4, 14, tzinfo=UTC)
    engine = replace(engine, clock=lambda: now[0])
    put(engine, "A", valid_from=begins)
    followed = Followed()
    publisher = Publisher(engine, lists, followed, Logged())
    try:
        until(lambda: len(followed.calls) == 2)  # at the start, and because it came up
        time.sleep(0.1)
        assert len(followed.calls) == 2
        now[0] = begins
        until(lambda: len(followed.calls) == 3)
        assert followed.calls[-1][1] == [("officers", "A")]
        now[0] += timedelta(hours=1)
        time.sleep(0.1)
        assert len(followed.calls) == 3
    finally:
        publisher.close()


def test_an_engine_that_somebody_holds_stays_as_it_was(engine: Engine, start: Callable[..., Publisher]) -> None:
    publisher = start()
    before = publisher.engine
    assert effective(publisher, put(engine, "A"))
    assert before.parts.snapshot is not None
    assert "A" not in set(before.parts.snapshot.entries["entry_id"])
    assert "A" in held(publisher)


def test_what_another_process_puts_in_force_is_taken_up(start: Callable[..., Publisher], lists: Path) -> None:
    publisher = start()
    entries = Snapshot.open(lists).entries.drop("entry")
    snapshot.apply(lists, Changes(entries.clear(), entries.filter(entries["entry_id"] == "S-1").select(snapshot.KEY)))
    until(lambda: "S-1" not in held(publisher))


def test_a_failure_that_lasts_is_logged_once_and_what_was_stored_goes_out_after_it(
    engine: Engine, start: Callable[..., Publisher], lists: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Logged()
    publisher = start(log=log)
    good = (lists / versions.CURRENT).read_text()
    monkeypatch.setattr(publishing, "POLL", 0.01)
    (lists / versions.CURRENT).write_text("0" * 64)
    revision = put(engine, "A")
    assert not effective(publisher, revision, 2.0)
    until(lambda: publisher.failing)
    assert publisher.engine.degraded == ("lookouts",)
    time.sleep(0.2)
    assert [values["method"] for _, values in log.events] == ["publish"]
    (lists / versions.CURRENT).write_text(good)
    assert effective(publisher, revision)
    until(lambda: not publisher.failing)
    assert publisher.engine.degraded == ()
    assert "A" in held(publisher)


def test_a_delta_that_has_grown_is_folded_in_beside(
    engine: Engine, start: Callable[..., Publisher], lists: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "COMPACT_FROM", 3)
    publisher = start()
    base = Snapshot.open(lists).base
    assert effective(publisher, put(engine, "A", "B", "C"))
    until(lambda: Snapshot.open(lists).base != base)
    opened = Snapshot.open(lists)
    until(lambda: publisher.engine.parts.snapshot is not None and publisher.engine.parts.snapshot.hash == opened.hash)
    assert opened.added.is_empty()
    assert {"A", "B", "C", "S-1"} <= held(publisher)
