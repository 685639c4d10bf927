"""Looking a person up by name or entry id."""

from datetime import timedelta

import pytest

from manifests.errors import InputError
from tests.watchlists.conftest import AT, Build, lookout
from watchlists.lookup import search


def test_the_best_lookouts_of_a_name_come_first_with_evidence_and_facts(build: Build) -> None:
    opened = build(
        lookout("1", "QUDDOOSHI, Zulmay", dobs=["1962-04-23"], countries=["AFG"], birthplaces=["Kabul"], aliases=["The Fox"]),
        lookout("2", "QUDDOOSHI, Ali"),
        lookout("3", "NOBODY, Else"),
        lookout("4", "QUDDOOSHI, Zulmay", valid_until=AT),
    )
    first, second = search(opened, "zulmay quddooshi", AT, dob="23 Apr 1962", nationality="Afghanistan")
    assert [first.lookout["entry_id"], second.lookout["entry_id"]] == ["1", "2"]
    assert first.lookout["birthplaces"] == ["Kabul"]
    assert first.matched_name == "QUDDOOSHI, Zulmay"
    assert first.log_odds == pytest.approx(sum(part["log_odds"] for part in first.evidence))
    assert {"name", "dob", "nationality"} <= {part["field"] for part in first.evidence}
    assert [found.lookout["entry_id"] for found in search(opened, "zulmay quddooshi", AT - timedelta(1), limit=2)] == ["1", "4"]
    assert len(search(opened, "QUDDOOSHI", AT, limit=1)) == 1


def test_an_entry_id_finds_its_entry_whether_it_is_in_force_or_not(build: Build) -> None:
    opened = build(lookout("L-7", "QUDDOOSHI, Zulmay", valid_until=AT), lookout("L-8", "DOE, John"))
    (found,) = search(opened, " L-7 ", AT)
    assert (found.lookout["name"], found.log_odds, found.evidence) == ("QUDDOOSHI, Zulmay", None, [])


def test_nothing_and_faults(build: Build) -> None:
    opened = build(lookout("1", "DOE, John"))
    assert search(opened, "", AT) == search(opened, "123 \0 😀", AT) == []
    with pytest.raises(InputError) as refused:
        search(opened, "DOE", AT, dob="last year", nationality="ZZZ")
    assert len(refused.value.faults) == 2
