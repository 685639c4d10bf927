"""Travellers under way, read in pages for a match against lookouts that came up, and how far that has come.

Pages are in the order in which flights end, so that the next to arrive come first, and what has arrived drops out. A page
is one range of an index, then one range of `identities` per screening.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Text,
    and_,
    cast,
    func,
    literal,
    null,
    select,
    tuple_,
)

from manifests.frames import DTYPES
from store.identity import decode
from store.schema import Instant, directives, identities, rescreens, screenings
from store.scribe import Scribe

# What a match reads of a traveller; `screening` and `row` say which.
_READ = ("surname", "given", "dob", "nationality", "birthplace")
_DOCUMENT = ("type", "number", "issuer")
UNDER_WAY: dict[str, pl.DataType] = {
    "screening": pl.String(),
    "row": pl.UInt32(),
    **{name: DTYPES["travellers"][name] for name in _READ},
}
PAPERS: dict[str, pl.DataType] = {
    "screening": pl.String(),
    "row": pl.UInt32(),
    **{name: DTYPES["documents"][name] for name in _DOCUMENT},
}
PAGE = 50_000  # travellers; more than one screening can hold


@dataclass(frozen=True)
class Position:
    """The last screening that was looked through."""

    active_until: datetime
    screening_id: str


@dataclass(frozen=True)
class Page:
    """UNDER_WAY and PAPERS of whole screenings, and where the next page begins; None: this was the last."""

    travellers: pl.DataFrame
    documents: pl.DataFrame
    next: Position | None


@dataclass(frozen=True)
class Rescreen:
    """One pass over the travellers under way, `lookouts` as source and entry_id."""

    id: str
    snapshot_hash: str
    lookouts: tuple[tuple[str, str], ...]
    started_at: datetime
    position: Position | None
    travellers: int
    referred: int


def begin(connection: Connection, snapshot_hash: str, lookouts: Sequence[tuple[str, str]], scribe: Scribe) -> Rescreen:
    """Record that a pass begins."""
    made = Rescreen(scribe.ids(), snapshot_hash, tuple(lookouts), scribe.clock(), None, 0, 0)
    row = {"id": made.id, "snapshot_hash": snapshot_hash, "lookouts": json.dumps(lookouts), "started_at": made.started_at}
    connection.execute(rescreens.insert(), row | {"travellers": 0, "referred": 0})
    payload = {"rescreen": made.id, "snapshot": snapshot_hash, "lookouts": len(lookouts)}
    scribe.audit(connection, "rescreen", payload)
    return made


def proceed(connection: Connection, done: Rescreen, scribe: Scribe, *, finished: bool) -> None:
    """Keep how far the pass has come; `finished`: through."""
    position = done.position
    values: dict[str, Any] = {"travellers": done.travellers, "referred": done.referred}
    if position is not None:
        values |= {"active_until": position.active_until, "screening_id": position.screening_id}
    if finished:
        values["finished_at"] = scribe.clock()
        payload = {"rescreen": done.id, "travellers": done.travellers, "referred": done.referred}
        scribe.audit(connection, "rescreen.finished", payload)
    connection.execute(rescreens.update().where(rescreens.c.id == done.id).values(values))


def unfinished(connection: Connection) -> list[Rescreen]:
    """Passes that were cut off, oldest first."""
    rows = connection.execute(select(rescreens).where(rescreens.c.finished_at.is_(None)).order_by(rescreens.c.id))
    return [_rescreen(row) for row in rows]


def _rescreen(row: Row[Any]) -> Rescreen:
    position = Position(row.active_until, row.screening_id) if row.screening_id else None
    lookouts = tuple((source, entry_id) for source, entry_id in json.loads(row.lookouts))
    return Rescreen(row.id, row.snapshot_hash, lookouts, row.started_at, position, row.travellers, row.referred)


def last_snapshot(connection: Connection) -> str | None:
    """The snapshot that travellers under way were last held against: of the last pass, else of the last screening."""
    last = connection.scalar(select(rescreens.c.snapshot_hash).order_by(rescreens.c.id.desc()).limit(1))
    return last or connection.scalar(select(screenings.c.snapshot_hash).order_by(screenings.c.id.desc()).limit(1))


def cited_snapshots(connection: Connection) -> set[str]:
    """Snapshots that a screening cites, or the last pass."""
    last = last_snapshot(connection)
    return set(connection.scalars(select(screenings.c.snapshot_hash).distinct())) | ({last} if last else set())


def oldest(connection: Connection, now: datetime) -> datetime | None:
    """When the oldest screening of travellers under way was made; None where nobody is."""
    first = connection.scalar(select(func.min(screenings.c.id)).where(screenings.c.active_until > now))
    return None if first is None else datetime.fromtimestamp((UUID(first).int >> 80) / 1000, UTC)


def page(
    connection: Connection,
    after: Position | datetime,
    *,
    documents: bool,
    made_before: datetime | None,
    made_since: datetime | None,
    size: int,
) -> Page:
    """The next travellers under way: `after` a position, or all whose flight ends at that time or later; whole screenings,
    until there are `size` travellers. `documents`: read theirs too; of all screenings those made before and since a time."""
    table = screenings.c
    start = after if isinstance(after, Position) else Position(after, "")
    wanted: list[ColumnElement[bool]] = [
        tuple_(table.active_until, table.id) > tuple_(literal(start.active_until, Instant), literal(start.screening_id))
    ]
    if made_before is not None:
        wanted.append(table.id < _first_id(made_before))
    if made_since is not None:
        wanted.append(table.id >= _first_id(made_since))
    columns = [table.active_until, table.id, _lines("traveller"), _lines("document") if documents else null()]
    found = connection.execute(select(*columns).where(*wanted).order_by(table.active_until, table.id))
    travellers, papers = [], []
    count, end = 0, None
    for active_until, screening_id, people, theirs in found:
        travellers.append((screening_id, people))
        papers.append((screening_id, theirs))
        count += people.count("\n") + 1 if people else 0
        if count >= size:
            end = Position(active_until, screening_id)
            break
    found.close()
    return Page(_frame(travellers, UNDER_WAY), _frame(papers, PAPERS), end)


def _lines(part: str) -> ScalarSelect[Any]:
    """What `identities` has of a part of the screening, as lines of JSON: one value a screening is read several times faster
    than a row per traveller."""
    of_screening = and_(identities.c.holder == screenings.c.id, identities.c.part == part)
    return select(func.aggregate_strings(cast(identities.c.content, Text), "\n")).where(of_screening).scalar_subquery()


def _frame(found: list[tuple[str, str | None]], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """The lines of each screening as rows, of which only the columns of `schema` are read."""
    some = [(screening_id, lines) for screening_id, lines in found if lines]
    columns = {"traveller": pl.UInt32(), **{name: schema[name] for name in schema if name not in ("screening", "row")}}
    rows = decode([lines.encode() for _, lines in some], columns).rename({"traveller": "row"})
    counts = pl.Series([lines.count("\n") + 1 for _, lines in some], dtype=pl.UInt32)
    ids = pl.Series("screening", [screening_id for screening_id, _ in some], pl.String)
    return rows.with_columns(ids.repeat_by(counts).explode()).select(*schema)


def superseded(connection: Connection, screening_id: str, rows: Iterable[int]) -> set[int]:
    """Which of these travellers of a screening were screened later for the same flight: that screening counts."""
    mine, later = directives.alias("mine"), directives.alias("later")
    same = and_(
        later.c.flight_key == mine.c.flight_key,
        later.c.traveller_key == mine.c.traveller_key,
        later.c.screening_id > mine.c.screening_id,
    )
    found = select(mine.c.row).join_from(mine, later, same)
    return set(connection.scalars(found.where(mine.c.screening_id == screening_id, mine.c.row.in_(list(rows)))))


def _first_id(at: datetime) -> str:
    """The lowest id (RFC 9562 version 7) of that millisecond."""
    return str(UUID(int=int(at.astimezone(UTC).timestamp() * 1000) << 80))
