"""Answers, faults and referrals as the messages of the contract: formatting only, no figure is computed here."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import polars as pl
from google.protobuf.timestamp_pb2 import Timestamp

from forepost.referrals.v1 import referrals_pb2 as referrals
from forepost.screening.v1 import screening_pb2 as screening
from store import records

DIRECTIVES = {name.removeprefix("DIRECTIVE_"): value for name, value in screening.Directive.items()}
ENTRY_AUTHORISATIONS = {name.removeprefix("ENTRY_AUTHORISATION_"): value for name, value in screening.EntryAuthorisation.items()}
KINDS = {name.removeprefix("REFERRAL_KIND_"): value for name, value in referrals.ReferralKind.items()}
STATUSES = {name.removeprefix("REFERRAL_STATUS_").lower(): value for name, value in referrals.ReferralStatus.items()}
DISPOSITIONS = {name.removeprefix("DISPOSITION_").lower(): value for name, value in referrals.Disposition.items()}
DISPOSITION_NAMES = {value: name for name, value in DISPOSITIONS.items()}

ANSWER = ("ref", "reference", "directive", "entry_authorisation", "decide_by", "telephone")


def timestamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def answer(
    ref: str | None,
    reference: str,
    directive: str,
    entry_authorisation: str,
    decide_by: datetime | None,
    telephone: str | None,
) -> screening.TravellerAnswer:
    return screening.TravellerAnswer(
        ref=ref or "",
        reference=reference,
        directive=DIRECTIVES[directive],
        entry_authorisation=ENTRY_AUTHORISATIONS[entry_authorisation],
        decide_by=timestamp(decide_by),
        telephone=telephone or "",
    )


def answers(frame: pl.DataFrame) -> list[screening.TravellerAnswer]:
    """One answer per row of a frame with the columns of `store.records.ANSWERS`, in its order."""
    return [answer(*row) for row in frame.select(ANSWER).iter_rows()]


def faults(frame: pl.DataFrame) -> list[screening.Fault]:
    """The faults of a manifest, in its order."""
    rows: Iterable[Any] = frame.select("where", "value", "problem").iter_rows()
    return [screening.Fault(where=where, value=value, problem=problem) for where, value, problem in rows]


def flight(row: dict[str, Any]) -> screening.Flight:
    """A row of `manifests.frames.Flights`, times local as a request writes them."""

    def local(at: datetime | None) -> str:
        return at.isoformat(timespec="minutes") if at else ""

    return screening.Flight(
        carrier=row["carrier"],
        number=row["number"],
        departure=row["departure"],
        arrival=row["arrival"],
        departure_time=local(row["departure_time"]),
        arrival_time=local(row["arrival_time"]),
    )


def summary(found: records.ReferralSummary) -> referrals.ReferralSummary:
    return referrals.ReferralSummary(
        referral_id=found.id,
        reference=found.reference,
        kind=KINDS[found.kind],
        status=STATUSES[found.status],
        lane=found.lane,
        priority=found.priority,
        flight=referrals.Flight(
            carrier=found.flight.carrier or "",
            number=found.flight.number or "",
            departure=found.flight.departure or "",
            arrival=found.flight.arrival or "",
            departure_at=timestamp(found.flight.departure_at),
        ),
        directive=found.directive,
        decide_by=timestamp(found.decide_by),
        reasons=[
            referrals.Reason(code=reason.code, text=referrals.Text(en=reason.en, fr=reason.fr), log_odds=reason.log_odds)
            for reason in found.reasons
        ],
        urgent=found.urgent,
    )


def referral(found: records.Referral) -> referrals.Referral:
    return referrals.Referral(
        summary=summary(found.summary),
        person=_person(found),
        matches=[_match(row) for row in found.matches.iter_rows(named=True)],
        decisions=[
            referrals.Decision(
                officer=decision.officer,
                decided_at=timestamp(decision.decided_at),
                disposition=DISPOSITIONS[decision.disposition],
                reason=decision.reason,
                legal_basis=decision.legal_basis or "",
                effective=decision.effective,
                claims_right_of_entry=decision.claims_right_of_entry,
            )
            for decision in found.decisions
        ],
        snapshot_hash=found.hashes.snapshot,
        pack_hash=found.hashes.pack,
        policy_hash=found.hashes.policy,
        model_hash=found.hashes.model or "",
        lost_documents=[] if found.lost is None else [_lost(row) for row in found.lost.iter_rows(named=True)],
    )


def _person(found: records.Referral) -> referrals.Person:
    person = found.manifest.travellers.row(0, named=True)
    return referrals.Person(
        surname=person["surname"],
        given=person["given"],
        sex=person["sex"],
        dob=_date(person["dob"]),
        nationality=person["nationality"],
        redress=person["redress"],
        documents=[
            referrals.Document(type=row["type"], number=row["number"], issuer=row["issuer"], expiry=_date(row["expiry"]))
            for row in found.manifest.documents.iter_rows(named=True)
        ],
    )


def _lost(row: dict[str, Any]) -> referrals.LostDocument:
    names = ("type", "issuer", "authority", "purpose", "type_agrees", "issuer_agrees")
    return referrals.LostDocument(document=row["document"] + 1, **{name: row[name] for name in names})


def _match(row: dict[str, Any]) -> referrals.Match:
    return referrals.Match(
        entry_id=row["entry_id"],
        source=row["source"],
        lookout_name=row["lookout_name"],
        action=row["action"],
        authority=row["authority"],
        purpose=row["purpose"],
        category=row["category"],
        log_odds=row["log_odds"],
        probability=row["probability"],
        evidence=[referrals.Evidence(**item) for item in row["evidence"]],
        clearance_id=row["clearance"],
    )


def _date(value: date | None) -> str:
    return value.isoformat() if value else ""
