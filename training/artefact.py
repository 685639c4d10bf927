"""The model artefact: a folder whose hash stands in every decision that used it."""

import hashlib
import json
from pathlib import Path

from training.export import to_onnx
from training.fit import Fitted

ORIGINS = ("simulated", "operational")


def write(folder: Path, fitted: Fitted, origin: str) -> str:
    """Write model.onnx, model.txt and contract.json; gives the hash: SHA-256 over model.onnx and contract.json.

    Raises ValueError for an unknown origin.
    """
    if origin not in ORIGINS:
        raise ValueError(f"origin {origin}: use one of {', '.join(ORIGINS)}")
    folder.mkdir(parents=True, exist_ok=True)
    graph = to_onnx(fitted.booster, fitted.slope, fitted.intercept)
    contract = {
        "features": list(fitted.features),
        "origin": origin,
        "calibration": {"slope": fitted.slope, "intercept": fitted.intercept},
        "thresholds": fitted.thresholds,
        "positives": fitted.positives,
        "rows": fitted.rows,
        "seed": fitted.settings.seed,
    }
    text = json.dumps(contract, indent=1).encode()
    (folder / "model.onnx").write_bytes(graph)
    (folder / "model.txt").write_text(fitted.booster.model_to_string(), encoding="utf-8")
    (folder / "contract.json").write_bytes(text)
    return hashlib.sha256(graph + text).hexdigest()
