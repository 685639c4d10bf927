"""Bringing a snapshot up to date: only what changed is told, and nothing is written where nothing did."""

from pathlib import Path
from typing import Any

import pytest

from tests.watchlists.conftest import lookout
from watchlists.lookouts import Imported, SnapshotError, frame
from watchlists.refresh import refresh


def lists(*names: str, source: str = "test", **values: Any) -> list[Imported]:
    rows = [lookout(str(number), name, source=source, **values) for number, name in enumerate(names)]
    return [Imported(source, frame(rows), ())]


def test_each_source_is_compared_with_its_own_list_alone(tmp_path: Path) -> None:
    first, all_new = refresh(tmp_path, [*lists("DOE, John", "ROE, Jane"), *lists("POE, Ann", source="other")])
    assert all_new.counts()["test"] == {"added": 2, "removed": 0, "changed": 0, "unchanged": 0}
    second, difference = refresh(tmp_path, lists("DOE, John", "ROE, Janet", "LOE, Max"))
    assert difference.counts() == {"test": {"added": 1, "removed": 0, "changed": 1, "unchanged": 1}}
    assert difference.changed_fields() == {"test": {"name": 1}}
    assert second.hash != first.hash
    assert second.sources == {"other": 1, "test": 3}


def test_the_same_lists_again_write_no_version(tmp_path: Path) -> None:
    first, _ = refresh(tmp_path, lists("DOE, John", "ROE, Jane"))
    before = {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")}
    again, difference = refresh(tmp_path, lists("DOE, John", "ROE, Jane"))
    assert (again.hash, bool(difference)) == (first.hash, False)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.rglob("*")} == before


def test_an_empty_list_is_refused_even_where_none_is_held(tmp_path: Path) -> None:
    refresh(tmp_path, lists("DOE, John"))
    with pytest.raises(SnapshotError, match="no lookout could be read"):
        refresh(tmp_path, lists(source="other"))
