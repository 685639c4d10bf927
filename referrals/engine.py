"""What a running server screens with: opened once, kept by content hash, then passed to every use case."""

import hashlib
import platform
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from manifests.errors import InputError
from referrals import artefacts
from rules import pack as packs
from rules.scenario import Pack
from scoring.model import Model
from scoring.policy import Policy
from store import ids
from store.database import Store
from store.records import Hashes
from watchlists.snapshot import Snapshot

LOOKOUTS_BEHIND: Final = "lookouts"  # a source that is degraded while the lookouts made here cannot be published
# Rooms and libraries whose code decides what a screening gives.
_ROOMS = ("manifests", "watchlists", "features", "rules", "scoring")
_LIBRARIES = ("numba", "numpy", "onnxruntime", "polars", "rapidfuzz")


@dataclass(frozen=True)
class Parts:
    """The artefacts of one screening run; a part is None where the policy names none or it could not be used."""

    policy: Policy
    snapshot: Snapshot | None
    pack: Pack | None
    model: Model | None

    @property
    def hashes(self) -> Hashes:
        return Hashes(
            snapshot=self.snapshot.hash if self.snapshot else "",
            pack=self.pack.hash if self.pack else "",
            policy=self.policy.hash,
            model=self.model.hash if self.model else None,
            code=code_hash(),
        )


@dataclass(frozen=True)
class Engine:
    """Everything a use case needs. `notices` say which part could not be used and why, for the log and the operator;
    `degraded` names sources that are behind, for the answers: none, or LOOKOUTS_BEHIND."""

    parts: Parts
    store: Store
    artefacts: Path
    clock: ids.Clock = ids.now
    new_id: ids.Ids = field(default_factory=ids.ids)
    notices: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()


def open_parts(policy: Policy, snapshot: Path | None, model: Path | None) -> tuple[Parts, tuple[str, ...]]:
    """The parts that the policy and the paths name. What cannot be used is left out and told in the second value.

    A snapshot that was asked for and cannot be used is an error: nobody starts a server to screen against nothing.
    """
    notices: list[str] = []
    pack = None
    if path := policy.pack_path():
        try:
            pack = packs.load(path, pnr_purposes_required=policy.pnr_purposes_required)
        except InputError as error:
            notices += error.faults
    scorer = None
    if model is not None:
        try:
            scorer = Model.load(model, policy.origins, policy.model_budget)
        except InputError as error:
            notices += error.faults
    lists = Snapshot.open(snapshot) if snapshot is not None else None
    return Parts(policy, lists, pack, scorer), tuple(notices)


def open_engine(
    policy: Policy, store: Store, artefact_folder: Path, *, snapshot: Path | None, model: Path | None, clock: ids.Clock = ids.now
) -> Engine:
    """An engine over `store` whose artefacts are kept in `artefact_folder` before the first screening cites them."""
    parts, notices = open_parts(policy, snapshot, model)
    if parts.snapshot is not None and snapshot is not None:
        artefacts.keep_snapshot(artefact_folder, snapshot, parts.snapshot)
    if parts.pack is not None and (path := policy.pack_path()):
        artefacts.keep(artefact_folder, "pack", parts.pack.hash, path)
    if parts.model is not None and model is not None:
        artefacts.keep(artefact_folder, "model", parts.model.hash, model)
    artefacts.keep_bytes(artefact_folder, "policy", policy.hash, policy.canonical())
    return Engine(parts, store, artefact_folder, clock, ids.ids(clock), notices)


def with_snapshot(engine: Engine, folder: Path, opened: Snapshot) -> Engine:
    """The engine with another version of the lists, opened from `folder` and kept before the first screening cites it."""
    artefacts.keep_snapshot(engine.artefacts, folder, opened)
    if engine.parts.snapshot is not None:
        artefacts.used(engine.artefacts, engine.parts.snapshot)
    return replace(engine, parts=replace(engine.parts, snapshot=opened))


@cache
def code_hash() -> str:
    """SHA-256 over the source of the rooms that decide and the versions of what they run on: names the build."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256(platform.python_version().encode())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    for room in _ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
