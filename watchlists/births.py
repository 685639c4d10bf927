"""Dates of birth as lists give them, in one canonical text.

`1970-03-12` a day, `1970-03` or `1970-03-00` a month, `1970` a year, `1968/1972` a year from 1968 to 1972 ("circa", "between").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.names import FEW

CIRCA: Final = 2  # years either side of an approximate date: judgement

_DAY: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_CANONICAL: Final = re.compile(r"(\d{4})(?:/(\d{4})|-(\d{1,2})(?:-(\d{1,2}))?)?")
_WORDED: Final = ("%d %b %Y", "%d %B %Y")
_MONTHS: Final = ("%b %Y", "%B %Y")
_YEAR: Final = re.compile(r"\d{4}")


@dataclass(frozen=True)
class Birth:
    """A date of birth as far as it is known: years inclusive; month and day 0 where unknown."""

    first_year: int
    last_year: int
    month: int
    day: int


def birth(text: str) -> Birth | None:
    """The birth that a canonical text means, or None where it is not one or not a date that exists."""
    found = _CANONICAL.fullmatch(text.strip())
    if not found:
        return None
    first, last, month, day = (int(part) if part else 0 for part in found.groups())
    last = last or first
    if not 1800 <= first <= last <= 2100 or not 0 <= month <= 12 or (day and not month):
        return None
    if day:
        try:
            date(first, month, day)
        except ValueError:
            return None
    return Birth(first, last, month, day)


def rows(texts: pl.Series) -> NDArray[np.int16]:
    """Canonical texts as the kernels read them: first year, last year, month, day (n, 4); 0 where unknown, or where a text is
    none. The usual full day is read in columns, the rest by `birth`."""
    if len(texts) <= FEW:
        return _one_by_one(texts)
    days = texts.str.to_date("%Y-%m-%d", strict=False)
    plain = (texts.str.contains(_DAY) & days.dt.year().is_between(1800, 2100)).fill_null(False)
    parts = [part.fill_null(0).to_numpy() for part in (days.dt.year(), days.dt.year(), days.dt.month(), days.dt.day())]
    read = np.stack(parts, axis=1).astype(np.int16)
    read[~plain.to_numpy()] = _one_by_one(texts.filter(~plain))
    return read


def _one_by_one(texts: pl.Series) -> NDArray[np.int16]:
    values = texts.to_list()
    known = {text: birth(text) for text in set(values) if text is not None}
    nothing = (0, 0, 0, 0)
    rows = {text: (one.first_year, one.last_year, one.month, one.day) if one else nothing for text, one in known.items()}
    return np.array([rows.get(text, nothing) for text in values], np.int16).reshape(-1, 4)


def canonical(known: Birth) -> str:
    """The text of a birth."""
    if known.first_year != known.last_year:
        return f"{known.first_year:04}/{known.last_year:04}"
    return "-".join(f"{part:0{width}}" for part, width in ((known.first_year, 4), (known.month, 2), (known.day, 2)) if part)


def read(text: str, formats: Sequence[str] = ()) -> str | None:
    """Canonical text of a date in one of the formats (of strptime, with %Y; without %d a month, without month a year), or
    of one that is canonical up to leading zeros; None where it is neither."""
    for known in formats:
        try:
            day = datetime.strptime(text.strip(), known)
        except ValueError:
            continue
        month = day.month if {"%m", "%b", "%B"} & set(re.findall("%.", known)) else 0
        return canonical(Birth(day.year, day.year, month, day.day if "%d" in known else 0)) if 1800 <= day.year <= 2100 else None
    found = birth(text)
    return canonical(found) if found else None


def around(year: int, spread: int = CIRCA) -> str:
    return f"{year - spread}/{year + spread}"


def worded(text: str) -> str | None:
    """Canonical text of `22 Nov 1958`, `Sep 1999`, `1958`, `circa 1958`, `1958 to 1960`; None where it is no date."""
    plain = text.strip()
    approximate = plain.lower().startswith(("circa ", "approximately ", "c. "))
    if approximate:
        plain = plain.split(maxsplit=1)[1]
    years = [int(year) for year in _YEAR.findall(plain)]
    if approximate or " to " in plain or "-" in plain:
        if not years or years[0] > years[-1]:
            return None
        spread = CIRCA if approximate and years[0] == years[-1] else 0
        canonical = f"{years[0] - spread}/{years[-1] + spread}" if spread or years[0] != years[-1] else f"{years[0]}"
        return canonical if birth(canonical) else None
    if _YEAR.fullmatch(plain):
        return plain if birth(plain) else None
    for formats, pattern in ((_WORDED, "%Y-%m-%d"), (_MONTHS, "%Y-%m")):
        for known in formats:
            try:
                canonical = datetime.strptime(plain, known).strftime(pattern)
            except ValueError:
                continue
            return canonical if birth(canonical) else None
    return None
