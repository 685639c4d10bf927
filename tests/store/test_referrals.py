"""One open referral per traveller and flight; officers' decisions rule what the carrier is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from manifests.errors import InputError
from store.actor import Actor
from store.database import Store
from store.errors import DecisionRefused, NotFound, PurposeMissing
from store.schema import audit_entries, decisions, directives, events, referrals
from tests.store.conftest import DEPARTURE, OFFICER, PLANTED, SECOND, manifest, reason, screening

BASIS = {"reason": "the person of the lookout", "legal_basis": "IRPA-148-1-a"}


def only_referral(store: Store) -> str:
    page = store.referrals(OFFICER)
    assert len(page.referrals) == 1
    return page.referrals[0].id


def deny(store: Store, officer: Actor, referral_id: str, **changes: object) -> object:
    order = {**BASIS, "directive": "DO_NOT_BOARD", "needs_second_officer": True, **changes}
    return store.decide(officer, referral_id, "do_not_board", **order)  # type: ignore[arg-type]


def test_a_referral_shows_person_evidence_and_reasons(store: Store) -> None:
    made = screening(store, refers={1: [reason(), reason("scenario:late_cash", "nothing")]})
    store.commit([made])
    summary = store.referrals(OFFICER).referrals[0]
    assert (summary.kind, summary.status, summary.lane, summary.priority) == ("PRE_BOARDING", "open", "enforcement", 2.5)
    assert (summary.flight.carrier, summary.flight.number, summary.flight.departure_at) == ("AC", "872", DEPARTURE)
    assert summary.reference == f"{made.id}.1"
    assert [one.code for one in summary.reasons] == ["lookout:un/QDi.001", "scenario:late_cash"]
    assert summary.reasons[0].fr == f"Le nom concorde avec {PLANTED}"
    assert summary.reasons[0].log_odds == 0.1 + 0.2

    referral = store.referral(OFFICER, summary.id)
    assert referral.summary == summary
    assert referral.manifest.travellers["surname"].to_list() == [made.manifest.travellers["surname"][1]]
    assert referral.manifest.documents["number"].to_list() == [f"{PLANTED}D1P", f"{PLANTED}D1I"]
    assert referral.manifest.bookings["phone"].to_list() == [f"{PLANTED}49150"]
    assert referral.manifest.legs["departure"].to_list() == ["MUC", "FRA", "FRA"]
    assert referral.matches["lookout_name"].to_list() == [f"{PLANTED} LISTED"]
    assert referral.matches["evidence"][0][0]["traveller_value"] == PLANTED
    assert referral.matches["log_odds"].to_list() == [8.3]
    assert referral.hits.is_empty()
    assert referral.decisions == ()
    assert referral.hashes == made.hashes


def test_one_open_referral_gathers_the_reasons_of_all_screenings(store: Store) -> None:
    store.commit([screening(store, "r1")])
    later = screening(store, "r2", submitter="LH-DCS", refers={0: [reason("lookout:ofac/1", "x")]})
    store.commit([later, screening(store, "r3", of=manifest(number="9"))])
    same, other = store.referrals(OFFICER).referrals
    assert (same.flight.number, other.flight.number) == ("872", "9")
    assert {one.code for one in same.reasons} == {"lookout:un/QDi.001", "lookout:ofac/1"}
    assert same.reference == f"{later.id}.0"
    assert store.referral(OFFICER, same.id).matches["entry_id"].to_list() == ["ofac/1", "un/QDi.001"]


def test_the_database_refuses_a_second_open_referral(store: Store) -> None:
    store.commit([screening(store)])
    with store._engine.connect().execution_options(write=True) as connection, connection.begin():
        row = dict(connection.execute(select(referrals)).mappings().one()) | {"id": "another"}
        with pytest.raises(IntegrityError, match="UNIQUE"):
            connection.execute(referrals.insert(), row)
        connection.execute(referrals.insert(), row | {"status": "decided"})


def test_the_database_refuses_do_not_board_without_an_officer(store: Store) -> None:
    store.commit([screening(store)])
    referral_id = only_referral(store)
    store.decide(OFFICER, referral_id, "release", "looked", directive="BOARD")
    with store._engine.connect().execution_options(write=True) as connection, connection.begin():
        release = connection.scalar(select(decisions.c.id))
        update = directives.update().where(directives.c.row == 0)
        with pytest.raises(IntegrityError, match="only_an_officer_denies_boarding"):
            connection.execute(update.values(directive="DO_NOT_BOARD", decision_id=None))
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):  # a decision that says something else is no cover
            connection.execute(update.values(directive="DO_NOT_BOARD", decision_id=release))
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):
            connection.execute(update.values(directive="DO_NOT_BOARD", decision_id="invented"))
        with pytest.raises(IntegrityError, match="known_directive"):
            connection.execute(update.values(directive="BOARDING", decision_id=None))


def test_the_database_refuses_one_officer_twice(store: Store) -> None:
    store.commit([screening(store)])
    deny(store, OFFICER, only_referral(store))
    with store._engine.connect().execution_options(write=True) as connection, connection.begin():
        first = dict(connection.execute(select(decisions)).mappings().one())
        second = first | {"id": "second", "effective": True, "directive": "DO_NOT_BOARD"}
        with pytest.raises(IntegrityError, match="second_officer_given"):
            connection.execute(decisions.insert(), second)
        confirmed = second | {"confirms": first["id"], "confirms_officer": first["officer"]}
        with pytest.raises(IntegrityError, match="two_distinct_officers"):
            connection.execute(decisions.insert(), confirmed)
        with pytest.raises(IntegrityError, match="FOREIGN KEY"):  # nor another's name for the first officer
            connection.execute(decisions.insert(), confirmed | {"confirms_officer": "somebody"})
        with pytest.raises(IntegrityError, match="legal_basis_given"):
            connection.execute(decisions.insert(), confirmed | {"officer": "officer-2", "legal_basis": None})
        with pytest.raises(IntegrityError, match="only_effective_directs"):
            connection.execute(decisions.insert(), second | {"effective": False})


def test_do_not_board_takes_two_officers(store: Store) -> None:
    made = screening(store)
    store.commit([made])
    referral_id = only_referral(store)
    first = deny(store, OFFICER, referral_id)
    assert (first.status, first.directive, first.effective, first.changed) == ("awaiting_second_officer", "BOARD", False, False)
    assert store.directive(f"{made.id}.0", "AC-DCS").directive == "BOARD"
    with pytest.raises(DecisionRefused, match="another officer must confirm"):
        deny(store, OFFICER, referral_id)
    with pytest.raises(DecisionRefused, match="the first officer gave"):
        deny(store, SECOND, referral_id, legal_basis="other")
    second = deny(store, SECOND, referral_id, needs_second_officer=False)
    assert (second.status, second.directive, second.effective, second.changed) == ("decided", "DO_NOT_BOARD", True, True)
    now = store.directive(f"{made.id}.0", "AC-DCS")
    assert (now.directive, now.revision) == ("DO_NOT_BOARD", 1)
    assert store.directive(f"{made.id}.1", "AC-DCS").directive == "BOARD"
    recorded = store.referral(OFFICER, referral_id).decisions
    assert [(one.officer, one.effective) for one in recorded] == [("officer-1", False), ("officer-2", True)]
    assert recorded[1].confirms == recorded[0].id
    assert recorded[0].reason == BASIS["reason"]
    assert store.referrals(OFFICER).referrals == ()
    assert len(store.referrals(OFFICER, include_decided=True).referrals) == 1


def test_a_second_officer_may_decide_otherwise(store: Store) -> None:
    store.commit([screening(store)])
    referral_id = only_referral(store)
    deny(store, OFFICER, referral_id)
    done = store.decide(SECOND, referral_id, "not_this_person", "another birthplace", directive="BOARD")
    assert (done.status, done.directive, done.changed) == ("decided", "BOARD", False)


def test_a_decision_says_all_it_lacks_at_once(store: Store) -> None:
    store.commit([screening(store)])
    referral_id = only_referral(store)
    with pytest.raises(DecisionRefused) as refused:
        store.decide(OFFICER, referral_id, "shrug", " ", directive="DO_NOT_BOARD")
    assert len(refused.value.faults) == 4
    for disposition, directive in (("hold", "HOLD"), ("release", "DO_NOT_BOARD"), ("do_not_board", None), ("hold", "WAIT")):
        with pytest.raises(DecisionRefused):
            store.decide(OFFICER, referral_id, disposition, "why", "basis", directive=directive)
    with pytest.raises(NotFound):
        store.decide(OFFICER, "nothing", "release", "why")
    assert only_referral(store) == referral_id


def test_a_decision_holds_for_every_screening_of_the_traveller_and_flight(reopen: Callable[..., Store]) -> None:
    store = reopen()
    earlier = screening(store, "r1", refers={})  # nothing found then, from another sender
    store.commit([screening(store, "r0", submitter="LH-DCS", refers={}), earlier, screening(store, "r2")])
    referral_id = only_referral(store)
    deny(store, OFFICER, referral_id, needs_second_officer=False)
    assert store.directive(f"{earlier.id}.0", "AC-DCS").directive == "DO_NOT_BOARD"

    sent_again = store.commit([screening(store, "r3")])[0].answers
    assert sent_again["directive"].to_list() == ["DO_NOT_BOARD", "BOARD"]
    assert store.referrals(OFFICER).referrals == ()  # the officer has seen these reasons
    store.close()
    store = reopen()
    retried = store.answer_of("AC-DCS", "r3", "digest")
    assert retried is not None
    assert retried.answers.equals(sent_again)
    other_flight = store.commit([screening(store, "r4", of=manifest(number="9"))])[0].answers
    assert other_flight["directive"].to_list() == ["BOARD", "BOARD"]
    store.commit([screening(store, "r5", refers={0: [reason(), reason("lookout:new")]})])
    opened = {one.flight.number: one.directive for one in store.referrals(OFFICER).referrals}
    assert opened == {"9": "BOARD", "872": "DO_NOT_BOARD"}


def test_a_release_covers_the_reasons_the_officer_saw(store: Store) -> None:
    store.commit([screening(store, "r1", directive="HOLD")])
    referral_id = only_referral(store)
    released = store.decide(OFFICER, referral_id, "release", "cleared at the desk", directive="BOARD")
    assert (released.directive, released.changed) == ("BOARD", True)
    again = store.commit([screening(store, "r2", directive="HOLD")])[0].answers
    assert again["directive"].to_list() == ["BOARD", "BOARD"]
    assert again["telephone"].to_list() == [None, None]
    anew = screening(store, "r3", directive="HOLD", refers={0: [reason("lookout:new")]})
    assert store.commit([anew])[0].answers["directive"].to_list() == ["HOLD", "BOARD"]
    assert only_referral(store) != referral_id
    with pytest.raises(DecisionRefused, match="decide that one"):
        store.decide(OFFICER, referral_id, "nothing_found", "second thoughts")


def test_an_officers_hold_carries_time_and_telephone(store: Store) -> None:
    made = screening(store)
    store.commit([made])
    until = DEPARTURE - timedelta(minutes=30)
    store.decide(OFFICER, only_referral(store), "hold", "call us", directive="HOLD", decide_by=until, telephone="+1")
    now = store.directive(f"{made.id}.0", "AC-DCS")
    assert (now.directive, now.decide_by, now.telephone) == ("HOLD", until, "+1")
    again = store.commit([screening(store, "r2")])[0].answers
    assert again.row(0)[3:] == ("HOLD", "NOT_CHECKED", until, "+1")


def test_the_outbox_tells_each_reference_that_changed(store: Store) -> None:
    made = [screening(store, "r1"), screening(store, "r2", submitter="LH-DCS")]
    store.commit(made)
    store.decide(OFFICER, only_referral(store), "nothing_found", "looked")
    deny(store, OFFICER, store.referrals(OFFICER, include_decided=True).referrals[0].id, needs_second_officer=False)
    with store._engine.connect() as connection:
        rows = connection.execute(select(events.c.kind, events.c.payload).order_by(events.c.seq)).all()
    assert [row.kind for row in rows] == [
        *("screened", "referral.opened", "screened", "referral.extended", "referral.decided"),
        *("directive.changed", "directive.changed", "referral.decided"),
    ]
    changed = "".join(row.payload for row in rows if row.kind == "directive.changed")
    assert all(f'"{one.id}.0"' in changed and f'"{one.submitter}"' in changed for one in made)


def test_the_queue_is_by_departure_then_priority_page_by_page(store: Store) -> None:
    everybody = {row: [reason()] for row in range(3)}
    for number, hours in (("1", 5), ("2", 1), ("3", 3)):
        of = manifest(3, number=number, departure_at=DEPARTURE + timedelta(hours=hours))
        store.commit([screening(store, number, of=of, refers=everybody)])
    whole = store.referrals(OFFICER).referrals
    assert [(one.flight.number, one.priority) for one in whole] == [(n, p) for n in "231" for p in (3.5, 2.5, 1.5)]
    pages, token = [], ""
    while True:
        page = store.referrals(OFFICER, page_size=2, page_token=token)
        pages.append(page.referrals)
        if not (token := page.next_page_token):
            break
    assert [len(page) for page in pages] == [2, 2, 2, 2, 1]
    assert sum(pages, ()) == whole
    assert store.referrals(OFFICER, page_size=9).next_page_token == ""


@pytest.mark.parametrize("token", ["nonsense", "é", "W10=", "WzEsMl0=", "bnVsbA==", "WzFlOTk5LDEsIngiXQ=="])
def test_a_page_token_that_is_none_is_refused(store: Store, token: str) -> None:
    with pytest.raises(InputError, match="page_token"):
        store.referrals(OFFICER, page_token=token)


@pytest.mark.parametrize("size", [0, -1, 501])
def test_a_page_size_out_of_range_is_refused(store: Store, size: int) -> None:
    with pytest.raises(InputError, match="page_size"):
        store.referrals(OFFICER, page_size=size)


def test_personal_data_is_read_for_a_purpose_and_the_read_is_recorded(store: Store) -> None:
    store.commit([screening(store)])
    referral_id = only_referral(store)
    store.referral(OFFICER, referral_id)
    for actor in (Actor("officer-1"), Actor("officer-1", purpose="curiosity"), Actor("", purpose="oversight")):
        with pytest.raises(PurposeMissing):
            store.referral(actor, referral_id)
        with pytest.raises(PurposeMissing):
            store.referrals(actor)
        with pytest.raises(PurposeMissing):
            store.decide(actor, referral_id, "release", "why")
    with pytest.raises(NotFound):
        store.referral(OFFICER, "nothing")
    with store._engine.connect() as connection:
        rows = connection.execute(select(audit_entries.c.kind, audit_entries.c.payload).order_by(audit_entries.c.seq)).all()
    assert [row.kind for row in rows] == ["screening", "referral", "read", "read", *["refused"] * 9]
    assert f'"referrals":["{referral_id}"]' in rows[3].payload
    assert '"actor":"officer-1"' in rows[3].payload
    assert '"purpose":"interdiction"' in rows[3].payload
