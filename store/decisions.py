"""An officer's decision: appended, put in force where it may be, announced, recorded; all in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, and_, case, or_, select

from manifests.vocabulary import DIRECTIVES, DISPOSITIONS
from store import clearances
from store.actor import Actor
from store.errors import DecisionRefused, NotFound
from store.keys import Key
from store.prepared import commit_to
from store.records import Clears, Decided, reference_of
from store.schema import decisions, directives, identities, referrals, screenings
from store.scribe import Scribe


@dataclass(frozen=True)
class Order:
    """What an officer decides. `directive` None leaves the directive in force as it is; HOLD needs `decide_by` and
    `telephone`; DO_NOT_BOARD needs a `legal_basis`, and takes effect only with a second officer where
    `needs_second_officer`; `clears` goes with not_this_person."""

    disposition: str
    reason: str
    legal_basis: str | None = None
    directive: str | None = None
    needs_second_officer: bool = False
    decide_by: datetime | None = None
    telephone: str | None = None
    claims_right_of_entry: bool = False
    clears: Clears | None = None


def faults_of(order: Order) -> list[str]:
    """What the order lacks, each with its fix."""
    faults = []
    if order.disposition not in DISPOSITIONS.categories:
        faults.append(f"disposition {order.disposition!r}: must be one of {', '.join(DISPOSITIONS.categories)}")
    if not order.reason.strip():
        faults.append("reason: is empty: write why")
    if order.directive is not None and order.directive not in DIRECTIVES.categories:
        faults.append(f"directive {order.directive!r}: must be one of {', '.join(DIRECTIVES.categories)}")
    if order.directive == "DO_NOT_BOARD" and not order.legal_basis:
        faults.append("legal_basis: is empty: DO_NOT_BOARD needs a code of the policy")
    if (order.directive == "DO_NOT_BOARD") != (order.disposition == "do_not_board"):
        faults.append(f"directive {order.directive!r}: DO_NOT_BOARD goes with the disposition do_not_board and no other")
    if order.clears is not None and order.disposition != "not_this_person":
        faults.append(f"disposition {order.disposition!r}: only not_this_person clears anybody of a lookout")
    if order.directive == "HOLD" and (order.decide_by is None or not order.telephone):
        faults.append("decide_by, telephone: a HOLD needs both")
    return faults


def decide(connection: Connection, actor: Actor, referral_id: str, order: Order, key: Key, scribe: Scribe) -> Decided:
    """Append the decision. Raises NotFound and DecisionRefused."""
    referral = connection.execute(select(referrals).where(referrals.c.id == referral_id)).one_or_none()
    if referral is None:
        raise NotFound(f"there is no referral {referral_id}")
    faults = faults_of(order)
    first = _waiting(connection, referral) if referral.status == "awaiting_second_officer" else None
    confirms = first is not None and first.disposition == order.disposition
    if first is not None and confirms:
        if first.officer == actor.id:
            faults.append(f"officer {actor.id}: decided first: another officer must confirm")
        if first.legal_basis != order.legal_basis:
            faults.append(f"legal_basis {order.legal_basis!r}: the first officer gave {first.legal_basis!r}: give the same")
    other = _open_beside(connection, referral) if referral.status == "decided" else None
    if other:
        faults.append(f"referral {referral_id}: was decided, and {other} is open for this traveller and flight: decide that one")
    if faults:
        raise DecisionRefused(faults)
    needs_second = order.needs_second_officer and order.directive is not None
    effective = confirms or not needs_second
    at, decision_id = scribe.clock(), scribe.ids()
    directive = order.directive if effective else None
    row = {
        "id": decision_id,
        "referral_id": referral_id,
        "officer": actor.id,
        "purpose": actor.purpose,
        "decided_at": at,
        "departure_at": referral.departure_at,
        "data_class": "referral",
        "disposition": order.disposition,
        "legal_basis": order.legal_basis,
        "claims_right_of_entry": order.claims_right_of_entry,
        "needs_second_officer": needs_second,
        "effective": effective,
        "directive": directive,
        "decide_by": order.decide_by if directive == "HOLD" else None,
        "telephone": order.telephone if directive == "HOLD" else None,
        "confirms": first.id if first is not None and confirms else None,
        "confirms_officer": first.officer if first is not None and confirms else None,
    }
    connection.execute(decisions.insert(), row)
    content = orjson.dumps({"reason": order.reason})
    connection.execute(
        identities.insert(),
        {
            "holder": decision_id,
            "part": "decision",
            "row": 0,
            "traveller": referral.row,
            "departure_at": referral.departure_at,
            "data_class": "referral",
            "key_id": key.id,
            "content": content,
        },
    )
    status = "decided" if effective else "awaiting_second_officer"
    in_force = decision_id if directive else referral.decision_id
    connection.execute(referrals.update().where(referrals.c.id == referral_id).values(status=status, decision_id=in_force))
    changed = _put_in_force(connection, referral, row, scribe) if directive else False
    payload = {
        "decision": decision_id,
        "referral": referral_id,
        "officer": actor.id,
        "roles": sorted(actor.roles),
        "purpose": actor.purpose,
        "disposition": order.disposition,
        "legal_basis": order.legal_basis,
        "claims_right_of_entry": order.claims_right_of_entry,
        "directive": directive,
        "effective": effective,
        "confirms": row["confirms"],
        "reason": commit_to([content], key),
    }
    scribe.audit(connection, "decision", payload)
    scribe.announce(connection, "referral.decided", {"referral": referral_id, "decision": decision_id, "status": status})
    made: list[str] = []
    if effective:
        clearances.end_of_referral(connection, referral_id, actor, scribe)
        if order.clears:
            made = clearances.clear(connection, actor, order.clears, decision_id, key, scribe, referral_id)
    now = connection.scalar(
        select(directives.c.directive).where(directives.c.screening_id == referral.screening_id, directives.c.row == referral.row)
    )
    return Decided(decision_id, status, now or "", effective, changed, tuple(made))


def _waiting(connection: Connection, referral: Row[Any]) -> Row[Any] | None:
    """The decision that waits for a second officer: the last of the referral."""
    of_referral = select(decisions).where(decisions.c.referral_id == referral.id)
    return connection.execute(of_referral.order_by(decisions.c.id.desc()).limit(1)).one_or_none()


def _open_beside(connection: Connection, referral: Row[Any]) -> str | None:
    table = referrals.c
    same = and_(table.flight_key == referral.flight_key, table.traveller_key == referral.traveller_key)
    return connection.scalar(select(table.id).where(same, table.status != "decided"))


def _put_in_force(connection: Connection, referral: Row[Any], decision: dict[str, Any], scribe: Scribe) -> bool:
    """Set the directive of every screening of this traveller on this flight; tell the outbox of each that changed."""
    same = and_(directives.c.flight_key == referral.flight_key, directives.c.traveller_key == referral.traveller_key)
    values = {name: decision[name] for name in ("directive", "decide_by", "telephone")}
    differs = or_(*(directives.c[name].is_distinct_from(value) for name, value in values.items()))
    changed = connection.execute(
        select(directives.c.screening_id, directives.c.row, screenings.c.submitter)
        .join_from(directives, screenings, screenings.c.id == directives.c.screening_id)
        .where(same, differs)
    ).all()
    connection.execute(
        directives.update()
        .where(same)
        .values({**values, "decision_id": decision["id"], "revision": directives.c.revision + case((differs, 1), else_=0)})
    )
    for screening_id, row, submitter in changed:
        payload = {"reference": reference_of(screening_id, row), "submitter": submitter, "directive": decision["directive"]}
        scribe.announce(connection, "directive.changed", payload)
    return bool(changed)
