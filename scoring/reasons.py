"""What an officer reads, in English and French, for each reason of a decision.

Texts hold lists, entries, figures and observed values of features, never a name or a document number: they are kept
with the decision, outside the store's identities. The match evidence beside them has the values compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ACTIONS = {
    "stop_before_boarding": ("stop before boarding", "arrêter avant l'embarquement"),
    "examine_on_arrival": ("examine on arrival", "examiner à l'arrivée"),
    "arrest_on_arrival": ("arrest on arrival", "arrêter à l'arrivée"),
    "notify_owner": ("notify the owner", "aviser le propriétaire"),
}
FIELDS = {
    "api": ("advance passenger information (a booking alone was sent)", "renseignements préalables (seul le dossier est fourni)"),
    "name": ("name", "nom"),
    "ref": ("passenger reference", "référence du passager"),
    "role": ("role on board", "rôle à bord"),
    "surname": ("surname", "nom de famille"),
    "given": ("given names", "prénoms"),
    "sex": ("sex", "sexe"),
    "dob": ("date of birth", "date de naissance"),
    "nationality": ("nationality", "nationalité"),
    "birthplace": ("place of birth", "lieu de naissance"),
    "redress": ("redress number", "numéro de recours"),
    "record_locator": ("record locator", "numéro de dossier"),
    "bags": ("bags", "bagages"),
    "bag_weight": ("weight of bags", "poids des bagages"),
    "document": ("document", "document"),
    "document.type": ("document type", "type de document"),
    "document.number": ("document number", "numéro de document"),
    "document.issuer": ("issuer of the document", "émetteur du document"),
    "document.expiry": ("expiry of the document", "expiration du document"),
    "flight.carrier": ("carrier", "transporteur"),
    "flight.number": ("flight number", "numéro de vol"),
    "flight.departure": ("departure airport", "aéroport de départ"),
    "flight.arrival": ("arrival airport", "aéroport d'arrivée"),
    "flight.departure_time": ("departure time", "heure de départ"),
    "flight.arrival_time": ("arrival time", "heure d'arrivée"),
    "flight.departure_at": ("departure time", "heure de départ"),
    "flight.arrival_at": ("arrival time", "heure d'arrivée"),
}


@dataclass(frozen=True)
class Reason:
    """One reason: `log_odds` is what it adds to the priority, 0 for what only explains."""

    code: str
    en: str
    fr: str
    log_odds: float = 0.0


def lookout_code(source: str, entry_id: str, *, owner: bool = False) -> str:
    """Code of the reason that a match with this lookout is, `owner`: one that is only told to its owner. No source holds a
    colon, so it names one lookout."""
    return f"{'notify' if owner else 'lookout'}:{source}:{entry_id}"


def lookout(
    entry_id: str, source: str, action: str, probability: float, evidence: Sequence[Mapping[str, Any]], holds: bool
) -> Reason:
    """A match that acts. Its evidence adds up to the match's log-odds, not to the priority."""
    owner = action == "notify_owner"
    sums: dict[str, float] = {}
    for item in evidence:
        field = item["field"].partition("_")[0]  # name_unmatched and the like are part of the name's evidence
        sums[field] = sums.get(field, 0.0) + item["log_odds"]
    en = ", ".join(f"{_label(field)[0]} {_signed(log_odds)}" for field, log_odds in sums.items())
    fr = ", ".join(f"{_label(field)[1]} {_comma(_signed(log_odds))}" for field, log_odds in sums.items())
    action_en, action_fr = ACTIONS[action]
    percent = _percent(probability)
    return Reason(
        lookout_code(source, entry_id, owner=owner),
        f"Possible match with lookout {entry_id} of list {source} ({action_en}), probability {percent}. Evidence: {en}."
        + (" Boarding waits for an officer's decision." if holds else "")
        + (" Noted for its owner; this alone is no referral." if owner else ""),
        f"Correspondance possible avec le signalement {entry_id} de la liste {source} ({action_fr}), probabilité "
        f"{_comma(percent)}. Éléments : {fr}."
        + (" L'embarquement attend la décision d'un agent." if holds else "")
        + (" Consigné pour son propriétaire ; cela seul n'est pas un renvoi." if owner else ""),
    )


def lost_document(tag: int, number: int, known: Sequence[str], authority: str, issuer_agrees: bool) -> Reason:
    """A document on the list of those lost or stolen: the traveller's `number`-th, with what the list knows of its type
    and issuer. The tag tells it from others without giving its number."""
    kind = f" ({', '.join(known)})" if known else ""
    return Reason(
        f"lost_document:{tag:03x}",
        f"Document {number}{kind} was reported lost or stolen to {authority}. Confirm with the issuer: it may have been found "
        "again, or renewed under the same number. By itself this stops nobody."
        + ("" if issuer_agrees else " The issuer was not compared: it may be another State's document with this number."),
        f"Le document {number}{kind} a été déclaré perdu ou volé auprès de {authority}. Confirmer auprès de l'émetteur : il a "
        "pu être retrouvé, ou renouvelé sous le même numéro. À elle seule, cette déclaration ne retient personne."
        + ("" if issuer_agrees else " L'émetteur n'a pas été comparé : il peut s'agir du document d'un autre État."),
    )


def scenario(
    scenario_id: str, title: tuple[str, str], observed: Sequence[tuple[str, str, str]], weight: float, protection: bool
) -> Reason:
    """A scenario hit. `observed`: label in English, in French, and value of each feature it read."""
    en = "; ".join(f"{label}: {value}" for label, _, value in observed)
    fr = "; ".join(f"{label} : {value}" for _, label, value in observed)
    if protection:
        start_en, start_fr = "This person may need help", "Cette personne a peut-être besoin d'aide"
    else:
        start_en, start_fr = "Scenario", "Scénario"
    return Reason(
        f"scenario:{scenario_id}",
        f"{start_en}: {title[0]} (weight {_signed(weight)})." + (f" Observed: {en}." if en else ""),
        f"{start_fr} : {title[1]} (poids {_comma(_signed(weight))})." + (f" Constaté : {fr}." if fr else ""),
        weight,
    )


def set_aside(scenario_id: str) -> Reason:
    """An enforcement scenario on a protection case: kept, in neutral words, and without weight."""
    return Reason(
        f"scenario:{scenario_id}",
        f"Indicator {scenario_id} is also on record. It does not count towards this person's priority.",
        f"L'indicateur {scenario_id} figure aussi au dossier. Il ne compte pas dans la priorité de cette personne.",
    )


def model(log_odds: float, risk: float, refers: bool) -> Reason:
    """The model's addend, for every traveller whom it may score."""
    percent = _percent(risk)
    return Reason(
        "model",
        f"Model: {percent} risk of a finding if examined" + (", at or over the threshold for a referral." if refers else "."),
        f"Modèle : risque de {_comma(percent)} d'une constatation en cas d'examen"
        + (", égal ou supérieur au seuil de renvoi." if refers else "."),
        log_odds,
    )


def base(log_odds: float, probability: float) -> Reason:
    """The addend in place of the model's: the rate of findings among all travellers."""
    percent = _percent(probability)
    return Reason(
        "base",
        f"Base: {percent} of all travellers; the model does not count here.",
        f"Base : {_comma(percent)} de l'ensemble des voyageurs ; le modèle ne compte pas ici.",
        log_odds,
    )


CONTROL = Reason(
    "control",
    "Drawn by lot for the control sample. Nothing is held against this person.",
    "Choix par tirage au sort pour l'échantillon de contrôle. Rien n'est retenu contre cette personne.",
)


# By finding of `scoring.frames.REDRESS`: those that an officer looks at.
REDRESS = {
    "differs": Reason(
        "redress:differs",
        "The redress number was given to someone else: name, date of birth or document differ from its record.",
        "Le numéro de recours a été attribué à une autre personne : le nom, la date de naissance ou le document diffère de "
        "son dossier.",
    ),
    "unknown": Reason(
        "redress:unknown",
        "The redress number is not on record. It may be another State's, or mistyped.",
        "Le numéro de recours ne figure pas au dossier. Il peut être celui d'un autre État, ou mal saisi.",
    ),
}


def missing(field: str) -> Reason:
    """A field without which nobody is cleared was not sent."""
    en, fr = FIELDS[field]
    return Reason(
        f"missing:{field}", f"Not given: {en}. The carrier is asked for it.", f"Non fourni : {fr}. Demandé au transporteur."
    )


def unreadable(field: str) -> Reason:
    """A field without which nobody is cleared was sent and could not be read."""
    en, fr = FIELDS[field]
    return Reason(
        f"unreadable:{field}",
        f"Not readable: {en}. The carrier is asked to correct it.",
        f"Illisible : {fr}. Correction demandée au transporteur.",
    )


def _label(field: str) -> tuple[str, str]:
    """What to call a field of the match evidence; a field of a later matcher goes by its own name."""
    return FIELDS.get(field, (field, field))


def _percent(probability: float) -> str:
    return "over 99.9 %" if probability > 0.999 else f"{100 * probability:.2g} %"


def _signed(log_odds: float) -> str:
    return f"{log_odds:+.1f}"


def _comma(figure: str) -> str:
    """The figure as French writes it."""
    return figure.replace("over", "plus de").replace(".", ",")
