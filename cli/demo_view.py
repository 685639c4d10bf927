"""What the demo shows: flights as the carrier reported them beside referrals as an officer reads them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from forepost.referrals.v1.referrals_pb2 import ReferralSummary

SHOWN = 6  # flights and referrals in the summary
REASONS = {"lookout": "listed person", "scenario": "scenario", "model": "model", "control": "control sample"}
FIGURES = {"base"}  # addends of the priority that say nothing about this traveller


@dataclass
class Tally:
    """What has happened so far in one run: one dict per flight from the carrier, and the officers' whole queue."""

    flights: list[dict[str, Any]] = field(default_factory=list)
    referrals: dict[str, "ReferralSummary"] = field(default_factory=dict)  # by id, in the order in which they were first seen

    def read(self, referrals: "Sequence[ReferralSummary]") -> None:
        for referral in referrals:
            self.referrals[referral.referral_id] = referral

    @property
    def travellers(self) -> int:
        return sum(flight["travellers"] for flight in self.flights)

    def calls_ms(self) -> list[float]:
        """Milliseconds of every call, as the carrier waited for it."""
        return [ms for flight in self.flights for ms in (*flight["check_in_ms"], flight["manifest_ms"])]

    def line(self) -> dict[str, Any]:
        """The one line of `--json`; percentiles are over all calls and null where there was none."""
        calls = self.calls_ms()
        return {
            "flights": len(self.flights),
            "travellers": self.travellers,
            "referrals": len(self.referrals),
            "p50_ms": _percentile(calls, 50),
            "p99_ms": _percentile(calls, 99),
        }

    def live(self, height: int) -> RenderableType:
        """What fits on a screen of that many lines while flights arrive."""
        rows = max(3, (height - 20) // 4)
        return Group(self._flights(rows), self._queue(rows), self._latency())

    def summary(self, where: str) -> RenderableType:
        """The whole run on one screen; `where` is the folder that keeps its store and log."""
        directives: Counter[str] = Counter()
        for flight in self.flights:
            directives.update(flight["directives"])
        degraded = sorted({source for flight in self.flights for source in flight["degraded"]})
        listed = {reference for flight in self.flights for reference in flight["listed"]}
        found = sum(
            1
            for referral in self.referrals.values()
            if referral.reference in listed and any(reason.code.startswith("lookout:") for reason in referral.reasons)
        )
        first = Counter(_first_kind(referral) for referral in self.referrals.values())
        lines = [
            "",
            f"{len(self.flights)} flights, {self.travellers} travellers, {len(self.referrals)} referrals",
            "answers to the carrier: " + (", ".join(f"{name} {count}" for name, count in directives.most_common()) or "none"),
            "first reasons: " + (", ".join(f"{name} {count}" for name, count in first.most_common()) or "none"),
            f"listed persons put on board: {len(listed)}, referred for the list: {found}",
        ]
        if degraded:
            lines.append(f"answered without: {', '.join(degraded)}")
        lines.append(f"store and log of this run: {where}")
        return Group(self._flights(SHOWN), self._queue(SHOWN), self._latency(), Text("\n".join(lines)))

    def _flights(self, rows: int) -> Table:
        by_flight = Counter(_flight_key(referral) for referral in self.referrals.values())
        table = Table(title="flights, latest last (milliseconds as the carrier waits)")
        for name in ("flight", "route", "departs (UTC)"):
            table.add_column(name, no_wrap=True)
        for name in ("on board", "check-in", "manifest", "referrals"):
            table.add_column(name, justify="right", no_wrap=True)
        for flight in self.flights[-rows:]:
            key = (flight["flight"], flight["departure"], flight["arrival"], flight["departure_at"])
            check_in = _percentile(flight["check_in_ms"], 50)
            table.add_row(
                flight["flight"],
                f"{flight['departure']}-{flight['arrival']}",
                flight["departure_at"][5:16].replace("T", " "),
                str(flight["travellers"]),
                "" if check_in is None else f"{check_in:.1f}",
                f"{flight['manifest_ms']:.1f}",
                str(by_flight[key] or ""),
            )
        return table

    def _queue(self, rows: int) -> Table:
        table = Table(title="referrals, latest first")
        table.add_column("flight", no_wrap=True)
        table.add_column("where", no_wrap=True)
        table.add_column("first reasons")
        for referral in reversed(list(self.referrals.values())[-rows:]):
            kind = "protection" if referral.lane == "protection" else _kind(referral)
            # Reasons hold what carriers sent: text, never markup.
            table.add_row(_flight_key(referral)[0], kind, Text("\n".join(_first_reasons(referral))))
        return table

    def _latency(self) -> Table:
        table = Table("calls as the carrier waits for them", box=None)
        for name in ("calls", "p50 ms", "p99 ms"):
            table.add_column(name, justify="right")
        check_ins = [ms for flight in self.flights for ms in flight["check_in_ms"]]
        rows = {
            "one traveller (ScreenTraveller)": check_ins,
            "one manifest (ScreenManifest)": [flight["manifest_ms"] for flight in self.flights],
        }
        for name, samples in rows.items():
            figures = [_percentile(samples, percent) for percent in (50, 99)]
            table.add_row(name, str(len(samples)), *("" if figure is None else f"{figure:.1f}" for figure in figures))
        return table


def _percentile(samples: Sequence[float], percent: float) -> float | None:
    return round(float(np.percentile(samples, percent)), 2) if samples else None


def _first_reasons(referral: "ReferralSummary") -> list[str]:
    """The first sentence of each of the first two reasons; what they rest on is for whoever opens the referral."""
    said = [reason.text.en for reason in referral.reasons if reason.code not in FIGURES]
    return [text.partition(". ")[0].removesuffix(".") for text in said[:2]]


def _first_kind(referral: "ReferralSummary") -> str:
    code = referral.reasons[0].code.partition(":")[0] if referral.reasons else ""
    return REASONS.get(code, code or "none")


def _kind(referral: "ReferralSummary") -> str:
    from forepost.referrals.v1.referrals_pb2 import ReferralKind

    return ReferralKind.Name(referral.kind).removeprefix("REFERRAL_KIND_").replace("_", " ").lower()


def _flight_key(referral: "ReferralSummary") -> tuple[str, ...]:
    flight = referral.flight
    departs = flight.departure_at.ToDatetime(UTC) if flight.HasField("departure_at") else None
    return (f"{flight.carrier}{flight.number}", flight.departure, flight.arrival, f"{departs:%Y-%m-%dT%H:%MZ}" if departs else "")
