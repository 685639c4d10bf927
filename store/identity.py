"""What goes into `identities` and comes back from it: every personal value of a screening, and nothing else.

A Manifest row becomes one row of canonical JSON, dates and times as the integers Polars keeps (days, microseconds):
the frame that comes back is equal. Texts that quote a person or a listed entry (match evidence, reasons, faults) are
severed from their frames: the blob keeps codes and figures, `identities` keeps the words.
"""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any, NamedTuple

import orjson
import polars as pl

from manifests.frames import DTYPES, Manifest
from store.records import Screening, StoredScreening
from store.schema import to_micros

LONGEST_FLIGHT = 24 * 3600 * 1_000_000  # microseconds; no scheduled flight takes 20 hours
_EVIDENCE = ("traveller_value", "lookout_value")
_REASON = ("en", "fr")


class IdentityRow(NamedTuple):
    """One row of `identities` in the order of its columns, without the first (holder) and the last (key id)."""

    part: str
    row: int
    traveller: int | None
    departure_at: int
    data_class: str
    content: bytes
    person: int | None = None
    document: int | None = None
    phone: int | None = None
    email: int | None = None
    card: int | None = None
    address: int | None = None


def departures(screening: StoredScreening) -> list[int]:
    """Departure in microseconds per flight; the time of receipt where it is unknown, so that retention always runs."""
    received = to_micros(screening.received_at)
    micros = screening.manifest.flights["departure_at"].to_physical().to_list()
    return [received if at is None else at for at in micros]


def active_until(screening: StoredScreening) -> int:
    """Until when travellers of the screening are under way, in microseconds: the last arrival, or where one is unknown the
    longest flight after the departure or the receipt."""
    arrivals = screening.manifest.flights["arrival_at"].to_physical().to_list()
    left = departures(screening)
    ends = [at + LONGEST_FLIGHT if arrival is None else arrival for at, arrival in zip(left, arrivals, strict=True)]
    return max(ends, default=to_micros(screening.received_at))


def identity_rows(screening: Screening) -> list[IdentityRow]:
    """All personal values of the screening as rows."""
    manifest, departure = screening.manifest, departures(screening)
    last = max(departure, default=to_micros(screening.received_at))
    of_traveller = dict(enumerate(departure[flight] for flight in manifest.travellers["flight"].to_list()))
    index = _blind_index(screening)
    laws = _laws(manifest.travellers)
    rows = []
    for row, content in enumerate(_encode(manifest.travellers)):
        rows.append(
            IdentityRow("traveller", row, row, of_traveller[row], laws[row], content, **index.get(("traveller", row), {}))
        )
    owners, contents = manifest.documents["traveller"].to_list(), _encode(manifest.documents)
    for row, (traveller, law, content) in enumerate(zip(owners, _laws(manifest.documents), contents, strict=True)):
        at = of_traveller.get(traveller, last)
        rows.append(IdentityRow("document", row, traveller, at, law, content, **index.get(("document", row), {})))
    for row, (flight, content) in enumerate(zip(manifest.bookings["flight"].to_list(), _encode(manifest.bookings), strict=True)):
        rows.append(IdentityRow("booking", row, None, departure[flight], "pnr", content, **index.get(("booking", row), {})))
    legs: dict[int, list[bytes]] = {}
    numbered = manifest.legs.with_row_index("index").filter(pl.col("booking").is_not_null())
    for booking, content in zip(numbered["booking"].to_list(), _encode(numbered), strict=True):
        legs.setdefault(booking, []).append(content)
    for booking, contents in legs.items():
        at = departure[manifest.bookings["flight"][booking]]
        rows.append(IdentityRow("legs", booking, None, at, "pnr", b"[" + b",".join(contents) + b"]"))
    for row, (traveller, content) in enumerate(
        zip(manifest.faults["traveller"].to_list(), _encode(manifest.faults), strict=True)
    ):
        law = "pnr" if "pnr" in laws else "api"  # a fault may repeat any value of the message
        rows.append(IdentityRow("fault", row, traveller, of_traveller.get(traveller, last), law, content))
    for row, match in enumerate(screening.matches.iter_rows(named=True)):
        words = {"lookout_name": match["lookout_name"], "evidence": match["evidence"]}
        at = of_traveller.get(match["traveller"], last)
        rows.append(IdentityRow("match", row, match["traveller"], at, "referral", orjson.dumps(words)))
    for row, reasons in enumerate(screening.decisions["reasons"].to_list()):
        if reasons:
            rows.append(IdentityRow("reason", row, row, of_traveller[row], "referral", orjson.dumps(reasons)))
    return rows


def restored(
    frames: Mapping[str, pl.DataFrame], contents: Mapping[str, Mapping[int, bytes]]
) -> tuple[Manifest, pl.DataFrame, pl.DataFrame]:
    """Manifest, matches and decisions as they were committed, of the blob's frames and the contents by part and row."""

    def decoded(part: str, schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
        rows = contents.get(part, {})
        return decode([rows[row] for row in sorted(rows)], schema)

    legs_schema = {"index": pl.UInt32(), **DTYPES["legs"]}
    of_bookings = [leg for content in contents.get("legs", {}).values() for leg in orjson.loads(content)]
    legs = pl.concat([frames["flight_legs"], decode([orjson.dumps(leg) for leg in of_bookings], legs_schema)])
    manifest = Manifest(
        flights=frames["flights"],
        travellers=decoded("traveller", DTYPES["travellers"]),
        documents=decoded("document", DTYPES["documents"]),
        bookings=decoded("booking", DTYPES["bookings"]),
        legs=legs.sort("index").drop("index"),
        faults=decoded("fault", DTYPES["faults"]),
    )
    words = {row: orjson.loads(content) for row, content in contents.get("match", {}).items()}
    matches = _with_values(frames["matches"], "lookout_name", {row: word["lookout_name"] for row, word in words.items()})
    matches = _with_values(matches, "evidence", {row: word["evidence"] for row, word in words.items()})
    reasons = {row: orjson.loads(content) for row, content in contents.get("reason", {}).items()}
    return manifest, matches, _with_values(frames["decisions"], "reasons", reasons)


def flight_legs(manifest: Manifest) -> pl.DataFrame:
    """The legs of no booking, numbered: facts of the flight, which stand in the blob."""
    return manifest.legs.with_row_index("index").filter(pl.col("booking").is_null())


def _laws(frame: pl.DataFrame) -> list[str]:
    """The data class of each row of Travellers or Documents."""
    return ["pnr" if law == "PNR" else "api" for law in frame["law"].to_list()]


def _blind_index(screening: Screening) -> dict[tuple[str, int], dict[str, int]]:
    """Pseudonyms by (part, row). Which of a traveller's documents carries which of their pseudonyms does not matter:
    a look-up leads to the traveller."""
    documents: dict[int, list[int]] = {}
    for row, traveller in enumerate(screening.manifest.documents["traveller"].to_list()):
        documents.setdefault(traveller, []).append(row)
    booking_of = screening.manifest.travellers["booking"].to_list()
    index: dict[tuple[str, int], dict[str, int]] = {}
    for traveller, kind, pseudonym in screening.pseudonyms.iter_rows():
        if kind == "person":
            index[("traveller", traveller)] = {"person": pseudonym}
        elif kind == "document":
            index[("document", documents[traveller].pop(0))] = {"document": pseudonym}
        elif kind != "agency":
            index.setdefault(("booking", booking_of[traveller]), {})[kind] = pseudonym
    return index


def _encode(frame: pl.DataFrame) -> list[bytes]:
    """Each row as JSON of its columns in their order."""
    if frame.is_empty():
        return []
    columns = [
        pl.col(name).to_physical() if dtype.is_temporal() else pl.col(name).cast(_kept(dtype))
        for name, dtype in frame.schema.items()
    ]
    return [text.encode() for text in frame.select(json=pl.struct(columns).struct.json_encode())["json"].to_list()]


def decode(contents: list[bytes], schema: Mapping[str, pl.DataType]) -> pl.DataFrame:
    """The frame whose rows `_encode` made, or those of its columns that `schema` has."""
    if not contents:
        return pl.DataFrame(schema=schema)
    kept = {name: _kept(dtype) for name, dtype in schema.items()}
    # A third of the time of `json_decode`: it counts where a million travellers are read back.
    rows = pl.read_ndjson(BytesIO(b"\n".join(contents)), schema=kept)
    return rows.select(pl.col(name).cast(dtype) for name, dtype in schema.items())


def _kept(dtype: pl.DataType) -> pl.DataType:
    if isinstance(dtype, pl.Enum):
        return pl.String()
    if isinstance(dtype, pl.Date):
        return pl.Int32()
    return pl.Int64() if dtype.is_temporal() else dtype


def _with_values(frame: pl.DataFrame, column: str, values: Mapping[int, Any]) -> pl.DataFrame:
    """The frame with these values of the column by row number; the others stay."""
    if not values:
        return frame
    rows = frame[column].to_list()
    for row, value in values.items():
        rows[row] = value
    return frame.with_columns(pl.Series(column, rows, frame.schema[column]))


def severed(screening: StoredScreening) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`matches` and `decisions` without the words that quote anybody: same columns, those texts null."""
    matches, decisions = screening.matches, screening.decisions
    if matches.height:
        matches = matches.with_columns(pl.lit(None, pl.String).alias("lookout_name"), _without("evidence", _EVIDENCE))
    if any(decisions["reasons"].to_list()):
        decisions = decisions.with_columns(_without("reasons", _REASON))
    return matches, decisions


def _without(column: str, texts: Iterable[str]) -> pl.Expr:
    return pl.col(column).list.eval(pl.element().struct.with_fields(pl.lit(None, pl.String).alias(text) for text in texts))
