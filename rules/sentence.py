"""A scenario as a sentence in English and in French, for officers, reviewers and the public record."""

from features.catalogue import BY_ID
from rules.language import All, Any, AtLeast, Compare, Condition, Known, Match, Not, Value, Within
from rules.scenario import Scenario

LANGUAGES = ("en", "fr")

_WORDS = {
    "en": {
        "and": " and ",
        "or": " or ",
        "not": "not so that {}",
        "at_least": "at least {k} of: {of}",
        "known": "{} known",
        "unknown": "{} unknown",
        "==": "{label}: {value}",
        "!=": "{label} other than {value}",
        "<": "{label} under {value}",
        "<=": "{label} of at most {value}",
        ">": "{label} over {value}",
        ">=": "{label} of at least {value}",
        "count ==": "{value} {label}",
        "count <": "fewer than {value} {label}",
        "count <=": "at most {value} {label}",
        "count >": "more than {value} {label}",
        "count >=": "at least {value} {label}",
        "in": "{label} one of {value}",
        "group": "{label} in the group “{value}”",
        "not in": "{label} none of {value}",
        "not group": "{label} outside the group “{value}”",
        "no flag": "not: {}",
        "match": "a possible match with a lookout ({})",
        "no match": "no match with a lookout ({})",
    },
    "fr": {
        "and": " et ",
        "or": " ou ",
        "not": "pas le cas que {}",
        "at_least": "au moins {k} parmi : {of}",
        "known": "{} : connu",
        "unknown": "{} : inconnu",
        "==": "{label} : {value}",
        "!=": "{label} autre que {value}",
        "<": "{label} de moins de {value}",
        "<=": "{label} d'au plus {value}",
        ">": "{label} de plus de {value}",
        ">=": "{label} d'au moins {value}",
        "count ==": "{value} {label}",
        "count <": "moins de {value} {label}",
        "count <=": "au plus {value} {label}",
        "count >": "plus de {value} {label}",
        "count >=": "au moins {value} {label}",
        "in": "{label} parmi {value}",
        "group": "{label} dans le groupe « {value} »",
        "not in": "{label} hors de {value}",
        "not group": "{label} hors du groupe « {value} »",
        "no flag": "pas : {}",
        "match": "une correspondance possible avec un signalement ({})",
        "no match": "aucune correspondance avec un signalement ({})",
    },
}
_UNITS_FR = {"hours": "heures", "days": "jours", "years": "ans", "times the direct distance": "fois la distance directe"}
_COUNTS = ("", "bags")  # units that the label already says
_MATCH_LABELS = {
    "en": {
        "category": "category",
        "action": "action",
        "source": "list",
        "authority": "authority",
        "purpose": "purpose",
        "probability": "probability",
        "log_odds": "evidence in log-odds",
        "dob_agrees": "date of birth agrees",
        "document_agrees": "document agrees",
        "weak": "weak alias only",
    },
    "fr": {
        "category": "catégorie",
        "action": "action",
        "source": "liste",
        "authority": "autorité",
        "purpose": "finalité",
        "probability": "probabilité",
        "log_odds": "éléments en log-cotes",
        "dob_agrees": "date de naissance concordante",
        "document_agrees": "document concordant",
        "weak": "alias faible seulement",
    },
}
_MATCH_VALUES_FR = {
    "smuggling_facilitation": "passage de clandestins",
    "improper_documentation": "documents non conformes",
    "trafficking_protection": "protection contre la traite",
    "national_security": "sécurité nationale",
    "warrant_or_removal_order": "mandat ou mesure de renvoi",
    "southbound_transit": "transit vers le sud",
    "war_crimes": "crimes de guerre",
    "organised_crime": "crime organisé",
    "sanctions": "sanctions",
    "stop_before_boarding": "arrêter avant l'embarquement",
    "examine_on_arrival": "examiner à l'arrivée",
    "arrest_on_arrival": "arrêter à l'arrivée",
    "notify_owner": "aviser le responsable",
}


def sentence(scenario: Scenario, language: str) -> str:
    """What makes the scenario fire, in `en` or `fr`."""
    text = _say(scenario.when, language, in_match=False, outer="sentence")
    return text[:1].upper() + text[1:] + "."


def _say(condition: Condition, language: str, *, in_match: bool, outer: str = "") -> str:
    words = _WORDS[language]
    match condition:
        case All(of) | Any(of):
            kind = "all" if isinstance(condition, All) else "any"
            parts = [_say(part, language, in_match=in_match, outer=kind) for part in of]
            text = words["and" if kind == "all" else "or"].join(parts)
            return text if outer in {kind, "sentence"} or len(of) == 1 else f"({text})"
        case AtLeast(k, of):
            return "(" + words["at_least"].format(k=k, of="; ".join(_say(part, language, in_match=in_match) for part in of)) + ")"
        case Match(of):
            return words["match"].format(", ".join(_say(part, language, in_match=True) for part in of))
        case Not(of):
            return _say_not(of, language, in_match)
        case Known(feature):
            return words["known"].format(_label(feature, language, in_match))
        case Compare(feature, operator, value):
            return _comparison(feature, operator, value, language, in_match)
        case Within(feature, values, group):
            return _within(feature, values, group, language, in_match, "")


def _say_not(condition: Condition, language: str, in_match: bool) -> str:
    words = _WORDS[language]
    match condition:
        case Known(feature):
            return words["unknown"].format(_label(feature, language, in_match))
        case Compare(feature, "==", bool(value)):
            return _comparison(feature, "==", not value, language, in_match)
        case Compare(feature, "==", value):
            return _comparison(feature, "!=", value, language, in_match)
        case Within(feature, values, group):
            return _within(feature, values, group, language, in_match, "not ")
        case Match(of):
            return words["no match"].format(", ".join(_say(part, language, in_match=True) for part in of))
        case _:
            return words["not"].format(_say(condition, language, in_match=in_match))


def _comparison(feature: str, operator: str, value: Value, language: str, in_match: bool) -> str:
    words, label = _WORDS[language], _label(feature, language, in_match)
    if isinstance(value, bool):
        return label if value else words["no flag"].format(label)
    form = operator if in_match or isinstance(value, str) or operator == "!=" else _form(feature, operator)
    return words[form].format(label=label, value=_value(feature, value, language, in_match))


def _form(feature: str, operator: str) -> str:
    return f"count {operator}" if BY_ID[feature].unit in _COUNTS else operator


def _within(feature: str, values: tuple[Value, ...], group: str | None, language: str, in_match: bool, negation: str) -> str:
    shown = group.replace("_", " ") if group else ", ".join(_value(feature, value, language, in_match) for value in values)
    form = negation + ("group" if group else "in")
    return _WORDS[language][form].format(label=_label(feature, language, in_match), value=shown)


def _label(feature: str, language: str, in_match: bool) -> str:
    if in_match:
        return _MATCH_LABELS[language][feature]
    return BY_ID[feature].en_label if language == "en" else BY_ID[feature].fr_label


def _value(feature: str, value: Value, language: str, in_match: bool) -> str:
    if isinstance(value, str):
        if not in_match:
            return value
        return value.replace("_", " ") if language == "en" else _MATCH_VALUES_FR.get(value, value)
    text = f"{value:g}" if language == "en" else f"{value:g}".replace(".", ",")
    unit = "" if in_match or BY_ID[feature].unit in _COUNTS else BY_ID[feature].unit
    return f"{text} {unit if language == 'en' else _UNITS_FR.get(unit, unit)}".strip()
