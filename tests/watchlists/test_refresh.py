"""Bringing a snapshot up to date: only what changed is told, and nothing is written where nothing did."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from tests.watchlists.conftest import lookout, matches, travellers
from watchlists import snapshot
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


SURNAMES = ("VORONTSOV", "OKONKWO", "HALVORSEN", "BERGSTROM", "FEHRENBACH")
MANY = [f"{surname}, {given}" for surname in SURNAMES for given in ("ANTONIA", "BARTOLOMEO", "CYPRIAN", "DESIDERIO")]


def test_where_little_changed_the_base_stays_and_matches_are_those_of_a_new_one(tmp_path: Path) -> None:
    first, _ = refresh(tmp_path / "kept", [*lists(*MANY), *lists("ZOE, Eve", source="other")])
    second, difference = refresh(tmp_path / "kept", lists("QUORVAX, Ottilie", *MANY[1:]))
    assert difference.counts() == {"test": {"added": 0, "removed": 0, "changed": 1, "unchanged": 19}}
    assert (second.base, second.added["name"].to_list()) == (first.hash, ["QUORVAX, Ottilie"])
    rebuilt, _ = refresh(tmp_path / "new", [*lists("QUORVAX, Ottilie", *MANY[1:]), *lists("ZOE, Eve", source="other")])
    assert rebuilt.hash == rebuilt.base
    people = travellers(*(tuple(name.upper().split(", ")) for name in ("QUORVAX, Ottilie", *MANY)))
    kinds = ("entry_id", "source", "log_odds", "probability")
    both = [matches(one, people).select("traveller", *kinds).sort("traveller", "source", "entry_id") for one in (second, rebuilt)]
    assert both[0].height >= 20
    assert_frame_equal(*both)
    assert second.sources == rebuilt.sources

    third, _ = refresh(tmp_path / "kept", lists(*(f"{name} JUNIOR" for name in MANY)))
    assert third.hash == third.base  # too much of it for a delta


def test_a_delta_takes_out_what_is_gone_and_leaves_other_lists_alone(tmp_path: Path) -> None:
    first, _ = refresh(tmp_path, [*lists(*MANY), *lists(*MANY, source="other")])
    second, difference = refresh(tmp_path, lists(*MANY[:-1]))
    assert (difference.counts()["test"]["removed"], second.base) == (1, first.hash)
    assert second.sources == {"other": 20, "test": 19}
    with pytest.raises(SnapshotError, match="1 lookouts where the snapshot holds 19"):
        refresh(tmp_path, lists(MANY[0]))
    refresh(tmp_path, lists(*MANY, source="small")[:1])
    back, _ = refresh(tmp_path, lists(*MANY))
    assert back.sources == {"other": 20, "small": 20, "test": 20}


def test_who_imports_the_same_list_meanwhile_is_not_mixed_with(tmp_path: Path) -> None:
    held, _ = refresh(tmp_path, [*lists(*MANY), *lists(*MANY, source="other")])
    wanted = lists("QUORVAX, Ottilie", *MANY[1:])
    changed = snapshot.Changes(wanted[0].lookouts.head(1), pl.DataFrame(schema=snapshot.KEYS))
    elsewhere = lists("QUORVAX, Ottilie", *MANY[1:], source="other")
    refresh(tmp_path, elsewhere)
    assert snapshot.update(tmp_path, elsewhere, changed, held) is None
    updated = snapshot.update(tmp_path, wanted, changed, held)
    assert updated is not None
    assert updated.added["source"].sort().to_list() == ["other", "test"]
