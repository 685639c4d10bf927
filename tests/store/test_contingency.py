"""A HOLD that nobody decides in time becomes BOARD, and the case waits at the place of arrival."""

import json
from datetime import timedelta

from sqlalchemy import select

from store.contingency import due
from store.database import Store
from store.records import Screening
from store.schema import audit_entries, events
from tests.store.conftest import DEPARTURE, NOW, OFFICER, SECOND, manifest, reason, screening

DUE = DEPARTURE - timedelta(hours=1)
LATER = DUE + timedelta(minutes=1)
EARLIER = timedelta(microseconds=1)


def hold(store: Store, request: str = "r1", **changes: object) -> Screening:
    made = screening(store, request, directive="HOLD", **changes)  # type: ignore[arg-type]
    store.commit([made])
    return made


def hold_by_officer(store: Store) -> str:
    [summary] = store.referrals(OFFICER).referrals
    store.decide(OFFICER, summary.id, "hold", "call us", directive="HOLD", decide_by=DUE, telephone="+1")
    return summary.id


def told(store: Store, *kinds: str) -> list[tuple[str, dict[str, object]]]:
    """The outbox's entries of these kinds, then the ledger's."""
    with store._engine.connect() as connection:
        rows = [
            row
            for table in (events, audit_entries)
            for row in connection.execute(
                select(table.c.kind, table.c.payload).where(table.c.kind.in_(kinds)).order_by(table.c.seq)
            )
        ]
    return [(row.kind, json.loads(row.payload)) for row in rows]


def test_an_undecided_hold_becomes_board_and_is_counted(store: Store) -> None:
    made = hold(store)
    assert store.expire_holds(DUE - EARLIER) == 0
    assert store.directive(f"{made.id}.0", "AC-DCS").directive == "HOLD"
    assert store.expire_holds(DUE) == 1
    now = store.directive(f"{made.id}.0", "AC-DCS")
    assert (now.directive, now.decide_by, now.telephone, now.revision) == ("BOARD", None, None, 1)
    [summary] = store.referrals(OFFICER).referrals
    assert (summary.kind, summary.status, summary.directive) == ("ON_ARRIVAL", "open", "BOARD")
    what = {
        "referral": summary.id,
        "references": [f"{made.id}.0"],
        "directive": "BOARD",
        "decide_by": DUE.isoformat(),
        "decisions": [],
    }
    assert told(store, "directive.changed", "hold.contingency", "contingency") == [
        ("directive.changed", {"reference": f"{made.id}.0", "submitter": "AC-DCS", "directive": "BOARD"}),
        ("hold.contingency", what),
        ("contingency", what),
    ]
    assert store.verify() == []


def test_a_second_look_changes_nothing(store: Store) -> None:
    made = hold(store)
    store.expire_holds(DUE)
    before = told(store, "directive.changed", "hold.contingency", "contingency")
    assert store.expire_holds(LATER) == 0
    assert told(store, "directive.changed", "hold.contingency", "contingency") == before
    assert store.directive(f"{made.id}.0", "AC-DCS").revision == 1


def test_only_what_is_due_and_held_lapses(store: Store) -> None:
    made = hold(store)
    tomorrow = DEPARTURE + timedelta(days=1)
    other = hold(store, "r2", of=manifest(number="9", departure_at=tomorrow))
    with store._engine.connect().execution_options(write=True) as connection, connection.begin():
        connection.exec_driver_sql(
            "UPDATE directives SET decide_by = decide_by + 86400000000 WHERE screening_id = ?", (other.id,)
        )
    assert store.expire_holds(LATER) == 1
    assert store.directive(f"{made.id}.0", "AC-DCS").directive == "BOARD"
    assert store.directive(f"{other.id}.0", "AC-DCS").directive == "HOLD"
    assert {one.flight.number: one.kind for one in store.referrals(OFFICER).referrals} == {
        "872": "ON_ARRIVAL",
        "9": "PRE_BOARDING",
    }


def test_looking_for_what_is_due_searches_the_small_index(store: Store) -> None:
    asked: list[str] = []
    with store._engine.connect() as connection:
        connection.connection.driver_connection.set_trace_callback(asked.append)  # type: ignore[union-attr]
        assert not due(connection, NOW)
        connection.connection.driver_connection.set_trace_callback(None)  # type: ignore[union-attr]
        [statement] = [one for one in asked if one.startswith("SELECT")]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}").all()
    assert [row.detail for row in plan] == ["SEARCH directives USING INDEX holds (decide_by<?)"]


def test_an_officers_hold_lapses_too_and_its_case_is_opened_again(store: Store) -> None:
    made = screening(store)
    store.commit([made])
    referral_id = hold_by_officer(store)
    assert store.referrals(OFFICER).referrals == ()
    assert store.expire_holds(LATER) == 1
    now = store.directive(f"{made.id}.0", "AC-DCS")
    assert (now.directive, now.revision) == ("BOARD", 2)
    [summary] = store.referrals(OFFICER).referrals
    assert (summary.id, summary.kind, summary.status) == (referral_id, "ON_ARRIVAL", "open")
    [(_, entry)] = told(store, "contingency")
    assert entry["decisions"] == [store.referral(OFFICER, referral_id).decisions[0].id]
    again = store.decide(SECOND, referral_id, "hold", "seen now", directive="HOLD", decide_by=DEPARTURE, telephone="+1")
    assert (again.status, again.directive) == ("decided", "HOLD")


def test_an_officers_hold_that_lapsed_is_not_put_in_force_again(store: Store) -> None:
    store.commit([screening(store)])
    hold_by_officer(store)
    before = store.commit([screening(store, "r2", clock=DUE - EARLIER)])[0].answers
    assert before["directive"].to_list() == ["HOLD", "BOARD"]
    for request, directive in (("r3", "BOARD"), ("r4", "HOLD")):  # nobody has looked in between
        answers = store.commit([screening(store, request, directive=directive, clock=DUE)])[0].answers
        assert answers["directive"].to_list() == ["BOARD", "BOARD"]
        assert answers["decide_by"].to_list() == [None, None]
    [summary] = store.referrals(OFFICER).referrals
    assert (summary.kind, summary.directive) == ("ON_ARRIVAL", "BOARD")
    assert len(told(store, "contingency")) == 1


def test_after_the_contingency_the_engine_does_not_hold_again(store: Store) -> None:
    hold(store)
    late = screening(store, "r2", directive="HOLD", clock=LATER)
    assert store.commit([late])[0].answers["directive"].to_list() == ["BOARD", "BOARD"]
    [summary] = store.referrals(OFFICER).referrals
    assert (summary.kind, summary.directive) == ("ON_ARRIVAL", "BOARD")  # the same reasons are too late for boarding still
    anew = screening(store, "r3", directive="HOLD", refers={0: [reason("lookout:new")]}, clock=LATER)
    assert store.commit([anew])[0].answers["directive"].to_list() == ["BOARD", "BOARD"]
    assert [one.kind for one in store.referrals(OFFICER).referrals] == ["PRE_BOARDING"]  # what came up is urgent
    retried = store.answer_of("AC-DCS", "r3", "digest")
    assert retried is not None
    assert retried.answers["directive"].to_list() == ["BOARD", "BOARD"]


def test_a_release_after_the_contingency_closes_the_case(store: Store) -> None:
    hold(store)
    store.expire_holds(DUE)
    [summary] = store.referrals(OFFICER).referrals
    done = store.decide(OFFICER, summary.id, "nothing_found", "examined on arrival")
    assert (done.status, done.directive, done.changed) == ("decided", "BOARD", False)
    assert store.expire_holds(DEPARTURE) == 0
    assert store.referrals(OFFICER).referrals == ()
