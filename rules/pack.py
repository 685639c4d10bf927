"""Scenario packs from YAML: every fault at once, each with its line."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar

from features.catalogue import CATALOGUE
from features.places import airports
from manifests.errors import InputError
from manifests.vocabulary import CATEGORIES, LANES, REFERRAL_KINDS
from rules import check, lined
from rules.conditions import ConditionReader
from rules.language import All
from rules.lined import Lined
from rules.program import compile_conditions
from rules.reader import Reader
from rules.scenario import MATCH_FIELDS, PURPOSES, RELIABILITIES, SOURCE_CLASSES, Justification, Pack, Scenario

ORIGINS = ("example", "operational")
GROUNDS = tuple(sorted({check.ground(feature.id) for feature in CATALOGUE if feature.protected}))
SCENARIOS = 2_000
T = TypeVar("T")
_SCENARIO_KEYS = (
    *("id", "title", "description", "category", "lane", "kind", "weight", "valid_from", "valid_until", "purpose", "when"),
    "justification",
)
_JUSTIFICATION_KEYS = (
    *("source_class", "source", "date", "reliability", "necessity", "proportionality", "grounds", "author", "approver"),
    "review_by",
)


class PackError(InputError):
    """A pack that cannot be used: each fault names the file, the line, the value and the fix."""


def load(path: str | Path, *, pnr_purposes_required: bool = False) -> Pack:
    """The pack in a file. `pnr_purposes_required`: the policy limits booking data to PNR_PURPOSES. Raises PackError."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise PackError(f"pack {path}: cannot be read ({error.strerror}): give the path of a YAML file") from None
    return parse(content, str(path), pnr_purposes_required=pnr_purposes_required)


def parse(content: bytes, where: str, *, pnr_purposes_required: bool = False) -> Pack:
    """A pack from the bytes of its file; `where` names it in messages. Raises PackError with all faults, by line."""
    found: list[tuple[int, str]] = []
    try:
        document = lined.read(content, found)
    except lined.UnreadableError as error:
        raise PackError(f"{where}:{error.line}: {error.problem}") from None
    pack = _pack(document, Reader(found), pnr_purposes_required)
    if found or pack is None:
        raise PackError([f"{where}:{line}: {problem}" for line, problem in sorted(found)])
    return pack


def _pack(document: Lined, reader: Reader, pnr_purposes_required: bool) -> Pack | None:
    fields = reader.mapping(document, "the pack", ("id", "version", "origin", "scenarios"), ("groups",))
    id, version = reader.name(fields, "id"), reader.text(fields, "version")
    origin = reader.choice(fields, "origin", ORIGINS)
    groups = _groups(fields.get("groups"), reader)
    items = reader.items(fields, "scenarios")
    if len(items) > SCENARIOS:
        reader.fault(items[SCENARIOS].line, f"has {len(items)} scenarios: at most {SCENARIOS} are read, split the pack")
        return None
    scenarios: list[Scenario] = []
    seen: dict[str, int] = {}
    conditions = ConditionReader(reader, groups)
    for item in items:
        scenario = _scenario(item, reader, conditions, pnr_purposes_required)
        if scenario.id in seen:
            reader.fault(scenario.line, f"scenario {scenario.id} stands already on line {seen[scenario.id]}: give it another id")
        seen.setdefault(scenario.id, scenario.line)
        scenarios.append(scenario)
    if reader.faults:
        return None
    program = compile_conditions([s.when for s in scenarios], {feature.id: feature.kind for feature in CATALOGUE})
    canonical = json.dumps(lined.plain(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Pack(
        id=id,
        version=version,
        origin=origin,
        groups=MappingProxyType(groups),
        scenarios=tuple(scenarios),
        program=program,
        match_program=compile_conditions([All(match.of) for match in program.matches], MATCH_FIELDS),
        hash=hashlib.sha256(canonical.encode()).hexdigest(),
    )


def _groups(item: Lined | None, reader: Reader) -> dict[str, tuple[str, ...]]:
    """Named values: `airports`, `countries` (ISO 3166-1 alpha-3) are looked up, `values` are taken as they are."""
    groups: dict[str, tuple[str, ...]] = {}
    if item is None:
        return groups
    places = airports()
    countries = {name for name in places.country_names if name}
    for name, group in reader.mapping(item, "groups").items():
        fields = reader.mapping(group, f"group {name}", (), ("airports", "countries", "values"))
        if len(fields) != 1:
            reader.fault(group.line, f"group {name} must have one of airports, countries or values")
            continue
        kind = next(iter(fields))
        texts = reader.texts(fields, kind)
        for line, text in texts:
            if (kind == "airports" and not places.known(text)) or (kind == "countries" and text not in countries):
                code = "an IATA airport code such as YYZ" if kind == "airports" else "an alpha-3 country code such as CAN"
                reader.fault(line, f"group {name}: {text} is not {code}")
        groups[name] = tuple(dict.fromkeys(text for _, text in texts))
    return groups


def _scenario(item: Lined, reader: Reader, conditions: ConditionReader, pnr_purposes_required: bool) -> Scenario:
    """The scenario; what was read well is checked as well, so that all faults of it come at once."""
    fields = reader.mapping(item, "a scenario", _SCENARIO_KEYS)
    with reader.within(f"scenario {fields['id'].value}: " if "id" in fields else "scenario: "):
        titles, descriptions = reader.bilingual(fields, "title"), reader.bilingual(fields, "description")
        id = reader.name(fields, "id")
        when, when_is_clean = _noting(reader, lambda: conditions.read(fields.get("when")))
        record, record_is_clean = _noting(reader, lambda: _justification(fields.get("justification"), reader))
        scenario = Scenario(
            id=id,
            title_en=titles[0],
            title_fr=titles[1],
            description_en=descriptions[0],
            description_fr=descriptions[1],
            category=reader.choice(fields, "category", tuple(CATEGORIES.categories)),
            lane=reader.choice(fields, "lane", tuple(LANES.categories)),
            kind=reader.choice(fields, "kind", tuple(REFERRAL_KINDS.categories)),
            weight=reader.number(fields, "weight", 0, 10),
            valid_from=reader.date(fields, "valid_from"),
            valid_until=reader.date(fields, "valid_until"),
            purpose=reader.choice(fields, "purpose", PURPOSES),
            when=when,
            justification=record,
            line=item.line,
        )
        found = [
            *(check.condition_faults(scenario, pnr_purposes_required) if when_is_clean and "when" in fields else ()),
            *(check.justification_faults(scenario) if record_is_clean and "justification" in fields else ()),
        ]
        for fault in found:
            reader.fault(fault.line, fault.problem)
    return scenario


def _noting(reader: Reader, read: Callable[[], T]) -> tuple[T, bool]:
    """What was read, and whether that brought no fault."""
    before = len(reader.faults)
    value = read()
    return value, len(reader.faults) == before


def _justification(item: Lined | None, reader: Reader) -> Justification:
    fields = {} if item is None else reader.mapping(item, "justification", _JUSTIFICATION_KEYS, ("rights_reviewer",))
    return Justification(
        source_class=reader.choice(fields, "source_class", SOURCE_CLASSES),
        source=reader.text(fields, "source"),
        date=reader.date(fields, "date"),
        reliability=reader.choice(fields, "reliability", RELIABILITIES),
        necessity=reader.text(fields, "necessity"),
        proportionality=reader.text(fields, "proportionality"),
        grounds=tuple(reader.choice_of(line, text, "grounds", GROUNDS) for line, text in reader.texts(fields, "grounds")),
        author=reader.text(fields, "author"),
        approver=reader.text(fields, "approver"),
        rights_reviewer=reader.text(fields, "rights_reviewer") if "rights_reviewer" in fields else None,
        review_by=reader.date(fields, "review_by"),
    )
