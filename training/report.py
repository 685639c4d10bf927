"""card.md and report.html of a trained model: generated from the figures, nothing typed by hand, no external file."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np

from training.fit import BUDGETS, Fitted

NAMES = {"oracle": "oracle", "model": "model", "scenarios": "scenarios", "scenarios_and_model": "scenarios and model"}
COLOURS = {"oracle": "#555555", "model": "#0b62a4", "scenarios": "#b45f06", "scenarios_and_model": "#38761d"}
WIDTH, HEIGHT, LEFT, FOOT = 460, 260, 46, 34
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #999;padding:.25rem .6rem;text-align:right}"
    "th:first-child,td:first-child{text-align:left}svg{max-width:100%;height:auto}figure{margin:1rem 0}"
)


def number(value: Any) -> str:
    """A figure as text; "not estimable, n = …" stays as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if abs(value) >= 0.01 or value == 0 else f"{value:.2e}"


def budget_rows(figures: dict[str, Any]) -> list[list[str]]:
    """Per ranking and budget: referrals, findings, recall with its 95 % interval, precision."""
    rows = []
    for name, budgets in figures["budgets"].items():
        for budget in BUDGETS:
            at = budgets[budget]
            interval = "" if isinstance(at["recall_low"], str) else f"{at['recall_low']:.2f} to {at['recall_high']:.2f}"
            cells = [at[key] for key in ("referrals", "found", "recall")]
            rows.append([NAMES[name], budget, *(number(cell) for cell in cells), interval, number(at["precision"])])
    return rows


BUDGET_HEAD = ["ranked by", "referrals per 1,000", "referrals", "findings among them", "recall", "95 % interval", "precision"]


def card(fitted: Fitted, origin: str, digest: str, figures: dict[str, Any]) -> str:
    """The model card in Markdown."""
    days = " to ".join(figures["days"])
    lines = [
        "# Model card",
        "",
        f"Hash `{digest}`. Origin: **{origin}**."
        + (" Trained on invented travellers: it may act in the demonstration policy only." if origin == "simulated" else ""),
        "",
        "## What it does",
        "",
        "It estimates the probability of a finding (confirmed facilitation or confirmed fraudulent document) if a "
        "traveller were examined. "
        "It orders officers' work or opens a referral on arrival, as the policy says. It never holds anyone and never "
        "refers a minor.",
        "",
        "## Data",
        "",
        f"Fitted on {fitted.rows:,} labelled travellers with {fitted.positives} findings; calibrated and thresholds "
        f"frozen on the period "
        f"after; measured on {figures['travellers']:,} travellers with {figures['positives']} findings, {days}.",
        "Labels: simulated travellers all count as examined. Protection outcomes, victims, refugee claims, children "
        "alone, lookout identities "
        "and minors carry no label: they are neither findings nor counter-examples."
        if origin == "simulated"
        else "Labels are recorded findings of examined travellers. Protection outcomes, victims, refugee claims, children "
        "alone, lookout "
        "identities and minors carry no label.",
        "",
        "## Method",
        "",
        f"LightGBM, {fitted.settings.trees} trees of {fitted.settings.leaves} leaves, rate {fitted.settings.rate}, seed "
        f"{fitted.settings.seed}; "
        f"Platt calibration log_odds = {fitted.slope:.4f} × raw + {fitted.intercept:.4f} inside the graph.",
        f"Features ({len(fitted.features)}; no sex, age, nationality, birthplace or name, nor anything that depends on "
        f"nationality): " + ", ".join(fitted.features) + ".",
        "",
        "## Figures",
        "",
        *_markdown(BUDGET_HEAD, budget_rows(figures)),
        "",
        f"PR-AUC {number(figures['pr_auc'])} at a base rate of {figures['base_rate']:.2e}; AUC "
        f"{number(figures['auc'])}. Highest AUC of a "
        f"single feature: {_highest(figures)}.",
        "",
        "Thresholds (probability): "
        + ", ".join(f"{budget} per 1,000: {value:.4g}" for budget, value in fitted.thresholds.items())
        + ".",
        "",
        "## Limits",
        "",
        "- Fairness by group, drift and selection by earlier referrals are not measured here.",
        "- A figure on fewer than 10 findings is not estimable and says so; read the intervals.",
        "",
    ]
    return "\n".join(lines)


def html(fitted: Fitted, origin: str, digest: str, figures: dict[str, Any]) -> str:
    """The report: tables and plots drawn as inline SVG."""
    calibration = [
        [number(band[key]) for key in ("travellers", "lowest_probability", "expected", "observed", "observed_over_expected")]
        for band in figures["calibration"]
    ]
    features = sorted(figures["feature_auc"].items(), key=lambda item: -item[1])
    gains = sorted(
        zip(fitted.features, fitted.booster.feature_importance("gain"), strict=True), key=lambda item: (-float(item[1]), item[0])
    )
    parts = [
        f"<h1>Training report</h1><p>Model <code>{digest[:16]}</code>, origin {escape(origin)}: {fitted.rows:,} "
        f"labelled travellers, "
        f"{fitted.positives} findings; measured on {figures['travellers']:,} travellers with {figures['positives']} "
        f"findings.</p>",
        "<h2>Who would be found, at an alert budget</h2>",
        "<p>Of a thousand travellers so many are referred, the highest first. Recall is the share of the recorded "
        "findings among them. The "
        "oracle knows how the simulator draws people: no ranking by the same elements does better on average.</p>"
        if "oracle" in figures["budgets"]
        else "",
        recall_plot(figures),
        _table(BUDGET_HEAD, budget_rows(figures)),
        "<h2>Calibration by score band</h2><p>Expected findings beside observed ones, the highest scores first.</p>",
        calibration_plot(figures),
        _table(["travellers", "lowest probability", "expected", "observed", "observed / expected"], calibration),
        "<h2>Each feature alone</h2><p>max(AUC, 1 − AUC), an unknown value placed where it separates better.</p>",
        _table(["feature", "AUC"], [[name, number(value)] for name, value in features]),
        "<h2>What the model uses</h2>",
        _table(["feature", "gain"], [[name, number(float(value))] for name, value in gains if value > 0]),
    ]
    if figures.get("scenarios"):
        parts += [
            "<h2>Scenarios on simulated cases</h2><p>How often each fires, per 1,000 travellers of a plan.</p>",
            scenario_table(figures["scenarios"]),
        ]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Training report</title><style>{STYLE}</style></head>'
        f"<body>{''.join(parts)}</body></html>\n"
    )


def scenario_table(rows: Sequence[dict[str, Any]]) -> str:
    plans = list(rows[0]["per_1000"])
    return _table(
        ["scenario", "fired", *plans],
        [[row["scenario"], number(row["fired"]), *(number(row["per_1000"][plan]) for plan in plans)] for row in rows],
    )


def recall_plot(figures: dict[str, Any]) -> str:
    """Recall against budget, one line per ranking; empty where nothing is estimable."""
    lines = {
        name: [at["recall"] for budget in BUDGETS if not isinstance((at := budgets[budget])["recall"], str)]
        for name, budgets in figures["budgets"].items()
    }
    if not all(len(values) == len(BUDGETS) for values in lines.values()):
        return "<p>Too few findings to draw recall.</p>"
    xs = np.linspace(LEFT + 20, WIDTH - 130, len(BUDGETS))
    body = [_axes(["0", ".25", ".5", ".75", "1"], [(float(x), budget) for x, budget in zip(xs, BUDGETS, strict=True)])]
    for place, (name, values) in enumerate(lines.items()):
        points = " ".join(f"{x:.1f},{_y(value):.1f}" for x, value in zip(xs, values, strict=True))
        dash = ("", "6 3", "2 3", "10 3 2 3")[place % 4]
        body.append(
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2" stroke-dasharray="{dash}"/>'
        )
        body.append(f'<text x="{WIDTH - 124}" y="{20 + 18 * place}" fill="{COLOURS[name]}" font-size="12">{NAMES[name]}</text>')
    return _figure("Recall by referrals per 1,000 travellers", body)


def calibration_plot(figures: dict[str, Any]) -> str:
    """Expected and observed findings per band as bars side by side."""
    rows = figures["calibration"]
    top = max([1.0, *(max(float(row["expected"]), float(row["observed"])) for row in rows)])
    step = (WIDTH - LEFT - 20) / max(1, len(rows))
    labels = [(LEFT + step * (place + 0.5), str(place + 1)) for place in range(len(rows))]
    body = [_axes([f"{top * share:.0f}" for share in (0, 0.25, 0.5, 0.75, 1)], labels)]
    for place, row in enumerate(rows):
        for shift, key, colour in ((0.15, "expected", "#9fc5e8"), (0.5, "observed", "#0b62a4")):
            y = _y(float(row[key]) / top)
            body.append(
                f'<rect x="{LEFT + step * (place + shift):.1f}" y="{y:.1f}" width="{step * 0.33:.1f}" '
                f'height="{_y(0) - y:.1f}" fill="{colour}"/>'
            )
    return _figure("Findings by score band, highest band first: expected (pale) and observed (dark)", body)


def _y(share: float) -> float:
    return HEIGHT - FOOT - share * (HEIGHT - FOOT - 12)


def _axes(levels: list[str], marks: list[tuple[float, str]]) -> str:
    grid = [
        f'<line x1="{LEFT}" x2="{WIDTH - 8}" y1="{_y(place / 4):.1f}" y2="{_y(place / 4):.1f}" stroke="#ddd"/>'
        f'<text x="{LEFT - 6}" y="{_y(place / 4) + 4:.1f}" text-anchor="end" font-size="11">{level}</text>'
        for place, level in enumerate(levels)
    ]
    ticks = [
        f'<text x="{x:.1f}" y="{HEIGHT - 14}" text-anchor="middle" font-size="11">{escape(text)}</text>' for x, text in marks
    ]
    return "".join([*grid, *ticks])


def _figure(title: str, body: list[str]) -> str:
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="{escape(title)}">'
        f"{''.join(body)}</svg>"
        f"<figcaption>{escape(title)}</figcaption></figure>"
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    names = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]


def _highest(figures: dict[str, Any]) -> str:
    name, value = max(figures["feature_auc"].items(), key=lambda item: item[1])
    return f"{value:.3f} ({name})"
