"""A real server in its own process, over real TLS: what carriers and officers see of it."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc

from forepost.referrals.v1 import referrals_pb2, referrals_pb2_grpc
from forepost.screening.v1 import screening_pb2 as pb
from forepost.screening.v1 import screening_pb2_grpc
from service import client
from service.errors import DETAILS
from tests import serving

TOMORROW = datetime.now(UTC) + timedelta(days=1)
LEGAL_BASIS = "NO-VALID-DOCUMENT"
Stub = screening_pb2_grpc.ScreeningServiceStub
Desk = referrals_pb2_grpc.ReferralServiceStub


@pytest.fixture(scope="module")
def carrier(server: serving.Server) -> Iterator[Stub]:
    with client.carrier_channel(server.carriers, server.site.certs, "ac") as channel:
        yield Stub(channel)


@pytest.fixture(scope="module")
def desk(server: serving.Server) -> Iterator[Desk]:
    with client.officer_channel(server.officers, server.site.certs, "officer-1") as channel:
        yield Desk(channel)


def flight(number: str) -> pb.Flight:
    leaves = TOMORROW.replace(hour=13, minute=0)
    return pb.Flight(
        carrier="AC",
        number=number,
        departure="FRA",
        arrival="YYZ",
        departure_time=f"{leaves:%Y-%m-%dT%H:%M}",
        arrival_time=f"{leaves + timedelta(hours=3):%Y-%m-%dT%H:%M}",
    )


def traveller(surname: str, given: str, dob: str, nationality: str = "DEU", number: str = "") -> pb.Traveller:
    documents = [pb.Document(type="P", number=number, issuer=nationality, expiry="2031-05-01")] if number else []
    return pb.Traveller(ref="T1", surname=surname, given=given, dob=dob, nationality=nationality, sex="M", documents=documents)


PLAIN = traveller("FEHRENBACH", "JONAS", "1984-02-11", number="C01X00T47")
STOPPED = traveller("VORONTSOV", "ARKADY", "1971-03-09", "RUS", "K7712345")
EXAMINED = traveller("OKONKWO", "CHUKWUEMEKA", "1984-11-23", "NGA", "A0987654")


def single(request_id: str, who: pb.Traveller, number: str = "0873") -> pb.ScreenTravellerRequest:
    return pb.ScreenTravellerRequest(request_id=request_id, flight=flight(number), traveller=who)


def refused(call: Any, request: Any, **given: Any) -> grpc.RpcError:
    with pytest.raises(grpc.RpcError) as error:
        call(request, **{"timeout": 30, **given})
    return error.value


def bad_fields(error: grpc.RpcError) -> list[str]:
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    [packed] = [metadatum.value for metadatum in error.trailing_metadata() if metadatum.key == DETAILS]
    bad = error_details_pb2.BadRequest()
    [detail] = [detail for detail in status_pb2.Status.FromString(packed).details if detail.Is(bad.DESCRIPTOR)]
    detail.Unpack(bad)
    return [fault.field for fault in bad.field_violations]


def referral_of(desk: Desk, reference: str) -> referrals_pb2.ReferralSummary:
    request = referrals_pb2.ListReferralsRequest(purpose="examination", page_size=500, include_decided=True)
    [found] = [found for found in desk.ListReferrals(request, timeout=30).referrals if found.reference == reference]
    return found


def test_a_traveller_of_whom_nothing_is_known_boards(carrier: Stub) -> None:
    response = carrier.ScreenTraveller(single("plain", PLAIN), timeout=30)
    answer = response.answer
    assert (answer.ref, answer.directive) == ("T1", pb.DIRECTIVE_BOARD)
    assert answer.entry_authorisation == pb.ENTRY_AUTHORISATION_NOT_CHECKED
    assert answer.reference
    assert not answer.HasField("decide_by")
    assert not response.faults
    assert carrier.GetScreening(pb.GetScreeningRequest(reference=answer.reference), timeout=30).answer == answer


def test_a_silent_lookout_looks_to_the_carrier_like_nothing_known(carrier: Stub, desk: Desk) -> None:
    answer = carrier.ScreenTraveller(single("silent", EXAMINED, "0874"), timeout=30).answer
    plain = carrier.ScreenTraveller(single("silent-plain", PLAIN, "0874"), timeout=30).answer
    assert {field.name for field, _ in answer.ListFields()} == {field.name for field, _ in plain.ListFields()}
    assert (answer.directive, answer.telephone) == (plain.directive, plain.telephone) == (pb.DIRECTIVE_BOARD, "")
    assert referral_of(desk, answer.reference).kind == referrals_pb2.REFERRAL_KIND_ON_ARRIVAL


def test_a_decision_changes_what_the_carrier_is_told(carrier: Stub, desk: Desk) -> None:
    answer = carrier.ScreenTraveller(single("stopped", STOPPED), timeout=30).answer
    assert answer.directive == pb.DIRECTIVE_HOLD
    assert answer.telephone == "+1 613 555 0100"
    assert answer.HasField("decide_by")

    def in_force() -> int:
        return carrier.GetScreening(pb.GetScreeningRequest(reference=answer.reference), timeout=30).answer.directive

    def decide(disposition: int, legal_basis: str = "") -> referrals_pb2.DecideReferralResponse:
        request = referrals_pb2.DecideReferralRequest(
            referral_id=summary.referral_id,
            purpose="interdiction",
            disposition=disposition,
            reason="seen",
            legal_basis=legal_basis,
        )
        return desk.DecideReferral(request, timeout=30)

    summary = referral_of(desk, answer.reference)
    assert summary.kind == referrals_pb2.REFERRAL_KIND_PRE_BOARDING
    assert [reason.code for reason in summary.reasons if reason.code.startswith("lookout:")]
    read = desk.GetReferral(referrals_pb2.GetReferralRequest(referral_id=summary.referral_id, purpose="interdiction"), timeout=30)
    assert read.referral.person.surname == "VORONTSOV"
    assert {evidence.field for evidence in read.referral.matches[0].evidence} >= {"name", "dob", "document"}

    assert decide(referrals_pb2.DISPOSITION_RELEASE).directive == "BOARD"
    assert in_force() == pb.DIRECTIVE_BOARD
    assert decide(referrals_pb2.DISPOSITION_DO_NOT_BOARD, legal_basis=LEGAL_BASIS).directive == "DO_NOT_BOARD"
    assert in_force() == pb.DIRECTIVE_DO_NOT_BOARD
    read = desk.GetReferral(referrals_pb2.GetReferralRequest(referral_id=summary.referral_id, purpose="interdiction"), timeout=30)
    assert [decision.officer for decision in read.referral.decisions] == ["officer-1", "officer-1"]


def test_do_not_board_needs_a_legal_basis(carrier: Stub, desk: Desk) -> None:
    answer = carrier.ScreenTraveller(single("basis", STOPPED, "0875"), timeout=30).answer
    request = referrals_pb2.DecideReferralRequest(
        referral_id=referral_of(desk, answer.reference).referral_id,
        purpose="interdiction",
        disposition=referrals_pb2.DISPOSITION_DO_NOT_BOARD,
        reason="seen",
    )
    assert bad_fields(refused(desk.DecideReferral, request)) == ["legal_basis"]


def test_a_retry_gets_the_first_answer_and_another_body_none(carrier: Stub, server: serving.Server) -> None:
    first = carrier.ScreenTraveller(single("retry", STOPPED, "0876"), timeout=30)
    assert carrier.ScreenTraveller(single("retry", STOPPED, "0876"), timeout=30) == first
    assert refused(carrier.ScreenTraveller, single("retry", PLAIN, "0876")).code() is grpc.StatusCode.ALREADY_EXISTS
    with client.carrier_channel(server.carriers, server.site.certs, "lh") as channel:
        other = Stub(channel).ScreenTraveller(single("retry", PLAIN, "0876"), timeout=30)
    assert other.answer.reference != first.answer.reference


def test_retries_that_cross_are_screened_once(carrier: Stub) -> None:
    with ThreadPoolExecutor(16) as pool:
        calls = [pool.submit(carrier.ScreenTraveller, single("crossing", PLAIN), timeout=30) for _ in range(16)]
        references = {call.result().answer.reference for call in calls}
    assert len(references) == 1


def test_bad_travellers_do_not_stop_good_ones(carrier: Stub) -> None:
    request = pb.ScreenManifestRequest(
        request_id="beside",
        flight=flight("0877"),
        travellers=pb.TravellerColumns(
            ref=["A", "B", "C", "D"],
            surname=["FEHRENBACH", "VORONTSOV", "TREMBLAY", ""],
            given=["JONAS", "ARKADY", "LUCIE", ""],
            dob=["1984-02-11", "1971-03-09", "1991-02-30", "1990-01-01"],
            nationality=["DEU", "RUS", "CAN", "XQX"],
        ),
        documents=pb.DocumentColumns(traveller=[1], type=["P"], number=["K7712345"], issuer=["RUS"], expiry=["2031-05-01"]),
    )
    response = carrier.ScreenManifest(request, timeout=30)
    assert [(answer.ref, pb.Directive.Name(answer.directive)) for answer in response.answers] == [
        ("A", "DIRECTIVE_BOARD"),
        ("B", "DIRECTIVE_HOLD"),
        ("C", "DIRECTIVE_INSUFFICIENT_DATA"),
        ("D", "DIRECTIVE_INSUFFICIENT_DATA"),
    ]
    places = {fault.where: fault for fault in response.faults}
    assert places["travellers[2].dob"].value == "1991-02-30"
    assert "travellers[3].nationality" in places
    assert carrier.ScreenManifest(request, timeout=30) == response


def test_everything_that_a_request_lacks_is_named_at_once(carrier: Stub) -> None:
    assert set(bad_fields(refused(carrier.ScreenTraveller, pb.ScreenTravellerRequest()))) >= {"request_id", "flight", "traveller"}
    assert set(bad_fields(refused(carrier.ScreenManifest, pb.ScreenManifestRequest()))) >= {
        "request_id",
        "flight",
        "travellers.ref",
    }
    assert bad_fields(refused(carrier.ScreenMessage, pb.ScreenMessageRequest())) == ["message"]


def test_columns_of_different_lengths_are_refused(carrier: Stub) -> None:
    columns = pb.TravellerColumns(ref=["A", "B"], surname=["FEHRENBACH"])
    request = pb.ScreenManifestRequest(request_id="uneven", flight=flight("0873"), travellers=columns)
    assert bad_fields(refused(carrier.ScreenManifest, request)) == ["travellers.surname"]


def test_a_request_that_is_too_large_is_told_the_limit(carrier: Stub) -> None:
    huge = single("huge", traveller("A" * 5_000_000, "JONAS", "1984-02-11"))
    assert "at most 4,194,304 are read" in (refused(carrier.ScreenTraveller, huge).details() or "")


@pytest.mark.parametrize("message", [b"UNA", b"\x00\xff" * 50, b"UNB+UNOA:4+AC+CBSA+260101:1200+1'", b"PAXLST" * 1000])
def test_a_message_that_is_no_paxlst_is_refused(carrier: Stub, message: bytes) -> None:
    error = refused(carrier.ScreenMessage, pb.ScreenMessageRequest(message=message))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error.details()
    assert ": :" not in str(error.details())


def test_a_message_that_is_too_large_is_told_the_limit(site: serving.Site) -> None:
    limit = 200_000
    server = serving.start(site, message_bytes=limit, request_bytes=limit)
    try:
        with client.carrier_channel(server.carriers, site.certs, "ac") as channel:
            for size in (limit + 1, 2 * limit):
                error = refused(Stub(channel).ScreenMessage, pb.ScreenMessageRequest(message=b"U" * size))
                assert bad_fields(error) == ["message"]
                assert f"{size:,} bytes, at most {limit:,} are read" in (error.details() or "")
    finally:
        assert server.stop() == 0


def paxlst(bgm: str = "745") -> bytes:
    leaves = TOMORROW.replace(hour=13, minute=0)
    people = [("VORONTSOV", "ARKADY", "710309", "RUS", "K7712345"), ("FEHRENBACH", "JONAS", "840211", "DEU", "C01X00T47")]
    segments = [
        f"UNB+UNOA:4+AC+CBSA+{TOMORROW:%y%m%d}:0900+REF1++APIS",
        "UNH+1+PAXLST:D:05B:UN:IATA",
        f"BGM+{bgm}",
        "TDT+20+AC0878+++AC",
        "LOC+125+FRA",
        f"DTM+189:{leaves:%y%m%d%H%M}:201",
        "LOC+87+YYZ",
        f"DTM+232:{leaves + timedelta(hours=3):%y%m%d%H%M}:201",
    ]
    for number, (surname, given, dob, nationality, document) in enumerate(people):
        segments += [
            f"NAD+FL+++{surname}:{given}",
            "ATT+2++M",
            f"DTM+329:{dob}",
            f"NAT+2+{nationality}",
            f"RFF+ABO:P{number}",
            f"DOC+P:110:111+{document}",
            "DTM+36:310501",
            f"LOC+91+{nationality}",
        ]
    segments += ["CNT+42:2", f"UNT+{len(segments) + 1}+1", "UNZ+1+REF1"]
    return "".join(segment + "'" for segment in segments).encode()


def test_a_paxlst_is_answered_with_a_cusres(carrier: Stub) -> None:
    response = carrier.ScreenMessage(pb.ScreenMessageRequest(message=paxlst()), timeout=30)
    [answered] = response.flights
    assert (answered.flight.carrier, answered.flight.number, answered.flight.departure) == ("AC", "878", "FRA")
    directives = [(answer.ref, pb.Directive.Name(answer.directive)) for answer in answered.answers]
    assert directives == [("P0", "DIRECTIVE_HOLD"), ("P1", "DIRECTIVE_BOARD")]
    assert b"CUSRES" in response.cusres
    assert b"ERC+0Z" in response.cusres
    assert b"ERC+3Z" in response.cusres
    assert b"ERC+1Z" not in response.cusres
    again = carrier.ScreenMessage(pb.ScreenMessageRequest(message=paxlst()), timeout=30)
    assert again.flights == response.flights


def test_a_pnrgov_clears_nobody_and_opens_a_referral_in_time(carrier: Stub, desk: Desk) -> None:
    leaves = f"{TOMORROW:%d%m%y}:1300:{TOMORROW:%d%m%y}:1600"
    tokens = ("4111111111111111", "KSMLTOKEN")
    segments = [
        f"UNB+IATA:1+AC+CBSA+{datetime.now(UTC):%y%m%d}:0900+REF9",
        "UNH+1+PNRGOV:11:1:IA",
        "MSG+:22",
        f"TVL+{leaves}+FRA+YYZ+AC+0891",
        "EQN+1",
        "SRC",
        "RCI+AC:ABC123::010120:0900",
        f"SSR+MOML:HK:1:AC:::::{tokens[1]}",
        "TIF+VORONTSOV+ARKADYMR:A:1",
        "SSR+DOCS:HK:1:AC:::::/P/RUS/K7712345/RUS/09MAR71/M/01MAY31/VORONTSOV/ARKADY+::1",
        f"FOP+CC::100.00:VI:{tokens[0]}:0228",
    ]
    segments += [f"UNT+{len(segments)}+1", "UNZ+1+REF9"]
    message = "".join(segment + "'" for segment in segments).encode()
    response = carrier.ScreenMessage(pb.ScreenMessageRequest(message=message), timeout=30)
    [answered] = response.flights
    assert [pb.Directive.Name(answer.directive) for answer in answered.answers] == ["DIRECTIVE_INSUFFICIENT_DATA"]
    assert [fault.where for fault in response.faults] == ["travellers[0].api"]
    assert response.cusres == b""
    assert not any(token in str(response) for token in tokens)
    assert referral_of(desk, answered.answers[0].reference).directive == "INSUFFICIENT_DATA"


@pytest.mark.parametrize("bgm", ["266+CLOB", "266+CLNB", "266+XF", "745+XR", "655"])
def test_a_message_that_is_no_list_is_not_screened_as_one(carrier: Stub, bgm: str) -> None:
    error = refused(carrier.ScreenMessage, pb.ScreenMessageRequest(message=paxlst(bgm)))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "nobody in it was screened" in (error.details() or "")


def test_lists_are_screened_beside_a_close_out(carrier: Stub) -> None:
    head, _, tail = paxlst().partition(b"UNZ+1+")
    close = paxlst("266+CLOB").partition(b"UNH+")[2].partition(b"UNZ")[0]
    response = carrier.ScreenMessage(pb.ScreenMessageRequest(message=head + b"UNH+" + close + b"UNZ+2+" + tail), timeout=30)
    assert [len(answered.answers) for answered in response.flights] == [2]
    assert response.cusres.count(b"BGM+962") == 1
    assert [fault.where.split(" ")[0] for fault in response.faults] == ["messages[1]"]
    assert "close on board, not a list" in response.faults[0].problem


def test_nobody_reads_the_screenings_of_another_submitter(carrier: Stub, server: serving.Server) -> None:
    answer = carrier.ScreenTraveller(single("own", PLAIN), timeout=30).answer
    with client.carrier_channel(server.carriers, server.site.certs, "lh") as channel:
        error = refused(Stub(channel).GetScreening, pb.GetScreeningRequest(reference=answer.reference))
    assert error.code() is grpc.StatusCode.NOT_FOUND
    for reference in ("", "x", answer.reference + "1", "é"):
        error = refused(carrier.GetScreening, pb.GetScreeningRequest(reference=reference))
        assert error.code() is grpc.StatusCode.NOT_FOUND


def test_a_carrier_has_no_access_to_referrals_nor_an_officer_to_screening(server: serving.Server) -> None:
    certs = server.site.certs
    listing = referrals_pb2.ListReferralsRequest(purpose="examination")
    with client.carrier_channel(server.officers, certs, "ac") as channel:
        assert refused(Desk(channel).ListReferrals, listing).code() is grpc.StatusCode.PERMISSION_DENIED
        assert refused(Stub(channel).ScreenTraveller, single("x", PLAIN)).code() is grpc.StatusCode.UNIMPLEMENTED
    with client.officer_channel(server.carriers, certs, "officer-1") as channel:
        assert refused(Stub(channel).ScreenTraveller, single("x", PLAIN)).code() is grpc.StatusCode.PERMISSION_DENIED
        assert refused(Desk(channel).ListReferrals, listing).code() is grpc.StatusCode.UNIMPLEMENTED


def test_without_a_purpose_nothing_is_read(desk: Desk) -> None:
    assert bad_fields(refused(desk.ListReferrals, referrals_pb2.ListReferralsRequest())) == ["purpose"]
    assert bad_fields(refused(desk.GetReferral, referrals_pb2.GetReferralRequest())) == ["referral_id", "purpose"]
    fields = bad_fields(refused(desk.DecideReferral, referrals_pb2.DecideReferralRequest(purpose="curiosity")))
    assert fields == ["referral_id", "purpose", "disposition", "reason"]


def test_an_auditor_reads_and_does_not_decide(carrier: Stub, desk: Desk, server: serving.Server) -> None:
    answer = carrier.ScreenTraveller(single("audited", STOPPED, "0879"), timeout=30).answer
    referral = referral_of(desk, answer.reference)
    with client.officer_channel(server.officers, server.site.certs, "auditor-1") as channel:
        reading = referrals_pb2.GetReferralRequest(referral_id=referral.referral_id, purpose="oversight")
        assert Desk(channel).GetReferral(reading, timeout=30).referral.summary.referral_id == referral.referral_id
        deciding = referrals_pb2.DecideReferralRequest(
            referral_id=referral.referral_id,
            purpose="oversight",
            disposition=referrals_pb2.DISPOSITION_RELEASE,
            reason="seen",
        )
        assert refused(Desk(channel).DecideReferral, deciding).code() is grpc.StatusCode.PERMISSION_DENIED


def test_an_unknown_referral_is_not_found(desk: Desk) -> None:
    request = referrals_pb2.GetReferralRequest(referral_id="none", purpose="examination")
    assert refused(desk.GetReferral, request).code() is grpc.StatusCode.NOT_FOUND


def test_pages_of_referrals_follow_one_another(carrier: Stub, desk: Desk) -> None:
    for number in range(3):
        carrier.ScreenTraveller(single(f"page-{number}", EXAMINED, f"08{80 + number}"), timeout=30)
    request = referrals_pb2.ListReferralsRequest(purpose="examination", page_size=2)
    ids: list[str] = []
    while True:
        page = desk.ListReferrals(request, timeout=30)
        ids += [found.referral_id for found in page.referrals]
        if not page.next_page_token:
            break
        request.page_token = page.next_page_token
    everything = desk.ListReferrals(referrals_pb2.ListReferralsRequest(purpose="examination", page_size=500), timeout=30)
    assert ids == [found.referral_id for found in everything.referrals]
    assert len(ids) >= 3
    error = refused(desk.ListReferrals, referrals_pb2.ListReferralsRequest(purpose="examination", page_token="x"))
    assert error.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_a_deadline_ends_the_call(carrier: Stub) -> None:
    error = refused(carrier.ScreenTraveller, single("late", PLAIN), timeout=0.0001)
    assert error.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_both_listeners_say_that_they_serve(server: serving.Server) -> None:
    certs = server.site.certs
    for channel in (
        client.carrier_channel(server.carriers, certs, "ac"),
        client.officer_channel(server.officers, certs, "officer-1"),
    ):
        with channel:
            status = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=30).status
            assert status == health_pb2.HealthCheckResponse.SERVING


def test_officers_work_from_the_command_line(carrier: Stub, server: serving.Server) -> None:
    carrier.ScreenTraveller(single("command", STOPPED, "0890"), timeout=30)
    own = ["--server", server.officers, "--as", "officer-2", "--json"]
    listed = json.loads(server.site.forepost("referrals", "list", *own).stdout)["referrals"]
    [found] = [found for found in listed if found["flight"]["number"] == "890"]
    shown = json.loads(server.site.forepost("referrals", "show", found["referral_id"], *own).stdout)
    assert shown["person"]["surname"] == "VORONTSOV"
    decided = server.site.forepost(
        *("referrals", "decide", found["referral_id"], "--disposition", "release", "--reason", "cleared"),
        *("--claims-right-of-entry", *own),
    )
    assert json.loads(decided.stdout) == {"status": "decided", "directive": "BOARD", "clearance_ids": []}
    text = server.site.forepost("referrals", "show", found["referral_id"], *own[:-1]).stdout
    assert "VORONTSOV/ARKADY" in text
    assert "officer-2 release: cleared; claims a right of entry" in text
    denied = server.site.forepost(
        *("referrals", "decide", found["referral_id"], "--disposition", "do_not_board", "--reason", "no visa"),
        *("--legal-basis", LEGAL_BASIS, *own),
    )
    assert (denied.returncode, denied.stdout) == (2, "")
    assert f"legal_basis: {LEGAL_BASIS}: policy demo offers for one who claims a right of entry" in denied.stderr
    wrong = server.site.forepost("referrals", "show", "none", *own)
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "Traceback" not in wrong.stderr


def test_names_stand_in_no_log_and_in_no_table_but_identities(carrier: Stub, server: serving.Server) -> None:
    carrier.ScreenTraveller(single("planted", traveller("ZZYZXQUIST", "PLANTED", "1971-03-09"), "0891"), timeout=30)
    assert "ZZYZXQUIST" not in server.log.read_text().upper()
    with sqlite3.connect(f"file:{server.site.folder / 'forepost.db'}?mode=ro", uri=True) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"').fetchall()
            assert table == "identities" or "ZZYZXQUIST" not in str(rows).upper(), table
    database.close()


def test_overload_is_refused_with_a_time_to_come_back(site: serving.Site) -> None:
    server = serving.start(site, queue_travellers=1, batch_travellers=1)
    try:
        with client.carrier_channel(server.carriers, site.certs, "ac") as channel:
            calls = [Stub(channel).ScreenTraveller.future(single(f"load-{n}", PLAIN), timeout=60) for n in range(200)]
            errors = [error for call in calls if (error := call.exception()) is not None]
            answers = [call.result() for call in calls if call.exception() is None]
        assert {error.code() for error in errors} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        assert len(answers) >= 1
        [packed] = [metadatum.value for metadatum in errors[0].trailing_metadata() if metadatum.key == DETAILS]
        kinds = [detail.TypeName() for detail in status_pb2.Status.FromString(packed).details]
        assert "google.rpc.RetryInfo" in kinds
    finally:
        assert server.stop() == 0


@pytest.mark.slow
def test_a_clean_end_loses_nothing_that_was_answered(site: serving.Site) -> None:
    server = serving.start(site, batch_travellers=4)
    with client.carrier_channel(server.carriers, site.certs, "ac") as channel:
        calls = {f"end-{n}": Stub(channel).ScreenTraveller.future(single(f"end-{n}", PLAIN), timeout=60) for n in range(120)}
        calls["end-0"].result()
        assert server.stop() == 0
        answered = {name: call.result().answer.reference for name, call in calls.items() if call.exception() is None}
    assert "Traceback" not in server.log.read_text()
    again = serving.start(site)
    try:
        with client.carrier_channel(again.carriers, site.certs, "ac") as channel:
            for name, reference in answered.items():
                assert Stub(channel).ScreenTraveller(single(name, PLAIN), timeout=30).answer.reference == reference
    finally:
        assert again.stop() == 0


def test_a_port_in_use_ends_with_a_message(server: serving.Server, tmp_path: Path) -> None:
    other = serving.prepare(tmp_path)
    config = other.folder / "taken.yaml"
    config.write_text(f"carriers: 127.0.0.1:0\nofficers: {server.officers}\npolicy: {other.folder / 'policy.yaml'}\n")
    done = other.forepost("serve", "--config", str(config))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"officers {server.officers}: cannot listen there" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_server_loads_no_training_library() -> None:
    code = (
        "import service.server, sys; print([name for name in ('lightgbm', 'sklearn', 'pandas', 'onnx') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=serving.ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", done.stderr
