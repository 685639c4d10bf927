"""A watchlist as it is matched against: immutable memory-mapped arrays, proved by hashes, shared by all processes of a host.

A snapshot is a base, and perhaps a delta upon it: a small segment of lookouts that came or changed since, and the rows of
the base that they replace or that were withdrawn. Equal lists give equal bases. How versions stand on disk is said in
`watchlists.versions`; a version's own folder can be opened as well. The base also holds the index of lost documents, if
there is one; a new base has hard links to it.

Writers of any number of processes take turns by a lock that is held only while a version is put in force. A new base
takes minutes to build for a large list and is built without it: what another writer changed meanwhile is carried over.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as replaced
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import lost_documents, segments, versions
from watchlists.lookouts import LOOKOUTS, MADE_HERE, Imported, SnapshotError
from watchlists.lost_documents import LostIndex
from watchlists.segments import Segment
from watchlists.tokens import Frequencies

KEY: Final = ("source", "entry_id")
KEYS: Final = pl.Schema({name: LOOKOUTS[name] for name in KEY})
_REMOVED: Final = "removed"


@dataclass(frozen=True)
class Snapshot:
    """One version, open. `base`: hash of the version whose segment is the first; `sources`: how many lookouts of each list;
    `lost`: the lost and stolen documents, None where there is no such list."""

    hash: str
    base: str
    segments: tuple[Segment, ...]
    sources: Mapping[str, int]
    lost: LostIndex | None = None

    @property
    def entries(self) -> pl.DataFrame:
        """LOOKOUTS with `entry` of all that are in the snapshot."""
        return pl.concat(
            segment.in_place.with_columns(pl.col("entry") + pl.lit(segment.first, pl.UInt32)) for segment in self.segments
        )

    def of_source(self, source: str) -> pl.DataFrame:
        """LOOKOUTS of one list."""
        of_list = pl.col("source") == source
        return pl.concat(segment.entries.filter(of_list & ~pl.Series(segment.removed)) for segment in self.segments).drop("entry")

    @property
    def added(self) -> pl.DataFrame:
        """LOOKOUTS of the delta: those that came or changed since the base."""
        return pl.concat([pl.DataFrame(schema=LOOKOUTS), *(segment.entries.drop("entry") for segment in self.segments[1:])])

    @property
    def frequencies(self) -> Frequencies:
        """Those of the first segment, by which the names of all segments and of travellers are weighed."""
        return self.segments[0].listed.frequencies

    @staticmethod
    def open(path: Path, previous: "Snapshot | None" = None) -> "Snapshot":
        """Map a snapshot. Raises SnapshotError where there is none, or a file is missing, cut short or changed.

        The base of `previous` is used again where it is the same: then only the delta is read and proved.
        """
        while True:
            folder = versions.located(path)
            try:
                return _open(folder, previous)
            except SnapshotError:
                if versions.located(path) == folder:  # else a writer replaced it and took it away meanwhile
                    raise


@dataclass(frozen=True)
class Changes:
    """What one set of lookouts has and another has not: new or changed ones (LOOKOUTS), and the KEYS of those that are gone."""

    put: pl.DataFrame
    gone: pl.DataFrame

    def __bool__(self) -> bool:
        return bool(self.put.height or self.gone.height)


def replace(path: Path, lists: Sequence[Imported], lost: Callable[[Path], object] | None = None) -> Snapshot:
    """Put the lists into the snapshot, each in place of what it held of the same source, and open the new version.

    `lost` writes an index of lost documents into the folder that it is given, to take the place of the one held. Raises
    SnapshotError where the path holds something else, or a snapshot that is damaged; and where a list is empty or less than
    half of what the snapshot holds of its source: a file cut short must not clear those who stood in the rest.
    """
    if path.exists() and not path.is_dir():
        raise SnapshotError(f"{path}: is a file: give a folder for the snapshot")
    if (
        path.is_dir()
        and versions.current(path) is None
        and not all(file.name.startswith(versions.DRAFT) for file in path.iterdir())
    ):
        raise SnapshotError(f"{path}: holds other files and no snapshot: give an empty or new folder")
    _check(lists, None, None)  # before anything that takes long
    imported = {read.source for read in lists}
    with versions.draft(path) as draft:
        if lost:
            lost(draft)
        documents = LostIndex.open(draft)

        def merged(before: Snapshot | None) -> pl.DataFrame:
            _check(lists, documents, before)
            kept = [before.entries.drop("entry").filter(~pl.col("source").is_in(list(imported)))] if before else []
            return pl.concat([pl.DataFrame(schema=LOOKOUTS), *kept, *(read.lookouts for read in lists)])

        return _new_base(path, merged, imported, draft if documents else None)


def update(path: Path, lists: Sequence[Imported], changed: Changes, before: Snapshot) -> Snapshot | None:
    """As `replace`, of lists that are `changed` little against what `before` holds of them: what did not change keeps its index.

    None, and nothing written, where another writer changed a list of the same source since `before`. Raises SnapshotError.
    """
    _check(lists, None, before)
    with versions.locked(path):
        now = Snapshot.open(path, before)
        meanwhile = changes(before, now)
        touched = pl.concat([meanwhile.put["source"], meanwhile.gone["source"]])
        return None if touched.is_in([read.source for read in lists]).any() else _applied(path, now, changed)


def apply(path: Path, changes: Changes, previous: Snapshot | None = None) -> Snapshot:
    """Put lookouts into the snapshot, in place of those with the same KEY, and take others out: a new version with a delta.

    The base of `previous` is used again where it is the same. Raises SnapshotError where there is no snapshot that can be used.
    """
    if versions.current(path) is None:
        raise SnapshotError(f"{path}: is no folder of a snapshot: make one with `forepost watchlist import … --snapshot {path}`")
    with versions.locked(path):
        return _applied(path, Snapshot.open(path, previous), changes)


def compact(path: Path) -> Snapshot:
    """Fold the delta of the snapshot, if it has one, into a new base. Matches stay as they are. Raises SnapshotError."""
    opened = Snapshot.open(path)
    if opened.hash == opened.base:
        return opened

    def together(before: Snapshot | None) -> pl.DataFrame:
        assert before is not None
        return before.entries.drop("entry")

    return _new_base(path, together, ())


def changes(before: Snapshot, after: Snapshot) -> Changes:
    """What `after` has and `before` has not; where both have the same base, in time that depends on their deltas alone."""
    if before.base != after.base:
        return difference(before.entries.drop("entry"), after.entries.drop("entry"))
    base, was, now = after.segments[0].entries, before.segments[0].removed, after.segments[0].removed
    return difference(
        pl.concat([base.filter(pl.Series(now & ~was)).drop("entry"), before.added]),
        pl.concat([base.filter(pl.Series(was & ~now)).drop("entry"), after.added]),
    )


def difference(before: pl.DataFrame, after: pl.DataFrame) -> Changes:
    """What changed between two sets of lookouts (LOOKOUTS, each KEY once)."""
    # Lists and structs are no join keys: a row is compared by a hash of its text, as in `watchlists.diff`.
    text = pl.struct(pl.all()).struct.json_encode().hash(0).alias("text")
    put = after.filter(~_occur(after.select(text), before.select(text)))
    gone = before.select(KEY).filter(~_occur(before.select(KEY), after.select(KEY)))
    return Changes(put, gone)


def _new_base(
    path: Path, make: Callable[[Snapshot | None], pl.DataFrame], replaced: Collection[str], lost: Path | None = None
) -> Snapshot:
    """Put a base of what `make` gives in force, with what others changed meanwhile in sources that are not `replaced`, and
    with the index of lost documents in the folder `lost`, else the one held."""
    while True:
        before = Snapshot.open(path) if versions.current(path) is not None else None
        home = lost or (path / before.base if before and before.lost else None)
        fresh = Snapshot.open(path / _write_base(path, make(before), home))
        with versions.locked(path):
            now = versions.current(path)
            if now == (before.hash if before else None):
                versions.put_in_force(path, fresh.hash)
                return fresh
            after = Snapshot.open(path, before)
            if before is not None and after.base == before.base:
                meanwhile = changes(before, after)
                others = ~pl.col("source").is_in(list(replaced))
                return _applied(path, fresh, Changes(meanwhile.put.filter(others), meanwhile.gone.filter(others)))
        # Another base came into force meanwhile: once more, upon that one.


def _applied(path: Path, opened: Snapshot, changes: Changes) -> Snapshot:
    """The version `opened` with the changes, put in force. To be called with the lock held."""
    touched = pl.concat([changes.put.select(KEY), changes.gone.select(KEY)])
    base = opened.segments[0]
    removed: NDArray[np.bool_] = base.removed | _occur(base.entries.select(KEY), touched).to_numpy()
    kept = opened.added
    added = pl.concat([kept.filter(~_occur(kept.select(KEY), touched)), changes.put.cast(LOOKOUTS)])
    alone = added.is_empty() and not removed.any()
    versions.put_in_force(path, opened.base if alone else _write_delta(path, opened, added, removed))
    return Snapshot.open(path, opened)


def _write_base(path: Path, lookouts: pl.DataFrame, lost: Path | None) -> str:
    """A version of lookouts, with hard links to the index of lost documents in a folder."""

    def fill(draft: Path) -> None:
        if lost:
            for name in lost_documents.FILES:
                versions.link(lost / name, draft / name)
        segments.write(draft, lookouts)

    return versions.write(path, fill)


def _write_delta(path: Path, opened: Snapshot, added: pl.DataFrame, removed: NDArray[np.bool_]) -> str:
    """A version that adds lookouts (LOOKOUTS) to the base of `opened` and takes rows of it away."""

    def fill(draft: Path) -> None:
        np.save(draft / f"{_REMOVED}.npy", np.flatnonzero(removed).astype(np.uint32))
        if added.height:
            segments.write(draft, added, opened.frequencies)

    return versions.write(path, fill, opened.base)


def _open(folder: Path, previous: Snapshot | None) -> Snapshot:
    found = versions.manifest(folder)
    base = found.base or found.hash
    if previous is not None and previous.base == base:
        first = replaced(previous.segments[0], removed=np.zeros(previous.segments[0].entries.height, bool))
        lost = previous.lost
    else:
        home = folder.parent / found.base if found.base else folder
        versions.proved(home)
        first, lost = segments.read(home, 0), LostIndex.open(home)
    both = [first]
    if found.base:
        versions.proved(folder)
        first.removed[segments.mapped(folder, _REMOVED)] = True
        if "entries.arrow" in found.files:
            both.append(segments.read(folder, first.entries.height))
    counts = pl.concat(segment.in_place.select("source") for segment in both)
    return Snapshot(found.hash, base, tuple(both), dict(sorted(counts["source"].value_counts().iter_rows())), lost)


def _occur(rows: pl.DataFrame, among: pl.DataFrame) -> pl.Series:
    """Which of the rows occur among the others."""
    known = among.unique().with_columns(occurs=True)
    joined = rows.join(known, on=rows.columns, how="left", maintain_order="left", nulls_equal=True)
    return joined["occurs"].fill_null(False)


def _check(lists: Sequence[Imported], documents: LostIndex | None, before: Snapshot | None) -> None:
    """Raises SnapshotError with all that keeps lists and lost documents from being put in place of what `before` holds."""
    sources = sorted({read.source for read in lists})
    faults = [f"source {one}: has a colon, at which keys are split: name this list otherwise" for one in sources if ":" in one]
    if MADE_HERE in sources:
        faults.append(f"source {MADE_HERE}: is the list of the lookouts that officers make here: name this list otherwise")
    held: Mapping[str, int] = before.sources if before else {}
    counts = [(read.source, read.lookouts.height, held.get(read.source, 0), "lookout") for read in lists]
    if documents:
        held_documents = before.lost.documents if before and before.lost else 0
        counts.append(("lost documents", documents.documents, held_documents, "document"))
    faults += [fault for counted in counts if (fault := _shrunk(*counted))]
    if faults:
        raise SnapshotError(faults)


def _shrunk(source: str, now: int, before: int, noun: str) -> str | None:
    """What is wrong with a list that has too few lookouts or documents, if anything."""
    if now == 0:
        return f"{source}: no {noun} could be read: give the whole file; what the snapshot holds of it stays"
    if now * 2 < before:
        fix = "give the whole file, or import into a new snapshot if it is meant"
        return f"{source}: {now} {noun}s where the snapshot holds {before}, less than half: {fix}"
    return None
