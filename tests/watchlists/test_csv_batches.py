"""Rows come as the csv module reads them, whatever the size of a batch and wherever quotes begin."""

import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.errors import InputError
from watchlists.csv_batches import batches, header_of

VALUES = st.text(st.sampled_from('AZaz09 .;éЖ漢\u00a0\u2028"\n,'), max_size=6)


def rows_of(content: bytes, size: int = 64) -> tuple[list[tuple[Any, ...]], list[tuple[int, str]]]:
    """(line, values…) of every row, and what was told."""
    file = BytesIO(content)
    header = header_of(file, "f.csv")
    told: list[tuple[int, str]] = []
    rows = []
    for batch in batches(file, "f.csv", header, size, lambda line, problem: told.append((line, problem))):
        assert batch.frame.columns == header
        rows += [(line, *row) for line, row in zip(batch.lines.tolist(), batch.frame.iter_rows(), strict=True)]
    return rows, told


@given(st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=12), st.sampled_from(["\n", "\r\n"]), st.integers(1, 200))
def test_what_was_written_is_read(rows: list[tuple[str, str, str]], end: str, size: int) -> None:
    text = StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([("a", "b", "c"), *rows])
    found, told = rows_of(text.getvalue().encode(), size)
    assert [row[1:] for row in found] == rows
    assert told == []
    assert [row[0] for row in found] == sorted({row[0] for row in found})


@given(st.lists(VALUES.filter(lambda value: '"' not in value), max_size=12), st.integers(1, 100))
def test_quotes_change_nothing_but_where_values_end(values: list[str], size: int) -> None:
    plain = [value.replace("\n", "").replace(",", "") for value in values]
    bare = "a,b\n" + "".join(f"{value},1\n" for value in plain)
    quoted = "a,b\n" + "".join(f'"{value}",1\n' for value in plain)
    assert rows_of(bare.encode(), size) == rows_of(quoted.encode(), size)


@pytest.mark.parametrize("quoted", ["", 'x,"y"\n'])
def test_a_bad_row_is_told_with_its_line_and_the_others_are_read(quoted: str) -> None:
    content = f"a,b\n{quoted}1,2\n1,2,3\n\nonly\n3,4\n".encode() + b"\xff,5\n" + b'6,"7"8\n9,10'
    at = 2 + bool(quoted)
    rows, told = rows_of(content)
    assert rows[-3:] == [(at, "1", "2"), (at + 4, "3", "4"), (at + 7, "9", "10")]
    assert [line for line, _ in told] == [at + 1, at + 3, at + 5, at + 6]
    assert ["values for" in problem for _, problem in told] == [True, True, False, False]


def test_values_over_several_lines_keep_the_count_of_lines() -> None:
    assert rows_of(b'a,b\n"1\n1",2\n3,4\n')[0] == [(2, "1\n1", "2"), (4, "3", "4")]


def test_a_quote_that_never_closes_does_not_take_the_rest_into_memory() -> None:
    rows, told = rows_of(b'a,b\n1,2\n"3,4\n' + b"5,6\n" * 100_000 + b"7,8\n")
    assert rows[0] == (2, "1", "2")
    assert rows[-1][1:] == ("7", "8")
    assert told[0][0] == 3
    assert "field limit" in told[0][1]


def test_files_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="column a stands twice"):
        rows_of(b"a,b,a\n")
    with pytest.raises(InputError, match="UTF-8"):
        rows_of(b"\xff\n")
    assert rows_of(b"\xef\xbb\xbfa,b\n1,2")[0] == [(2, "1", "2")]
    assert rows_of(b"a\n\n1\n\n2\n")[0] == [(3, "1"), (5, "2")]
