"""Artefacts by content hash: what a screening cites can be opened again as long as it is kept.

Layout: <folder>/<kind>/<hash>, kind being snapshot, pack, policy or model. A delta is kept with its base beside it. Snapshots
that no screening cites are taken away after a while: every lookout that an officer makes is a version, and few are cited once
screenings are deleted. The other kinds are small and stay.
"""

import os
import shutil
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from manifests.errors import InputError
from store.database import Store
from watchlists import versions
from watchlists.lookouts import SnapshotError
from watchlists.snapshot import Snapshot


def keep(folder: Path, kind: str, digest: str, source: Path) -> Path:
    """Keep a copy of `source` (a file or a folder) under its content hash; returns where.

    Snapshots are immutable and large, so their files are hard links where the file system allows it.
    """
    target = folder / kind / digest
    if target.exists():
        os.utime(target)
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{digest}.{uuid4().hex}")
    copy = _link if kind == "snapshot" else shutil.copy2
    if source.is_dir():
        shutil.copytree(source, fresh, copy_function=copy)
    else:
        copy(source, fresh)
    try:
        fresh.rename(target)
    except OSError:  # another process kept the same content first
        shutil.rmtree(fresh, ignore_errors=True)
        if not target.exists():
            raise
    os.utime(target)  # a copy is as old as what it was made of
    return target


def used(folder: Path, opened: Snapshot) -> None:
    """Note that a snapshot is in use until now: what is begun with it may be committed for a while yet."""
    for digest in (opened.base, opened.hash):
        with suppress(FileNotFoundError):
            os.utime(folder / "snapshot" / digest)


def prune(folder: Path, store: Store, opened: Snapshot | None, before: datetime) -> list[str]:
    """Take away the snapshots that were last used before that time and that no stored screening cites, nor a pass that the
    next one is told from; and what writers that were cut off left. `opened` stays. Returns the hashes of what went.

    Processes that have one of them mapped go on with it: its pages stay until the last lets go.
    """
    home = folder / "snapshot"
    kept = [path for path in home.iterdir() if path.is_dir()] if home.is_dir() else []
    old = [path for path in kept if path.stat().st_mtime < before.timestamp()]
    wanted = store.cited_snapshots() | ({opened.hash, opened.base} if opened else set())
    wanted |= {path.name for path in kept if path not in old and not path.name.startswith(".")}
    for path in kept:
        if path.name in wanted:
            with suppress(SnapshotError):
                wanted |= {versions.manifest(path).base or path.name}
    gone = []
    for path in old:
        if path.name.startswith("."):
            shutil.rmtree(path)
        elif path.name not in wanted:
            draft = path.with_name(f".{path.name}.{uuid4().hex}")  # half of it never stands under its name
            path.rename(draft)
            shutil.rmtree(draft)
            gone.append(path.name)
    return sorted(gone)


def keep_snapshot(folder: Path, snapshots: Path, opened: Snapshot) -> None:
    """Keep the version of `opened`, and the base that it is set upon, from the folder of the snapshot or of the version."""
    for digest in dict.fromkeys((opened.base, opened.hash)):
        places = (snapshots / digest, snapshots.parent / digest)
        keep(folder, "snapshot", digest, next((place for place in places if place.is_dir()), snapshots))


def find(folder: Path, kind: str, digest: str) -> Path:
    """Where the artefact with this content hash is kept. Raises InputError when it is not."""
    path = folder / kind / digest
    if not path.exists():
        raise InputError(f"{kind} {digest}: not kept in {folder}; restore it there to replay what cites it")
    return path


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def keep_bytes(folder: Path, kind: str, digest: str, content: bytes) -> Path:
    """Keep `content` under its content hash; returns where."""
    target = folder / kind / digest
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = target.with_name(f".{digest}.{uuid4().hex}")
        fresh.write_bytes(content)
        fresh.rename(target)
    return target
