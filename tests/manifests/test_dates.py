from datetime import date, datetime

import pytest

from manifests import dates

TRAVEL = date(2026, 1, 15)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1978-07-06", date(1978, 7, 6)),
        ("19780706", date(1978, 7, 6)),
        ("780706", date(1978, 7, 6)),
        ("260114", date(2026, 1, 14)),  # a day old
        ("260116", date(1926, 1, 16)),  # would be born tomorrow: a hundred years before
        ("000229", date(2000, 2, 29)),
        ("1900-01-01", date(1900, 1, 1)),
        ("06JUL78", date(1978, 7, 6)),
        ("06jul1978", date(1978, 7, 6)),
        ("16JAN26", date(1926, 1, 16)),
    ],
)
def test_a_birth_lies_in_the_past(text: str, day: date) -> None:
    assert dates.birth(text, TRAVEL) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [("610218", date(2061, 2, 18)), ("191218", date(2019, 12, 18)), ("770101", date(1977, 1, 1)), ("760101", date(2076, 1, 1))],
)
def test_an_expiry_is_the_nearest_to_travel(text: str, day: date) -> None:
    assert dates.expiry(text, TRAVEL) == day


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2019-02-30", "not a date"),
        ("20190230", "no such day"),
        ("19780000", "no such day"),
        ("1978", "not a date"),
        ("06/07/1978", "did you mean 1978-07-06?"),
        ("31/31/1978", "not a date: send"),
        ("٠٦٠٧٧٨", "not a date"),
        ("2026-01-16", "after the day of travel"),
        ("1880-01-01", "more than 130 years"),
        ("2026-W03-4", "not a date"),
        ("31FEB78", "no such day"),
        ("06JLY78", "not a date"),
        ("16JAN2026", "after the day of travel"),
    ],
)
def test_what_is_no_date_of_birth(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="send") as raised:
        dates.birth(text, TRAVEL)
    assert problem in str(raised.value)


def test_a_two_digit_year_needs_a_day_of_travel() -> None:
    with pytest.raises(ValueError, match="two-digit year without a day of travel"):
        dates.birth("780706", None)
    assert dates.birth("1978-07-06", None) == date(1978, 7, 6)


@pytest.mark.parametrize(
    "text", ["2026-01-15T14:00", "2026-01-15 14:00", "2026-01-15T14:00:00", "2601151400", "202601151400", "20260115140000"]
)
def test_a_local_time_in_each_form(text: str) -> None:
    assert dates.local(text) == datetime(2026, 1, 15, 14, 0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2026-01-15T14:00Z", "has an offset"),
        ("20260115", "the time of day is missing"),
        ("2026-01-15", "the time of day is missing"),
        ("2601152460", "not a time"),
        ("0001-01-01T00:00", "out of range"),
        ("noon", "not a time"),
    ],
)
def test_what_is_no_local_time(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match="send") as raised:
        dates.local(text)
    assert problem in str(raised.value)


@pytest.mark.parametrize("text", ["2026-01-02T09:30Z", "2026-01-02T09:30", "2026-01-02T04:30-05:00"])
def test_an_instant_is_taken_to_utc(text: str) -> None:
    assert dates.microseconds(dates.instant(text)) == dates.microseconds(datetime(2026, 1, 2, 9, 30))


def test_offsets_follow_the_season() -> None:
    hour = 3_600_000_000
    assert dates.utc_offset(datetime(2026, 1, 15, 14), "America/Toronto") == -5 * hour
    assert dates.utc_offset(datetime(2026, 7, 15, 14), "America/Toronto") == -4 * hour
    assert dates.utc_offset(datetime(2026, 1, 15, 14), "Asia/Kathmandu") == 5.75 * hour
