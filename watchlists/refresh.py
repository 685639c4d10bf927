"""Bringing a snapshot up to date with its lists, day after day: what is different is told, and only then written."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from watchlists import snapshot, versions
from watchlists.compaction import COMPACT_FROM
from watchlists.diff import Difference, of_lists
from watchlists.lookouts import Imported
from watchlists.snapshot import KEYS, Changes, Snapshot

LARGEST_SHARE: Final = 0.1  # of the base that a delta adds or takes away; from there on a new base costs little more


def refresh(path: Path, lists: Sequence[Imported], lost: Callable[[Path], object] | None = None) -> tuple[Snapshot, Difference]:
    """Put the lists into the snapshot as `snapshot.replace` does, and say what that changed. Raises SnapshotError.

    Where nothing changed and there is no index of lost documents to write, no version is written; where little did, a delta.
    """
    while True:
        held = Snapshot.open(path) if versions.current(path) is not None else None
        difference = of_lists(held, lists)
        if held is None or lost is not None or not all(read.lookouts.height for read in lists):
            return snapshot.replace(path, lists, lost), difference
        if not difference:
            return held, difference
        changed = Changes(pl.concat([difference.added, difference.after]), difference.removed.select(KEYS.names()))
        if _grown(held, changed) > min(COMPACT_FROM, LARGEST_SHARE * held.segments[0].entries.height):
            return snapshot.replace(path, lists), difference
        if updated := snapshot.update(path, lists, changed, held):
            return updated, difference


def _grown(held: Snapshot, changed: Changes) -> int:
    """How many lookouts the delta would hold and leave out of the base at most."""
    return held.added.height + int(held.segments[0].removed.sum()) + changed.put.height + changed.gone.height
