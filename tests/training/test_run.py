"""A whole run: the same artefact twice, a contract that serving accepts, and figures that can be taken again."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import polars as pl
import pytest

from cli.evaluate import summary
from features.catalogue import CATALOGUE
from features.matrix import matrix
from scoring.model import Model, ModelError
from training import artefact
from training.dataset import DatasetError
from training.evaluate import auc
from training.fit import Settings
from training.run import RunError, measure, train
from training.simulate import plans
from training.simulate.lists import write_list
from training.simulate.world import simulate

SETTINGS = Settings(trees=12, rows_per_leaf=20)


@pytest.fixture(scope="module")
def often() -> Iterator[Any]:
    """A world where one party in thirty has a plan to find, so that a small set holds enough."""
    prior = np.where(plans.IS_FINDING, plans.PRIOR * 25, plans.PRIOR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("training.simulate.parties.PRIOR", prior / prior.sum())
        yield lambda: simulate(6000, 2, date(2026, 1, 1), 20)


@pytest.fixture(scope="module")
def run(often: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "model"
    train(often, out, b"k" * 32, SETTINGS, "simulated", None)
    return out


def test_two_runs_give_the_same_artefact(run: Path, often: Any, tmp_path: Path) -> None:
    train(often, tmp_path / "again", b"k" * 32, SETTINGS, "simulated", None)
    for name in ("model.onnx", "model.txt", "contract.json", "card.md", "report.html"):
        assert (run / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_serving_accepts_it_and_scores_alike(run: Path) -> None:
    model = Model.load(run, ["simulated"])
    assert model.hash == json.loads((run / "evaluation.json").read_text())["hash"]
    table = pl.read_parquet(run / "evaluation" / "table.parquet")
    raw = lightgbm.Booster(model_file=run / "model.txt").predict(matrix(table, model.contract.features), raw_score=True)
    calibration = model.contract.calibration
    served = model.score(table)["log_odds"].to_numpy()
    assert np.abs(served - (calibration.slope * raw + calibration.intercept)).max() <= 1e-6


def test_it_uses_what_the_catalogue_lets_in_and_nothing_else(run: Path) -> None:
    contract = json.loads((run / "contract.json").read_text())
    assert contract["features"] == [feature.id for feature in CATALOGUE if feature.model]
    assert contract["origin"] == "simulated"
    assert list(contract["thresholds"]) == ["0.5", "1", "2", "6"]
    values = list(contract["thresholds"].values())
    assert values == sorted(values, reverse=True)


def test_a_simulated_model_does_not_act_where_only_operational_ones_may(run: Path) -> None:
    with pytest.raises(ModelError, match="origin is simulated"):
        Model.load(run, ["operational"])


def test_it_learned_something(run: Path) -> None:
    table = pl.read_parquet(run / "evaluation" / "table.parquet")
    model = Model.load(run, ["simulated"])
    labelled = table.filter(pl.col("label").is_not_null())
    assert auc(model.score(labelled)["log_odds"].to_numpy(), (labelled["label"] == 1).to_numpy()) > 0.75


def test_figures_can_be_taken_again(run: Path) -> None:
    figures = json.loads((run / "evaluation.json").read_text())
    figures.pop("hash")
    assert json.loads(json.dumps(measure(run))) == figures
    assert set(figures["budgets"]) == {"model", "oracle", "scenarios", "scenarios_and_model"}
    assert len(figures["scenarios"]) == 12


def test_scenarios_on_a_list_are_not_asked_without_one(run: Path, often: Any, tmp_path: Path) -> None:
    ids = {"security-lookout-late-booking", "warrant-identity-agrees"}
    figures = measure(run)
    assert {row["scenario"] for row in figures["scenarios"] if row["fired"] == "not asked"} == ids
    lines = [line.split() for line in summary(figures).splitlines() if line.split()[:1] and line.split()[0] in ids]
    assert [line[1:5] for line in lines] == [["not", "asked", "not", "asked"]] * 2
    assert (run / "report.html").read_text().count("<td>not asked</td>") >= 4
    write_list(2, tmp_path / "list.csv", date(2026, 1, 1))
    listed = train(often, tmp_path / "listed", b"k" * 32, SETTINGS, "simulated", tmp_path / "list.csv")
    assert all(isinstance(row["fired"], int) for row in listed["scenarios"])


def test_the_evaluation_rows_name_nobody(run: Path) -> None:
    for file in (run / "evaluation").glob("*.parquet"):
        assert not {"surname", "given", "dob", "number", "person", "pseudonym"} & set(pl.read_parquet_schema(file))


def test_the_report_needs_no_other_file(run: Path) -> None:
    text = (run / "report.html").read_text()
    assert text.count("<svg") == 2
    assert not any(word in text for word in ("http:", "https:", "src=", "@import", "<script"))
    card = (run / "card.md").read_text()
    assert "demonstration policy only" in card
    assert "never refers a minor" in card


def test_too_few_findings_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="at least 10 are needed"):
        train(lambda: simulate(800, 1, date(2026, 1, 1), 8), tmp_path / "out", b"k", SETTINGS, "simulated", None)
    assert not (tmp_path / "out").exists()


def test_a_full_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("")
    with pytest.raises(RunError, match="not an empty folder"):
        train(list, tmp_path, b"k", SETTINGS, "simulated", None)


def test_what_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="forepost train"):
        measure(tmp_path)


def test_an_unknown_origin_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="origin guessed"):
        artefact.write(tmp_path, None, "guessed")  # type: ignore[arg-type]
