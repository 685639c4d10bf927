import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.watchlists.conftest import Build, documents, lookout, matches, travellers
from watchlists import snapshot
from watchlists.lookouts import Imported, SnapshotError, frame
from watchlists.snapshot import Snapshot

DOE = lookout("1", "DOE, Jonathan", dobs=["1970-01-02"])
ROE = lookout("2", "ROE, Rosalind", source="other")


def imported(*lookouts: dict[str, object]) -> Imported:
    return Imported(str(lookouts[0]["source"]), frame(lookouts), ())


def test_each_source_replaces_its_own_list_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    first = snapshot.replace(path, [imported(DOE), imported(ROE)])
    second = snapshot.replace(path, [imported(lookout("3", "SMITH, Jane"))])
    assert first.sources == {"other": 1, "test": 1}
    assert second.entries["entry_id"].to_list() == ["2", "3"]
    assert first.hash != second.hash
    assert Snapshot.open(path).hash == second.hash
    assert Snapshot.open(path / first.hash).entries["name"].to_list() == ["ROE, Rosalind", "DOE, Jonathan"]


def test_equal_lists_in_any_order_make_equal_snapshots(tmp_path: Path) -> None:
    one = snapshot.replace(tmp_path / "one", [imported(DOE, lookout("9", "A B")), imported(ROE)])
    other = snapshot.replace(tmp_path / "other", [imported(ROE), imported(lookout("9", "A B"), DOE)])
    assert one.hash == other.hash


def test_a_second_process_opens_it_and_writes_nothing(build: Build, tmp_path: Path) -> None:
    opened = build(DOE)
    path = tmp_path / "snapshot0"
    before = {file: file.stat().st_mtime_ns for file in path.rglob("*")}
    code = f"from pathlib import Path; from watchlists.snapshot import Snapshot; print(Snapshot.open(Path({str(path)!r})).hash)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == opened.hash
    assert {file: file.stat().st_mtime_ns for file in path.rglob("*")} == before


def test_a_changed_or_short_file_is_refused_by_name(build: Build, tmp_path: Path) -> None:
    version = tmp_path / "snapshot0" / build(DOE).hash
    for file, damage in (("entries.arrow", lambda b: b[:-8] + b"\0" * 8 + b"x"), ("tokens.rarity.npy", lambda b: b[:-2])):
        whole = (version / file).read_bytes()
        (version / file).unlink()
        (version / file).write_bytes(damage(whole))
        with pytest.raises(SnapshotError, match=f"{file}: changed or cut short"):
            Snapshot.open(tmp_path / "snapshot0")
        (version / file).write_bytes(whole)
    (version / "names.arrow").unlink()
    with pytest.raises(SnapshotError, match=r"names\.arrow: missing"):
        Snapshot.open(tmp_path / "snapshot0")


def test_a_manifest_that_was_tampered_with_is_refused(build: Build, tmp_path: Path) -> None:
    version = tmp_path / "snapshot0" / build(DOE).hash
    manifest = json.loads((version / "manifest.json").read_text())
    for broken in (
        {**manifest, "hash": "0" * 64},
        {**manifest, "format": 99},
        {"files": []},
        {**manifest, "files": dict(list(manifest["files"].items())[1:])},
    ):
        (version / "manifest.json").write_text(json.dumps(broken))
        with pytest.raises(SnapshotError, match=r"manifest\.json"):
            Snapshot.open(tmp_path / "snapshot0")


def test_a_path_that_is_no_snapshot_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="no snapshot there"):
        Snapshot.open(tmp_path / "absent")
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mail.txt").write_text("dear")
    with pytest.raises(SnapshotError, match="holds other files"):
        snapshot.replace(tmp_path / "letters", [imported(DOE)])
    with pytest.raises(SnapshotError, match="is a file"):
        snapshot.replace(tmp_path / "letters" / "mail.txt", [imported(DOE)])
    with pytest.raises(SnapshotError, match="source a:b: has a colon"):
        snapshot.replace(tmp_path / "new", [imported(DOE | {"source": "a:b"})])


def test_an_import_that_fails_leaves_the_last_version_in_force(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = build(DOE)
    path = tmp_path / "snapshot0"
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        snapshot.replace(path, [imported(ROE)])
    monkeypatch.undo()
    assert Snapshot.open(path).hash == good.hash
    assert sorted(file.name for file in path.iterdir()) == sorted(["current", good.hash])


def test_an_open_snapshot_outlives_its_replacement(build: Build, tmp_path: Path) -> None:
    opened = build(DOE)
    snapshot.replace(tmp_path / "snapshot0", [imported(lookout("3", "SMITH, Jane"))])
    assert matches(opened, travellers(("DOE", "JONATHAN"))).height == 1


def test_a_list_without_documents_dates_or_aliases_can_be_matched(build: Build) -> None:
    opened = build(lookout("1", "DOE, Jonathan"))
    found = matches(opened, travellers(("DOE", "JONATHAN")), documents((0, "P", "AB123456", "CAN")))
    assert found["entry_id"].to_list() == ["1"]


def test_a_list_cut_short_takes_nobody_off(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    whole = imported(*(lookout(str(number), f"DOE, Jane {chr(65 + number)}") for number in range(5)))
    before = snapshot.replace(path, [whole])
    with pytest.raises(SnapshotError, match="no lookout could be read"):
        snapshot.replace(path, [Imported("test", frame([]), ())])
    with pytest.raises(SnapshotError, match="2 lookouts where the snapshot holds 5"):
        snapshot.replace(path, [imported(*(lookout(str(number), "DOE, Jane") for number in range(2)))])
    assert Snapshot.open(path).hash == before.hash
    assert snapshot.replace(path, [imported(*(lookout(str(number), "DOE, Jane") for number in range(3)))]).hash != before.hash
