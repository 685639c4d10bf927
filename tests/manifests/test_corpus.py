"""Messages in every dialect seen so far, and hostile ones that once mattered: what is read from each stands in expected.json.

`python -m tests.manifests.test_corpus` writes that file anew, for its diff to be read.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from manifests import frames, paxlst
from manifests.errors import InputError

CORPUS = Path(__file__).parent / "corpus"
EXPECTED = CORPUS / "expected.json"
FILES = sorted(file.name for file in CORPUS.iterdir() if file.suffix in (".edi", ".eml"))
_TRAVELLER = (
    *("ref", "role", "surname", "given", "nationality", "residence", "embarkation", "debarkation", "clearance"),
    *("bags", "bag_tags", "bag_weight"),
)


def outcome(message: bytes) -> dict[str, Any]:
    try:
        read = paxlst.read(message)
    except InputError as error:
        return {"error": error.faults}
    frames.check(read.manifest)
    manifest = read.manifest
    return {
        "functions": [str(header.function) for header in read.headers],
        "flights": manifest.flights.select("carrier", "number", "departure", "arrival").rows(),
        "legs": manifest.legs.select("flight", "sequence", "number", "departure", "arrival").rows(),
        "travellers": [
            {name: value for name, value in row.items() if value is not None}
            for row in manifest.travellers.select(_TRAVELLER).to_dicts()
        ],
        "documents": manifest.documents.select("traveller", "type", "number", "issuer").rows(),
        "faults": [": ".join(fault) for fault in manifest.faults.select("where", "value", "problem").rows()],
        "passed_over": dict(read.passed_over),
    }


@pytest.mark.parametrize("name", FILES)
def test_each_message_of_the_corpus_is_read_as_before(name: str) -> None:
    found = json.loads(json.dumps(outcome((CORPUS / name).read_bytes())))
    assert found == json.loads(EXPECTED.read_text("utf-8"))[name]


def test_the_same_message_in_another_dialect_is_the_same() -> None:
    expected = json.loads(EXPECTED.read_text("utf-8"))
    same = (
        "una_without_reserved",
        "una_broken_by_line_ends",
        "una_wrong",
        "teletype",
        "blocks_with_controls",
        "terminator_line_end",
    )
    for name in (*(f"{name}.edi" for name in same), "email_base64.eml"):
        for part in ("functions", "flights", "travellers", "documents", "passed_over"):
            assert expected[name][part] == expected["plain.edi"][part], name


if __name__ == "__main__":
    found = {name: outcome((CORPUS / name).read_bytes()) for name in FILES}
    EXPECTED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", "utf-8")
