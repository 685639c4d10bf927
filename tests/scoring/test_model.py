"""The loader's refusals, on the small artefact of conftest: a sum of the known features, then the calibration."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import polars as pl
import pytest

from features.catalogue import CATALOGUE
from scoring.frames import RISKS
from scoring.model import Model, ModelError

Artefact = Callable[..., Path]
NUMBERS = ("checked_bags", "checked_bag_weight", "documents_sent")  # what the fixture's model reads


def faults(folder: Path, origins: tuple[str, ...] = ("operational",)) -> list[str]:
    with pytest.raises(ModelError) as caught:
        Model.load(folder, origins)
    return caught.value.faults


def features(*rows: list[float | None]) -> pl.DataFrame:
    values = {name: pl.Series([row[place] for row in rows], dtype=pl.Float64) for place, name in enumerate(NUMBERS)}
    return pl.DataFrame({"traveller": pl.Series(range(len(rows)), dtype=pl.UInt32), **values})


def test_scores(artefact: Artefact, tmp_path: Path) -> None:
    model = Model.load(artefact(tmp_path), ("operational",))
    risks = model.score(features([2.0, None, 4.0], [None, None, None]))
    assert risks.schema == RISKS
    assert risks["traveller"].to_list() == [0, 1]
    assert risks["log_odds"].to_list() == [0.0, -3.0]
    assert risks["risk"].to_list() == pytest.approx([0.5, 1 / (1 + np.exp(3.0))])


def test_one_row_scores_as_among_many(artefact: Artefact, tmp_path: Path) -> None:
    model = Model.load(artefact(tmp_path), ("operational",))
    many = features(*([float(row), None, 0.1 * row] for row in range(50)))
    alone = pl.concat([model.score(many[row : row + 1]) for row in range(50)])
    assert alone.equals(model.score(many))


def test_the_hash_is_of_graph_and_contract(artefact: Artefact, tmp_path: Path) -> None:
    first = Model.load(artefact(tmp_path), ("operational",)).hash
    assert Model.load(artefact(tmp_path), ("operational",)).hash == first
    assert Model.load(artefact(tmp_path, positives=21), ("operational",)).hash != first
    (tmp_path / "card.md").write_text("a word")
    assert Model.load(artefact(tmp_path), ("operational",)).hash == first


def test_thresholds_are_those_frozen_with_the_model(artefact: Artefact, tmp_path: Path, make: SimpleNamespace) -> None:
    model = Model.load(artefact(tmp_path), ("operational",))
    assert (model.threshold(1), model.threshold(0.5), model.threshold(6.0)) == (0.3, 0.4, 0.1)
    with pytest.raises(ModelError, match=r"none for 3 referrals per 1,000.*one of 0\.5, 1, 2, 6"):
        model.threshold(3)
    assert Model.load(tmp_path, ("operational",), make.policy(alert_budget_per_1000=6).model_budget).hash == model.hash
    assert Model.load(tmp_path, ("operational",), make.policy("ca", alert_budget_per_1000=3).model_budget).hash == model.hash
    with pytest.raises(ModelError, match="none for 3"):
        Model.load(tmp_path, ("operational",), make.policy(alert_budget_per_1000=3).model_budget)


@pytest.mark.parametrize("feature", [feature for feature in CATALOGUE if feature.protected], ids=lambda feature: feature.id)
def test_protected_features_are_refused(artefact: Artefact, tmp_path: Path, feature: Any) -> None:
    (fault,) = faults(artefact(tmp_path, features=[*NUMBERS, feature.id]))
    assert f"feature {feature.id} is protected" in fault


def test_the_catalogue_has_protected_features() -> None:
    """Else the test before this one would say nothing."""
    assert sum(feature.protected is not None for feature in CATALOGUE) >= 3


def test_every_refused_feature_is_named(artefact: Artefact, tmp_path: Path) -> None:
    protected = next(feature.id for feature in CATALOGUE if feature.protected)
    other = next(feature.id for feature in CATALOGUE if not feature.model and not feature.protected)
    found = faults(artefact(tmp_path, features=[NUMBERS[0], protected, "no_such_thing", other, NUMBERS[0]], origin="simulated"))
    assert len(found) == 5
    parts = ("origin is simulated", f"{protected} is protected", "no_such_thing is not in", f"{other} is not for models", "twice")
    for part in parts:
        assert any(part in fault for fault in found), part


def test_a_simulated_model_acts_where_the_policy_lets_it(artefact: Artefact, tmp_path: Path, make: SimpleNamespace) -> None:
    folder = artefact(tmp_path, origin="simulated")
    assert Model.load(folder, make.policy("demo").origins).contract.origin == "simulated"
    for name in ("standard", "ca", "eu"):
        (fault,) = faults(folder, make.policy(name).origins)
        assert "its origin is simulated, the policy lets operational act" in fault


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        ({"cut": 0}, "not a graph that can run"),
        ({"cut": 2}, "not a graph that can run"),
        ({"cut": -40}, "not a graph that can run"),
        ({"width": 2}, "not float32 features"),
        ({"double": False}, "no float64 output raw, log_odds, probability"),
        ({"wide": True}, "not one value each"),
        ({"slope": 0.6}, "differ from the calibration"),
        ({"link": "Tanh"}, "not the sigmoid"),
    ],
)
def test_graphs_that_break_the_contract(artefact: Artefact, tmp_path: Path, graph: dict[str, Any], message: str) -> None:
    found = faults(artefact(tmp_path, graph))
    assert any(message in fault for fault in found), found


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        ({"features": []}, "features"),
        ({"origin": "unknown"}, "origin"),
        ({"calibration": {"slope": -1.0, "intercept": 0.0}}, "calibration.slope"),
        ({"thresholds": {}}, "thresholds"),
        ({"thresholds": {"two": 0.1}}, "thresholds"),
        ({"thresholds": {"2": 1.5}}, "thresholds.2"),
    ],
)
def test_contracts_that_say_nothing(artefact: Artefact, tmp_path: Path, contract: dict[str, Any], message: str) -> None:
    assert any(message in fault for fault in faults(artefact(tmp_path, **contract)))


def test_incomplete_artefacts(artefact: Artefact, tmp_path: Path) -> None:
    assert "model.onnx cannot be read" in faults(tmp_path)[0]
    artefact(tmp_path)
    (tmp_path / "contract.json").write_text("{")
    assert "contract.json" in faults(tmp_path)[0]
    (tmp_path / "contract.json").unlink()
    assert "contract.json cannot be read" in faults(tmp_path)[0]
