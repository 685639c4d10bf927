from pathlib import Path

import pytest

from watchlists.lookouts import SnapshotError
from watchlists.sources import opensanctions

HEADER = (
    '"id","schema","name","aliases","birth_date","countries","addresses","identifiers","sanctions","phones","emails",'
    '"program_ids","dataset","first_seen","last_seen","last_change"\n'
)
END = '"2023-01-01T00:00:00","2026-01-01T00:00:00","2025-01-01T00:00:00"\n'
# As the csv module writes a list with semicolons into a cell of a file that quotes every cell.
ALIASES = '""Doe; John, the elder"";Джон Доу;毛泽东;Johnny;""the """"Fox"""" man"";Johnny'
PERSON = (
    f'"NK-a1","Person","John  Doe","{ALIASES}","1962;1961-04;1961-04-23","ru;suhh;ddde;gb-sct;zz","1 Road; Town",'
    '"C01X 00-T47;Q4711;A1;770404187106;SABRRUMM;12345678901234567","RUSSIA - reason - 2022-01-01","+1 514","a@b.example",'
    f'"US-RUSSIA;EU-UKR","US OFAC SDN List;""EU; financial sanctions""",{END}'
)
OTHERS = (
    f'"NK-b2","Company","Doe Ltd","","","ca","","","","","","","US OFAC SDN List",{END}'
    f'"Q7","Person","Plain Person","","","","","","","","","","Wikidata PEPs",{END}'
    f'"NK-c3","Person","No Program","","","","","","Iran program - listed in error","","","","",{END}'
    f'"NK-d4","Person","","","","","","","","","","","",{END}'
)


def file(tmp_path: Path, content: str) -> Path:
    path = tmp_path / "targets.simple.csv"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_person_comes_with_what_the_file_says(tmp_path: Path) -> None:
    read = opensanctions.read(file(tmp_path, HEADER + PERSON + OTHERS))
    assert read.source == "opensanctions"
    person = read.lookouts.row(0, named=True)
    assert (person["entry_id"], person["name"]) == ("NK-a1", "John Doe")
    assert person["aliases"] == ["Doe; John, the elder", "Джон Доу", "毛泽东", 'the "Fox" man']
    assert person["weak_aliases"] == ["Johnny"]
    assert person["dobs"] == ["1962", "1961-04", "1961-04-23"]
    assert person["countries"] == ["RUS", "SUN", "DEU", "GBR"]
    assert person["documents"] == [
        {"type": None, "number": "C01X00T47", "issuer": None},
        {"type": None, "number": "770404187106", "issuer": None},
    ]
    assert person["authority"] == "US OFAC SDN List; EU; financial sanctions"
    assert person["purpose"] == "sanctions programs US-RUSSIA; EU-UKR"
    assert (person["category"], person["action"]) == ("sanctions", "examine_on_arrival")


def test_who_is_not_taken_and_what_is_not_read_is_told(tmp_path: Path) -> None:
    read = opensanctions.read(file(tmp_path, HEADER + PERSON + OTHERS))
    assert read.lookouts["entry_id"].to_list() == ["NK-a1", "Q7", "NK-c3"]
    assert read.lookouts["purpose"].to_list()[1:] == ["listed by OpenSanctions", "Iran program - listed in error"]
    assert read.lookouts["authority"].to_list()[1:] == ["Wikidata PEPs", "OpenSanctions"]
    told = {(skip.line, skip.value): skip.problem.split(":")[0] for skip in read.skipped}
    assert told == {
        (2, "zz"): "country is not in ISO 3166-1",
        (3, "Company"): "is not a person",
        (4, "Q7"): "names no sanction",
        (6, "NK-d4"): "no name that has letters",
    }


def test_a_file_of_before_program_ids_is_read(tmp_path: Path) -> None:
    old = HEADER.replace('"program_ids",', "") + f'"NK-c3","Person","Jane Roe","","","","","","Iran - 2020","","","List",{END}'
    read = opensanctions.read(file(tmp_path, old))
    assert read.lookouts["purpose"].to_list() == ["Iran - 2020"]
    assert read.skipped == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,name\n1,John Doe\n", "has no column schema"),
        (HEADER + f'"NK-b2","Company","Doe Ltd","","","ca","","","","","","","List",{END}', "no row can be used"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(SnapshotError, match=said):
        opensanctions.read(file(tmp_path, content))
