"""Lookouts that were indexed together: how a segment of a snapshot is built, written and memory-mapped."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists.index import Frames, Listed, build
from watchlists.kernels import Births, Index, Names, Places, Tokens
from watchlists.lookouts import LOOKOUTS
from watchlists.tokens import Frequencies

_GROUPS: Final[dict[str, type]] = {
    "names": Names,
    "tokens": Tokens,
    "index": Index,
    "births": Births,
    "places": Places,
    "frequencies": Frequencies,
}


@dataclass(frozen=True)
class Segment:
    """Row i of `entries` (LOOKOUTS with `entry`, ascending from 0) is the snapshot's entry `first` + i."""

    entries: pl.DataFrame
    listed: Listed
    frames: Frames
    first: int
    removed: NDArray[np.bool_]  # rows that a later segment replaced or that were withdrawn

    @property
    def in_place(self) -> pl.DataFrame:
        """The entries that were not removed."""
        return self.entries.filter(~pl.Series(self.removed))


def write(folder: Path, lookouts: pl.DataFrame, frequencies: Frequencies | None = None) -> None:
    """Index lookouts (LOOKOUTS, each source and entry_id once), in any order, and write them into the folder.

    Their names are weighed by `frequencies`, else by the general ones.
    """
    entries = lookouts.cast(LOOKOUTS).sort("source", "entry_id").with_row_index("entry")
    listed, frames = build(entries, frequencies)
    for name, array in _arrays(listed).items():
        np.save(folder / f"{name}.npy", np.ascontiguousarray(array))
    for name, frame in {"entries": entries, **{field.name: getattr(frames, field.name) for field in fields(Frames)}}.items():
        # The oldest layout keeps strings in row order, so that equal frames are equal bytes.
        frame.rechunk().write_ipc(folder / f"{name}.arrow", compression="uncompressed", compat_level=pl.CompatLevel.oldest())


def read(folder: Path, first: int) -> Segment:
    """Map the segment in the folder, none of it removed, as the snapshot's entries from `first`."""
    entries = _frame(folder, "entries")
    return Segment(
        entries=entries,
        listed=_listed(folder),
        frames=Frames(**{field.name: _frame(folder, field.name) for field in fields(Frames)}),
        first=first,
        removed=np.zeros(entries.height, bool),
    )


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
            parts[field.name] = mapped(folder, field.name)
        else:
            parts[field.name] = group(**{part: mapped(folder, f"{field.name}.{part}") for part in _parts(group)})
    return Listed(**parts)


def mapped(folder: Path, name: str) -> NDArray[Any]:
    """The array of that name in the folder."""
    # Copy on write: nothing ever writes, and kernels see the same array type as for arrays made in memory.
    file = folder / f"{name}.npy"
    array = np.load(file, mmap_mode=None if file.stat().st_size <= 128 else "c", allow_pickle=False)
    return np.asarray(array)


def _frame(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_ipc(folder / f"{name}.arrow")
