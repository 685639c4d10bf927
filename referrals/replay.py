"""Replay: a screening once more from its stored inputs and the artefacts it cites, compared with what was decided then."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from referrals import artefacts
from referrals.engine import LOOKOUTS_BEHIND, Parts, code_hash
from rules import pack as packs
from scoring import pipeline
from scoring import policy as policies
from scoring.model import Model
from store.database import Store
from store.records import StoredScreening
from watchlists.snapshot import Snapshot


@dataclass(frozen=True)
class Replay:
    """`differing`: frames that are not equal bit for bit; empty: the replay is exact. `largest`: the largest difference of
    any log-odds or risk, 0.0 when exact, None when rows themselves differ. `same_build`: whether this code made the screening."""

    screening_id: str
    travellers: int
    differing: tuple[str, ...]
    largest: float | None
    same_build: bool

    @property
    def exact(self) -> bool:
        return not self.differing


def replay(store: Store, artefact_folder: Path, screening_id: str) -> Replay:
    """Screen again what `screening_id` screened, as of then; nothing is stored.

    Raises NotFound for an unknown screening and InputError when an artefact that it cites is not kept.
    """
    stored = store.stored_inputs(screening_id)
    parts = _parts(artefact_folder, stored)
    again = pipeline.screen(
        stored.manifest,
        stored.history,
        stored.draws,
        snapshot=parts.snapshot,
        pack=parts.pack,
        model=parts.model,
        policy=parts.policy,
        at=stored.clock,
        now=stored.clock,
        clearances=stored.clearances,
        redress=stored.redress,
    )
    frames = ("matches", "lost", "features", "hits", "risks", "decisions")
    pairs = {name: (getattr(stored, name), getattr(again, name)) for name in frames}
    differing = tuple(name for name, (before, after) in pairs.items() if not _equal(before, after))
    if tuple(source for source in stored.degraded if source != LOOKOUTS_BEHIND) != again.degraded:
        differing = (*differing, "degraded")
    largest = _largest([pairs[name] for name in differing if name in pairs]) if differing else 0.0
    return Replay(screening_id, stored.manifest.travellers.height, differing, largest, stored.hashes.code == code_hash())


def _parts(folder: Path, stored: StoredScreening) -> Parts:
    """The artefacts that the screening cites, opened by their content hash."""
    cited = stored.hashes
    policy = policies.parse(artefacts.find(folder, "policy", cited.policy).read_bytes(), cited.policy)
    return Parts(
        policy=policy,
        snapshot=Snapshot.open(artefacts.find(folder, "snapshot", cited.snapshot)) if cited.snapshot else None,
        pack=packs.load(artefacts.find(folder, "pack", cited.pack)) if cited.pack else None,
        model=Model.load(artefacts.find(folder, "model", cited.model), policy.origins, policy.model_budget)
        if cited.model
        else None,
    )


def _equal(before: pl.DataFrame | None, after: pl.DataFrame | None) -> bool:
    """Equal bit for bit, nulls and column types included."""
    if before is None or after is None:
        return before is after
    return before.schema == after.schema and before.equals(after, null_equal=True)


def _largest(pairs: list[tuple[pl.DataFrame | None, pl.DataFrame | None]]) -> float | None:
    """The largest difference between float columns of frames that have the same rows; None when they have not."""
    largest = 0.0
    for before, after in pairs:
        if before is None or after is None or before.height != after.height or before.columns != after.columns:
            return None
        for name, dtype in before.schema.items():
            if dtype == pl.Float64:
                difference = (before[name] - after[name]).abs().max()
                largest = max(largest, float(difference) if isinstance(difference, int | float) else 0.0)
    return largest
