"""Conditions from YAML, with the types of features and match fields checked."""

from collections.abc import Mapping

from features.catalogue import BY_ID
from rules.language import All, Any, AtLeast, Compare, Condition, Known, Line, Match, Not, Value, Within, split
from rules.lined import Lined
from rules.reader import Reader, number, suggest
from rules.scenario import MATCH_FIELDS, MATCH_VALUES

LINES = 500  # conditions a scenario may have
_NOTHING = All(())
_FORMS = "a condition is a line such as `paid_cash == true`, or all, any, not, at_least or match"
_FEATURES: Mapping[str, str] = {name: feature.kind for name, feature in BY_ID.items()}


class ConditionReader:
    """Reads `when`; `groups` are the pack's."""

    def __init__(self, reader: Reader, groups: Mapping[str, tuple[str, ...]]) -> None:
        self._reader = reader
        self._groups = groups
        self._lines = 0

    def read(self, item: Lined | None) -> Condition:
        """The condition; faults go to the reader, with a stand-in returned."""
        self._lines = 0
        if item is None:
            return _NOTHING
        condition = self._condition(item, _FEATURES)
        if self._lines > LINES:
            self._reader.fault(item.line, f"when has {self._lines} conditions: at most {LINES}, use groups or split the scenario")
        return condition

    def _condition(self, item: Lined, names: Mapping[str, str]) -> Condition:
        if isinstance(item.value, str):
            return self._line(item.value, item.line, names)
        if not isinstance(item.value, dict) or len(item.value) != 1:
            self._reader.fault(item.line, f"not a condition: {_FORMS}")
            return _NOTHING
        ((form, inner),) = item.value.items()
        inside_match = names is MATCH_FIELDS
        if form in {"all", "any"}:
            parts = self._parts(inner, form, names)
            return All(parts, item.line) if form == "all" else Any(parts, item.line)
        if form == "not":
            return Not(self._condition(inner, names), item.line)
        if form == "at_least":
            return self._at_least(inner, names)
        if form == "match" and not inside_match:
            return Match(self._parts(inner, "match", MATCH_FIELDS), item.line)
        self._reader.fault(inner.line, f"{form} is not a form of condition: {_FORMS}")
        return _NOTHING

    def _parts(self, item: Lined, form: str, names: Mapping[str, str]) -> tuple[Condition, ...]:
        if not isinstance(item.value, list) or not item.value:
            self._reader.fault(item.line, f"{form} must be a list of conditions with at least one")
            return ()
        return tuple(self._condition(part, names) for part in item.value)

    def _at_least(self, item: Lined, names: Mapping[str, str]) -> Condition:
        fields = self._reader.mapping(item, "at_least", ("k", "of"))
        if set(fields) != {"k", "of"}:
            return _NOTHING
        parts = self._parts(fields["of"], "of", names)
        text = self._reader.text(fields, "k")
        k = int(text) if text.isascii() and text.isdigit() else 0
        if not 1 <= k <= len(parts):
            self._reader.fault(
                fields["k"].line, f"k {text} must be a whole number from 1 to {len(parts)}, the number of conditions"
            )
            return _NOTHING
        return AtLeast(k, parts, item.line)

    def _line(self, text: str, at: int, names: Mapping[str, str]) -> Condition:
        self._lines += 1
        line = split(text)
        if line is None:
            self._reader.fault(at, f"`{text[:80]}` is no condition: {_FORMS}")
            return _NOTHING
        what = "a field of a match" if names is MATCH_FIELDS else "a feature"
        if line.name not in names:
            self._reader.fault(at, f"{line.name} is not {what}: {suggest(line.name, tuple(names))}")
            return _NOTHING
        match line.operator:
            case "is known":
                return Known(line.name, at)
            case "is unknown":
                return Not(Known(line.name, at), at)
            case "in" | "not in":
                within = self._within(line, at, names)
                return Not(within, at) if line.operator == "not in" else within
            case "==" | "!=":
                value = self._value(line, line.value, at, names)
                return (
                    Compare(line.name, "==", value, at) if line.operator == "==" else Not(Compare(line.name, "==", value, at), at)
                )
            case "<" | "<=" | ">" | ">=" as operator:
                if names[line.name] != "number":
                    self._reader.fault(at, f"{line.name} is a {names[line.name]} and has no order: use == or !=")
                    return _NOTHING
                return Compare(line.name, operator, self._value(line, line.value, at, names), at)
        return _NOTHING

    def _within(self, line: Line, at: int, names: Mapping[str, str]) -> Condition:
        if names[line.name] == "flag":
            self._reader.fault(at, f"{line.name} is a flag: use == true or == false")
            return _NOTHING
        if line.value.startswith("[") and line.value.endswith("]"):
            texts, group = [part.strip() for part in line.value[1:-1].split(",")], None
        elif line.value in self._groups:
            texts, group = list(self._groups[line.value]), line.value
        else:
            known = f": {suggest(line.value, tuple(self._groups))}" if self._groups else ", and the pack has none"
            self._reader.fault(at, f"{line.value[:80]} is neither a list like [YUL, YYZ] nor a group{known}")
            return _NOTHING
        values = tuple(dict.fromkeys(self._value(line, text, at, names) for text in texts))
        return Within(line.name, values, group, at) if values else _NOTHING

    def _value(self, line: Line, text: str, at: int, names: Mapping[str, str]) -> Value:
        kind = names[line.name]
        bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text
        if kind == "number":
            value = number(bare)
            if value is None:
                self._reader.fault(
                    at, f"{line.name} is a number and {bare[:40] or 'nothing'} is none: write digits such as 48 or 0.5"
                )
            return value if value is not None else 0.0
        if kind == "flag":
            if bare not in {"true", "false"}:
                self._reader.fault(at, f"{line.name} is a flag: compare it with true or false, not {bare[:40]}")
            return bare == "true"
        if not bare:
            self._reader.fault(at, f"{line.name} is compared with nothing: give a value")
        elif names is MATCH_FIELDS and bare not in MATCH_VALUES.get(line.name, (bare,)):
            self._reader.fault(at, f"{line.name} {bare[:40]} is not known: {suggest(bare, MATCH_VALUES[line.name])}")
        return bare
