"""Policies: what the engine may do, where the bounds lie and in whose name, as versioned data.

A policy is one YAML file with every key present: a bound that someone forgot must not be a default that nobody
chose. docs/policy.md explains each key. Its content hash names it in every decision.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, get_args

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from manifests.cusres import check_codes
from manifests.errors import InputError
from manifests.frames import DTYPES
from policies import FOLDER

Origin = Literal["simulated", "example", "operational"]
Source = Literal["watchlists", "scenarios", "model"]
Directive = Literal["BOARD", "HOLD", "DO_NOT_BOARD", "INSUFFICIENT_DATA", "NOT_SCREENED"]
Probability = Annotated[float, Field(gt=0, lt=1)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

NO_BREAK = "\u00a0\u202f"  # spaces of French typography
# A control sample below 1 in 2,000 cannot tell what is missed.
CONTROL_FLOOR = 1 / 2000
# Fields that can be at fault. `name` is surname and given name together: a person may have only one of them.
_KEYS = {"traveller", "flight", "booking", "law"}
TRAVELLER_FIELDS = ("name", *(name for name in DTYPES["travellers"].names() if name not in _KEYS))
DOCUMENT_FIELDS = tuple(f"document.{name}" for name in DTYPES["documents"].names() if name not in _KEYS)
FLIGHT_FIELDS = tuple(f"flight.{name}" for name in DTYPES["flights"].names() if name != "flight")


class PolicyError(InputError):
    """A policy that cannot be used: each fault names the key, its value and how to mend it."""


def _refuse(problem: str, fix: str) -> PydanticCustomError:
    return PydanticCustomError("policy", "{problem}: {fix}", {"problem": problem, "fix": fix})


def _printable(text: str) -> str:
    if unprintable := [character for character in text if not character.isprintable() and character not in NO_BREAK]:
        raise _refuse(f"has the character U+{ord(unprintable[0]):04X}", "remove what cannot be seen")
    return text


def _one_of(allowed: tuple[str, ...], what: str) -> AfterValidator:
    def check(value: str) -> str:
        if value not in allowed:
            raise _refuse(f"is not {what}", _suggest(value, allowed))
        return value

    return AfterValidator(check)


def _has_default(prior: Mapping[str, float]) -> Mapping[str, float]:
    if "default" not in prior:
        raise _refuse("has no key default", "add default, the prior of lists that are not named")
    return MappingProxyType(dict(prior))


def _carrier_codes(codes: Mapping[Directive, str]) -> Mapping[Directive, str]:
    try:
        check_codes({str(directive): code for directive, code in codes.items()})
    except InputError as error:
        faults = "; ".join(fault.removeprefix("codes.") for fault in error.faults)
        raise PydanticCustomError("policy", "{faults}", {"faults": faults}) from None
    return MappingProxyType(dict(codes))


Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_printable)]
Prior = Annotated[
    Mapping[Text, Annotated[float, Field(gt=0, lt=1e6)]], AfterValidator(_has_default), PlainSerializer(lambda prior: dict(prior))
]
CarrierCodes = Annotated[
    Mapping[Directive, Annotated[str, Field(pattern=r"^[0-9A-Z]{1,3}$")]],
    AfterValidator(_carrier_codes),
    PlainSerializer(lambda codes: dict(codes)),
]
MissingField = Annotated[str, _one_of((*TRAVELLER_FIELDS, *DOCUMENT_FIELDS, *FLIGHT_FIELDS), "a field")]
UnreadableField = Annotated[str, _one_of((*TRAVELLER_FIELDS[1:], *DOCUMENT_FIELDS), "a field of traveller or document")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Bilingual(_Part):
    """A text in both official languages."""

    en: Text
    fr: Text


class LookoutBounds(_Part):
    """Probability of identity over which a match acts, by the lookout's action."""

    stop_before_boarding: Probability
    examine_on_arrival: Probability
    arrest_on_arrival: Probability
    notify_owner: Probability


class Hold(_Part):
    """When the engine may ask a carrier to wait, and what makes sure that the wait ends."""

    lists: tuple[Text, ...]
    probability: Probability
    decide_by_minutes: Annotated[int, Field(ge=1, le=24 * 60)]
    telephone: Annotated[str, Field(pattern=r"^\+[0-9][0-9 ()-]{5,30}$")] | None
    escalation: tuple[Literal["post", "targeting_centre"], ...]
    contingency: Literal["board_and_refer_on_arrival"]

    @model_validator(mode="after")
    def _answerable(self) -> Self:
        if self.lists and (self.telephone is None or self.escalation != ("post", "targeting_centre")):
            raise _refuse(
                f"names lists ({', '.join(self.lists)}) but not who answers for a hold",
                "give telephone and escalation: [post, targeting_centre], or leave lists empty",
            )
        return self


class InsufficientWhen(_Part):
    """Fields without which a traveller is not cleared: absent, or sent but not readable."""

    missing: tuple[MissingField, ...]
    unreadable: tuple[UnreadableField, ...]


class LegalBasis(_Part):
    """A ground on which an officer may say DO_NOT_BOARD."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9_.-]{1,39}$")]
    en: Text
    fr: Text
    ground: Text
    immigration: bool
    second_officer: bool


class Policy(_Part):
    """A policy, immutable; the meaning of each key stands in docs/policy.md."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    title: Bilingual
    origins: tuple[Origin, ...]
    pack: Text | None
    model: Text | None
    model_role: Literal["refer", "prioritise"]
    alert_budget_per_1000: Annotated[float, Field(gt=0, le=100)]
    floor_probability: Probability
    base_probability: Probability
    control_sample_rate: Annotated[float, Field(ge=CONTROL_FLOOR, le=0.1)]
    prior_per_million: Prior
    match_floor: Annotated[float, Field(ge=0, le=50)]
    lookout_bounds: LookoutBounds
    hold: Hold
    insufficient_when: InsufficientWhen
    answer_without: tuple[Source, ...]
    legal_bases: Annotated[tuple[LegalBasis, ...], Field(min_length=1)]
    right_of_entry: tuple[Country, ...]
    second_officer: bool
    clearance_days: Annotated[int, Field(ge=1, le=3650)]
    carrier_codes: CarrierCodes
    pnr_purposes_required: bool

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not self.origins:
            raise _refuse("origins is empty", "write origins: [operational]")
        if self.id != "demo" and set(self.origins) != {"operational"}:
            raise _refuse(f"origins {list(self.origins)} may act in the policy demo only", "write origins: [operational]")
        if self.hold.probability < self.lookout_bounds.stop_before_boarding:
            raise _refuse(
                f"hold.probability {self.hold.probability} is under lookout_bounds.stop_before_boarding",
                "a hold needs more evidence than a referral: raise it",
            )
        codes = [basis.code for basis in self.legal_bases]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise _refuse(f"legal_bases has {', '.join(twice)} twice", "give each basis its own code")
        if self.right_of_entry and all(basis.immigration for basis in self.legal_bases):
            raise _refuse("legal_bases has none for those who enter by right", "add one with immigration: false")
        return self

    def canonical(self) -> bytes:
        """Canonical JSON (sorted keys, no white space, UTF-8): what the hash covers; `parse` reads it back."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON, hexadecimal: comments and layout of the file do not change it."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def pack_path(self) -> Path | None:
        """The scenario pack: absolute, or relative to the folder of the shipped policies."""
        return FOLDER / self.pack if self.pack else None

    def model_path(self, state: Path) -> Path | None:
        """Folder of the model artefact: absolute, or relative to the state folder, where models are kept."""
        return state / self.model if self.model else None

    @property
    def model_budget(self) -> float | None:
        """The alert budget where the model may refer, None where it only orders the queue."""
        return self.alert_budget_per_1000 if self.model_role == "refer" else None

    def bases_for(self, nationality: str | None, claims_right_of_entry: bool) -> tuple[LegalBasis, ...]:
        """Legal bases an officer may choose from for this person.

        Who enters by right, or says so, is never offered an immigration basis: Charter s. 6 for citizens of Canada.
        """
        by_right = claims_right_of_entry or nationality in self.right_of_entry
        return tuple(basis for basis in self.legal_bases if not (by_right and basis.immigration))

    def needs_second_officer(self, code: str) -> bool:
        """Whether DO_NOT_BOARD on this legal basis takes effect only when a second officer agrees. Unknown code: KeyError."""
        bases = {basis.code: basis for basis in self.legal_bases}
        return self.second_officer or bases[code].second_officer


def load(name_or_path: str | Path) -> Policy:
    """A shipped profile by name (demo, standard, ca, eu) or a YAML file by path. Raises PolicyError."""
    path = Path(name_or_path)
    shipped = {file.stem: file for file in sorted(FOLDER.glob("*.yaml"))}
    if not path.suffix and str(name_or_path) in shipped:
        path = shipped[str(name_or_path)]
    try:
        content = path.read_bytes()
    except OSError as error:
        fix = f"give the path of a YAML file or one of {', '.join(shipped)}{_did_you_mean(str(name_or_path), tuple(shipped))}"
        raise PolicyError(f"policy {name_or_path}: cannot be read ({error.strerror}): {fix}") from None
    return parse(content, str(name_or_path))


def parse(content: bytes, where: str) -> Policy:
    """A policy from YAML or canonical JSON; `where` names the source in messages. Raises PolicyError with all faults."""
    try:
        data = yaml.load(content.decode("utf-8-sig"), Loader=_UniqueKeys)
    except UnicodeDecodeError as error:
        raise PolicyError(f"policy {where}: byte {error.start} is not UTF-8: save the file as UTF-8") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PolicyError(f"policy {where}: is not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict):
        raise PolicyError(f"policy {where}: is not a mapping of keys to values: start from a copy of policies/standard.yaml")
    try:
        # By way of JSON: lists become tuples, and nothing else is converted silently (true is no number).
        return Policy.model_validate_json(json.dumps(data, default=str))
    except ValidationError as error:
        faults = [_fault(where, details) for details in error.errors(include_url=False)]
        raise PolicyError(faults) from None


class _UniqueKeys(yaml.SafeLoader):
    """YAML without the trap that a repeated key silently replaces the first, and without aliases that multiply."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1:
                raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: key {key} stands twice, remove one")
        return super().construct_mapping(node, deep)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            line: int = self.peek_event().start_mark.line + 1  # type: ignore[no-untyped-call]
            raise yaml.YAMLError(f"line {line}: aliases are not read, write the value out")
        return super().compose_node(parent, index)


# YAML 1.1 reads 4e-05 as text; YAML 1.2 and canonical JSON mean a number.
_UniqueKeys.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def _fault(where: str, details: ErrorDetails) -> str:
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in details["loc"]).lstrip(".")
    kind, value = details["type"], details["input"]
    prefix = f"policy {where}: {place} " if place else f"policy {where}: "
    if kind == "extra_forbidden":
        return f"{prefix}is not a key: {_suggest(str(details['loc'][-1]), _keys(details['loc'][:-1]))}"
    if kind == "missing":
        return f"{prefix}is missing: add it (docs/policy.md gives its meaning)"
    problem = details["msg"] if kind == "policy" else details["msg"][:1].lower() + details["msg"][1:]
    if kind == "literal_error" and isinstance(value, str):
        problem += _did_you_mean(value, tuple(str(details["ctx"]["expected"]).replace("'", "").replace(" or ", ", ").split(", ")))
    shown = "" if isinstance(value, dict) else f"{value!r} "
    return f"{prefix}{shown}{problem}" if kind == "policy" else f"{prefix}{shown}is not valid: {problem}"


def _keys(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """Keys that the policy has at this place."""
    part: type[BaseModel] = Policy
    for step in location:
        if isinstance(step, str):
            annotation = part.model_fields[step].annotation
            inner = next((argument for argument in get_args(annotation) if isinstance(argument, type)), annotation)
            part = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else Policy
    return tuple(part.model_fields)


def _suggest(value: str, allowed: tuple[str, ...]) -> str:
    close = get_close_matches(value.lower(), allowed, n=1)
    return f"did you mean {close[0]}?" if close else f"use one of {', '.join(allowed)}"


def _did_you_mean(value: str, allowed: tuple[str, ...]) -> str:
    close = get_close_matches(value.lower(), [name.lower() for name in allowed], n=1)
    return f"; did you mean {next(name for name in allowed if name.lower() == close[0])}?" if close else ""
