"""From a manifest and its history to the feature table: one base frame, one select."""

import polars as pl

from features.base import base
from features.catalogue import CATALOGUE
from manifests.frames import Manifest

# Expressions are immutable descriptions: built once, they serve every manifest.
_EXPRESSIONS = (pl.col("traveller"), *(feature.expression for feature in CATALOGUE))

FEATURES: dict[str, pl.DataType] = {"traveller": pl.UInt32(), **{feature.id: feature.dtype for feature in CATALOGUE}}


def derive(manifest: Manifest, history: pl.DataFrame, lost: pl.Series | None = None) -> pl.DataFrame:
    """FEATURES: one row per traveller in the manifest's order, one column per feature of the catalogue, null where unknown.

    `history` is HISTORY (features.history): one row per traveller in the same order. Raises ValueError where it is not.
    `lost`: the travellers who present a document that is reported lost or stolen; None where no list of those was asked.
    """
    if not history["traveller"].equals(manifest.travellers["traveller"]):
        raise ValueError("history has not one row per traveller of the manifest, in its order")
    return base(manifest, history, lost).select(_EXPRESSIONS)
