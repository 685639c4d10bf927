import csv as csv_module
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from watchlists.lookouts import LOOKOUTS, SnapshotError
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


def test_a_row_of_a_list_that_has_no_other_is_told_with_the_first_list(tmp_path: Path) -> None:
    (one,) = generic_csv.read(csv(tmp_path, "id,name,source\na,John Doe,one\nb,,two\n"), FULL)
    assert one.source == "one"
    assert [(skip.line, skip.value) for skip in one.skipped] == [(3, "b")]


def test_lines_are_those_of_the_file_where_cells_hold_line_breaks(tmp_path: Path) -> None:
    (read,) = generic_csv.read(csv(tmp_path, 'id,name,country\na,"John\nDoe",XX\n\n,,\nb,Jane Roe,YY\n'), FULL)
    assert read.lookouts["name"].to_list() == ["John Doe", "Jane Roe"]
    assert [(skip.line, skip.value) for skip in read.skipped] == [(3, "XX"), (6, "YY")]


@pytest.mark.parametrize(
    ("text", "end", "at"),
    [
        ("2026-12-31", False, datetime(2026, 12, 31, tzinfo=UTC)),
        ("2026-12-31", True, datetime(2027, 1, 1, tzinfo=UTC)),
        ("2026-12-31T18:00Z", True, datetime(2026, 12, 31, 18, tzinfo=UTC)),
        ("2026-12-31T18:00:30-05:00", True, datetime(2026, 12, 31, 23, 0, 30, tzinfo=UTC)),
        ("2026-12-31T18:00", True, None),
        ("9999-12-31", True, None),
        ("31.12.2026", True, None),
    ],
)
def test_validity_is_of_whole_days_or_to_the_second(tmp_path: Path, text: str, end: bool, at: datetime | None) -> None:
    column = "valid_until" if end else "valid_from"
    file = csv(tmp_path, f"id,name,{column}\na,John Doe,{text}\nb,Jane Roe,\n")
    (read,) = generic_csv.read(file, FULL)
    assert dict(read.lookouts.select("entry_id", column).iter_rows()) == ({"a": at} if at else {}) | {"b": None}
    assert [skip.value for skip in read.skipped] == ([] if at else [text])


cell = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12),
    st.sampled_from(["", "a", "b", "John Doe", "1970-03-12;x", "P:A123:CAN;;1", "CA;XX", "sanctions", "2026-01-01", "one"]),
)
COLUMNS = ["id", "name", "source", "aliases", "dob", "country", "birthplace", "doc", "category", "valid_until"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(cell, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=5))
def test_every_row_is_a_lookout_or_told(tmp_path: Path, rows: list[list[str]]) -> None:
    with (tmp_path / "list.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv_module.writer(file)
        writer.writerows([COLUMNS, *rows, ["last", "Good Name", *[""] * (len(COLUMNS) - 2)]])
    lists = generic_csv.read(tmp_path / "list.csv", FULL)
    lookouts = pl.concat([read.lookouts for read in lists])
    assert lookouts.schema == LOOKOUTS
    assert lookouts["entry_id"].is_unique().all()
    assert "last" in lookouts["entry_id"]
    whole = {skip.line for read in lists for skip in read.skipped if "the lookout is kept" not in skip.problem}
    written = [row for row in rows if "".join(row).strip()]
    assert lookouts.height + len(whole) == len(written) + 1
    for name in ("aliases", "birthplaces", "countries", "dobs"):
        values = lookouts[name].explode().drop_nulls()
        assert (values == values.str.strip_chars()).all()
        assert (values != "").all()
