"""Artefacts by content hash: what a screening cites can be opened again as long as it is kept.

Layout: <folder>/<kind>/<hash>, kind being snapshot, pack, policy or model. A delta is kept with its base beside it.
"""

import os
import shutil
from pathlib import Path
from uuid import uuid4

from manifests.errors import InputError
from watchlists.snapshot import Snapshot


def keep(folder: Path, kind: str, digest: str, source: Path) -> Path:
    """Keep a copy of `source` (a file or a folder) under its content hash; returns where.

    Snapshots are immutable and large, so their files are hard links where the file system allows it.
    """
    target = folder / kind / digest
    if target.exists():
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
    return target


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
