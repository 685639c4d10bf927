"""What a feature is: a function that gives an expression, and what an officer and an auditor must know about it.

A feature is a function whose name is the column and whose arguments are its inputs: columns of the base frame
(features.base). The inputs say by law where the value comes from, so `data` and `pnr` follow from them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Literal

import polars as pl

from features.base import COLUMNS

Kind = Literal["number", "flag", "code"]
DTYPES: dict[Kind, pl.DataType] = {"number": pl.Float64(), "flag": pl.Boolean(), "code": pl.String()}


@dataclass(frozen=True)
class Feature:
    """One indicator. A number is Float64 in `unit`, a flag Boolean, a code Utf8; unknown is null, never 0 or false."""

    id: str
    family: str
    kind: Kind
    en_label: str  # a number's label is a noun, a flag's what is said when it is true: both fit into a scenario's sentence
    fr_label: str
    en_sentence: str
    fr_sentence: str
    inputs: tuple[str, ...]
    data: Literal["API", "PNR", "history"]
    pnr: bool  # reads a PNR element, directly or through its history
    unit: str
    range: tuple[float | None, float | None]
    missing: str  # when it is null
    source: str
    protected: str | None  # the protected ground, or what it may stand for ("proxy: …")
    model: bool  # may enter the model
    function: Callable[..., pl.Expr]

    @property
    def dtype(self) -> pl.DataType:
        return DTYPES[self.kind]

    @property
    def expression(self) -> pl.Expr:
        """The column, named by the feature, over the base frame."""
        return self.function(*(pl.col(name) for name in self.inputs)).alias(self.id)


def feature(
    family: str,
    kind: Kind,
    *,
    en: str,
    fr: str,
    en_sentence: str,
    fr_sentence: str,
    missing: str,
    unit: str = "",
    range: tuple[float | None, float | None] = (None, None),
    source: str = "published indicators of smuggling, trafficking and improper documentation (ICAO Annex 9 ch. 9)",
    protected: str | None = None,
    model: bool = True,
) -> Callable[[Callable[..., pl.Expr]], Feature]:
    """Attach the metadata to a function. Raises ValueError when a protected, coded or protection feature may enter the model."""

    def describe(function: Callable[..., pl.Expr]) -> Feature:
        inputs = tuple(signature(function).parameters)
        origins = [COLUMNS[name] for name in inputs]
        past = [origin for origin in origins if origin.startswith("history")]
        if model and (protected or kind == "code" or family in {"protection", "traveller"}):
            raise ValueError(f"{function.__name__}: a {family} {kind} feature may not enter the model")
        pnr = any("PNR" in origin for origin in origins)
        return Feature(
            id=function.__name__,
            family=family,
            kind=kind,
            en_label=en,
            fr_label=fr,
            en_sentence=en_sentence,
            fr_sentence=fr_sentence,
            inputs=inputs,
            data="history" if past else "PNR" if pnr else "API",
            pnr=pnr,
            unit=unit,
            range=range,
            missing=missing,
            source=source,
            protected=protected,
            model=model,
            function=function,
        )

    return describe
