"""The frozen result and the document made from it."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from benchmarks.names import prose
from benchmarks.names.measures import rate
from benchmarks.names.quality import RATES, SETTINGS

_RESULT: Final = "benchmarks/names/result.json"
_DOCUMENT: Final = "docs/benchmarks-names.md"
# What a machine's speed decides is no change of the matcher; a thousandth of a figure is none either.
_NOISY: Final = frozenset({"cpu_ms"})
_SAME: Final = 0.001
_WORDS: Final = {"names": "names only", "dob": "with date of birth", "dob_country": "with date of birth and nationality"}


def frozen() -> dict[str, Any]:
    """The committed result: quality, speed, recall; what was never frozen is absent."""
    path = Path(__file__).with_name("result.json")
    result: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return result


def freeze(checkout: Path, kind: str, figures: Mapping[str, Any]) -> None:
    """Put the figures of one kind into the frozen result and write the document anew."""
    result = dict(sorted((frozen() | {kind: figures}).items()))
    (checkout / _RESULT).write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    write(checkout, result)


def write(checkout: Path, result: Mapping[str, Any]) -> None:
    """Write the document."""
    (checkout / _DOCUMENT).write_text(document(result))


def differences(before: Any, after: Any, where: str = "") -> list[str]:
    """One line per figure that differs: `ours/recall/names/1/100/recall: 0.91 -> 0.92`. What only one side has is no
    difference where the other measured less (`--quick`, a peer that is not installed)."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        shared = [key for key in before if key in after and key not in _NOISY]
        return [line for key in shared for line in differences(before[key], after[key], f"{where}/{key}".lstrip("/"))]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [line for at, pair in enumerate(zip(before, after, strict=True)) for line in differences(*pair, f"{where}/{at}")]
    same = before == after
    if isinstance(before, float | int) and isinstance(after, float | int):
        same = abs(before - after) <= _SAME * max(abs(before), 1e-9)
    return [] if same else [f"{where}: {before} -> {after}"]


def document(result: Mapping[str, Any]) -> str:
    """docs/benchmarks-names.md."""
    parts = [prose.HEAD]
    if "quality" in result:
        parts += _quality(result["quality"])
    if "recall" in result:
        parts += ["## Recall of the index", prose.RECALL, _measurements(result["recall"].values(), ("pairs", "share"))]
    if "speed" in result:
        parts += ["## Speed", prose.SPEED, *_speed(result["speed"])]
    return "\n\n".join(parts) + "\n"


def _quality(quality: Mapping[str, Any]) -> list[str]:
    own, peers = quality["ours"], quality["peers"]
    settings = [setting for setting in SETTINGS if setting in own["recall"]]
    rates = [rate(each) for each in RATES]
    everyone = {"Forepost": own} | dict(sorted(peers.items(), key=lambda peer: -peer[1]["recall"]["names"][rates[0]]["recall"]))
    both = [setting for setting in settings if setting != "dob"]
    columns = [(setting, each) for setting in both for each in rates]
    return [
        "## What was asked",
        _table(
            ("what", "target", "measured", "met"),
            ((row["what"], row["target"], _shown(row["value"]), "yes" if row["met"] else "no") for row in quality["targets"]),
        ),
        "## Recall at fixed alert rates",
        prose.PEERS,
        _table(
            ("matcher", *(f"{_WORDS[setting]}, {each}" for setting, each in columns), "unrelated passengers"),
            (
                (
                    name,
                    *(_recall(figures["recall"][setting][each]) for setting, each in columns),
                    figures.get("unrelated", own["unrelated"]),
                )
                for name, figures in everyone.items()
            ),
        ),
        "## Pairs",
        "F1 at the best threshold of the file itself, with its 95 % interval, and at the one that is best on the other file.",
        _table(
            (
                "matcher",
                *(f"{kind}, {figure}" for kind in ("pairs", "human pairs") for figure in ("PR-AUC", "F1", "F1 elsewhere")),
            ),
            (
                (
                    name,
                    *(
                        cell
                        for kind in ("pairs", "human_pairs")
                        for cell in (
                            f"{figures[kind]['pr_auc']:.3f}",
                            f"{figures[kind]['f1']:.3f} ({_span(figures[kind]['f1_interval'])})",
                            f"{figures[kind]['f1_elsewhere']:.3f}",
                        )
                    ),
                )
                for name, figures in everyone.items()
            ),
        ),
        "## By category of variation",
        _groups(own["category"], both, rates),
        "## By name culture",
        prose.CULTURE,
        _groups(own["culture"], both, rates),
        "## Cyrillic originals",
        prose.CYRILLIC,
        _table(
            (
                "made from",
                "passengers",
                "spelt unlike the list",
                *(f"recall, {_WORDS[setting]} (of those spelt unlike)" for setting in settings),
            ),
            (
                (
                    make,
                    row["n"],
                    row["changed"],
                    *(f"{row[setting]['recall']:.3f} ({row[setting]['of_changed']:.3f})" for setting in settings),
                )
                for make, row in own["cyrillic"].items()
            ),
        ),
        "## Calibration at one listed passenger in 10,000",
        prose.CALIBRATION,
        *(_decades(kind, rows) for kind, rows in own["calibration"].items()),
    ]


def _decades(kind: str, rows: Iterable[Mapping[str, Any]]) -> str:
    return f"True passengers: {kind}.\n\n" + _table(
        ("probability", "true pairs", "pairs of unrelated", "expected", "observed", "observed / expected", "95 %"),
        (
            (
                f"{row['from']:g} to {row['to']:g}",
                row["true"],
                row["unrelated"],
                f"{row['expected']:.3g}",
                f"{row['observed']:.3g}",
                f"{row['ratio']:.2f}" if row["estimable"] and row["ratio"] is not None else "not estimable",
                _span(row["interval"]) if row["interval"] else "",
            )
            for row in rows
        ),
    )


def _groups(of_setting: Mapping[str, Any], settings: list[str], rates: list[str]) -> str:
    first = of_setting[settings[0]]
    columns = [(setting, each) for setting in settings for each in rates]
    return _table(
        ("", "passengers", *(f"{_WORDS[setting]}, {each}" for setting, each in columns)),
        ((name, first[name]["n"], *(f"{of_setting[setting][name][each]:.3f}" for setting, each in columns)) for name in first),
    )


def _speed(rows: Mapping[str, Any]) -> list[str]:
    sizes = {key: row for key, row in rows.items() if "times_less" in row}
    shown = [
        _table(
            (
                "list",
                "CPU-ms for 300 travellers",
                "the whole match",
                "cdist",
                "times less",
                "build s",
                "build MB",
                "snapshot MB",
                "own MB",
                "mapped MB",
            ),
            (
                (
                    key.removeprefix("names-"),
                    *(
                        _shown(row[name])
                        for name in ("value", "match_ms", "floor", "times_less", "build_s", "build_peak_mb", "snapshot_mb")
                    ),
                    row["rss_own_mb"],
                    row["rss_mapped_mb"],
                )
                for key, row in sizes.items()
            ),
        ),
        _measurements(rows.values(), ()),
    ]
    if "names-worst" in rows:
        each = sorted(rows["names-worst"]["each"].items(), key=lambda row: -row[1])
        shown.append("Single queries at 1 M, name only:\n\n" + _table(("query", "CPU-ms"), each))
    return shown


def _measurements(rows: Iterable[Mapping[str, Any]], extra: tuple[str, ...]) -> str:
    return _table(
        ("id", "value", "unit", "target", "verdict", *extra, "note"),
        (
            (
                row["id"],
                _shown(row["value"]),
                row["unit"],
                _shown(row["target"]),
                row["verdict"] or "",
                *(_shown(row.get(name)) for name in extra),
                row.get("note", ""),
            )
            for row in rows
        ),
    )


def _recall(row: Mapping[str, Any]) -> str:
    return f"{row['recall']:.3f} ({_span(row['interval'])})"


def _span(ends: Iterable[float]) -> str:
    return " to ".join(f"{end:.3f}" for end in ends)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return " / ".join(_shown(each) for each in value)
    return "" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value)


def _table(head: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    titles = list(head)
    lines = [titles, ["---"] * len(titles), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
