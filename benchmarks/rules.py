"""How fast scenarios are evaluated: 200 of them over 80 features, beside one Polars expression per scenario.

The pack and the features are drawn with a fixed seed: 56 numbers, 16 flags and 8 codes, a tenth unknown, scenarios of
two to five conditions, of which a traveller in thirty meets one. Figures are CPU milliseconds, because the machine is shared.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from benchmarks.report import measurement, percentile, spread
from policies import FOLDER
from rules.evaluate import evaluate, fired
from rules.language import All, AtLeast, Compare, Condition, Known, Not, Operator, Within
from rules.language import Any as AnyOf
from rules.pack import load
from rules.program import compile_conditions
from rules.scenario import Pack

SCENARIOS, NUMBERS, FLAGS, CODES = 200, 56, 16, 8
TARGETS_MS = {1: 2.0, 300: 5.0}
ON = date(2026, 6, 1)
_SEED = 20_261
_VALUES = ("AAA", "BBB", "CCC", "DDD", "EEE", "FFF", "GGG", "HHH")
_UNKNOWN = 0.1


def measure(repetitions: int = 200) -> list[dict[str, Any]]:
    """rules-1 and rules-300; `floor` is what the naive evaluation takes in the same run, so a ratio below 1 is a gain.

    Raises AssertionError when the two do not agree on which scenarios fire.
    """
    rng = np.random.default_rng(_SEED)
    pack = _pack(rng)
    naive = [_expression(scenario.when).alias(scenario.id) for scenario in pack.scenarios]
    out = []
    for rows, target in TARGETS_MS.items():
        features, matches = _features(rng, rows), pl.DataFrame(schema=_MATCHES)
        expected = features.select(naive).fill_null(value=False)
        if not np.array_equal(fired(pack, features, matches), expected.to_numpy().T):
            raise AssertionError("the evaluator and one expression per scenario disagree")
        ours = _cpu_ms(lambda f=features, m=matches: evaluate(pack, f, m, ON), repetitions)  # type: ignore[misc]
        peer = _cpu_ms(lambda f=features: f.select(naive), repetitions)  # type: ignore[misc]
        value = percentile(ours, 50)
        out.append(
            measurement(
                f"rules-{rows}",
                n=repetitions,
                value=value,
                unit="ms",
                met=value <= target,
                target=target,
                floor=percentile(peer, 50),
                cpu_ms=value,
                spread=spread(ours),
                note=f"floor: {SCENARIOS} expressions; hits {int(expected.sum_horizontal().sum())}",
            )
        )
    return out


_MATCHES = {"traveller": pl.UInt32(), "source": pl.String(), "entry_id": pl.String()}


def _cpu_ms(run: Callable[[], object], repetitions: int) -> list[float]:
    """CPU milliseconds of each run, after ten to warm up."""
    for _ in range(10):
        run()
    samples = []
    for _ in range(repetitions):
        started = time.process_time()
        run()
        samples.append((time.process_time() - started) * 1000)
    return samples


def _pack(rng: np.random.Generator) -> Pack:
    """The first example scenario with other ids and conditions."""
    template = load(FOLDER / "packs" / "examples.yaml")
    scenarios = tuple(
        replace(template.scenarios[0], id=f"s{number}", when=_condition(rng, number)) for number in range(SCENARIOS)
    )
    kinds = {f"n{i}": "number" for i in range(NUMBERS)} | {f"f{i}": "flag" for i in range(FLAGS)}
    kinds |= {f"c{i}": "code" for i in range(CODES)}
    program = compile_conditions([scenario.when for scenario in scenarios], kinds)
    return replace(template, scenarios=scenarios, program=program)


def _condition(rng: np.random.Generator, number: int) -> Condition:
    # Every column is read: the first condition goes round the numbers.
    rare = Compare(f"n{number % NUMBERS}", ">", float(rng.choice([0.9994, 0.9998])))
    others = tuple(_leaf(rng) for _ in range(int(rng.integers(1, 5))))
    match number % 4:
        case 0:
            return All((rare, *others))
        case 1:
            return All((rare, AnyOf((_leaf(rng), *others))))
        case 2:
            return All((rare, Not(_leaf(rng)), AtLeast(1, others)))
        case _:
            return All((rare, AtLeast(len(others), (_leaf(rng), *others))))


def _leaf(rng: np.random.Generator) -> Condition:
    kind = rng.integers(0, 10)
    if kind < 6:
        operators: tuple[Operator, ...] = ("<", "<=", ">", ">=")
        return Compare(f"n{rng.integers(NUMBERS)}", operators[rng.integers(4)], float(rng.integers(1, 10)) / 10)
    if kind < 8:
        return Compare(f"f{rng.integers(FLAGS)}", "==", bool(rng.integers(2)))
    if kind < 9:
        values = rng.choice(_VALUES, 3, replace=False)
        return Within(f"c{rng.integers(CODES)}", tuple(str(value) for value in values))
    return Known(f"n{rng.integers(NUMBERS)}")


def _features(rng: np.random.Generator, rows: int) -> pl.DataFrame:
    def known(values: list[Any]) -> list[Any]:
        return [None if unknown else value for value, unknown in zip(values, rng.random(rows) < _UNKNOWN, strict=True)]

    return pl.DataFrame(
        {
            "traveller": pl.Series(range(rows), dtype=pl.UInt32),
            **{f"n{i}": pl.Series(known(rng.random(rows).tolist()), dtype=pl.Float64) for i in range(NUMBERS)},
            **{f"f{i}": pl.Series(known((rng.random(rows) < 0.3).tolist()), dtype=pl.Boolean) for i in range(FLAGS)},
            **{f"c{i}": pl.Series(known(rng.choice(_VALUES, rows).tolist()), dtype=pl.String) for i in range(CODES)},
        }
    )


def _expression(condition: Condition) -> pl.Expr:
    """The naive way: one expression per scenario. Polars' own and, or, not are three-valued in the same way."""
    match condition:
        case Compare(name, operator, value):
            column, literal = pl.col(name), pl.lit(value)
            return {
                "==": column.__eq__,
                "<": column.__lt__,
                "<=": column.__le__,
                ">": column.__gt__,
                ">=": column.__ge__,
            }[operator](literal)
        case Within(name, values):
            return pl.col(name).is_in(list(values))
        case Known(name):
            return pl.col(name).is_not_null()
        case Not(of):
            return ~_expression(of)
        case All(of):
            return pl.all_horizontal(*map(_expression, of))
        case AnyOf(of):
            return pl.any_horizontal(*map(_expression, of))
        case AtLeast(k, of):
            return pl.sum_horizontal(_expression(part).fill_null(value=False) for part in of) >= k
        case _:
            raise TypeError(f"{condition} is not drawn here")


if __name__ == "__main__":
    import json

    print(json.dumps(measure(), indent=1))
