"""The officers' desk: list, read and decide referrals. Only a decision made here can say DO_NOT_BOARD."""

from datetime import datetime, timedelta

from referrals.clearances import cleared_by
from referrals.engine import Engine
from scoring.policy import Policy
from store.actor import Actor
from store.errors import DecisionRefused
from store.records import Decided, Referral, ReferralPage

READERS = frozenset({"officer", "senior_officer", "auditor"})
DECIDERS = frozenset({"officer", "senior_officer"})

# What a disposition puts in force. The others leave what is in force as it is, except that they lift what stopped the traveller.
_DIRECTIVES = {"do_not_board": "DO_NOT_BOARD", "hold": "HOLD"}
_LIFTING = frozenset({"release", "not_this_person", "nothing_found", "examine_on_arrival"})


class NotAllowed(PermissionError):
    """The actor has no role that allows this; the message names the roles that do."""


def list_referrals(
    engine: Engine, actor: Actor, page_size: int = 50, page_token: str = "", include_decided: bool = False
) -> ReferralPage:
    """One page of the queue, soonest departure first, then highest priority. Raises NotAllowed, PurposeMissing, InputError."""
    _require(actor, READERS)
    engine.store.expire_holds(engine.clock())
    return engine.store.referrals(actor, page_size=page_size, page_token=page_token, include_decided=include_decided)


def get_referral(engine: Engine, actor: Actor, referral_id: str) -> Referral:
    """One referral whole; the read is recorded. Raises NotAllowed, PurposeMissing, NotFound."""
    _require(actor, READERS)
    engine.store.expire_holds(engine.clock())
    return engine.store.referral(actor, referral_id)


def decide(
    engine: Engine,
    actor: Actor,
    referral_id: str,
    disposition: str,
    reason: str,
    legal_basis: str | None = None,
    claims_right_of_entry: bool = False,
) -> Decided:
    """Record an officer's decision and put in force what it says.

    DO_NOT_BOARD needs a legal basis that the policy offers for this person and, where the policy says so, a second
    officer: until then it changes nothing. A later decision supersedes an earlier one, and ends what it cleared.
    not_this_person clears the person, as identified by name, date of birth and documents together, of the lookouts that
    are reasons of the referral, for as long as the policy says. `claims_right_of_entry`: the
    traveller claims to be a citizen or permanent resident; once recorded it stands for every later decision of the
    referral. HOLD needs a telephone in the policy and a known departure.
    Raises NotAllowed, PurposeMissing, NotFound, DecisionRefused.
    """
    _require(actor, DECIDERS)
    now = engine.clock()
    engine.store.expire_holds(now)
    policy = engine.parts.policy
    summary = (referral := engine.store.referral(actor, referral_id)).summary
    claims = claims_right_of_entry or any(earlier.claims_right_of_entry for earlier in referral.decisions)
    needs_second_officer = False
    if disposition == "do_not_board":
        offered = {basis.code for basis in policy.bases_for(referral.manifest.travellers["nationality"][0], claims)}
        if legal_basis not in offered:
            person = "one who claims a right of entry" if claims else "this person"
            codes = ", ".join(sorted(offered))
            raise DecisionRefused(f"legal_basis {legal_basis or '(empty)'}: policy {policy.id} offers for {person}: {codes}")
        needs_second_officer = policy.needs_second_officer(legal_basis)
    elif legal_basis is not None:
        raise DecisionRefused(f"legal_basis {legal_basis}: goes with do_not_board only: leave it out with {disposition}")
    directive = _directive(disposition, summary.directive)
    hold = policy.hold if directive == "HOLD" else None
    departure_at = summary.flight.departure_at
    if hold and (faults := _hold_faults(policy, departure_at, now)):
        raise DecisionRefused(faults)
    return engine.store.decide(
        actor,
        referral_id,
        disposition,
        reason,
        legal_basis,
        directive=directive,
        needs_second_officer=needs_second_officer,
        decide_by=_decide_by(departure_at, hold.decide_by_minutes, now) if hold and departure_at else None,
        telephone=hold.telephone if hold else None,
        claims_right_of_entry=claims,
        clears=cleared_by(engine.store, referral, now + timedelta(days=policy.clearance_days))
        if disposition == "not_this_person"
        else None,
    )


def _directive(disposition: str, in_force: str) -> str | None:
    """What the decision puts in force; None: what is in force stays."""
    if disposition in _LIFTING and in_force in {"HOLD", "DO_NOT_BOARD"}:
        return "BOARD"
    return _DIRECTIVES.get(disposition)


def _decide_by(departure_at: datetime, minutes: int, now: datetime) -> datetime:
    """Until when a HOLD lasts: `minutes` before departure, or, where that is past, the departure itself."""
    due = departure_at - timedelta(minutes=minutes)
    return due if due > now else departure_at


def _hold_faults(policy: Policy, departure_at: datetime | None, now: datetime) -> list[str]:
    """What keeps an officer's HOLD from telling the carrier whom to call and until when it lasts."""
    faults = []
    if policy.hold.telephone is None:
        faults.append(
            f"disposition hold: policy {policy.id} names no hold.telephone, so the carrier would have nobody to call: "
            "give hold.telephone in a copy of the policy and serve with it"
        )
    if departure_at is None:
        faults.append(
            "disposition hold: the flight's departure time is unknown, so the hold would have no end: "
            "have the carrier send the flight again with its departure time"
        )
    elif departure_at <= now:
        faults.append("disposition hold: the flight's departure is past, so nobody waits any more: choose examine_on_arrival")
    return faults


def _require(actor: Actor, roles: frozenset[str]) -> None:
    if not actor.roles & roles:
        raise NotAllowed(f"{actor.id} needs one of the roles {', '.join(sorted(roles))}")
