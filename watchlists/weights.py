"""The constants of the score: `tables/weights.yaml` says of each what it means, its unit and where it comes from."""

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from watchlists.kernels import SOUNDS, Weights
from watchlists.variants import attested


@cache
def constants() -> Mapping[str, float]:
    """Every constant of the table by its name."""
    table = yaml.safe_load((files("watchlists.tables") / "weights.yaml").read_text())
    return MappingProxyType({name: float(row["value"]) for name, row in table["constants"].items()})


@cache
def names() -> Weights:
    """Constants and tables of the name part."""
    return weights_of(constants())


def weights_of(values: Mapping[str, float]) -> Weights:
    """The name part with these constants; those of other parts are passed over."""
    substitution, insertion = spelling_costs()
    known = attested()
    tables: dict[str, Any] = {
        "substitution": substitution,
        "insertion": insertion,
        "variant_tokens": known.tokens,
        "variant_offsets": known.offsets,
        "variant_others": known.others,
        "variant_costs": known.costs,
    }
    return Weights(**tables | {name: values[name] for name in Weights._fields if name not in tables})


@cache
def spelling_costs() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Costs in nats of one sound for another (31, 31) and of a sound left out (31), from the committed table."""
    with (files("watchlists.tables") / "spelling.csv").open(encoding="ascii") as file:
        costs = np.array([[float(cost) for cost in row] for row in csv.reader(file)], np.float32)
    return costs[:SOUNDS, :SOUNDS].copy(), costs[:SOUNDS, SOUNDS].copy()
