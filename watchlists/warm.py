"""Compile, or load from the cache, every kernel: about 40 CPU-seconds cold, a second warm. Run where an install is made."""

from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from watchlists import pairs, snapshot
from watchlists.lookouts import Imported, frame
from watchlists.match import match

_LISTED = {
    "entry_id": "1",
    "source": "warm",
    "name": "ROE, Richard",
    "aliases": [],
    "weak_aliases": ["RR"],
    "dobs": ["1970"],
    "countries": ["CAN"],
    "birthplaces": ["Toronto"],
    "documents": [{"type": "P", "number": "AB12345", "issuer": None}],
    "authority": "warm",
    "purpose": "warm",
    "category": "sanctions",
    "action": "notify_owner",
    "valid_from": None,
    "valid_until": None,
}


def warm() -> None:
    """Match one invented traveller against one invented lookout, by name and by document, and score one pair."""
    travellers = pl.DataFrame(
        {
            "traveller": [0],
            "surname": ["ROE"],
            "given": ["RICHARD"],
            "dob": [date(1970, 1, 2)],
            "nationality": ["CAN"],
            "birthplace": ["TORONTO, CAN"],
        },
        schema_overrides={"traveller": pl.UInt32},
    )
    documents = pl.DataFrame(
        {"traveller": [0], "type": ["P"], "number": ["AB12345"], "issuer": [None]},
        schema={"traveller": pl.UInt32, "type": pl.String, "number": pl.String, "issuer": pl.String},
    )
    with TemporaryDirectory() as folder:
        opened = snapshot.replace(Path(folder) / "snapshot", [Imported("warm", frame([_LISTED]), ())])
        match(opened, travellers, documents, {"default": 10.0}, 0.0, datetime(2026, 1, 1, tzinfo=UTC))
    side = pl.DataFrame({"name": ["ROE"], "dob": ["1970"], "country": ["CAN"]})
    pairs.score_pairs(side, side)


if __name__ == "__main__":
    warm()
