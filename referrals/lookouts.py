"""Lookouts made here: put in, taken out and read by officers, and published into the snapshot that screenings run on.

They are one list of the snapshot, MADE_HERE; whom other lists hold is changed by importing those. The store is the truth:
publishing makes the snapshot agree with it, however far the two are apart.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import polars as pl

from manifests.errors import InputError
from manifests.names import fold_one
from manifests.vocabulary import CATEGORIES, DOCUMENT_TYPES, LOOKOUT_ACTIONS
from referrals.desk import READERS, NotAllowed
from referrals.engine import Engine
from store.actor import Actor
from store.lookouts import LOOKOUT, LookoutPage, LookoutsChanged, LookoutVersion
from watchlists import births, snapshot
from watchlists.countries import alpha3, nationality
from watchlists.lookouts import LOOKOUTS, MADE_HERE, distinct
from watchlists.snapshot import Snapshot

WRITERS: Final = frozenset({"lookout_officer"})
MOST: Final = 1_000  # lookouts in one call: the store writes them in one transaction, for which screenings wait
MOST_VALUES: Final = 100  # names, documents … of one lookout
LONGEST: Final = 500  # characters of one value
_NO_LETTERS: Final = "is a name without letters"
_NO_COUNTRY: Final = "is no country of ISO 3166-1"

Given = Mapping[str, Any]


@dataclass(frozen=True)
class Published:
    """A version of the snapshot that holds every change of the store's lookouts up to `revision`."""

    snapshot: Snapshot
    revision: int


def upsert_lookouts(engine: Engine, actor: Actor, given: Sequence[Given]) -> LookoutsChanged:
    """Put lookouts in place of what stands under their ids: all, or none. They act once they are published.

    Each has the columns of `store.lookouts.LOOKOUT`, values as an officer writes them. Raises NotAllowed, PurposeMissing,
    and InputError with every fault of every lookout.
    """
    _require(actor, WRITERS)
    faults = [] if 1 <= len(given) <= MOST else [f"lookouts: {len(given)} of them: give 1 to {MOST:,}"]
    ids = [lookout["entry_id"] for lookout in given]
    rows = []
    for position, lookout in enumerate(given):
        place = f"lookouts[{position}]"
        if ids.index(lookout["entry_id"]) != position:
            faults.append(f"{place}.entry_id {lookout['entry_id']}: occurs twice: give each lookout once")
        row, found = _read(lookout, place, engine.clock())
        rows.append(row)
        faults += found
    if faults:
        raise InputError(faults)
    return engine.store.upsert_lookouts(actor, pl.DataFrame(rows, schema=LOOKOUT))


def remove_lookouts(engine: Engine, actor: Actor, entry_ids: Sequence[str]) -> LookoutsChanged:
    """Take lookouts out: all, or none. They stop acting once that is published. Raises NotAllowed, PurposeMissing, and
    InputError naming each id that was never made here."""
    _require(actor, WRITERS)
    if not 1 <= len(entry_ids) <= MOST:
        raise InputError(f"entry_ids: {len(entry_ids)} of them: give 1 to {MOST:,}")
    return engine.store.remove_lookouts(actor, entry_ids)


def get_lookout(engine: Engine, actor: Actor, entry_id: str) -> tuple[LookoutVersion, ...]:
    """Every version of a lookout, latest first; the read is recorded. Raises NotAllowed, PurposeMissing, NotFound."""
    _require(actor, READERS | WRITERS)
    return engine.store.lookout(actor, entry_id)


def list_lookouts(
    engine: Engine, actor: Actor, page_size: int = 50, page_token: str = "", query: str = "", include_ended: bool = False
) -> LookoutPage:
    """One page of the lookouts by id; `query` is a part of an id or a name. Raises NotAllowed, PurposeMissing, InputError."""
    _require(actor, READERS | WRITERS)
    return engine.store.lookouts(actor, page_size=page_size, page_token=page_token, query=query, include_ended=include_ended)


def publish(engine: Engine, folder: Path) -> Published:
    """Make the snapshot in `folder` hold the lookouts made here as they stand, and no other version of them.

    What the store has never known is left: another store may publish into the same snapshot. Nothing is written where
    they agree. Raises SnapshotError and OSError.
    """
    standing = engine.store.standing_lookouts()
    now = pl.lit(engine.clock(), LOOKOUTS["valid_until"])
    in_force = standing.lookouts.filter(~pl.col("removed"), (pl.col("valid_until") > now).fill_null(True))
    wanted = in_force.select(pl.lit(MADE_HERE).alias("source"), *LOOKOUT).select(LOOKOUTS.names())
    opened = Snapshot.open(folder, engine.parts.snapshot)
    held = opened.of_source(MADE_HERE).filter(pl.col("entry_id").is_in(standing.lookouts["entry_id"].to_list()))
    changes = snapshot.difference(held, wanted)
    return Published(snapshot.apply(folder, changes, opened) if changes else opened, standing.revision)


def _read(given: Given, place: str, now: datetime) -> tuple[dict[str, Any], list[str]]:
    """A row of LOOKOUT of what an officer wrote, and its faults."""
    faults: list[str] = []

    def fault(field: str, value: str | None, problem: str) -> None:
        told = f" {value[:LONGEST]}" if value else ""
        faults.append(f"{place}.{field}{told}: {problem}")

    def text(field: str, value: str, problem: str = "is empty", *, read: Callable[[str], str | None] = str.strip) -> str:
        """The value as it is kept, or a fault: at `field`, of a text that `read` makes nothing of."""
        known = read(value)
        if not known:
            fault(field, value.strip(), problem)
        elif len(value) > LONGEST:
            fault(field, value, f"has {len(value):,} characters: use at most {LONGEST}")
        return known or ""

    def texts(field: str, problem: str = "is empty", *, read: Callable[[str], str | None] = str.strip) -> list[str]:
        if len(given[field]) > MOST_VALUES:
            fault(field, None, f"{len(given[field]):,} of them: use at most {MOST_VALUES}")
        some = given[field][:MOST_VALUES]
        return distinct(text(f"{field}[{at}]", value, problem, read=read) for at, value in enumerate(some))

    def one_of(field: str, vocabulary: pl.Enum) -> str:
        allowed = {name: name for name in vocabulary.categories}
        return text(field, given[field], f"name one of {', '.join(allowed)}", read=allowed.get)

    def document(at: int, one: Mapping[str, str]) -> dict[str, str | None]:
        field = f"documents[{at}]"
        number = text(f"{field}.number", one["number"], "has no letter or digit of A-Z and 0-9", read=_number)
        types = DOCUMENT_TYPES.categories.to_list()
        if one["type"] and one["type"] not in types:
            fault(f"{field}.type", one["type"], f"use one of {', '.join(types)}, or leave it out")
        issuer = text(f"{field}.issuer", one["issuer"], _NO_COUNTRY, read=alpha3) if one["issuer"] else None
        return {"type": one["type"] or None, "number": number, "issuer": issuer}

    if given["entry_id"] != given["entry_id"].strip() or not given["entry_id"].isprintable():
        fault("entry_id", given["entry_id"].strip(), "holds white space at an end, or what cannot be printed")
    if len(given["documents"]) > MOST_VALUES:
        fault("documents", None, f"{len(given['documents']):,} of them: use at most {MOST_VALUES}")
    begins, ends = given["valid_from"], given["valid_until"]
    if ends is None:
        fault("valid_until", None, "is absent: say when the lookout ends")
    elif ends <= now:
        fault("valid_until", ends.isoformat(), "is past: the lookout would never act")
    elif begins and begins >= ends:
        fault("valid_from", begins.isoformat(), f"is not before valid_until {ends.isoformat()}")
    row = {
        "entry_id": text("entry_id", given["entry_id"], "is empty: give the lookout an id of your own, without a name in it"),
        "name": text("name", given["name"], _NO_LETTERS, read=_name),
        "aliases": texts("aliases", _NO_LETTERS, read=_name),
        "weak_aliases": texts("weak_aliases", _NO_LETTERS, read=_name),
        "dobs": texts("dobs", "is not 1970-03-12, 1970-03, 1970 or 1968/1972", read=_birth),
        "countries": texts("countries", _NO_COUNTRY, read=nationality),
        "birthplaces": texts("birthplaces"),
        "documents": [document(at, one) for at, one in enumerate(given["documents"][:MOST_VALUES])],
        "authority": text("authority", given["authority"], "is empty: say who is answerable for the lookout"),
        "purpose": text("purpose", given["purpose"], "is empty: say why the person is looked for"),
        "category": one_of("category", CATEGORIES),
        "action": one_of("action", LOOKOUT_ACTIONS),
        "valid_from": begins,
        "valid_until": ends,
    }
    return row, faults


def _name(value: str) -> str | None:
    return " ".join(value.split()) if fold_one(value) else None


def _birth(value: str) -> str | None:
    return value.strip() if births.birth(value) else None


def _number(value: str) -> str | None:
    return re.sub("[^A-Z0-9]", "", value.upper()) or None


def _require(actor: Actor, roles: frozenset[str]) -> None:
    if not actor.roles & roles:
        raise NotAllowed(f"{actor.id} needs one of the roles {', '.join(sorted(roles))}")
