"""Documents reported lost or stolen: always a question to an officer before boarding, never an answer."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.history import HISTORY
from manifests.frames import Manifest, concat
from scoring.pipeline import Screened, screen
from tests.scoring.test_decide import CASES, CHILD, hit_rows, match_rows, people
from watchlists import lost_build, snapshot
from watchlists.lost_documents import LOST, REPORTED, LostDocuments

REPORT = {
    "traveller": 0,
    "document": 0,
    "issuer": "PRT",
    "type": "P",
    "issuer_agrees": True,
    "type_agrees": True,
    "tag": 0x3FA,
    "authority": "National Police",
    "purpose": "lost and stolen documents",
}


def lost(*rows: dict[str, Any]) -> pl.DataFrame:
    return LostDocuments.validate(pl.DataFrame([REPORT | row for row in rows], LOST))


def decided(make: SimpleNamespace, person: dict[str, Any] | None = None, **named: Any) -> dict[str, Any]:
    (row,) = make.decisions(
        make.manifest(person or {}), under=named.pop("under", make.policy(hold=make.hold)), **named
    ).to_dicts()
    return dict(row)


def test_a_reported_document_is_asked_about_before_boarding(make: SimpleNamespace) -> None:
    without, row = decided(make), decided(make, lost=lost({}))
    assert (row["directive"], row["kind"], row["lane"]) == ("BOARD", "PRE_BOARDING", "enforcement")
    assert (row["decide_by"], row["telephone"]) == (None, None)
    assert row["priority"] == without["priority"]
    reason = row["reasons"][0]
    assert (reason["code"], reason["log_odds"]) == ("lost_document:3fa", 0.0)
    assert reason["en"].startswith("Document 1 (P, PRT) was reported lost or stolen to National Police. Confirm with the issuer")
    assert reason["fr"].startswith(
        "Le document 1 (P, PRT) a été déclaré perdu ou volé auprès de National Police. Confirmer auprès"
    )
    assert "another State" not in reason["en"]


def test_the_reason_says_what_was_not_compared(make: SimpleNamespace) -> None:
    row = decided(make, lost=lost({"document": 1, "issuer": None, "type": None, "issuer_agrees": False, "type_agrees": False}))
    assert row["reasons"][0]["en"].startswith("Document 2 was reported")
    assert "The issuer was not compared: it may be another State's document" in row["reasons"][0]["en"]
    assert "d'un autre État" in row["reasons"][0]["fr"]


@pytest.mark.parametrize("policy", ["demo", "standard", "ca", "eu"])
def test_it_counts_for_a_child_as_an_exact_document_does(make: SimpleNamespace, policy: str) -> None:
    row = decided(make, CHILD, under=make.policy(policy), lost=lost({}))
    assert (row["directive"], row["kind"], row["lane"]) == ("BOARD", "PRE_BOARDING", "enforcement")


def test_on_a_protection_case_it_waits_for_the_protection_team(make: SimpleNamespace) -> None:
    row = decided(make, CHILD, lost=lost({}), hit=[{"lane": "protection", "scenario": "lone-child"}])
    assert (row["directive"], row["kind"], row["lane"]) == ("BOARD", "PRE_BOARDING", "protection")


def test_once_the_flight_has_left_it_is_for_the_arrival(make: SimpleNamespace) -> None:
    row = decided(make, lost=lost({}), now=datetime(2026, 1, 15, 14, tzinfo=UTC))
    assert (row["directive"], row["kind"]) == ("BOARD", "ON_ARRIVAL")


@pytest.mark.parametrize("case", CASES)
def test_no_directive_of_any_case_depends_on_it(make: SimpleNamespace, case: str) -> None:
    special = dict(CASES[case][0])
    changes = dict(special.pop("changes", {})) | ({"hold": make.hold} if special.pop("hold", False) else {})
    travellers = make.manifest(special.pop("person", {}), flight=special.pop("flight", None), faults=special.pop("faults", ()))
    decide = partial(make.decisions, travellers, under=make.policy(special.pop("policy", "standard"), **changes), **special)
    same = ("directive", "decide_by", "telephone", "priority")
    (before,), (after,) = decide().to_dicts(), decide(lost=lost({})).to_dicts()
    assert [after[name] for name in same] == [before[name] for name in same]
    assert after["lane"] == (before["lane"] or "enforcement")
    assert not after["control"]


@settings(max_examples=60)
@given(
    name=st.sampled_from(["demo", "standard", "ca", "eu"]),
    persons=st.lists(people, min_size=3, max_size=3),
    match=st.lists(match_rows, max_size=4),
    hit=st.lists(hit_rows, max_size=3),
    risk=st.none() | st.lists(st.floats(-30, 30), min_size=3, max_size=3),
    reported=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2))),
)
def test_it_never_makes_a_hold_nor_lifts_one(
    make: SimpleNamespace, name: str, persons: Any, match: Any, hit: Any, risk: Any, reported: set[tuple[int, int]]
) -> None:
    decide = partial(
        make.decisions, make.manifest(*persons), under=make.policy(name, hold=make.hold), match=match, hit=hit, risk=risk
    )
    rows = lost(*({"traveller": traveller, "document": document} for traveller, document in sorted(reported)))
    before, after = decide(), decide(lost=rows)
    for column in ("directive", "decide_by", "telephone", "priority", "entry_authorisation"):
        assert after[column].equals(before[column], null_equal=True)
    touched = {traveller for traveller, _ in reported}
    for row, (kind, was) in enumerate(zip(after["kind"], before["kind"], strict=True)):
        assert kind == ("PRE_BOARDING" if row in touched else was)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> snapshot.Snapshot:
    rows = [("AB123456", "PRT", "P"), ("ZZ999999", None, None)]
    write = partial(
        lost_build.write,
        batches=[pl.DataFrame(rows, REPORTED, orient="row")],
        authority="National Police",
        purpose="lost documents",
    )
    return snapshot.replace(tmp_path_factory.mktemp("lost") / "snapshot", [], write)


def run(travellers: Manifest, held: snapshot.Snapshot, make: SimpleNamespace) -> Screened:
    history = travellers.travellers.select(
        pl.col(name) if name == "traveller" else pl.lit(None, dtype).alias(name) for name, dtype in HISTORY.items()
    )
    draws = pl.Series("draw", [0.999] * travellers.travellers.height, pl.Float64)
    policy = make.policy(hold=make.hold)
    return screen(
        travellers, history, draws, snapshot=held, pack=None, model=None, policy=policy, at=datetime(2026, 1, 15, 12, tzinfo=UTC)
    )


def document(number: str, issuer: str | None = "PRT", kind: str | None = "P") -> dict[str, Any]:
    return {"document": {"type": kind, "number": number, "issuer": issuer, "expiry": date(2030, 1, 1)}}


def test_the_flow(make: SimpleNamespace, opened: snapshot.Snapshot) -> None:
    manifests = [
        make.manifest(document("AB123456"), document("AB123456", "ESP"), document("AB123456", None), document("AB123457")),
        make.manifest(document("AB123456", "PRT", "I"), {**document("ZZ999999"), **CHILD}, flight={"number": "13"}),
    ]
    together = run(concat(manifests), opened, make)
    assert together.lost is not None
    assert together.lost.select("traveller", "issuer_agrees", "type_agrees").rows() == [
        (0, True, True),
        (2, False, True),
        (5, False, False),
    ]
    assert together.decisions["kind"].to_list() == ["PRE_BOARDING", None, "PRE_BOARDING", None, None, "PRE_BOARDING"]
    assert together.decisions["directive"].to_list() == ["BOARD"] * 6
    for manifest, start in zip(manifests, (0, 4), strict=True):
        alone = run(manifest, opened, make)
        rows = together.lost.filter(pl.col("traveller").is_between(start, start + 3))
        assert alone.lost is not None
        assert rows.with_columns(pl.col("traveller") - pl.lit(start, pl.UInt32)).equals(alone.lost)


def test_a_snapshot_without_such_a_list_gives_no_frame(make: SimpleNamespace, opened: snapshot.Snapshot) -> None:
    assert run(make.manifest(document("AB123456")), replace(opened, lost=None), make).lost is None
    assert run(make.manifest(document("AB123457")), opened, make).lost.is_empty()  # type: ignore[union-attr]
