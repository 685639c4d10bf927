"""Reads of the travel history: a bounded look per pseudonym, one query per batch."""

import json
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

import polars as pl
from sqlalchemy import Connection, Select, and_, bindparam, func, select

from store.records import EVENTS
from store.schema import history_events, to_micros

# Events kept in view per key; the fold in `features` has the same bound.
LATEST = 64

_ORDER = ("at", "flight", "person", "booking")


_EMPTY = pl.DataFrame(schema=EVENTS)


@cache
def _statement() -> Select[Any]:
    """Parameters: keys (JSON list), since and until (microseconds)."""
    keys = func.json_each(bindparam("keys")).table_valued("value", name="keys")
    event, other = history_events.c, history_events.alias("other").c
    floor = (
        select(other.at)
        .where(other.pseudonym == keys.c.value, other.at >= bindparam("since"), other.at < bindparam("until"))
        .order_by(other.at.desc())
        .limit(1)
        .offset(LATEST - 1)
        .scalar_subquery()
    )
    return select(event.kind, event.pseudonym, event.at, event.person, event.booking, event.flight).join_from(
        keys,
        history_events,
        and_(
            event.pseudonym == keys.c.value,
            event.at >= func.coalesce(floor, bindparam("since")),
            event.at < bindparam("until"),
        ),
    )


def history_state(connection: Connection, pseudonyms: Iterable[int], since: datetime, until: datetime) -> pl.DataFrame:
    """The latest 64 events of each pseudonym with since <= at < until, as EVENTS, sorted by pseudonym and time.

    Work per key is one search of the index for the 64th latest time, then its range; events of that very time (one
    flight's) are all read before the cut.
    """
    parameters = {"keys": json.dumps(sorted(set(pseudonyms))), "since": to_micros(since), "until": to_micros(until)}
    rows = connection.execute(_statement(), parameters).all()
    if not rows:
        return _EMPTY
    schema = {name: pl.Int64() if name == "at" else dtype for name, dtype in EVENTS.items()}
    frame = pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
    latest = frame.sort("pseudonym", *_ORDER).group_by("pseudonym", maintain_order=True).tail(LATEST)
    return latest.select(
        "kind",
        "pseudonym",
        pl.col("at").cast(EVENTS["at"]),
        *(pl.when(pl.col(name) != 0).then(pl.col(name)).alias(name) for name in ("person", "booking")),
        "flight",
    )
