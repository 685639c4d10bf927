"""How each plan shows in what can be observed: one table per element, a row of weights per state.

A party's *state* is its plan and the manner in which it is carried out. Given the state (and what the network allows,
see `parties.py`) every element of `ELEMENTS` is drawn independently, so that the posterior over states is the product
of these tables. All figures are invented: they make innocent people often look unusual and most smuggled people
ordinary, so that no element separates alone; none is an estimate of anything real.
The module is long because it is a table.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.simulate.plans import NAMES, PRIOR, STATE_PLAN

# How hard the world is: the rows of all plans but the innocent are sharpened against the innocent mean by this power.
CONTRAST = 1.4


@dataclass(frozen=True)
class Element:
    """One categorical element: `table` (states, levels) holds probabilities."""

    levels: tuple[str, ...]
    table: npt.NDArray[np.float64]

    def level(self, name: str) -> int:
        return self.levels.index(name)

    def draw(self, rng: np.random.Generator, state: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """A level for each party or traveller, by inversion of its state's distribution."""
        cumulative = np.cumsum(self.table, axis=1)[:, :-1]
        drawn: npt.NDArray[np.int64] = (rng.random(state.size)[:, None] > cumulative[state]).sum(axis=1)
        return drawn

    def log_likelihood(self, level: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """log p(level | state), (n, states)."""
        scores: npt.NDArray[np.float64] = np.log(self.table.T)[level]
        return scores


def _element(levels: str, **weights: str) -> Element:
    """A table from weights per state; `base` stands for every state that is not named. Weights below .01 % are raised to it."""
    names = tuple(levels.split())
    rows = np.array([[float(weight) for weight in weights.get(state, weights["base"]).split()] for state in NAMES])
    if rows.shape[1] != len(names) or not set(weights) <= {"base", *NAMES}:
        raise ValueError(f"element {names}: one weight per level, for known states")
    rows = rows / rows.sum(axis=1, keepdims=True)
    innocent = STATE_PLAN == 0
    mean = (PRIOR[innocent] / PRIOR[innocent].sum()) @ rows[innocent]
    rows = np.maximum(rows, 1e-4)
    rows[~innocent] *= (rows[~innocent] / np.maximum(mean, 1e-4)) ** (CONTRAST - 1)
    rows = np.maximum(rows / rows.sum(axis=1, keepdims=True), 1e-4)
    return Element(names, rows / rows.sum(axis=1, keepdims=True))


# Drawn once per party.
PARTY: dict[str, Element] = {
    "size": _element(
        "1 2 3 4 5",
        tourist="30 42 12 12 4",
        visitor="48 30 10 9 3",
        business="86 11 2 1 0",
        student="90 8 1 1 0",
        settler="55 20 12 10 3",
        urgent="74 19 4 2 1",
        group="0 10 15 25 50",
        backpacker="70 26 3 1 0",
        smuggled_crude="66 24 7 3 0",
        smuggled_careful="64 28 6 2 0",
        smuggled_family="0 30 38 24 8",
        escort="84 14 2 0 0",
        altered_crude="85 13 2 0 0",
        altered_careful="80 17 3 0 0",
        victim="76 20 4 0 0",
        victim_children="0 20 45 35 0",
        child_alone="100 0 0 0 0",
        base="1 0 0 0 0",
    ),
    # Whether those after the second are children: a family, or a group of adults.
    "children": _element(
        "no yes",
        tourist="45 55",
        visitor="35 65",
        business="90 10",
        student="80 20",
        settler="15 85",
        urgent="60 40",
        group="70 30",
        backpacker="95 5",
        smuggled_family="10 90",
        victim_children="0 100",
        base="60 40",
    ),
    "surnames": _element(
        "same differ",
        tourist="82 18",
        visitor="84 16",
        business="8 92",
        settler="90 10",
        group="5 95",
        backpacker="20 80",
        urgent="84 16",
        smuggled_crude="35 65",
        smuggled_careful="55 45",
        smuggled_family="58 42",
        victim="15 85",
        victim_children="8 92",
        base="50 50",
    ),
    "lead": _element(
        "under_1d under_3d under_10d under_45d under_120d longer",
        tourist="1.5 3 8 30 38 19.5",
        visitor="3 5 12 36 32 12",
        business="12 20 30 30 7 1",
        student="2 4 12 40 34 8",
        settler="3 6 18 42 25 6",
        urgent="34 34 20 9 2 1",
        group="1 1 5 25 45 23",
        backpacker="6 10 20 38 20 6",
        smuggled_crude="19 26 29 20 5 1",
        smuggled_careful="5 12 27 38 15 3",
        smuggled_family="10 19 30 31 8 2",
        escort="18 26 30 21 5 0",
        altered_crude="17 23 30 23 6 1",
        altered_careful="7 14 27 37 13 2",
        victim="20 27 28 20 4 1",
        victim_children="16 22 30 26 6 0",
        child_alone="6 9 20 40 20 5",
        base="1 1 1 1 1 1",
    ),
    "payment": _element(
        "cash card account voucher other",
        tourist="3 86 3 5 3",
        visitor="9 79 3 4 5",
        business="1 47 48 2 2",
        student="8 76 8 2 6",
        settler="17 63 10 2 8",
        urgent="17 74 3 3 3",
        group="4 52 36 3 5",
        backpacker="7 81 2 6 4",
        smuggled_crude="43 42 5 3 7",
        smuggled_careful="18 68 6 3 5",
        smuggled_family="33 51 6 3 7",
        escort="34 53 7 2 4",
        altered_crude="38 49 4 3 6",
        altered_careful="18 70 5 3 4",
        victim="34 52 7 2 5",
        victim_children="30 56 7 2 5",
        child_alone="9 79 5 3 4",
        base="1 1 1 1 1",
    ),
    "payer": _element(
        "member other organisation unknown",
        tourist="78 10 3 9",
        visitor="58 28 2 12",
        business="36 3 52 9",
        student="40 42 8 10",
        settler="48 27 11 14",
        urgent="62 26 3 9",
        group="20 28 42 10",
        backpacker="84 6 1 9",
        smuggled_crude="27 40 4 29",
        smuggled_careful="42 39 7 12",
        smuggled_family="30 42 6 22",
        escort="41 29 8 22",
        altered_crude="42 29 4 25",
        altered_careful="58 22 5 15",
        victim="12 58 9 21",
        victim_children="20 52 6 22",
        child_alone="2 86 4 8",
        base="1 1 1 1",
    ),
    "stay": _element(
        "under_5d under_16d under_46d under_181d longer one_way",
        tourist="7 56 27 5 1 4",
        visitor="3 24 40 23 3 7",
        business="62 26 6 2 1 3",
        student="1 3 6 30 32 28",
        settler="1 3 8 14 10 64",
        urgent="17 39 20 7 2 15",
        group="8 68 19 3 0 2",
        backpacker="2 16 30 22 4 26",
        smuggled_crude="3 18 19 9 2 49",
        smuggled_careful="4 33 30 12 2 19",
        smuggled_family="2 20 27 13 2 36",
        escort="46 20 7 2 1 24",
        altered_crude="4 24 21 8 2 41",
        altered_careful="5 35 27 9 2 22",
        victim="3 18 20 15 4 40",
        victim_children="4 22 22 10 2 40",
        child_alone="2 22 32 18 8 18",
        base="1 1 1 1 1 1",
    ),
    # How they reach the last foreign airport; drawn where that is a hub, direct elsewhere.
    "route": _element(
        "direct sensible detour double",
        tourist="66 29 3 2",
        visitor="52 39 5 4",
        business="66 29 4 1",
        student="47 44 5 4",
        settler="45 44 6 5",
        urgent="56 32 8 4",
        group="74 24 1 1",
        backpacker="38 40 14 8",
        smuggled_crude="25 34 25 16",
        smuggled_careful="37 42 13 8",
        smuggled_family="29 40 20 11",
        escort="36 33 20 11",
        altered_crude="31 36 21 12",
        altered_careful="43 39 11 7",
        victim="38 39 14 9",
        victim_children="43 39 11 7",
        child_alone="72 26 1 1",
        base="1 1 1 1",
    ),
    "layover": _element(  # drawn where there is a connection
        "under_1h under_4h under_10h longer",
        backpacker="6 38 32 24",
        smuggled_crude="5 36 32 27",
        smuggled_careful="5 52 29 14",
        smuggled_family="4 42 32 22",
        escort="8 42 28 22",
        altered_crude="6 40 31 23",
        altered_careful="6 52 27 15",
        victim="6 46 30 18",
        urgent="9 52 25 14",
        base="7 63 22 8",
    ),
    "interline": _element(  # drawn where there is a connection
        "same_carrier partner none",
        backpacker="34 30 36",
        smuggled_crude="40 31 29",
        smuggled_careful="50 36 14",
        smuggled_family="46 32 22",
        escort="44 32 24",
        altered_crude="43 31 26",
        altered_careful="51 34 15",
        victim="48 32 20",
        urgent="50 34 16",
        base="58 35 7",
    ),
    "agency": _element(
        "direct online corporate local",
        tourist="47 34 2 17",
        visitor="35 27 2 36",
        business="37 9 48 6",
        student="38 31 2 29",
        settler="26 20 6 48",
        urgent="55 27 2 16",
        group="6 7 20 67",
        backpacker="51 43 1 5",
        smuggled_crude="25 24 3 48",
        smuggled_careful="29 23 4 44",
        smuggled_family="24 22 4 50",
        escort="31 24 4 41",
        altered_crude="32 28 4 36",
        altered_careful="38 28 5 29",
        victim="27 20 5 48",
        victim_children="29 23 3 45",
        child_alone="44 21 2 33",
        base="1 1 1 1",
    ),
    "phone": _element(
        "own agency missing",
        tourist="70 11 19",
        visitor="63 18 19",
        business="68 17 15",
        settler="54 26 20",
        group="35 48 17",
        backpacker="71 4 25",
        smuggled_crude="53 17 30",
        smuggled_careful="65 19 16",
        smuggled_family="57 20 23",
        escort="62 13 25",
        altered_crude="57 13 30",
        altered_careful="66 14 20",
        victim="52 22 26",
        victim_children="56 20 24",
        base="66 14 20",
    ),
    "email": _element(
        "ordinary disposable missing",
        tourist="70 1.6 28.4",
        business="78 .7 21.3",
        settler="58 2.4 39.6",
        backpacker="79 5 16",
        smuggled_crude="46 9 45",
        smuggled_careful="64 5 31",
        smuggled_family="50 7 43",
        escort="56 8 36",
        altered_crude="50 9 41",
        altered_careful="65 4 31",
        victim="50 6 44",
        victim_children="56 5 39",
        base="65 1.6 33.4",
    ),
    "address": _element(
        "own hotel missing",
        tourist="34 34 32",
        visitor="55 9 36",
        business="31 39 30",
        settler="52 9 39",
        group="17 50 33",
        backpacker="24 31 45",
        smuggled_crude="33 17 50",
        smuggled_careful="46 18 36",
        smuggled_family="42 15 43",
        escort="29 30 41",
        altered_crude="34 20 46",
        altered_careful="44 22 34",
        victim="38 19 43",
        victim_children="40 17 43",
        base="45 18 37",
    ),
    "changes": _element(
        "0 1 2 3 4",
        tourist="72 19 6 2 1",
        business="52 27 12 6 3",
        urgent="67 22 7 3 1",
        group="45 27 14 8 6",
        smuggled_crude="46 25 15 8 6",
        smuggled_careful="57 25 11 5 2",
        smuggled_family="52 26 12 6 4",
        escort="44 26 16 9 5",
        altered_crude="50 25 14 7 4",
        altered_careful="60 24 10 4 2",
        victim="55 25 12 5 3",
        base="67 21 8 3 1",
    ),
    "onward": _element(
        "none domestic border us",
        tourist="78 15 1.6 5.4",
        visitor="76 17 3 4",
        business="78 14 1.4 6.6",
        student="80 16 3 1",
        settler="70 25 4 1",
        backpacker="74 17 3 6",
        smuggled_crude="69 12 12 7",
        smuggled_careful="73 13 7 7",
        smuggled_family="70 14 10 6",
        escort="72 10 9 9",
        altered_crude="75 13 6 6",
        altered_careful="77 13 4 6",
        victim="74 13 7 6",
        base="79 14 2 5",
    ),
    # Travels beside another booking on the flight that carries the same card and phone.
    "companion": _element(
        "no yes",
        tourist="95 5",
        visitor="96 4",
        group="80 20",
        business="96 4",
        smuggled_crude="74 26",
        smuggled_careful="82 18",
        smuggled_family="82 18",
        escort="72 28",
        victim="88 12",
        victim_children="90 10",
        altered_careful="94 6",
        base="96 4",
    ),
    # The lead is one of the people who fly again and again (for an escort: one of the network's).
    "returning": _element(
        "no yes",
        tourist="91 9",
        visitor="78 22",
        business="48 52",
        student="80 20",
        settler="93 7",
        urgent="82 18",
        group="92 8",
        backpacker="90 10",
        smuggled_crude="98 2",
        smuggled_careful="95 5",
        smuggled_family="98 2",
        escort="22 78",
        altered_crude="95 5",
        altered_careful="88 12",
        victim="97 3",
        victim_children="80 20",
        child_alone="88 12",
        base="1 1",
    ),
    "pooled": _element(  # all bags checked in under the lead, for parties of two and more
        "no yes",
        tourist="62 38",
        visitor="64 36",
        settler="60 40",
        group="86 14",
        smuggled_crude="60 40",
        smuggled_careful="62 38",
        smuggled_family="55 45",
        escort="62 38",
        victim="50 50",
        victim_children="45 55",
        base="75 25",
    ),
}
# Drawn for each traveller of the party.
PERSON: dict[str, Element] = {
    "bags": _element(
        "0 1 2 3",
        tourist="22 56 20 2",
        visitor="14 43 38 5",
        business="54 40 5 1",
        student="10 32 48 10",
        settler="7 25 46 22",
        urgent="42 45 11 2",
        group="20 62 16 2",
        backpacker="47 47 5 1",
        smuggled_crude="53 38 8 1",
        smuggled_careful="30 50 18 2",
        smuggled_family="36 47 15 2",
        escort="62 32 5 1",
        altered_crude="47 42 10 1",
        altered_careful="32 48 18 2",
        victim="48 42 9 1",
        victim_children="42 46 11 1",
        child_alone="24 56 18 2",
        base="1 1 1 1",
    ),
    "expiry": _element(  # validity of the document left on the day of travel
        "under_1m under_6m under_2y under_5y under_9y fresh",
        smuggled_crude="1.4 8 19 27 22 22.6",
        smuggled_careful="0.5 4 18 30 30 17.5",
        smuggled_family="0.8 5 18 29 27 20.2",
        altered_crude="3.5 11 24 30 21 10.5",
        altered_careful="1 6 22 34 28 9",
        victim="0.8 6 17 28 24 24.2",
        settler="0.3 3 14 26 32 24.7",
        student="0.2 2 14 35 34 14.8",
        base="0.4 4 19 36 33 7.6",
    ),
    "number": _element(
        "regular odd",
        altered_crude="82 18",
        altered_careful="93 7",
        smuggled_crude="93 7",
        smuggled_careful="97.5 2.5",
        base="99 1",
    ),
    # The document is one that another person has shown before.
    "reused": _element(
        "no yes", altered_crude="93 7", altered_careful="91 9", smuggled_crude="94 6", smuggled_family="97 3", base="99.95 .05"
    ),
    # A returning traveller shows another document than before.
    "renewed": _element(
        "no yes", altered_crude="55 45", altered_careful="62 38", smuggled_crude="70 30", escort="84 16", base="93 7"
    ),
}
