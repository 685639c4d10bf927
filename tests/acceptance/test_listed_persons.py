"""Ten listed persons fly under other spellings: all are referred; held only where list, policy and date of birth agree."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from manifests.names import fold_one
from policies import FOLDER
from watchlists.snapshot import Snapshot

ROOT = Path(__file__).resolve().parent.parent.parent
MRZ_NAME = 39  # characters of a passport's name field, ICAO 9303-4

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Passenger:
    """A listed person as the carrier knows them."""

    entry_id: str
    kind: str
    surname: str
    given: str
    dob: str  # CCYY-MM-DD


def forepost(*arguments: object, state: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | {"FOREPOST_STATE": str(state)},
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("listed")


def imported(shared_data: Path, folder: Path, name: str, *flags: str) -> tuple[Path, dict[str, Any]]:
    lists, snapshot = shared_data / "lists", folder / name
    files = ["--ofac", lists / "ofac_sdn.csv", "--ofac", lists / "ofac_alt.csv", "--un", lists / "un_consolidated.xml"]
    run = forepost("watchlist", "import", *files, "--snapshot", snapshot, "--json", *flags, state=folder)
    assert run.returncode == 0, run.stderr
    return snapshot, json.loads(run.stdout)


@pytest.fixture(scope="module")
def lists(shared_data: Path, folder: Path) -> tuple[Path, dict[str, Any]]:
    return imported(shared_data, folder, "as-published")


def test_the_published_lists_are_read_whole(lists: tuple[Path, dict[str, Any]]) -> None:
    sources = lists[1]["sources"]
    assert sources["ofac"]["individuals"] == 6927
    assert sources["un"]["individuals"] == 730
    assert sources["ofac"]["aliases"] > 5000
    assert sources["un"]["aliases"] > 1000
    assert sources["ofac"]["skipped"], "alternates without a primary are told"


def test_ten_listed_persons_are_referred(lists: tuple[Path, dict[str, Any]], folder: Path) -> None:
    passengers = ten(lists[0])
    answers = screened(passengers, folder, lists[0], "standard")
    for passenger, answer in zip(passengers, answers, strict=True):
        assert answer["referral"], (passenger, answer)
        assert passenger.entry_id in {match["entry_id"] for match in answer["matches"]}, passenger


def test_they_are_held_by_a_list_that_may_hold_and_namesakes_are_not(shared_data: Path, folder: Path) -> None:
    snapshot, _ = imported(shared_data, folder, "stopping", "--action", "stop_before_boarding")
    policy = yaml.safe_load((FOLDER / "standard.yaml").read_text())
    policy["hold"] |= {"lists": ["ofac", "un"], "telephone": "+1 613 555 0100", "escalation": ["post", "targeting_centre"]}
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True))

    passengers = ten(snapshot)
    answers = screened(passengers, folder, snapshot, folder / "policy.yaml")
    assert [(one.kind, answer["directive"]) for one, answer in zip(passengers, answers, strict=True)] == [
        (one.kind, "HOLD") for one in passengers
    ]
    namesakes = [Passenger(one.entry_id, one.kind, one.surname, one.given, other_dob(one.dob)) for one in passengers]
    answers = screened(namesakes, folder, snapshot, folder / "policy.yaml")
    assert {answer["directive"] for answer in answers} == {"BOARD"}


def screened(passengers: list[Passenger], folder: Path, snapshot: Path, policy: object) -> list[dict[str, Any]]:
    message = folder / "flight.edi"
    message.write_bytes(paxlst(passengers))
    run = forepost("screen", message, "--snapshot", snapshot, "--policy", policy, "--format", "json", state=folder)
    assert run.returncode == 0, run.stderr
    [flight] = json.loads(run.stdout)["flights"]
    return list(flight["travellers"])


def paxlst(passengers: list[Passenger]) -> bytes:
    """A D:05B passenger list of one flight into Canada."""
    body = ["BGM+745'", "TDT+20+XX101+++XX'", "LOC+125+FRA'", "DTM+189:2601151400:201'", "LOC+87+YYZ'", "DTM+232:2601151630:201'"]
    for number, one in enumerate(passengers):
        body += [
            f"NAD+FL+++{one.surname}:{one.given}'",
            "ATT+2++M'",
            f"DTM+329:{one.dob[2:].replace('-', '')}'",
            f"RFF+ABO:PAX{number:04}'",
            f"DOC+P:110:111+T{number:08}'",
            "LOC+91+XXX'",
        ]
    body.append(f"CNT+42:{len(passengers)}'")
    head = ["UNA:+.? '", "UNB+UNOA:4+XX+CBSA+260115:1000+1'", "UNG+PAXLST+XX+CBSA+260115:1000+1+UN+D:05B'"]
    tail = [f"UNT+{len(body) + 2}+M1'", "UNE+1+1'", "UNZ+1+1'"]
    return "".join([*head, "UNH+M1+PAXLST:D:05B:UN:IATA'", *body, *tail]).encode("ascii")


def ten(snapshot: Path) -> list[Passenger]:
    """Ten persons of the lists in another guise, the first in list order that suit: chosen by rule, not by hand."""
    wanted = {"alias": 3, "truncated": 2, "swapped": 3, "icao": 2}
    found: list[Passenger] = []
    taken: set[str] = set()
    for kind, number in wanted.items():
        for passenger in guises(snapshot, kind):
            if passenger.entry_id not in taken and sum(one.kind == kind for one in found) < number:
                found.append(passenger)
                taken.add(passenger.entry_id)
    assert len(found) == 10
    return found


def guises(snapshot: Path, kind: str) -> Iterator[Passenger]:
    entries = Snapshot.open(snapshot).entries.to_dicts()
    for entry in entries[:: 37 if kind in ("alias", "swapped") else 1]:
        dob = next((text for text in entry["dobs"] if re.fullmatch(r"\d{4}-\d\d-\d\d", text)), None)
        surname, given = parts(entry["name"])
        if dob is None or len(surname) < 3 or len(given.split()) < 1 or len(given) < 3:
            continue
        if kind == "alias":
            strong = [
                alias
                for alias in entry["aliases"]
                if len(fold_one(alias).split()) >= 2 and fold_one(alias) != fold_one(entry["name"])
            ]
            if strong:
                yield Passenger(entry["entry_id"], kind, *parts(strong[0]), dob)
        elif kind == "truncated" and len(surname) + 2 + len(given) > MRZ_NAME + 3:
            field = f"{surname}<<{given}"[:MRZ_NAME]
            if "<<" in field:
                yield Passenger(entry["entry_id"], kind, *field.split("<<"), dob)
        elif kind == "swapped":
            yield Passenger(entry["entry_id"], kind, given, surname, dob)
        elif kind == "icao" and "RUS" in entry["countries"]:
            respelled = icao(f"{surname}:{given}")
            if respelled != f"{surname}:{given}":
                yield Passenger(entry["entry_id"], kind, *respelled.split(":"), dob)


def parts(name: str) -> tuple[str, str]:
    """Surname and given names in MRZ letters: 'SURNAME, Given' or 'Given SURNAME'."""
    if "," in name:
        surname, given = name.split(",", 1)
        return fold_one(surname), fold_one(given)
    tokens = fold_one(name).split()
    return tokens[-1] if tokens else "", " ".join(tokens[:-1])


def icao(name: str) -> str:
    """A Russian name as the lists spell it (BGN/PCGN), as a passport spells it (ICAO 9303-3, section 6 B)."""
    for listed, passport in (("SHCH", "SHCH"), ("YU", "IU"), ("YA", "IA"), ("YE", "E"), ("IY", "II"), ("EY", "EI"), ("AY", "AI")):
        name = name.replace(listed, passport)
    return name


def other_dob(dob: str) -> str:
    year, month, day = (int(text) for text in dob.split("-"))
    return f"{year - 11 if year > 1960 else year + 19}-{(month + 5) % 12 + 1:02}-{(day + 11) % 27 + 1:02}"
