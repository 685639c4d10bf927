"""Clearances as rows: made, found, ended and told; of the person nothing but pseudonyms."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from store.actor import Actor
from store.database import Store
from store.errors import DecisionRefused, NotFound, PurposeMissing
from store.records import Clears, Lookout
from tests.store.conftest import NOW, OFFICER, PLANTED, reason, screening

KEEPER = Actor("keeper-1", frozenset({"privacy_officer"}), "oversight")
UNTIL = NOW + timedelta(days=30)
LOOKOUT = Lookout("un", "QDi.001", "0f" * 16)


def clears(*identities: int, lookouts: tuple[Lookout, ...] = (LOOKOUT,)) -> Clears:
    return Clears(identities, lookouts, UNTIL)


def open_referral(store: Store, request: str = "r1") -> str:
    store.commit([screening(store, request, refers={0: [reason()]})])
    return store.referrals(OFFICER).referrals[0].id


def entered(store: Store, number: int, *identities: int, **changes: Any) -> tuple[str, list[str]]:
    content = json.dumps({"number": f"{PLANTED}9", "reason": "why"}).encode()
    return store.enter_redress(KEEPER, number, clears(*identities, **changes), content)


def kinds(store: Store, table: str) -> list[str]:
    with store._engine.connect() as connection:
        return list(connection.exec_driver_sql(f"SELECT kind FROM {table} ORDER BY seq").scalars())


def test_a_decision_clears_until_its_time(store: Store) -> None:
    referral = open_referral(store)
    decided = store.decide(OFFICER, referral, "not_this_person", "no", clears=clears(11, 12, 11))
    [clearance] = decided.clearances
    found = store.applying([11, 99], UNTIL - timedelta(microseconds=1))
    assert found.select("identity", "source", "entry_id", "lookout", "clearance", "origin").rows() == [
        (11, "un", "QDi.001", "0f" * 16, clearance, "decision")
    ]
    assert store.applying([11, 12], UNTIL).is_empty()
    assert store.applying([], NOW).is_empty()
    assert kinds(store, "events")[-1] == "clearance.made"
    assert kinds(store, "audit_entries")[-1] == "clearance"
    assert store.verify() == []


def test_a_later_decision_ends_it_and_only_an_effective_one(store: Store) -> None:
    referral = open_referral(store)
    store.decide(OFFICER, referral, "not_this_person", "no", clears=clears(11))
    denied: dict[str, Any] = {"legal_basis": "X", "directive": "DO_NOT_BOARD", "needs_second_officer": True}
    store.decide(OFFICER, referral, "do_not_board", "yes", **denied)
    assert store.applying([11], NOW).height == 1
    store.decide(KEEPER, referral, "do_not_board", "yes", **denied)
    assert store.applying([11], NOW).is_empty()


def test_only_not_this_person_clears(store: Store) -> None:
    referral = open_referral(store)
    with pytest.raises(DecisionRefused, match="only not_this_person clears"):
        store.decide(OFFICER, referral, "nothing_found", "no", clears=clears(11))
    assert store.applying([11], NOW).is_empty()


def test_the_latest_record_of_a_redress_number_counts(store: Store) -> None:
    entered(store, 5, 21)
    second, made = entered(store, 5, 22, 23)
    records = store.redress([5, 6])
    assert {number: (record.id, record.identities) for number, record in records.items()} == {5: (second, frozenset({22, 23}))}
    assert store.applying([21], NOW).is_empty()
    assert store.applying([22], NOW).select("clearance", "holder", "origin").rows() == [(made[0], second, "redress")]


def test_a_number_that_clears_of_nothing_is_known_all_the_same(store: Store) -> None:
    record, made = entered(store, 5, 21, lookouts=())
    assert made == []
    assert store.redress([5])[5].identities == {21}
    with pytest.raises(NotFound):
        store.revoke_clearance(KEEPER, record, "why")


def test_revoking_takes_one_or_all_of_a_number(store: Store) -> None:
    both = (LOOKOUT, Lookout("un", "QDi.002", "1f" * 16))
    record, made = entered(store, 5, 21, lookouts=both)
    assert store.revoke_clearance(KEEPER, made[0], f"{PLANTED} said so") == made[:1]
    assert store.revoke_clearance(KEEPER, record, "the rest") == made[1:]
    with pytest.raises(DecisionRefused):
        store.revoke_clearance(KEEPER, made[0], "again")
    ended = store.clearances(KEEPER, include_ended=True).clearances
    assert [(one.ended_by, one.redress_number) for one in ended] == [("keeper-1", f"{PLANTED}9")] * 2
    assert store.clearances(KEEPER).clearances == ()
    assert store.verify() == []


def test_every_call_of_an_officer_needs_a_purpose(store: Store) -> None:
    nobody = Actor("keeper-1", frozenset({"privacy_officer"}))
    with pytest.raises(PurposeMissing):
        store.enter_redress(nobody, 5, clears(21), b"{}")
    with pytest.raises(PurposeMissing):
        store.revoke_clearance(nobody, "x", "why")
    with pytest.raises(PurposeMissing):
        store.clearances(nobody)
    assert kinds(store, "audit_entries") == ["refused"] * 3


def test_the_database_refuses_what_no_clearance_is(store: Store) -> None:
    entered(store, 5, 21)
    for change in ("origin = 'rumour'", "referral_id = NULL, origin = 'decision'", "ended_at = 1, ended_by = NULL"):
        with (
            store._engine.connect().execution_options(write=True) as connection,
            pytest.raises(IntegrityError),
            connection.begin(),
        ):
            connection.exec_driver_sql(f"UPDATE clearances SET {change}")
