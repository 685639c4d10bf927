"""Clearances and redress numbers in the tables: made and ended by officers, looked up for a batch of travellers at once.

A person stands in `cleared_identities` as keyed pseudonyms (`manifests.pseudonyms.identity_keys`); what an officer entered
with a redress number stands in `identities`, under data class `clearance` and the time of expiry.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

import orjson
import polars as pl
from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, or_, select

from manifests.errors import InputError
from store.actor import Actor
from store.errors import DecisionRefused, NotFound
from store.keys import Key
from store.prepared import commit_to
from store.records import CLEARED, Clearance, ClearancePage, Clears, RedressRecord
from store.schema import clearances, cleared_identities, identities, redress_numbers
from store.scribe import Scribe

LARGEST_PAGE = 500
DATA_CLASS = "clearance"
_ID = re.compile(r"[0-9a-f-]{36}")


@cache
def _applying() -> Select[Any]:
    """Parameters: keys (JSON list) and at (microseconds)."""
    keys = func.json_each(bindparam("keys")).table_valued("value", name="keys")
    cleared = clearances.c
    running = and_(
        cleared.holder == cleared_identities.c.holder, cleared.ended_at.is_(None), cleared.expires_at > bindparam("at")
    )
    return (
        select(
            cleared_identities.c.identity,
            cleared.source,
            cleared.entry_id,
            cleared.lookout,
            cleared.id,
            cleared.holder,
            cleared.origin,
        )
        .join_from(keys, cleared_identities, cleared_identities.c.identity == keys.c.value)
        .join(clearances, running)
    )


def applying(connection: Connection, keys: Iterable[int], at: datetime) -> pl.DataFrame:
    """CLEARED: the clearances in force at that time of any of these identities, by one search of an index per key."""
    parameters = {"keys": json.dumps(sorted(set(keys))), "at": at}
    rows = [tuple(row) for row in connection.execute(_applying(), parameters)]
    return pl.DataFrame(rows, schema=CLEARED, orient="row")


def redress(connection: Connection, numbers: Iterable[int]) -> dict[int, RedressRecord]:
    """By number, its latest record with the identities it was given to. Unknown numbers are absent."""
    table = redress_numbers.c
    latest = select(table.number, func.max(table.id).label("id")).where(table.number.in_(list(numbers))).group_by(table.number)
    records = {row.id: row.number for row in connection.execute(latest)}
    persons: dict[str, set[int]] = {record: set() for record in records}
    keys = select(cleared_identities.c.holder, cleared_identities.c.identity)
    for holder, identity in connection.execute(keys.where(cleared_identities.c.holder.in_(list(records)))):
        persons[holder].add(identity)
    return {number: RedressRecord(record, frozenset(persons[record])) for record, number in records.items()}


def clear(
    connection: Connection, actor: Actor, clears: Clears, holder: str, key: Key, scribe: Scribe, referral_id: str | None = None
) -> list[str]:
    """Remember who the holder is about and make one clearance per lookout; returns their ids. `referral_id` None: of a
    redress number."""
    at = scribe.clock()
    persons = [{"identity": identity, "holder": holder, "key_id": key.id} for identity in sorted(set(clears.identities))]
    connection.execute(cleared_identities.insert(), persons)
    made = [scribe.ids() for _ in clears.lookouts]
    if not made:
        return made
    shared = {
        "holder": holder,
        "origin": "redress" if referral_id is None else "decision",
        "referral_id": referral_id,
        "officer": actor.id,
        "purpose": actor.purpose,
        "made_at": at,
        "expires_at": clears.expires_at,
    }
    rows = [shared | {"id": one} | asdict(lookout) for one, lookout in zip(made, clears.lookouts, strict=True)]
    connection.execute(clearances.insert(), rows)
    for row in rows:
        payload = {name: row[name] for name in ("holder", "origin", "referral_id", "source", "entry_id", "lookout")}
        payload |= {"clearance": row["id"], "officer": actor.id, "purpose": actor.purpose}
        payload |= {"expires_at": clears.expires_at.isoformat()}
        scribe.audit(connection, "clearance", payload)
        scribe.announce(connection, "clearance.made", payload)
    return made


def enter_redress(
    connection: Connection, actor: Actor, number: int, clears: Clears, content: bytes, key: Key, scribe: Scribe
) -> tuple[str, list[str]]:
    """Record a redress number with whom it is given to and the lookouts they are cleared of; ids of record and clearances.

    `content`: what the officer entered, as JSON. What an earlier record of the number cleared ends.
    """
    earlier = select(redress_numbers.c.id).where(redress_numbers.c.number == number)
    _end(connection, clearances.c.holder.in_(earlier), actor, scribe)
    record = scribe.ids()
    connection.execute(redress_numbers.insert(), {"id": record, "number": number, "key_id": key.id, "made_at": scribe.clock()})
    connection.execute(
        identities.insert(),
        {
            "holder": record,
            "part": "redress",
            "row": 0,
            "departure_at": clears.expires_at,
            "data_class": DATA_CLASS,
            "key_id": key.id,
            "content": content,
        },
    )
    payload = {"redress": record, "officer": actor.id, "purpose": actor.purpose, "content": commit_to([content], key)}
    scribe.audit(connection, "redress", payload)
    scribe.announce(connection, "redress.entered", {"redress": record, "officer": actor.id})
    return record, clear(connection, actor, clears, record, key, scribe)


def end_of_referral(connection: Connection, referral_id: str, actor: Actor, scribe: Scribe) -> None:
    """End what earlier decisions of the referral cleared: a later decision takes their place."""
    _end(connection, clearances.c.referral_id == referral_id, actor, scribe)


def revoke(connection: Connection, actor: Actor, which: str, reason: str, key: Key, scribe: Scribe) -> list[str]:
    """End a clearance, or by the id of a redress record all of it; the ids of those that ended. Raises NotFound for what is
    none, DecisionRefused where it has ended already."""
    mine = or_(clearances.c.id == which, and_(clearances.c.holder == which, clearances.c.origin == "redress"))
    if connection.scalar(select(clearances.c.id).where(mine).limit(1)) is None:
        raise NotFound(f"there is no clearance {which}")
    ended = _end(connection, mine, actor, scribe, reason, key)
    if not ended:
        raise DecisionRefused(f"clearance {which}: has ended already")
    return ended


def _end(
    connection: Connection,
    which: ColumnElement[bool],
    actor: Actor,
    scribe: Scribe,
    reason: str | None = None,
    key: Key | None = None,
) -> list[str]:
    running = and_(which, clearances.c.ended_at.is_(None))
    found = connection.execute(select(clearances.c.id, clearances.c.expires_at).where(running)).all()
    if not found:
        return []
    connection.execute(clearances.update().where(running).values(ended_at=scribe.clock(), ended_by=actor.id))
    for one, expires_at in found:
        payload = {"clearance": one, "officer": actor.id, "purpose": actor.purpose}
        if reason is not None and key is not None:
            content = orjson.dumps({"reason": reason})
            row = {"holder": one, "part": "revoked", "row": 0, "departure_at": expires_at, "data_class": DATA_CLASS}
            connection.execute(identities.insert(), row | {"key_id": key.id, "content": content})
            payload["reason"] = commit_to([content], key)
        scribe.audit(connection, "clearance.ended", payload)
        scribe.announce(connection, "clearance.ended", payload)
    return [one for one, _ in found]


def page(
    connection: Connection,
    *,
    size: int,
    token: str,
    include_ended: bool,
    referral_id: str,
    source: str,
    entry_id: str,
    now: datetime,
) -> ClearancePage:
    """Clearances, latest first; empty filters take all. Raises InputError for a size or token that is none."""
    if not 1 <= size <= LARGEST_PAGE:
        raise InputError(f"page_size {size}: must be 1 to {LARGEST_PAGE}")
    if token and not _ID.fullmatch(token):
        raise InputError(f"page_token {token[:40]!r}: is not one this service gave: leave it empty to begin again")
    table = clearances.c
    content = and_(identities.c.holder == table.holder, identities.c.part == "redress")
    statement = select(clearances, identities.c.content).outerjoin_from(clearances, identities, content)
    for column, wanted in ((table.referral_id, referral_id), (table.source, source), (table.entry_id, entry_id)):
        if wanted:
            statement = statement.where(column == wanted)
    if token:
        statement = statement.where(table.id < token)
    if not include_ended:
        statement = statement.where(table.ended_at.is_(None), table.expires_at > now)
    rows = connection.execute(statement.order_by(table.id.desc()).limit(size + 1)).all()
    shown = tuple(
        Clearance(
            id=row.id,
            origin=row.origin,
            referral_id=row.referral_id,
            redress_id=row.holder if row.origin == "redress" else None,
            redress_number=orjson.loads(row.content)["number"] if row.content else None,
            source=row.source,
            entry_id=row.entry_id,
            officer=row.officer,
            purpose=row.purpose,
            made_at=row.made_at,
            expires_at=row.expires_at,
            ended_at=row.ended_at,
            ended_by=row.ended_by,
        )
        for row in rows[:size]
    )
    return ClearancePage(shown, shown[-1].id if len(rows) > size else "")
