"""Lookouts put into a snapshot and taken out of it while it is in use."""

import itertools
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.watchlists.conftest import AT, PRIOR, Build, documents, lookout, matches, travellers
from watchlists import snapshot, versions
from watchlists.lookouts import Imported, SnapshotError, frame
from watchlists.match import match
from watchlists.snapshot import KEYS, Changes, Snapshot

DOE = lookout("1", "DOE, Jonathan", dobs=["1970-01-02"])
ROE = lookout("2", "ROE, Rosalind")
NEW = lookout("N-1", "VORONTSOV, Arkady", source="officers", dobs=["1971-03-09"])
KEEP = ("entry_id", "source", "lookout_name", "log_odds", "name_log_odds", "dob_agrees", "document_agrees")
PEOPLE = travellers(("DOE", "JONATHAN"), ("ROE", "ROSALIND"), ("VORONTSOV", "ARKADY"), ("SMITH", "JANE"))


def put(*lookouts: dict[str, Any], gone: tuple[tuple[str, str], ...] = ()) -> Changes:
    return Changes(frame(lookouts), pl.DataFrame(list(gone), schema=KEYS, orient="row"))


def found(opened: Snapshot) -> list[str]:
    return sorted(matches(opened, PEOPLE, floor=5.0)["entry_id"].to_list())


def test_a_new_lookout_stands_beside_the_base(build: Build, tmp_path: Path) -> None:
    before = build(DOE, ROE)
    after = snapshot.apply(tmp_path / "snapshot0", put(NEW), before)
    assert found(before) == ["1", "2"]
    assert found(after) == ["1", "2", "N-1"]
    assert after.base == before.hash != after.hash
    assert after.segments[0].listed is before.segments[0].listed  # the base is not read again
    assert after.sources == {"officers": 1, "test": 2}
    assert after.entries["entry"].to_list() == [0, 1, 2]
    assert Snapshot.open(tmp_path / "snapshot0").hash == after.hash
    seen = matches(after, PEOPLE, floor=5.0)
    assert after.entries.join(seen, on=["entry", "entry_id"], how="semi").height == 3


def test_a_lookout_of_the_base_is_replaced_and_taken_out(build: Build, tmp_path: Path) -> None:
    path = tmp_path / "snapshot0"
    opened = build(DOE, ROE)
    opened = snapshot.apply(path, put(lookout("1", "SMITH, Jane"), gone=(("test", "2"),)), opened)
    assert matches(opened, PEOPLE, floor=5.0)["lookout_name"].to_list() == ["SMITH, Jane"]
    opened = snapshot.apply(path, put(gone=(("test", "1"),)), opened)
    assert found(opened) == []
    assert opened.entries.is_empty()
    assert Snapshot.open(path).hash == opened.hash


def test_taking_out_what_was_put_in_gives_the_base_again(build: Build, tmp_path: Path) -> None:
    base = build(DOE, ROE)
    snapshot.apply(tmp_path / "snapshot0", put(NEW))
    assert snapshot.apply(tmp_path / "snapshot0", put(gone=(("officers", "N-1"),))).hash == base.hash


def test_an_unknown_key_is_no_fault(build: Build, tmp_path: Path) -> None:
    base = build(DOE)
    assert snapshot.apply(tmp_path / "snapshot0", put(gone=(("officers", "none"),))).hash == base.hash


def test_a_document_is_found_in_the_delta(build: Build, tmp_path: Path) -> None:
    build(DOE)
    paper = {"type": "P", "number": "K7712345", "issuer": "RUS"}
    opened = snapshot.apply(tmp_path / "snapshot0", put({**NEW, "documents": [paper]}))
    hit = matches(opened, travellers(("QQ", "WW")), documents((0, "P", "K7712345", "RUS")))
    assert hit.select("entry_id", "document_agrees").rows() == [("N-1", True)]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.lists(
            st.tuples(st.sampled_from("ABCDEF"), st.sampled_from(["", "DOE, Jonathan", "ROE, Rosalind", "SMITH, Jane"])),
            max_size=3,
        ),
        max_size=4,
    ),
    folded=st.booleans(),
)
def test_changes_one_after_another_match_as_one_import_of_their_outcome(
    tmp_path_factory: pytest.TempPathFactory, steps: list[list[tuple[str, str]]], folded: bool
) -> None:
    """Each step names ids with a new name, or with none to take them out."""
    path = tmp_path_factory.mktemp("steps") / "s"
    held = {"A": lookout("A", "DOE, Jonathan"), "Z": lookout("Z", "VORONTSOV, Arkady")}
    opened = snapshot.replace(path, [Imported("test", frame(held.values()), ())])
    for step in steps:
        of_step = {entry: lookout(entry, name) if name else None for entry, name in step}
        before = opened
        opened = snapshot.apply(
            path,
            put(*filter(None, of_step.values()), gone=tuple(("test", entry) for entry, new in of_step.items() if new is None)),
            opened,
        )
        was = dict(held)
        held = {entry: new for entry, new in (held | of_step).items() if new}
        told = snapshot.changes(before, opened)
        assert {row["entry_id"] for row in told.put.to_dicts()} == {entry for entry in held if held[entry] != was.get(entry)}
        assert set(told.gone["entry_id"]) == was.keys() - held.keys()
    if folded:
        opened = snapshot.compact(path)
        assert opened.hash == opened.base
    at_once = snapshot.replace(path.parent / "t", [Imported("test", frame(held.values()), ())])
    assert opened.entries.drop("entry").sort("entry_id").equals(at_once.entries.drop("entry"))
    assert opened.sources == at_once.sources
    pick = (*KEEP, "probability", "traveller")
    ours, theirs = (matches(one, PEOPLE, floor=-5.0).select(pick).sort("traveller", "entry_id") for one in (opened, at_once))
    assert ours.equals(theirs)


def test_a_changed_file_of_the_delta_or_its_base_is_refused(build: Build, tmp_path: Path) -> None:
    path = tmp_path / "snapshot0"
    base = build(DOE)
    opened = snapshot.apply(path, put(NEW))
    for version, file in ((opened.hash, "removed.npy"), (opened.hash, "entries.arrow"), (base.hash, "entries.arrow")):
        whole = (path / version / file).read_bytes()
        (path / version / file).unlink()
        (path / version / file).write_bytes(whole + b"x")
        with pytest.raises(SnapshotError, match=f"{version}/{file}: changed"):
            Snapshot.open(path)
        (path / version / file).write_bytes(whole)
    manifest = path / opened.hash / "manifest.json"
    manifest.write_text(manifest.read_text().replace(base.hash, opened.hash))
    with pytest.raises(SnapshotError):
        Snapshot.open(path)


def test_an_import_folds_the_delta_in(build: Build, tmp_path: Path) -> None:
    path = tmp_path / "snapshot0"
    build(DOE)
    snapshot.apply(path, put(NEW))
    after = snapshot.replace(path, [Imported("test", frame([ROE]), ())])
    assert found(after) == ["2", "N-1"]
    assert after.hash == after.base


def test_what_changes_while_a_base_is_built_is_carried_over(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the import of a list nor a compaction blocks or loses what officers do meanwhile."""
    path = tmp_path / "snapshot0"
    write, meanwhile = snapshot._write_base, [put(NEW, ROE)]

    def slow(folder: Path, lookouts: pl.DataFrame, lost: Path | None) -> str:
        digest = write(folder, lookouts, lost)
        if meanwhile:
            snapshot.apply(folder, meanwhile.pop())
        return digest

    build(DOE)
    monkeypatch.setattr(snapshot, "_write_base", slow)
    after = snapshot.replace(path, [Imported("test", frame([lookout("3", "SMITH, Jane")]), ())])
    assert found(after) == ["3", "N-1"]  # ROE is of the source that was replaced
    meanwhile.append(put(DOE, gone=(("officers", "N-1"),)))
    after = snapshot.compact(path)
    assert found(after) == ["1", "3"]
    assert after.base != after.hash


def test_an_import_during_a_compaction_is_not_lost(build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "snapshot0"
    build(DOE)
    snapshot.apply(path, put(NEW))
    write, meanwhile = snapshot._write_base, [Imported("test", frame([ROE]), ())]

    def slow(folder: Path, lookouts: pl.DataFrame, lost: Path | None) -> str:
        digest = write(folder, lookouts, lost)
        if meanwhile:
            snapshot.replace(folder, [meanwhile.pop()])
        return digest

    monkeypatch.setattr(snapshot, "_write_base", slow)
    assert found(snapshot.compact(path)) == ["2", "N-1"]


def test_a_lookout_acts_from_its_first_instant_until_before_its_last(build: Build, tmp_path: Path) -> None:
    begins, ends = AT, AT + timedelta(hours=1)
    base = build(lookout("1", "DOE, Jonathan", valid_from=begins, valid_until=ends))
    opened = snapshot.apply(tmp_path / "snapshot0", put({**NEW, "valid_from": begins, "valid_until": ends}), base)
    tick = timedelta(microseconds=1)

    def acting(at: datetime) -> list[str]:
        return sorted(match(opened, PEOPLE, documents(), PRIOR, 5.0, at)["entry_id"].to_list())

    assert acting(begins - tick) == []
    assert acting(begins) == acting(ends - tick) == ["1", "N-1"]
    assert acting(ends) == acting(ends + tick) == []


def test_only_versions_that_somebody_needs_stay(build: Build, tmp_path: Path) -> None:
    path = tmp_path / "snapshot0"
    base = build(DOE)
    opened = base
    for number in range(versions.KEPT_DELTAS + 3):
        opened = snapshot.apply(path, put({**NEW, "purpose": f"purpose {number}"}), opened)
    names = {folder.name for folder in path.iterdir() if folder.is_dir()}
    assert len(names) == versions.KEPT_DELTAS + 1
    assert {base.hash, opened.hash} <= names
    for number in range(versions.KEPT_BASES + 2):
        opened = snapshot.replace(path, [Imported("test", frame([lookout("3", f"SMITH, {chr(65 + number)}ANE")]), ())])
    for name in (folder.name for folder in path.iterdir() if folder.is_dir()):
        Snapshot.open(path / name)  # a delta that stays has its base
    assert found(opened)


def test_a_draft_is_taken_away_only_when_its_writer_has_ended(build: Build, tmp_path: Path) -> None:
    path = tmp_path / "snapshot0"
    build(DOE)
    (path / ".draft-abandoned").mkdir()
    with versions.draft(path) as draft:
        snapshot.apply(path, put(NEW))
        assert draft.exists()
    assert sorted(file.name for file in path.iterdir() if file.name.startswith(".")) == []


def test_nothing_is_put_into_what_is_no_snapshot(build: Build, tmp_path: Path) -> None:
    opened = build(DOE)
    for path in (tmp_path / "absent", tmp_path / "snapshot0" / opened.hash):
        with pytest.raises(SnapshotError, match="no folder of a snapshot"):
            snapshot.apply(path, put(NEW))


def write_for_ever(path: Path) -> None:
    """What the process of the next test does."""
    for number in itertools.count():
        snapshot.apply(path, put({**NEW, "purpose": f"{number}"}))
        if number % 3 == 2:
            snapshot.compact(path)


def test_a_writer_killed_at_any_moment_leaves_a_good_version(build: Build, tmp_path: Path) -> None:
    path = tmp_path / "snapshot0"
    build(DOE, ROE)
    code = "from pathlib import Path; from tests.watchlists.test_updates import write_for_ever as w; w(Path({!r}))"
    root = Path(__file__).resolve().parent.parent.parent
    chance, seen = random.Random(7), set()
    for _ in range(4):
        process = subprocess.Popen([sys.executable, "-c", code.format(str(path))], cwd=root)
        before = versions.current(path)
        while versions.current(path) == before:
            assert process.poll() is None
            time.sleep(0.01)
        for _ in range(5):  # whatever is in force can be opened, however fast it is replaced
            seen.add(Snapshot.open(path).hash)
        time.sleep(chance.uniform(0, 0.3))
        process.kill()
        assert process.wait() == -signal.SIGKILL
        assert found(Snapshot.open(path)) == ["1", "2", "N-1"]
    assert len(seen) > 1
    assert found(snapshot.apply(path, put(gone=(("officers", "N-1"),)))) == ["1", "2"]
    assert not list(path.glob(".draft-*"))
