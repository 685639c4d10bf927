"""Base columns of the travel documents, per traveller. A visa is a document, but no travel document."""

from dataclasses import dataclass

import numpy as np

from features.numbers import NAN, Floats, Rows, codes, days, distinct, gather, group, pick, positions, texts
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
    types, issuers = texts(documents["type"]), texts(documents["issuer"])
    issuer = codes(issuers)
    travel = np.array([kind is not None and kind != "V" for kind in types], np.bool_)
    # The first travel document of each: written last to first, so that the first stays.
    first = np.full(travellers, -1, np.intp)
    rows = np.flatnonzero(travel)[::-1]
    first[owner[rows]] = rows

    issuer_known = travel & (issuer >= 0)
    issuer_count = distinct(owner[issuer_known], issuer[issuer_known], travellers)
    return Papers(
        {
            "documents": np.bincount(owner, minlength=travellers).astype(np.float64),
            "travel_documents": np.bincount(owner[travel], minlength=travellers).astype(np.float64),
            "expiry_day": gather(days(documents["expiry"]), first),
            "issuers": np.where(issuer_count > 0, issuer_count, NAN),
            "same_document_on_flight": _shared(codes(texts(documents["number"])), issuer, owner, flight),
        },
        {"first_document_type": pick(types, first), "document_issuer": pick(issuers, first)},
    )


def _shared(number: Rows, issuer: Rows, owner: Rows, flight: Rows) -> Floats:
    """Others on the flight who present a document of the same issuer and number; NaN without a number."""
    out = np.full(len(flight), NAN)
    numbered = number >= 0
    holder = owner[numbered]
    same, groups = group(number[numbered], issuer[numbered], flight[holder])
    np.fmax.at(out, holder, distinct(same, holder, groups)[same] - 1)
    return out
