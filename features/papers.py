"""Base columns of the travel documents, per traveller. A visa is a document, but no travel document."""

from dataclasses import dataclass

import numpy as np

from features.numbers import NAN, Floats, Rows, days, distinct, gather, group, pick, positions
from manifests.frames import Manifest

NUMBERS = ("documents", "travel_documents", "expiry_day", "issuers", "same_document_on_flight")
CODES = ("first_document_type", "document_issuer")


@dataclass(frozen=True)
class Papers:
    numbers: dict[str, Floats]  # NUMBERS
    codes: dict[str, list[str | None]]  # CODES


def papers(manifest: Manifest, flight: Rows) -> Papers:
    """NUMBERS and CODES, one value per traveller; `flight` is each traveller's position in the flights."""
    documents, travellers = manifest.documents, manifest.travellers.height
    owner = positions(manifest.travellers["traveller"], documents["traveller"])
    types, issuers = documents["type"].to_list(), documents["issuer"].to_list()
    travel = np.array([kind is not None and kind != "V" for kind in types], np.bool_)
    # The first travel document of each: written last to first, so that the first stays.
    first = np.full(travellers, -1, np.intp)
    rows = np.flatnonzero(travel)[::-1]
    first[owner[rows]] = rows

    issuer_known = travel & documents["issuer"].is_not_null().to_numpy()
    issuer_count = distinct(owner[issuer_known], documents["issuer"].hash().to_numpy()[issuer_known], travellers)
    return Papers(
        {
            "documents": np.bincount(owner, minlength=travellers).astype(np.float64),
            "travel_documents": np.bincount(owner[travel], minlength=travellers).astype(np.float64),
            "expiry_day": gather(days(documents["expiry"]), first),
            "issuers": np.where(issuer_count > 0, issuer_count, NAN),
            "same_document_on_flight": _shared(manifest, owner, flight),
        },
        {"first_document_type": pick(types, first), "document_issuer": pick(issuers, first)},
    )


def _shared(manifest: Manifest, owner: Rows, flight: Rows) -> Floats:
    """Others on the flight who present a document of the same issuer and number; NaN without a number."""
    out = np.full(len(flight), NAN)
    numbered = manifest.documents["number"].is_not_null().to_numpy()
    if not numbered.any():
        return out
    holder = owner[numbered]
    same = manifest.documents.select("issuer", "number").hash_rows().to_numpy()[numbered]
    number, groups = group(same, flight[holder])
    others = distinct(number, holder, groups)[number] - 1
    np.fmax.at(out, holder, others)
    return out
