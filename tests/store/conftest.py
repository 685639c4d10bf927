"""A store in a scratch folder and small screenings: one flight, two travellers, one of them on a list.

PLANTED marks every personal value, so that a search for it finds what leaks.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from manifests import pseudonyms
from manifests.frames import Manifest, build
from manifests.vocabulary import (
    CATEGORIES,
    ENGINE_DIRECTIVES,
    ENTRY_AUTHORISATIONS,
    LANES,
    LOOKOUT_ACTIONS,
    REFERRAL_KINDS,
)
from store import database
from store.actor import Actor
from store.database import Store
from store.records import EVENTS, Hashes, Screening

PLANTED = "ZQXPLANTED"
NOW = datetime(2026, 1, 15, 8, tzinfo=UTC)
DEPARTURE = datetime(2026, 1, 15, 14, tzinfo=UTC)
OFFICER = Actor("officer-1", frozenset({"officer"}), "interdiction")
SECOND = Actor("officer-2", frozenset({"senior_officer"}), "interdiction")

MATCHES = {
    "traveller": pl.UInt32,
    "entry": pl.UInt32,
    "entry_id": pl.String,
    "source": pl.String,
    "lookout_name": pl.String,
    "weak": pl.Boolean,
    "action": LOOKOUT_ACTIONS,
    "authority": pl.String,
    "purpose": pl.String,
    "category": CATEGORIES,
    "name_log_odds": pl.Float64,
    "log_odds": pl.Float64,
    "probability": pl.Float64,
    "dob_agrees": pl.Boolean,
    "document_agrees": pl.Boolean,
    "evidence": pl.List(
        pl.Struct({"field": pl.String, "traveller_value": pl.String, "lookout_value": pl.String, "log_odds": pl.Float64})
    ),
    "lookout": pl.String,
    "clearance": pl.String,
}
HITS = {
    "traveller": pl.UInt32,
    "scenario": pl.String,
    "category": CATEGORIES,
    "lane": LANES,
    "kind": REFERRAL_KINDS,
    "weight": pl.Float64,
    "evidence": pl.List(pl.Struct({"feature": pl.String, "value": pl.String})),
}
DECISIONS = {
    "traveller": pl.UInt32,
    "directive": ENGINE_DIRECTIVES,
    "entry_authorisation": ENTRY_AUTHORISATIONS,
    "decide_by": pl.Datetime("us", "UTC"),
    "telephone": pl.String,
    "kind": REFERRAL_KINDS,
    "lane": LANES,
    "priority": pl.Float64,
    "control": pl.Boolean,
    "reasons": pl.List(pl.Struct({"code": pl.String, "en": pl.String, "fr": pl.String, "log_odds": pl.Float64})),
}


class Ticking:
    """A clock that moves one millisecond a look, so that ids and entries have an order."""

    def __init__(self, start: datetime = NOW) -> None:
        self.at = start

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def reopen(folder: Path) -> Iterator[Callable[..., Store]]:
    """Opens the store of this test's folder; all are closed at the end."""
    opened: list[Store] = []
    clock = Ticking()

    def make(**options: Any) -> Store:
        store = database.open(f"sqlite:///{folder}/forepost.db", folder / "keys.json", **{"clock": clock, **options})
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(reopen: Callable[..., Store]) -> Store:
    return reopen()


def manifest(travellers: int = 2, *, number: str = "872", departure_at: datetime | None = DEPARTURE) -> Manifest:
    """One flight; two travellers a booking; every personal value holds PLANTED."""
    rows = range(travellers)
    bookings = range((travellers + 1) // 2)
    local = departure_at.replace(tzinfo=None) if departure_at else None
    return build(
        flights=pl.DataFrame(
            {
                "flight": [0],
                "carrier": ["AC"],
                "number": [number],
                "departure": ["FRA"],
                "arrival": ["YYZ"],
                "departure_time": pl.Series([local], dtype=pl.Datetime("us")),
                "departure_at": pl.Series([departure_at], dtype=pl.Datetime("us", "UTC")),
            }
        ),
        travellers=pl.DataFrame(
            {
                "traveller": rows,
                "flight": [0] * travellers,
                "ref": [f"{PLANTED}-REF{row}" for row in rows],
                "role": ["passenger"] * travellers,
                "surname": [f'{PLANTED} "Ñ\\{chr(65 + row // 26)}{chr(65 + row % 26)}' for row in rows],
                "given": [f"{PLANTED}GIVEN"] * travellers,
                "birthplace": [f"{PLANTED}TOWN"] * travellers,
                "sex": ["F"] * travellers,
                "dob": [date(1912, 6, 23)] * travellers,
                "record_locator": [f"{PLANTED}L{row // 2}" for row in rows],
                "booking": [row // 2 for row in rows],
            }
        ),
        documents=pl.DataFrame(
            {
                "traveller": [row for row in rows for _ in range(2)],
                "type": ["P", "I"] * travellers,
                "number": [f"{PLANTED}D{row}{kind}" for row in rows for kind in "PI"],
                "issuer": ["DEU"] * 2 * travellers,
                "expiry": [date(2030, 1, 1), None] * travellers,
            }
        ),
        bookings=pl.DataFrame(
            {
                "booking": bookings,
                "flight": [0 for _ in bookings],
                "record_locator": [f"{PLANTED}L{row}" for row in bookings],
                "booked_at": [datetime(2026, 1, 2, 9, 30, 1, 7, tzinfo=UTC) for _ in bookings],
                "payment": ["cash" for _ in bookings],
                "payer": [f"{PLANTED}/PAYER" for _ in bookings],
                "card": [f"{PLANTED}CARD{row}" for row in bookings],
                "agency": ["12345675" for _ in bookings],
                "phone": [f"{PLANTED}4915{row}" for row in bookings],
                "email": [f"{PLANTED}{row}@example.org" for row in bookings],
                "address": [f"{PLANTED} street {row}" for row in bookings],
            }
        ),
        legs=pl.DataFrame(
            {
                "flight": [0, 0, 0],
                "booking": [0, None, 0],
                "sequence": [0, 0, 1],
                "carrier": ["LH", "AC", "AC"],
                "number": ["1", number, number],
                "departure": ["MUC", "FRA", "FRA"],
                "arrival": ["FRA", "YYZ", "YYZ"],
            }
        ).filter(pl.col("booking").is_null() | (pl.col("booking") < len(bookings))),
        faults=pl.DataFrame(
            {
                "where": ["travellers[0].nationality"],
                "value": [f"{PLANTED}LAND"],
                "problem": ["is no country"],
                "traveller": [0 if travellers else None],
            }
        ),
    )


def reason(code: str = "lookout:un/QDi.001", words: str = PLANTED) -> dict[str, Any]:
    return {"code": code, "en": f"Name agrees with {words}", "fr": f"Le nom concorde avec {words}", "log_odds": 0.1 + 0.2}


def screening(
    store: Store,
    request: str = "r1",
    *,
    of: Manifest | None = None,
    submitter: str = "AC-DCS",
    refers: dict[int, list[dict[str, Any]]] | None = None,
    directive: str = "BOARD",
    body: str = "digest",
    **changes: Any,
) -> Screening:
    """A screening of `of`; `refers`: reasons by traveller that the engine refers, whose directive is `directive`."""
    of = of or manifest()
    n = of.travellers.height
    refers = {0: [reason()]} if refers is None else refers
    found = pseudonyms.pseudonyms(of, store.key.pseudonyms)
    flight_keys = pseudonyms.flight_keys(of, store.key.pseudonyms)
    booking_keys = pseudonyms.booking_keys(of, store.key.pseudonyms)
    held = directive == "HOLD"
    decided = [
        {
            "traveller": row,
            "directive": directive if row in refers else "BOARD",
            "entry_authorisation": "NOT_CHECKED",
            "decide_by": DEPARTURE - timedelta(hours=1) if held and row in refers else None,
            "telephone": "+1 613 555 0100" if held and row in refers else None,
            "kind": "PRE_BOARDING" if row in refers else None,
            "lane": "enforcement" if row in refers else None,
            "priority": 1.5 + row,
            "control": False,
            "reasons": refers.get(row, []),
        }
        for row in range(n)
    ]
    made = Screening(
        id=store._scribe.ids(),
        submitter=submitter,
        request_id=request,
        body_digest=body,
        received_at=NOW,
        clock=NOW,
        manifest=of,
        history=pl.DataFrame({"traveller": pl.Series(range(n), dtype=pl.UInt32), "earlier_trips_365d": [0.0] * n}),
        features=pl.DataFrame(
            {
                "traveller": pl.Series(range(n), dtype=pl.UInt32),
                "booked_hours": [1 / 3] * n,
                "one_way": [True, None] * (n // 2) + [None] * (n % 2),
                "payment": ["cash"] * n,
            }
        ),
        matches=pl.DataFrame(
            [
                {
                    "traveller": row,
                    "entry": 7,
                    "entry_id": one["code"].removeprefix("lookout:"),
                    "source": "un",
                    "lookout_name": f"{PLANTED} LISTED",
                    "weak": False,
                    "action": "examine_on_arrival",
                    "authority": "UN Security Council",
                    "purpose": "sanctions",
                    "category": "sanctions",
                    "name_log_odds": 7.1,
                    "log_odds": 8.3,
                    "probability": 0.123456789012345678,
                    "dob_agrees": True,
                    "document_agrees": False,
                    "evidence": [
                        {"field": "name", "traveller_value": PLANTED, "lookout_value": f"{PLANTED} LISTED", "log_odds": 7.1},
                        {"field": "dob", "traveller_value": "1912-06-23", "lookout_value": None, "log_odds": 1 / 3},
                    ],
                    "lookout": "0f" * 16,
                    "clearance": None,
                }
                for row, reasons in refers.items()
                for one in reasons
                if one["code"].startswith("lookout:")
            ],
            schema=MATCHES,
        ),
        hits=pl.DataFrame(
            [
                {
                    "traveller": 0,
                    "scenario": "late_cash",
                    "category": "smuggling_facilitation",
                    "lane": "enforcement",
                    "kind": "ON_ARRIVAL",
                    "weight": 0.7,
                    "evidence": [{"feature": "booked_hours", "value": "0.3"}],
                }
            ],
            schema=HITS,
        ),
        risks=pl.DataFrame(
            {"traveller": pl.Series(range(n), dtype=pl.UInt32), "log_odds": [-5.0 / 3] * n, "risk": [0.1 + 0.2] * n}
        ),
        decisions=pl.DataFrame(decided, schema=DECISIONS),
        draws=pl.Series("draw", [(row + 1) / 7 for row in range(n)], pl.Float64),
        hashes=Hashes("snapshot-hash", "pack-hash", "policy-hash", "model-hash", "code-hash"),
        degraded=("authorisations",),
        pseudonyms=found,
        flight_keys=flight_keys,
        booking_keys=booking_keys,
        events=journeys(of, found, flight_keys),
    )
    return replace(made, **changes)


def journeys(of: Manifest, found: pl.DataFrame, flight_keys: pl.Series) -> pl.DataFrame:
    """EVENTS of one flight, without bookings: enough to store and read."""
    persons = found.filter(pl.col("kind") == "person").select("traveller", person="pseudonym")
    return found.join(persons, on="traveller", how="left").select(
        "kind",
        "pseudonym",
        pl.lit(of.flights["departure_at"][0], pl.Datetime("us", "UTC")).alias("at"),
        "person",
        pl.lit(None, pl.Int64).alias("booking"),
        pl.lit(flight_keys[0], pl.Int64).alias("flight"),
    ).match_to_schema(EVENTS)  # fmt: skip
