"""The index of lost and stolen documents against a Python set: exact whatever is listed and whatever is asked."""

import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.frames import DTYPES
from manifests.vocabulary import DOCUMENT_TYPES
from watchlists import lost_build
from watchlists.lookouts import SnapshotError
from watchlists.lost_codes import ISSUERS, code
from watchlists.lost_documents import FILES, LOST, REPORTED, LostDocuments, LostIndex

Document = tuple[str, str | None, str | None]  # number, issuer, type

# Few letters and few issuers, so that numbers meet; all lengths, so that those of the table and of the buckets do.
NUMBERS = st.one_of(
    st.text("0AZ", min_size=1, max_size=3), st.text("0Z", min_size=8, max_size=25), st.text("A1", min_size=12, max_size=13)
)
DOCUMENTS = st.tuples(NUMBERS, st.sampled_from([None, "CAN", "FRA", "XXB"]), st.sampled_from([None, "P", "I"]))


def reported(*documents: Document) -> pl.DataFrame:
    return pl.DataFrame(documents, REPORTED, orient="row")


def presented(*documents: tuple[str | None, str | None, str | None], travellers: list[int] | None = None) -> pl.DataFrame:
    rows = [
        {"traveller": traveller, "number": number, "issuer": issuer, "type": kind}
        for traveller, (number, issuer, kind) in zip(travellers or range(len(documents)), documents, strict=True)
    ]
    return pl.DataFrame(rows, DTYPES["documents"])


Build = Callable[..., LostIndex]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    made = iter(range(100))

    def make(*batches: pl.DataFrame) -> LostIndex:
        folder = tmp_path / str(next(made))
        folder.mkdir()
        lost_build.write(folder, batches, "National Police", "lost and stolen documents")
        opened = LostIndex.open(folder)
        assert opened is not None
        return opened

    return make


def expected(listed: set[Document], asked: tuple[str | None, str | None, str | None]) -> bool:
    """What `find` is to say, as a sentence: the same number, and nothing in issuer and type that speaks against it."""
    number, issuer, kind = asked
    return any(
        number == listed_number
        and (None in (issuer, listed_issuer) or issuer == listed_issuer)
        and (None in (kind, listed_kind) or kind == listed_kind)
        for listed_number, listed_issuer, listed_kind in listed
    )


@settings(max_examples=150)
@given(
    st.lists(DOCUMENTS.filter(lambda document: len(document[0]) <= 24), max_size=40),
    st.lists(DOCUMENTS, min_size=1, max_size=40),
    st.integers(1, 3),
)
def test_finds_exactly_what_is_reported(listed: list[Document], asked: list[Document], batches: int) -> None:
    with TemporaryDirectory() as folder:
        parts = [reported(*listed[start::batches]) for start in range(batches)]
        assert lost_build.write(Path(folder), parts, "authority", "purpose") == len(set(listed))
        index = LostIndex.open(Path(folder))
        assert index is not None
        assert index.documents == len(set(listed))
        found = index.find(presented(*asked, *listed))
    LostDocuments.validate(found)
    want = [row for row, document in enumerate([*asked, *listed]) if expected(set(listed), document)]
    assert found["traveller"].to_list() == want


@given(st.lists(DOCUMENTS.filter(lambda document: len(document[0]) <= 24), max_size=30), st.randoms())
def test_equal_lists_give_equal_files_in_whatever_order_and_however_often(listed: list[Document], chance: Any) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        shuffled = [*listed, *listed[:5]]
        chance.shuffle(shuffled)
        lost_build.write(Path(one), [reported(*listed)], "authority", "purpose")
        lost_build.write(Path(other), [reported(*shuffled[:7]), reported(*shuffled[7:])], "authority", "purpose")
        assert {file.name for file in Path(one).iterdir()} == set(FILES)
        assert all((Path(one) / name).read_bytes() == (Path(other) / name).read_bytes() for name in FILES)


@given(st.lists(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=24), unique=True, min_size=1))
def test_different_numbers_are_different_integers(numbers: list[str]) -> None:
    coded = code(reported(*((number, None, None) for number in numbers)))
    assert len({*coded.short.tolist()}) == coded.short.size
    assert len({*zip(coded.high.tolist(), coded.low.tolist(), strict=True)}) == coded.high.size
    assert sorted([*coded.short_rows, *coded.long_rows]) == list(range(len(numbers)))


def test_the_ends_of_each_length_are_told_apart(build: Build) -> None:
    numbers = [letter * length for length in range(1, 25) for letter in "0Z"]
    index = build(reported(*((number, "CAN", "P") for number in numbers)))
    assert index.find(presented(*((number, "CAN", "P") for number in numbers))).height == len(numbers)
    others = [number[:-1] + "Y" for number in numbers]
    assert index.find(presented(*((number, "CAN", "P") for number in others))).is_empty()


@pytest.mark.parametrize("number", [None, "", "ab1234", "+12345", "-12345", " 12345", "12345 ", "É12345", "12\x00345", "1" * 25])
def test_what_is_no_number_is_never_found(build: Build, number: str | None) -> None:
    index = build(reported(("AB1234", None, None), ("12345", None, None), ("1" * 24, None, None)))
    assert index.find(presented((number, None, None))).is_empty()


def test_the_report_that_agrees_in_most_is_the_one_told(build: Build) -> None:
    index = build(
        reported(("AB123456", None, None), ("AB123456", "FRA", None), ("AB123456", "FRA", "P"), ("AB123456", "CAN", "P"))
    )
    found = index.find(
        presented(("AB123456", "FRA", "P"), ("AB123456", None, "P"), ("AB123456", "DEU", "P"), ("AB123456", "FRA", "I"))
    )
    columns = ("traveller", "issuer", "type", "issuer_agrees", "type_agrees")
    assert found.select(columns).rows() == [
        (0, "FRA", "P", True, True),
        (1, "CAN", "P", False, True),
        (2, None, None, False, False),
        (3, "FRA", None, True, False),
    ]


def test_an_issuer_that_no_list_can_name_agrees_with_none(build: Build) -> None:
    index = build(reported(("AB123456", "FRA", "P"), ("CD123456", None, "P")))
    found = index.find(presented(("AB123456", "???", "P"), ("CD123456", "???", "P")))
    assert found["traveller"].to_list() == [1]


def test_documents_are_counted_within_each_traveller(build: Build) -> None:
    index = build(reported(("AB123456", "FRA", "P"), ("CD123456", "FRA", "V")))
    papers = presented(
        ("X0000000", "FRA", "P"),
        ("AB123456", "FRA", "P"),
        ("CD123456", "FRA", "V"),
        ("AB123456", "FRA", "P"),
        travellers=[7, 3, 7, 7],
    )
    found = index.find(papers)
    assert found.select("traveller", "document").rows() == [(3, 0), (7, 1), (7, 2)]
    assert found["tag"].n_unique() == 2
    assert not any(number in str(found.to_dicts()) for number in papers["number"])


def test_finds_nothing_among_nothing(build: Build) -> None:
    index = build()
    assert index.documents == 0
    assert index.find(presented(("AB123456", "FRA", "P"))).is_empty()
    assert build(reported(("AB123456", "FRA", "P"))).find(presented()).schema == LOST


@pytest.mark.parametrize(("issuers", "types", "count", "width"), [(40, 2, 3_000, 8), (1, 1, 300_000, 4)])
def test_keys_are_as_narrow_as_they_can_be_and_exact(build: Build, issuers: int, types: int, count: int, width: int) -> None:
    """Numbers given out in order, half of them listed."""
    names, kinds = ISSUERS.categories[:issuers], DOCUMENT_TYPES.categories[:types]
    every = pl.DataFrame({"number": pl.int_range(10**8, 10**8 + count, eager=True).cast(pl.String)}).with_columns(
        issuer=pl.Series([names[at % issuers] for at in range(count)], dtype=ISSUERS),
        type=pl.Series([kinds[at % types] for at in range(count)], dtype=DOCUMENT_TYPES),
    )
    odd = pl.Series(np.arange(count) % 2 == 1)
    index = build(every.filter(odd))
    assert index.keys.itemsize == width
    asked = every.with_columns(traveller=pl.int_range(count, dtype=pl.UInt32), issuer=pl.col("issuer").cast(pl.String))
    assert (index.find(asked)["traveller"] == odd.arg_true()).all()
    assert np.diff(index.buckets).max() < 40  # consecutive numbers are spread


def test_a_missing_part_is_refused(build: Build, tmp_path: Path) -> None:
    build(reported(("AB123456", "FRA", "P")))
    (tmp_path / "0" / "lost.keys.npy").unlink()
    with pytest.raises(SnapshotError, match=r"lost\.keys\.npy: missing"):
        LostIndex.open(tmp_path / "0")
    assert LostIndex.open(tmp_path) is None


def test_the_build_keeps_no_batch() -> None:
    """What it has of a batch before the last stands on disk: memory does not grow with the list."""
    made: list[weakref.ref[pl.DataFrame]] = []

    def batches() -> Iterator[pl.DataFrame]:
        for number in range(20):
            assert sum(frame() is not None for frame in made) <= 1
            frame = reported((f"AB{number:06}", "CAN", "P"), ("1" * 12, "CAN", "P"))
            made.append(weakref.ref(frame))
            yield frame
            del frame

    with TemporaryDirectory() as folder:
        assert lost_build.write(Path(folder), batches(), "authority", "purpose") == 21
    assert len(made) == 20
