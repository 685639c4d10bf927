"""Lookouts that come up find the travellers who are under way, once, and no directive changes."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from manifests.frames import Manifest
from referrals import artefacts
from referrals.desk import decide, get_referral, list_referrals
from referrals.engine import Engine, open_parts
from referrals.redress import list_clearances
from referrals.replay import replay
from referrals.rescreen import beginning, rescreen, resume
from referrals.screen import Answer, current, screen
from store import ids
from store.actor import Actor
from store.records import ReferralSummary
from tests.referrals.conftest import INNOCENT, LISTED, NOW, manifest_of, request_of
from watchlists.snapshot import replace as put_in_place
from watchlists.sources import generic_csv
from watchlists.sources.generic_csv import Defaults

OFFICER = Actor("officer-1", frozenset({"officer"}), "interdiction")
CARRIER = Actor("ac", frozenset({"carrier"}))
OTHER = INNOCENT | {"surname": "BERGSTROM", "given": "LENA", "number": "GA777777"}
HEADER = "id,source,name,dob,country,doc,category,action\n"
AS_LISTED = 'S-1,desk,"VORONTSOV, Arkady",1971-03-09,RUS,P:K7712345:RUS,smuggling_facilitation,stop_before_boarding'
TREMBLAY = 'N-1,desk,"TREMBLAY, Jeanne",1988-05-04,CAN,,smuggling_facilitation,stop_before_boarding'


@pytest.fixture
def engine(open_world: Callable[[], Engine]) -> Iterator[Engine]:
    engine = open_world()
    yield engine
    engine.store.close()


def with_list(engine: Engine, folder: Path, *rows: str, header: str = HEADER) -> Engine:
    """The engine with another version of its lists in force, which is kept for replay as a server keeps it."""
    folder.mkdir(exist_ok=True)
    read = []
    for source in dict.fromkeys(row.split(",")[1] for row in rows):
        file = folder / f"{source}.csv"
        file.write_text(header + "".join(f"{row}\n" for row in rows if row.split(",")[1] == source))
        read += generic_csv.read(file, Defaults(authority="Border agency", purpose="Tests"))
    path = folder / "snapshot"
    lists = put_in_place(path, read)
    artefacts.keep(engine.artefacts, "snapshot", lists.hash, path / lists.hash)
    later = engine.clock() + timedelta(minutes=1)
    parts = open_parts(engine.parts.policy, path, None)[0]
    return replace(engine, parts=parts, clock=lambda: later, new_id=ids.ids(lambda: later))


def again(engine: Engine, *entry_ids: str) -> int:
    return rescreen(engine, [("desk", entry_id) for entry_id in entry_ids], settle=lambda: None)


def screened(engine: Engine, manifest: Manifest, request_id: str = "r1") -> Answer:
    [answer] = screen(engine, [request_of(manifest, request_id)])
    assert isinstance(answer, Answer)
    return answer


def queue(engine: Engine) -> list[ReferralSummary]:
    return list(list_referrals(engine, OFFICER, 500).referrals)


def events(engine: Engine, kind: str) -> list[str]:
    with engine.store._engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT payload FROM events WHERE kind = ? ORDER BY seq", (kind,))
        return list(found.scalars())


def test_a_traveller_told_to_board_is_referred_urgently_and_still_boards(engine: Engine, tmp_path: Path) -> None:
    answer = screened(engine, manifest_of(INNOCENT, OTHER))
    [reference, _] = answer.answers["reference"]
    assert queue(engine) == []

    newer = with_list(engine, tmp_path / "new", AS_LISTED, TREMBLAY)
    assert again(newer, "N-1") == 1

    [referral] = queue(engine)
    assert (referral.kind, referral.urgent, referral.directive) == ("PRE_BOARDING", True, "BOARD")
    assert "lookout:desk:N-1" in {reason.code for reason in referral.reasons}
    whole = get_referral(engine, OFFICER, referral.id)
    assert whole.manifest.travellers["surname"].to_list() == ["TREMBLAY"]
    assert whole.matches["entry_id"].to_list() == ["N-1"]
    in_force = current(newer, CARRIER, reference)
    assert in_force is not None
    assert (in_force.directive, in_force.revision) == ("BOARD", 0)  # the engine never takes a BOARD back
    assert events(engine, "directive.changed") == []
    [opened] = events(engine, "referral.opened")
    assert '"urgent":true' in opened
    assert engine.store.verify() == []
    assert replay(engine.store, engine.artefacts, whole.screening_id).exact  # exact with all the manifest's people


def test_the_same_lookouts_again_refer_nobody_twice(engine: Engine, tmp_path: Path) -> None:
    screened(engine, manifest_of(INNOCENT))
    newer = with_list(engine, tmp_path / "new", AS_LISTED, TREMBLAY)
    assert again(newer, "N-1") == 1
    stored = engine.store.screening_ids(10)
    assert again(newer, "N-1") == 0
    [referral] = queue(engine)
    decide(newer, OFFICER, referral.id, "nothing_found", "Not who is meant")
    newest = with_list(
        newer,
        tmp_path / "newest",
        AS_LISTED,
        TREMBLAY,
        TREMBLAY.replace("N-1", "N-2").replace("TREMBLAY, Jeanne", "HALVORSEN, Ingrid"),
    )
    assert again(newest, "N-1", "N-2") == 0
    assert engine.store.screening_ids(10) == stored
    assert queue(engine) == []


def test_a_lookout_that_changes_after_a_decision_is_news(engine: Engine, tmp_path: Path) -> None:
    screened(engine, manifest_of(INNOCENT))
    newer = with_list(engine, tmp_path / "new", AS_LISTED, TREMBLAY)
    again(newer, "N-1")
    decide(newer, OFFICER, queue(engine)[0].id, "not_this_person", "Born elsewhere")
    # Cleared, and the lookout as it was: nothing. With the traveller's own passport on it: another matter.
    with_document = with_list(newer, tmp_path / "document", AS_LISTED, TREMBLAY.replace("CAN,,", "CAN,P:GA302922:CAN,"))
    assert again(with_document, "N-1") == 1
    [referral] = queue(engine)
    assert referral.urgent
    assert get_referral(engine, OFFICER, referral.id).matches["document_agrees"].to_list() == [True]


def test_a_clearance_holds_against_a_lookout_that_comes_back(engine: Engine, tmp_path: Path) -> None:
    listed = LISTED | {"number": "K9900001"}
    screened(engine, manifest_of(listed), "first")
    [referral] = queue(engine)
    decide(engine, OFFICER, referral.id, "not_this_person", "Another face")
    empty = with_list(engine, tmp_path / "empty", TREMBLAY)
    screened(empty, manifest_of(listed, days=1), "second")
    back = with_list(empty, tmp_path / "back", AS_LISTED, TREMBLAY)
    assert again(back, "S-1") == 0
    assert queue(engine) == []


def test_a_document_alone_finds_the_traveller(engine: Engine, tmp_path: Path) -> None:
    screened(engine, manifest_of(INNOCENT, OTHER))
    newer = with_list(
        engine, tmp_path / "new", AS_LISTED, 'N-3,desk,"SOMEBODY, Else",,,P:GA777777:CAN,sanctions,examine_on_arrival'
    )
    assert again(newer, "N-3") == 1
    [referral] = queue(engine)
    assert get_referral(engine, OFFICER, referral.id).manifest.travellers["surname"].to_list() == ["BERGSTROM"]


@pytest.mark.parametrize(("hours", "kinds"), [(7, ["ON_ARRIVAL"]), (31, [])], ids=["in the air", "arrived"])
def test_after_departure_on_arrival_and_after_arrival_nothing(
    engine: Engine, tmp_path: Path, hours: int, kinds: list[str]
) -> None:
    screened(engine, manifest_of(INNOCENT))  # leaves six hours after NOW; without an arrival time, a day is allowed for
    newer = with_list(engine, tmp_path / "new", AS_LISTED, TREMBLAY)
    later = replace(newer, clock=lambda: NOW + timedelta(hours=hours))
    assert again(later, "N-1") == len(kinds)
    assert [referral.kind for referral in queue(engine)] == kinds


def test_only_the_latest_screening_of_a_traveller_counts(engine: Engine, tmp_path: Path) -> None:
    for minutes, request_id in enumerate(("first", "again", "once more")):
        at = NOW + timedelta(minutes=minutes - 10)
        then = replace(engine, clock=lambda at=at: at, new_id=ids.ids(lambda at=at: at))
        screened(then, manifest_of(INNOCENT), request_id)
    newer = with_list(engine, tmp_path / "new", AS_LISTED, TREMBLAY)
    assert again(newer, "N-1") == 1
    assert len(queue(engine)) == 1


def test_an_open_referral_gathers_what_came_up(engine: Engine, tmp_path: Path) -> None:
    screened(engine, manifest_of(LISTED))
    [before] = queue(engine)
    newer = with_list(engine, tmp_path / "new", AS_LISTED, AS_LISTED.replace("S-1", "N-7"))
    assert again(newer, "N-7") == 1
    [after] = queue(engine)
    assert (after.id, after.urgent, after.directive) == (before.id, True, "HOLD")  # the hold in force stays as it is
    assert (after.decide_by, after.telephone) == (before.decide_by, before.telephone)
    assert {"lookout:desk:S-1", "lookout:desk:N-7"} <= {reason.code for reason in after.reasons}


def test_the_same_id_on_another_list_is_another_lookout(engine: Engine, tmp_path: Path) -> None:
    screened(engine, manifest_of(LISTED))
    newer = with_list(engine, tmp_path / "new", AS_LISTED, AS_LISTED.replace("S-1,desk", "S-1,sea"))
    assert rescreen(newer, [("sea", "S-1")], settle=lambda: None) == 1
    [referral] = queue(engine)
    assert {"lookout:desk:S-1", "lookout:sea:S-1"} <= {reason.code for reason in referral.reasons}
    decide(newer, OFFICER, referral.id, "not_this_person", "Another face")
    [one, other] = list_clearances(newer, replace(OFFICER, purpose="oversight")).clearances
    assert {(one.source, one.entry_id), (other.source, other.entry_id)} == {("desk", "S-1"), ("sea", "S-1")}


def test_an_officers_word_stays_in_force(engine: Engine, tmp_path: Path) -> None:
    answer = screened(engine, manifest_of(LISTED))
    decide(engine, OFFICER, queue(engine)[0].id, "release", "Seen in person")
    newer = with_list(engine, tmp_path / "new", AS_LISTED, AS_LISTED.replace("S-1", "N-7"))
    assert again(newer, "N-7") == 1
    in_force = current(newer, CARRIER, answer.answers["reference"][0])
    assert in_force is not None
    assert in_force.directive == "BOARD"
    assert [(one.urgent, one.directive) for one in queue(engine)] == [(True, "BOARD")]


def test_a_pass_that_was_cut_off_is_gone_on_with(engine: Engine, tmp_path: Path) -> None:
    people = [INNOCENT | {"number": f"GA10000{number}"} for number in range(3)]
    for number, person in enumerate(people):
        screened(engine, manifest_of(person, number=f"10{number}", days=number), f"r{number}")
    newer = with_list(engine, tmp_path / "new", AS_LISTED, TREMBLAY)
    asked = iter([True, True, False])
    assert rescreen(newer, [("desk", "N-1")], go_on=lambda: next(asked), settle=lambda: None) < 3
    assert len(engine.store.unfinished_rescreens()) == 1
    resume(newer, settle=lambda: None)
    assert len(queue(engine)) == 3
    assert engine.store.unfinished_rescreens() == []
    assert resume(newer, settle=lambda: None) == 0


def test_what_was_listed_while_nobody_served_is_found_at_the_start(engine: Engine, tmp_path: Path) -> None:
    screened(engine, manifest_of(INNOCENT))
    newer = with_list(engine, tmp_path / "new", AS_LISTED, TREMBLAY)
    assert resume(newer, settle=lambda: None) == 1
    assert [referral.urgent for referral in queue(engine)] == [True]
    assert resume(newer, settle=lambda: None) == 0


def test_a_lookout_finds_travellers_when_its_time_comes(engine: Engine, tmp_path: Path) -> None:
    screened(engine, manifest_of(INNOCENT))  # leaves six hours after NOW
    begins = NOW + timedelta(hours=2)
    header = HEADER.replace("action", "action,valid_from")
    newer = with_list(engine, tmp_path / "new", f"{AS_LISTED},", f"{TREMBLAY},{begins:%Y-%m-%dT%H:%M}Z", header=header)
    assert again(newer, "N-1") == 0
    lists = newer.parts.snapshot
    assert lists is not None
    assert beginning(lists, NOW, begins - timedelta(microseconds=1)) == beginning(lists, begins, NOW + timedelta(days=9)) == []
    assert beginning(lists, NOW, begins) == [("desk", "N-1")]

    then = replace(newer, clock=lambda: begins, new_id=ids.ids(lambda: begins))
    assert again(then, "N-1") == 1
    assert [(one.urgent, one.directive) for one in queue(engine)] == [(True, "BOARD")]
    assert again(then, "N-1") == 0


def test_a_lookout_that_began_to_act_while_nobody_served_is_found_at_the_start(engine: Engine, tmp_path: Path) -> None:
    begins = NOW + timedelta(hours=2)
    header = HEADER.replace("action", "action,valid_from")
    newer = with_list(engine, tmp_path / "new", f"{AS_LISTED},", f"{TREMBLAY},{begins:%Y-%m-%dT%H:%M}Z", header=header)
    screened(newer, manifest_of(INNOCENT))  # against the very snapshot
    assert resume(newer, settle=lambda: None) == 0
    then = replace(newer, clock=lambda: begins, new_id=ids.ids(lambda: begins))
    assert resume(then, settle=lambda: None) == 1
    assert resume(then, settle=lambda: None) == 0
    assert [one.urgent for one in queue(engine)] == [True]


def test_what_was_begun_with_the_snapshot_before_is_looked_through_as_well(engine: Engine, tmp_path: Path) -> None:
    newer = with_list(engine, tmp_path / "new", AS_LISTED, TREMBLAY)
    with_the_one_before = replace(newer, parts=engine.parts)
    late: list[Answer] = []

    def settle() -> None:
        late.append(screened(with_the_one_before, manifest_of(INNOCENT)))

    assert rescreen(newer, [("desk", "N-1")], settle=settle) == 1
    assert len(queue(engine)) == 1


def test_an_empty_store_and_lookouts_that_are_gone(engine: Engine) -> None:
    assert again(engine, "N-99") == 0
    assert again(engine) == 0
    assert resume(engine, settle=lambda: None) == 0
