from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchlists.lookouts import SnapshotError
from watchlists.sources import generic_csv
from watchlists.sources.generic_csv import Defaults

FULL = Defaults("Police", "warrants", "warrant_or_removal_order", None)


def csv(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "list.csv"
    file.write_text(text)
    return file


def test_columns_are_read_and_defaults_fill_what_is_blank(tmp_path: Path) -> None:
    file = csv(
        tmp_path,
        "id,source,surname,given,aliases,weak_aliases,dob,country,birthplace,doc,authority,category,valid_from,valid_until\n"
        "a,one,DOE,JOHN,J DOE;JD ROE,Shorty,1970-03-12;1971,IR;Canada,Shiraz;Old  Town,P:ab-1234:IRN;99 99,RCMP,organised_crime,"
        "2026-01-01T09:00+02:00,2026-12-31\n"
        "b,two,ROE,,,,,,,,,,,\n",
    )
    one, two = generic_csv.read(file, FULL)
    person = one.lookouts.row(0, named=True)
    assert person["name"] == "DOE, JOHN"
    assert (person["aliases"], person["weak_aliases"]) == (["J DOE", "JD ROE"], ["Shorty"])
    assert person["dobs"] == ["1970-03-12", "1971"]
    assert person["countries"] == ["IRN", "CAN"]
    assert person["birthplaces"] == ["Shiraz", "Old Town"]
    assert [d["number"] for d in person["documents"]] == ["AB1234", "9999"]
    assert person["documents"][0]["issuer"] == "IRN"
    assert (person["authority"], person["category"], person["action"]) == ("RCMP", "organised_crime", "examine_on_arrival")
    assert person["valid_from"] == datetime(2026, 1, 1, 7, tzinfo=UTC)
    assert person["valid_until"] == datetime(2027, 1, 1, tzinfo=UTC)
    warrant = two.lookouts.row(0, named=True)
    assert (warrant["authority"], warrant["category"], warrant["action"]) == (
        "Police",
        "warrant_or_removal_order",
        "arrest_on_arrival",
    )


def test_broken_rows_are_left_out_and_broken_values_alone_do_not_lose_a_lookout(tmp_path: Path) -> None:
    file = csv(
        tmp_path,
        "id,name,dob,country,valid_until\n"
        "a,John Doe,1970-02-30,XX,\n"
        "b,,,,\n"
        "c,123,,,\n"
        "a,Second A,,,\n"
        ",No Id,,,\n"
        "d,Too,many,columns,here,now\n"
        "e,Good Name,,,yesterday\n",
    )
    (read,) = generic_csv.read(file, FULL)
    assert read.source == "list"
    assert read.lookouts["entry_id"].to_list() == ["a"]
    assert sorted((skip.line, skip.value) for skip in read.skipped) == [
        (2, "1970-02-30"),
        (2, "XX"),
        (3, "b"),
        (4, "123"),
        (5, "a"),
        (6, ",No Id,,,"),
        (7, "d,Too,many,columns,here,now"),
        (8, "yesterday"),
    ]


def test_an_import_without_authority_purpose_and_category_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError) as refused:
        generic_csv.read(csv(tmp_path, "id,name\na,John Doe\n"), Defaults())
    assert [fault.split("--")[1] for fault in refused.value.faults] == ["authority", "purpose", "category"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "needs a header"),
        (b"name,dob\nJohn,1970\n", "needs a header with id and name"),
        (b"id,name,shoe_size\na,John Doe,44\n", "column shoe_size is unknown"),
        (b"id,name\na,\xff\xfe\n", "not readable as CSV in UTF-8"),
        (b"id,name\n,\n", "no row can be used"),
        (b'id,name\na,"John\n', "not readable as CSV"),
    ],
)
def test_a_file_that_is_no_list_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(content)
    with pytest.raises(SnapshotError, match=said):
        generic_csv.read(file, FULL)


def test_unknown_categories_and_actions_of_flags_are_refused_together() -> None:
    with pytest.raises(SnapshotError) as refused:
        generic_csv.checked("a", "b", "crime", "shoot")
    assert len(refused.value.faults) == 2
