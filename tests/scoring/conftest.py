"""The smallest manifests, matches, hits and risks that a decision needs: complete unless a test leaves something out."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from manifests.frames import Manifest, build
from manifests.vocabulary import CATEGORIES, LANES, LOOKOUT_ACTIONS, REFERRAL_KINDS
from scoring.decide import decide
from scoring.frames import Decisions
from scoring.policy import Policy, load, parse

DEPARTURE = datetime(2026, 1, 15, 14, 0)
MATCHES = {
    "traveller": pl.UInt32(),
    "entry": pl.UInt32(),
    "entry_id": pl.String(),
    "source": pl.String(),
    "lookout_name": pl.String(),
    "weak": pl.Boolean(),
    "action": LOOKOUT_ACTIONS,
    "authority": pl.String(),
    "purpose": pl.String(),
    "category": CATEGORIES,
    "name_log_odds": pl.Float64(),
    "log_odds": pl.Float64(),
    "probability": pl.Float64(),
    "dob_agrees": pl.Boolean(),
    "document_agrees": pl.Boolean(),
    "evidence": pl.List(
        pl.Struct({"field": pl.String(), "traveller_value": pl.String(), "lookout_value": pl.String(), "log_odds": pl.Float64()})
    ),
}
HITS = {
    "traveller": pl.UInt32(),
    "scenario": pl.String(),
    "category": CATEGORIES,
    "lane": LANES,
    "kind": REFERRAL_KINDS,
    "weight": pl.Float64(),
    "evidence": pl.List(pl.Struct({"feature": pl.String(), "value": pl.String()})),
}
FLIGHT = {
    "carrier": "AC",
    "number": "872",
    "departure": "FRA",
    "arrival": "YYZ",
    "departure_time": DEPARTURE,
    "departure_at": DEPARTURE.replace(hour=13, tzinfo=UTC),
}
PERSON = {
    "surname": "Ferreira",
    "given": "Ana Lucia",
    "sex": "F",
    "dob": date(1988, 4, 12),
    "nationality": "PRT",
    "role": "passenger",
}
MATCH = {
    "entry": 7,
    "entry_id": "L-7",
    "source": "national",
    "lookout_name": "FERREIRA, Ana Lucia",
    "weak": False,
    "action": "examine_on_arrival",
    "authority": "authority",
    "purpose": "purpose",
    "category": "warrant_or_removal_order",
    "name_log_odds": 12.0,
    "log_odds": 22.0,
    "probability": 0.95,
    "dob_agrees": True,
    "document_agrees": False,
    "evidence": [
        {"field": "name", "traveller_value": "FERREIRA", "lookout_value": "FERREIRA", "log_odds": 14.0},
        {"field": "name_together", "traveller_value": None, "lookout_value": None, "log_odds": -2.0},
        {"field": "dob", "traveller_value": "1988-04-12", "lookout_value": "1988-04-12", "log_odds": 10.0},
    ],
}
HIT = {
    "scenario": "late-cash",
    "category": "smuggling_facilitation",
    "lane": "enforcement",
    "kind": "ON_ARRIVAL",
    "weight": 1.5,
    "evidence": [{"feature": "booked_hours_before", "value": "3"}],
}
HOLD = {"lists": ["national"], "telephone": "+1 613 555 0100", "escalation": ["post", "targeting_centre"]}


def manifest(*people: Mapping[str, Any], flight: Mapping[str, Any] | None = None, faults: Any = ()) -> Manifest:
    """One flight; a person's `document` is {} for none."""
    rows = [{**PERSON, "ref": f"R{row}", **person} for row, person in enumerate(people)]
    documents = [
        {"traveller": row, **document}
        for row, person in enumerate(rows)
        if (document := person.pop("document", {"type": "P", "number": f"X{row}", "issuer": "PRT", "expiry": date(2030, 1, 1)}))
    ]
    travellers = [{"traveller": row, "flight": 0, **person} for row, person in enumerate(rows)]
    return build(
        flights=pl.DataFrame([{"flight": 0, **FLIGHT, **(flight or {})}], infer_schema_length=None),
        travellers=pl.DataFrame(travellers, infer_schema_length=None),
        documents=pl.DataFrame(documents, infer_schema_length=None) if documents else pl.DataFrame({"traveller": []}),
        faults=pl.DataFrame(
            [{"where": "here", "value": "bad", "problem": "is bad", "traveller": row, "field": field} for row, field in faults],
            schema={"where": pl.String, "value": pl.String, "problem": pl.String, "traveller": pl.UInt32, "field": pl.String},
        ),
    )


def matches(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{"traveller": 0, **MATCH, **row} for row in rows], schema=MATCHES)


def hits(*rows: Mapping[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{"traveller": 0, **HIT, **row} for row in rows], schema=HITS)


def risks(*log_odds: float) -> pl.DataFrame:
    values = pl.Series("log_odds", log_odds, pl.Float64)
    return pl.DataFrame(
        {"traveller": pl.Series(range(len(log_odds)), dtype=pl.UInt32), "log_odds": values, "risk": 1 / (1 + (-values).exp())}
    )


def policy(name: str = "standard", **changes: Any) -> Policy:
    """A shipped policy with some keys changed, one level deep, read through the same checks as a file."""
    data = json.loads(load(name).canonical())
    for key, value in changes.items():
        data[key] = {**data[key], **value} if isinstance(value, dict) else value
    return parse(json.dumps(data).encode(), "test")


def decisions(
    people: Manifest, *, under: Policy, match: Any = (), hit: Any = (), risk: Any = None, draw: Any = None, **named: Any
) -> pl.DataFrame:
    """Decide and check the contract of the result. Nobody is drawn by lot unless `draw` says so."""
    result = decide(
        under,
        people,
        matches(*match),
        hits(*hit),
        None if risk is None else risks(*risk),
        pl.Series("draw", draw or [0.999] * people.travellers.height, pl.Float64),
        **{
            "on": date(2026, 1, 15),
            "threshold": None if risk is None else 0.05,
            "titles": {"late-cash": ("Late and cash", "Tard et comptant"), "lone-child": ("Child alone", "Enfant seul")},
            "labels": {"booked_hours_before": ("hours from booking to departure", "heures entre réservation et départ")},
            **named,
        },
    )
    return Decisions.validate(result)


CONTRACT = {
    "features": ["checked_bags", "checked_bag_weight", "documents_sent"],
    "origin": "operational",
    "calibration": {"slope": 0.5, "intercept": -3.0},
    "thresholds": {"0.5": 0.4, "1": 0.3, "2": 0.2, "6": 0.1},
    "positives": 20,
}


def graph(width: int = 3, slope: float = 0.5, double: bool = True, wide: bool = False, link: str = "Sigmoid") -> bytes:
    """raw = sum of what is known; log_odds = slope × raw − 3; probability = sigmoid(log_odds). Skips without onnx."""
    pytest.importorskip("onnx", reason="the extra train is absent")
    from onnx import TensorProto, helper, numpy_helper

    kind = TensorProto.DOUBLE if double else TensorProto.FLOAT
    constants = {"zero": np.zeros((), np.float32), "slope": np.array(slope), "intercept": np.array(-3.0), "axis": np.array([1])}
    nodes = [
        helper.make_node("IsNaN", ["features"], ["unknown"]),
        helper.make_node("Where", ["unknown", "zero", "features"], ["known"]),
        helper.make_node("Cast", ["known"], ["wide"], to=TensorProto.DOUBLE),
        helper.make_node("ReduceSum", ["wide", "axis"], ["sum"], keepdims=1),
        helper.make_node("Mul", ["sum", "slope"], ["product"]),
        helper.make_node("Add", ["product", "intercept"], ["odds"]),
        helper.make_node(link, ["odds"], ["chance"]),
    ]
    for inner, outer in (("wide" if wide else "sum", "raw"), ("odds", "log_odds"), ("chance", "probability")):
        nodes.append(helper.make_node("Cast", [inner], [outer], to=kind))
    model = helper.make_model(
        helper.make_graph(
            nodes,
            "sum",
            [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, width])],
            [helper.make_tensor_value_info(name, kind, [None, None]) for name in ("raw", "log_odds", "probability")],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        ),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    return bytes(model.SerializeToString())


@pytest.fixture(scope="session")
def artefact() -> Callable[..., Path]:
    """Writes a model artefact into a folder: options of the graph (`cut`: its first bytes only), then of the contract."""

    def write(folder: Path, options: Mapping[str, Any] = MappingProxyType({}), **contract: Any) -> Path:
        graph_options = dict(options)
        cut = graph_options.pop("cut", None)
        (folder / "model.onnx").write_bytes(graph(**graph_options)[:cut])
        (folder / "contract.json").write_text(json.dumps({**CONTRACT, **contract}))
        return folder

    return write


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """Builders for the tests of this room."""
    return SimpleNamespace(
        manifest=manifest, matches=matches, hits=hits, risks=risks, policy=policy, decisions=decisions, hold=HOLD, flight=FLIGHT
    )
