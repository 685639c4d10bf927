"""Clearances and re-screening over a real server: who is spared, who is not, and what comes up after boarding."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from forepost.clearances.v1 import clearances_pb2 as clearances
from forepost.clearances.v1 import clearances_pb2_grpc
from forepost.lookouts.v1 import lookouts_pb2 as lookouts
from forepost.lookouts.v1 import lookouts_pb2_grpc
from forepost.referrals.v1 import referrals_pb2 as referrals
from forepost.referrals.v1 import referrals_pb2_grpc
from forepost.screening.v1 import screening_pb2 as pb
from forepost.screening.v1 import screening_pb2_grpc
from service import client
from tests import serving

NEXT_WEEK = datetime.now(UTC) + timedelta(days=7)
# The listed person's name, date of birth and nationality, with another passport.
DOUBLE = {"surname": "OKONKWO", "given": "CHUKWUEMEKA", "dob": "1984-11-23", "nationality": "NGA", "number": "A0987654"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[serving.Server]:
    site = serving.prepare(tmp_path_factory.mktemp("clearances"))
    roles = {"officer-2": ["privacy_officer", "lookout_officer"], "auditor-1": ["auditor"]}
    (site.certs / "roles.json").write_text(json.dumps(roles))
    server = serving.start(site)
    yield server
    assert server.stop() == 0, server.log.read_text()


class Calls:
    """The stubs of a carrier and of two officers, the second of whom keeps clearances and lookouts."""

    def __init__(self, carrier: grpc.Channel, officer: grpc.Channel, keeper: grpc.Channel) -> None:
        self.carrier = screening_pb2_grpc.ScreeningServiceStub(carrier)
        self.desk = referrals_pb2_grpc.ReferralServiceStub(officer)
        self.clearances = clearances_pb2_grpc.ClearanceServiceStub(keeper)
        self.of_officer = clearances_pb2_grpc.ClearanceServiceStub(officer)
        self.lookouts = lookouts_pb2_grpc.LookoutServiceStub(keeper)

    def screened(self, request_id: str, person: dict[str, str], days: int = 0, redress: str = "") -> pb.TravellerAnswer:
        leaves = NEXT_WEEK + timedelta(days=days)
        flight = pb.Flight(
            carrier="AC",
            number="0874",
            departure="FRA",
            arrival="YYZ",
            departure_time=f"{leaves:%Y-%m-%d}T13:00",
            arrival_time=f"{leaves:%Y-%m-%d}T16:00",
        )
        names = {name: person[name] for name in ("surname", "given", "dob", "nationality")}
        document = pb.Document(type="P", number=person["number"], issuer=person["nationality"], expiry="2031-05-01")
        traveller = pb.Traveller(ref="T1", **names, documents=[document], redress=redress)
        request = pb.ScreenTravellerRequest(request_id=request_id, flight=flight, traveller=traveller)
        return self.carrier.ScreenTraveller(request, timeout=60).answer

    def referral(self, answer: pb.TravellerAnswer) -> referrals.Referral | None:
        """The open referral of this screening."""
        request = referrals.ListReferralsRequest(purpose="examination", page_size=500)
        for found in self.desk.ListReferrals(request, timeout=60).referrals:
            if found.reference == answer.reference:
                whole = referrals.GetReferralRequest(referral_id=found.referral_id, purpose="examination")
                return self.desk.GetReferral(whole, timeout=60).referral
        return None

    def decided(self, referral: referrals.Referral, disposition: int) -> referrals.DecideReferralResponse:
        request = referrals.DecideReferralRequest(
            referral_id=referral.summary.referral_id,
            purpose="examination",
            disposition=disposition,
            reason="Looked at the picture",
        )
        return self.desk.DecideReferral(request, timeout=60)

    def listed(self, **filters: Any) -> list[clearances.Clearance]:
        request = clearances.ListClearancesRequest(purpose="oversight", page_size=500, **filters)
        return list(self.clearances.ListClearances(request, timeout=60).clearances)


@pytest.fixture(scope="module")
def calls(server: serving.Server) -> Iterator[Calls]:
    certs = server.site.certs
    with (
        client.carrier_channel(server.carriers, certs, "ac") as carrier,
        client.officer_channel(server.officers, certs, "officer-1") as officer,
        client.officer_channel(server.officers, certs, "officer-2") as keeper,
    ):
        yield Calls(carrier, officer, keeper)


def refused(call: Any, request: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as error:
        call(request, timeout=60)
    code = error.value.code()
    assert isinstance(code, grpc.StatusCode)
    return code


def test_not_this_person_holds_for_the_person_and_for_nobody_else(calls: Calls) -> None:
    first = calls.referral(calls.screened("c1", DOUBLE))
    assert first is not None
    made = calls.decided(first, referrals.DISPOSITION_NOT_THIS_PERSON)
    assert len(made.clearance_ids) == 1
    [clearance] = calls.listed(referral_id=first.summary.referral_id)
    assert clearance.clearance_id == made.clearance_ids[0]
    assert (clearance.lookout.source, clearance.lookout.entry_id, clearance.officer) == ("desk", "S-2", "officer-1")

    assert calls.referral(calls.screened("c2", DOUBLE, days=1)) is None
    another = calls.referral(calls.screened("c3", DOUBLE | {"number": "A0000001"}, days=2))
    assert another is not None
    assert [match.clearance_id for match in another.matches] == [""]

    # Revoked, the same person is referred again; the officer at the desk may not revoke.
    revoke = clearances.RevokeClearanceRequest(purpose="oversight", id=clearance.clearance_id, reason="Made in error")
    assert refused(calls.of_officer.RevokeClearance, revoke) is grpc.StatusCode.PERMISSION_DENIED
    assert calls.clearances.RevokeClearance(revoke, timeout=60).clearance_ids == [clearance.clearance_id]
    assert calls.referral(calls.screened("c4", DOUBLE, days=3)) is not None
    [ended] = calls.listed(referral_id=first.summary.referral_id, include_ended=True)
    assert ended.ended_by == "officer-2"


def test_a_redress_number(calls: Calls) -> None:
    person = {"surname": "HALVORSEN", "given": "INGRID", "dob": "1990-06-30", "nationality": "NOR", "number": "N5550001"}
    documents = [clearances.Document(type="P", number="N5550001", issuer="NOR")]
    request = clearances.EnterRedressNumberRequest(
        purpose="oversight",
        redress_number="CTN 77-001",
        person=clearances.Person(surname="Halvorsen", given="Ingrid", dob="1990-06-30", documents=documents),
        reason="Cleared after a complaint",
    )
    assert refused(calls.of_officer.EnterRedressNumber, request) is grpc.StatusCode.PERMISSION_DENIED
    entered = calls.clearances.EnterRedressNumber(request, timeout=60)
    assert [one.redress_number for one in calls.listed(lookout=clearances.LookoutKey(source="desk", entry_id="S-3"))] == [
        "CTN77001"
    ]
    assert len(entered.clearance_ids) == 1
    assert calls.referral(calls.screened("r1", person, redress="CTN77001")) is None
    stranger = calls.referral(calls.screened("r2", person | {"surname": "LINDQVIST", "number": "N1"}, days=1, redress="CTN77001"))
    assert stranger is not None
    assert "redress:differs" in [reason.code for reason in stranger.summary.reasons]
    assert stranger.person.redress == "CTN77001"
    assert calls.referral(calls.screened("r3", person, days=2)) is not None  # who does not give the number is not spared


def test_the_command_line(server: serving.Server, calls: Calls) -> None:
    def forepost(*arguments: str) -> str:
        address = ("--server", server.officers, "--as", "officer-2")
        done = server.site.forepost("clearances", *arguments, *address)
        assert done.returncode == 0, done.stderr
        return done.stdout

    person = ("--surname", "Belhadj", "--given", "Yassine", "--dob", "1979-01-17", "--document", "P:T7:TUN")
    forepost("add", "CTN-9", *person, "--lookout", "desk:S-4", "--reason", "Seen in person")
    [listed] = json.loads(forepost("list", "--lookout", "desk:S-4", "--json"))["clearances"]
    assert (listed["redress_number"], listed["officer"]) == ("CTN9", "officer-2")
    assert listed["clearance_id"] in forepost("list")
    assert listed["clearance_id"] in forepost("revoke", listed["redress_id"], "--reason", "Not needed any more")
    assert listed["clearance_id"] not in forepost("list")
    assert "ended" in forepost("list", "--ended", "--lookout", "desk")
    wrong = ("--document", "P-T7", "--lookout", "S-4")
    bad = server.site.forepost("clearances", "add", "1", "--surname", "X", "--dob", "1979-01-17", *wrong, "--reason", "x")
    assert bad.returncode == 2
    assert "--document P-T7" in bad.stderr
    assert "--lookout S-4" in bad.stderr


def test_bad_requests_name_their_fields(calls: Calls) -> None:
    bad = grpc.StatusCode.INVALID_ARGUMENT
    assert refused(calls.clearances.ListClearances, clearances.ListClearancesRequest()) is bad
    assert refused(calls.clearances.RevokeClearance, clearances.RevokeClearanceRequest(purpose="oversight")) is bad
    assert (
        refused(calls.clearances.EnterRedressNumber, clearances.EnterRedressNumberRequest(purpose="oversight", reason="why"))
        is bad
    )
    absent = clearances.RevokeClearanceRequest(purpose="oversight", id="none", reason="why")
    assert refused(calls.clearances.RevokeClearance, absent) is grpc.StatusCode.NOT_FOUND


def test_a_lookout_for_a_traveller_who_was_told_to_board_opens_an_urgent_referral(calls: Calls) -> None:
    person = {"surname": "KVARATSKHELIA", "given": "TINATIN", "dob": "1986-02-17", "nationality": "GEO", "number": "G0011223"}
    answer = calls.screened("u1", person)
    assert answer.directive == pb.DIRECTIVE_BOARD
    assert calls.referral(answer) is None
    until = (NEXT_WEEK + timedelta(days=30)).replace(tzinfo=None)
    lookout = lookouts.Lookout(
        entry_id="L-1",
        name="KVARATSKHELIA, Tinatin",
        dobs=["1986-02-17"],
        countries=["GEO"],
        authority="Border agency",
        purpose="Test of the service",
        category="smuggling_facilitation",
        action="stop_before_boarding",
    )
    lookout.valid_until.FromDatetime(until)
    put = lookouts.UpsertLookoutsRequest(purpose="interdiction", lookouts=[lookout])
    assert calls.lookouts.UpsertLookouts(put, timeout=60).effective

    found = []
    end = time.monotonic() + 60  # waits for the pass, which begins at once; nothing is asserted about how long it takes
    while not found and time.monotonic() < end:
        time.sleep(0.1)
        page = calls.desk.ListReferrals(referrals.ListReferralsRequest(purpose="examination", page_size=500), timeout=60)
        found = [one for one in page.referrals if one.urgent]
    [urgent] = found
    assert urgent.kind == referrals.REFERRAL_KIND_PRE_BOARDING
    assert urgent.directive == "BOARD"
    assert "lookout:officers:L-1" in [reason.code for reason in urgent.reasons]
    current = calls.carrier.GetScreening(pb.GetScreeningRequest(reference=answer.reference), timeout=60).answer
    assert current.directive == pb.DIRECTIVE_BOARD
