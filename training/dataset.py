"""Point-in-time features with labels: the serving code for features and history, folded over the days of a data set.

A label is 1 for a finding (confirmed facilitation, confirmed fraudulent document), 0 where an examination found nothing,
and null for everything else: protection, victims, refugee claims, unaccompanied children and lookout identities are
neither, and no minor is labelled. Rows without a label are in the table, for whom is referred must be measured on all.
"""

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from features.derive import derive
from features.history import empty, events, history, update
from manifests.errors import InputError
from manifests.frames import Manifest, concat
from manifests.pseudonyms import booking_keys, flight_keys, pseudonyms

Flags = npt.NDArray[np.bool_]

FINDINGS = ("facilitation", "fraudulent_document")
NOTHING = "nothing_found"
# What must never be learned as a risk: the people concerned are to be protected, or were not examined for a finding.
NEVER_POSITIVE = ("protection", "trafficking_victim", "refugee_claim", "unaccompanied_child")
ADULT = 18
# What the builder adds to FEATURES.
KEYS: dict[str, pl.DataType] = {"day": pl.Date(), "row": pl.UInt32()}
LABELS: dict[str, pl.DataType] = {"label": pl.Int8(), "weight": pl.Float64()}
TRAVELLERS_PER_CHUNK = 20_000
# Share of the time line for fitting, for calibration and thresholds, and for evaluation; the rest.
FIT_SHARE, CALIBRATION_SHARE = 0.6, 0.2
# In a long data set the first days fill the history and are not learned from: counts over 30 days mean little before.
WARM_UP_DAYS = 30


class DatasetError(InputError):
    """A data set that cannot be learned from."""


def build(
    days: Iterable[tuple[Manifest, pl.DataFrame]], key: bytes, positives: tuple[str, ...] = FINDINGS
) -> Iterator[pl.DataFrame]:
    """KEYS, FEATURES and LABELS, one row per traveller, in chunks of some days.

    `days`: manifests in order of departure, each with a frame that has `traveller` (row of the Manifest), `minor` and
    `outcome` in the same order. `key` makes pseudonyms and is thrown away with the process. Raises DatasetError when
    `positives` names an outcome that is no finding.
    """
    if wrong := [name for name in positives if name not in FINDINGS]:
        why = dict.fromkeys(NEVER_POSITIVE, ", for the people concerned are to be protected")
        use = f"use {' and '.join(FINDINGS)}, the only findings"
        raise DatasetError([f"positives: {name} is never a positive label{why.get(name, '')}: {use}" for name in wrong])
    state = empty()
    for manifest, truth in _chunks(days):
        persons = pseudonyms(manifest, key)
        flights, bookings = flight_keys(manifest, key), booking_keys(manifest, key)
        features = derive(manifest, history(manifest, persons, flights, bookings, state))
        state = update(state, events(manifest, persons, flights, bookings))
        yield pl.concat([truth.select(*KEYS), features, labels(truth, positives)], how="horizontal")


def labels(truth: pl.DataFrame, positives: tuple[str, ...] = FINDINGS) -> pl.DataFrame:
    """LABELS per row of `truth` (outcome, minor)."""
    outcome = pl.col("outcome").cast(pl.String)
    label = pl.when(pl.col("minor")).then(None).when(outcome.is_in(positives)).then(1).when(outcome == NOTHING).then(0)
    return truth.select(label.cast(pl.Int8).alias("label"), pl.lit(1.0).alias("weight"))


def _chunks(days: Iterable[tuple[Manifest, pl.DataFrame]]) -> Iterator[tuple[Manifest, pl.DataFrame]]:
    """Several days in one Manifest: the fold counts earlier flights of the same Manifest, so the figures are the same."""
    manifests: list[Manifest] = []
    truths: list[pl.DataFrame] = []
    for manifest, truth in days:
        if manifest.travellers.height != truth.height or not truth["traveller"].equals(manifest.travellers["traveller"]):
            raise DatasetError(
                f"day {_first_day(manifest)}: the truth has not one row per traveller of the manifest, in its order"
            )
        manifests.append(manifest)
        truths.append(
            truth.select(pl.lit(_first_day(manifest), pl.Date).alias("day"), pl.col("traveller").alias("row"), "minor", "outcome")
        )
        if sum(truth.height for truth in truths) >= TRAVELLERS_PER_CHUNK:
            yield concat(manifests), pl.concat(truths)
            manifests, truths = [], []
    if manifests:
        yield concat(manifests), pl.concat(truths)


def _first_day(manifest: Manifest) -> object:
    return manifest.flights["departure_at"].dt.date().min()


def periods(table: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Rows to fit on, to calibrate on and to evaluate on: three spans of days, one after the other, after the warm-up.

    Raises DatasetError when there are too few days.
    """
    days = table["day"].unique().sort()
    used = days[WARM_UP_DAYS:] if len(days) > 4 * WARM_UP_DAYS else days
    if len(used) < 5:
        raise DatasetError(f"data: {len(used)} days of departures: at least 5 are needed to split by time")
    first, second = used[int(len(used) * FIT_SHARE)], used[int(len(used) * (FIT_SHARE + CALIBRATION_SHARE))]
    day = pl.col("day")
    return (
        table.filter((day >= used[0]) & (day < first)),
        table.filter((day >= first) & (day < second)),
        table.filter(day >= second),
    )


def referable(table: pl.DataFrame) -> Flags:
    """Rows whom the model may refer: everyone not known to be under 18 on the day of departure."""
    flags: Flags = (table["age_years"].fill_null(ADULT) >= ADULT).to_numpy()
    return flags
