import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from manifests.errors import InputError
from referrals import replay as replaying
from referrals.engine import Engine
from referrals.replay import replay
from referrals.screen import screen
from store.errors import NotFound
from tests.referrals.conftest import INNOCENT, LISTED, NAMESAKE, manifest_of, request_of


def test_after_a_restart_ten_screenings_replay_bit_for_bit(open_world: Callable[[], Engine], tmp_path: Path) -> None:
    engine = open_world()
    people = [(LISTED, INNOCENT), (NAMESAKE,), (INNOCENT, NAMESAKE, LISTED)]
    for number in range(10):
        manifest = manifest_of(*people[number % 3], days=number, number=str(number + 1))
        screen(engine, [request_of(manifest, f"r{number}")])
    engine.store.close()

    engine = open_world()
    ids = engine.store.screening_ids(20)
    assert len(ids) == 10
    results = [replay(engine.store, engine.artefacts, screening_id) for screening_id in ids]
    assert all(one.exact and one.same_build for one in results), results
    assert sum(one.travellers for one in results) == 4 * 2 + 3 * 1 + 3 * 3
    engine.store.close()


def test_replay_tells_what_differs(open_world: Callable[[], Engine], monkeypatch: pytest.MonkeyPatch) -> None:
    engine = open_world()
    screen(engine, [request_of(manifest_of(LISTED))])
    [screening_id] = engine.store.screening_ids(1)
    monkeypatch.setattr(replaying, "code_hash", lambda: "another build")
    original = replaying.pipeline.derive
    monkeypatch.setattr(replaying.pipeline, "derive", lambda *given: original(*given).with_columns(party_size=99.0))
    result = replay(engine.store, engine.artefacts, screening_id)
    assert not result.exact
    assert "features" in result.differing
    assert not result.same_build
    engine.store.close()


def test_an_artefact_that_is_gone_is_named(open_world: Callable[[], Engine]) -> None:
    engine = open_world()
    screen(engine, [request_of(manifest_of(LISTED))])
    [screening_id] = engine.store.screening_ids(1)
    shutil.rmtree(engine.artefacts / "snapshot")
    with pytest.raises(InputError, match=r"snapshot .*not kept"):
        replay(engine.store, engine.artefacts, screening_id)
    with pytest.raises(NotFound):
        replay(engine.store, engine.artefacts, "nonsense")
    engine.store.close()
