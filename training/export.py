"""LightGBM → ONNX with exact parity: the graph that serving runs.

Serving and training share one float32 matrix. LightGBM compares it, widened to float64, with float64 thresholds; the
graph does the same with the `TreeEnsemble` operator of ai.onnx.ml opset 5 on doubles, so thresholds stay exact and
leaves are summed in float64. (Converters of the older operator round thresholds to float32, which moves rows that lie
next to a threshold.) What LightGBM does with a missing value is known per node and written into the node.
"""

from dataclasses import dataclass, field
from typing import Any

import lightgbm
import numpy as np
import onnx
from onnx import TensorProto, helper

OPSET, ML_OPSET, IR_VERSION = 20, 5, 10
# TreeEnsemble: node mode BRANCH_LEQ, aggregate SUM, post transform NONE.
BRANCH_LEQ, SUM, NONE = 0, 1, 0

ZERO = float(np.float32(1e-35))  # kZeroThreshold of LightGBM


class ExportError(ValueError):
    """A tree that the graph cannot say: a categorical split, or zero treated as missing. Our settings make neither."""


@dataclass
class _Trees:
    """Attributes of the operator, filled tree by tree."""

    features: list[int] = field(default_factory=list)
    splits: list[float] = field(default_factory=list)
    missing_true: list[int] = field(default_factory=list)
    true_ids: list[int] = field(default_factory=list)
    false_ids: list[int] = field(default_factory=list)
    true_leaves: list[int] = field(default_factory=list)
    false_leaves: list[int] = field(default_factory=list)
    roots: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, tree: dict[str, Any]) -> None:
        """A tree of `Booster.dump_model`; one that is a single leaf becomes a node whose branches agree."""
        self.roots.append(len(self.features))
        if "split_index" in tree:
            self._node(tree)
            return
        place = self._reserve(0, 0.0, True)
        leaf = self._leaf(tree["leaf_value"])
        self._link(place, (leaf, 1), (leaf, 1))

    def _node(self, node: dict[str, Any]) -> int:
        if node["decision_type"] != "<=":
            raise ExportError(f"split on feature {node['split_feature']} is {node['decision_type']}: only <= can be exported")
        if node["missing_type"] == "Zero":
            raise ExportError(f"feature {node['split_feature']}: zero_as_missing was set: train without it")
        threshold = float(node["threshold"])
        # Without NaN in training LightGBM takes a NaN for 0; with NaN it goes where the split says.
        missing_true = bool(node["default_left"]) if node["missing_type"] == "NaN" else threshold >= 0
        place = self._reserve(int(node["split_feature"]), _beside_zero(threshold), missing_true)
        self._link(place, self._child(node["left_child"]), self._child(node["right_child"]))
        return place

    def _child(self, node: dict[str, Any]) -> tuple[int, int]:
        """(index, 1 for a leaf)."""
        return (self._node(node), 0) if "split_index" in node else (self._leaf(node["leaf_value"]), 1)

    def _leaf(self, value: float) -> int:
        self.weights.append(float(value))
        return len(self.weights) - 1

    def _reserve(self, feature: int, threshold: float, missing_true: bool) -> int:
        self.features.append(feature)
        self.splits.append(threshold)
        self.missing_true.append(int(missing_true))
        for column in (self.true_ids, self.false_ids, self.true_leaves, self.false_leaves):
            column.append(0)
        return len(self.features) - 1

    def _link(self, place: int, left: tuple[int, int], right: tuple[int, int]) -> None:
        (self.true_ids[place], self.true_leaves[place]), (self.false_ids[place], self.false_leaves[place]) = left, right


def _beside_zero(threshold: float) -> float:
    """LightGBM drops values of at most ±ZERO from a row, so they are 0 to it; a threshold among them is moved to say the same."""
    if -ZERO <= threshold < 0:
        return float(np.nextafter(-ZERO, -np.inf))
    return ZERO if 0 <= threshold < ZERO else threshold


def to_onnx(booster: lightgbm.Booster, slope: float, intercept: float) -> bytes:
    """The graph: float32 `features` (n, k) → float64 `raw`, `log_odds` = slope × raw + intercept, `probability`, each (n, 1).

    Raises ExportError for splits that it cannot say.
    """
    model = booster.dump_model()
    trees = _Trees()
    for tree in model["tree_info"]:
        trees.add(tree["tree_structure"])
    ensemble = helper.make_node(
        "TreeEnsemble",
        ["widened"],
        ["raw"],
        domain="ai.onnx.ml",
        aggregate_function=SUM,
        post_transform=NONE,
        n_targets=1,
        tree_roots=trees.roots,
        nodes_modes=helper.make_tensor("modes", TensorProto.UINT8, [len(trees.features)], [BRANCH_LEQ] * len(trees.features)),
        nodes_featureids=trees.features,
        nodes_splits=helper.make_tensor("splits", TensorProto.DOUBLE, [len(trees.splits)], trees.splits),
        nodes_missing_value_tracks_true=trees.missing_true,
        nodes_truenodeids=trees.true_ids,
        nodes_trueleafs=trees.true_leaves,
        nodes_falsenodeids=trees.false_ids,
        nodes_falseleafs=trees.false_leaves,
        leaf_targetids=[0] * len(trees.weights),
        leaf_weights=helper.make_tensor("weights", TensorProto.DOUBLE, [len(trees.weights)], trees.weights),
    )
    graph = helper.make_graph(
        [
            helper.make_node("Cast", ["features"], ["widened"], to=TensorProto.DOUBLE),
            ensemble,
            helper.make_node("Mul", ["raw", "slope"], ["scaled"]),
            helper.make_node("Add", ["scaled", "intercept"], ["log_odds"]),
            helper.make_node("Sigmoid", ["log_odds"], ["probability"]),
        ],
        "forepost",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", len(model["feature_names"])])],
        [helper.make_tensor_value_info(name, TensorProto.DOUBLE, ["n", 1]) for name in ("raw", "log_odds", "probability")],
        initializer=[
            helper.make_tensor("slope", TensorProto.DOUBLE, [1], [slope]),
            helper.make_tensor("intercept", TensorProto.DOUBLE, [1], [intercept]),
        ],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="forepost")
    onnx.checker.check_model(made)
    return made.SerializeToString(deterministic=True)


def thresholds(booster: lightgbm.Booster) -> dict[int, np.ndarray[Any, np.dtype[np.float64]]]:
    """All thresholds by feature, ascending: where parity must be tried."""
    found: dict[int, set[float]] = {}
    pending = [tree["tree_structure"] for tree in booster.dump_model()["tree_info"]]
    while pending:
        node = pending.pop()
        if "split_index" in node:
            found.setdefault(int(node["split_feature"]), set()).add(float(node["threshold"]))
            pending += [node["left_child"], node["right_child"]]
    return {feature: np.array(sorted(values)) for feature, values in found.items()}
