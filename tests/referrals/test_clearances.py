"""Clearances: who was found not to be the listed person is spared that lookout, and nothing else."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from manifests.errors import InputError
from manifests.frames import Manifest
from referrals import redress
from referrals.desk import NotAllowed, decide, get_referral, list_referrals
from referrals.engine import Engine, open_parts
from referrals.replay import replay
from referrals.screen import Answer, screen
from store.actor import Actor
from store.errors import DecisionRefused, NotFound, PurposeMissing
from store.records import Clearance, ReferralSummary
from tests.referrals.conftest import INNOCENT, LISTED, NOW, manifest_of, request_of
from watchlists import snapshot as snapshots
from watchlists.clearances import ClearedMatches
from watchlists.sources import generic_csv
from watchlists.sources.generic_csv import Defaults

OFFICER = Actor("officer-1", frozenset({"officer"}), "interdiction")
KEEPER = Actor("privacy-1", frozenset({"privacy_officer"}), "oversight")
# As the listed person by name, date of birth and nationality, with a passport of their own.
DOUBLE = LISTED | {"number": "K9900001"}
NUMBER = "CTN-55 001"


@pytest.fixture
def engine(open_world: Callable[[], Engine]) -> Iterator[Engine]:
    engine = open_world()
    yield engine
    engine.store.close()


def flight(day: int, *people: dict[str, object], redress: list[str | None] | None = None) -> Manifest:
    """A flight of its own day, with redress numbers by traveller."""
    made = manifest_of(*people, days=day)
    numbers = pl.Series("redress", redress or [None] * len(people), pl.String)
    return replace(made, travellers=made.travellers.with_columns(numbers))


def screened(engine: Engine, manifest: Manifest, request_id: str) -> Answer:
    [answer] = screen(engine, [request_of(manifest, request_id)])
    assert isinstance(answer, Answer)
    return answer


def referred(engine: Engine, answer: Answer) -> list[ReferralSummary]:
    """Open referrals of the travellers of an answer, in their order."""
    references = answer.answers["reference"].to_list()
    found = {one.reference: one for one in list_referrals(engine, OFFICER, 500).referrals}
    return [found[reference] for reference in references if reference in found]


def cleared(engine: Engine, person: dict[str, object] = DOUBLE) -> ReferralSummary:
    """A first flight on which the person is referred, and the officer's word that it is someone else."""
    [referral] = referred(engine, screened(engine, flight(0, person), "first"))
    decide(engine, OFFICER, referral.id, "not_this_person", "Another face on the passport picture")
    return referral


def clearances(engine: Engine, **filters: Any) -> list[Clearance]:
    return list(redress.list_clearances(engine, KEEPER, **filters).clearances)


def matches(engine: Engine, answer: Answer) -> pl.DataFrame:
    screening_id = answer.answers["reference"][0].rpartition(".")[0]
    found = engine.store.stored_inputs(screening_id).matches
    ClearedMatches.validate(found)
    return found


def test_not_this_person_spares_the_same_person_on_the_next_flight(engine: Engine) -> None:
    referral = cleared(engine)
    [clearance] = clearances(engine)
    assert (clearance.source, clearance.entry_id, clearance.origin) == ("desk", "S-1", "decision")
    assert (clearance.referral_id, clearance.officer, clearance.purpose) == (referral.id, "officer-1", "interdiction")
    assert clearance.expires_at == NOW + timedelta(days=engine.parts.policy.clearance_days)

    answer = screened(engine, flight(1, DOUBLE), "second")
    assert answer.answers["directive"].to_list() == ["BOARD"]
    assert referred(engine, answer) == []
    found = matches(engine, answer)
    assert found.select("entry_id", "clearance").rows() == [("S-1", clearance.id)]  # on record, and caused nothing
    assert found["evidence"][0].len() > 0


def test_a_suppression_is_recorded_and_seen_by_officers(engine: Engine) -> None:
    cleared(engine)
    [clearance] = clearances(engine)
    # The other one is not cleared: the officer who looks at them sees both matches of the flight's people apart.
    answer = screened(engine, flight(1, DOUBLE, redress=["UNKNOWN1"]), "second")
    [referral] = referred(engine, answer)
    whole = get_referral(engine, OFFICER, referral.id)
    assert whole.matches["clearance"].to_list() == [clearance.id]
    assert [reason.code for reason in whole.summary.reasons if reason.code.startswith(("lookout", "redress"))] == [
        "redress:unknown"
    ]
    with engine.store._engine.connect() as connection:
        events = connection.exec_driver_sql("SELECT payload FROM events WHERE kind = 'match.suppressed'").scalars().all()
        entries = connection.exec_driver_sql("SELECT payload FROM audit_entries WHERE kind = 'suppression'").scalars().all()
    assert len(events) == 1
    assert events == entries
    assert clearance.id in events[0]
    assert answer.answers["reference"][0] in events[0]
    assert engine.store.verify() == []


@pytest.mark.parametrize(
    "other",
    [
        DOUBLE | {"number": "K9900002"},
        DOUBLE | {"dob": LISTED["dob"].replace(day=10)},  # type: ignore[attr-defined]
        DOUBLE | {"given": "ARKADI"},
    ],
    ids=["document", "birth", "name"],
)
def test_who_differs_in_anything_is_referred(engine: Engine, other: dict[str, object]) -> None:
    cleared(engine)
    both = screened(engine, flight(1, other, DOUBLE), "second")
    assert [one.reference for one in referred(engine, both)] == [both.answers["reference"][0]]


def test_every_document_shown_must_be_one_that_was_cleared(engine: Engine) -> None:
    cleared(engine)
    made = flight(1, DOUBLE)
    second = made.documents.with_columns(type=pl.lit("V", made.documents.schema["type"]), number=pl.lit("V1"))
    answer = screened(engine, replace(made, documents=pl.concat([made.documents, second])), "second")
    assert len(referred(engine, answer)) == 1


def test_without_a_full_identity_nobody_is_cleared(engine: Engine) -> None:
    made = flight(0, DOUBLE)
    unknown = replace(made, documents=made.documents.with_columns(issuer=pl.lit(None, pl.String)))
    [referral] = referred(engine, screened(engine, unknown, "first"))
    decided = decide(engine, OFFICER, referral.id, "not_this_person", "Another face")
    assert decided.clearances == ()
    assert clearances(engine) == []


def listing(engine: Engine, folder: Path, *rows: str) -> Engine:
    """The engine with a list of these rows in force instead."""
    folder.mkdir(exist_ok=True)
    file = folder / "desk.csv"
    file.write_text("id,source,name,dob,country,doc,category,action,authority\n" + "\n".join(rows) + "\n")
    path = folder / "snapshot"
    snapshots.replace(path, generic_csv.read(file, Defaults(authority="Border agency", purpose="Tests")))
    parts, _ = open_parts(engine.parts.policy, path, None)
    return replace(engine, parts=parts)


AS_LISTED = 'S-1,desk,"VORONTSOV, Arkady",1971-03-09,RUS,P:K7712345:RUS,smuggling_facilitation,stop_before_boarding,'


def test_a_lookout_that_changes_is_a_new_one(engine: Engine, tmp_path: Path) -> None:
    cleared(engine)
    elsewhere = listing(engine, tmp_path / "a", AS_LISTED + "Another agency")
    assert referred(engine, screened(elsewhere, flight(1, DOUBLE), "second")) == []  # says nothing of who the person is
    changed = listing(engine, tmp_path / "b", AS_LISTED.replace("P:K7712345:RUS", "P:K7712346:RUS"))
    assert len(referred(engine, screened(changed, flight(2, DOUBLE), "third"))) == 1


def test_another_entry_is_not_suppressed(engine: Engine, tmp_path: Path) -> None:
    cleared(engine)
    more = listing(engine, tmp_path, AS_LISTED, AS_LISTED.replace("S-1", "S-9"))
    answer = screened(more, flight(1, DOUBLE), "second")
    assert len(referred(more, answer)) == 1
    assert dict(matches(more, answer).select("entry_id", "clearance").rows())["S-9"] is None


def test_a_clearance_ends_at_its_time(engine: Engine) -> None:
    cleared(engine)
    [clearance] = clearances(engine)
    for moment, count in ((clearance.expires_at - timedelta(microseconds=1), 0), (clearance.expires_at, 1)):
        days = (moment - NOW).days + 1
        late = replace(engine, clock=lambda moment=moment: moment)
        answer = screened(late, flight(days + count, DOUBLE), f"at {count}")
        assert len(referred(engine, answer)) == count


def test_a_later_decision_takes_the_place_of_the_clearance(engine: Engine) -> None:
    referral = cleared(engine)
    decide(engine, OFFICER, referral.id, "documents_not_in_order", "It is the same person after all")
    assert clearances(engine) == []
    [ended] = clearances(engine, include_ended=True)
    assert ended.ended_by == "officer-1"
    assert len(referred(engine, screened(engine, flight(1, DOUBLE), "second"))) == 1


def test_a_clearance_outlives_the_rotation_of_keys(open_world: Callable[[], Engine], tmp_path: Path) -> None:
    import json

    engine = open_world()
    cleared(engine)
    engine.store.close()
    file = tmp_path / "keys.json"
    keys = json.loads(file.read_text())
    keys["keys"][0]["valid_from"] = "2020-01-01T00:00:00+00:00"
    keys["keys"].append({"id": "k2", "secret": "7f" * 32, "valid_from": "2021-01-01T00:00:00+00:00", "valid_until": None})
    file.write_text(json.dumps(keys))
    engine = open_world()
    assert engine.store.key.id == "k2"
    assert referred(engine, screened(engine, flight(1, DOUBLE), "second")) == []
    engine.store.close()


def test_replay_of_a_suppressed_match_is_exact(engine: Engine) -> None:
    cleared(engine)
    answer = screened(engine, flight(1, DOUBLE, INNOCENT, redress=["CTN1", None]), "second")
    screening_id = answer.answers["reference"][0].rpartition(".")[0]
    redress.revoke(engine, KEEPER, clearances(engine)[0].id, "Made in error")
    assert replay(engine.store, engine.artefacts, screening_id).exact


# Redress numbers


def enter(engine: Engine, of: dict[str, object] = DOUBLE, **changes: Any) -> redress.Entered:
    given = {
        "number": NUMBER,
        "person": {"surname": of["surname"], "given": of["given"], "dob": str(of["dob"])},
        "documents": [{"type": "P", "number": of["number"], "issuer": of["nationality"]}],
        "lookouts": [("desk", "S-1")],
        "reason": "Cleared after a complaint",
    }
    return redress.enter(engine, KEEPER, **(given | changes))


def findings(engine: Engine, answer: Answer) -> list[str]:
    return [reason.code for one in referred(engine, answer) for reason in one.reasons if reason.code.startswith("redress")]


def test_a_redress_number_spares_whom_it_was_given_to(engine: Engine) -> None:
    entered = enter(engine)
    answer = screened(engine, flight(0, DOUBLE, redress=["CTN55001"]), "with")
    assert referred(engine, answer) == []
    assert matches(engine, answer)["clearance"].to_list() == list(entered.clearances)
    assert len(referred(engine, screened(engine, flight(1, DOUBLE), "without"))) == 1
    [listed] = clearances(engine)
    assert (listed.origin, listed.redress_id, listed.redress_number) == ("redress", entered.redress_id, "CTN55001")


@pytest.mark.parametrize(
    ("number", "person", "codes"),
    [
        ("CTN55001", INNOCENT, ["redress:differs"]),
        ("CTN55002", INNOCENT, ["redress:unknown"]),
        ("CTN55001", INNOCENT | {"number": ""}, []),
        ("CTN55002", INNOCENT | {"dob": NOW.date().replace(year=2015)}, []),
    ],
    ids=["differs", "unknown", "unchecked", "child"],
)
def test_a_redress_number_of_another_is_a_finding_and_no_hold(
    engine: Engine, number: str, person: dict[str, object], codes: list[str]
) -> None:
    enter(engine)
    made = flight(0, person, redress=[number])
    if not person["number"]:
        made = replace(made, documents=made.documents.clear())
    answer = screened(engine, made, "r")
    assert findings(engine, answer) == codes
    assert answer.answers["directive"].to_list() != ["HOLD"]
    if codes:
        assert [one.kind for one in referred(engine, answer)] == ["ON_ARRIVAL"]


def test_all_that_match_now_are_cleared_and_nothing_that_is_listed_later(engine: Engine, tmp_path: Path) -> None:
    enter(engine, lookouts=[])
    assert [one.entry_id for one in clearances(engine)] == ["S-1"]
    more = listing(engine, tmp_path, AS_LISTED, AS_LISTED.replace("S-1", "S-9"))
    assert len(referred(more, screened(more, flight(0, DOUBLE, redress=["CTN55001"]), "r"))) == 1


def test_a_number_entered_again_takes_the_place_of_its_record(engine: Engine) -> None:
    enter(engine)
    renewed = DOUBLE | {"number": "K9900077"}
    enter(engine, renewed)
    assert len(clearances(engine)) == 1
    old = screened(engine, flight(0, DOUBLE, redress=["CTN55001"]), "old")
    assert findings(engine, old) == ["redress:differs"]
    assert referred(engine, screened(engine, flight(1, renewed, redress=["CTN55001"]), "new")) == []


def test_a_revoked_number_spares_nobody_and_is_no_finding(engine: Engine) -> None:
    entered = enter(engine)
    assert redress.revoke(engine, KEEPER, entered.redress_id, "Entered for the wrong person") == list(entered.clearances)
    with pytest.raises(DecisionRefused, match="ended already"):
        redress.revoke(engine, KEEPER, entered.redress_id, "Again")
    with pytest.raises(NotFound):
        redress.revoke(engine, KEEPER, "01890a5d-0000-7000-8000-000000000000", "None such")
    answer = screened(engine, flight(0, DOUBLE, redress=["CTN55001"]), "r")
    assert len(referred(engine, answer)) == 1
    assert findings(engine, answer) == []


def test_what_cannot_be_entered_is_told_at_once(engine: Engine) -> None:
    person = {"surname": "", "given": "", "dob": "1971-13-09"}
    with pytest.raises(InputError) as refused:
        enter(engine, number="Ü?", person=person, reason=" ", expires_at=NOW - timedelta(days=1))
    places = [fault.partition(" ")[0].rstrip(":") for fault in refused.value.faults]
    assert places == ["redress_number", "reason", "expires_at", "person.surname", "person.dob"]
    with pytest.raises(InputError, match="person: give name, date of birth and at least one document"):
        enter(engine, documents=[])
    with pytest.raises(InputError, match="desk has no S-77"):
        enter(engine, lookouts=[("desk", "S-1"), ("desk", "S-77")])
    assert clearances(engine) == []


def test_roles_and_purposes(engine: Engine) -> None:
    for actor in (OFFICER, replace(KEEPER, roles=frozenset({"auditor"}))):
        with pytest.raises(NotAllowed):
            redress.revoke(engine, actor, "any", "why")
    with pytest.raises(NotAllowed):
        redress.list_clearances(engine, replace(OFFICER, roles=frozenset({"analyst"})))
    with pytest.raises(PurposeMissing):
        redress.list_clearances(engine, replace(KEEPER, purpose=""))


def test_pages_of_clearances(engine: Engine) -> None:
    for number in range(3):
        enter(engine, number=f"CTN{number}")
    first = redress.list_clearances(engine, KEEPER, page_size=2)
    rest = redress.list_clearances(engine, KEEPER, page_size=2, page_token=first.next_page_token)
    numbers = [one.redress_number for one in (*first.clearances, *rest.clearances)]
    assert numbers == ["CTN2", "CTN1", "CTN0"]
    assert rest.next_page_token == ""
    for wrong in ({"page_size": 0}, {"page_token": "elsewhere"}):
        with pytest.raises(InputError):
            redress.list_clearances(engine, KEEPER, **wrong)  # type: ignore[arg-type]
