"""Lost documents as a part of a snapshot: replaced by themselves, kept by every other change, covered by its hash."""

from functools import partial
from pathlib import Path

import pytest

from tests.watchlists.conftest import lookout
from tests.watchlists.test_lost_documents import presented, reported
from watchlists import lost_build, snapshot
from watchlists.lookouts import LOOKOUTS, Imported, SnapshotError, frame
from watchlists.lost_documents import FILES
from watchlists.snapshot import KEYS, Changes, Snapshot
from watchlists.versions import DRAFT

DOE = Imported("test", frame([lookout("1", "DOE, Jonathan")]), ())
PAPERS = (("AB123456", "FRA", "P"), ("CD123456", "CAN", None))


def lost(*documents: tuple[str, str | None, str | None]) -> partial[int]:
    return partial(lost_build.write, batches=[reported(*documents)], authority="Police", purpose="lost documents")


def found(opened: Snapshot) -> list[int]:
    assert opened.lost is not None
    return opened.lost.find(presented(*PAPERS, ("EF123456", "CAN", "P")))["traveller"].to_list()


def inodes(path: Path, opened: Snapshot) -> set[int]:
    return {(path / opened.base / name).stat().st_ino for name in FILES}


def test_a_snapshot_may_have_none(tmp_path: Path) -> None:
    assert snapshot.replace(tmp_path / "lists", [DOE]).lost is None


def test_other_changes_keep_the_index_and_copy_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lists"
    alone = snapshot.replace(path, [], lost(*PAPERS))
    assert (found(alone), alone.entries.height, alone.sources) == ([0, 1], 0, {})
    written = inodes(path, alone)
    imported = snapshot.replace(path, [DOE])
    delta = snapshot.apply(path, Changes(frame([lookout("2", "ROE, Richard")]), KEYS.to_frame()), imported)
    assert delta.lost is imported.lost
    compacted = snapshot.compact(path)
    for opened in (imported, delta, compacted, Snapshot.open(path)):
        assert found(opened) == [0, 1]
        assert inodes(path, opened) == written
    assert len({alone.hash, imported.hash, delta.hash, compacted.hash}) == 4
    assert not list(path.glob(f"{DRAFT}*"))


def test_a_new_list_takes_the_place_of_the_old_and_leaves_the_lookouts(tmp_path: Path) -> None:
    path = tmp_path / "lists"
    before = snapshot.replace(path, [DOE], lost(*PAPERS))
    after = snapshot.replace(path, [], lost(PAPERS[1], ("EF123456", "CAN", "P")))
    assert (found(before), found(after)) == ([0, 1], [1, 2])
    assert after.sources == before.sources == {"test": 1}
    assert after.hash != before.hash
    assert snapshot.replace(path, [], lost(*PAPERS)).hash == before.hash


def test_the_hash_covers_authority_and_purpose(tmp_path: Path) -> None:
    write = partial(lost_build.write, batches=[reported(*PAPERS)], purpose="lost documents")
    one = snapshot.replace(tmp_path / "one", [], partial(write, authority="Police"))
    other = snapshot.replace(tmp_path / "other", [], partial(write, authority="Border Guard"))
    assert one.hash != other.hash


def test_a_list_cut_short_clears_no_document(tmp_path: Path) -> None:
    path = tmp_path / "lists"
    before = snapshot.replace(path, [DOE], lost(*PAPERS, ("EF123456", "CAN", "P")))
    with pytest.raises(SnapshotError, match="lost documents: 1 documents where the snapshot holds 3, less than half"):
        snapshot.replace(path, [], lost(PAPERS[0]))
    with pytest.raises(SnapshotError, match="lost documents: no document could be read"):
        snapshot.replace(path, [], lost())
    with pytest.raises(SnapshotError, match="no document could be read"):
        snapshot.replace(tmp_path / "fresh", [], lost())
    assert Snapshot.open(path).hash == before.hash
    assert not list(path.glob(f"{DRAFT}*"))


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["cut", "changed", "gone"])
def test_a_file_that_is_not_as_it_was_written_is_refused(tmp_path: Path, name: str, damage: str) -> None:
    path = tmp_path / "lists"
    opened = snapshot.replace(path, [DOE], lost(*PAPERS, ("1" * 12, "CAN", "I")))
    file = path / opened.base / name
    content = file.read_bytes()
    if damage == "gone":
        file.unlink()
    else:
        file.write_bytes(content[:-1] if damage == "cut" else content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(SnapshotError, match=rf"{name}: (missing|changed or cut short)"):
        Snapshot.open(path)


def test_a_draft_left_by_a_crash_is_no_other_file(tmp_path: Path) -> None:
    (tmp_path / f"{DRAFT}left").mkdir()
    assert found(snapshot.replace(tmp_path, [], lost(*PAPERS))) == [0, 1]


def test_lookouts_may_be_put_upon_lost_documents_alone(tmp_path: Path) -> None:
    opened = snapshot.replace(tmp_path, [], lost(*PAPERS))
    applied = snapshot.apply(tmp_path, Changes(frame([lookout("2", "ROE, Richard")]).cast(LOOKOUTS), KEYS.to_frame()), opened)
    assert (applied.sources, found(applied)) == ({"test": 1}, [0, 1])
