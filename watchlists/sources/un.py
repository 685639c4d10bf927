"""The UN Security Council Consolidated List in its published XML: individuals, streamed, aliases graded Good or Low."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from watchlists import births
from watchlists.countries import alpha3, nationality
from watchlists.lookouts import Imported, Skipped, SnapshotError, distinct, frame

SOURCE: Final = "un"
AUTHORITY: Final = "UN Security Council"
_NAMES: Final = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
# List types of the committees on terrorism and on weapons of mass destruction.
_NATIONAL_SECURITY: Final = ("Al-Qaida", "Taliban", "DPRK", "Iran")


def read(path: Path) -> Imported:
    """Every individual of the list. Raises SnapshotError where the file is not that list."""
    rows: list[dict[str, Any]] = []
    skipped: list[Skipped] = []
    for position, person in enumerate(_individuals(path), start=1):
        row = _person(person, partial(_skip, skipped, path, position))
        if row is not None:
            rows.append(row)
    return Imported(SOURCE, frame(rows), tuple(skipped))


def _skip(skipped: list[Skipped], path: Path, position: int, value: str, problem: str) -> None:
    skipped.append(Skipped(str(path), position, value, problem))


def _individuals(path: Path) -> Iterator[Element]:
    root: Element | None = None
    try:
        for event, element in iterparse(path, events=("start", "end"), forbid_dtd=True):
            if root is None:
                root = element
                if root.tag != "CONSOLIDATED_LIST":
                    raise SnapshotError(f"{path}: <{root.tag}> is not the UN consolidated list: expected <CONSOLIDATED_LIST>")
            if event == "end" and element.tag == "INDIVIDUAL":
                yield element
                element.clear()
    except OSError as error:
        raise SnapshotError(f"{path}: {error.strerror}: check the path") from error
    except (ParseError, DefusedXmlException) as error:
        raise SnapshotError(f"{path}: not readable as XML ({error!s}): give the list as published") from error
    if root is None:
        raise SnapshotError(f"{path}: empty: give the list as published")


def _text(element: Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())


def _person(person: Element, skip: Callable[[str, str], None]) -> dict[str, Any] | None:
    data_id = _text(person, "DATAID")
    name = " ".join(filter(None, (_text(person, tag) for tag in _NAMES)))
    if not data_id or not name:
        skip(data_id or name, "an individual without DATAID or name")
        return None
    strong = [_text(person, "NAME_ORIGINAL_SCRIPT")]
    weak: list[str] = []
    for alias in person.iterfind("INDIVIDUAL_ALIAS"):
        (weak if _text(alias, "QUALITY") == "Low" else strong).append(_text(alias, "ALIAS_NAME"))
    dobs = [_birth(date, skip) for date in person.iterfind("INDIVIDUAL_DATE_OF_BIRTH")]
    countries = [" ".join((value.text or "").split()) for value in person.iterfind("NATIONALITY/VALUE")]
    places = [_place(place) for place in person.iterfind("INDIVIDUAL_PLACE_OF_BIRTH")]
    documents = [_document(document) for document in person.iterfind("INDIVIDUAL_DOCUMENT")]
    committee = _text(person, "UN_LIST_TYPE")
    return {
        "entry_id": f"UN-{data_id}",
        "source": SOURCE,
        "name": name,
        "aliases": distinct(strong),
        "weak_aliases": distinct(weak),
        "dobs": distinct(dobs),
        "countries": distinct(nationality(country) for country in countries),
        "birthplaces": distinct(places),
        "documents": [document for document in documents if document["number"]],
        "authority": AUTHORITY,
        "purpose": f"UN sanctions regime {committee or 'not named'}",
        "category": "national_security" if committee.startswith(_NATIONAL_SECURITY) else "sanctions",
        "action": "examine_on_arrival",
        "valid_from": None,
        "valid_until": None,
    }


def _birth(date: Element, skip: Callable[[str, str], None]) -> str | None:
    kind, exact, year = _text(date, "TYPE_OF_DATE"), _text(date, "DATE")[:10], _text(date, "YEAR")
    first, last = _text(date, "FROM_YEAR"), _text(date, "TO_YEAR")
    if kind == "BETWEEN" and first and last:
        canonical = f"{first}/{last}"
    elif kind == "APPROXIMATELY" and (year or exact):
        known = (year or exact)[:4]
        canonical = births.around(int(known)) if known.isdigit() else known
    else:
        canonical = exact or year
    if canonical and births.birth(canonical) is None:
        skip(canonical, "not a date of birth: the person is kept without it")
        return None
    return canonical or None


def _place(place: Element) -> str:
    return ", ".join(filter(None, (_text(place, tag) for tag in ("CITY", "STATE_PROVINCE", "COUNTRY"))))


def _document(document: Element) -> dict[str, str | None]:
    kind = _text(document, "TYPE_OF_DOCUMENT").lower()
    issuer = _text(document, "ISSUING_COUNTRY") or _text(document, "COUNTRY_OF_ISSUE")
    return {
        "type": "P" if "pas" in kind else "I",
        "number": re.sub("[^A-Z0-9]", "", _text(document, "NUMBER").upper()),
        "issuer": alpha3(issuer) if issuer else None,
    }
