from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from manifests.errors import InputError
from referrals.desk import NotAllowed, decide, get_referral, list_referrals
from referrals.engine import Engine
from referrals.screen import Answer, current, screen
from scoring import policy as policies
from store.actor import Actor
from store.errors import NotFound, PurposeMissing
from tests.referrals.conftest import INNOCENT, LISTED, NOW, manifest_of, request_of

OFFICER = Actor("officer-1", frozenset({"officer"}), "interdiction")
SECOND = Actor("officer-2", frozenset({"officer"}), "interdiction")


@pytest.fixture
def engine(open_world: Callable[[], Engine]) -> Iterator[Engine]:
    opened = open_world()
    yield opened
    opened.store.close()


@pytest.fixture
def reference(engine: Engine) -> str:
    """Of the listed person, who is held."""
    [outcome] = screen(engine, [request_of(manifest_of(INNOCENT, LISTED))])
    assert isinstance(outcome, Answer)
    return str(outcome.answers["reference"][1])


def in_force(engine: Engine, reference: str) -> str:
    found = current(engine, Actor("ac"), reference)
    assert found is not None
    return found.directive


def the_referral(engine: Engine) -> str:
    [summary] = list_referrals(engine, OFFICER).referrals
    return summary.id


def test_the_referral_shows_who_why_and_on_what_evidence(engine: Engine, reference: str) -> None:
    found = get_referral(engine, OFFICER, the_referral(engine))
    assert found.summary.reference == reference
    assert found.summary.kind == "PRE_BOARDING"
    assert found.manifest.travellers["surname"].to_list() == ["VORONTSOV"]
    assert found.matches["entry_id"].to_list() == ["S-1"]
    evidence = found.matches["evidence"][0]
    assert {item["field"] for item in evidence} >= {"name", "dob", "document"}
    assert sum(item["log_odds"] for item in evidence) == pytest.approx(found.matches["log_odds"][0])
    assert any(reason.code.startswith("lookout:") and reason.fr != reason.en for reason in found.summary.reasons)


def test_an_officer_lifts_a_hold(engine: Engine, reference: str) -> None:
    decided = decide(engine, OFFICER, the_referral(engine), "not_this_person", "Another face on the passport picture")
    assert (decided.status, decided.directive, decided.changed) == ("decided", "BOARD", True)
    assert in_force(engine, reference) == "BOARD"


def test_do_not_board_waits_for_a_second_officer(engine: Engine, reference: str) -> None:
    referral = the_referral(engine)
    first = decide(engine, OFFICER, referral, "do_not_board", "Direction received", "SECURITY-DIRECTION")
    assert (first.status, first.effective) == ("awaiting_second_officer", False)
    assert in_force(engine, reference) == "HOLD"
    with pytest.raises(InputError, match="another officer must confirm"):
        decide(engine, OFFICER, referral, "do_not_board", "Direction received", "SECURITY-DIRECTION")
    second = decide(engine, SECOND, referral, "do_not_board", "Seen the direction too", "SECURITY-DIRECTION")
    assert (second.status, second.directive) == ("decided", "DO_NOT_BOARD")
    assert in_force(engine, reference) == "DO_NOT_BOARD"


def test_an_officers_word_outlives_a_new_request_of_the_carrier(engine: Engine, reference: str) -> None:
    decide(engine, OFFICER, the_referral(engine), "do_not_board", "No passport", "NO-VALID-DOCUMENT")
    assert in_force(engine, reference) == "DO_NOT_BOARD"
    [outcome] = screen(engine, [request_of(manifest_of(LISTED), "another", digest="d2")])
    assert isinstance(outcome, Answer)
    assert outcome.answers["directive"].to_list() == ["DO_NOT_BOARD"]


def test_do_not_board_needs_a_legal_basis_of_the_policy(engine: Engine, reference: str) -> None:
    for basis in (None, "BECAUSE"):
        with pytest.raises(InputError, match="NO-VALID-DOCUMENT, SECURITY-DIRECTION"):
            decide(engine, OFFICER, the_referral(engine), "do_not_board", "Direction received", basis)
    assert in_force(engine, reference) == "HOLD"


def under(engine: Engine, policy: str) -> Engine:
    """The same engine under a shipped policy."""
    return replace(engine, parts=replace(engine.parts, policy=policies.load(policy)))


def test_who_claims_a_right_of_entry_is_refused_no_boarding_on_immigration_grounds(engine: Engine, reference: str) -> None:
    canada, referral = under(engine, "ca"), the_referral(engine)
    immigration, security = "IRPA-148-1-A-DOCUMENT", "SATA-DIRECTION"
    with pytest.raises(InputError, match=r"offers for one who claims a right of entry: SATA-DIRECTION$"):
        decide(canada, OFFICER, referral, "do_not_board", "No visa", immigration, claims_right_of_entry=True)
    assert get_referral(engine, OFFICER, referral).decisions == ()
    first = decide(canada, OFFICER, referral, "do_not_board", "No visa", immigration)
    assert first.status == "awaiting_second_officer"
    decide(canada, OFFICER, referral, "examine_on_arrival", "Says she is a resident", claims_right_of_entry=True)
    with pytest.raises(InputError, match="claims a right of entry"):
        decide(canada, SECOND, referral, "do_not_board", "No visa", immigration)
    decide(canada, SECOND, referral, "do_not_board", "Direction received", security)
    decisions = get_referral(engine, OFFICER, referral).decisions
    assert [decision.claims_right_of_entry for decision in decisions] == [False, True, True]


def test_a_legal_basis_goes_with_do_not_board_only(engine: Engine, reference: str) -> None:
    with pytest.raises(InputError, match="legal_basis NO-VALID-DOCUMENT: goes with do_not_board only: leave it out with release"):
        decide(engine, OFFICER, the_referral(engine), "release", "Cleared", "NO-VALID-DOCUMENT")
    assert in_force(engine, reference) == "HOLD"


def test_an_officers_hold_gives_time_and_telephone(engine: Engine, reference: str) -> None:
    referral = the_referral(engine)
    decide(engine, OFFICER, referral, "release", "Cleared")
    assert decide(under(engine, "demo"), OFFICER, referral, "hold", "Second thoughts").directive == "HOLD"
    found = current(engine, Actor("ac"), reference)
    assert found is not None
    assert (found.telephone, found.decide_by) == ("+1 613 555 0100", NOW + timedelta(hours=6, minutes=-45))


def test_a_hold_without_telephone_or_departure_names_both_and_the_fix(engine: Engine) -> None:
    known = manifest_of(LISTED)
    untimed = replace(known, flights=known.flights.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("departure_at")))
    screen(engine, [request_of(untimed)])
    with pytest.raises(InputError) as error:
        decide(under(engine, "standard"), OFFICER, the_referral(engine), "hold", "Wait")
    telephone, departure = error.value.faults
    assert telephone.startswith("disposition hold: policy standard names no hold.telephone")
    assert departure.startswith("disposition hold: the flight's departure time is unknown")


def test_roles_and_purpose_are_needed(engine: Engine, reference: str) -> None:
    referral = the_referral(engine)
    auditor = Actor("auditor-1", frozenset({"auditor"}), "oversight")
    assert get_referral(engine, auditor, referral).summary.id == referral
    with pytest.raises(NotAllowed, match="senior_officer"):
        decide(engine, auditor, referral, "release", "I would")
    with pytest.raises(NotAllowed):
        list_referrals(engine, Actor("ac", frozenset({"carrier"}), "interdiction"))
    with pytest.raises(PurposeMissing):
        get_referral(engine, Actor("officer-1", frozenset({"officer"})), referral)
    with pytest.raises(NotFound):
        get_referral(engine, OFFICER, "nonsense")
