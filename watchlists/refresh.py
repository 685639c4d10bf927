"""Bringing a snapshot up to date with its lists, day after day: what is different is told, and only then written."""

from collections.abc import Callable, Sequence
from pathlib import Path

from watchlists import snapshot, versions
from watchlists.diff import Difference, of_lists
from watchlists.lookouts import Imported
from watchlists.snapshot import Snapshot


def refresh(path: Path, lists: Sequence[Imported], lost: Callable[[Path], object] | None = None) -> tuple[Snapshot, Difference]:
    """Put the lists into the snapshot as `snapshot.replace` does, and say what that changed; where nothing did and there is
    no index of lost documents to write, no version is written. Raises SnapshotError."""
    held = Snapshot.open(path) if versions.current(path) is not None else None
    difference = of_lists(held, lists)
    if held is not None and not difference and lost is None and all(read.lookouts.height for read in lists):
        return held, difference
    return snapshot.replace(path, lists, lost), difference
