"""Keys overlap when they rotate; a file that cannot be one says why."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from store.errors import StoreUnusable
from store.keys import Keys, create, load

T0 = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def write(path: Path, *rows: dict[str, object]) -> Keys:
    defaults = {"id": "k1", "secret": "ab" * 32, "valid_from": T0.isoformat(), "valid_until": None}
    path.touch(0o600)
    path.write_text(json.dumps({"keys": [defaults | row for row in rows]}))
    return load(path)


def test_a_new_file_is_private_and_random(tmp_path: Path) -> None:
    one, other = create(tmp_path / "a" / "keys.json", T0), create(tmp_path / "b.json", T0)
    assert one.all[0].secret != other.all[0].secret
    assert len(one.all[0].secret) == 32
    assert load(tmp_path / "a" / "keys.json") == one
    assert (tmp_path / "b.json").stat().st_mode & 0o777 == 0o600
    assert one.all[0].secret.hex() not in repr(one)
    with pytest.raises(StoreUnusable, match="cannot be written"):
        create(tmp_path / "b.json", T0)


def test_each_use_has_a_secret_of_its_own(tmp_path: Path) -> None:
    key = create(tmp_path / "keys.json", T0).all[0]
    assert len({key.secret, key.pseudonyms, key.draws, key.cards, key.commitments, key.check}) == 6


def test_keys_rotate_with_overlap(tmp_path: Path) -> None:
    new = {"id": "k2", "secret": "cd" * 32, "valid_from": (T0 + 10 * DAY).isoformat()}
    keys = write(tmp_path / "keys.json", new, {"valid_until": (T0 + 20 * DAY).isoformat()})
    assert keys.current(T0 - DAY).id == "k1"  # a clock set back
    assert keys.current(T0 + 9 * DAY).id == "k1"
    assert keys.current(T0 + 10 * DAY).id == "k2"
    assert keys.current(T0 + 30 * DAY).id == "k2"
    assert keys.by_id("k1").id == "k1"
    with pytest.raises(StoreUnusable, match="k3 is missing"):
        keys.by_id("k3")


def test_a_key_that_ran_out_is_not_used(tmp_path: Path) -> None:
    keys = write(tmp_path / "keys.json", {"valid_until": (T0 + DAY).isoformat()})
    with pytest.raises(StoreUnusable, match="ran out"):
        keys.current(T0 + DAY)


@pytest.mark.parametrize(
    "row",
    [{"secret": "ab"}, {"secret": "xy" * 32}, {"valid_from": "2026-01-01"}, {"valid_until": "2026-01-01"}, {"valid_from": 7}],
)
def test_a_damaged_file_says_why(tmp_path: Path, row: dict[str, object]) -> None:
    with pytest.raises(StoreUnusable, match="key"):
        write(tmp_path / "keys.json", row)
    (tmp_path / "keys.json").write_text('{"keys": []}')
    with pytest.raises(StoreUnusable, match="holds no key"):
        load(tmp_path / "keys.json")
