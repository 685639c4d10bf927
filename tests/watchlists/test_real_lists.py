"""The public lists as published: what is read of them, and that persons on them are found however they travel."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from manifests.names import fold_one
from tests.watchlists.conftest import AT, PRIOR, documents, travellers
from watchlists import snapshot
from watchlists.match import match
from watchlists.snapshot import Snapshot
from watchlists.sources import ofac, un


@pytest.fixture(scope="module")
def real(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    lists = shared_data / "lists"
    sdn = ofac.read([lists / "ofac_sdn.csv", lists / "ofac_alt.csv"])
    consolidated = un.read(lists / "un_consolidated.xml")
    assert (sdn.lookouts.height, consolidated.lookouts.height) == (6927, 730)
    assert len(sdn.skipped) == 2375
    assert {skip.problem for skip in sdn.skipped} == {"no primary of this ent_num: use SDN and ALT files of one date"}
    return snapshot.replace(tmp_path_factory.mktemp("real") / "s", [sdn, consolidated])


def test_the_snapshot_counts_what_the_importers_read(real: Snapshot) -> None:
    assert real.sources == {"ofac": 6927, "un": 730}
    assert real.entries["authority"].null_count() == 0
    born = real.entries.group_by("source").agg((pl.col("birthplaces").list.len() > 0).sum())
    assert dict(born.iter_rows()) == {"ofac": 4186, "un": 534}


def _cut(surname: str, given: str) -> tuple[str, str]:
    zone = f"{surname}<<{given}".replace(" ", "<")[:30]
    parts = zone.split("<<")
    return parts[0].replace("<", " "), parts[1].replace("<", " ").strip() if len(parts) > 1 else ""


VARIANTS: dict[str, Callable[[str, str], tuple[str, str]]] = {
    "as listed": lambda surname, given: (surname, given),
    "swapped": lambda surname, given: (given, surname),
    "cut to 30": _cut,
    "joined given names": lambda surname, given: (surname, given.replace(" ", "")),
    "with title": lambda surname, given: (surname, given + "MR"),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_listed_persons_are_found_with_their_date_of_birth_and_namesakes_are_not(real: Snapshot, variant: str) -> None:
    exact = pl.col("dobs").list.first().str.len_chars() == 10
    people = real.entries.filter(pl.col("name").str.contains(","), exact).sample(200, seed=1)
    names = [tuple(fold_one(part) for part in name.split(",", 1)) for name in people["name"]]
    written = [VARIANTS[variant](*name) for name in names]
    born = [date.fromisoformat(dobs[0]) for dobs in people["dobs"]]
    other = [day + timedelta(days=4321) for day in born]
    for days, held in ((born, True), (other, False)):
        asked = travellers(*((*name, day) for name, day in zip(written, days, strict=True)))
        found = match(real, asked, documents(), PRIOR, 0.0, AT)
        own = found.join(people.select("entry_id").with_row_index("traveller"), on=["traveller", "entry_id"])
        likely = own.filter(pl.col("probability") > 0.5).height
        if held:
            assert likely >= 180
        else:
            assert likely <= 2


def test_ten_persons_under_alias_truncation_swap_and_transliteration(real: Snapshot) -> None:
    """Names as they would stand in a passenger list, beside the listed name they belong to."""
    people = [
        ("OFAC-2676", "ALZAWAHIRI", "AIMAN MUHAMMAD RABI", date(1951, 6, 19)),  # alias, joined article
        ("OFAC-6707", "RAFAEL", "CARO QUINTERO", date(1952, 12, 12)),  # swapped
        ("OFAC-36879", "ULBASHEV", "MUKHARBII MAGOMEDOVICH", date(1960, 5, 15)),  # ICAO 9303 of the Cyrillic name
        ("OFAC-7209", "AL FAWAZ", "KHALID ABD AL RAHMAN H", date(1962, 8, 25)),  # cut
        ("OFAC-22252", "DAMIANI BUSTILLOS", "LUIS", date(1946, 4, 27)),  # middle name dropped
        ("OFAC-41203", "RAMEZANIANSANI", "GHOLAMREZA", date(1970, 9, 21)),  # joined
        ("OFAC-16152", "MANSUR", "MOHAMED YOUSSEF AHMAD", date(1970, 9, 14)),  # romanised otherwise
        ("OFAC-6714", "CHEEWINNITTIPANYA", "PRASIT", date(1952, 6, 29)),  # alias
        ("OFAC-37502", "MORDASHOV", "KIRILL ALEKSEEVICH", date(1999, 9, 7)),  # transliterated; only the month is listed
        ("OFAC-7148", "BOULGHITI", "BOUBAKEUR", date(1970, 2, 13)),
    ]
    found = match(real, travellers(*((surname, given, dob) for _, surname, given, dob in people)), documents(), PRIOR, 0.0, AT)
    own = found.join(
        pl.DataFrame({"traveller": range(10), "entry_id": [p[0] for p in people]}, schema_overrides={"traveller": pl.UInt32}),
        on=["traveller", "entry_id"],
    )
    assert own.height == 10
    assert own.filter(pl.col("probability") < 0.5).select("lookout_name", "name_log_odds", "log_odds").rows() == []
