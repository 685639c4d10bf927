"""A small world for the use cases: a list of three invented people, the demo policy with the example pack, a real store."""

import csv
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
import yaml

from manifests import frames
from manifests.frames import Manifest
from policies import FOLDER
from referrals.engine import Engine, open_engine
from referrals.screen import Request
from scoring import policy as policies
from store import database
from watchlists.snapshot import replace
from watchlists.sources import generic_csv
from watchlists.sources.generic_csv import Defaults

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
LISTED = {"surname": "VORONTSOV", "given": "ARKADY", "dob": date(1971, 3, 9), "nationality": "RUS", "number": "K7712345"}
NAMESAKE = LISTED | {"dob": date(1994, 8, 22), "number": "K9900001"}
INNOCENT = {"surname": "TREMBLAY", "given": "JEANNE", "dob": date(1988, 5, 4), "nationality": "CAN", "number": "GA302922"}


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a snapshot and a policy that names its list for holding."""
    folder = tmp_path_factory.mktemp("world")
    with (folder / "desk.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "source", "name", "dob", "country", "doc", "category", "action"])
        writer.writerow(
            [
                "S-1",
                "desk",
                "VORONTSOV, Arkady",
                "1971-03-09",
                "RUS",
                "P:K7712345:RUS",
                "smuggling_facilitation",
                "stop_before_boarding",
            ]
        )
        writer.writerow(["S-2", "desk", "OKONKWO, Chukwuemeka", "1984-11-23", "NGA", "", "organised_crime", "examine_on_arrival"])
    replace(folder / "snapshot", generic_csv.read(folder / "desk.csv", Defaults(authority="Border agency", purpose="Tests")))
    policy = yaml.safe_load((FOLDER / "demo.yaml").read_text())
    policy["model"] = None
    policy["hold"] |= {"lists": ["desk"], "telephone": "+1 613 555 0100", "escalation": ["post", "targeting_centre"]}
    (folder / "policy.yaml").write_text(yaml.safe_dump(policy, allow_unicode=True))
    return folder


@pytest.fixture
def open_world(world: Path, tmp_path: Path) -> Callable[[], Engine]:
    """Opens an engine over the same store and artefacts each time: close its store before the next."""

    def open_() -> Engine:
        store = database.open(f"sqlite:///{tmp_path / 'forepost.db'}", tmp_path / "keys.json")
        policy = policies.load(world / "policy.yaml")
        return open_engine(policy, store, tmp_path / "artefacts", snapshot=world / "snapshot", model=None, clock=lambda: NOW)

    return open_


def manifest_of(*people: dict[str, object], days: int = 0, number: str = "100") -> Manifest:
    """One flight FRA → YYZ `days` after NOW with these people, in one booking."""
    departs = NOW + timedelta(days=days, hours=6)
    rows = range(len(people))
    return frames.build(
        flights=pl.DataFrame(
            {
                "flight": [0],
                "carrier": ["AC"],
                "number": [number],
                "departure": ["FRA"],
                "arrival": ["YYZ"],
                "departure_time": [departs.replace(tzinfo=None) + timedelta(hours=1)],
                "departure_at": [departs],
            }
        ),
        travellers=pl.DataFrame(
            {
                "traveller": rows,
                "flight": [0] * len(people),
                "ref": [f"P{row}" for row in rows],
                "role": ["passenger"] * len(people),
                **{name: [person[name] for person in people] for name in ("surname", "given", "dob", "nationality")},
                "record_locator": ["ABC123"] * len(people),
                "booking": [0] * len(people),
            }
        ),
        documents=pl.DataFrame(
            {
                "traveller": rows,
                "type": ["P"] * len(people),
                "number": [person["number"] for person in people],
                "issuer": [person["nationality"] for person in people],
            }
        ),
        bookings=pl.DataFrame(
            {
                "booking": [0],
                "flight": [0],
                "record_locator": ["ABC123"],
                "booked_at": [NOW - timedelta(days=40)],
                "phone": ["16135550123"],
                "email": ["planted.person@example.org"],
            }
        ),
    )


def request_of(manifest: Manifest, request_id: str = "r1", submitter: str = "ac", digest: str = "d1") -> Request:
    return Request(submitter, request_id, digest, manifest)
