"""CSV files that a command reads and answers, row by row of any number: paths, or - for standard input and output."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import orjson

from manifests.errors import InputError

if TYPE_CHECKING:
    import polars as pl

    from watchlists.files import Answer

STANDARD = Path("-")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file to read. Raises InputError."""
    if path == STANDARD:
        yield sys.stdin.buffer
        return
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}: check the path") from error
    with file:
        yield file


class Answers:
    """The file `out` that answers to the file `asked` are written to as they come. What was left out goes to standard error,
    as does what is shown to people where the answers go to standard output."""

    def __init__(self, asked: Path, out: Path) -> None:
        if out != STANDARD and (out.is_dir() or not out.absolute().parent.is_dir()):
            raise InputError(f"--out {out}: not a file that can be written: give a file in an existing folder")
        if out.exists() and asked.exists() and out.samefile(asked):
            raise InputError(f"--out {out}: is the file that is read: give another")
        self._asked, self._out, self._left_out = asked, out, 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> "Answers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._file and self._out != STANDARD:
            self._file.close()

    def written(self, answers: "Iterable[Answer]") -> "Iterator[pl.DataFrame]":
        """The answers, each once it is written."""
        for found, told in answers:
            first = self._file is None
            if self._file is None:
                self._file = sys.stdout.buffer if self._out == STANDARD else self._out.open("wb")
            for line, problem in told:
                print(f"forepost: {self._asked}: line {line}: {problem}", file=sys.stderr)
            self._left_out += len(told)
            found.write_csv(self._file, include_header=first)
            self._file.flush()
            yield found

    def show(self, text: str) -> None:
        print(text, file=sys.stderr if self._out == STANDARD else sys.stdout)

    def summary(self, facts: dict[str, Any], as_json: bool) -> None:
        """What was done, at the end."""
        if as_json:
            self.show(orjson.dumps({**facts, "out": str(self._out), "left_out": self._left_out}).decode())
        else:
            self.show(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items()) + f" → {self._out}")
