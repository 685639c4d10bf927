import pycountry
import pytest

from watchlists.countries import SUCCESSORS, agreeing, alpha3, comparable, nationality


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("Iran", "IRN"),
        ("Russia", "RUS"),
        ("North Macedonia, The Republic of", "MKD"),
        ("Korea, North", "PRK"),
        ("Congo, Democratic Republic of the", "COD"),
        ("Türkiye", "TUR"),
        ("Côte d'Ivoire", "CIV"),
        ("Bosnia and Herzegovina", "BIH"),
        ("United States", "USA"),
        ("Palestinian", "PSE"),
        ("XK", "RKS"),
        ("XKX", "RKS"),
        ("RKS", "RKS"),
        ("UNK", "RKS"),
        ("GBD", "GBR"),
        ("DDR", "DEU"),
        ("zar", "COD"),
        ("SUN", None),
        ("Serbia and Montenegro", None),
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


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("Soviet Union", "SUN"),
        ("SUN", "SUN"),
        ("suhh", "SUN"),
        ("Serbia and Montenegro", "SCG"),
        ("csxx", "SCG"),
        ("Yugoslavia", "YUG"),
        ("yucs", "YUG"),
        ("Czechoslovakia", "CSK"),
        ("DDR", "DEU"),
        ("Russia", "RUS"),
        ("Atlantis", None),
    ],
)
def test_a_nationality_may_be_of_a_former_state(country: str, code: str | None) -> None:
    assert nationality(country) == code


def test_a_former_state_agrees_with_each_that_followed_and_they_with_it_but_not_with_each_other() -> None:
    assert {"SUN", "RUS", "UKR"} <= set(agreeing("SUN"))
    assert agreeing("RUS") == ("RUS", "SUN")
    assert set(agreeing("SRB")) == {"SRB", "SCG", "YUG"}
    assert agreeing("CAN") == ("CAN",)
    for code in (*SUCCESSORS, *(code for successors in SUCCESSORS.values() for code in successors)):
        assert all(code in agreeing(other) for other in agreeing(code))


def test_the_table_of_successors_has_every_former_state_that_several_follow() -> None:
    existing = {country.alpha_3 for country in pycountry.countries} | {"RKS"} | set(SUCCESSORS)
    assert all(set(successors) <= existing for successors in SUCCESSORS.values())
    # Of those without one successor ISO has two that nobody is a national of: the Antarctic territories and the Neutral Zone.
    without = {country.alpha_3 for country in pycountry.historic_countries if not alpha3(country.alpha_4)}
    assert without - set(SUCCESSORS) == {"ATF", "NTZ"}


@pytest.mark.parametrize(
    ("code", "compared"),
    [("XXA", None), ("XXX", None), ("UNO", None), ("GBN", "GBR"), ("XKX", "RKS"), ("SUN", "SUN"), ("CAN", "CAN")],
)
def test_codes_of_travel_documents_are_compared_by_the_state_they_name(code: str, compared: str | None) -> None:
    assert comparable(code) == compared
