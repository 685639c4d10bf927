"""What the demo starts from, made once under <state>/demo and used again as long as it is what this code would make."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cli.demo_carrier import SEED
from manifests.errors import InputError
from watchlists.lookouts import SnapshotError
from watchlists.snapshot import Snapshot, replace
from watchlists.sources import generic_csv

OFFICER = "officer-1"
LISTED = 400  # people of the list, at most, whom the carrier may put on board
LIST_VALID = timedelta(days=180)  # the invented list is made anew after that, long before its lookouts end
KEPT_RUNS = 3
# Rooms whose code shapes the list, the compiled matcher and the model.
LIST_ROOMS = ("manifests", "watchlists", "training/simulate")
KERNEL_ROOMS = ("watchlists",)
MODEL_ROOMS = ("manifests", "features", "training")

Progress = Callable[[str, float], None]  # what is being done, and the share done from 0 to 1


@dataclass(frozen=True)
class Demo:
    """What a server and a carrier are started with; `lookouts` by source."""

    certs: Path
    snapshot: Path
    model: Path
    kernels: Path
    lookouts: Mapping[str, int]

    def settings(self) -> dict[str, Any]:
        """The server's settings."""
        return {"certs": self.certs, "snapshot": self.snapshot, "model": self.model, "policy": "demo", "grace": 5.0}


def prepare(state: Path, snapshot: Path | None, now: datetime, progress: Progress) -> Demo:
    """Make what is missing, damaged or was made by other code; the rest is used as it is.

    Raises InputError: for a snapshot that cannot be used, or where the packages for training are absent.
    """
    from service import certs

    folder = state.absolute() / "demo"
    kernels = Path(os.environ.get("NUMBA_CACHE_DIR") or state.absolute() / "kernels")
    folder.mkdir(parents=True, exist_ok=True)
    certs.create(folder / "certs", ["demo"], [OFFICER], [], now)
    progress("certificates", 1.0)
    with _compiling(folder, kernels, progress):
        model = _demo_model(folder, progress)
        progress("model", 1.0)
    lists = snapshot.absolute() if snapshot else _demo_list(folder, now.date(), progress)
    opened = Snapshot.open(lists)  # every file against its hash
    progress("watchlist", 1.0)
    return Demo(folder / "certs", lists, model, kernels, opened.sources)


@contextmanager
def _compiling(folder: Path, kernels: Path, progress: Progress) -> Iterator[None]:
    """Compile the matcher in a process of its own, beside what the block does; nothing where it was done before.

    Should it fail, the server compiles what it needs: slower, and nothing worse.
    """
    record, code = folder / "kernels.json", _code(KERNEL_ROOMS)
    if _read(record).get("code") == code and kernels.is_dir():
        yield
        return
    progress("matcher", 0.0)
    environment = os.environ | {"NUMBA_CACHE_DIR": str(kernels)}
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "watchlists.warm"], env=environment, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        yield
        if process.wait() == 0:
            record.write_text(json.dumps({"code": code}))
        progress("matcher", 1.0)
    finally:
        process.kill()
        process.wait()


def _demo_list(folder: Path, on: date, progress: Progress) -> Path:
    """The invented list as a snapshot: the one whose people are also among the simulated travellers."""
    from training.simulate.lists import write_list

    target, record = folder / "snapshot", folder / "snapshot.json"
    code = _code(LIST_ROOMS)
    made = _read(record)
    if made.get("code") == code and date.fromisoformat(made["on"]) > on - LIST_VALID:
        try:
            Snapshot.open(target)
        except SnapshotError:
            shutil.rmtree(target, ignore_errors=True)
        else:
            return target
    shutil.rmtree(target, ignore_errors=True)
    progress("watchlist", 0.1)
    write_list(SEED, folder / "list.csv", on)
    replace(target, generic_csv.read(folder / "list.csv", generic_csv.Defaults()))
    record.write_text(json.dumps({"code": code, "on": on.isoformat()}))
    return target


def _demo_model(folder: Path, progress: Progress) -> Path:
    """A model trained on simulated travellers; trained in a folder apart, so that a broken run leaves none behind."""
    target, record = folder / "model", folder / "model.json"
    code = _code(MODEL_ROOMS)
    made = _read(record)
    if made.get("code") == code and made.get("files") == _digests(target):
        return target
    try:
        from training.demo import demo_model
    except ModuleNotFoundError as error:
        raise InputError(
            f"model: the package {error.name} is absent and a model must be trained first: pip install 'forepost[train]'"
        ) from error
    draft = folder / "model.draft"
    shutil.rmtree(draft, ignore_errors=True)
    demo_model(draft, lambda share: progress("model", share))
    shutil.rmtree(target, ignore_errors=True)
    draft.rename(target)
    record.write_text(json.dumps({"code": code, "files": _digests(target)}))
    return target


def _code(rooms: Sequence[str]) -> str:
    """SHA-256 over the files of the rooms: what was made by other code is made anew."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for room in rooms:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in {".py", ".csv"}:
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*")) if path.is_file()}


def _read(record: Path) -> dict[str, Any]:
    """What an earlier start noted; nothing where there was none or the note cannot be read."""
    try:
        read = json.loads(record.read_bytes())
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) and read.keys() >= {"code"} else {}


def listed_people(snapshot: Path) -> list[dict[str, str]]:
    """People of the snapshot whom the carrier may put on board, spread over its lists; columns of `training.simulate.lists`."""
    entries = Snapshot.open(snapshot).entries
    people = [person for row in entries.to_dicts() if (person := _person(row))]
    step = max(1, len(people) // LISTED)
    return people[::step][:LISTED]


def run_folder(state: Path, now: datetime) -> Path:
    """A fresh folder for the store of one run; of earlier runs the latest are kept."""
    runs = state.absolute() / "demo" / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    for old in sorted(path for path in runs.iterdir() if path.is_dir())[: -KEPT_RUNS or None]:
        shutil.rmtree(old, ignore_errors=True)
    folder = runs / f"{now:%Y%m%dT%H%M%S.%f}"
    folder.mkdir()
    return folder


def _person(row: dict[str, Any]) -> dict[str, str] | None:
    """None for an entry without a whole date of birth or with a single name: those make a poor first impression."""
    name = str(row["name"])
    surname, comma, given = name.partition(",")
    if not comma:
        given, _, surname = name.rpartition(" ")
    born = next((text for text in row["dobs"] if len(text) == 10), "")
    if not (surname.strip() and given.strip() and born):
        return None
    document = next(iter(row["documents"]), None)
    return {
        "id": row["entry_id"],
        "surname": surname.strip().upper(),
        "given": given.strip().upper(),
        "aliases": next((alias for alias in row["aliases"] if alias.endswith(f" {surname.strip()}")), "").upper(),
        "dob": born,
        "doc": document["number"] if document else "",
        "issuer": (document["issuer"] or "") if document else "",
        "country": next(iter(row["countries"]), ""),
    }
