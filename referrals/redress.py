"""Redress numbers and clearances as officers keep them: enter a number, list, end what no longer holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import polars as pl

from manifests.errors import InputError
from manifests.fields import redress_number
from manifests.frames import Manifest
from manifests.normalise import normalise
from manifests.pseudonyms import identity_keys, redress_keys
from manifests.raw import Paths, Raw
from referrals.desk import NotAllowed
from referrals.engine import Engine
from store.actor import Actor
from store.records import ClearancePage, Clears, Lookout
from watchlists.clearances import digests
from watchlists.match import match
from watchlists.snapshot import Snapshot

READERS = frozenset({"officer", "senior_officer", "privacy_officer", "auditor"})
KEEPERS = frozenset({"senior_officer", "privacy_officer"})
PERSON = ("surname", "given", "dob")
DOCUMENT = ("type", "number", "issuer")
# Where a value of the person stands in what the officer sends.
_PATHS = {"flights": "flight", "travellers": "person", "documents": "person.documents[{d}]", "bookings": "", "legs": ""}


@dataclass(frozen=True)
class Entered:
    """A redress number as recorded: the id of the record and those of the clearances made."""

    redress_id: str
    clearances: tuple[str, ...]


def enter(
    engine: Engine,
    actor: Actor,
    number: str,
    person: dict[str, Any],
    documents: Sequence[dict[str, Any]],
    lookouts: Sequence[tuple[str, str]],
    reason: str,
    expires_at: datetime | None = None,
) -> Entered:
    """Record whom a redress number is given to and what they are cleared of.

    `person` has PERSON, each of `documents` DOCUMENT, as texts; `lookouts`: (source, entry_id), none for every one that
    matches the person now: what is listed later is never cleared. `expires_at` None: as long as the policy says, which is
    also the longest. What an earlier record of the number cleared ends.
    Raises NotAllowed, PurposeMissing, InputError with all that is wrong.
    """
    _require(actor, KEEPERS)
    now, policy = engine.clock(), engine.parts.policy
    faults: list[str] = []
    [given] = redress_number([number], lambda _, problem: faults.append(f"redress_number {number[:40]!r}: {problem}"))
    if given is None and not faults:
        faults.append("redress_number: is empty: give the number that the person was given")
    if not reason.strip():
        faults.append("reason: is empty: say what it rests on")
    latest = now + timedelta(days=policy.clearance_days)
    if expires_at is not None and not now < expires_at <= latest:
        faults.append(f"expires_at {expires_at:%Y-%m-%d}: must be after now and not after {latest:%Y-%m-%d}, as the policy says")
    manifest = _manifest(person, documents, faults)
    [identities] = identity_keys(manifest, engine.store.key.pseudonyms)
    if not identities and not faults:
        faults.append("person: give name, date of birth and at least one document, each with type, number and issuer")
    snapshot = engine.parts.snapshot
    if snapshot is None:
        faults.append("lookouts: the lists are out, so nobody can be cleared now: try again when they are back")
    if faults or snapshot is None or given is None:
        raise InputError(faults)
    cleared = _named(snapshot, lookouts) if lookouts else _matching(engine, snapshot, manifest, now)
    content = orjson.dumps({"number": given, "person": person, "documents": list(documents), "reason": reason})
    [keyed] = redress_keys([given], engine.store.key.pseudonyms)
    assert keyed is not None
    record, made = engine.store.enter_redress(actor, keyed, Clears(identities, cleared, expires_at or latest), content)
    return Entered(record, tuple(made))


def list_clearances(
    engine: Engine,
    actor: Actor,
    page_size: int = 50,
    page_token: str = "",
    include_ended: bool = False,
    referral_id: str = "",
    source: str = "",
    entry_id: str = "",
) -> ClearancePage:
    """One page of clearances, latest first; the read is recorded. Raises NotAllowed, PurposeMissing, InputError."""
    _require(actor, READERS)
    return engine.store.clearances(
        actor,
        page_size=page_size,
        page_token=page_token,
        include_ended=include_ended,
        referral_id=referral_id,
        source=source,
        entry_id=entry_id,
    )


def revoke(engine: Engine, actor: Actor, which: str, reason: str) -> list[str]:
    """End a clearance, or all that came with a redress number by the id of its record; the ids of those that ended.

    Raises NotAllowed, PurposeMissing, NotFound, InputError.
    """
    _require(actor, KEEPERS)
    if not reason.strip():
        raise InputError("reason: is empty: say why")
    return engine.store.revoke_clearance(actor, which, reason)


def _manifest(person: dict[str, Any], documents: Sequence[dict[str, Any]], faults: list[str]) -> Manifest:
    """The person as a traveller is read; what cannot be read is added to `faults`."""
    raw = Raw(
        flights={"carrier": [""]},
        travellers={"flight": [0], "ref": ["redress"], **{name: [person.get(name)] for name in PERSON}},
        documents={
            "traveller": [0] * len(documents),
            **{name: [document.get(name) for document in documents] for name in DOCUMENT},
        },
    )
    manifest = normalise(raw, Paths(raw, _PATHS))
    of_person = manifest.faults.filter(pl.col("traveller").is_not_null())
    faults += [f"{where} {value!r}: {problem}" for where, value, problem in of_person.select("where", "value", "problem").rows()]
    return manifest


def _named(snapshot: Snapshot, lookouts: Sequence[tuple[str, str]]) -> tuple[Lookout, ...]:
    wanted = pl.DataFrame(list(dict.fromkeys(lookouts)), schema={"source": pl.String, "entry_id": pl.String}, orient="row")
    found = wanted.join(snapshot.entries.select("source", "entry_id", "entry"), on=["source", "entry_id"], how="left")
    absent = found.filter(pl.col("entry").is_null()).select("source", "entry_id").rows()
    if absent:
        raise InputError([f"lookouts: {source} has no {entry_id}: name one of the list in force" for source, entry_id in absent])
    return tuple(map(Lookout, found["source"], found["entry_id"], digests(snapshot, found["entry"])))


def _matching(engine: Engine, snapshot: Snapshot, manifest: Manifest, at: datetime) -> tuple[Lookout, ...]:
    policy = engine.parts.policy
    found = match(snapshot, manifest.travellers, manifest.documents, policy.prior_per_million, policy.match_floor, at)
    return tuple(map(Lookout, found["source"], found["entry_id"], digests(snapshot, found["entry"])))


def _require(actor: Actor, roles: frozenset[str]) -> None:
    if not actor.roles & roles:
        raise NotAllowed(f"{actor.id} needs one of the roles {', '.join(sorted(roles))}")
