"""Lookouts changed on a server that goes on screening."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health_pb2, health_pb2_grpc
from typer.testing import CliRunner

from cli.main import app
from forepost.lookouts.v1 import lookouts_pb2 as lb
from forepost.lookouts.v1 import lookouts_pb2_grpc
from forepost.referrals.v1 import referrals_pb2, referrals_pb2_grpc
from forepost.screening.v1 import screening_pb2, screening_pb2_grpc
from manifests.errors import InputError
from service import client
from tests import serving
from tests.service.test_server import bad_fields, refused, single, traveller

SECONDS = 60  # to wait for what the server does by itself, on a machine that is busy with other things
UNTIL = datetime.now(UTC).replace(microsecond=0) + timedelta(days=30)

Stub = lookouts_pb2_grpc.LookoutServiceStub


def lookout(entry_id: str, name: str, **values: Any) -> lb.Lookout:
    given = {"authority": "Border agency", "purpose": "forged visas", "category": "smuggling_facilitation"}
    given |= {"action": "examine_on_arrival", "dobs": ["1984-02-11"], "valid_until": UNTIL}
    return lb.Lookout(entry_id=entry_id, name=name, **(given | values))


class Calls:
    """A carrier and an officer who may make lookouts."""

    def __init__(self, server: serving.Server) -> None:
        self.server = server
        self.carrier_channel = client.carrier_channel(server.carriers, server.site.certs, "ac")
        self.officer_channel = client.officer_channel(server.officers, server.site.certs, "officer-2")
        self.carrier = screening_pb2_grpc.ScreeningServiceStub(self.carrier_channel)
        self.lookouts = Stub(self.officer_channel)
        self.desk = referrals_pb2_grpc.ReferralServiceStub(self.officer_channel)
        self.health = health_pb2_grpc.HealthStub(self.officer_channel)
        self.ids = iter(range(10_000))

    def close(self) -> None:
        self.carrier_channel.close()
        self.officer_channel.close()

    def upsert(self, *lookouts: lb.Lookout) -> lb.UpsertLookoutsResponse:
        return self.lookouts.UpsertLookouts(lb.UpsertLookoutsRequest(purpose="interdiction", lookouts=lookouts), timeout=30)

    def remove(self, *ids: str) -> lb.RemoveLookoutsResponse:
        return self.lookouts.RemoveLookouts(lb.RemoveLookoutsRequest(purpose="interdiction", entry_ids=ids), timeout=30)

    def screen(self, surname: str, given: str) -> screening_pb2.ScreenTravellerResponse:
        """A traveller of that name on a flight of their own, born as `lookout` says."""
        number = next(self.ids)
        who = traveller(surname, given, "1984-02-11", number=f"C0{number:05}")
        return self.carrier.ScreenTraveller(single(f"{surname}-{number}", who, f"{1000 + number}"), timeout=30)

    def reasons(self, surname: str, given: str) -> list[str]:
        """The lookouts for which screening this person opens a referral."""
        reference = self.screen(surname, given).answer.reference
        request = referrals_pb2.ListReferralsRequest(purpose="examination", page_size=500)
        found = [one for one in self.desk.ListReferrals(request, timeout=30).referrals if one.reference == reference]
        return [reason.code for one in found for reason in one.reasons if reason.code.startswith("lookout:")]

    def healthy(self) -> bool:
        request = health_pb2.HealthCheckRequest(service=lb.DESCRIPTOR.services_by_name["LookoutService"].full_name)
        return bool(self.health.Check(request, timeout=30).status == health_pb2.HealthCheckResponse.SERVING)


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    """A server whose snapshot and store are this module's alone."""
    server = serving.start(serving.prepare(tmp_path_factory.mktemp("lookouts")))
    calls = Calls(server)
    yield calls
    calls.close()
    assert server.stop() == 0, server.log.read_text()


def test_a_lookout_acts_when_the_call_is_answered_and_no_request_fails_meanwhile(calls: Calls) -> None:
    stop = threading.Event()

    def stream() -> int:
        count = 0
        while not stop.is_set():
            assert calls.screen("FEHRENBACH", "JONAS").answer.directive == screening_pb2.DIRECTIVE_BOARD
            count += 1
        return count

    with ThreadPoolExecutor(2) as others:
        streams = [others.submit(stream) for _ in range(2)]
        for number, surname in enumerate(("QUIRINALE", "ZUBIZARRETA", "WOJCIECHOWSKA")):
            assert calls.reasons(surname, "MIREILLE") == []
            answer = calls.upsert(lookout(f"Q-{number}", f"{surname}, Mireille"))
            assert (list(answer.changed), answer.effective) == ([f"Q-{number}"], True)
            assert calls.reasons(surname, "MIREILLE") == [f"lookout:officers:Q-{number}"]
            assert calls.remove(f"Q-{number}").effective
            assert calls.reasons(surname, "MIREILLE") == []
        stop.set()
        assert all(one.result() > 0 for one in streams)
    assert calls.healthy()


def test_a_retry_changes_nothing_and_is_told_so(calls: Calls) -> None:
    first = calls.upsert(lookout("R-1", "RETRY, Anna"), lookout("R-2", "RETRY, Berta"))
    again = calls.upsert(lookout("R-1", "RETRY, Anna"), lookout("R-2", "OTHER, Berta"))
    assert (list(again.changed), list(again.unchanged)) == (["R-2"], ["R-1"])
    assert again.revision == first.revision + 1
    assert list(calls.remove("R-1", "R-2").changed) == ["R-1", "R-2"]
    assert list(calls.remove("R-1").unchanged) == ["R-1"]


def test_a_lookout_is_read_back_with_its_versions(calls: Calls) -> None:
    begins = Timestamp(seconds=int(UNTIL.timestamp()) - 86400)
    papers = [lb.Document(type="P", number="C01X00T47", issuer="DEU")]
    made = lookout("V-1", "VERSIONS, Vera", aliases=["V V"], countries=["DEU"], documents=papers, valid_from=begins)
    calls.upsert(made)
    calls.upsert(lookout("V-1", "VERSIONS, Vera"))
    calls.remove("V-1")
    read = calls.lookouts.GetLookout(lb.GetLookoutRequest(entry_id="V-1", purpose="oversight"), timeout=30).versions
    assert [(one.removed, one.officer, one.purpose) for one in read] == [
        (True, "officer-2", "interdiction"),
        (False, "officer-2", "interdiction"),
        (False, "officer-2", "interdiction"),
    ]
    assert read[2].lookout == made
    request = lb.ListLookoutsRequest(purpose="oversight", query="versions")
    assert not calls.lookouts.ListLookouts(request, timeout=30).lookouts
    request.include_ended = True
    assert [one.lookout.entry_id for one in calls.lookouts.ListLookouts(request, timeout=30).lookouts] == ["V-1"]


def test_every_bad_field_is_named(calls: Calls) -> None:
    broken = lb.Lookout(entry_id="B-1", name="?", dobs=["1984-02-11", "1.2.84"], valid_from=Timestamp(seconds=2**60))
    request = lb.UpsertLookoutsRequest(lookouts=[broken])
    assert bad_fields(refused(calls.lookouts.UpsertLookouts, request)) == ["purpose", "lookouts[0].valid_from"]
    request.purpose = "interdiction"
    broken.ClearField("valid_from")
    request.lookouts[0].CopyFrom(broken)
    fields = ("name", "dobs[1]", "authority", "purpose", "category", "action", "valid_until")
    assert set(bad_fields(refused(calls.lookouts.UpsertLookouts, request))) == {f"lookouts[0].{field}" for field in fields}
    nobody = lb.RemoveLookoutsRequest(purpose="interdiction", entry_ids=["none", "nobody"])
    assert bad_fields(refused(calls.lookouts.RemoveLookouts, nobody)) == ["entry_ids[0]", "entry_ids[1]"]
    assert bad_fields(refused(calls.lookouts.UpsertLookouts, lb.UpsertLookoutsRequest(purpose="interdiction"))) == ["lookouts"]
    listing = lb.ListLookoutsRequest(page_size=501, query="x" * 201)
    assert bad_fields(refused(calls.lookouts.ListLookouts, listing)) == ["purpose", "page_size", "query"]
    assert bad_fields(refused(calls.lookouts.GetLookout, lb.GetLookoutRequest())) == ["entry_id", "purpose"]
    unknown = lb.GetLookoutRequest(entry_id="none", purpose="oversight")
    assert refused(calls.lookouts.GetLookout, unknown).code() is grpc.StatusCode.NOT_FOUND


def test_who_may_not_change_lookouts_is_refused(calls: Calls) -> None:
    server = calls.server
    upsert = lb.UpsertLookoutsRequest(purpose="interdiction", lookouts=[lookout("X", "X, Y")])
    remove = lb.RemoveLookoutsRequest(purpose="interdiction", entry_ids=["X"])
    for officer in ("officer-1", "auditor-1"):
        with client.officer_channel(server.officers, server.site.certs, officer) as channel:
            for call, request in ((Stub(channel).UpsertLookouts, upsert), (Stub(channel).RemoveLookouts, remove)):
                assert refused(call, request).code() is grpc.StatusCode.PERMISSION_DENIED
            Stub(channel).ListLookouts(lb.ListLookoutsRequest(purpose="oversight"), timeout=30)
    with client.officer_channel(server.carriers, server.site.certs, "officer-2") as channel:
        assert refused(Stub(channel).UpsertLookouts, upsert).code() is grpc.StatusCode.UNIMPLEMENTED
    with client.carrier_channel(server.officers, server.site.certs, "ac") as channel:
        for call, request in (
            (Stub(channel).UpsertLookouts, upsert),
            (Stub(channel).RemoveLookouts, remove),
            (Stub(channel).GetLookout, lb.GetLookoutRequest(entry_id="X", purpose="oversight")),
            (Stub(channel).ListLookouts, lb.ListLookoutsRequest(purpose="oversight")),
        ):
            assert refused(call, request).code() is grpc.StatusCode.PERMISSION_DENIED


def command(*arguments: str) -> str:
    """What `forepost lookouts` prints; raises what it is refused with."""
    result = CliRunner().invoke(app, ["lookouts", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def refused_by(*arguments: str) -> list[str]:
    with pytest.raises(InputError) as error:
        command(*arguments)
    return error.value.faults


def test_officers_make_lookouts_from_the_command_line(calls: Calls, tmp_path: Path) -> None:
    own = ["--server", calls.server.officers, "--certs", str(calls.server.site.certs), "--as", "officer-2"]
    (tmp_path / "new.csv").write_text(
        "id,name,dob,country,doc,valid_until,action\n"
        f'C-1,"KOWALCZYK, Zbigniew",1984-02-11,PL,P:ZS1234567:POL,{UNTIL:%Y-%m-%d},\n'
        f'C-2,"MARCHETTI, Ornella",1984,IT,,{UNTIL:%Y-%m-%d},examine_on_arrival\n'
    )
    flags = ["--authority", "Border agency", "--why", "visas", "--category", "organised_crime"]
    told = json.loads(command("upsert", str(tmp_path / "new.csv"), *flags, *own, "--json"))
    assert (told["changed"], told["unchanged"], told["effective"]) == (["C-1", "C-2"], [], True)
    assert calls.reasons("KOWALCZYK", "ZBIGNIEW") == ["lookout:officers:C-1"]

    listed = command("list", "kowal", *own, "--json")
    [row] = json.loads(listed)["lookouts"]
    assert row["lookout"]["countries"] == ["POL"]
    assert row["lookout"]["documents"] == [{"type": "P", "number": "ZS1234567", "issuer": "POL"}]
    (tmp_path / "again.json").write_text(listed)
    again = command("upsert", str(tmp_path / "again.json"), *own)
    assert "put in 0, left 1 as they were; in force" in again

    assert "taken out 1" in command("remove", "C-1", *own)
    assert calls.reasons("KOWALCZYK", "ZBIGNIEW") == []
    shown = command("show", "C-1", *own)
    assert "taken out by officer-2" in shown
    assert "KOWALCZYK" in shown
    table = command("list", "--ended", *own)
    assert "taken out" in table

    (tmp_path / "bad.csv").write_text("id,name,dob,country\n1,A B,1.1.80,XX\n2,,,\n")
    faults = refused_by("upsert", str(tmp_path / "bad.csv"), *flags, *own)
    assert [fault.partition(": ")[0].rpartition("/")[2] for fault in faults] == ["bad.csv:2", "bad.csv:2", "bad.csv:3"]
    for text in ("[]", '{"lookouts": []}', '{"lookouts": [{"nonsense": 1}, 3]}', "{"):
        (tmp_path / "bad.json").write_text(text)
        assert all("bad.json" in fault for fault in refused_by("upsert", str(tmp_path / "bad.json"), *own))
    assert refused_by("show", "none", *own)
    assert refused_by("remove", "none", "nobody", *own)[0].startswith("entry_ids[0]: none")


def test_a_list_imported_beside_the_server_is_taken_up_and_keeps_the_lookouts(calls: Calls, tmp_path: Path) -> None:
    calls.upsert(lookout("I-1", "VANDERBILT, Cornelius"))
    (tmp_path / "extra.csv").write_text('id,source,name,dob\nE-1,extra,"OYELARAN, Folasade",1984-02-11\n')
    flags = ["--authority", "A", "--purpose", "P", "--category", "sanctions"]
    snapshot = str(calls.server.site.folder / "snapshot")
    done = calls.server.site.forepost("watchlist", "import", "--csv", str(tmp_path / "extra.csv"), "--snapshot", snapshot, *flags)
    assert done.returncode == 0, done.stderr
    until(lambda: calls.reasons("OYELARAN", "FOLASADE") == ["lookout:extra:E-1"])
    assert calls.reasons("VANDERBILT", "CORNELIUS") == ["lookout:officers:I-1"]
    calls.upsert(lookout("I-2", "ROCKEFELLER, Abby"))
    done = calls.server.site.forepost("watchlist", "compact", "--snapshot", snapshot, "--json")
    assert json.loads(done.stdout)["folded"] == 1
    for surname, given, entry in (("ROCKEFELLER", "ABBY", "officers:I-2"), ("OYELARAN", "FOLASADE", "extra:E-1")):
        assert calls.reasons(surname, given) == [f"lookout:{entry}"]


def test_where_publishing_fails_the_last_version_serves_and_it_is_said(calls: Calls) -> None:
    """Somebody damaged the snapshot; when it is mended, what was stored meanwhile is published without being asked again."""
    assert calls.upsert(lookout("F-1", "BEAUREGARD, Hippolyte")).effective
    current = calls.server.site.folder / "snapshot" / "current"
    good = current.read_text()
    current.write_text("0" * 64 + "\n")
    try:
        answer = calls.upsert(lookout("F-2", "DUCHAMPS, Hortense"))
        assert (list(answer.changed), answer.effective) == (["F-2"], False)
        assert calls.reasons("DUCHAMPS", "HORTENSE") == []
        assert calls.reasons("BEAUREGARD", "HIPPOLYTE") == ["lookout:officers:F-1"]
        until(lambda: not calls.healthy())
        assert list(calls.screen("FEHRENBACH", "JONAS").degraded_sources) == ["lookouts"]
    finally:
        current.write_text(good)
    until(calls.healthy)
    assert calls.reasons("DUCHAMPS", "HORTENSE") == ["lookout:officers:F-2"]
    assert not calls.screen("FEHRENBACH", "JONAS").degraded_sources
    log = calls.server.log.read_text()
    assert "publish" in log
    assert "DUCHAMPS" not in log


def test_what_the_snapshot_lacks_is_published_before_the_server_is_ready(tmp_path: Path) -> None:
    site = serving.prepare(tmp_path)
    shutil.copytree(tmp_path / "snapshot", tmp_path / "before")
    calls = Calls(serving.start(site))
    assert calls.upsert(lookout("S-1", "ARCHAMBAULT, Zephyrine")).effective
    screened = calls.screen("ARCHAMBAULT", "ZEPHYRINE").answer.reference
    calls.close()
    assert calls.server.stop() == 0
    shutil.rmtree(tmp_path / "snapshot")
    (tmp_path / "before").rename(tmp_path / "snapshot")
    calls = Calls(serving.start(site))
    assert calls.reasons("ARCHAMBAULT", "ZEPHYRINE") == ["lookout:officers:S-1"]
    calls.close()
    assert calls.server.stop() == 0
    replayed = json.loads(site.forepost("replay", screened, "--json").stdout)
    assert [one["exact"] for one in replayed] == [True]
