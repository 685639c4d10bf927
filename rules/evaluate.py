"""The one evaluator of scenarios: online for one manifest, offline for a hundred thousand rows at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from manifests.vocabulary import CATEGORIES, LANES, REFERRAL_KINDS
from rules.language import All, Any, AtLeast, Compare, Known, Match, Not
from rules.program import Flags, Node, Planes, Rows
from rules.scenario import Pack

HITS: dict[str, pl.DataType] = {
    "traveller": pl.UInt32(),
    "scenario": pl.String(),
    "category": CATEGORIES,
    "lane": LANES,
    "kind": REFERRAL_KINDS,
    "weight": pl.Float64(),
    "evidence": pl.List(pl.Struct({"feature": pl.String(), "value": pl.String()})),
}
_BATCH = 16_384  # rows at a time: what bounds the memory


def evaluate(pack: Pack, features: pl.DataFrame, matches: pl.DataFrame, on: date) -> pl.DataFrame:
    """HITS: a row per traveller and scenario that fires on the day `on`, in the order of `features`, then of the pack.

    `features` is FEATURES, `matches` MATCHES. The evidence names what made it fire: each feature with its value, or
    `match` with the source and the entry. Scenarios outside their validity or past their review do not fire.
    """
    travellers = features["traveller"].to_numpy()
    rows: list[tuple[int, int]] = []
    evidence: list[list[dict[str, str]]] = []
    for start, batch in _batches(pack, features, matches):
        somewhere = np.flatnonzero(batch.fired.any(axis=1)).tolist()
        active = np.array([number for number in somewhere if pack.scenarios[number].active(on)], np.intp)
        for row, place in np.argwhere(batch.fired[active].T).tolist():
            scenario = int(active[place])
            rows.append((start + row, scenario))
            evidence.append(batch.evidence(pack.program.roots[scenario], row))
    if not rows:
        return pl.DataFrame(schema=HITS)
    of = [pack.scenarios[scenario] for _, scenario in rows]
    return pl.DataFrame(
        {
            "traveller": travellers[[row for row, _ in rows]],
            "scenario": [scenario.id for scenario in of],
            "category": [scenario.category for scenario in of],
            "lane": [scenario.lane for scenario in of],
            "kind": [scenario.kind for scenario in of],
            "weight": [scenario.weight for scenario in of],
            "evidence": evidence,
        },
        schema=HITS,
    )


def fired(pack: Pack, features: pl.DataFrame, matches: pl.DataFrame) -> Flags:
    """Whether each scenario's conditions are true of each row, (scenario, row), whatever its validity."""
    found = [batch.fired for _, batch in _batches(pack, features, matches)]
    return np.concatenate(found, axis=1) if found else np.zeros((len(pack.scenarios), 0), np.bool_)


@dataclass(frozen=True)
class _Batch:
    features: pl.DataFrame
    matches: pl.DataFrame
    match_row: Rows  # row of `features` that each match belongs to
    match_true: Flags  # (match condition, match)
    planes: Planes
    fired: Flags  # (scenario, row)

    def evidence(self, root: Node, row: int) -> list[dict[str, str]]:
        """What made the node true of the row, each feature once, with its value."""
        found: dict[str, str] = {}
        pending = [(root, True)]
        while pending:
            node, wanted = pending.pop()
            match node.condition:
                case Compare(feature=feature) | Known(feature=feature):
                    if feature not in found:
                        found[feature] = _text(self.features.get_column(feature).item(row))
                case Match():
                    if not wanted:
                        found.setdefault("match", "none")
                    else:
                        at = int(np.flatnonzero(self.match_true[node.row] & (self.match_row == row))[0])
                        found.setdefault("match", f"{self.matches['source'][at]} {self.matches['entry_id'][at]}")
                case Not():
                    pending.append((node.children[0], not wanted))
                case All() | Any() | AtLeast():
                    # Of a true `any` and of a false `all` only those children count that have that value themselves.
                    pending.extend((child, wanted) for child in reversed(node.children) if self._is(child, row, wanted))
        return [{"feature": feature, "value": value} for feature, value in found.items()]

    def _is(self, node: Node, row: int, wanted: bool) -> bool:
        """The node is true of the row, or, when `wanted` is false, false of it."""
        plane = 0 if wanted else 1
        bit = bool(self.planes[node.row, plane, row >> 3] >> (7 - (row & 7)) & 1)
        return bit if wanted else not bit


def _batches(pack: Pack, features: pl.DataFrame, matches: pl.DataFrame) -> Iterator[tuple[int, _Batch]]:
    keys = features["traveller"].to_numpy()
    of = matches["traveller"].to_numpy()
    place = np.searchsorted(keys, of)
    known = (place < len(keys)) & (np.append(keys, 0)[np.minimum(place, len(keys))] == of)
    for start in range(0, features.height, _BATCH):
        batch = features if features.height <= _BATCH else features.slice(start, _BATCH)
        mine = np.flatnonzero(known & (place >= start) & (place < start + batch.height))
        yield start, _evaluate(pack, batch, matches if len(mine) == matches.height else matches[mine], place[mine] - start)


def _evaluate(pack: Pack, features: pl.DataFrame, matches: pl.DataFrame, match_row: Rows) -> _Batch:
    program, height = pack.program, features.height
    match_true = np.zeros((len(program.matches), matches.height), np.bool_)
    matched = np.zeros((len(program.matches), 2, (height + 7) // 8), np.uint8)
    if len(program.matches) and matches.height:
        inner = pack.match_program
        planes = inner.planes(inner.encode(matches), np.zeros((0, 2, (matches.height + 7) // 8), np.uint8))
        of_match = _unpack(planes[[root.row for root in inner.roots]], matches.height)
        match_true = of_match[:, 0]
        of_row = np.zeros((*of_match.shape[:2], height), np.bool_)
        condition, plane, match_number = np.nonzero(of_match)
        of_row[condition, plane, match_row[match_number]] = True
        matched = np.packbits(of_row, axis=2)
    planes = program.planes(program.encode(features), matched)
    fired_rows = _unpack(planes[[root.row for root in program.roots], 0], height)
    return _Batch(features, matches, match_row, match_true, planes, fired_rows)


def _unpack(planes: npt.NDArray[np.uint8], rows: int) -> Flags:
    return np.unpackbits(planes, axis=-1, count=rows).view(np.bool_)


def _text(value: object) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
