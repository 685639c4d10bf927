"""A small valid pack as YAML; a test changes what it is about."""

from collections.abc import Callable

import pytest

from rules.pack import parse
from rules.scenario import Pack

SCENARIO = """\
  - id: late
    title: {en: Late booking, fr: Réservation tardive}
    description: {en: Booked late and paid in cash., fr: Réservé tard et payé en espèces.}
    category: smuggling_facilitation
    lane: enforcement
    kind: ON_ARRIVAL
    weight: 1.5
    valid_from: 2026-01-01
    valid_until: 2026-12-31
    purpose: serious_transnational_crime
    when:
      all:
        - booked_before_departure_hours < 48
        - paid_cash == true
    justification:
      source_class: public_report
      source: a report
      date: 2026-01-01
      reliability: probable
      necessity: it is needed
      proportionality: it is little
      grounds: []
      author: ann
      approver: bob
      review_by: 2026-11-30
"""
HEAD = """\
id: test
version: 1
origin: example
groups:
  border: {airports: [YUL, YYZ]}
  forms: {values: [cash, voucher]}
  far: {countries: [FRA, DEU]}
scenarios:
"""


def conditions(*lines: str, indent: int = 8) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in lines)


@pytest.fixture(scope="session")
def text() -> str:
    return HEAD + SCENARIO


@pytest.fixture(scope="session")
def pack_of() -> Callable[..., Pack]:
    """A pack whose scenarios are of the protection lane (no indicator count) with the given conditions (YAML list items)."""

    def build(*when: str) -> Pack:
        content = HEAD
        for number, lines in enumerate(when):
            block = "".join(f"        {line}\n" for line in lines.splitlines())
            scenario = SCENARIO.replace("id: late", f"id: s{number}").replace("lane: enforcement", "lane: protection")
            scenario = scenario.replace("      author", "      rights_reviewer: eve\n      author").replace(
                "grounds: []", "grounds: [age, sex, nationality, national_or_ethnic_origin]"
            )
            start, end = scenario.index("        - booked"), scenario.index("    justification")
            content += scenario[:start] + block + scenario[end:]
        return parse(content.encode(), "test.yaml")

    return build
