import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manifests import frames
from manifests.errors import InputError
from manifests.json_format import from_json, to_json

FORM: dict[str, Any] = {
    "flights": [
        {
            "carrier": "UA",
            "number": "989",
            "departure": "FRA",
            "arrival": "IAD",
            "departure_time": "2017-01-27T17:25",
            "arrival_time": "2017-01-28T07:10",
            "travellers": [
                {
                    "ref": "P0001",
                    "role": "crew",
                    "surname": "Doe",
                    "given": "Jané Pat",
                    "sex": "F",
                    "dob": "1978-07-06",
                    "nationality": "GBR",
                    "birthplace": "Łódź",
                    "redress": "CTN1",
                    "documents": [{"type": "P", "number": "123456789", "issuer": "GBR", "expiry": "2061-02-18"}],
                    "record_locator": None,
                },
                {
                    "ref": "P0002",
                    "role": "passenger",
                    "surname": "毛",
                    "given": None,
                    "sex": None,
                    "dob": None,
                    "nationality": None,
                    "birthplace": None,
                    "redress": None,
                    "documents": [],
                    "record_locator": "ABC123",
                },
            ],
        }
    ],
    "faults": [{"where": "segment 3 (UNT)", "value": "7", "problem": "there are 8 segments: send that count"}],
}


def read(form: object) -> dict[str, Any]:
    manifest = from_json(json.dumps(form).encode())
    frames.check(manifest)
    return to_json(manifest)


def changed(**fields: object) -> dict[str, Any]:
    """FORM without faults and with one traveller, whose fields are changed."""
    form: dict[str, Any] = json.loads(json.dumps(FORM))
    form["faults"] = []
    form["flights"][0]["travellers"] = [form["flights"][0]["travellers"][0] | fields]
    return form


def test_the_canonical_form_is_read_and_written_unchanged() -> None:
    assert read(FORM) == FORM
    assert list(read(FORM)["flights"][0]["travellers"][0]) == list(FORM["flights"][0]["travellers"][0])


def test_a_byte_order_mark_and_absent_fields_are_fine() -> None:
    manifest = from_json(b'\xef\xbb\xbf{"flights":[]}')
    assert manifest.flights.is_empty()
    assert manifest.faults.is_empty()


@pytest.mark.parametrize(
    ("fields", "where", "problem"),
    [
        ({"dob": "2019-02-30"}, "flights[0].travellers[0].dob", "not a date"),
        ({"dob": 19780706}, "flights[0].travellers[0].dob", "a number: send text or null"),
        ({"surnme": "X"}, "flights[0].travellers[0].surnme", "did you mean surname?"),
        ({"meal": "KSML"}, "flights[0].travellers[0].?", "not a field of this form, not read"),
        ({"documents": {}}, "flights[0].travellers[0].documents", "an object, not read: send a list"),
        ({"documents": ["P"]}, "flights[0].travellers[0].documents[0]", "not an object"),
        (
            {"documents": [{"number": "1"}, {"number": "2", "issuer": "Q"}]},
            "flights[0].travellers[0].documents[1].issuer",
            "country",
        ),
        ({"given": True}, "flights[0].travellers[0].given", "true or false: send text"),
    ],
)
def test_faults_name_their_path(fields: dict[str, object], where: str, problem: str) -> None:
    (fault,) = read(changed(**fields))["faults"]
    assert fault["where"] == where
    assert problem in fault["problem"]
    manifest = from_json(json.dumps(changed(**fields)).encode())
    assert manifest.faults["traveller"].to_list() == [0]
    assert manifest.travellers["ref"].to_list() == ["P0001"]


def test_what_stands_outside_the_form_is_not_repeated() -> None:
    for fields in ({"KSML": "x"}, {"meal": "KSML"}, {"documents": "KSML"}, {"documents": ["KSML"]}, {"given": {"meal": "KSML"}}):
        assert "KSML" not in json.dumps(read(changed(**fields)))


def test_what_was_read_from_a_pnr_stays_pnr() -> None:
    form = changed() | {"law": "PNR"}
    assert from_json(json.dumps(form).encode()).travellers["law"].unique().to_list() == ["PNR"]
    assert read(form)["law"] == "PNR"
    assert "law" not in read(form | {"law": "API"})
    assert [fault["where"] for fault in read(form | {"law": "pnr"})["faults"]] == ["law"]


def test_paths_stay_true_after_something_that_is_not_read() -> None:
    form = changed()
    form["flights"][0]["travellers"].insert(0, "nobody")
    form["flights"][0]["travellers"].append({"ref": "2", "surname": "Roe", "sex": "?"})
    assert [fault["where"] for fault in read(form)["faults"]] == ["flights[0].travellers[0]", "flights[0].travellers[2].sex"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b'{"flights": [\n  {"carrier": }]}', "line 2, column 15: not JSON"),
        (b"[]", "flights: not given as a list"),
        (b'{"flights": {}}', "flights: not given as a list"),
        (b'{"flights"', "line 1, column"),
        (b'{"flights": ["\xff"]}', "not JSON"),
        (b'{"flights": ["\\ud800"]}', "not JSON"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_canonical_json(text: bytes, problem: str) -> None:
    with pytest.raises(InputError) as raised:
        from_json(text)
    assert problem in str(raised.value)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["flights", "travellers", "documents", "faults", "ref", "surname", "dob", "number", "where", "x"]),
            inner,
        ),
    ),
    max_leaves=20,
)


@settings(deadline=None)  # the first example loads the code lists
@given(st.one_of(st.binary(max_size=60), values.map(lambda value: json.dumps({"flights": [value]}).encode())))
def test_any_bytes_give_a_manifest_or_an_input_error(text: bytes) -> None:
    try:
        manifest = from_json(text)
    except InputError:
        return
    frames.check(manifest)
    again = from_json(json.dumps(to_json(manifest)).encode())
    assert again.travellers.equals(manifest.travellers)
