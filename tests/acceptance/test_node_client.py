"""Carriers and officers that share nothing with us but the .proto files: clients in JavaScript over mutual TLS."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import serving

NODE = Path(__file__).resolve().parent / "node"


@pytest.fixture(scope="module", autouse=True)
def _node() -> None:
    if shutil.which("node") is None or not (NODE / "node_modules").is_dir():
        pytest.skip("Node or its packages are absent: install Node and run npm ci --prefix tests/acceptance/node")


def run(script: str, *arguments: str) -> Any:
    done = subprocess.run(["node", NODE / script, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_carrier_screens_and_an_officer_reads_the_referral(server: serving.Server) -> None:
    places = (server.carriers, server.officers, str(server.site.certs))
    carrier = run("carrier.mjs", *places, "ac", "BELHADJ", "YASSINE", "1979-01-17")
    held = carrier["one"]["response"]["answer"]
    assert (held["ref"], held["directive"]) == ("N1", "DIRECTIVE_HOLD")
    assert carrier["screened"]["response"]["answer"] == held
    answers = carrier["manifest"]["response"]["answers"]
    assert [(answer["ref"], answer["directive"]) for answer in answers] == [
        ("N2", "DIRECTIVE_BOARD"),
        ("N3", "DIRECTIVE_INSUFFICIENT_DATA"),
    ]
    assert [fault["where"] for fault in carrier["manifest"]["response"]["faults"]] == ["travellers[1].dob"]
    assert carrier["refused"]["error"] == "PERMISSION_DENIED"

    officer = run("officer.mjs", *places, "officer-1", held["reference"])
    referral = officer["read"]["response"]["referral"]
    assert referral["person"]["surname"] == "BELHADJ"
    assert referral["summary"]["reference"] == held["reference"]
    assert referral["matches"][0]["entry_id"] == "S-4"
    assert officer["withoutPurpose"]["error"] == "INVALID_ARGUMENT"
    assert officer["refused"]["error"] == "PERMISSION_DENIED"
