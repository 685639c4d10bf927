"""The US Treasury's Specially Designated Nationals list: the published pair SDN.CSV and ALT.CSV, without header.

SDN columns: ent_num, name, type, program, title, call sign, five of vessels, remarks; ALT: ent_num, alt_num, alt_type,
alt_name, remarks; `-0-` is null (Treasury's dat_spec). Only individuals are taken. What else is known of a person
stands in the remarks, separated by semicolons; names in single quotes there are the list's weak aliases.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from watchlists import births
from watchlists.countries import alpha3, nationality
from watchlists.lookouts import Imported, Skipped, SnapshotError, distinct, frame

SOURCE: Final = "ofac"
AUTHORITY: Final = "US Treasury OFAC"
_NULL: Final = "-0-"
_SDN_COLUMNS: Final = 12
_ALT_COLUMNS: Final = 5
_END_OF_FILE: Final = "\x1a"  # Treasury ends its files with a control-Z

# Programs by what the person is designated for; any other program is sanctions.
_ORGANISED_CRIME: Final = ("SDNTK", "SDNT", "ILLICIT-DRUGS", "TCO")
_NATIONAL_SECURITY: Final = ("SDGT", "FTO", "NPWMD", "CYBER", "HOSTAGES", "IRGC")

_BIRTH: Final = re.compile(r"(?:alt\. )?DOB (.+)")
_PLACE: Final = re.compile(r"(?:alt\. )?POB (.+)")
_COUNTRY: Final = re.compile(r"(?:alt\. )?(?:nationality|citizen) (.+)")
_WEAK_ALIAS: Final = re.compile(r"(?:alt\. )?(?:a\.k\.a\.|f\.k\.a\.|n\.k\.a\.) '(.+)'")
_DOCUMENT: Final = re.compile(
    r"(?:alt\. )?(?P<kind>(?:Diplomatic |Stateless Person |Service )?Passport|Travel Document Number"
    r"|National ID No\.|Identification Number|Cedula No\.|Cedula de Ciudadania|D\.N\.I\.|Numero de Identidad)"
    r" (?P<number>.+?)(?: \((?P<issuer>[^()]*)\))?(?: issued .*)?(?: expires .*)?"
)


def read(files: Sequence[Path]) -> Imported:
    """The individuals of an SDN file and, where given, their alternate names of an ALT file, in either order.

    Raises SnapshotError where a file is neither, both are the same kind, or no SDN file is among them.
    """
    rows = {path: list(_rows(path)) for path in files}
    kinds = {path: _kind(lines) for path, lines in rows.items()}
    faults = [
        f"{path}: not an OFAC list: expected SDN.CSV (12 columns) or ALT.CSV (5 columns) without a header"
        for path, kind in kinds.items()
        if kind is None
    ]
    for wanted, count in (("SDN", 1), ("ALT", 1)):
        named = [str(path) for path, kind in kinds.items() if kind == wanted]
        if len(named) > count:
            faults.append(f"{', '.join(named)}: more than one {wanted} file: give one")
    if not faults and "SDN" not in kinds.values():
        faults.append(f"{', '.join(map(str, files))}: the SDN file with the primary names is missing: give it as well")
    if faults:
        raise SnapshotError(faults)

    skipped: list[Skipped] = []
    people: dict[str, dict[str, Any]] = {}
    others: set[str] = set()
    for path, lines in rows.items():
        if kinds[path] == "SDN":
            _read_primaries(path, lines, people, others, skipped)
    for path, lines in rows.items():
        if kinds[path] == "ALT":
            _read_alternates(path, lines, people, others, skipped)
    return Imported(SOURCE, frame(people.values()), tuple(skipped))


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            reader = csv.reader(file)
            for row in reader:
                values = ["" if value.strip() == _NULL else value.strip() for value in row]
                if any(values) and values != [_END_OF_FILE]:
                    yield reader.line_num, values
    except OSError as error:
        raise SnapshotError(f"{path}: {error.strerror}: check the path") from error
    except csv.Error as error:
        raise SnapshotError(f"{path}: not readable as CSV ({error}): give the list as published") from error


def _kind(rows: list[tuple[int, list[str]]]) -> str | None:
    """SDN or ALT by the shape that most of the first rows have."""
    head = [values for _, values in rows[:50]]
    for kind, width in (("SDN", _SDN_COLUMNS), ("ALT", _ALT_COLUMNS)):
        if sum(len(values) == width and values[0].isdigit() for values in head) * 2 > len(head) > 0:
            return kind
    return None


def _read_primaries(
    path: Path,
    rows: list[tuple[int, list[str]]],
    people: dict[str, dict[str, Any]],
    others: set[str],
    skipped: list[Skipped],
) -> None:
    for line, values in rows:
        if len(values) != _SDN_COLUMNS:
            skipped.append(
                Skipped(str(path), line, ",".join(values)[:200], "not 12 columns: take the row from the published list")
            )
        elif not values[0].isdigit():
            skipped.append(Skipped(str(path), line, values[0][:200], "ent_num is not a number"))
        elif values[2].lower() != "individual":
            others.add(values[0])
        elif not values[1]:
            skipped.append(Skipped(str(path), line, values[0], "an individual without a name"))
        elif values[0] in people:
            skipped.append(Skipped(str(path), line, values[0], "ent_num occurs twice: the first row is kept"))
        else:
            people[values[0]] = _person(path, line, values, skipped)


def _person(path: Path, line: int, values: list[str], skipped: list[Skipped]) -> dict[str, Any]:
    dobs: list[str] = []
    places, countries, weak, documents = [], [], [], []
    for remark in re.split(r";\s*", values[11].rstrip(". ")):
        if found := _BIRTH.fullmatch(remark):
            if canonical := births.worded(found[1]):
                dobs.append(canonical)
            else:
                skipped.append(Skipped(str(path), line, remark, "not a date of birth: the person is kept without it"))
        elif found := _PLACE.fullmatch(remark):
            places.append(found[1])
        elif found := _COUNTRY.fullmatch(remark):
            countries.append(nationality(found[1]))
        elif found := _WEAK_ALIAS.fullmatch(remark):
            weak.append(found[1])
        elif found := _DOCUMENT.fullmatch(remark):
            documents.append(_document(found))
    program = values[3].replace("] [", ", ")
    return {
        "entry_id": f"OFAC-{values[0]}",
        "source": SOURCE,
        "name": values[1],
        "aliases": [],
        "weak_aliases": distinct(weak),
        "dobs": distinct(dobs),
        "countries": distinct(countries),
        "birthplaces": distinct(places),
        "documents": [document for document in documents if document["number"]],
        "authority": AUTHORITY,
        "purpose": f"US sanctions program {program or 'not named'}",
        "category": _category(program),
        "action": "examine_on_arrival",
        "valid_from": None,
        "valid_until": None,
    }


def _document(found: re.Match[str]) -> dict[str, str | None]:
    passport = "Passport" in found["kind"] or found["kind"].startswith("Travel")
    return {
        "type": "P" if passport else "I",
        "number": re.sub("[^A-Z0-9]", "", found["number"].upper()),
        "issuer": alpha3(found["issuer"]) if found["issuer"] else None,
    }


def _category(program: str) -> str:
    codes = program.split(", ")
    if any(code.startswith(_NATIONAL_SECURITY) for code in codes):
        return "national_security"
    return "organised_crime" if any(code.startswith(_ORGANISED_CRIME) for code in codes) else "sanctions"


def _read_alternates(
    path: Path,
    rows: list[tuple[int, list[str]]],
    people: dict[str, dict[str, Any]],
    others: set[str],
    skipped: list[Skipped],
) -> None:
    for line, values in rows:
        if len(values) != _ALT_COLUMNS or not values[3]:
            skipped.append(Skipped(str(path), line, ",".join(values)[:200], "not an alternate name with 5 columns"))
        elif values[0] in people:
            aliases = people[values[0]]["aliases"]
            if values[3] not in aliases:
                aliases.append(values[3])
        elif values[0] not in others:
            skipped.append(
                Skipped(
                    str(path), line, f"{values[0]} {values[3]}", "no primary of this ent_num: use SDN and ALT files of one date"
                )
            )
