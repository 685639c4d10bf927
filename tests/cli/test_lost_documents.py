"""Lost documents through the command line: imported, told, kept, and found at a screening."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from cli.main import app
from manifests.errors import InputError
from tests.cli.test_watchlist import FLAGS, LIST, run

LOST = "number,issuer,type\nxk-4471 902,Canada,PP\nXK4471902,CAN,P\nAB000001,,\n,CAN,P\nX1,Atlantis,P\nAB2,CAN,book\n"
BY = ["--authority", "National Police", "--purpose", "lost and stolen documents"]
PERSON = {"ref": "P1", "role": "passenger", "surname": "Tremblay", "given": "Jeanne", "dob": "1988-05-04"}
FLIGHT = {"carrier": "AC", "number": "1", "departure": "FRA", "arrival": "YYZ", "departure_time": "2026-01-15T10:00"}


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    (tmp_path / "lost.csv").write_text(LOST)
    return tmp_path / "lost.csv"


def holds(snapshot: Path) -> tuple[int, int]:
    facts = json.loads(run("info", "--snapshot", snapshot, "--json").stdout)
    return facts["lookouts"], facts["lost_documents"]


def test_an_import_tells_what_it_took_and_what_not(lost: Path, tmp_path: Path) -> None:
    told = json.loads(run("import", "--documents", lost, "--snapshot", tmp_path / "s", *BY, "--json").stdout)["lost_documents"]
    assert (told["documents"], told["duplicates"]) == (3, 1)
    assert [(group["count"], group["examples"][0]["line"], group["examples"][0]["value"]) for group in told["skipped"]] == [
        (1, 5, ""),
        (1, 6, "Atlantis"),
        (1, 7, "book"),
    ]
    shown = run("import", "--documents", lost, "--snapshot", tmp_path / "s", *BY).stdout
    assert "lost documents: 3, and 1 rows that repeat one of them" in shown
    assert "Atlantis" in shown
    assert "lost_documents: 3" in run("info", "--snapshot", tmp_path / "s").stdout


def test_lists_and_documents_keep_each_other(lost: Path, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    run("import", "--csv", tmp_path / "list.csv", "--documents", lost, "--snapshot", tmp_path / "s", *FLAGS)
    assert holds(tmp_path / "s") == (2, 3)
    run("import", "--csv", tmp_path / "list.csv", "--snapshot", tmp_path / "s", *FLAGS)
    assert holds(tmp_path / "s") == (2, 3)
    pl.DataFrame({"number": ["AB000001", "AB000002"], "issuer": ["CAN", None]}).write_parquet(tmp_path / "lost.parquet")
    run("import", "--documents", tmp_path / "lost.parquet", "--snapshot", tmp_path / "s", *BY)
    assert holds(tmp_path / "s") == (2, 2)


@pytest.mark.parametrize("given", [[], BY[:2], BY[2:], ["--authority", "", *BY[2:]]])
def test_authority_and_purpose_are_required(lost: Path, tmp_path: Path, given: list[str]) -> None:
    with pytest.raises(InputError, match="lost documents need --"):
        run("import", "--documents", lost, "--snapshot", tmp_path / "s", *given)
    assert not (tmp_path / "s").exists()


def test_a_list_that_cannot_be_used_leaves_the_snapshot_as_it_was(lost: Path, tmp_path: Path) -> None:
    run("import", "--documents", lost, "--snapshot", tmp_path / "s", *BY)
    for content, said in (
        ("", "is empty"),
        ("number,issuer\n,\n", "no row can be used"),
        ("number,issuer\nA1,CAN\n", "less than half"),
    ):
        lost.write_text(content)
        with pytest.raises(InputError, match=said):
            run("import", "--documents", lost, "--snapshot", tmp_path / "s", *BY)
    assert holds(tmp_path / "s") == (0, 3)
    assert len(list((tmp_path / "s").iterdir())) == 2  # the version and the pointer


def test_a_screening_finds_the_document(lost: Path, tmp_path: Path) -> None:
    run("import", "--documents", lost, "--snapshot", tmp_path / "s", *BY)
    people: list[dict[str, Any]] = [
        PERSON | {"ref": number, "documents": [{"type": "P", "number": number, "issuer": "CAN", "expiry": "2030-01-01"}]}
        for number in ("XK4471902", "XK4471903")
    ]
    (tmp_path / "flight.json").write_text(json.dumps({"flights": [FLIGHT | {"travellers": people}]}))
    arguments = [
        "screen",
        str(tmp_path / "flight.json"),
        "--snapshot",
        str(tmp_path / "s"),
        "--policy",
        "demo",
        "--format",
        "json",
    ]
    told = CliRunner().invoke(app, arguments)
    assert told.exit_code == 0, told.output
    found, other = json.loads(told.stdout)["flights"][0]["travellers"]
    assert (found["directive"], found["referral"]["kind"]) == ("BOARD", "PRE_BOARDING")
    assert found["lost_documents"] == [
        {
            "document": 0,
            "issuer": "CAN",
            "type": "P",
            "issuer_agrees": True,
            "type_agrees": True,
            "authority": "National Police",
            "purpose": "lost and stolen documents",
        }
    ]
    assert "reported lost or stolen to National Police. Confirm with the issuer" in found["referral"]["reasons"][0]["en"]
    assert (other["directive"], other["referral"], other["lost_documents"]) == ("BOARD", None, [])
