"""The evidence of a match in words, English and French: one sentence for each row, with both values and what it adds."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

Language = Literal["en", "fr"]

# By field and by whether the row speaks for one person: {ours} the traveller's value, {theirs} the lookout's.
_SENTENCES: Final[Mapping[tuple[str, bool], Mapping[Language, str]]] = {
    ("name", True): {
        "en": "{ours} in the traveller's name agrees with {theirs} in the listed name",
        "fr": "{ours} dans le nom du voyageur correspond à {theirs} dans le nom inscrit",
    },
    ("name_together", True): {
        "en": "what agrees stands together in one name",
        "fr": "ce qui correspond se trouve réuni dans un même nom",
    },
    ("name_together", False): {
        "en": "so much agreement of one name is not wholly independent",
        "fr": "tant de concordances dans un même nom ne sont pas entièrement indépendantes",
    },
    ("name_unmatched", False): {
        "en": "without a counterpart: {ours} in the traveller's name, {theirs} in the listed name",
        "fr": "sans équivalent : {ours} dans le nom du voyageur, {theirs} dans le nom inscrit",
    },
    ("name_differs", False): {
        "en": "the names have nothing in common that counts",
        "fr": "les noms n'ont rien en commun qui compte",
    },
    ("name_differs", True): {
        "en": "no name can weigh more than this against a document",
        "fr": "aucun nom ne peut peser davantage contre un document",
    },
    ("dob", True): {
        "en": "the date of birth {ours} agrees with the listed {theirs}",
        "fr": "la date de naissance {ours} concorde avec celle inscrite, {theirs}",
    },
    ("dob", False): {
        "en": "the date of birth {ours} speaks against the listed {theirs}",
        "fr": "la date de naissance {ours} contredit celle inscrite, {theirs}",
    },
    ("nationality", True): {
        "en": "the nationality {ours} is among the listed {theirs}",
        "fr": "la nationalité {ours} figure parmi celles inscrites, {theirs}",
    },
    ("nationality", False): {
        "en": "the nationality {ours} is not among the listed {theirs}",
        "fr": "la nationalité {ours} ne figure pas parmi celles inscrites, {theirs}",
    },
    ("birthplace", True): {
        "en": "the place of birth {ours} agrees with the listed {theirs}",
        "fr": "le lieu de naissance {ours} concorde avec celui inscrit, {theirs}",
    },
    ("birthplace", False): {
        "en": "the place of birth {ours} speaks against the listed {theirs}",
        "fr": "le lieu de naissance {ours} contredit celui inscrit, {theirs}",
    },
    ("birthplace_country", True): {
        "en": "the place of birth {ours} is in the country of the listed {theirs}",
        "fr": "le lieu de naissance {ours} se trouve dans le pays de celui inscrit, {theirs}",
    },
    ("document_misread", True): {
        "en": "the document {ours} is the listed {theirs} but for characters that look alike: see the document itself",
        "fr": "le document {ours} est celui inscrit, {theirs}, à des caractères près qui se ressemblent : voir le document même",
    },
    ("document", True): {
        "en": "the document {ours} is the listed {theirs}",
        "fr": "le document {ours} est celui inscrit, {theirs}",
    },
}
_OTHER: Final[Mapping[Language, str]] = {"en": "{field}: {ours} beside {theirs}", "fr": "{field} : {ours} face à {theirs}"}
_NOTHING: Final[Mapping[Language, str]] = {"en": "nothing", "fr": "rien"}


def sentence(row: Mapping[str, Any], language: Language) -> str:
    """One row of evidence (`Matches.evidence`) as a sentence; the figure is its addend in nats."""
    odds = float(row["log_odds"])
    template = _SENTENCES.get((row["field"], odds >= 0), _OTHER)[language]
    ours, theirs = (row[side] or _NOTHING[language] for side in ("traveller_value", "lookout_value"))
    told = template.format(field=row["field"], ours=ours, theirs=theirs)
    figure = f"{odds:+.1f}" if language == "en" else f"{odds:+.1f}".replace(".", ",")
    return f"{told[:1].upper()}{told[1:]} ({figure})."


def sentences(evidence: Sequence[Mapping[str, Any]], language: Language) -> list[str]:
    """The rows in their order."""
    return [sentence(row, language) for row in evidence]
