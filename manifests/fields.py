"""Readers of one column: strings as sent → values or None, and a report for each value that could not be read.

A column is a sequence of strings in which "" and None mean: not given. `report(row, problem)` records a fault. The
usual value takes the quick path (one comprehension, one dictionary look-up per cell); the rest is looked at singly.
"""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeVar

import polars as pl

from manifests.codes import airports, countries, countries_by_name
from manifests.vocabulary import DOCUMENT_TYPES, PAYMENTS, ROLES, SEXES

T = TypeVar("T")
Column = Sequence[str | None]
Report = Callable[[int, str], None]

LONGEST = 200  # characters of any one value
SHOWN = 60  # characters of a value that a fault repeats
_CARRIER = re.compile(r"[A-Z]{3}|[A-Z][A-Z0-9]|[0-9][A-Z]")  # ICAO or IATA designator
_FLIGHT_NUMBER = re.compile(r"0*([1-9][0-9]{0,3}[A-Z]?)")
_SEPARATORS = re.compile(r"[\s\-./<]+")
_DOCUMENT_NUMBER = re.compile(r"[A-Z0-9]+")
_NOT_DIGITS = re.compile(r"[^0-9]+")
_BAG_TAG = re.compile(r"([A-Z0-9]{0,3}?)([0-9]{4,12})(?::([0-9]{1,3}))?")
_MOST_TAGS = 99  # of one traveller
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_SHORTEST_PHONE = 5  # digits


def printable(value: str) -> str:
    """White space folded; characters of the Unicode categories C* (control, bidi, zero-width, surrogate …) removed."""
    kept = value if value.isprintable() else "".join(c for c in value if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())


def shown(value: object) -> str:
    """A value as a fault repeats it: printable, at most SHOWN characters."""
    text = "" if value is None else printable(str(value)[: 2 * SHOWN])
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def text(column: Column, report: Report) -> list[str | None]:
    """Printable text, letters as sent; longer than LONGEST is a fault."""
    folded = [" ".join(value.split()) if value else "" for value in column]
    if not "".join(folded).isprintable():
        folded = [printable(value) for value in folded]
    if max(map(len, folded), default=0) > LONGEST:
        for row, value in enumerate(folded):
            if len(value) > LONGEST:
                report(row, f"longer than {LONGEST} characters: send the value alone")
                folded[row] = ""
    return [value or None for value in folded]


def upper(column: Column, report: Report) -> list[str | None]:
    """Printable text in upper case."""
    return [value and value.upper() for value in text(column, report)]


def parsed(column: Column, report: Report, parse: Callable[[str], T]) -> list[T | None]:
    """Values of `parse`, which gets stripped text and raises ValueError with the problem and the fix."""
    values: list[T | None] = []
    for row, value in enumerate(column):
        read = None
        if value and (stripped := value.strip()):
            try:
                read = parse(stripped)
            except ValueError as problem:
                report(row, str(problem))
        values.append(read)
    return values


def _coded(column: Column, report: Report, known: Mapping[str, str], otherwise: Callable[[str], str]) -> list[str | None]:
    """Values of a code list: `known` maps codes to what is kept; the rest is read by `otherwise`, in upper case."""
    values: list[str | None] = [known.get(value) if value else None for value in column]
    if None not in values:
        return values
    rest = [None if kept else value for kept, value in zip(values, column, strict=True)]
    late = parsed(rest, report, lambda value: known.get(value.upper()) or otherwise(value.upper()))
    return [kept or read for kept, read in zip(values, late, strict=True)]


def airport(column: Column, report: Report) -> list[str | None]:
    """IATA codes of airports; ICAO codes are converted."""
    return _coded(column, report, airports(), _no_airport)


def _no_airport(code: str) -> str:
    raise ValueError("not a known airport: send its IATA code, such as YYZ (of the airport, not of the city)")


def country(column: Column, report: Report) -> list[str | None]:
    """Alpha-3 codes of countries, and the special codes of ICAO 9303; alpha-2 codes are converted."""
    return _coded(column, report, countries(), _no_country)


def _no_country(code: str) -> str:
    meant = countries_by_name().get(code)
    raise ValueError(f"not a country code{_did_you_mean(meant)}: send ISO 3166-1 alpha-3, such as CAN, or a code of ICAO 9303")


def _members(vocabulary: pl.Enum, **also: str) -> dict[str, str]:
    names = vocabulary.categories.to_list()
    return {name.upper(): name for name in names} | {name: name for name in names} | also


def _no_member(vocabulary: pl.Enum, hint: str = "") -> Callable[[str], str]:
    names = vocabulary.categories.to_list()

    def otherwise(code: str) -> str:
        close = difflib.get_close_matches(code.lower()[:LONGEST], names, n=1)
        raise ValueError(f"not a known code{_did_you_mean(*close)}: send one of {', '.join(names)}{hint}")

    return otherwise


def _did_you_mean(meant: str | None = None) -> str:
    return f" (did you mean {meant}?)" if meant else ""


_ROLES, _NO_ROLE = _members(ROLES), _no_member(ROLES)
# IATA sends U for undisclosed, ICAO 9303 prints < for unspecified: both are X.
_SEXES, _NO_SEX = _members(SEXES, U="X") | {"<": "X"}, _no_member(SEXES)
_PAYMENTS, _NO_PAYMENT = _members(PAYMENTS), _no_member(PAYMENTS)
# T re-entry permit, L pilot's licence, N and S NEXUS, SENTRI: "any other document" here.
_DOCUMENTS = _members(DOCUMENT_TYPES, T="O", L="O", N="O", S="O")
_NO_DOCUMENT = _no_member(DOCUMENT_TYPES, " (P passport, V visa, I identity card, O any other)")


def role(column: Column, report: Report) -> list[str | None]:
    """Members of ROLES; what is not given is a passenger."""
    return _coded([(value and value.strip()) or "passenger" for value in column], report, _ROLES, _NO_ROLE)


def sex(column: Column, report: Report) -> list[str | None]:
    """Members of SEXES."""
    return _coded(column, report, _SEXES, _NO_SEX)


def payment(column: Column, report: Report) -> list[str | None]:
    """Members of PAYMENTS."""
    return _coded(column, report, _PAYMENTS, _NO_PAYMENT)


def document_type(column: Column, report: Report) -> list[str | None]:
    """Members of DOCUMENT_TYPES; of a two-letter code (PD, IP, AC, P<) the first letter.

    ICAO 9303 parts 4 to 7 leave the second letter of P, V, I, A and C documents to the State.
    """
    return _coded(column, report, _DOCUMENTS, _document)


def _document(code: str) -> str:
    if len(code) == 2 and code[0] in "PVIAC" and (code[1] == "<" or code[1].isalpha()):
        return code[0]
    return _NO_DOCUMENT(code)


def document_number(column: Column, report: Report) -> list[str | None]:
    """A-Z and 0-9 in upper case; blanks, hyphens, points, slashes and fillers are dropped; full-width forms are folded."""
    return parsed(text(column, report), report, _document_number)


def _document_number(value: str) -> str:
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", value)).upper()
    if not _DOCUMENT_NUMBER.fullmatch(number):
        raise ValueError("has characters other than A-Z and 0-9: send the number as in the machine-readable zone")
    return number


def redress_number(column: Column, report: Report) -> list[str | None]:
    """As `document_number`."""
    return parsed(text(column, report), report, _redress_number)


def _redress_number(value: str) -> str:
    number = _SEPARATORS.sub("", unicodedata.normalize("NFKC", value)).upper()
    if not _DOCUMENT_NUMBER.fullmatch(number):
        raise ValueError("has characters other than A-Z and 0-9: send the redress number as the traveller was given it")
    return number


def carrier(column: Column, report: Report) -> list[str | None]:
    """IATA or ICAO designators in upper case."""
    return parsed(column, report, _carrier)


@lru_cache(maxsize=4096)
def _carrier(value: str) -> str:
    designator = value.upper()
    if not _CARRIER.fullmatch(designator):
        raise ValueError("not a carrier designator: send two letters or digits (IATA, AC) or three letters (ICAO, ACA)")
    return designator


def flight_number(column: Column, report: Report, carriers: Sequence[str | None]) -> list[str | None]:
    """Flight numbers without leading zeros; a leading designator of the carrier (AC0872) is dropped."""
    bare = [
        value[len(prefix) :] if value and prefix and value.upper().startswith(prefix) else value
        for value, prefix in zip(column, carriers, strict=True)
    ]
    return parsed(bare, report, _flight_number)


@lru_cache(maxsize=4096)
def _flight_number(value: str) -> str:
    found = _FLIGHT_NUMBER.fullmatch(value.upper())
    if found is None:
        raise ValueError("not a flight number: send up to four digits and at most one letter after them, such as 872")
    return found[1]


def phone(column: Column, report: Report) -> list[str | None]:
    """Digits only; the international prefix 00 is dropped."""
    return parsed(text(column, report), report, _phone)


def _phone(value: str) -> str:
    western = value if value.isascii() else "".join(str(unicodedata.digit(c, c)) for c in value)
    digits = _NOT_DIGITS.sub("", western).removeprefix("00")
    if len(digits) < _SHORTEST_PHONE:
        raise ValueError("too few digits for a telephone number: send it with its country code, such as +15145550100")
    return digits


def email(column: Column, report: Report) -> list[str | None]:
    """E-mail addresses in lower case."""
    return parsed(text(column, report), report, _email)


def _email(value: str) -> str:
    if not _EMAIL.fullmatch(value):
        raise ValueError("not an e-mail address: send name@domain")
    return value.lower()


def whole(column: Sequence[int | str | None], report: Report, most: int) -> list[int | None]:
    """Whole numbers from 0 to `most`; -1 and "" mean: not given."""

    def parse(value: str) -> int:
        if not (value.isascii() and value.isdigit() and len(value) <= 9 and int(value) <= most):
            raise ValueError(f"not a whole number from 0 to {most}: send it without unit, or leave it out")
        return int(value)

    if all(value is None or (type(value) is int and -1 <= value <= most) for value in column):
        return [None if value == -1 else value for value in column]  # type: ignore[misc]  # all are int or None here
    return parsed([None if value is None or value == -1 else str(value) for value in column], report, parse)


def bag_tags(column: Sequence[Sequence[str] | None], report: Report) -> list[list[str] | None]:
    """Tags in upper case, A-Z and 0-9 only; AC123456:3 is that tag and the two that follow it."""
    values: list[list[str] | None] = []
    for row, sent in enumerate(column):
        tags: list[str] = []
        problem = ""
        for text in sent or ():
            try:
                tags += _consecutive(text)
            except ValueError as error:
                problem = str(error)
            if len(tags) > _MOST_TAGS:
                problem = f"more than {_MOST_TAGS} bags of one traveller, the first are kept: send each traveller's own"
                del tags[_MOST_TAGS:]
                break
        if problem:
            report(row, problem)
        values.append(tags or None)
    return values


def _consecutive(text: str) -> list[str]:
    found = _BAG_TAG.fullmatch(_SEPARATORS.sub("", text).upper())
    count = int(found[3] or 1) if found else 0
    if found is None or not 0 < count <= _MOST_TAGS:
        raise ValueError(f"not a bag tag and how many follow it (1 to {_MOST_TAGS}): send carrier and number, such as AC123456:2")
    return [f"{found[1]}{int(found[2]) + at:0{len(found[2])}}" for at in range(count)]


def dated(
    column: Column, travel: Sequence[date | None], report: Report, parse: Callable[[str, date | None], date]
) -> list[date | None]:
    """Dates read against each row's day of travel; `parse` raises ValueError as in `parsed`."""
    values: list[date | None] = []
    for row, (value, day) in enumerate(zip(column, travel, strict=True)):
        read = None
        if value and (stripped := value.strip()):
            try:
                read = parse(stripped, day)
            except ValueError as problem:
                report(row, str(problem))
        values.append(read)
    return values
