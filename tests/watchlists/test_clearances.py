"""Which matches a clearance suppresses: those of the lookout as it was identified then, whatever the order of its lists."""

from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.watchlists.conftest import lookout, matches, travellers
from watchlists.clearances import _IDENTIFYING, CLEARANCES, ClearedMatches, _digest, digests, with_clearances
from watchlists.snapshot import Snapshot

Build = Callable[..., Snapshot]
PERSON = travellers(("Qvistgaard", "Torvald"), ("Qvistgaard", "Torvald"))
FULL: dict[str, Any] = {
    "aliases": ["Quist", "Kvist"],
    "weak_aliases": ["The Dane"],
    "dobs": ["1971-03-09", "1972"],
    "countries": ["DNK", "SWE"],
    "birthplaces": ["Aarhus", "Odense"],
    "documents": [{"type": "P", "number": "X1", "issuer": "DNK"}, {"type": None, "number": "X2", "issuer": None}],
}


def clearances(*rows: tuple[int, str, str, str]) -> pl.DataFrame:
    """CLEARANCES of the entry L-1 of the list `test`: traveller, entry, digest, id."""
    return pl.DataFrame([(row, "test", *rest) for row, *rest in rows], schema=CLEARANCES, orient="row")


def digest_of(opened: Snapshot, entry_id: str = "L-1") -> str:
    [entry] = opened.entries.filter(pl.col("entry_id") == entry_id)["entry"].to_list()
    return digests(opened, pl.Series([entry], dtype=pl.UInt32))[0]


def test_only_the_cleared_traveller_and_lookout(build: Build) -> None:
    opened = build(lookout("L-1", "Qvistgaard, Torvald"), lookout("L-2", "Qvistgaard, Torvald"))
    found = with_clearances(opened, matches(opened, PERSON), clearances((1, "L-1", digest_of(opened), "c1")))
    ClearedMatches.validate(found)
    told = {(row["traveller"], row["entry_id"]): row["clearance"] for row in found.to_dicts()}
    assert told == {(0, "L-1"): None, (0, "L-2"): None, (1, "L-1"): "c1", (1, "L-2"): None}
    assert found.drop("lookout", "clearance").equals(matches(opened, PERSON))


@pytest.mark.parametrize(
    "change",
    [
        {"aliases": ["Quist"]},
        {"weak_aliases": []},
        {"dobs": ["1971-03-09"]},
        {"countries": ["DNK"]},
        {"birthplaces": ["Aarhus"]},
        {"documents": []},
        {"documents": [{"type": "V", "number": "X1", "issuer": "DNK"}, FULL["documents"][1]]},
    ],
    ids=str,
)
def test_a_lookout_that_is_identified_otherwise_acts_again(build: Build, change: dict[str, Any]) -> None:
    before = build(lookout("L-1", "Qvistgaard, Torvald", **FULL))
    after = build(lookout("L-1", "Qvistgaard, Torvald", **(FULL | change)))
    cleared = clearances((0, "L-1", digest_of(before), "c1"))
    assert with_clearances(before, matches(before, PERSON), cleared)["clearance"].to_list() == ["c1", None]
    assert with_clearances(after, matches(after, PERSON), cleared)["clearance"].to_list() == [None, None]


def test_who_lists_and_why_is_no_part_of_who_is_listed(build: Build) -> None:
    one = build(lookout("L-1", "Qvistgaard, Torvald", **FULL))
    other = {"authority": "Another", "purpose": "other", "category": "war_crimes", "action": "stop_before_boarding"}
    assert digest_of(one) == digest_of(build(lookout("L-1", "Qvistgaard, Torvald", **(FULL | other))))


def test_the_latest_of_several_clearances_is_named(build: Build) -> None:
    opened = build(lookout("L-1", "Qvistgaard, Torvald"))
    digest = digest_of(opened)
    found = with_clearances(opened, matches(opened, PERSON), clearances((0, "L-1", digest, "c1"), (0, "L-1", digest, "c2")))
    assert found["clearance"].to_list() == ["c2", None]


def test_nothing_matched_and_nobody_cleared(build: Build) -> None:
    opened = build(lookout("L-1", "Qvistgaard, Torvald"))
    nobody = travellers(("Oyelaran", "Babatunde"))
    assert with_clearances(opened, matches(opened, nobody), clearances()).is_empty()
    assert with_clearances(opened, matches(opened, PERSON), clearances())["clearance"].to_list() == [None, None]


texts = st.lists(st.text(max_size=4), max_size=4)
papers = st.lists(st.fixed_dictionaries({"type": st.none() | st.just("P"), "number": st.text(max_size=3), "issuer": st.none()}))


@given(st.data())
def test_the_order_of_lists_does_not_count_and_everything_else_does(data: st.DataObject) -> None:
    lists = [data.draw(texts) for _ in _IDENTIFYING[1:]] + [data.draw(papers)]
    shuffled = [data.draw(st.permutations(values)) for values in lists]
    assert _digest(("A", *lists)) == _digest(("A", *shuffled))
    assert _digest(("B", *lists)) != _digest(("A", *lists))
    longer = [[*lists[0], "more"], *lists[1:]]
    assert _digest(("A", *longer)) != _digest(("A", *lists))
    elsewhere = [lists[1], lists[0], *lists[2:]]
    assert (_digest(("A", *elsewhere)) == _digest(("A", *lists))) == (sorted(lists[0]) == sorted(lists[1]))
