"""What officers read: the queue of referrals and one referral whole."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, Row, and_, or_, select

from manifests.errors import InputError
from manifests.frames import Manifest, build
from store.errors import NotFound
from store.reading import stored_screening
from store.records import Decision, Flight, Reason, Referral, ReferralPage, ReferralSummary, reference_of
from store.schema import decisions, directives, from_micros, identities, referrals, to_micros

LARGEST_PAGE = 500


def page(connection: Connection, *, size: int, token: str, include_decided: bool) -> ReferralPage:
    """Referrals by time of departure, then priority, highest first. Raises InputError for a size or token that is none."""
    if not 1 <= size <= LARGEST_PAGE:
        raise InputError(f"page_size {size}: must be 1 to {LARGEST_PAGE}")
    table = referrals.c
    statement = _summaries().order_by(table.departure_at, table.priority.desc(), table.id).limit(size + 1)
    if token:
        at, priority, referral_id = _position(token)
        later_priority = or_(table.priority < priority, and_(table.priority == priority, table.id > referral_id))
        statement = statement.where(or_(table.departure_at > at, and_(table.departure_at == at, later_priority)))
    if not include_decided:
        statement = statement.where(table.status != "decided")
    rows = connection.execute(statement).all()
    shown = rows[:size]
    reasons = _reasons(connection, [row.id for row in shown])
    summaries = tuple(_summary(row, reasons.get(row.id, ())) for row in shown)
    return ReferralPage(summaries, _token(shown[-1]) if len(rows) > size else "")


def whole(connection: Connection, referral_id: str) -> Referral:
    """A referral with person, evidence and decisions. Raises NotFound."""
    row = connection.execute(_summaries().where(referrals.c.id == referral_id)).one_or_none()
    if row is None:
        raise NotFound(f"there is no referral {referral_id}")
    latest = stored_screening(connection, row.screening_id)
    matches, hits = [latest.matches.clear()], [latest.hits.clear()]
    for screening_id, traveller in _sources(connection, referral_id):
        screening = latest if screening_id == latest.id else stored_screening(connection, screening_id)
        matches.append(_of(screening.matches, traveller))
        hits.append(_of(screening.hits, traveller))
    return Referral(
        summary=_summary(row, _reasons(connection, [referral_id]).get(referral_id, ())),
        screening_id=latest.id,
        manifest=alone(latest.manifest, row.row),
        matches=pl.concat(matches, how="diagonal").unique(["entry_id", "source"], keep="first", maintain_order=True)
        if matches
        else latest.matches.clear(),
        hits=pl.concat(hits, how="diagonal").unique("scenario", keep="first", maintain_order=True)
        if hits
        else latest.hits.clear(),
        decisions=_decisions(connection, referral_id),
        hashes=latest.hashes,
        lost=None if latest.lost is None else _of(latest.lost, row.row),
    )


def alone(manifest: Manifest, traveller: int) -> Manifest:
    """One traveller of a manifest with flight, documents, booking, itinerary and faults, numbered from 0."""
    row = manifest.travellers.filter(pl.col("traveller") == traveller)
    flight, booking = row["flight"][0], row["booking"][0]
    zero = pl.lit(0, pl.UInt32)
    of_booking = pl.col("booking") == (-1 if booking is None else booking)
    legs = manifest.legs.filter((pl.col("flight") == flight) & (pl.col("booking").is_null() | of_booking.fill_null(False)))
    kept = pl.when(pl.col("booking").is_not_null()).then(zero)
    return build(
        flights=manifest.flights.filter(pl.col("flight") == flight).with_columns(flight=zero),
        travellers=row.with_columns(traveller=zero, flight=zero, booking=kept),
        documents=_of(manifest.documents, traveller),
        bookings=manifest.bookings.filter(of_booking).with_columns(booking=zero, flight=zero),
        legs=legs.with_columns(flight=zero, booking=kept),
        faults=_of(manifest.faults, traveller),
    )


def _of(frame: pl.DataFrame, traveller: int) -> pl.DataFrame:
    return frame.filter(pl.col("traveller") == traveller).with_columns(traveller=pl.lit(0, pl.UInt32))


def _summaries() -> Any:
    current = [directives.c[name] for name in ("directive", "decide_by", "telephone")]
    latest = and_(directives.c.screening_id == referrals.c.screening_id, directives.c.row == referrals.c.row)
    return select(referrals, *current).join_from(referrals, directives, latest)


def _summary(row: Row[Any], reasons: Sequence[Reason]) -> ReferralSummary:
    return ReferralSummary(
        id=row.id,
        reference=reference_of(row.screening_id, row.row),
        kind=row.kind,
        status=row.status,
        lane=row.lane,
        priority=row.priority,
        departure_at=row.departure_at,
        flight=Flight(row.carrier, row.number, row.departure, row.arrival, row.scheduled_at),
        directive=row.directive,
        decide_by=row.decide_by,
        telephone=row.telephone,
        reasons=tuple(reasons),
        urgent=row.urgent,
    )


def _sources(connection: Connection, referral_id: str) -> list[tuple[str, int]]:
    """Every screening of the referral's traveller and flight that gave reasons, latest first."""
    rows = connection.execute(_reasoned().where(referrals.c.id == referral_id).order_by(directives.c.screening_id.desc()))
    return [(row.screening_id, row.traveller) for row in rows]


def _reasons(connection: Connection, referral_ids: Iterable[str]) -> dict[str, tuple[Reason, ...]]:
    """Reasons by referral: of all its screenings, the latest words for each code."""
    rows = connection.execute(_reasoned().where(referrals.c.id.in_(list(referral_ids))).order_by(directives.c.screening_id))
    found: dict[str, dict[str, Reason]] = {}
    for row in rows:
        found.setdefault(row.referral_id, {}).update({reason["code"]: Reason(**reason) for reason in orjson.loads(row.content)})
    return {referral_id: tuple(reasons.values()) for referral_id, reasons in found.items()}


def _reasoned() -> Any:
    columns = (
        referrals.c.id.label("referral_id"),
        directives.c.screening_id,
        directives.c.row.label("traveller"),
        identities.c.content,
    )
    same = and_(directives.c.flight_key == referrals.c.flight_key, directives.c.traveller_key == referrals.c.traveller_key)
    words = and_(
        identities.c.holder == directives.c.screening_id, identities.c.part == "reason", identities.c.row == directives.c.row
    )
    return select(*columns).join_from(referrals, directives, same).join(identities, words)


def _decisions(connection: Connection, referral_id: str) -> tuple[Decision, ...]:
    words = and_(identities.c.holder == decisions.c.id, identities.c.part == "decision")
    statement = select(decisions, identities.c.content).outerjoin_from(decisions, identities, words)
    rows = connection.execute(statement.where(decisions.c.referral_id == referral_id).order_by(decisions.c.id))
    return tuple(
        Decision(
            id=row.id,
            officer=row.officer,
            purpose=row.purpose,
            decided_at=row.decided_at,
            disposition=row.disposition,
            reason=orjson.loads(row.content)["reason"] if row.content else "",
            legal_basis=row.legal_basis,
            effective=row.effective,
            directive=row.directive,
            confirms=row.confirms,
            claims_right_of_entry=row.claims_right_of_entry,
        )
        for row in rows
    )


def _token(row: Row[Any]) -> str:
    position = json.dumps([to_micros(row.departure_at), row.priority, row.id])
    return base64.urlsafe_b64encode(position.encode()).decode()


def _position(token: str) -> tuple[datetime, float, str]:
    try:
        at, priority, referral_id = json.loads(base64.urlsafe_b64decode(token.encode("ascii")))
        return from_micros(int(at)), float(priority), str(referral_id)
    except (binascii.Error, ValueError, TypeError, OverflowError):
        raise InputError(f"page_token {token[:40]!r}: is not one this service gave: leave it empty to begin again") from None
