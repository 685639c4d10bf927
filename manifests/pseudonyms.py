"""Keyed pseudonyms of what a traveller brings: joins one journey to the next without a name.

A pseudonym is the first 64 bits of HMAC-SHA256 over the kind and the canonical values, so that the same value under
another kind gives another number, and nobody without the key can try names out. At a billion values the chance that
any two share a pseudonym is 2.7 % (birthday bound): enough for history and for look-ups, which read the identity anyway.

The loops are plain Python: the digests cost more than they do, and each Polars call more than a whole manifest.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from hmac import digest

import polars as pl

from manifests.frames import Manifest
from manifests.names import fold
from manifests.vocabulary import PSEUDONYM_KINDS

PSEUDONYMS: dict[str, pl.DataType] = {"traveller": pl.UInt32(), "kind": PSEUDONYM_KINDS, "pseudonym": pl.Int64()}

_SEPARATOR = "\x1f"
_BOOKING_KINDS = ("phone", "email", "card", "address", "agency")


def pseudonyms(manifest: Manifest, key: bytes) -> pl.DataFrame:
    """What each traveller can be recognised by, as PSEUDONYMS: zero or more rows a traveller, sorted by traveller and kind.

    person: folded name and date of birth, only where both are known. document: type, issuer and number, one per
    document with a number. phone, email, card, address, agency: of the traveller's booking.
    """
    travellers, documents, bookings = manifest.travellers, manifest.documents, manifest.bookings
    found: list[tuple[int, int, int]] = []  # traveller, physical kind, pseudonym

    names = fold(travellers.select(pl.concat_str("surname", "given", separator=" ", ignore_nulls=True))["surname"])
    digest_of = _digester("person", key)
    for traveller, name, dob in zip(travellers["traveller"].to_list(), names.to_list(), travellers["dob"].to_list(), strict=True):
        if name and dob:
            found.append((traveller, 0, digest_of(f"{name}{_SEPARATOR}{dob}")))

    digest_of = _digester("document", key)
    columns = (documents[name].to_list() for name in ("traveller", "type", "issuer", "number"))
    for traveller, kind, issuer, number in zip(*columns, strict=True):
        if number:
            found.append((traveller, 1, digest_of(_SEPARATOR.join((kind or "", issuer or "", number)))))

    if bookings.height:
        of_booking: dict[int, list[tuple[int, int]]] = {booking: [] for booking in bookings["booking"].to_list()}
        for physical, kind in enumerate(_BOOKING_KINDS, start=2):
            digest_of = _digester(kind, key)
            for of, text in zip(of_booking.values(), bookings[kind].to_list(), strict=True):
                text = " ".join(text.upper().split()) if text and kind == "address" else text
                if text:
                    of.append((physical, digest_of(text)))
        for traveller, booking in zip(travellers["traveller"].to_list(), travellers["booking"].to_list(), strict=True):
            found.extend((traveller, *keyed) for keyed in of_booking.get(booking, ()))

    rows = sorted(set(found))
    kinds = pl.Series("kind", [row[1] for row in rows], pl.UInt8).cat.to(PSEUDONYM_KINDS)
    return pl.DataFrame(
        [
            pl.Series("traveller", [row[0] for row in rows], pl.UInt32),
            kinds,
            pl.Series("pseudonym", [row[2] for row in rows], pl.Int64),
        ]
    )


def flight_identities(manifest: Manifest) -> list[str]:
    """What identifies each flight: operating carrier, number, departure airport and local departure date as one text; an
    unknown part counts as empty."""
    columns = (manifest.flights[name].to_list() for name in ("carrier", "number", "departure", "departure_time"))
    return [
        _SEPARATOR.join((carrier or "", number or "", departure or "", str(at.date()) if at else ""))
        for carrier, number, departure, at in zip(*columns, strict=True)
    ]


def flight_keys(manifest: Manifest, key: bytes) -> pl.Series:
    """Int64 per flight, of its identity."""
    digest_of = _digester("flight", key)
    return pl.Series("flight_key", [digest_of(identity) for identity in flight_identities(manifest)], pl.Int64)


def booking_keys(manifest: Manifest, key: bytes) -> pl.Series:
    """Int64 per booking, null without a record locator: operating carrier, locator and the day of booking, because
    carriers use a locator again after some time; the same on every flight of the booking."""
    carriers = dict(zip(manifest.flights["flight"].to_list(), manifest.flights["carrier"].to_list(), strict=True))
    digest_of = _digester("booking", key)
    columns = (manifest.bookings[name].to_list() for name in ("flight", "record_locator", "booked_at"))
    return pl.Series(
        "booking_key",
        [
            digest_of(_SEPARATOR.join((carriers.get(flight) or "", locator, str(at.date()) if at else ""))) if locator else None
            for flight, locator, at in zip(*columns, strict=True)
        ],
        pl.Int64,
    )


def traveller_keys(manifest: Manifest, found: pl.DataFrame, key: bytes) -> pl.Series:
    """Int64 per traveller: who it is on the flight, for one referral per traveller and flight whatever message it came in.

    The person of `found` (PSEUDONYMS), else the first document by pseudonym, else the carrier's reference, else the row.
    Namesakes of one date of birth on one flight are told apart by document and reference: what an officer decides about
    one must not touch the other.
    """
    persons: dict[int, int] = {}
    documents: dict[int, int] = {}
    for traveller, kind, pseudonym in found.iter_rows():
        if kind in ("person", "document"):
            (persons if kind == "person" else documents).setdefault(traveller, pseudonym)
    digest_of = _digester("ref", key)
    travellers = manifest.travellers
    flights = travellers["flight"].to_list()
    namesakes = Counter((flight, persons[row]) for row, flight in enumerate(flights) if row in persons)
    keys = []
    for row, (flight, ref) in enumerate(zip(flights, travellers["ref"].to_list(), strict=True)):
        own = ref or f"{_SEPARATOR}{row}"
        if row in persons and namesakes[flight, persons[row]] == 1:
            keys.append(persons[row])
        elif row in persons:
            keys.append(digest_of(_SEPARATOR.join((str(persons[row]), str(documents.get(row)), own))))
        else:
            keys.append(documents[row] if row in documents else digest_of(own))
    return pl.Series("traveller_key", keys, pl.Int64)


def presented_keys(keys: pl.Series, found: pl.DataFrame, key: bytes) -> pl.Series:
    """Int64 per traveller: the traveller (of `traveller_keys`) with the documents presented; other documents, another key."""
    documents: dict[int, list[str]] = {}
    for traveller, kind, pseudonym in found.iter_rows():
        if kind == "document":
            documents.setdefault(traveller, []).append(str(pseudonym))
    digest_of = _digester("presented", key)
    return pl.Series(
        "presented_key",
        [digest_of(_SEPARATOR.join((str(own), *sorted(documents.get(row, ()))))) for row, own in enumerate(keys.to_list())],
        pl.Int64,
    )


def identity_keys(manifest: Manifest, key: bytes) -> list[tuple[int, ...]]:
    """Per traveller, one key per document of name, date of birth and that document together: who agrees in one of them
    agrees in all that identifies a person.

    Empty where the identity is not known in full: no name or date of birth, no document, or one without type, issuer or
    number. Names are folded.
    """
    travellers, documents = manifest.travellers, manifest.documents
    names = fold(travellers.select(pl.concat_str("surname", "given", separator=" ", ignore_nulls=True))["surname"])
    papers: dict[int, list[tuple[str | None, ...]]] = {}
    for traveller, *paper in documents.select("traveller", "type", "issuer", "number").iter_rows():
        papers.setdefault(traveller, []).append(tuple(paper))
    digest_of = _digester("identity", key)
    found = []
    for traveller, name, dob in zip(travellers["traveller"].to_list(), names.to_list(), travellers["dob"].to_list(), strict=True):
        own = papers.get(traveller, [])
        full = name and dob and all(all(paper) for paper in own)
        texts = [_SEPARATOR.join((name, str(dob), *map(str, paper))) for paper in own] if full else []
        found.append(tuple(digest_of(text) for text in texts))
    return found


def redress_keys(numbers: Sequence[str | None], key: bytes) -> list[int | None]:
    """One key per redress number, null where there is none."""
    digest_of = _digester("redress", key)
    return [digest_of(number) if number else None for number in numbers]


def _digester(kind: str, key: bytes) -> Callable[[str], int]:
    """Text to pseudonym for one kind, computing each text once."""
    known: dict[str, int] = {}

    def digest_of(text: str) -> int:
        if text not in known:
            message = f"{kind}{_SEPARATOR}{text}".encode()
            known[text] = int.from_bytes(digest(key, message, "sha256")[:8], "big", signed=True)
        return known[text]

    return digest_of
