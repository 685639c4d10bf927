import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests.names import fold, fold_one


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("Müller-Lüdenscheidt", "MUELLER LUEDENSCHEIDT"),
        ("Sørensen", "SOERENSEN"),
        ("Çetin Işık", "CETIN ISIK"),
        ("Nguyễn Văn Đức", "NGUYEN VAN DUC"),
        ("Щербаков Юрий", "SHCHERBAKOV IURII"),
        ("Ольга Соловьёва", "OLGA SOLOVEVA"),
        ("Петър", "PETIER"),
        ("'Abd al-Muhsin", "ABD AL MUHSIN"),
        ("O’Brien", "OBRIEN"),
        ("J.R. Smith", "J R SMITH"),
        ("DOE<<JOHN<PAUL<<<", "DOE JOHN PAUL"),
        ("محمد", "MHMD"),
        ("毛泽东", "MAO ZE DONG"),
        ("ＦＵＬＬ width", "FULL WIDTH"),
        ("Mu\u0308ller", "MUELLER"),
        ("A\u200eL\u202eI\u0000", "ALI"),
        ("Agent 007", "AGENT"),
        ("M0HAMMED 1BRAHIM HA5SAN 8ASHIR", "MOHAMMED IBRAHIM HASSAN BASHIR"),
        ("SMITH1", "SMITH"),
        ("Ｍ０hammed", "MOHAMMED"),
        ("١٢ 10A 4LI", "IOA LI"),
        ("😀", ""),
        (" \t\n", ""),
        ("", ""),
    ],
)
def test_fold_follows_the_machine_readable_zone(name: str, folded: str) -> None:
    assert fold_one(name) == folded


def test_null_folds_to_nothing_and_the_series_keeps_length_and_name() -> None:
    folded = fold(pl.Series("surname", [None, "ǅ", "Doe, Jane", "Łódź"], dtype=pl.String))
    assert folded.to_list() == ["", "DZ", "DOE JANE", "LODZ"]
    assert folded.name == "surname"


@given(st.lists(st.one_of(st.none(), st.text(max_size=30), st.text("abÇß'’-.<018 \x00\x1fЩ", max_size=12))))
@settings(max_examples=150, deadline=None)
def test_fold_of_a_column_is_fold_of_each_value(names: list[str | None]) -> None:
    for many in (names, names * 33):  # one by one, and in columns
        folded = fold(pl.Series("names", many, dtype=pl.String)).to_list()
        assert folded == ["" if name is None else fold_one(name) for name in many]
    assert all(re.fullmatch("(?:[A-Z]+(?: [A-Z]+)*)?", value) for value in folded)


@given(st.text(max_size=30))
def test_fold_is_idempotent(name: str) -> None:
    assert fold_one(fold_one(name)) == fold_one(name)
