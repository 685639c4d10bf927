"""UN/EDIFACT CUSRES: the answer to a PAXLST, one message per flight, one ERP group per traveller.

A carrier learns the directive and nothing else: no list, no score, no reason.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from manifests import edifact
from manifests.errors import InputError
from manifests.paxlst import Header, Paxlst
from manifests.vocabulary import DIRECTIVES

# FTX+AAP: the same words for every traveller with that directive.
_TEXTS = {
    "BOARD": "OK TO BOARD",
    "HOLD": "HOLD - AWAIT INSTRUCTION",
    "DO_NOT_BOARD": "DO NOT BOARD",
    "INSUFFICIENT_DATA": "INSUFFICIENT DATA - CORRECT AND SEND AGAIN",  # followed by the fields
    "NOT_SCREENED": "NOT SCREENED - SEND AGAIN",
}
_TEXT_LENGTH = 512  # characters of a free text, C108 in D.05B
# What carriers' systems take to mean "do not board", whatever a profile says of it.
_REFUSAL_CODE = "1Z"
# A code that no other directive may share: a shared one would let it pass for that directive.
_OWN_CODES = ("BOARD", "DO_NOT_BOARD")

Line = Sequence[str | Sequence[str]]


def check_codes(codes: Mapping[str, str]) -> None:
    """Refuse a carrier profile {directive: ERC code} that could misinform a carrier.

    Raises InputError with all faults: a directive without code; a code of BOARD or DO_NOT_BOARD on another directive;
    1Z on any but DO_NOT_BOARD.
    """
    known = DIRECTIVES.categories.to_list()
    faults = [f"codes.{name}: no code: give the ERC code that the carrier knows" for name in known if not codes.get(name)]
    faults += [f"codes.{name}: not a directive: use {', '.join(known)}" for name in codes if name not in known]
    for own in _OWN_CODES:
        for name, code in codes.items():
            if name != own and code == codes.get(own):
                faults.append(f"codes.{name}: {code}: only {own} may use it: give {name} a code of its own")
    for name, code in codes.items():
        if code == _REFUSAL_CODE and name != "DO_NOT_BOARD" and codes.get("DO_NOT_BOARD") != code:
            faults.append(f"codes.{name}: {code}: means do not board, only DO_NOT_BOARD may use it")
    if faults:
        raise InputError(faults)


def write(
    paxlst: Paxlst, answers: pl.DataFrame, codes: Mapping[str, str], now: datetime, faults: pl.DataFrame | None = None
) -> bytes:
    """The CUSRES interchange that answers `paxlst`.

    `answers` has the columns traveller (row of the manifest's travellers) and directive (DIRECTIVES); a traveller
    without an answer gets that of NOT_SCREENED. `codes` is the carrier's profile, checked here. `now` is the time of
    preparation. `faults` (Faults; those of the manifest where not given) names the fields that an INSUFFICIENT_DATA asks
    for. Record locators and passenger references go back as they were sent.
    """
    check_codes(codes)
    directives = dict(zip(answers["traveller"].to_list(), answers["directive"].cast(pl.String).to_list(), strict=True))
    wanted = _wanted(paxlst.manifest.faults if faults is None else faults)
    by_flight: dict[int, list[int]] = {}
    for row, flight in enumerate(paxlst.manifest.travellers["flight"].to_list()):
        by_flight.setdefault(flight, []).append(row)
    messages = [
        _message(paxlst, header, flight, by_flight.get(flight["flight"], []), directives, wanted, codes)
        for header, flight in zip(paxlst.headers, paxlst.manifest.flights.to_dicts(), strict=True)
    ]
    return edifact.write(_envelope(paxlst, messages, now), charset=paxlst.interchange.tokens.charset)


def _envelope(paxlst: Paxlst, messages: list[list[Line]], now: datetime) -> Iterator[Line]:
    asked = paxlst.interchange
    prepared = (now.strftime("%y%m%d"), now.strftime("%H%M"))
    version = f"{paxlst.headers[0].version}:{paxlst.headers[0].release}".split(":")
    sender, recipient = asked.group_recipient or asked.recipient, asked.group_sender or asked.sender
    yield ("UNB", asked.syntax, asked.recipient, asked.sender, prepared, asked.reference, "", asked.application)
    yield ("UNG", "CUSRES", sender, recipient, prepared, "1", "UN", version)
    for message in messages:
        yield from message
    yield ("UNE", str(len(messages)), "1")
    yield ("UNZ", "1", asked.reference)


def _message(
    paxlst: Paxlst,
    header: Header,
    flight: Mapping[str, Any],
    rows: list[int],
    directives: Mapping[int, str],
    wanted: Mapping[int, str],
    codes: Mapping[str, str],
) -> list[Line]:
    kind = ("CUSRES", header.version, header.release, "UN", "IATA")
    access = header.access_reference or paxlst.interchange.reference
    lines: list[Line] = [("UNH", header.reference, kind, access, ("01", "F")), ("BGM", "962")]
    if header.transaction:
        lines.append(("RFF", ("TN", header.transaction)))
    lines.append(("RFF", ("AF", header.flight_reference)))
    for qualifier, moment in (("189", flight["departure_time"]), ("232", flight["arrival_time"])):
        if moment is not None:
            lines.append(("DTM", (qualifier, moment.strftime("%y%m%d%H%M"), "201")))
    for qualifier, airport in (("125", flight["departure"]), ("87", flight["arrival"])):
        if airport is not None:
            lines.append(("LOC", qualifier, airport))
    for row in rows:
        locator, reference = paxlst.references[row]
        directive = directives.get(row, "NOT_SCREENED")
        lines.append(("ERP", "2"))
        for qualifier, sent in (("AVF", locator), ("ABO", reference)):
            if sent:
                lines.append(("RFF", (qualifier, sent)))
        text = (_TEXTS[directive], wanted.get(row, "") if directive == "INSUFFICIENT_DATA" else "")
        lines += [("ERC", codes[directive]), ("FTX", "AAP", "", "", text)]
    lines.append(("UNT", str(len(lines) + 1), header.reference))
    return lines


def _wanted(faults: pl.DataFrame) -> dict[int, str]:
    """Per traveller the fields at fault, as the second text of an FTX."""
    fields: dict[int, dict[str, None]] = {}
    for row, field in faults.select("traveller", "field").drop_nulls().iter_rows():
        fields.setdefault(row, {})[field.replace(".", " ").replace("_", " ").upper()] = None
    return {row: ", ".join(names)[:_TEXT_LENGTH] for row, names in fields.items()}
