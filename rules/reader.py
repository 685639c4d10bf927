"""Typed reading of YAML fields that goes on after a fault, so that all faults come at once."""

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches

from rules.lined import Lined

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
# What stands for a value at fault; a pack with faults is never used.
_NO_DATE = dt.date.min


class Reader:
    """Reads values out of mappings; what is wrong goes to `faults` as (line, problem), and a stand-in is returned."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        self.faults = faults
        self._prefix = ""

    def fault(self, line: int, problem: str) -> None:
        self.faults.append((line, self._prefix + problem))

    @contextmanager
    def within(self, prefix: str) -> Iterator[None]:
        """Faults inside begin with the prefix."""
        outer, self._prefix = self._prefix, prefix
        try:
            yield
        finally:
            self._prefix = outer

    def mapping(
        self, item: Lined, what: str, required: Sequence[str] | None = None, optional: Sequence[str] = ()
    ) -> dict[str, Lined]:
        """The item's keys; with `required` given, absent and unknown keys are faults."""
        if not isinstance(item.value, dict):
            self.fault(item.line, f"{what} must be a mapping of keys to values")
            return {}
        if required is not None:
            allowed = (*required, *optional)
            for key, value in item.value.items():
                if key not in allowed:
                    self.fault(value.line, f"{what}: {key} is not a key: {suggest(key, allowed)}")
            for key in required:
                if key not in item.value:
                    self.fault(item.line, f"{what}: {key} is missing: add it")
        return {key: value for key, value in item.value.items() if required is None or key in (*required, *optional)}

    def text(self, fields: dict[str, Lined], key: str) -> str:
        if key not in fields:
            return ""
        item = fields[key]
        if not isinstance(item.value, str) or not item.value.strip():
            self.fault(item.line, f"{key} must be a text")
            return ""
        return " ".join(item.value.split())

    def name(self, fields: dict[str, Lined], key: str) -> str:
        text = self.text(fields, key)
        if text and not _NAME.fullmatch(text):
            self.fault(fields[key].line, f"{key} {text} must be lower-case letters, digits, - and _ (at most 64)")
        return text

    def choice(self, fields: dict[str, Lined], key: str, allowed: Sequence[str]) -> str:
        text = self.text(fields, key)
        return self.choice_of(fields[key].line, text, key, allowed) if text else text

    def choice_of(self, line: int, text: str, key: str, allowed: Sequence[str]) -> str:
        if text not in allowed:
            self.fault(line, f"{key} {text} is not known: {suggest(text, allowed)}")
        return text

    def number(self, fields: dict[str, Lined], key: str, low: float, high: float) -> float:
        text = self.text(fields, key)
        if not text:
            return 0.0
        value = number(text)
        if value is None or not low <= value <= high:
            self.fault(fields[key].line, f"{key} {text} must be a number from {low:g} to {high:g}")
            return 0.0
        return value

    def date(self, fields: dict[str, Lined], key: str) -> dt.date:
        text = self.text(fields, key)
        if not text:
            return _NO_DATE
        try:
            return dt.datetime.strptime(text, "%Y-%m-%d").date()
        except ValueError:
            self.fault(fields[key].line, f"{key} {text} is not a date: write it as 2026-12-31")
            return _NO_DATE

    def bilingual(self, fields: dict[str, Lined], key: str) -> tuple[str, str]:
        if key not in fields:
            return "", ""
        both = self.mapping(fields[key], key, ("en", "fr"))
        return self.text(both, "en"), self.text(both, "fr")

    def items(self, fields: dict[str, Lined], key: str) -> list[Lined]:
        if key not in fields:
            return []
        item = fields[key]
        if not isinstance(item.value, list):
            self.fault(item.line, f"{key} must be a list")
            return []
        return item.value

    def texts(self, fields: dict[str, Lined], key: str) -> list[tuple[int, str]]:
        """Texts of a list with their lines."""
        return [(item.line, self.text({key: item}, key)) for item in self.items(fields, key)]


def number(text: str) -> float | None:
    """A plain decimal number; None for anything else, nan and inf included."""
    return float(text) if re.fullmatch(r"[-+]?\d{1,15}(\.\d{1,15})?", text) else None


def suggest(value: str, allowed: Sequence[str]) -> str:
    close = get_close_matches(value, allowed, n=1)
    if close:
        return f"did you mean {close[0]}?"
    return f"use one of {', '.join(allowed)}" if len(allowed) <= 16 else "`forepost features list` shows what there is"
