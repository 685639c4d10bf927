"""Where the time of a screening goes: the use case itself, run in this process with a clock around each step of it."""

import hashlib
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from unittest.mock import patch

import features.history
import manifests.pseudonyms
import referrals.screen
import scoring.model
import scoring.pipeline
from benchmarks.report import percentile
from forepost.screening.v1.screening_pb2 import ScreenManifestRequest, ScreenTravellerRequest
from manifests import protobuf
from referrals.engine import Engine, open_engine
from referrals.screen import Request, rehearse, screen
from scoring import policy as policies
from store import database

P = ParamSpec("P")
T = TypeVar("T")

# What is called in the order of a screening, by the name under which its caller finds it.
STEPS: tuple[tuple[str, Any, str], ...] = (
    ("pseudonyms", manifests.pseudonyms, "pseudonyms"),
    ("pseudonyms", manifests.pseudonyms, "flight_keys"),
    ("pseudonyms", manifests.pseudonyms, "booking_keys"),
    ("history", referrals.screen, "_state"),
    ("history", features.history, "history"),
    ("history", features.history, "events"),
    ("match", scoring.pipeline, "match"),
    ("features", scoring.pipeline, "derive"),
    ("rules", scoring.pipeline, "evaluate"),
    ("score", scoring.model.Model, "score"),
    ("decide", scoring.pipeline, "decide"),
)
STAGES = ("decode", *dict.fromkeys(stage for stage, _, _ in STEPS), "commit", "other")


def split_by_stage(
    folder: Path,
    snapshot: Path,
    model: Path,
    requests: Sequence[ScreenManifestRequest | ScreenTravellerRequest],
) -> dict[str, float]:
    """Median milliseconds per stage over the requests, screened one after another into a store of their own in `folder`.

    `commit` ends when the screening is durable; `other` is what stands in no stage. The first fifth warms up.
    """
    policy = policies.load("demo")
    folder.mkdir(parents=True)
    with database.open(f"sqlite:///{folder / 'forepost.db'}", folder / "keys.json") as store:
        engine = open_engine(policy, store, folder / "artefacts", snapshot=snapshot, model=model)
        rehearse(engine)
        rows = [_one(engine, request) for request in requests]
    measured = rows[len(rows) // 5 :]
    return {stage: round(percentile([row[stage] for row in measured], 50), 3) for stage in STAGES}


def _one(engine: Engine, request: Any) -> dict[str, float]:
    spent: dict[str, float] = defaultdict(float)
    with _clocks(spent):
        started = time.perf_counter()
        body = request.SerializeToString(deterministic=True)
        decoded = type(request).FromString(body)
        manifest = protobuf.manifest_of(decoded, engine.store.key.cards)
        digest = hashlib.sha256(body).hexdigest()
        spent["decode"] = (time.perf_counter() - started) * 1000
        [outcome] = screen(engine, [Request("bench", request.request_id, digest, manifest)])
        total = (time.perf_counter() - started) * 1000
    if isinstance(outcome, Exception):
        raise outcome
    # The commit encloses the screening of what it commits.
    spent["commit"] = spent.pop("commit with screening") - spent["screening"]
    screening = spent.pop("screening")
    named = sum(value for stage, value in spent.items() if stage in STAGES)
    assert screening <= total
    spent["other"] = total - named
    return spent


@contextmanager
def _clocks(spent: dict[str, float]) -> Iterator[None]:
    """Add the milliseconds of each step to its stage while the block runs."""
    with ExitStack() as stack:
        enclosing = (
            ("commit with screening", referrals.screen, "_commit"),
            ("screening", referrals.screen, "screenings_of"),
        )
        for stage, owner, name in (*STEPS, *enclosing):
            stack.enter_context(patch.object(owner, name, _timed(getattr(owner, name), stage, spent)))
        yield


def _timed(function: Callable[P, T], stage: str, spent: dict[str, float]) -> Callable[P, T]:
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        started = time.perf_counter()
        try:
            return function(*args, **kwargs)
        finally:
            spent[stage] += (time.perf_counter() - started) * 1000

    return call
