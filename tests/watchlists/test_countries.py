import pytest

from watchlists.countries import alpha3


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("Iran", "IRN"),
        ("Korea, North", "PRK"),
        ("Congo, Democratic Republic of the", "COD"),
        ("Türkiye", "TUR"),
        ("Côte d'Ivoire", "CIV"),
        ("Bosnia and Herzegovina", "BIH"),
        ("United States", "USA"),
        ("Palestinian", "PSE"),
        ("XK", "XKX"),
        ("ca", "CAN"),
        ("gb-sct", "GBR"),
        ("US-TX", "USA"),
        ("ddde", "DEU"),
        ("ZRCD", "COD"),
        ("suhh", None),
        ("yucs", None),
        ("csxx", None),
        ("Cuba", "CUB"),
        ("Atlantis", None),
        ("", None),
    ],
)
def test_names_and_codes_of_the_lists(country: str, code: str | None) -> None:
    assert alpha3(country) == code
