"""Servants of God and those of the faith have the same tokens however they are written."""

import polars as pl
import pytest

from watchlists.compounds import apart


@pytest.mark.parametrize(
    ("written", "tokens"),
    [
        *((name, "ABDUL RAHMAN") for name in ("ABD AL RAHMAN", "ABDURRAHMAN", "ABDELRAHMAN", "ABDUL RAHMAN", "ABD EL RAHMAN")),
        *((name, "NASR DIN") for name in ("NASR AL DIN", "NASRALDINE", "NASR UDDIN", "NASRDIN", "NASRUDIN")),
        ("ABDUROCHIM BASHIR", "ABDUL ROCHIM BASHIR"),
        ("CABDIRAXMAN MAXAMED", "ABDUL RAXMAN MAXAMED"),
        ("ABDURASHID", "ABDUL RASHID"),
        ("NASIRUDDIN HAQQANI", "NASIR DIN HAQQANI"),
        ("ABD ALLAH MOHAMED", "ABDULLAH MOHAMED"),
        *((name, name) for name in ("ABDULLAH", "ABDALLAH", "ABDOULAYE", "ABDULLAYEV", "ABDI", "ABD", "")),
        *((name, name) for name in ("NADINE", "CLAUDINE", "BEAUDIN", "BIN LADIN")),
    ],
)
def test_compounds_are_taken_apart_and_other_names_left(written: str, tokens: str) -> None:
    assert apart(pl.Series([written])).to_list() == [tokens]
    assert apart(apart(pl.Series([written]))).to_list() == [tokens]
