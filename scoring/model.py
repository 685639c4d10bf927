"""The model artefact as served: an ONNX graph, its contract, and what the loader refuses.

A folder with `model.onnx` (float32 input `features` [n, k]; float64 outputs `raw`, `log_odds`, `probability`, calibration
inside the graph) and `contract.json`. Immutable: nothing here learns. onnxruntime runs on the calling thread.
"""

import hashlib
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import onnxruntime
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from features.catalogue import CATALOGUE
from features.matrix import matrix
from manifests.errors import InputError

OUTPUTS = ("raw", "log_odds", "probability")
# The graph must agree with the calibration of its contract this closely, in log-odds.
TOLERANCE = 1e-6


class ModelError(InputError):
    """A model artefact that is refused: each fault names what is wrong and how to mend it."""


class Calibration(BaseModel):
    """Platt calibration inside the graph: log_odds = slope × raw + intercept; a positive slope keeps the order."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    slope: Annotated[float, Field(gt=0)]
    intercept: float


class Contract(BaseModel):
    """What the artefact says of itself in contract.json; keys that only training needs are not read."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    features: Annotated[tuple[str, ...], Field(min_length=1)]  # ids in the order of the matrix's columns
    origin: Literal["simulated", "example", "operational"]
    calibration: Calibration
    # Referrals per 1,000 travellers → the probability that so many exceed: frozen with the model.
    thresholds: Mapping[str, Annotated[float, Field(gt=0, lt=1)]]


@dataclass(frozen=True)
class Model:
    """A loaded model. `hash`: SHA-256 over model.onnx and contract.json."""

    contract: Contract
    hash: str
    session: onnxruntime.InferenceSession

    @classmethod
    def load(cls, path: Path, origins: Collection[str], budget: float | None = None) -> "Model":
        """The artefact in the folder `path`. `origins`: those that may act (`Policy.origins`). `budget`: referrals per 1,000
        for which it must have a threshold (`Policy.model_budget`), None where it refers nobody.

        Raises ModelError, with all faults, for an artefact that is incomplete or damaged, whose origin may not act, or that
        names a feature which is unknown, protected, dependent on nationality or otherwise not for models.
        """
        graph, text = _read(path / "model.onnx"), _read(path / "contract.json")
        contract = _contract(path, text)
        if faults := _refusals(path, contract, origins):
            raise ModelError(faults)
        model = cls(contract, hashlib.sha256(graph + text).hexdigest(), _session(path, graph))
        if faults := _graph_faults(path, model):
            raise ModelError(faults)
        if budget is not None:
            model.threshold(budget)
        return model

    def threshold(self, per_1000: float) -> float:
        """The risk that `per_1000` travellers in a thousand reach. Raises ModelError when none was frozen for that budget."""
        for budget, probability in self.contract.thresholds.items():
            if float(budget) == per_1000:
                return probability
        budgets = ", ".join(self.contract.thresholds)
        raise ModelError(
            f"model {self.hash[:12]}: contract.json thresholds has none for {per_1000:g} referrals per 1,000: set the policy's "
            f"alert_budget_per_1000 to one of {budgets}, or train with that budget"
        )

    def score(self, features: pl.DataFrame) -> pl.DataFrame:
        """RISKS, one row per row of FEATURES: calibrated log-odds, rounded to 1e-6, and probability of a finding if examined.

        The probability is that of the rounded log-odds and computed row by row: the graph's own sigmoid differs in the
        last bit with a row's place in its batch, and a traveller's figures must not depend on who else was screened.
        """
        log_odds = np.round(self._run(matrix(features, self.contract.features))[1], 6)
        risk = [_sigmoid(value) for value in log_odds.tolist()]
        return pl.DataFrame([features["traveller"], pl.Series("log_odds", log_odds), pl.Series("risk", risk, pl.Float64)])

    def _run(self, values: NDArray[np.float32]) -> list[NDArray[np.float64]]:
        return [output.reshape(-1) for output in self.session.run(OUTPUTS, {"features": values})]


def _sigmoid(log_odds: float) -> float:
    decay = math.exp(-abs(log_odds))
    return (1.0 if log_odds >= 0 else decay) / (1.0 + decay)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fix = "give the folder that `forepost train` wrote"
        raise ModelError(f"model {path.parent}: {path.name} cannot be read ({error.strerror}): {fix}") from None


def _contract(path: Path, text: bytes) -> Contract:
    try:
        contract = Contract.model_validate_json(text)
    except ValidationError as error:
        raise ModelError(
            [
                f"model {path}: contract.json {'.'.join(map(str, fault['loc']))}: {fault['msg']}: train or export the model again"
                for fault in error.errors(include_url=False)
            ]
        ) from None
    budgets = [budget for budget in contract.thresholds if not _is_positive(budget)]
    if budgets or not contract.thresholds:
        raise ModelError(f"model {path}: contract.json thresholds {json.dumps(budgets)}: name budgets per 1,000, as in 2 or 0.5")
    return contract


def _is_positive(text: str) -> bool:
    try:
        return float(text) > 0
    except ValueError:
        return False


def _refusals(path: Path, contract: Contract, origins: Collection[str]) -> list[str]:
    faults = []
    if contract.origin not in origins:
        faults.append(
            f"model {path}: its origin is {contract.origin}, the policy lets {', '.join(origins)} act: "
            "use the policy demo, or a model trained on operational findings"
        )
    known = {feature.id: feature for feature in CATALOGUE}
    for name in contract.features:
        where = f"model {path}: feature {name}"
        if contract.features.count(name) > 1:
            faults.append(f"{where} stands twice: train again with each feature once")
        if name not in known:
            faults.append(f"{where} is not in this version's catalogue: train again, or use the version it was trained with")
        elif known[name].protected:
            faults.append(f"{where} is protected ({known[name].protected}) and may not enter a model: train again without it")
        elif not known[name].model:
            faults.append(f"{where} is not for models: train again without it")
    return list(dict.fromkeys(faults))


def _session(path: Path, graph: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    # One thread: the server has one pipeline per process, and sums in one order give one result.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises classes without a common base of its own
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"model {path}: model.onnx is not a graph that can run ({reason}): train or export it again") from None


def _graph_faults(path: Path, model: Model) -> list[str]:
    """Shapes, types and a probe of three rows (unknown, zero, one): the graph must do what the contract says."""
    width = len(model.contract.features)
    inputs = [(item.name, item.type, item.shape) for item in model.session.get_inputs()]
    faults = []
    if [(name, kind, shape[1:]) for name, kind, shape in inputs] != [("features", "tensor(float)", [width])]:
        faults.append(f"model {path}: model.onnx takes {inputs}, not float32 features [n, {width}]: export it again")
    outputs = {item.name: item.type for item in model.session.get_outputs()}
    if missing := [name for name in OUTPUTS if outputs.get(name) != "tensor(double)"]:
        faults.append(f"model {path}: model.onnx has no float64 output {', '.join(missing)}: export it again")
    if faults:
        return faults
    probe = np.repeat(np.array([[np.nan], [0.0], [1.0]], np.float32), width, axis=1)
    try:
        raw, log_odds, probability = model._run(probe)
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        return [f"model {path}: model.onnx fails on three plain travellers ({reason}): export it again"]
    if not raw.shape == log_odds.shape == probability.shape == (3,):
        return [f"model {path}: model.onnx gives {log_odds.shape} for three travellers, not one value each: export it again"]
    expected = model.contract.calibration.slope * raw + model.contract.calibration.intercept
    if not np.allclose(log_odds, expected, rtol=0, atol=TOLERANCE):
        faults.append(f"model {path}: log_odds of model.onnx differ from the calibration in contract.json: export both again")
    if not np.allclose(probability, 1 / (1 + np.exp(-log_odds)), rtol=0, atol=TOLERANCE):
        faults.append(f"model {path}: probability of model.onnx is not the sigmoid of its log_odds: export it again")
    return faults
