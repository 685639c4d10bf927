"""Lookouts made here: each change is a version with who, when and why; nothing is overwritten.

The store keeps them as they are given, one list of their own; which snapshot holds them is not known here.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson
import polars as pl
from sqlalchemy import Connection, Row, Select, func, or_, select

from manifests.errors import InputError
from manifests.names import fold_one
from manifests.vocabulary import CATEGORIES, LOOKOUT_ACTIONS
from store import audit
from store.actor import Actor
from store.errors import NotFound
from store.keys import Key
from store.prepared import commit_to
from store.schema import events, lookout_contents, lookouts
from store.scribe import Scribe

LARGEST_PAGE: Final = 500
_AT_A_TIME: Final = 500  # ids in one statement
_FACTS: Final = ("category", "action", "valid_from", "valid_until")
_INSTANT: Final = pl.Datetime("us", "UTC")
_CONTENT: Final[dict[str, pl.DataType]] = {
    "name": pl.String(),
    "aliases": pl.List(pl.String),
    "weak_aliases": pl.List(pl.String),
    "dobs": pl.List(pl.String),
    "countries": pl.List(pl.String),
    "birthplaces": pl.List(pl.String),
    "documents": pl.List(pl.Struct({"type": pl.String, "number": pl.String, "issuer": pl.String})),
    "authority": pl.String(),
    "purpose": pl.String(),
}
# A lookout as the watchlists read it, but its source.
LOOKOUT: Final[dict[str, pl.DataType]] = {
    "entry_id": pl.String(),
    **_CONTENT,
    "category": CATEGORIES,
    "action": LOOKOUT_ACTIONS,
    "valid_from": _INSTANT,
    "valid_until": _INSTANT,
}


@dataclass(frozen=True)
class LookoutsChanged:
    """What a change did: `revision` is the store's latest after it; ids that were as asked before are `unchanged`."""

    revision: int
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]


@dataclass(frozen=True)
class LookoutVersion:
    """A lookout as it stood from `changed_at`. `values` by the columns of LOOKOUT; a removal shows what was removed."""

    revision: int
    changed_at: datetime
    officer: str
    purpose: str
    removed: bool
    values: Mapping[str, Any]


@dataclass(frozen=True)
class LookoutPage:
    lookouts: tuple[LookoutVersion, ...]
    next_page_token: str  # empty: this was the last page


@dataclass(frozen=True)
class Standing:
    """Every lookout made here as it is now: LOOKOUT and `removed`, ordered by entry_id, up to `revision`."""

    revision: int
    lookouts: pl.DataFrame


def upsert(connection: Connection, actor: Actor, given: pl.DataFrame, key: Key, scribe: Scribe) -> LookoutsChanged:
    """Append a version of each lookout (LOOKOUT, each id once) that differs from what stands."""
    now = _current(connection, given["entry_id"].to_list())
    unchanged: list[str] = []
    put = []
    for row in given.iter_rows(named=True):
        content, facts = orjson.dumps({name: row[name] for name in _CONTENT}), tuple(row[name] for name in _FACTS)
        standing = now.get(row["entry_id"])
        if standing and not standing.removed and (standing.content, *_facts(standing)) == (content, *facts):
            unchanged.append(row["entry_id"])
        else:
            names = "|".join(fold_one(name) for name in (row["name"], *row["aliases"], *row["weak_aliases"]))
            put.append((row["entry_id"], facts, content, names))
    first = latest(connection) + 1
    contents = [
        {"id": revision, "names": names, "content": content} for revision, (_, _, content, names) in enumerate(put, first)
    ]
    versions = [
        {"entry_id": entry_id, "removed": False, "content_id": revision, **dict(zip(_FACTS, facts, strict=True))}
        for revision, (entry_id, facts, _, _) in enumerate(put, first)
    ]
    if contents:
        connection.execute(lookout_contents.insert(), contents)
    _append(connection, actor, first, versions, [content for _, _, content, _ in put], key, scribe)
    return LookoutsChanged(first + len(put) - 1, tuple(version["entry_id"] for version in versions), tuple(unchanged))


def remove(connection: Connection, actor: Actor, entry_ids: Sequence[str], key: Key, scribe: Scribe) -> LookoutsChanged:
    """Append a removal of each. Those removed before are left; raises InputError naming each that never was."""
    now = _current(connection, entry_ids)
    if faults := [
        f"entry_ids[{position}] {entry_id}: no lookout with this id was made here"
        for position, entry_id in enumerate(entry_ids)
        if entry_id not in now
    ]:
        raise InputError(faults)
    standing = [now[entry_id] for entry_id in dict.fromkeys(entry_ids) if not now[entry_id].removed]
    first = latest(connection) + 1
    versions = [
        {"entry_id": row.entry_id, "removed": True, "content_id": row.content_id, **dict(zip(_FACTS, _facts(row), strict=True))}
        for row in standing
    ]
    _append(connection, actor, first, versions, [], key, scribe)
    removed = {row.entry_id for row in standing}
    unchanged = tuple(entry_id for entry_id in dict.fromkeys(entry_ids) if entry_id not in removed)
    return LookoutsChanged(first + len(standing) - 1, tuple(row.entry_id for row in standing), unchanged)


def latest(connection: Connection) -> int:
    """The latest revision, 0 before the first."""
    return int(connection.scalar(select(func.max(lookouts.c.revision))) or 0)


def standing(connection: Connection) -> Standing:
    """All of them, for machines: what shows one to a person reads through `history` or `page`."""
    rows = connection.execute(_versions().where(lookouts.c.superseded_at.is_(None)).order_by(lookouts.c.entry_id)).all()
    facts: pl.DataFrame = pl.DataFrame(
        [(row.entry_id, row.removed, *_facts(row)) for row in rows],
        schema={"entry_id": pl.String, "removed": pl.Boolean, **{name: LOOKOUT[name] for name in _FACTS}},
        orient="row",
    )
    contents = pl.Series("json", [row.content.decode() for row in rows], pl.String)
    values = contents.str.json_decode(pl.Struct(_CONTENT)).struct.unnest()
    return Standing(latest(connection), pl.concat([facts, values], how="horizontal").select(*LOOKOUT, "removed"))


def history(connection: Connection, entry_id: str) -> tuple[LookoutVersion, ...]:
    """Every version of a lookout, latest first. Raises NotFound."""
    rows = connection.execute(_versions().where(lookouts.c.entry_id == entry_id).order_by(lookouts.c.revision.desc())).all()
    if not rows:
        raise NotFound(f"there is no lookout {entry_id}")
    return tuple(_version(row) for row in rows)


def page(connection: Connection, *, size: int, token: str, query: str, include_ended: bool, now: datetime) -> LookoutPage:
    """Lookouts as they are now, by id. `query`: a part of an id or of a name, however it is written; `include_ended`: also
    those removed or past their validity. Raises InputError for a size or token that is none."""
    if not 1 <= size <= LARGEST_PAGE:
        raise InputError(f"page_size {size}: must be 1 to {LARGEST_PAGE}")
    statement = _versions().where(lookouts.c.superseded_at.is_(None)).order_by(lookouts.c.entry_id).limit(size + 1)
    if token:
        statement = statement.where(lookouts.c.entry_id > _position(token))
    if query:
        found = [lookouts.c.entry_id.contains(query, autoescape=True)]
        if folded := fold_one(query):
            found.append(lookout_contents.c.names.contains(folded, autoescape=True))
        statement = statement.where(or_(*found))
    if not include_ended:
        in_time = or_(lookouts.c.valid_until.is_(None), lookouts.c.valid_until > now)
        statement = statement.where(lookouts.c.removed.is_(False), in_time)
    rows = connection.execute(statement).all()
    shown = tuple(_version(row) for row in rows[:size])
    more = base64.urlsafe_b64encode(rows[size - 1].entry_id.encode()).decode() if len(rows) > size else ""
    return LookoutPage(shown, more)


def _append(
    connection: Connection,
    actor: Actor,
    first: int,
    versions: Sequence[Mapping[str, Any]],
    contents: Sequence[bytes],
    key: Key,
    scribe: Scribe,
) -> None:
    """Put versions in force from revision `first`, with one entry in the ledger and an event for each."""
    if not versions:
        return
    at = scribe.clock()
    ids = [version["entry_id"] for version in versions]
    for some in _chunks(ids):
        current = lookouts.c.entry_id.in_(some), lookouts.c.superseded_at.is_(None)
        connection.execute(lookouts.update().where(*current).values(superseded_at=at))
    common = {"changed_at": at, "officer": actor.id, "purpose": actor.purpose}
    rows = [{"revision": revision, **version, **common} for revision, version in enumerate(versions, first)]
    connection.execute(lookouts.insert(), rows)
    told = [{key: row[key] for key in ("entry_id", "revision", "removed")} for row in rows]
    connection.execute(
        events.insert(), [{"at": at, "kind": "lookout.changed", "payload": audit.canonical(payload)} for payload in told]
    )
    scribe.audit(
        connection,
        "lookouts",
        {
            "actor": actor.id,
            "roles": sorted(actor.roles),
            "purpose": actor.purpose,
            "lookouts": told,
            "contents": commit_to(list(contents), key),
        },
    )


def _current(connection: Connection, entry_ids: Sequence[str]) -> dict[str, Row[Any]]:
    """The versions that stand, by id."""
    found = {}
    for some in _chunks(entry_ids):
        statement = _versions().where(lookouts.c.entry_id.in_(some), lookouts.c.superseded_at.is_(None))
        found.update({row.entry_id: row for row in connection.execute(statement)})
    return found


def _versions() -> Select[Any]:
    same = lookout_contents.c.id == lookouts.c.content_id
    return select(lookouts, lookout_contents.c.content).join_from(lookouts, lookout_contents, same)


def _version(row: Row[Any]) -> LookoutVersion:
    values = {"entry_id": row.entry_id, **orjson.loads(row.content), **dict(zip(_FACTS, _facts(row), strict=True))}
    return LookoutVersion(row.revision, row.changed_at, row.officer, row.purpose, row.removed, values)


def _facts(row: Row[Any]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in _FACTS)


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _AT_A_TIME] for start in range(0, len(ids), _AT_A_TIME))


def _position(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token.encode("ascii")).decode()
    except (binascii.Error, ValueError):
        raise InputError(f"page_token {token[:40]!r}: is not one this service gave: leave it empty to begin again") from None
