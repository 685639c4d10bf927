"""Scenarios read aloud in both languages."""

from collections.abc import Callable

import pytest

from features.catalogue import BY_ID
from policies import FOLDER
from rules.pack import load
from rules.scenario import Pack
from rules.sentence import sentence

CASES = {
    "- booked_before_departure_hours < 48\n- paid_cash == true": (
        "Time between booking and departure under 48 hours and paid in cash.",
        "Délai entre la réservation et le départ de moins de 48 heures et payé en espèces.",
    ),
    "- any: [paid_cash != true, checked_bags == 0]\n- detour_ratio >= 1.5": (
        "(not: paid in cash or 0 checked bags) and detour of the journey of at least 1.5 times the direct distance.",
        "(pas : payé en espèces ou 0 bagages enregistrés) et détour du trajet d'au moins 1,5 fois la distance directe.",
    ),
    "- arrival_airport in border\n- stay_days is unknown": (
        "Airport of arrival in the group “border” and booked stay unknown.",
        "Aéroport d'arrivée dans le groupe « border » et séjour réservé : inconnu.",
    ),
    "- match: [category == war_crimes, probability >= 0.5]": (
        "A possible match with a lookout (category: war crimes, probability of at least 0.5).",
        "Une correspondance possible avec un signalement (catégorie : crimes de guerre, probabilité d'au moins 0,5).",
    ),
    "- at_least: {k: 2, of: [paid_cash == true, earlier_trips_365d > 3, payment_form != cash]}": (
        "(at least 2 of: paid in cash; more than 3 earlier trips in 365 days; form of payment other than cash).",
        "(au moins 2 parmi : payé en espèces; plus de 3 voyages antérieurs en 365 jours; mode de paiement autre que cash).",
    ),
}


@pytest.mark.parametrize("when", CASES)
def test_sentence(when: str, pack_of: Callable[..., Pack]) -> None:
    scenario = pack_of(when).scenarios[0]
    assert (sentence(scenario, "en"), sentence(scenario, "fr")) == CASES[when]


def test_every_condition_of_the_examples_is_said_in_both_languages() -> None:
    for scenario in load(FOLDER / "packs" / "examples.yaml").scenarios:
        english, french = sentence(scenario, "en").lower(), sentence(scenario, "fr").lower()
        for name in scenario.features():
            assert BY_ID[name].en_label.lower() in english
            assert BY_ID[name].fr_label.lower() in french
