import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchlists.births import Birth, birth, read, rows, worded


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("22 Nov 1958", "1958-11-22"),
        ("Sep 1999", "1999-09"),
        ("1936", "1936"),
        ("circa 1951", "1949/1953"),
        ("circa 12 Mar 1951", "1949/1953"),
        ("1958 to 1960", "1958/1960"),
        ("circa 1979-1982", "1979/1982"),
        ("30 Feb 1958", None),
        ("late fifties", None),
        ("", None),
    ],
)
def test_worded_dates_become_canonical(text: str, canonical: str | None) -> None:
    assert worded(text) == canonical


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1970-03-12", Birth(1970, 1970, 3, 12)),
        ("1970-03-00", Birth(1970, 1970, 3, 0)),
        ("1970-3", Birth(1970, 1970, 3, 0)),
        ("1968/1972", Birth(1968, 1972, 0, 0)),
        ("1970-02-30", None),
        ("1970-13", None),
        ("1970-00-12", None),
        ("1972/1968", None),
        ("70", None),
        ("9999", None),
    ],
)
def test_canonical_texts_mean_births(text: str, meant: Birth | None) -> None:
    assert birth(text) == meant


@given(st.text(max_size=20))
def test_no_text_raises(text: str) -> None:
    canonical = worded(text)
    assert canonical is None or birth(canonical) is not None
    birth(text)


@pytest.mark.parametrize(
    ("text", "formats", "canonical"),
    [
        ("12/03/1970", ("%d/%m/%Y",), "1970-03-12"),
        ("3.1970", ("%d.%m.%Y", "%m.%Y"), "1970-03"),
        ("12 Mar 1970", ("%d %b %Y",), "1970-03-12"),
        ("19700312", ("%Y%m%d",), "1970-03-12"),
        ("1970", ("%d/%m/%Y",), "1970"),
        ("1970-3-2", (), "1970-03-02"),
        ("1970-03-00", (), "1970-03"),
        ("1968/1972", (), "1968/1972"),
        ("31/02/1970", ("%d/%m/%Y",), None),
        ("03/12/1270", ("%d/%m/%Y",), None),
    ],
)
def test_dates_in_formats_become_canonical(text: str, formats: tuple[str, ...], canonical: str | None) -> None:
    assert read(text, formats) == canonical


_PARTS = st.one_of(
    st.text("0123456789-/ ", max_size=11),
    st.dates().map(str),
    st.sampled_from(["1970", "1970-13-01", "1799-01-01", "٢٠٢٠-01-01"]),
)


@given(st.lists(st.one_of(st.none(), _PARTS), max_size=6))
def test_a_column_of_births_is_each_birth(texts: list[str | None]) -> None:
    for many in (texts, texts * 33):  # one by one, and in columns
        known = [birth(text) if text else None for text in many]
        meant = [[one.first_year, one.last_year, one.month, one.day] if one else [0, 0, 0, 0] for one in known]
        assert rows(pl.Series(many, dtype=pl.String)).tolist() == meant
