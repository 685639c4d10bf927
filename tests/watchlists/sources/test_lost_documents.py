"""Reading lists of lost documents: every row is a document or is told; CSV and Parquet say the same."""

import csv
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests import fields
from watchlists.lookouts import SnapshotError
from watchlists.lost_documents import REPORTED
from watchlists.sources import lost_documents
from watchlists.sources.lost_documents import LeftOut, read

Row = tuple[str | None, str | None, str | None]


def written(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def taken(path: Path) -> tuple[list[Row], LeftOut]:
    left_out = LeftOut()
    batches = list(read(path, left_out))
    assert all(batch.schema == REPORTED for batch in batches)
    return [row for batch in batches for row in batch.rows()], left_out


def told(left_out: LeftOut) -> list[tuple[str, int, list[tuple[int, str]]]]:
    return [
        (problem, count, [(skip.line, skip.value) for skip in left_out.examples[problem]])
        for problem, count in left_out.counts.items()
    ]


def test_a_csv_is_read_as_travellers_documents_are(tmp_path: Path) -> None:
    text = '\ufeffNumber,type, issuer \r\nab-12 34.56,PD,Canada\r\n\r\n１２３４５６,p,D\r\nX1/Y2<,,\r\n"CD,1",I,FR\r\nEF9,,KOSOVO'
    rows, left_out = taken(written(tmp_path / "lost.csv", text))
    assert sorted(rows, key=str) == sorted(
        [("AB123456", "CAN", "P"), ("123456", "DEU", "P"), ("X1Y2", None, None), ("EF9", "RKS", None)], key=str
    )
    assert left_out.rows == 5
    assert told(left_out) == [("number has characters other than A-Z and 0-9", 1, [(6, "CD,1")])]


def test_what_cannot_be_used_is_told_with_its_line(tmp_path: Path) -> None:
    lines = ("AB1,CAN,P", ",CAN,P", "É12,CAN,P", "AB2,Atlantis,P", "AB3,CAN,passport", f"{'1' * 25},CAN,P")
    text = "\n".join(("number,issuer,type", *lines, "AB4,CAN", "AB5,CAN,P,x", '"AB6,CAN,P'))
    rows, left_out = taken(written(tmp_path / "lost.csv", text))
    assert sorted(rows, key=str) == [("AB1", "CAN", "P"), ("AB3", "CAN", None)]
    assert left_out.rows == 9
    assert told(left_out) == [
        (
            "the line has not 3 values as the header has: quote values that hold a comma",
            3,
            [(8, "AB4,CAN"), (9, "AB5,CAN,P,x"), (10, '"AB6,CAN,P')],
        ),
        ("number is blank", 1, [(3, "")]),
        ("number has characters other than A-Z and 0-9", 1, [(4, "É12")]),
        ("number is longer than 24 characters", 1, [(7, "1" * 25)]),
        ("issuer is no country or code of ICAO 9303: use alpha-3", 1, [(5, "Atlantis")]),
        ("type is none of ICAO 9303: the document is kept without it", 1, [(6, "passport")]),
    ]


def test_many_bad_rows_are_counted_and_a_few_shown(tmp_path: Path) -> None:
    rows, left_out = taken(written(tmp_path / "lost.csv", "number,issuer\n" + "AB1,Atlantis\n" * 1_000 + "AB1,CAN"))
    assert rows == [("AB1", "CAN", None)]
    [(problem, count, examples)] = told(left_out)
    assert (count, [line for line, _ in examples]) == (1_000, [2, 3, 4, 5, 6])
    assert problem.startswith("issuer")


def test_columns_that_are_not_read_are_told(tmp_path: Path) -> None:
    rows, left_out = taken(written(tmp_path / "lost.csv", "line,number,issuer,reported\n7,AB1,CAN,2026-01-01\n"))
    assert rows == [("AB1", "CAN", None)]
    assert told(left_out) == [("column is not read", 2, [(1, "line"), (1, "reported")])]


@pytest.mark.parametrize("block", [30, 37, 1_000])
def test_blocks_cut_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int) -> None:
    """The same whatever is read at a time; a letter of two bytes may stand where a block ends."""
    lines = [f"AB{number:05},CÔTE D'IVOIRE" for number in range(60)]
    path = written(tmp_path / "lost.csv", "\n".join(["number,issuer", *lines, "AB1,\xe9"]))
    monkeypatch.setattr(lost_documents, "_BLOCK", block)
    rows, left_out = taken(path)
    assert sorted(rows) == [(f"AB{number:05}", "CIV", None) for number in range(60)]
    assert [examples for _, _, examples in told(left_out)] == [[(62, "\xe9")]]


def test_bytes_that_are_no_text_spoil_their_row_alone(tmp_path: Path) -> None:
    rows, left_out = taken(written(tmp_path / "lost.csv", b"number,issuer\nAB\xff1,CAN\nAB\x002,CAN\nAB3,CAN\n"))
    assert rows == [("AB3", "CAN", None)]
    assert sum(left_out.counts.values()) == 2


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b"id,name\n1,ROE\n", "needs the columns number, issuer"),
        (b"number,number,issuer\n", "each once"),
        (b"number,issuer;type\n", "needs the columns number, issuer"),
        (b"PAR1" + bytes(100), "not readable"),
        (b"PAR1", "not readable"),
        (b"number,issuer\n", "no row can be used"),
        (b"number,issuer\n\nAB1,Atlantis\n", "line 3: Atlantis: issuer is no country"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, content: bytes, fault: str) -> None:
    with pytest.raises(SnapshotError, match=fault):
        taken(written(tmp_path / "lost", content))


def test_a_file_that_is_not_there_or_has_no_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SnapshotError, match="check the path"):
        taken(tmp_path / "none.csv")
    with pytest.raises(SnapshotError, match="check the path"):
        taken(tmp_path)
    monkeypatch.setattr(lost_documents, "_BLOCK", 100)
    with pytest.raises(SnapshotError, match="line of more than 100 bytes"):
        taken(written(tmp_path / "one-line", bytes(1_000)))


GOOD: Row = ("GOOD1", "CAN", "P")  # a file without any good row is refused
ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.text(max_size=8), st.text("AB01 -/", min_size=1, max_size=26)),
        st.sampled_from([None, "", "CAN", "ca", "D", "nowhere", " FRA "]),
        st.sampled_from([None, "", "P", "pd", "X9", "S"]),
    ),
    max_size=30,
).map(lambda rows: [GOOD, *rows])


@given(ROWS)
def test_every_row_is_a_document_or_is_told(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    path = tmp_path_factory.mktemp("parquet") / "lost.parquet"
    pl.DataFrame(rows, {"number": pl.String, "issuer": pl.String, "type": pl.String}, orient="row").write_parquet(path)
    documents, left_out = taken(path)
    kept_without_type = left_out.counts.get("type is none of ICAO 9303: the document is kept without it", 0)
    assert left_out.rows == len(rows) == len(documents) + sum(left_out.counts.values()) - kept_without_type
    for number, _, _ in documents:
        assert fields.document_number([number], lambda row, problem: pytest.fail(problem)) == [number]


@given(st.text("aZ09 -./<é\u00a0１Ａ", min_size=1, max_size=12).filter(str.strip))
def test_numbers_read_as_those_of_messages(tmp_path_factory: pytest.TempPathFactory, number: str) -> None:
    path = tmp_path_factory.mktemp("numbers") / "lost.parquet"
    pl.DataFrame({"number": ["GOOD1", number], "issuer": ["CAN", "CAN"]}).write_parquet(path)
    assert [row[0] for row in taken(path)[0][1:]] == [
        read for read in fields.document_number([number], lambda row, problem: None) if read
    ]


@given(ROWS)
def test_csv_and_parquet_give_the_same(tmp_path_factory: pytest.TempPathFactory, rows: list[Row]) -> None:
    folder = tmp_path_factory.mktemp("both")
    rows = [row for row in rows if not any("\n" in (value or "") or "\r" in (value or "") for value in row)]
    pl.DataFrame(rows, {"number": pl.String, "issuer": pl.String, "type": pl.String}, orient="row").write_parquet(folder / "p")
    with (folder / "c").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("number", "issuer", "type"), *rows])
    from_csv, from_parquet = taken(folder / "c"), taken(folder / "p")
    assert sorted(from_csv[0], key=str) == sorted(from_parquet[0], key=str)
    assert from_csv[1].counts == from_parquet[1].counts


def test_parquet_numbers_that_are_no_text_are_refused(tmp_path: Path) -> None:
    pl.DataFrame({"number": [123456], "issuer": ["CAN"]}).write_parquet(tmp_path / "lost.parquet")
    with pytest.raises(SnapshotError, match="column number holds Int64: write it as text"):
        taken(tmp_path / "lost.parquet")


def test_parquet_is_read_slice_by_slice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lost_documents, "_ROWS", 7)
    numbers: dict[str, Any] = {
        "number": [f"AB{number}" for number in range(23)],
        "issuer": pl.Series(["CAN"] * 23).cast(pl.Categorical),
    }
    pl.DataFrame(numbers).write_parquet(tmp_path / "lost.parquet", row_group_size=5)
    left_out = LeftOut()
    batches = list(read(tmp_path / "lost.parquet", left_out))
    assert [batch.height for batch in batches] == [7, 7, 7, 2]
    assert pl.concat(batches)["number"].to_list() == numbers["number"]
