"""The whole flow on parts made here: a snapshot of two lookouts, a pack of two scenarios, a model of three features."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.history import HISTORY
from manifests.frames import Manifest, concat
from rules import pack as packs
from rules.evaluate import HITS
from scoring.draws import draws
from scoring.frames import DECISIONS, RISKS, Decisions
from scoring.model import Model
from scoring.pipeline import Screened, screen
from watchlists import lookouts
from watchlists.clearances import CLEARED_MATCHES, ClearedMatches
from watchlists.snapshot import replace as put

KEY = b"key of the month"
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
LOOKOUT = {
    "source": "national",
    "aliases": [],
    "weak_aliases": [],
    "birthplaces": [],
    "documents": [],
    "authority": "authority",
    "purpose": "purpose",
    "category": "warrant_or_removal_order",
    "action": "stop_before_boarding",
}
LOOKOUTS = [
    {**LOOKOUT, "entry_id": "L-1", "name": "QVISTGAARD, Torvald Ebbe", "dobs": ["1971-03-09"], "countries": ["DNK"]},
    {
        **LOOKOUT,
        "entry_id": "L-2",
        "name": "OYELARAN, Babatunde",
        "dobs": [],
        "countries": ["NGA"],
        "action": "examine_on_arrival",
    },
]
PACK = """
id: test
version: 1
origin: ORIGIN
scenarios:
  - id: heavy-and-expiring
    title: {en: Heavy bags and an expiring document, fr: Bagages lourds et document qui expire}
    description: {en: Both at once., fr: Les deux à la fois.}
    category: improper_documentation
    lane: enforcement
    kind: PRE_BOARDING
    weight: 1.25
    valid_from: 2025-01-01
    valid_until: 2026-12-31
    purpose: border_control
    when: {all: [checked_bag_weight > 60, document_validity_days < 30]}
    justification: &why
      source_class: public_report
      source: made for a test
      date: 2025-11-02
      reliability: possible
      necessity: Shows the flow.
      proportionality: Hurts nobody.
      grounds: []
      author: author
      approver: approver
      review_by: 2026-10-31
  - id: child-alone
    title: {en: Child alone, fr: Enfant seul}
    description: {en: No adult on the booking., fr: Aucun adulte dans la réservation.}
    category: trafficking_protection
    lane: protection
    kind: ON_ARRIVAL
    weight: 2.0
    valid_from: 2025-01-01
    valid_until: 2026-12-31
    purpose: border_control
    when: {all: [child_without_adult == true]}
    justification:
      source_class: public_report
      source: made for a test
      date: 2025-11-02
      reliability: possible
      necessity: Shows the flow.
      proportionality: Hurts nobody.
      grounds: [age]
      author: author
      approver: approver
      rights_reviewer: reviewer
      review_by: 2026-10-31
""".replace("&why", "")
LISTED = {"surname": "Qvistgaard", "given": "Torvald Ebbe", "dob": date(1971, 3, 9), "nationality": "DNK", "sex": "M"}
SUSPECT = {"bag_weight": 70, "document": {"type": "P", "number": "X9", "issuer": "PRT", "expiry": date(2026, 1, 20)}}
LIGHT = {"bags": 0, "bag_weight": 0}


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, make: SimpleNamespace, artefact: Callable[..., Path]) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("parts")
    (folder / "model").mkdir()
    return {
        "snapshot": put(folder / "snapshot", [lookouts.Imported("national", lookouts.frame(LOOKOUTS), ())]),
        "pack": packs.parse(PACK.replace("ORIGIN", "operational").encode(), "test"),
        "model": Model.load(artefact(folder / "model"), ("operational",)),
        "policy": make.policy(hold=make.hold),
        "at": AT,
    }


def run(people: Manifest, parts: dict[str, Any], **changes: Any) -> Screened:
    history = pl.DataFrame({"traveller": people.travellers["traveller"]}).select(
        pl.col(name) if name == "traveller" else pl.lit(None, dtype).alias(name) for name, dtype in HISTORY.items()
    )
    screened = screen(people, history, draws(people, KEY), **{**parts, **changes})
    ClearedMatches.validate(screened.matches)
    Decisions.validate(screened.decisions)
    assert screened.decisions.schema == DECISIONS
    assert screened.hits.schema == pl.Schema(HITS)
    assert screened.features.height == people.travellers.height
    if screened.risks is not None:
        assert screened.risks.schema == RISKS
    return screened


def outcome(screened: Screened) -> list[tuple[str, str | None, str | None]]:
    return screened.decisions.select("directive", "kind", "lane").rows()


def test_the_flow(make: SimpleNamespace, parts: dict[str, Any]) -> None:
    people = make.manifest(
        {**LISTED, **LIGHT},
        {**LISTED, **LIGHT, "dob": date(1990, 8, 1)},
        {**SUSPECT},
        {"bags": 1, "bag_weight": 12},
        {**LIGHT},
        {**SUSPECT, "dob": date(2015, 2, 2), "record_locator": "KJH7TZ"},
    )
    screened = run(people, parts)
    assert screened.degraded == ()
    assert screened.matches["entry_id"].to_list()[0] == "L-1"
    assert outcome(screened) == [
        ("HOLD", "PRE_BOARDING", "enforcement"),  # listed, born as listed
        ("BOARD", "PRE_BOARDING", "enforcement"),  # a namesake with another date of birth: an officer looks, nobody is held
        ("BOARD", "PRE_BOARDING", "enforcement"),  # the scenario
        ("BOARD", "ON_ARRIVAL", "enforcement"),  # the model: 13 × 0.5 − 3
        ("BOARD", None, None),
        ("BOARD", "ON_ARRIVAL", "protection"),  # a child: neither scenario nor model, but protection
    ]
    codes = [[reason["code"] for reason in reasons] for reasons in screened.decisions["reasons"].to_list()]
    assert codes[0] == ["lookout:national:L-1", "model"]
    assert codes[2] == ["scenario:heavy-and-expiring", "model"]
    assert codes[5] == ["scenario:child-alone", "base"]
    told = screened.decisions["reasons"][2][0]
    assert told["en"].startswith("Scenario: Heavy bags and an expiring document (weight +1.2). Observed: ")
    assert "70" in told["en"]


def test_batches_change_nothing(make: SimpleNamespace, parts: dict[str, Any]) -> None:
    manifests = [
        make.manifest({**LISTED}, {**SUSPECT}, {"ref": None}),
        make.manifest({"bags": 1, "bag_weight": 9}, flight={"number": "12"}),
        make.manifest({**LISTED, "ref": None}, {"dob": date(2015, 2, 2)}, flight={"number": "13", "departure_at": None}),
        make.manifest(*[{**LIGHT, "bag_weight": weight} for weight in range(40)], flight={"carrier": "LH"}),
    ]
    together = run(concat(manifests), parts)
    offset = 0
    for manifest in manifests:
        alone, rows = run(manifest, parts), manifest.travellers.height
        for name in ("matches", "features", "hits", "risks", "decisions"):
            whole: pl.DataFrame = getattr(together, name)
            mine = whole.filter(pl.col("traveller").is_between(offset, offset + rows - 1))
            shifted = mine.with_columns(pl.col("traveller") - pl.lit(offset, pl.UInt32))
            assert_frame_equal(shifted, getattr(alone, name), check_exact=True)
        offset += rows
    assert offset == together.decisions.height


def test_the_same_input_gives_the_same_answer(make: SimpleNamespace, parts: dict[str, Any]) -> None:
    people = make.manifest({**LISTED}, {**SUSPECT}, {})
    first, second = run(people, parts), run(people, parts)
    for name in ("matches", "features", "hits", "risks", "decisions"):
        assert_frame_equal(getattr(first, name), getattr(second, name), check_exact=True)


def test_an_empty_manifest(make: SimpleNamespace, parts: dict[str, Any]) -> None:
    nobody = make.manifest({})
    nobody = Manifest(
        nobody.flights, nobody.travellers.clear(), nobody.documents.clear(), nobody.bookings, nobody.legs, nobody.faults
    )
    screened = run(nobody, parts)
    assert screened.decisions.height == 0


@pytest.mark.parametrize(
    ("out", "wanted", "degraded", "directives"),
    [
        ({"snapshot": None}, {}, ("watchlists",), ["NOT_SCREENED", "NOT_SCREENED"]),
        ({"snapshot": None}, {"answer_without": ["watchlists"]}, ("watchlists",), ["BOARD", "BOARD"]),
        ({"model": None}, {}, (), ["HOLD", "BOARD"]),
        ({"model": None}, {"model": "models/ours"}, ("model",), ["HOLD", "BOARD"]),
        ({"pack": None}, {}, (), ["HOLD", "BOARD"]),
        ({"pack": None}, {"pack": "packs/ours.yaml"}, ("scenarios",), ["HOLD", "BOARD"]),
        ({"pack": None}, {"pack": "packs/ours.yaml", "answer_without": []}, ("scenarios",), ["HOLD", "NOT_SCREENED"]),
        (
            {"snapshot": None, "pack": None, "model": None},
            {"pack": "packs/ours.yaml", "model": "models/ours"},
            ("watchlists", "scenarios", "model"),
            ["NOT_SCREENED", "NOT_SCREENED"],
        ),
    ],
)
def test_parts_that_are_out(
    make: SimpleNamespace, parts: dict[str, Any], out: Any, wanted: Any, degraded: Any, directives: Any
) -> None:
    people = make.manifest({**LISTED}, {**SUSPECT})
    screened = run(people, parts, policy=make.policy(hold=make.hold, **wanted), **out)
    assert screened.degraded == degraded
    assert screened.decisions["directive"].to_list() == directives
    assert (screened.risks is None) == ("model" in out)
    assert screened.matches.schema == CLEARED_MATCHES
    if "pack" not in out:
        assert screened.decisions["kind"][1] == "PRE_BOARDING"  # scenarios refer whatever else is out


def test_example_scenarios_are_inactive_outside_the_demo(make: SimpleNamespace, parts: dict[str, Any]) -> None:
    example = packs.parse(PACK.replace("ORIGIN", "example").encode(), "test")
    people = make.manifest({**SUSPECT, "bags": 0})
    for name, acts in (("demo", True), ("standard", False), ("ca", False), ("eu", False)):
        screened = run(people, parts, pack=example, model=None, policy=make.policy(name, model=None))
        assert (screened.hits.height == 1) == acts
        assert screened.degraded == (() if acts else ("scenarios",))


def test_a_simulated_model_is_not_asked_outside_the_demo(
    make: SimpleNamespace, parts: dict[str, Any], artefact: Callable[..., Path], tmp_path: Path
) -> None:
    simulated = Model.load(artefact(tmp_path, origin="simulated"), ("simulated",))
    people = make.manifest({"bags": 9, "bag_weight": 9})
    screened = run(people, parts, model=simulated)
    assert (screened.risks, screened.degraded, screened.decisions["kind"][0]) == (None, ("model",), None)
    screened = run(people, parts, model=simulated, policy=make.policy("demo"))
    assert (screened.degraded, screened.decisions["kind"][0]) == ((), "ON_ARRIVAL")


def test_the_model_only_orders_the_queue_in_canada(make: SimpleNamespace, parts: dict[str, Any]) -> None:
    people = make.manifest({"bags": 20, "bag_weight": 40}, {**LIGHT})
    screened = run(people, parts, policy=make.policy("ca"))
    assert outcome(screened) == [("BOARD", None, None)] * 2
    high, low = screened.decisions["priority"]
    assert high > low


def test_a_lookout_at_a_time_when_it_is_not_valid(make: SimpleNamespace, tmp_path: Path, parts: dict[str, Any]) -> None:
    ended = [{**LOOKOUTS[0], "valid_until": AT}]
    snapshot = put(tmp_path, [lookouts.Imported("national", lookouts.frame(ended), ())])
    people = make.manifest({**LISTED, **LIGHT})
    assert outcome(run(people, parts, snapshot=snapshot)) == [("BOARD", None, None)]
    assert outcome(run(people, parts, snapshot=snapshot, at=AT - timedelta(seconds=1)))[0][0] == "HOLD"


def test_a_hold_is_timed_by_its_own_flight(make: SimpleNamespace, parts: dict[str, Any]) -> None:
    flights = [
        make.manifest({**LISTED}, flight={"number": str(number), "departure_at": datetime(2026, 1, 15, 10 + number, tzinfo=UTC)})
        for number in range(3)
    ]
    decisions = run(concat(flights), parts).decisions
    assert decisions["decide_by"].to_list() == [datetime(2026, 1, 15, 9 + number, 15, tzinfo=UTC) for number in range(3)]


@pytest.mark.parametrize(("name", "found"), [("standard", 1), ("ca", 0), ("eu", 0)])
def test_a_booking_alone_is_held_against_what_the_policy_lets_pnr_be_read_for(
    make: SimpleNamespace, parts: dict[str, Any], name: str, found: int
) -> None:
    screened = run(make.manifest({**LISTED, **LIGHT, "law": "PNR"}), parts, policy=make.policy(name))
    assert screened.matches.height == found
    assert screened.decisions["directive"].to_list() == ["INSUFFICIENT_DATA"]
