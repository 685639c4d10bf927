"""A watchlist on disk: an immutable folder of memory-mapped arrays, proved by hashes, shared by all processes of a host.

    SNAPSHOT/current            the hash of the version in force; replaced atomically
    SNAPSHOT/<hash>/            one version: manifest.json, *.npy, *.arrow

A version is written to a temporary folder, then renamed; a crash leaves the last good one in force. Equal lists give
equal hashes. A version's own folder can be opened as well.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists.index import Frames, Listed, build
from watchlists.kernels import Births, Index, Names, Tokens
from watchlists.lookouts import LOOKOUTS, Imported, SnapshotError
from watchlists.tokens import Frequencies

_FORMAT: Final = 1
_MANIFEST: Final = "manifest.json"
_CURRENT: Final = "current"
_GROUPS: Final[dict[str, type]] = {
    "names": Names,
    "tokens": Tokens,
    "index": Index,
    "births": Births,
    "frequencies": Frequencies,
}
_REBUILD: Final = "import the lists again with `forepost watchlist import`"


@dataclass(frozen=True)
class Segment:
    """Lookouts that were indexed together: row i of `entries` (LOOKOUTS with `entry`) is the snapshot's entry `first` + i."""

    entries: pl.DataFrame
    listed: Listed
    frames: Frames
    first: int
    removed: NDArray[np.bool_]  # rows that a later segment replaced or that were withdrawn


@dataclass(frozen=True)
class Snapshot:
    """One version, open; `sources` counts the lookouts of each list."""

    hash: str
    segments: tuple[Segment, ...]
    sources: Mapping[str, int]

    @property
    def entries(self) -> pl.DataFrame:
        """LOOKOUTS with `entry` of all that are in the snapshot."""
        return pl.concat([segment.entries.filter(~pl.lit(pl.Series(segment.removed))) for segment in self.segments])

    @property
    def frequencies(self) -> Frequencies:
        """Those of the first segment, by which the names of all segments and of travellers are weighed."""
        return self.segments[0].listed.frequencies

    @staticmethod
    def open(path: Path) -> "Snapshot":
        """Map a snapshot. Raises SnapshotError where there is none, or a file is missing, cut short or changed."""
        folder = _version(path)
        manifest = _manifest(folder)
        faults = [fault for name, digest in sorted(manifest["files"].items()) if (fault := _fault(folder / name, digest))]
        if faults:
            raise SnapshotError(faults)
        if manifest["hash"] != _overall(manifest["files"]):
            raise SnapshotError(f"{folder / _MANIFEST}: hash does not match its files: {_REBUILD}")
        entries = _read(folder, "entries")
        segment = Segment(
            entries=entries,
            listed=_listed(folder),
            frames=Frames(**{field.name: _read(folder, field.name) for field in fields(Frames)}),
            first=0,
            removed=np.zeros(entries.height, bool),
        )
        return Snapshot(manifest["hash"], (segment,), dict(sorted(entries["source"].value_counts().iter_rows())))


def replace(path: Path, lists: Sequence[Imported]) -> Snapshot:
    """Put the lists into the snapshot, each in place of what it held of the same source, and open the new version.

    Raises SnapshotError where the path holds something else, or a snapshot that is damaged; and where a list is empty or
    less than half of what the snapshot holds of its source: a file cut short must not clear those who stood in the rest.
    """
    if path.exists() and not path.is_dir():
        raise SnapshotError(f"{path}: is a file: give a folder for the snapshot")
    exists = (path / _CURRENT).exists()
    if path.is_dir() and not exists and any(path.iterdir()):
        raise SnapshotError(f"{path}: holds other files and no snapshot: give an empty or new folder")
    held: Mapping[str, int] = {}
    kept = []
    if exists:
        opened = Snapshot.open(path)
        held = opened.sources
        kept = [opened.entries.drop("entry").filter(~pl.col("source").is_in([read.source for read in lists]))]
    if faults := [fault for read in lists if (fault := _shrunk(read.source, read.lookouts.height, held.get(read.source, 0)))]:
        raise SnapshotError(faults)
    lookouts = (
        pl.concat([*kept, *(read.lookouts for read in lists)])
        .cast(LOOKOUTS)
        .sort("source", "entry_id", maintain_order=True)
        .with_row_index("entry")
    )
    return Snapshot.open(write(path, lookouts))


def _shrunk(source: str, now: int, before: int) -> str | None:
    """What is wrong with a list that has too few lookouts, if anything."""
    if now == 0:
        return f"{source}: no lookout could be read: give the whole file; what the snapshot holds of it stays"
    if now * 2 < before:
        fix = "give the whole file, or import into a new snapshot if it is meant"
        return f"{source}: {now} lookouts where the snapshot holds {before}, less than half: {fix}"
    return None


def write(path: Path, lookouts: pl.DataFrame) -> Path:
    """Write a version of the lookouts (LOOKOUTS with `entry`) under `path`, put it in force and return its folder."""
    listed, frames = build(lookouts)
    path.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=path))
    try:
        for name, array in _arrays(listed).items():
            np.save(draft / f"{name}.npy", np.ascontiguousarray(array))
        for name, frame in {"entries": lookouts, **{field.name: getattr(frames, field.name) for field in fields(Frames)}}.items():
            # The oldest layout keeps strings in row order, so that equal frames are equal bytes.
            frame.rechunk().write_ipc(draft / f"{name}.arrow", compression="uncompressed", compat_level=pl.CompatLevel.oldest())
        files = {file.name: _digest(file) for file in draft.iterdir()}
        digest = _overall(files)
        (draft / _MANIFEST).write_text(json.dumps({"format": _FORMAT, "hash": digest, "files": files}, indent=1, sort_keys=True))
        final = path / digest
        if final.exists():
            shutil.rmtree(final)
        draft.chmod(0o755)
        draft.rename(final)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    pointer = path / f".{_CURRENT}-{os.getpid()}"
    pointer.write_text(digest + "\n")
    pointer.replace(path / _CURRENT)
    return final


def _version(path: Path) -> Path:
    if (path / _MANIFEST).is_file():
        return path
    try:
        return path / (path / _CURRENT).read_text().strip()
    except OSError as error:
        raise SnapshotError(
            f"{path}: no snapshot there: make one with `forepost watchlist import … --snapshot {path}`"
        ) from error


def _manifest(folder: Path) -> dict[str, Any]:
    file = folder / _MANIFEST
    try:
        manifest = json.loads(file.read_bytes())
        known = manifest["format"] == _FORMAT and isinstance(manifest["files"], dict) and isinstance(manifest["hash"], str)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotError(f"{file}: missing or not readable: {_REBUILD}") from error
    if not known:
        raise SnapshotError(f"{file}: format {manifest['format']!r} is not {_FORMAT}: {_REBUILD}")
    return dict(manifest)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _fault(file: Path, digest: str) -> str | None:
    if not file.is_file():
        return f"{file}: missing: {_REBUILD}"
    return None if _digest(file) == digest else f"{file}: changed or cut short since it was written: {_REBUILD}"


def _overall(files: Mapping[str, str]) -> str:
    return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in sorted(files.items())).encode()).hexdigest()


def _arrays(listed: Listed) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    for field in fields(Listed):
        value = getattr(listed, field.name)
        if field.name in _GROUPS:
            arrays |= {f"{field.name}.{part}": getattr(value, part) for part in _parts(_GROUPS[field.name])}
        else:
            arrays[field.name] = value
    return arrays


def _parts(group: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(group)) if group is Frequencies else group._fields  # type: ignore[attr-defined]


def _listed(folder: Path) -> Listed:
    parts: dict[str, Any] = {}
    for field in fields(Listed):
        group = _GROUPS.get(field.name)
        if group is None:
            parts[field.name] = _map(folder, field.name)
        else:
            parts[field.name] = group(**{part: _map(folder, f"{field.name}.{part}") for part in _parts(group)})
    return Listed(**parts)


def _map(folder: Path, name: str) -> NDArray[Any]:
    # Copy on write: nothing ever writes, and kernels see the same array type as for arrays made in memory.
    file = folder / f"{name}.npy"
    mapped = np.load(file, mmap_mode=None if file.stat().st_size <= 128 else "c", allow_pickle=False)
    return np.asarray(mapped)


def _read(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_ipc(folder / f"{name}.arrow")
