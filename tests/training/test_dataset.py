"""Features with labels, point in time; what must never be learned as a risk is refused."""

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from features.derive import FEATURES
from training.dataset import (
    FINDINGS,
    KEYS,
    LABELS,
    NEVER_POSITIVE,
    DatasetError,
    build,
    labels,
    periods,
    referable,
)
from training.simulate.plans import OUTCOMES
from training.simulate.world import simulate

KEY = b"k" * 32
START = date(2026, 1, 1)


@pytest.fixture(scope="module")
def days() -> list:
    return list(simulate(1500, 3, START, 6))


def truth_of(*outcomes: str, minor: bool = False) -> pl.DataFrame:
    return pl.DataFrame({"outcome": pl.Series(outcomes, dtype=OUTCOMES), "minor": [minor] * len(outcomes)})


def test_only_findings_are_positive() -> None:
    found = dict(zip(OUTCOMES.categories, labels(truth_of(*OUTCOMES.categories))["label"], strict=True))
    assert {outcome for outcome, label in found.items() if label == 1} == set(FINDINGS)
    assert {outcome for outcome, label in found.items() if label == 0} == {"nothing_found"}


def test_a_minor_has_no_label() -> None:
    assert labels(truth_of("facilitation", "nothing_found", "protection", minor=True))["label"].is_null().all()


@pytest.mark.parametrize("outcome", [*NEVER_POSITIVE, "lookout_identity", "nothing_found"])
def test_other_outcomes_are_refused_as_positives(outcome: str, days: list) -> None:
    with pytest.raises(DatasetError, match=f"{outcome} is never a positive"):
        next(build(days, KEY, positives=("facilitation", outcome)))


@pytest.mark.parametrize("outcome", NEVER_POSITIVE)
def test_the_refusal_says_whom_it_protects(outcome: str, days: list) -> None:
    with pytest.raises(DatasetError, match="to be protected"):
        next(build(days, KEY, positives=(outcome,)))


def test_the_table_has_features_keys_and_labels(days: list) -> None:
    table = pl.concat(list(build(days, KEY)))
    assert table.columns == [*KEYS, *FEATURES, *LABELS]
    assert table.height == 1500
    assert not {"plan", "oracle", "outcome", "state", "network"} & set(table.columns)


def test_the_key_of_the_pseudonyms_changes_only_what_is_cut_off(days: list) -> None:
    """Of an agency the latest 64 travellers count; which of those on one flight are the latest depends on the key."""
    one, other = (pl.concat(list(build(days, key))).select(pl.exclude("^agency_.*$")) for key in (KEY, b"z" * 32))
    assert one.equals(other)


def test_days_together_give_what_days_alone_give(days: list, monkeypatch: pytest.MonkeyPatch) -> None:
    together = pl.concat(list(build(days, KEY)))
    monkeypatch.setattr("training.dataset.TRAVELLERS_PER_CHUNK", 1)
    alone = pl.concat(list(build(days, KEY)))
    ours = [name for name in together.columns if name != "traveller"]
    assert_frame_equal(together.select(ours), alone.select(ours), rel_tol=1e-12)


def test_what_comes_later_changes_nothing(days: list) -> None:
    early = pl.concat(list(build(days[:3], KEY)))
    whole = pl.concat(list(build(days, KEY)))
    assert whole[: early.height].equals(early)


def test_truth_of_other_travellers_is_refused(days: list) -> None:
    manifest, truth = days[0]
    with pytest.raises(DatasetError, match="not one row per traveller"):
        next(build([(manifest, truth[1:])], KEY))


def test_periods_follow_each_other() -> None:
    table = pl.DataFrame({"day": [date(2026, 1, 1 + day) for day in range(20)] * 2})
    first, second, third = (period["day"] for period in periods(table))
    assert first.max() < second.min() <= second.max() < third.min()
    assert len(first) + len(second) + len(third) == table.height
    with pytest.raises(DatasetError, match="at least 5"):
        periods(table.filter(pl.col("day") < date(2026, 1, 4)))


def test_a_long_data_set_has_a_warm_up() -> None:
    table = pl.DataFrame({"day": pl.date_range(date(2026, 1, 1), date(2026, 8, 1), eager=True)})
    assert periods(table)[0]["day"].min() == date(2026, 1, 31)


def test_who_may_be_referred() -> None:
    assert referable(pl.DataFrame({"age_years": [17.0, 18.0, None, 4.0]})).tolist() == [False, True, True, False]
