"""Packs: one fault each that must be caught, all faults at once, and bounded work on hostile files."""

from pathlib import Path

import pytest

from rules.pack import PackError, load, parse
from rules.scenario import Pack

# What is replaced in the valid pack, by what, and what the fault must say.
MUTATIONS: dict[str, tuple[str, str, str]] = {
    "unknown feature": ("paid_cash", "payed_cash", "payed_cash is not a feature: did you mean paid_cash?"),
    "number compared with text": ("departure_hours < 48", "departure_hours < soon", "is a number and soon is none"),
    "flag compared with number": ("paid_cash == true", "paid_cash == 1", "is a flag: compare it with true or false"),
    "flag in order": ("paid_cash == true", "paid_cash > true", "has no order"),
    "flag in list": ("paid_cash == true", "paid_cash in [true]", "use == true"),
    "code in order": ("paid_cash == true", "payment_form < cash", "has no order"),
    "no condition": ("paid_cash == true", "paid_cash", "is no condition"),
    "two indicators of one family": ("paid_cash == true", "booking_changes > 2", "fewer than two indicators"),
    "one indicator": ("        - paid_cash == true\n", "", "fewer than two indicators"),
    "one indicator by a branch": ("all:\n        - booked", "any:\n        - booked", "fewer than two indicators"),
    "that something is known is no indicator": ("paid_cash == true", "paid_cash is known", "fewer than two indicators"),
    "protected ground": (
        "- paid_cash == true",
        "- paid_cash == true\n        - age_years < 30",
        "add age to",
    ),
    "protected ground without reviewer": ("- paid_cash == true", "- paid_cash == true\n        - sex == F", "rights_reviewer"),
    "protected ground instead of an indicator": ("paid_cash == true", "nationality == FRA", "without two other indicators"),
    "proxy": ("paid_cash == true", "departure_country in far", "national_or_ethnic_origin"),
    "unknown group": ("paid_cash == true", "arrival_airport in bordr", "did you mean border?"),
    "unknown airport": ("[YUL, YYZ]", "[YUL, QQQQ]", "QQQQ is not an IATA airport code"),
    "unknown country": ("[FRA, DEU]", "[FR, DEU]", "FR is not an alpha-3 country code"),
    "missing justification": ("    justification:", "    justifications:", "did you mean justification?"),
    "missing part of it": ("      necessity: it is needed\n", "", "necessity is missing"),
    "approver is author": ("approver: bob", "approver: ann", "approver ann is the author"),
    "review too late": ("review_by: 2026-11-30", "review_by: 2027-01-03", "more than 12 months"),
    "no date": ("date: 2026-01-01", "date: 1 May", "is not a date"),
    "unknown category": ("category: smuggling_facilitation", "category: smuggling", "category smuggling is not known"),
    "unknown lane": ("lane: enforcement", "lane: enforcment", "did you mean enforcement?"),
    "no weight": ("weight: 1.5", "weight: high", "must be a number from 0 to 10"),
    "infinite weight": ("weight: 1.5", "weight: .inf", "must be a number from 0 to 10"),
    "validity backwards": ("valid_until: 2026-12-31", "valid_until: 2025-12-31", "is before valid_from"),
    "no French": (", fr: Réservation tardive", "", "title: fr is missing"),
    "match field": ("- paid_cash == true", "- match: [categroy == sanctions]", "did you mean category?"),
    "match value": ("- paid_cash == true", "- match: [category == sanction]", "did you mean sanctions?"),
    "match in match": ("- paid_cash == true", "- match: [match: [weak == true]]", "match is not a form of condition"),
    "k too large": ("- paid_cash == true", "- at_least: {k: 2, of: [paid_cash == true]}", "whole number from 1 to 1"),
    "religion cannot be said": ("paid_cash == true", "religion == x", "religion is not a feature"),
    "unknown key": ("    weight: 1.5", "    weight: 1.5\n    wieght: 2", "did you mean weight?"),
    "repeated key": ("    weight: 1.5", "    weight: 1.5\n    weight: 2", "stands twice"),
}


def faults(content: str | bytes, **options: bool) -> list[str]:
    with pytest.raises(PackError) as error:
        parse(content if isinstance(content, bytes) else content.encode(), "p.yaml", **options)
    return error.value.faults


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_mutation_is_caught(name: str, text: str) -> None:
    old, new, message = MUTATIONS[name]
    assert old in text
    found = faults(text.replace(old, new, 1))
    assert any(message in fault for fault in found), found
    assert all(fault.startswith("p.yaml:") for fault in found)


def test_the_line_is_where_the_fault_is(text: str) -> None:
    lines = text.splitlines()
    at = next(number for number, line in enumerate(lines, start=1) if "paid_cash" in line)
    found = faults(text.replace("paid_cash", "payed_cash"))
    assert found == [f"p.yaml:{at}: scenario late: payed_cash is not a feature: did you mean paid_cash?"]


def test_all_faults_come_at_once(text: str) -> None:
    broken = text.replace("weight: 1.5", "weight: x").replace("paid_cash == true", "booking_changes > 2").replace("bob", "ann")
    found = faults(broken)
    assert [sum(part in fault for fault in found) for part in ("weight x", "fewer than two", "approver ann")] == [1, 1, 1]


def test_booking_data_needs_a_serious_purpose_where_the_policy_says_so(text: str) -> None:
    ordinary = text.replace("purpose: serious_transnational_crime", "purpose: border_control")
    assert parse(ordinary.encode(), "p").scenarios[0].reads_pnr()
    assert any("may not read booking data" in fault for fault in faults(ordinary, pnr_purposes_required=True))
    history = ordinary.replace("booked_before_departure_hours < 48", "phone_other_bookings_30d > 2").replace(
        "paid_cash == true", "document_validity_days < 30"
    )
    assert any("phone_other_bookings_30d" in fault for fault in faults(history, pnr_purposes_required=True))
    api = ordinary.replace("booked_before_departure_hours < 48", "checked_bags == 0").replace(
        "paid_cash == true", "document_validity_days < 30"
    )
    assert not parse(api.encode(), "p", pnr_purposes_required=True).scenarios[0].reads_pnr()


def test_a_protected_ground_with_two_indicators_and_a_rights_reviewer_is_read(text: str) -> None:
    with_age = text.replace("- paid_cash == true", "- paid_cash == true\n        - age_years < 30").replace("[]", "[age]")
    reviewed = with_age.replace("      author", "      rights_reviewer: eve\n      author")
    assert parse(reviewed.encode(), "p").scenarios[0].justification.grounds == ("age",)
    assert any("rights_reviewer ann is the author" in fault for fault in faults(reviewed.replace("eve", "ann")))


def test_a_match_alone_is_enough(text: str) -> None:
    alone = text.replace("- paid_cash == true", "- match: [weak == false]")
    assert parse(alone.encode(), "p").scenarios[0].id == "late"


def test_two_scenarios_of_one_id_are_refused(text: str) -> None:
    twice = text + text[text.index("  - id: late") :]
    assert any("scenario late stands already on line" in fault for fault in faults(twice))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xff\xfe", "not UTF-8"),
        (b"id: [", "not valid YAML"),
        (b"id: test", "scenarios is missing"),
        (b"- a", "must be a mapping"),
        (b"a: &x [1]\nb: *x", "anchors and aliases"),
        (b"a: !!python/object:os.system x", "tag"),
        (b"[" * 100, "levels"),
        (b"a: 1\n---\nb: 2", "second document"),
        (b"? [a]\n: b", "a key must be a text"),
        (b"x" * 4_000_001, "split the pack"),
        (b"a: \x00", "not valid YAML"),
    ],
)
def test_files_that_are_no_pack(content: bytes, message: str) -> None:
    assert message in "\n".join(faults(content))


def test_ten_thousand_conditions_are_refused_quickly(text: str) -> None:
    many = "".join(f"        - checked_bags == {number}\n" for number in range(10_000))
    found = faults(text.replace("        - paid_cash == true\n", many))
    assert len(found) == 1
    assert "at most 500" in found[0]


def test_nested_counts_are_judged_in_bounded_time(text: str) -> None:
    names = [
        "one_way == true",
        "paid_cash == true",
        "checked_bags == 0",
        "detour_ratio > 2",
        "documents_sent > 2",
        "party_size > 3",
    ]
    several = ", ".join(name for name in names for _ in range(20))
    nested = f"- at_least: {{k: 50, of: [{several}]}}\n        - not: {{at_least: {{k: 80, of: [{several}]}}}}"
    assert len(parse(text.replace("- paid_cash == true", nested).encode(), "p").scenarios) == 1


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(PackError, match="cannot be read"):
        load(Path("nowhere.yaml"))


def test_layout_and_comments_do_not_change_the_hash(text: str) -> None:
    def read(content: str) -> Pack:
        return parse(content.encode(), "p")

    assert read(text).hash == read("# note\n" + text.replace("id: test", "id:   test")).hash
    assert read(text).hash != read(text.replace("< 48", "< 49")).hash
