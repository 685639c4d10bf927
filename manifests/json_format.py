"""The canonical JSON form of a manifest: `to_json` writes it, `from_json` reads it.

{"flights": [{"carrier", "number", "departure", "arrival", "departure_time", "arrival_time", "travellers": [{"ref",
"role", "surname", "given", "sex", "dob", "nationality", "birthplace", "redress", "documents": [{"type", "number", "issuer",
"expiry"}], "record_locator"}]}], "faults": [{"where", "value", "problem"}]}: ISO dates, local times, IATA airports, alpha-3
countries, null for what is not known. Bookings, legs and bags have no place in it. What was read from a PNR says so with
"law": "PNR" beside the flights, and stays PNR when it is read again.
"""

import codecs
import difflib
from collections.abc import Sequence
from typing import Any, TypeGuard

import orjson

from manifests.edifact import MOST_BYTES
from manifests.errors import InputError
from manifests.fields import shown
from manifests.frames import Manifest
from manifests.normalise import normalise
from manifests.raw import Columns, Fault, Raw
from manifests.written import as_text

_FLIGHT = ("carrier", "number", "departure", "arrival", "departure_time", "arrival_time")
_TRAVELLER = ("ref", "role", "surname", "given", "sex", "dob", "nationality", "birthplace", "redress")
# Then documents and record_locator.
_DOCUMENT = ("type", "number", "issuer", "expiry")
_FAULT = ("where", "value", "problem")
_KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}


def to_json(manifest: Manifest) -> dict[str, Any]:
    """The canonical form, of plain dicts, lists, strings and None."""
    documents_of: dict[int, list[dict[str, Any]]] = {}
    for row in as_text(manifest.documents.select("traveller", *_DOCUMENT)).to_dicts():
        documents_of.setdefault(row.pop("traveller"), []).append(row)
    travellers_of: dict[int, list[dict[str, Any]]] = {}
    for row in as_text(manifest.travellers).to_dicts():
        traveller = {name: row[name] for name in _TRAVELLER}
        traveller["documents"] = documents_of.get(row["traveller"], [])
        traveller["record_locator"] = row["record_locator"]
        travellers_of.setdefault(row["flight"], []).append(traveller)
    return {
        "flights": [
            {name: row[name] for name in _FLIGHT} | {"travellers": travellers_of.get(row["flight"], [])}
            for row in as_text(manifest.flights).to_dicts()
        ],
        "faults": manifest.faults.select(_FAULT).to_dicts(),
        **({"law": "PNR"} if (manifest.travellers["law"] == "PNR").any() else {}),
    }


def from_json(message: bytes) -> Manifest:
    """The Manifest of a canonical JSON text in UTF-8.

    Values are read as in any other message; a field that the form does not have, or of another kind, is a fault. Faults
    in the text are kept. Raises InputError where the text is no JSON, with line and column, or has no list of flights.
    """
    if len(message) > MOST_BYTES:
        raise InputError(f"message: {len(message):,} bytes: at most {MOST_BYTES:,} are read: send one flight per message")
    try:
        top = orjson.loads(message.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        raise InputError(f"line {error.lineno}, column {error.colno}: not JSON ({error.msg}): mend it there") from None
    if not isinstance(top, dict) or not isinstance(top.get("flights"), list):
        raise InputError('flights: not given as a list: send {"flights": [{"carrier": …, "travellers": [{…}]}]}')
    reading = _Reading()
    reading.top(top)
    return normalise(reading.raw, reading.where)


class _Reading:
    """The raw columns of what was read so far, and the path of each of their rows."""

    def __init__(self) -> None:
        self.raw = Raw(
            flights={name: [] for name in _FLIGHT},
            travellers={name: [] for name in ("flight", *_TRAVELLER, "record_locator")},
            documents={name: [] for name in ("traveller", *_DOCUMENT)},
        )
        self._paths: dict[str, list[str]] = {"flights": [], "travellers": [], "documents": []}

    def where(self, frame: str, row: int, column: str) -> str:
        return f"{self._paths[frame][row]}.{column}"

    def top(self, top: dict[str, Any]) -> None:
        self._known(top, "", ("flights", "faults", "law"))
        if (law := top.get("law")) == "PNR":
            self.raw.law = law
        elif law not in (None, "API"):
            self._fault("law", None, "not a known code: send API or PNR")
        for at, fault in enumerate(self._list(top, "faults", "")):
            if isinstance(fault, dict) and all(isinstance(fault.get(name), str) for name in _FAULT):
                self.raw.faults.append(Fault(*(fault[name] for name in _FAULT)))
            else:
                self._fault(f"faults[{at}]", fault, f"not a fault: send an object of the texts {', '.join(_FAULT)}")
        for at, flight in enumerate(top["flights"]):
            self._flight(flight, f"flights[{at}]")

    def _flight(self, flight: object, path: str) -> None:
        names = (*_FLIGHT, "travellers")
        if self._object(flight, path, names):
            self._known(flight, f"{path}.", names)
            row = self._row("flights", {}, flight, _FLIGHT, path)
            for at, traveller in enumerate(self._list(flight, "travellers", f"{path}.")):
                self._traveller(traveller, row, f"{path}.travellers[{at}]")

    def _traveller(self, traveller: object, flight: int, path: str) -> None:
        names = (*_TRAVELLER, "documents", "record_locator")
        if self._object(traveller, path, names):
            row = len(self._paths["travellers"])
            self._known(traveller, f"{path}.", names, row)
            self._row("travellers", {"flight": flight}, traveller, (*_TRAVELLER, "record_locator"), path, row)
            for at, document in enumerate(self._list(traveller, "documents", f"{path}.", row)):
                self._document(document, row, f"{path}.documents[{at}]")

    def _document(self, document: object, traveller: int, path: str) -> None:
        if self._object(document, path, _DOCUMENT, traveller):
            self._known(document, f"{path}.", _DOCUMENT, traveller)
            self._row("documents", {"traveller": traveller}, document, _DOCUMENT, path, traveller)

    def _row(
        self,
        frame: str,
        keys: dict[str, int],
        sent: dict[str, Any],
        names: Sequence[str],
        path: str,
        traveller: int | None = None,
    ) -> int:
        """Append one row of texts; another kind of value is a fault."""
        columns: Columns = getattr(self.raw, frame)
        for name, key in keys.items():
            columns[name].append(key)
        for name in names:
            value = sent.get(name)
            if value is not None and not isinstance(value, str):
                self._fault(f"{path}.{name}", value, f"{_KINDS[type(value)]}: send text or null", traveller)
                value = None
            columns[name].append(value)
        self._paths[frame].append(path)
        return len(self._paths[frame]) - 1

    def _object(self, sent: object, path: str, names: Sequence[str], traveller: int | None = None) -> TypeGuard[dict[str, Any]]:
        if isinstance(sent, dict):
            return True
        self._fault(path, sent, f"not an object, not read: send {{{', '.join(names)}}}", traveller)
        return False

    def _known(self, sent: dict[str, Any], prefix: str, names: Sequence[str], traveller: int | None = None) -> None:
        """Of a field outside the form only the name is repeated, where it is like one of the form's: nobody knows what the
        others reveal (meals, health)."""
        for name in sorted(sent.keys() - set(names)):
            close = difflib.get_close_matches(shown(name), names, n=1)
            meant = f" (did you mean {close[0]}?)" if close else ""
            rest = "leave it out" if close else f"send only {', '.join(names)}"
            problem = f"not a field of this form{meant}, not read: {rest}"
            self.raw.faults.append(Fault(prefix + (shown(name) if close else "?"), "", problem, traveller))

    def _list(self, sent: dict[str, Any], name: str, prefix: str, traveller: int | None = None) -> list[Any]:
        value = sent.get(name)
        if value is None or isinstance(value, list):
            return value or []
        self._fault(f"{prefix}{name}", value, f"{_KINDS[type(value)]}, not read: send a list", traveller)
        return []

    def _fault(self, where: str, value: object, problem: str, traveller: int | None = None) -> None:
        """What stands where another kind belongs is repeated only as a number: texts, lists and objects may hold anything."""
        sent = orjson.dumps(value).decode() if isinstance(value, int | float) else ""
        self.raw.faults.append(Fault(where, sent, problem, traveller))
