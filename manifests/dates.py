"""Dates and times as carriers write them: ISO 8601, the EDIFACT forms YYMMDD … CCYYMMDDHHMMSS, and 04JUL80 of a PNR.

Every reader raises ValueError whose text says what is wrong and what to send.
"""

from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = date(1970, 1, 1).toordinal()
_OLDEST = 130  # years: nobody has been older by more than a few (oldest verified: 122)
_SEND_DATE = "send YYYY-MM-DD (in PAXLST YYMMDD or CCYYMMDD)"
_SEND_TIME = "send the airport's local time as YYYY-MM-DDTHH:MM (in PAXLST YYMMDDHHMM)"
_YEARS_OF_TRAVEL = range(1950, 2100)
_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: f"{number:02}" for number, name in enumerate(_MONTH_NAMES, start=1)}


def days(day: date) -> int:
    """Days since 1970-01-01, as Polars counts dates."""
    return day.toordinal() - _EPOCH


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970-01-01 on the clock of `moment` itself, as Polars counts datetimes; fractions cut."""
    return ((moment.toordinal() - _EPOCH) * 86_400 + moment.hour * 3600 + moment.minute * 60 + moment.second) * 1_000_000


def birth(text: str, travel: date | None) -> date:
    """A date of birth; a two-digit year lies in the hundred years before `travel`."""
    day = _date(text, None if travel is None else travel.year - 99)
    if travel is not None and day > travel:
        if len(_digits(text)) != 6:
            raise ValueError("after the day of travel: send the date of birth as in the document")
        day = _make(day.year - 100, day.month, day.day)
    oldest = 1900 if travel is None else travel.year
    if day.year < oldest - _OLDEST:
        raise ValueError(f"more than {_OLDEST} years before travel: send the date of birth as in the document")
    return day


def expiry(text: str, travel: date | None) -> date:
    """A date of expiry; a two-digit year is the one nearest to `travel` (from 49 years before to 50 after)."""
    return _date(text, None if travel is None else travel.year - 49)


@lru_cache(maxsize=4096)
def local(text: str) -> datetime:
    """A local time without offset."""
    moment = _datetime(text, _SEND_TIME)
    if moment.tzinfo is not None:
        raise ValueError(f"has an offset: {_SEND_TIME}, without offset")
    return moment


def instant(text: str) -> datetime:
    """A moment in UTC; without an offset it is read as UTC."""
    moment = _datetime(text, "send UTC as YYYY-MM-DDTHH:MMZ")
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


@lru_cache(maxsize=4096)
def utc_offset(moment: datetime, zone: str) -> int:
    """Microseconds by which the clocks of `zone` (IANA) are ahead of UTC at local time `moment` (the first, where repeated)."""
    offset = ZoneInfo(zone).utcoffset(moment)
    assert offset is not None
    return round(offset.total_seconds()) * 1_000_000


def _date(text: str, first_year: int | None) -> date:
    if len(text) == 10 and text[4] == "-" == text[7]:
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    digits = _digits(text)
    if digits.isascii() and digits.isdigit():
        if len(digits) == 8:
            return _make(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        if len(digits) == 6:
            if first_year is None:
                raise ValueError("two-digit year without a day of travel to place it: send CCYYMMDD or the departure time")
            year = first_year + (int(digits[:2]) - first_year) % 100
            return _make(year, int(digits[2:4]), int(digits[4:]))
    raise ValueError(f"not a date{_meant(text)}: {_SEND_DATE}")


def _digits(text: str) -> str:
    """04JUL80 as 800704 and 04JUL1980 as 19800704; anything else as it is."""
    if len(text) in (7, 9) and (month := _MONTHS.get(text[2:5].upper())):
        return f"{text[5:]}{month}{text[:2]}"
    return text


def _make(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"no such day in the calendar: {_SEND_DATE}") from None


def _meant(text: str) -> str:
    parts = text.replace("/", ".").replace("-", ".").split(".")
    if [len(part) for part in parts] == [2, 2, 4]:
        try:
            return f" (did you mean {date.fromisoformat('-'.join(reversed(parts)))}?)"
        except ValueError:
            pass
    return ""


def _datetime(text: str, send: str) -> datetime:
    if text.isascii() and text.isdigit() and len(text) in (10, 12, 14):
        form = {10: "20" + text + "00", 12: text + "00", 14: text}[len(text)]
        iso = f"{form[:4]}-{form[4:6]}-{form[6:8]}T{form[8:10]}:{form[10:12]}:{form[12:]}"
    else:
        iso = text
    try:
        if len(iso) < 16 or iso[4] != "-" or iso[10] not in "Tt ":
            raise ValueError
        moment = datetime.fromisoformat(iso)
    except ValueError:
        missing = "the time of day is missing" if _is_date(text) else "not a time"
        raise ValueError(f"{missing}: {send}") from None
    if moment.year not in _YEARS_OF_TRAVEL:
        raise ValueError(f"the year is out of range: {send}")
    return moment


def _is_date(text: str) -> bool:
    try:
        _date(text, 2000)
    except ValueError:
        return False
    return True
