import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from manifests.errors import InputError
from tests.manifests import pnrs
from tests.referrals.conftest import world
from watchlists.snapshot import replace
from watchlists.sources import generic_csv

__all__ = ["world"]

FLIGHT = '{"carrier":"AC","number":"1","departure":"FRA","arrival":"YYZ","departure_time":"2026-01-15T10:00","travellers":[%s]}'
TRAVELLER = '{"ref":"P1","role":"passenger","surname":"Tremblay","given":"Jeanne","dob":null}'


def test_a_file_without_flights_is_told_and_the_others_are_screened(world: Path, tmp_path: Path) -> None:
    (tmp_path / "none.json").write_text('{"flights":[]}')
    (tmp_path / "one.json").write_text('{"flights":[%s]}' % (FLIGHT % TRAVELLER))
    files = [str(tmp_path / name) for name in ("none.json", "one.json")]
    told = CliRunner().invoke(app, ["screen", *files, "--snapshot", str(world / "snapshot"), "--policy", "demo", "--json"])
    assert isinstance(told.exception, InputError), told.output
    assert str(told.exception).startswith(f"{tmp_path}/none.json: flights: there is none")
    screened = json.loads(told.stdout)
    assert [one["directive"] for one in screened["flights"][0]["travellers"]] == ["INSUFFICIENT_DATA"]
    assert [fault["where"] for fault in screened["faults"]] == ["travellers[0].dob"]


def test_a_pnrgov_is_screened_and_clears_nobody(world: Path, tmp_path: Path) -> None:
    file = tmp_path / "push.edi"
    file.write_bytes(pnrs.interchange(pnrs.pnrgov(pnrs.booking(pnrs.traveller("TREMBLAY", "JEANNEMRS")))))
    arguments = ["screen", str(file), "--snapshot", str(world / "snapshot"), "--policy", "demo"]
    screened = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert [one["directive"] for one in screened["flights"][0]["travellers"]] == ["INSUFFICIENT_DATA"]
    assert [fault["where"] for fault in screened["faults"]] == ["travellers[0].api"]
    told = CliRunner().invoke(app, [*arguments, "--format", "cusres"])
    assert str(told.exception) == f"{file}: is PNRGOV, and CUSRES answers PAXLST: use --format json or table"


def test_a_missing_snapshot_is_told(tmp_path: Path) -> None:
    told = CliRunner().invoke(app, ["screen", "x", "--snapshot", str(tmp_path / "nowhere")])
    with pytest.raises(InputError, match="no snapshot there"):
        raise told.exception or AssertionError(told.output)


def test_a_lookout_is_matched_as_of_a_time(tmp_path: Path) -> None:
    (tmp_path / "own.csv").write_text(
        "id,name,dob,authority,purpose,category,valid_until\n"
        'L-1,"QVISTGAARD, Torvald",1971-03-09,Police,test,sanctions,2026-01-15T08:30Z\n'
    )
    (own,) = generic_csv.read(tmp_path / "own.csv", generic_csv.Defaults())
    replace(tmp_path / "s", [own])
    person = '{"ref":"P1","role":"passenger","surname":"Qvistgaard","given":"Torvald","dob":"1971-03-09"}'
    (tmp_path / "one.json").write_text('{"flights":[%s]}' % (FLIGHT % person))
    found = []
    for as_of in (["--as-of", "2026-01-15"], ["--as-of", "2026-01-15T08:29"], ["--as-of", "2026-01-15T08:30"], []):
        arguments = ["screen", str(tmp_path / "one.json"), "--snapshot", str(tmp_path / "s"), "--policy", "demo", "--json"]
        told = CliRunner().invoke(app, [*arguments, *as_of])
        (traveller,) = json.loads(told.stdout)["flights"][0]["travellers"]
        found.append([match["entry_id"] for match in traveller["matches"]])
    assert found == [["L-1"], ["L-1"], [], []]
