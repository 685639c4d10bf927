"""Versions of a snapshot on disk: written whole, proved by hashes, put in force atomically, taken away when nothing needs them.

    SNAPSHOT/current            the hash of the version in force; replaced atomically
    SNAPSHOT/<hash>/            one version: manifest.json, *.npy, *.arrow
    SNAPSHOT/.draft-*           a version that is being written

A version is a base, or a delta that its manifest sets upon a base. A delta's hash covers its base's. A draft is flushed
to disk, then renamed; the pointer is flushed, then replaced: a crash at any point leaves the last good version in force.
"""

import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from watchlists.lookouts import SnapshotError

CURRENT: Final = "current"
REBUILD: Final = "import the lists with `forepost watchlist import` into a new folder"
# How many of the latest stay beside those in use: who is opening one, or has written one and not yet put it in force, finds it.
KEPT_BASES: Final = 2
KEPT_DELTAS: Final = 8
_LAYOUT: Final = 3
_MANIFEST: Final = "manifest.json"
DRAFT: Final = ".draft-"


@dataclass(frozen=True)
class Manifest:
    """What a version consists of: the digest of each file, and the base that a delta is set upon."""

    hash: str
    base: str | None
    files: Mapping[str, str]


def current(path: Path) -> str | None:
    """The hash of the version in force, None where there is none."""
    try:
        return (path / CURRENT).read_text().strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None


def located(path: Path) -> Path:
    """The folder of the version that is meant: a version itself, or the one in force of a snapshot. Raises SnapshotError."""
    if (path / _MANIFEST).is_file():
        return path
    digest = current(path)
    if digest is None:
        raise SnapshotError(f"{path}: no snapshot there: make one with `forepost watchlist import … --snapshot {path}`")
    return path / digest


def proved(folder: Path) -> Manifest:
    """The manifest of a version all of whose own files are as they were written. Raises SnapshotError naming each that is not."""
    found = manifest(folder)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        told = pool.map(lambda file: _fault(folder / file[0], file[1]), sorted(found.files.items()))
        faults = [fault for fault in told if fault]
    if faults:
        raise SnapshotError(faults)
    if found.hash != _overall(found.base, found.files):
        raise SnapshotError(f"{folder / _MANIFEST}: hash does not match its files: {REBUILD}")
    return found


def manifest(folder: Path) -> Manifest:
    """The manifest of a version as it stands. Raises SnapshotError."""
    file = folder / _MANIFEST
    try:
        read = json.loads(file.read_bytes())
        known = read["format"] == _format() and isinstance(read["files"], dict) and isinstance(read["hash"], str)
        base = read.get("base")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnapshotError(f"{file}: missing or not readable: {REBUILD}") from error
    if not known or not (base is None or isinstance(base, str)):
        raise SnapshotError(f"{file}: format {read['format']!r} is not {_format()}: {REBUILD}")
    return Manifest(read["hash"], base, read["files"])


def write(path: Path, fill: Callable[[Path], None], base: str | None = None) -> str:
    """Write a version whose files `fill` puts into the folder that it is given, not yet in force; returns its hash."""
    with draft(path) as folder:
        fill(folder)
        files = {file.name: _digest(file) for file in sorted(folder.iterdir())}
        digest = _overall(base, files)
        told = {"format": _format(), "hash": digest, "base": base, "files": files}
        (folder / _MANIFEST).write_text(json.dumps(told, indent=1, sort_keys=True))
        for file in (*folder.iterdir(), folder):
            _flush(file)
        folder.chmod(0o755)
        _put(folder, path / digest)
    return digest


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """A new folder, held for as long as it is written to, so that nobody takes it for an abandoned one."""
    path.mkdir(parents=True, exist_ok=True)
    handle = None
    while handle is None:
        folder = Path(tempfile.mkdtemp(prefix=DRAFT, dir=path))
        with suppress(FileNotFoundError):  # somebody took it away before it was held
            handle = _hold(folder)
            if not folder.exists():
                handle = None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def put_in_force(path: Path, digest: str) -> None:
    """Let the version be the one that is opened from now on, then take away what nothing needs any more."""
    pointer = path / f".{CURRENT}-{os.getpid()}"
    pointer.write_text(digest + "\n")
    _flush(pointer)
    pointer.replace(path / CURRENT)
    _flush(path)
    _prune(path, digest)


def link(source: Path, target: Path) -> None:
    """One more name for a file that nobody changes; a copy where the file system has no hard links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the snapshot against other writers, here or in another process; the kernel lets go when the process ends."""
    handle = _hold(path)
    try:
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _prune(path: Path, digest: str) -> None:
    """Take away all but the version in force with its base, the latest bases, and the latest deltas upon any of these; and
    drafts whose writer has ended."""
    folders = [entry for entry in path.iterdir() if (entry / _MANIFEST).is_file() and not entry.name.startswith(".")]
    folders.sort(key=lambda folder: folder.stat().st_mtime_ns, reverse=True)
    bases: dict[str, str | None] = {}  # of the versions that can be read, latest first
    for folder in folders:
        with suppress(SnapshotError):
            bases[folder.name] = manifest(folder).base
    kept = {bases.get(digest) or digest, *[name for name, base in bases.items() if not base][:KEPT_BASES]}
    kept.update([digest, *[name for name, base in bases.items() if base in kept][:KEPT_DELTAS]])
    for folder in folders:
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
    for folder in path.glob(f"{DRAFT}*"):
        with suppress(FileNotFoundError):
            if (handle := _hold(folder, wait=False)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(handle)


def _hold(folder: Path, *, wait: bool = True) -> int | None:
    """The handle that holds a folder's lock until it is closed; None where another has it and we do not wait."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _put(draft: Path, final: Path) -> None:
    """Give the draft its name. A good version of that hash stays, with its age renewed; a damaged one makes room."""
    if final.exists():
        try:
            proved(final)
        except SnapshotError:
            damaged = final.with_name(f"{DRAFT}{final.name}-damaged")
            shutil.rmtree(damaged, ignore_errors=True)
            final.rename(damaged)
        else:
            os.utime(final)
            return
    draft.rename(final)
    _flush(final.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _fault(file: Path, digest: Any) -> str | None:
    if not file.is_file():
        return f"{file}: missing: {REBUILD}"
    return None if _digest(file) == digest else f"{file}: changed or cut short since it was written: {REBUILD}"


@cache
def _format() -> str:
    """The layout, and the kernels and tables whose figures an index keeps: another score needs another index."""
    room = Path(__file__).parent
    made_by = hashlib.sha256()
    for file in sorted((*room.glob("kernels/*.py"), *room.glob("tables/*.csv"), *room.glob("tables/*.yaml"))):
        made_by.update(file.read_bytes())
    return f"{_LAYOUT}-{made_by.hexdigest()[:16]}"


def _overall(base: str | None, files: Mapping[str, str]) -> str:
    lines = [*([f"base {base}"] if base else []), *(f"{name} {digest}" for name, digest in sorted(files.items()))]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
