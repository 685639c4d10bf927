"""One screening back from the tables, equal to what was committed."""

import json

import polars as pl
from sqlalchemy import Connection, select

from store.blob import unpack
from store.errors import NotFound
from store.identity import restored
from store.records import Hashes, StoredScreening
from store.schema import identities, screenings


def stored_screening(connection: Connection, screening_id: str) -> StoredScreening:
    """Raises NotFound; StoreError where its blob is damaged."""
    row = connection.execute(select(screenings).where(screenings.c.id == screening_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no screening {screening_id}")
    contents: dict[str, dict[int, bytes]] = {}
    columns = select(identities.c.part, identities.c.row, identities.c.content)
    for part, number, content in connection.execute(columns.where(identities.c.holder == screening_id)):
        contents.setdefault(part, {})[number] = content
    frames = unpack(row.blob)
    absent = [name for name in ("lookout", "clearance") if name not in frames["matches"].columns]  # before there were any
    frames["matches"] = frames["matches"].with_columns(pl.lit(None, pl.String).alias(name) for name in absent)
    manifest, matches, decisions = restored(frames, contents)
    return StoredScreening(
        id=row.id,
        submitter=row.submitter,
        request_id=row.request_id,
        body_digest=row.body_digest,
        received_at=row.received_at,
        clock=row.clock,
        manifest=manifest,
        history=frames["history"],
        features=frames["features"],
        matches=matches,
        hits=frames["hits"],
        risks=frames.get("risks"),
        decisions=decisions,
        draws=frames["draws"].to_series(),
        hashes=Hashes(row.snapshot_hash, row.pack_hash, row.policy_hash, row.model_hash, row.code_hash),
        degraded=tuple(json.loads(row.degraded)),
        clearances=frames.get("clearances"),
        redress=frames.get("redress"),
        lost=frames.get("lost"),
    )
