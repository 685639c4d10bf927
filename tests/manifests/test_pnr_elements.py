"""The elements of a PNR that have a grammar of their own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests import pnr_elements as elements


@pytest.mark.parametrize(
    ("sent", "bare"),
    [
        ("JOHNMR", "JOHN"),
        ("LISALMS", "LISAL"),
        ("LIMR", "LI"),
        ("LORELEIMRS", "LORELEI"),
        ("PAULMSTR", "PAUL"),
        ("TESTNAMEONE MRS", "TESTNAMEONE"),
        ("ANNA MARIA DR", "ANNA MARIA"),
        ("MR", "MR"),
        ("AMR", "AMR"),
        ("WILLIAMS", "WILLIAMS"),
        ("THAMR", "THAMR"),
        ("", ""),
        ("毛", "毛"),
    ],
)
def test_titles_are_taken_from_given_names(sent: str, bare: str) -> None:
    assert elements.bare_name(sent) == bare


@pytest.mark.parametrize(("sent", "apart"), [("SMITHJR", "SMITH JR"), ("SMITH", "SMITH"), ("JR", "JR")])
def test_suffixes_are_set_apart_from_surnames(sent: str, apart: str) -> None:
    assert elements.family_name(sent) == apart


def test_docs_with_everything_and_with_a_slash_too_few() -> None:
    whole = elements.docs("/P/USA/548721687/CAN/04JUL80/M/12JAN19/VANDENBERG/KEVIN/MICHAEL")
    assert (whole.type, whole.issuer, whole.number, whole.nationality) == ("P", "USA", "548721687", "CAN")
    assert (whole.dob, whole.sex, whole.infant, whole.expiry) == ("04JUL80", "M", False, "12JAN19")
    assert (whole.surname, whole.given) == ("VANDENBERG", "KEVIN MICHAEL")
    assert elements.docs("P/USA/548721687/CAN/04JUL80/M/12JAN19/VANDENBERG/KEVIN/MICHAEL") == whole
    assert elements.docs("/P/USA/1/USA/15APR12/MI/31DEC19/DYE/ARCHER").infant
    assert elements.docs("////GBR/12JUL64/M//JONES/WILLIAM").number == ""


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("/AMBER HILL GBR/V/12345678/LONDON GBR/14MAR03/USA", ("AMBER HILL GBR", "V", "12345678", "USA")),
        ("HERE VA/V/8675309/OTHER PLACE/22DEC06/LI", ("HERE VA", "V", "8675309", "LI")),
        ("//V/17317323/LONDON/30JUN03/USA", ("", "V", "17317323", "USA")),
        ("//R/0001234", ("", "R", "0001234", "")),
        ("/BERN", ("BERN", "", "", "")),
        ("", ("", "", "", "")),
    ],
)
def test_doco(text: str, read: tuple[str, ...]) -> None:
    found = elements.doco(text)
    assert (found.birthplace, found.kind, found.number, found.issuer) == read


def test_doca() -> None:
    assert elements.doca("/D/AUS/13 SHORE AVENUE/BROADBEACH/QLD/4215") == ("D", "13 SHORE AVENUE, BROADBEACH, QLD, 4215, AUS")
    assert elements.doca("anything") == ("", "")


def test_infants_and_children() -> None:
    assert elements.infant("DYE/ARCHER 15APR12") == ("DYE", "ARCHER", "15APR12")
    assert elements.infant("DYE/ARCHER JAMES/10AUG11") == ("DYE", "ARCHER JAMES", "10AUG11")
    assert elements.infant("DYE/ARCHER") == ("DYE", "ARCHER", "")
    assert elements.born("P1/15APR2012") == "15APR2012"
    assert elements.born("KSML") == ""


def test_contacts_are_all_that_is_kept_of_a_text() -> None:
    assert elements.phone("SEA 866 746-4647 CARLSON") == "866 746-4647"
    assert elements.phone("NO PHONE GIVEN 12") == ""
    assert elements.email("REUBEN..SERIO//GMAIL.COM") == "REUBEN_SERIO@GMAIL.COM"
    assert elements.email("A./B//MAIL.EXAMPLE/EN") == "A-B@MAIL.EXAMPLE"
    assert elements.email("KOSHER PLEASE") == ""


def test_a_masked_card_is_nobodys() -> None:
    assert elements.card_number("4111 1111 1111 1111") == "4111111111111111"
    assert elements.card_number("XXXXXXXXXXXX1186") == elements.card_number("370266XXXXX6916") == ""


def test_documents_of_foid_are_passports_and_identity_cards_alone() -> None:
    assert elements.identification("PP12345") == ("P", "12345")
    assert elements.identification("NI12345") == ("I", "12345")
    assert elements.identification("CC4111111111111111") == ("", "")


def test_tickets_payers_sums_and_times() -> None:
    assert elements.ticket("INF9631270001236C2") == "9631270001236"
    assert elements.payer("TIMOTHY J SIMS") == "SIMS/TIMOTHY J"
    assert elements.payer("SIMS") == "SIMS"
    assert (elements.amount("2888.00"), elements.amount("1E9"), elements.amount("")) == (2888.0, None, None)
    assert elements.moment("290219", "730") == "2019-02-29T07:30"
    assert elements.moment("", "") == ""


@given(st.text(max_size=80))
def test_no_text_breaks_a_reader(text: str) -> None:
    for read in (elements.docs, elements.doco, elements.doca, elements.infant, elements.born, elements.identification):
        read(text)
    for tell in (elements.phone, elements.email, elements.card_number, elements.amount, elements.ticket, elements.payer):
        tell(text)
    assert elements.bare_name(text) or not text.strip()


@pytest.mark.parametrize(
    "text", ["a" * 300_000, "A" + " " * 300_000 + "B", "A" + "." * 300_000 + "@", "1 " * 150_000, "/" * 300_000]
)
def test_long_texts_take_no_more_time_than_their_length(text: str) -> None:
    """One that took the square of it would not end before the tests' time limit."""
    for read in (elements.docs, elements.doco, elements.doca, elements.infant, elements.born, elements.identification):
        read(text)
    for tell in (elements.phone, elements.email, elements.card_number, elements.amount, elements.ticket, elements.payer):
        tell(text)
    assert elements.family_name(elements.bare_name(text))
