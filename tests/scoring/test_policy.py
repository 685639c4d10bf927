import hashlib
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from manifests.errors import InputError
from policies import FOLDER
from scoring.policy import Policy, PolicyError, load, parse

NAMES = ["demo", "standard", "ca", "eu"]
STANDARD = (FOLDER / "standard.yaml").read_text()


def faults(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        parse(text.encode(), "mine.yaml")
    return caught.value.faults


@pytest.mark.parametrize("name", NAMES)
def test_shipped_policies_load(name: str) -> None:
    policy = load(name)
    assert policy.id == name
    assert policy == load(FOLDER / f"{name}.yaml") == parse(policy.canonical(), "canonical")
    assert policy.hash == hashlib.sha256(policy.canonical()).hexdigest()
    assert json.loads(policy.canonical())["id"] == name


def test_each_shipped_policy_has_a_hash_of_its_own() -> None:
    assert len({load(name).hash for name in NAMES}) == len(NAMES)


def test_layout_and_comments_do_not_change_the_hash() -> None:
    assert parse(f"# a comment\n{STANDARD}\n\n".encode(), "x").hash == load("standard").hash
    assert (
        parse(STANDARD.replace("floor_probability: 0.01", "floor_probability: 1e-2").encode(), "x").hash == load("standard").hash
    )
    assert (
        parse(STANDARD.replace("floor_probability: 0.01", "floor_probability: 0.02").encode(), "x").hash != load("standard").hash
    )


@pytest.mark.parametrize("name", NAMES)
def test_no_shipped_policy_holds_anyone(name: str) -> None:
    assert load(name).hold.lists == ()


@pytest.mark.parametrize("name", ["standard", "ca", "eu"])
def test_simulated_and_example_parts_act_in_demo_only(name: str) -> None:
    assert load("demo").origins == ("simulated", "example", "operational")
    assert load(name).origins == ("operational",)


def test_the_models_role() -> None:
    assert {name: load(name).model_role for name in NAMES} == {
        "demo": "refer",
        "standard": "refer",
        "ca": "prioritise",
        "eu": "prioritise",
    }


def test_in_canada_who_enters_by_right_gets_no_immigration_basis() -> None:
    policy = load("ca")
    assert policy.pnr_purposes_required
    assert [basis.code for basis in policy.bases_for("CAN", False)] == ["SATA-DIRECTION"]
    assert [basis.code for basis in policy.bases_for("PRT", True)] == ["SATA-DIRECTION"]
    assert any(basis.immigration for basis in policy.bases_for("PRT", False))
    assert any(basis.immigration for basis in policy.bases_for(None, False))


def test_a_second_officer_by_policy_or_by_basis() -> None:
    demo = load("demo")
    assert not demo.needs_second_officer("NO-VALID-DOCUMENT")
    assert demo.needs_second_officer("SECURITY-DIRECTION")
    assert load("standard").needs_second_officer("NO-VALID-DOCUMENT")
    with pytest.raises(KeyError):
        demo.needs_second_officer("NONE")


def test_paths_of_pack_and_model(make: SimpleNamespace, tmp_path: Path) -> None:
    policy = make.policy(pack="packs/mine.yaml", model="models/mine")
    assert policy.pack_path() == FOLDER / "packs" / "mine.yaml"
    assert policy.model_path(tmp_path) == tmp_path / "models" / "mine"
    assert make.policy(pack=str(tmp_path)).pack_path() == tmp_path
    assert make.policy(pack=None).pack_path() is None
    assert make.policy(model=None).model_path(tmp_path) is None


def test_a_policy_cannot_be_changed() -> None:
    policy = load("standard")
    with pytest.raises(ValidationError):
        policy.id = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        policy.carrier_codes["HOLD"] = "1Z"  # type: ignore[index]
    with pytest.raises(TypeError):
        policy.prior_per_million["default"] = 1.0  # type: ignore[index]


REFUSED: dict[str, tuple[str, str, str]] = {
    "simulated parts": ("origins: [operational]", "origins: [simulated]", "in the policy demo only: write origins: [oper"),
    "no origin": ("origins: [operational]", "origins: []", "origins is empty: write"),
    "unknown origin": ("origins: [operational]", "origins: [operationl]", "origins[0] 'operationl' is not valid"),
    "misspelt role": ("model_role: refer", "model_role: reffer", "did you mean refer?"),
    "misspelt key": ("model_role:", "model_rol:", "model_rol is not a key: did you mean model_role?"),
    "missing key": ("match_floor: 9", "", "match_floor is missing"),
    "key of nothing": ("match_floor: 9", "xyzzy: 9", "xyzzy is not a key: use one of id, title"),
    "misspelt inner key": ("decide_by_minutes", "decide_minutes", "hold.decide_minutes is not a key: did you mean decide_by"),
    "control under the floor": ("rate: 0.0005", "rate: 0.0004", "control_sample_rate 0.0004 is not valid"),
    "true is no number": ("rate: 0.0005", "rate: true", "control_sample_rate True is not valid"),
    "text is no number": ("match_floor: 9", "match_floor: '9'", "match_floor '9' is not valid"),
    "not finite": ("match_floor: 9", "match_floor: .nan", "match_floor"),
    "no default prior": ("{default: 10,", "{ofac: 10,", "has no key default"),
    "prior of nobody": ("{default: 10,", "{default: 0,", "prior_per_million.default 0 is not valid"),
    "certain": ("notify_owner: 0.02", "notify_owner: 1", "lookout_bounds.notify_owner 1 is not valid"),
    "hold code": ("HOLD: 3Z", "HOLD: 1Z", "HOLD: 1Z: only DO_NOT_BOARD may use it: give HOLD a code of its own"),
    "own refusal code": ("DO_NOT_BOARD: 1Z, HOLD: 3Z", "DO_NOT_BOARD: 9Z, HOLD: 9Z", "HOLD: 9Z: only DO_NOT_BOARD may use it"),
    "1Z elsewhere": ("DO_NOT_BOARD: 1Z, HOLD: 3Z", "DO_NOT_BOARD: 9Z, HOLD: 1Z", "HOLD: 1Z: means do not board"),
    "silent board": ("NOT_SCREENED: 5Z", "NOT_SCREENED: 0Z", "NOT_SCREENED: 0Z: only BOARD may use it"),
    "unmapped": (", NOT_SCREENED: 5Z", "", "NOT_SCREENED: no code: give the ERC code"),
    "unknown directive": ("NOT_SCREENED: 5Z", "NOT_SCREEND: 5Z", "NOT_SCREEND"),
    "hold without telephone": ("lists: []", "lists: [un]", "names lists (un) but not who answers for a hold: give telephone"),
    "unknown field": ("missing: [name", "missing: [nam", "insufficient_when.missing[0] 'nam' is not a field: did you mean name?"),
    "flight unreadable": ("unreadable: [dob", "unreadable: [flight.number", "is not a field of traveller or document"),
    "basis twice": ("code: SECURITY-DIRECTION", "code: NO-VALID-DOCUMENT", "legal_bases has NO-VALID-DOCUMENT twice"),
    "no basis for citizens": (
        "immigration: false\n    second_officer: true\n# Nationalities that enter by right: never offered a basis with "
        "immigration: true. Name your own.\nright_of_entry: []",
        "immigration: true\n    second_officer: true\nright_of_entry: [CAN]",
        "legal_bases has none for those who enter by right",
    ),
    "no French": ("fr: Standard", "fr: ''", "title.fr '' is not valid"),
    "key twice": ("match_floor: 9", "match_floor: 9\nmatch_floor: 1", "key match_floor stands twice"),
    "alias": ("match_floor: 9", "match_floor: &x 9\nother: *x", "aliases are not read"),
    "no YAML": ("match_floor: 9", "match_floor: [9", "is not valid YAML"),
    "hold easier than a referral": ("  probability: 0.8", "  probability: 0.01", "hold.probability 0.01 is under"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    old, new, message = REFUSED[case]
    assert STANDARD.count(old) == 1
    found = faults(STANDARD.replace(old, new))
    assert any(message in fault for fault in found), found
    assert all(fault.startswith("policy mine.yaml: ") for fault in found)


def test_resend_codes_may_be_shared() -> None:
    assert parse(STANDARD.replace("HOLD: 3Z", "HOLD: 4Z").encode(), "x").carrier_codes["HOLD"] == "4Z"


def test_all_faults_at_once() -> None:
    text = STANDARD
    for case in ("misspelt key", "misspelt inner key", "control under the floor", "hold code", "unknown field", "no French"):
        text = text.replace(*REFUSED[case][:2])
    found = faults(text)
    assert len(found) == 8
    for place in (
        "model_rol ",
        "model_role ",
        "hold.decide_minutes",
        "hold.decide_by_minutes",
        "control_sample_rate",
        "title.fr",
    ):
        assert any(f": {place}" in fault for fault in found), found
    assert any(": insufficient_when.missing[0]" in fault for fault in found)
    assert any(": carrier_codes HOLD: " in fault for fault in found)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("standrd", "did you mean standard?"),
        ("nowhere/mine.yaml", "one of ca, demo, eu, standard"),
        (str(FOLDER), "cannot be read"),
    ],
)
def test_no_such_policy(name: str, message: str) -> None:
    with pytest.raises(PolicyError, match=r"cannot be read") as caught:
        load(name)
    assert message in str(caught.value)


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_content_is_a_policy_or_a_policy_error(content: bytes) -> None:
    with pytest.raises(InputError):
        parse(content, "x")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(key=st.sampled_from(sorted(Policy.model_fields)), value=values)
def test_any_value_of_a_key_is_taken_or_told(key: str, value: Any) -> None:
    data = {**json.loads(load("standard").canonical()), key: value}
    try:
        policy = parse(json.dumps(data).encode(), "x")
    except PolicyError:
        return
    assert parse(policy.canonical(), "x").hash == policy.hash
