"""What travellers were cleared of, looked up for a screening, and what an officer's "not this person" clears.

Keys rotate with an overlap and a clearance outlives a rotation: travellers are looked up under every key that is kept.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from manifests.frames import Manifest
from manifests.pseudonyms import identity_keys, redress_keys
from scoring.frames import REDRESS
from scoring.reasons import lookout_code
from store.database import Store
from store.records import Clears, Lookout, RedressRecord, Referral
from watchlists.clearances import CLEARANCES

_Found = Mapping[int, list[tuple[tuple[str, ...], str, str | None]]]  # by identity: lookout, clearance, redress record it needs


@dataclass(frozen=True)
class Known:
    """What is on record of the travellers of a manifest: CLEARANCES and REDRESS; None where there is nothing."""

    clearances: pl.DataFrame | None
    redress: pl.DataFrame | None


def known(store: Store, manifest: Manifest, at: datetime) -> Known:
    """What the travellers are cleared of at that time, and what their redress numbers say of them.

    A clearance holds where every document of the traveller, with name and date of birth, is one that was cleared of the
    lookout; one that came with a redress number, where the traveller gives that number too.
    """
    keys = [key.pseudonyms for key in store.keys]
    people = list(zip(*(identity_keys(manifest, key) for key in keys), strict=True))  # by traveller, key, document
    numbers = manifest.travellers["redress"].to_list()
    given = _records(store, numbers, keys) if any(numbers) else [None] * len(numbers)
    travellers = manifest.travellers["traveller"].to_list()
    clearances = []
    if found := _found(store, people, at):
        for traveller, person, record in zip(travellers, people, given, strict=True):
            for lookout, clearance in _cleared(person, found, record).items():
                clearances.append((traveller, *lookout, clearance))
    redress = [
        (traveller, _finding(person, record))
        for traveller, person, number, record in zip(travellers, people, numbers, given, strict=True)
        if number
    ]
    return Known(
        pl.DataFrame(clearances, schema=CLEARANCES, orient="row") if clearances else None,
        pl.DataFrame(redress, schema=REDRESS, orient="row") if redress else None,
    )


def cleared_by(store: Store, referral: Referral, expires_at: datetime) -> Clears | None:
    """What "not this person" clears: of the lookouts that are reasons of the referral, the person with the documents
    presented. None where no lookout is, or the identity is not known in full."""
    [identities] = identity_keys(referral.manifest, store.key.pseudonyms)
    codes = {reason.code for reason in referral.summary.reasons}
    matches = referral.matches.drop_nulls("lookout").select("source", "entry_id", "lookout")
    lookouts = tuple(
        Lookout(source, entry_id, lookout)
        for source, entry_id, lookout in matches.iter_rows()
        if codes & {lookout_code(source, entry_id), lookout_code(source, entry_id, owner=True)}
    )
    return Clears(identities, lookouts, expires_at) if identities and lookouts else None


def _records(store: Store, numbers: list[str | None], keys: list[bytes]) -> list[RedressRecord | None]:
    """The record of each traveller's number: the latest under any key."""
    keyed = [redress_keys(numbers, key) for key in keys]
    known = store.redress({number for of_key in keyed for number in of_key if number is not None})
    return [
        max((known[number] for number in numbers if number in known), key=lambda record: record.id, default=None)
        for numbers in zip(*keyed, strict=True)
    ]


def _found(store: Store, people: Collection[tuple[tuple[int, ...], ...]], at: datetime) -> _Found:
    asked = {identity for person in people for of_key in person for identity in of_key}
    found: dict[int, list[tuple[tuple[str, ...], str, str | None]]] = {}
    if asked:
        for identity, *lookout, clearance, holder, origin in store.applying(asked, at).iter_rows():
            found.setdefault(identity, []).append((tuple(lookout), clearance, holder if origin == "redress" else None))
    return found


def _cleared(person: tuple[tuple[int, ...], ...], found: _Found, record: RedressRecord | None) -> dict[tuple[str, ...], str]:
    """Clearances by lookout that hold for every document of the person."""
    of_documents = [
        {
            lookout: clearance
            for identity in document
            for lookout, clearance, needs in found.get(identity, ())
            if needs is None or (record is not None and needs == record.id)
        }
        for document in zip(*person, strict=True)
    ]
    if not of_documents:
        return {}
    return {lookout: of_documents[0][lookout] for lookout in sorted(set.intersection(*map(set, of_documents)))}


def _finding(person: tuple[tuple[int, ...], ...], record: RedressRecord | None) -> str:
    if record is None:
        return "unknown"
    identities = {identity for of_key in person for identity in of_key}
    if not identities:
        return "unchecked"
    return "agrees" if identities & record.identities else "differs"
