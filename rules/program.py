"""Conditions compiled to bit planes: the arithmetic behind the one evaluator.

Every distinct condition is a node with two bit planes over the rows: `true`, and `possible` (true or unknown). Both
are monotone, so `all` is AND, `any` is OR and `at_least` a count on each plane by itself, and `not` exchanges the
complements. Nodes of one depth and kind are computed together, so the cost hardly depends on the number of scenarios.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from rules.language import All, Any, AtLeast, Compare, Condition, Known, Match, Not, Within

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]
Planes = npt.NDArray[np.uint8]  # (node, 2, rows / 8): true, possible
Flags = npt.NDArray[np.bool_]

_COMPARISONS = {"==": np.equal, "<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}


@dataclass(frozen=True)
class Node:
    """A condition, its row in the planes, and the nodes it is made of."""

    condition: Condition
    row: int
    children: tuple["Node", ...]


@dataclass(frozen=True)
class _Atoms:
    """Comparisons of one operator: columns compared with values, from row `start` of the planes on."""

    operator: str
    start: int
    columns: Rows
    values: Floats


@dataclass(frozen=True)
class _Step:
    """Nodes of one kind whose children are all known: the result of each goes to `start` and on."""

    kind: str  # all | any | at_least | not
    start: int
    children: Rows  # children of the first node, then of the second …
    offsets: Rows  # where the children of each begin
    least: npt.NDArray[np.int64]  # at_least: k of each


@dataclass(frozen=True)
class Program:
    columns: tuple[str, ...]  # read as they are: Float64
    encoded: tuple[pl.Expr, ...]  # flags, and codes as the number of their value, to Float64
    matches: tuple[Match, ...]  # rows 0.. of the planes, given by the caller
    atoms: tuple[_Atoms, ...]
    steps: tuple[_Step, ...]
    roots: tuple[Node, ...]
    rows: int

    def encode(self, frame: pl.DataFrame) -> Floats:
        """Columns of the frame as (column, row); unknown is NaN."""
        coded = frame.select(self.encoded).get_columns() if self.encoded else []
        out = np.empty((len(self.columns) + len(coded), frame.height))
        for row, series in enumerate([*(frame[name] for name in self.columns), *coded]):
            out[row] = series.to_numpy()
        return out

    def planes(self, encoded: Floats, matched: Planes) -> Planes:
        """Both planes of every node. `matched`: those of the conditions on matches, (match, 2, rows / 8)."""
        planes = np.empty((self.rows, 2, (encoded.shape[1] + 7) // 8), np.uint8)
        planes[: len(self.matches)] = matched
        unknown = np.isnan(encoded)
        for atoms in self.atoms:
            rows = slice(atoms.start, atoms.start + len(atoms.columns))
            missing = unknown[atoms.columns]
            if atoms.operator == "known":
                planes[rows] = np.packbits(~missing, axis=1)[:, None]
            else:
                true = _COMPARISONS[atoms.operator](encoded[atoms.columns], atoms.values[:, None])
                planes[rows, 0] = np.packbits(true, axis=1)
                planes[rows, 1] = np.packbits(true | missing, axis=1)
        for step in self.steps:
            rows = slice(step.start, step.start + len(step.offsets))
            inner = planes[step.children]
            if step.kind == "not":
                planes[rows] = ~inner[:, ::-1]
            elif step.kind == "all":
                np.bitwise_and.reduceat(inner, step.offsets, axis=0, out=planes[rows])
            elif step.kind == "any":
                np.bitwise_or.reduceat(inner, step.offsets, axis=0, out=planes[rows])
            else:
                counts = np.add.reduceat(np.unpackbits(inner, axis=2).astype(np.int16), step.offsets, axis=0)
                planes[rows] = np.packbits(counts >= step.least[:, None, None], axis=2)
        return planes


def compile_conditions(conditions: Sequence[Condition], kinds: Mapping[str, str]) -> Program:
    """A program whose roots are the conditions. `kinds`: number, flag or code of each name they read."""
    return _Compiler(kinds).compile(conditions)


class _Compiler:
    """Gives equal conditions one node, and nodes of one depth and kind neighbouring rows."""

    def __init__(self, kinds: Mapping[str, str]) -> None:
        self.kinds = kinds
        self.nodes: dict[Condition, tuple[int, tuple[Condition, ...]]] = {}  # depth and children, in order of depth
        self.values: dict[str, dict[str, int]] = {}  # of each code column: its values and their numbers

    def compile(self, conditions: Sequence[Condition]) -> Program:
        plain = [_plain(condition) for condition in conditions]
        for condition in plain:
            self._depth(condition)
        order = sorted(self.nodes, key=lambda condition: (self.nodes[condition][0], _group(condition)))
        row = {condition: index for index, condition in enumerate(order)}
        names = sorted({leaf.feature for leaf in order if isinstance(leaf, Compare | Known)})
        direct = tuple(name for name in names if self.kinds[name] == "number")
        coded = tuple(name for name in names if self.kinds[name] != "number")
        column = {name: index for index, name in enumerate((*direct, *coded))}
        groups: dict[tuple[int, str], list[Condition]] = {}
        for condition in order:
            groups.setdefault((self.nodes[condition][0], _group(condition)), []).append(condition)
        atoms, steps = [], []
        for (_, group), members in groups.items():
            first = row[members[0]]
            if group.startswith("leaf "):
                leaves = [leaf for leaf in members if isinstance(leaf, Compare | Known)]
                columns = np.array([column[leaf.feature] for leaf in leaves], np.intp)
                atoms.append(
                    _Atoms(group.removeprefix("leaf "), first, columns, np.array([self._value(leaf) for leaf in leaves]))
                )
            elif group != "":
                sizes = [len(self.nodes[member][1]) for member in members]
                children = [row[child] for member in members for child in self.nodes[member][1]]
                offsets = np.cumsum([0, *sizes[:-1]])
                least = np.array([member.k if isinstance(member, AtLeast) else 0 for member in members])
                steps.append(_Step(group, first, np.array(children, np.intp), offsets.astype(np.intp), least))
        return Program(
            columns=direct,
            encoded=tuple(self._encode(name) for name in coded),
            matches=tuple(condition for condition in order if isinstance(condition, Match)),
            atoms=tuple(atoms),
            steps=tuple(steps),
            roots=tuple(self._node(condition, row) for condition in plain),
            rows=len(order),
        )

    def _depth(self, condition: Condition) -> int:
        if condition in self.nodes:
            return self.nodes[condition][0]
        inner: tuple[Condition, ...] = ()
        match condition:
            case All(of) | Any(of) | AtLeast(of=of):
                inner = of
            case Not(of):
                inner = (of,)
            case Compare(feature=name, value=str(value)):
                self.values.setdefault(name, {}).setdefault(value, len(self.values[name]))
            case _:
                pass
        depth = 1 + max((self._depth(child) for child in inner), default=-1 if isinstance(condition, Match) else 0)
        self.nodes[condition] = (depth, inner)
        return depth

    def _value(self, leaf: Compare | Known) -> float:
        if isinstance(leaf, Known):
            return 0.0
        return float(self.values[leaf.feature][leaf.value]) if isinstance(leaf.value, str) else float(leaf.value)

    def _encode(self, name: str) -> pl.Expr:
        column = pl.col(name)
        if self.kinds[name] == "flag":
            return column.cast(pl.Float64)
        # An Enum cast costs half of what replacing texts by numbers does. Other values are -1, null stays null.
        values = pl.Enum(list(self.values.get(name, {})))
        number = column.cast(pl.String).cast(values, strict=False).to_physical().cast(pl.Float64).fill_null(-1.0)
        return pl.when(column.is_not_null()).then(number).alias(name)

    def _node(self, condition: Condition, row: Mapping[Condition, int]) -> Node:
        return Node(condition, row[condition], tuple(self._node(child, row) for child in self.nodes[condition][1]))


def _plain(condition: Condition) -> Condition:
    """The same in fewer forms: `in` is any of equals, unknown included, and `at_least` one is any."""
    match condition:
        case Within(feature, values, _, line):
            return Any(tuple(Compare(feature, "==", value, line) for value in values), line)
        case All(of, line):
            return All(tuple(map(_plain, of)), line)
        case Any(of, line):
            return Any(tuple(map(_plain, of)), line)
        case AtLeast(k, of, line):
            parts = tuple(map(_plain, of))
            # Counting takes unpacked bits: what needs one or all of its parts does without.
            return Any(parts, line) if k == 1 else All(parts, line) if k == len(parts) else AtLeast(k, parts, line)
        case Not(of, line):
            return Not(_plain(of), line)
        case _:
            return condition


def _group(condition: Condition) -> str:
    match condition:
        case Match():
            return ""
        case Compare(operator=operator):
            return f"leaf {operator}"
        case Known():
            return "leaf known"
        case Not():
            return "not"
        case All():
            return "all"
        case Any():
            return "any"
        case _:
            return "at_least"
