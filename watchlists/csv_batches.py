"""CSV files of any length as columns, batch by batch: what is no row is told with its line, and the rest is read on.

A file without quotes is split by Polars once a look at its bytes has shown that every row has all its values; from the
first quote on Python's csv module reads, which knows where a quoted value ends.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import chain, islice
from typing import Any, BinaryIO, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.errors import InputError

Tell = Callable[[int, str], None]  # of a line and what is wrong with it

_ROW: Final = 64  # bytes of a row, by which rows are counted where a file is not split by bytes
_LONGEST: Final = 1 << 24  # bytes of a line
_MARK: Final = b"\xef\xbb\xbf"  # of UTF-8


@dataclass(frozen=True)
class Batch:
    """Rows of a file: `frame` of String without nulls, and the line on which each begins."""

    frame: pl.DataFrame
    lines: NDArray[np.int64]


def header_of(file: BinaryIO, name: str) -> list[str]:
    """The first row of the file of this name. Raises InputError where it is none."""
    try:
        header = next(csv.reader([file.readline().removeprefix(_MARK).decode()], strict=True), [])
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError(f"{name}: line 1: not readable as CSV in UTF-8 ({error}): save it as such") from error
    if not header:
        raise InputError(f"{name}: line 1: not readable as CSV: it is blank: give a header")
    if twice := [name for at, name in enumerate(header) if name in header[:at]]:
        raise InputError(f"{name}: line 1: column {twice[0]} stands twice: name each apart")
    return header


def batches(file: BinaryIO, name: str, header: list[str], size: int, tell: Tell) -> Iterator[Batch]:
    """The rows after the header, in batches of about `size` bytes. Raises InputError where a line has no end."""
    line, rest = 2, b""
    while block := file.read(size):
        block = rest + block
        if b'"' in block:
            rest = block
            break
        end = block.rfind(b"\n") + 1
        block, rest = block[:end], block[end:]
        if len(rest) > _LONGEST:
            raise InputError(f"{name}: line {line}: longer than {_LONGEST} bytes: end each row with a line feed")
        if block:
            yield from _plain(block, header, line, tell)
            line += block.count(b"\n")
    lines = chain(BytesIO(rest + file.readline()), file)
    yield from _quoted(lines, header, line, max(1, size // _ROW), tell)


def _plain(block: bytes, header: list[str], first: int, tell: Tell) -> Iterator[Batch]:
    """Whole lines without quotes."""
    codes = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(codes == ord("\n"))
    values = np.diff(np.searchsorted(np.flatnonzero(codes == ord(",")), ends), prepend=0) + 1
    whole = (values == len(header)).all() and not (len(header) == 1 and (np.diff(ends, prepend=-1) == 1).any())
    if whole and b"\r" not in block.replace(b"\r\n", b""):
        try:
            frame = pl.read_csv(block, has_header=False, new_columns=header, infer_schema=False, quote_char=None)
        except pl.exceptions.PolarsError:
            pass  # not UTF-8: which line, is found below
        else:
            yield Batch(frame.fill_null(""), np.arange(first, first + ends.size))
            return
    yield from _quoted(BytesIO(block), header, first, ends.size, tell)


def _quoted(lines: Iterable[bytes], header: list[str], first: int, rows: int, tell: Tell) -> Iterator[Batch]:
    """Lines read by the csv module."""
    reader = csv.reader((line.decode(errors="surrogateescape") for line in lines), strict=True)
    numbered = _numbered(reader, len(header), first, tell)
    while batch := list(islice(numbered, rows)):
        columns = zip(*(row for _, row in batch), strict=True)
        frame = pl.DataFrame([pl.Series(name, column, pl.String) for name, column in zip(header, columns, strict=True)])
        yield Batch(frame, np.array([line for line, _ in batch], np.int64))


def _numbered(reader: Any, width: int, first: int, tell: Tell) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins; blank ones are passed over."""
    while True:
        line = first + reader.line_num
        try:
            row = next(reader)
            "".join(row).encode()
        except StopIteration:
            return
        except csv.Error as error:
            tell(line, f"left out, not readable as CSV ({error}): quote values that hold commas, quotes or line feeds")
        except UnicodeEncodeError:
            tell(line, "left out, not UTF-8: save the file as such")
        else:
            if len(row) == width:
                yield line, row
            elif row:
                tell(line, f"left out, {len(row)} values for {width} columns: quote values that hold commas")
