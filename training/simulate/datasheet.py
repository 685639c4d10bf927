"""The data sheet of a simulated world: its statistics beside published base rates, and what is not real about it."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from training.simulate.elements import CONTRAST
from training.simulate.parties import OUTSIDE_ORACLE
from training.simulate.plans import CLAIM, FALSE_FINDING, SENSITIVITY

PUBLISHED = (
    ("travellers risk-assessed on arrival by air, Canada 2019-20, per day", "92,900", "NSIRA review of air passenger targeting"),
    ("recommendations not to board, United States, FY2015, share of travellers", "1.3e-4", "GAO-17-216"),
    ("wrongly documented travellers", "1 in 25,000 = 4e-5", "IATA"),
)
UNREAL = (
    "Findings are about eight times as frequent as the published rates, so that a set of modest size holds enough of "
    "them to learn "
    "from and to measure. A model trained here is calibrated to this rate and must never act outside a demonstration.",
    "Every traveller counts as examined (a control era). Real outcomes exist for the referred and a control sample only; that "
    "selection and its correction are not simulated yet.",
    "Everybody starts abroad: residents who return to Canada on the second half of a journey are missing, and crew too.",
    "Given their plan and manner people choose each element of a booking independently; real choices hang together more closely.",
    "Origins, names, sex, age and nationality do not depend on the plan, and they do in no way inform the outcome. A detour does "
    "change where a journey starts.",
    "Victims of trafficking travel alone or together, trafficked children with an adult of whom an examination records "
    "nothing: neither a finding nor a protection outcome, whatever they know.",
    "One adult in a thousand is on the invented list, far more than on any real one, so that its scenarios can be seen to fire.",
    "Networks do not adapt during the world. Carriers are clean: a fraction of a percent of elements is missing, two "
    "carriers send no PNR.",
    "Time-table, carriers' networks, agencies, prices and every probability are invented; only airports' places and "
    "time zones are real.",
)  # fmt: skip


class Counts(Protocol):
    travellers: int
    flights: int
    bookings: int
    minors: int
    returning: int

    @property
    def plans(self) -> Mapping[str, int]: ...
    @property
    def outcomes(self) -> Mapping[str, int]: ...
    @property
    def payments(self) -> Mapping[str, int]: ...


def datasheet(counts: Counts, travellers: int, seed: int, start: date, days: int) -> str:
    """Markdown; depends on its arguments alone."""
    total = max(1, counts.travellers)
    findings = sum(counts.outcomes.get(name, 0) for name in ("facilitation", "fraudulent_document"))
    lines = [
        "# Data sheet of a simulated world",
        "",
        f"Made by `forepost simulate --travellers {travellers} --seed {seed}`: {days} days from {start}. Everything and "
        f"everybody in it is "
        "invented.",
        "",
        "## Statistics",
        "",
        *_table(
            ("figure", "value"),
            [
                ("travellers", f"{counts.travellers:,}"),
                ("flights", f"{counts.flights:,}"),
                ("bookings sent", f"{counts.bookings:,}"),
                ("minors", f"{counts.minors / total:.1%}"),
                ("travellers seen before", f"{counts.returning / total:.1%}"),
                ("findings recorded", f"{findings:,} = {findings / total:.2e} of travellers"),
            ],
        ),
        "",
        "Latent plans and recorded outcomes:",
        "",
        *_table(("plan", "travellers", "share"), _shares(counts.plans, total)),
        "",
        *_table(("outcome", "travellers", "share"), _shares(counts.outcomes, total)),
        "",
        "Payment of bookings:",
        "",
        *_table(("payment", "bookings", "share"), _shares(counts.payments, max(1, counts.bookings))),
        "",
        "Published, for comparison:",
        "",
        *_table(("fact", "figure", "source"), PUBLISHED),
        "",
        "## How outcomes come about",
        "",
        "Each is drawn from the latent plan, never from an element. Chance that an examination finds it: "
        + ", ".join(f"{plan} {chance:.0%}" for plan, chance in SENSITIVITY.items())
        + f"; wrong finding on an innocent adult {FALSE_FINDING:.1e}; refugee claim instead: "
        + ", ".join(f"{plan} {chance:.2%}" for plan, chance in CLAIM.items())
        + ". A claim, a victim, a child alone or a minor is never a finding.",
        "",
        f"Elements are drawn from tables per plan and manner, sharpened by {CONTRAST} against the innocent mean.",
        "",
        "## The oracle",
        "",
        "`oracle` in the truth is the exact posterior probability of a finding plan given the elements of the unit "
        "(one booking, or two that "
        "travel together). Left out:",
        "",
        *(f"- {item}" for item in OUTSIDE_ORACLE),
        "",
        "## What is not real",
        "",
        *(f"- {item}" for item in UNREAL),
        "",
    ]
    return "\n".join(lines)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows)]


def _shares(counts: Mapping[str, int], total: int) -> list[tuple[str, ...]]:
    return [
        (name, f"{count:,}", f"{count / total:.2e}")
        for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]
