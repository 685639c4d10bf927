"""Which columns of a CSV hold what of a lookout: of the layout of our own, or as a YAML file says of any other.

    file: {encoding: latin-1, delimiter: ";", separator: "|"}
    fields:
      id: REF
      surname: NOM
      given: [PRENOM_1, PRENOM_2]
      dob: {column: NAISSANCE, formats: ["%d/%m/%Y", "%Y"]}
      country: NATIONALITE
      birthplace: {columns: [VILLE, PAYS], join: ", "}
      documents:
        - {number: PASSEPORT, type: {constant: P}, issuer: PAYS_PASSEPORT}
      authority: {constant: Police nationale}
      purpose: MOTIF
      category: {column: TYPE, values: {M: warrant_or_removal_order}, constant: organised_crime}

A field is a column's name, a list of names, or an object: `column` or `columns`; `join`, what stands between columns that
make one value; `constant`, the value where the columns are blank; `values`, what the list's own codes mean; `formats` of
dates, as in Python's strptime. Column names are compared without regard to case.
"""

import difflib
import re
from collections.abc import Mapping as Dict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from manifests.vocabulary import CATEGORIES, DOCUMENT_TYPES, LOOKOUT_ACTIONS
from watchlists.lookouts import SnapshotError

FIELDS: Final = (
    *("id", "source", "name", "surname", "given", "aliases", "weak_aliases", "dob", "country", "birthplace", "documents"),
    *("authority", "purpose", "category", "action", "valid_from", "valid_until"),
)
OWN_COLUMNS: Final = tuple("doc" if name == "documents" else name for name in FIELDS)
_DATES: Final = ("dob", "valid_from", "valid_until")
_VOCABULARIES: Final[Dict[str, pl.Enum]] = {"category": CATEGORIES, "action": LOOKOUT_ACTIONS, "type": DOCUMENT_TYPES}


@dataclass(frozen=True)
class Field:
    """Where one field of a lookout comes from; `columns` in lower case."""

    columns: tuple[str, ...] = ()
    join: str | None = None
    constant: str | None = None
    values: Dict[str, str] = field(default_factory=dict)
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class Documents:
    """Documents by number, type and issuer, each of columns of its own, or as `text`: NUMBER or TYPE:NUMBER:ISSUER."""

    text: Field | None = None
    number: Field | None = None
    type: Field | None = None
    issuer: Field | None = None


@dataclass(frozen=True)
class Mapping:
    """What a CSV holds where, and how the file is written. `separator` stands between several values in one cell, None
    where a cell holds one; `quoted`: a value that holds the separator stands in quotes within its cell; `optional`: columns
    that a file may lack."""

    fields: Dict[str, Field]
    documents: tuple[Documents, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","
    separator: str | None = ";"
    quoted: bool = False
    optional: tuple[str, ...] = ()

    def columns(self) -> list[tuple[str, str]]:
        """The columns that are read, each with the place of its field."""
        named = [(f"fields.{name}", one) for name, one in self.fields.items()]
        for at, documents in enumerate(self.documents):
            named += [(f"fields.documents[{at}].{name}", one) for name, one in vars(documents).items() if one is not None]
        return [(place, column) for place, one in named for column in one.columns]


def own(header: Sequence[str]) -> Mapping:
    """The mapping of the layout of our own, for the columns that stand in the header."""
    fields = {name: Field((name,)) for name in FIELDS if name != "documents" and name in header}
    return Mapping(fields, (Documents(text=Field(("doc",))),) if "doc" in header else ())


def load(path: Path) -> Mapping:
    """The mapping that a YAML file says. Raises SnapshotError with all faults."""
    try:
        written = yaml.load(path.read_text("utf-8-sig"), Loader=_UniqueKeys)
    except OSError as error:
        raise SnapshotError(f"{path}: {error.strerror}: check the path") from error
    except UnicodeDecodeError as error:
        raise SnapshotError(f"{path}: byte {error.start} is not UTF-8: save the file as UTF-8") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SnapshotError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from error
    reading = _Reading()
    mapping = reading.mapping(written)
    if reading.faults:
        raise SnapshotError([f"{path}: {fault}" for fault in reading.faults])
    return mapping


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A hint at the name that comes nearest, if any does."""
    close = difflib.get_close_matches(name.lower(), known, n=1)
    return f" (did you mean {close[0]}?)" if close else ""


class _Reading:
    """Plain YAML values → a Mapping; what is wrong with it gathers in `faults`."""

    def __init__(self) -> None:
        self.faults: list[str] = []

    def mapping(self, written: Any) -> Mapping:
        top = self._object("the file", written, ("file", "fields"))
        file = self._object("file", top.get("file", {}), ("encoding", "delimiter", "separator"))
        fields = self._object("fields", top.get("fields", {}), FIELDS)
        if "id" not in fields or not {"name", "surname"} & fields.keys():
            self.faults.append("fields: id and name (or surname, given) are needed: say which columns hold them")
        documents = fields.get("documents", [])
        if not isinstance(documents, list):
            self._fault("fields.documents", documents, "is not a list: write each kind of document as - {number: COLUMN}")
            documents = []
        return Mapping(
            fields={name: self._field(f"fields.{name}", name, one) for name, one in fields.items() if name != "documents"},
            documents=tuple(self._documents(f"fields.documents[{at}]", one) for at, one in enumerate(documents)),
            encoding=self._encoding(file.get("encoding", "utf-8")),
            delimiter=self._delimiter(file.get("delimiter", ",")),
            separator=self._separator(file.get("separator", ";")),
        )

    def _documents(self, place: str, written: Any) -> Documents:
        known = ("text", "number", "type", "issuer")
        parts = self._object(place, written, known)
        if ("text" in parts) == ("number" in parts) or ("text" in parts and len(parts) > 1):
            self.faults.append(f"{place}: give number (with type and issuer where known), or text alone (TYPE:NUMBER:ISSUER)")
        return Documents(**{name: self._field(f"{place}.{name}", name, one) for name, one in parts.items()})

    def _field(self, place: str, name: str, written: Any) -> Field:
        if not isinstance(written, dict):
            written = {"columns": written}
        dated = ("formats",) if name in _DATES else ()
        known = ("column", "columns", "join", "constant", "values", *dated)
        parts = self._object(place, written, known)
        columns = (*self._texts(place, parts.get("column", [])), *self._texts(place, parts.get("columns", [])))
        constant = self._text(f"{place}.constant", parts["constant"]) if "constant" in parts else None
        if name == "id" and not columns:
            self.faults.append(f"{place}: has no column: each lookout needs its own")
        elif not columns and not constant:
            self.faults.append(f"{place}: has neither a column nor a constant: give one")
        values = {
            self._text(f"{place}.values", code): self._text(f"{place}.values.{code}", meant)
            for code, meant in self._object(f"{place}.values", parts.get("values", {}), None).items()
        }
        if name in _VOCABULARIES:
            members = _VOCABULARIES[name].categories.to_list()
            for meant in [*values.values(), *([constant] if constant else [])]:
                if meant not in members:
                    self._fault(place, meant, f"is not one of {', '.join(members)}{did_you_mean(meant, members)}")
        formats = self._texts(f"{place}.formats", parts.get("formats", []))
        for one in formats:
            if problem := _format_problem(one, times=name != "dob"):
                self._fault(f"{place}.formats", one, problem)
        join = self._text(f"{place}.join", parts["join"]) if "join" in parts else None
        return Field(tuple(column.strip().lower() for column in columns), join, constant, values, formats)

    def _encoding(self, written: Any) -> str:
        name = self._text("file.encoding", written)
        try:
            "".encode(name).decode(name)
        except UnicodeError:
            return name
        except LookupError:
            self._fault("file.encoding", name, "is none that is known: give one such as utf-8, latin-1, cp1252 or utf-16")
        return name

    def _delimiter(self, written: Any) -> str:
        delimiter = self._text("file.delimiter", written)
        if len(delimiter) != 1 or delimiter in '"\r\n\0 ':
            self._fault("file.delimiter", delimiter, 'is not one character: give one such as "," or ";" or "\\t"')
        return delimiter

    def _separator(self, written: Any) -> str | None:
        if written is None:
            return None
        separator = self._text("file.separator", written)
        if not separator:
            self.faults.append("file.separator: is blank: give one, or null where each cell holds one value")
        return separator

    def _object(self, place: str, written: Any, known: Sequence[str] | None) -> dict[Any, Any]:
        if not isinstance(written, dict):
            self._fault(place, written, f"is not an object: give {', '.join(known or ['code: meaning'])}")
            return {}
        for name in list(written):
            if known is not None and name not in known:
                self.faults.append(f"{place}: {name}: is not a key here{did_you_mean(str(name), known)}: use {', '.join(known)}")
        return {name: value for name, value in written.items() if known is None or name in known}

    def _texts(self, place: str, written: Any) -> tuple[str, ...]:
        return tuple(self._text(place, one) for one in (written if isinstance(written, list) else [written]))

    def _text(self, place: str, written: Any) -> str:
        if isinstance(written, str):
            return written
        self._fault(place, written, "is not text: write it in quotes")
        return ""

    def _fault(self, place: str, value: object, problem: str) -> None:
        self.faults.append(f"{place}: {str(value)[:60]}: {problem}")


def _format_problem(written: str, *, times: bool) -> str | None:
    """What is wrong with a format of dates, if anything: it must say the century, and a time its offset."""
    parts = re.findall("%(.?)", written)
    if strange := sorted(set(parts) - set("dmbBY%HMSz" if times else "dmbBY%")):
        century = ": a two-digit year does not say the century, %Y does" if "y" in strange else ""
        return f"%{', %'.join(strange)} is not read here{century}"
    if "Y" not in parts or ("d" in parts and not {"m", "b", "B"} & set(parts)) or len(set(parts)) < len(parts):
        return "is no whole date: write one such as %d/%m/%Y, %m/%Y or %Y"
    if times and ("d" not in parts or ({"H", "M", "S"} & set(parts) and not {"H", "z"} <= set(parts))):
        return "needs the day, and a time its offset: write one such as %d/%m/%Y or %Y-%m-%dT%H:%M%z"
    return None


class _UniqueKeys(yaml.SafeLoader):
    """YAML without the trap that a repeated key silently takes the place of the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: key {key} stands twice, remove one")
        return super().construct_mapping(node, deep)
