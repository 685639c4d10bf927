"""Frames → PAXLST, for tests: what reading must give back."""

from typing import Any

from manifests import edifact
from manifests.edifact import Delimiters
from manifests.frames import Manifest
from tests.manifests.messages import Line

_PARTIES = {"passenger": "FL", "crew": "FM", "transit_passenger": "DDU", "transit_crew": "DDT"}
_PLACES = (("22", "clearance"), ("174", "residence"), ("178", "embarkation"), ("179", "debarkation"))
_REFERENCES = (("AVF", "record_locator"), ("ABO", "ref"), ("AEA", "redress"))


def written(manifest: Manifest, delimiters: Delimiters | None = None) -> bytes:
    """One message per flight. Bookings, faults and legs have no place in it."""
    messages = [_message(manifest, flight) for flight in manifest.flights.to_dicts()]
    unb: Line = ("UNB", ("UNOY", "4"), ("AIRCO", "ZZ"), ("BORDER", "ZZ"), ("260115", "1030"), "REF1", "", "APIS")
    segments = [unb, *(line for message in messages for line in message), ("UNZ", str(len(messages)), "REF1")]
    return edifact.write(segments, delimiters or Delimiters())


def _message(manifest: Manifest, flight: dict[str, Any]) -> list[Line]:
    number = flight["flight"]
    travellers = [row for row in manifest.travellers.to_dicts() if row["flight"] == number]
    lines: list[Line] = [("BGM", "745"), ("TDT", "20", f"{flight['carrier']}{flight['number']}", "", "", flight["carrier"])]
    for qualifier, end, time in (("125", "departure", "189"), ("87", "arrival", "232")):
        lines.append(("LOC", qualifier, flight[end]))
        if moment := flight[f"{end}_time"]:
            lines.append(("DTM", (time, f"{moment:%y%m%d%H%M}", "201")))
    for traveller in travellers:
        lines += _traveller(traveller)
        for document in manifest.documents.filter(traveller=traveller["traveller"]).to_dicts():
            lines.append(("DOC", document["type"] or "", document["number"]))
            if document["expiry"]:
                lines.append(("DTM", ("36", f"{document['expiry']:%Y%m%d}")))
            if document["issuer"]:
                lines.append(("LOC", "91", document["issuer"]))
    lines.append(("CNT", ("42", str(sum("passenger" in row["role"] for row in travellers)))))
    lines.append(("CNT", ("41", str(sum("crew" in row["role"] for row in travellers)))))
    return [("UNH", f"M{number}", ("PAXLST", "D", "05B", "UN", "IATA")), *lines, ("UNT", str(len(lines) + 2), f"M{number}")]


def _traveller(row: dict[str, Any]) -> list[Line]:
    lines: list[Line] = [("NAD", _PARTIES[row["role"]], "", "", (row["surname"] or "", row["given"] or ""))]
    if row["sex"]:
        lines.append(("ATT", "2", "", row["sex"]))
    if row["dob"]:
        lines.append(("DTM", ("329", f"{row['dob']:%Y%m%d}")))
    if row["bags"] is not None:
        lines.append(("MEA", "CT", "", ("", str(row["bags"]))))
    if row["bag_weight"] is not None:
        lines.append(("MEA", "WT", "", ("KGM", str(row["bag_weight"]))))
    lines += [("FTX", "BAG", "", "", tag) for tag in row["bag_tags"] or ()]
    lines += [("LOC", qualifier, row[column]) for qualifier, column in _PLACES if row[column]]
    if row["birthplace"]:
        lines.append(("LOC", "180", ("", "", "", row["birthplace"])))
    if row["nationality"]:
        lines.append(("NAT", "2", row["nationality"]))
    lines += [("RFF", (qualifier, row[column])) for qualifier, column in _REFERENCES if row[column]]
    return lines
