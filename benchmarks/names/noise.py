"""Listed names as carriers send them: each kind of noise that the index must see through, drawn by a generator."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from manifests.names import fold_one

# ICAO Doc 9303-5: a TD1 card holds 30 characters of a name, `<<` after the surname and `<` between tokens included.
MACHINE_READABLE: Final = 30
_PARTICLES: Final = ("AL", "EL", "BIN", "BEN", "VAN", "DE", "DER", "DI", "DA", "ABU", "UL")
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Spellings = Mapping[str, list[str]]
Noise = Callable[[list[str], list[str], np.random.Generator, Spellings], list[str] | None]


def spellings(data: Path) -> dict[str, list[str]]:
    """Other attested Latin spellings of one native token, both ways."""
    table = pl.read_csv(data / "names" / "romanisation_variants.csv").select(
        pl.col("latin_main", "latin_variant").str.to_uppercase()
    )
    found: dict[str, list[str]] = {}
    for main, variant in table.unique(maintain_order=True).iter_rows():
        found.setdefault(main, []).append(variant)
        found.setdefault(variant, []).append(main)
    return found


def exact(surname: list[str], given: list[str], draw: np.random.Generator, known: Spellings) -> list[str]:
    return given + surname


def swap(surname: list[str], given: list[str], draw: np.random.Generator, known: Spellings) -> list[str] | None:
    """Surname first."""
    return surname + given if surname and given else None


def typo(surname: list[str], given: list[str], draw: np.random.Generator, known: Spellings) -> list[str] | None:
    """One letter changed, left out, doubled by another, or swapped with its neighbour, in a token of four letters or more."""
    tokens = given + surname
    long = [place for place, token in enumerate(tokens) if len(token) >= 4]
    if not long:
        return None
    place = int(draw.choice(long))
    token, letter = tokens[place], str(draw.choice(list(_LETTERS)))
    at, kind = int(draw.integers(len(token) - 1)), int(draw.integers(4))
    changed = (
        token[:at] + letter + token[at + 1 :],
        token[:at] + token[at + 1 :],
        token[:at] + letter + token[at:],
        token[:at] + token[at + 1] + token[at] + token[at + 2 :],
    )[kind]
    return [*tokens[:place], changed, *tokens[place + 1 :]]


def truncation(surname: list[str], given: list[str], draw: np.random.Generator, known: Spellings) -> list[str] | None:
    """A name too long for the machine readable zone of a card, its end cut off."""
    if not surname or not given:
        return None
    zone = "<".join(surname) + "<<" + "<".join(given)
    if len(zone) <= MACHINE_READABLE:
        return None
    last, _, first = zone[:MACHINE_READABLE].partition("<<")
    return [*(token for token in first.split("<") if token), *last.split("<")]


def romanisation(surname: list[str], given: list[str], draw: np.random.Generator, known: Spellings) -> list[str] | None:
    """One token in another attested spelling of the same native token."""
    tokens = given + surname
    places = [place for place, token in enumerate(tokens) if token in known]
    if not places:
        return None
    place = int(draw.choice(places))
    return [*tokens[:place], str(draw.choice(known[tokens[place]])), *tokens[place + 1 :]]


def particles(surname: list[str], given: list[str], draw: np.random.Generator, known: Spellings) -> list[str] | None:
    """Particles left out where there are some; else one put before the surname, apart or joined to it."""
    tokens = given + surname
    plain = [token for token in tokens if token not in _PARTICLES]
    if not surname or not plain:
        return None
    if len(plain) < len(tokens):
        return plain
    particle = str(draw.choice(list(_PARTICLES)))
    joined = [particle + surname[0], *surname[1:]] if draw.random() < 0.5 else [particle, *surname]
    return given + joined


def joined(surname: list[str], given: list[str], draw: np.random.Generator, known: Spellings) -> list[str] | None:
    """Two neighbouring given names, or parts of a surname, as one token."""
    for part in (given, surname):
        if len(part) >= 2:
            both = [part[0] + part[1], *part[2:]]
            return both + surname if part is given else given + both
    return None


def initials(surname: list[str], given: list[str], draw: np.random.Generator, known: Spellings) -> list[str] | None:
    """All given names but the first as their initial."""
    return [given[0], *(token[0] for token in given[1:]), *surname] if len(given) >= 2 else None


KINDS: Final[dict[str, Noise]] = {
    "exact": exact,
    "typo": typo,
    "swap": swap,
    "truncation": truncation,
    "romanisation": romanisation,
    "particles": particles,
    "joined": joined,
    "initials": initials,
}


def noisy(people: pl.DataFrame, each: int, known: Spellings, draw: np.random.Generator) -> pl.DataFrame:
    """`each` persons per kind of noise, drawn from `people` (surname, given, …): their rows with name and category."""
    frames = []
    for kind, noise in KINDS.items():
        rows, names = [], []
        for row in draw.permutation(people.height).tolist():
            surname, given = (fold_one(people[column][row] or "").split() for column in ("surname", "given"))
            changed = noise(surname, given, draw, known)
            if changed:
                rows.append(row)
                names.append(" ".join(changed))
                if len(rows) == each:
                    break
        frames.append(people[rows].with_columns(pl.Series("name", names, pl.String), category=pl.lit(kind)))
    return pl.concat(frames)
