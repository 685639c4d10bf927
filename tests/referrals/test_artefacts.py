"""What is kept for replay, and what is taken away because nothing cites it."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from referrals import artefacts
from referrals.engine import Engine, with_snapshot
from referrals.replay import replay
from referrals.screen import Answer, screen
from tests.referrals.conftest import INNOCENT, LISTED, manifest_of, request_of
from watchlists import snapshot
from watchlists.lookouts import Imported
from watchlists.snapshot import Changes, Snapshot

LATER = datetime.now(UTC) + timedelta(hours=2)


@pytest.fixture
def engine(open_world: Callable[[], Engine]) -> Iterator[Engine]:
    engine = open_world()
    yield engine
    engine.store.close()


@pytest.fixture
def versions(engine: Engine, world: Path, tmp_path: Path) -> list[tuple[Engine, Snapshot]]:
    """The engine with four versions of the lists after each other, all of them kept: a base, and deltas upon it."""
    folder = tmp_path / "lists"
    entries = Snapshot.open(world / "snapshot").entries.drop("entry")
    opened = snapshot.replace(folder, [Imported("desk", entries, ())])
    made = [(with_snapshot(engine, folder, opened), opened)]
    for number in range(3):
        fresh = entries.head(1).with_columns(pl.col("entry_id") + f"-{number}")
        opened = snapshot.apply(folder, Changes(fresh, snapshot.KEYS.to_frame()), opened)
        made.append((with_snapshot(made[-1][0], folder, opened), opened))
    return made


def hashes(engine: Engine) -> set[str]:
    return {path.name for path in (engine.artefacts / "snapshot").iterdir()}


def test_what_nothing_cites_goes_and_every_screening_can_be_replayed(
    engine: Engine, versions: list[tuple[Engine, Snapshot]]
) -> None:
    (_, base), (then, cited), (_, idle), (_, last) = versions
    answers = [*screen(engine, [request_of(manifest_of(INNOCENT), "r1")]), *screen(then, [request_of(manifest_of(LISTED), "r2")])]
    assert artefacts.prune(engine.artefacts, engine.store, last, LATER) == [idle.hash]
    assert hashes(engine) >= {base.hash, cited.hash, last.hash}  # the base is needed by what is set upon it
    for answer in answers:
        assert isinstance(answer, Answer)
        screening_id = answer.answers["reference"][0].rpartition(".")[0]
        assert replay(engine.store, engine.artefacts, screening_id).exact
    assert artefacts.prune(engine.artefacts, engine.store, last, LATER) == []


def test_what_was_in_use_a_moment_ago_stays_for_what_was_begun_with_it(
    engine: Engine, versions: list[tuple[Engine, Snapshot]]
) -> None:
    before = hashes(engine)
    for path in (engine.artefacts / "snapshot").iterdir():
        os.utime(path, (0, 0))
    (_, used), (_, last) = versions[2:]
    artefacts.used(engine.artefacts, used)
    gone = artefacts.prune(engine.artefacts, engine.store, last, datetime.now(UTC) - timedelta(hours=1))
    assert gone
    assert set(gone) == before - {used.hash, used.base, last.hash}


def test_what_a_writer_left_goes_and_an_empty_folder_is_no_fault(engine: Engine, tmp_path: Path) -> None:
    assert artefacts.prune(tmp_path / "none", engine.store, None, LATER) == []
    left = engine.artefacts / "snapshot" / ".0000.draft"
    left.mkdir()
    (left / "names.npy").write_text("half")
    artefacts.prune(engine.artefacts, engine.store, engine.parts.snapshot, LATER)
    assert not left.exists()
