"""The search finds what scoring every name would find, with the same figures: its bounds are bounds."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.watchlists.conftest import lookout
from watchlists import candidates, kernels, queries, score, snapshot
from watchlists.lookouts import Imported, frame
from watchlists.snapshot import Snapshot

_GIVEN = (
    *("MOHAMMED", "MUHAMMAD", "ALI", "HASSAN", "MARIA", "ELENA", "JOSE", "JUAN", "ANA", "OLGA", "IVAN", "SERGEI", "YURI"),
    *("KIM", "LI", "WEI", "CHEN", "SOFIA", "ABDUL", "RAHMAN"),
)
_FAMILY = (
    *("QUDDOOSHI", "BARZANI", "HERNANDEZ", "FERNANDEZ", "GUTIERREZ", "RENDON", "PETROV", "PETROVA", "IVANOV", "SIDOROV"),
    *("NGUYEN", "PHAM", "KOWALSKI", "SZCZEPANSKI", "AL-TIKRITI", "EL-MASRI", "VAN DER BERG", "OULD", "CHEIKH", "DUPONT"),
    *("MUELLER", "MULLER", "SCHMIDT", "OKONKWO", "ADEYEMI", "TANAKA", "YAMAMOTO", "SINGH", "KAUR"),
)


def _persons(count: int, generator: np.random.Generator) -> list[tuple[str, str, str | None]]:
    persons = []
    for _ in range(count):
        given = generator.choice(_GIVEN, int(generator.integers(1, 4)))
        family = generator.choice(_FAMILY, int(generator.integers(1, 3)))
        born = date(1950, 1, 1) + timedelta(days=int(generator.integers(0, 20_000)))
        kind = int(generator.integers(0, 6))
        dob = None if kind == 0 else f"{born.year}" if kind == 1 else f"{born.year}/{born.year + 2}" if kind == 2 else str(born)
        persons.append((" ".join(family), " ".join(given), dob))
    return persons


def _noisy(name: str, generator: np.random.Generator) -> str:
    words = name.split()
    kind = int(generator.integers(0, 8))
    at = int(generator.integers(0, max(1, len(name) - 1)))
    if kind == 0:
        return name[:at] + name[at + 1 :]
    if kind == 1:
        return name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
    if kind == 2:
        return " ".join(words[::-1])
    if kind == 3:
        return "".join(words[:2]) + " " + " ".join(words[2:])
    if kind == 4:
        return " ".join([words[0], *(word[0] for word in words[1:])])
    if kind == 5:
        return " ".join(words[:-1]) or name
    if kind == 6:
        return name[:at] + "A" + name[at:]
    return name


@pytest.fixture(scope="module")
def listed(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    persons = _persons(500, np.random.default_rng(3))
    rows = [lookout(f"{i:04}", f"{family}, {given}", dobs=[dob] if dob else []) for i, (family, given, dob) in enumerate(persons)]
    folder: Path = tmp_path_factory.mktemp("search")
    return snapshot.replace(folder / "s", [Imported("test", frame(rows), ())])


@pytest.mark.parametrize("total", [4.0, 8.0, 12.0])
@pytest.mark.parametrize("dated", [False, True])
def test_what_is_found_is_what_scoring_every_name_finds(listed: Snapshot, total: float, dated: bool) -> None:
    generator = np.random.default_rng(9)
    asked = _persons(100, generator)
    names = pl.Series([_noisy(f"{given} {family}", generator) for family, given, _ in asked] + ["", "X", "ANNEMARIEMULLER"])
    births = pl.Series([dob if dated else None for _, _, dob in asked] + [None, "1970-01-01", None], dtype=pl.String)
    nothing = pl.Series([None] * len(names), dtype=pl.String)
    travellers = queries.of_columns(listed.frequencies, nothing, names, births, nothing)
    (segment,) = listed.segments
    needs = candidates.needs(travellers, total)
    query, _, name, odds = candidates.named(segment, travellers, needs)
    found = dict(zip(zip(query.tolist(), name.tolist(), strict=True), odds.tolist(), strict=True))

    count = segment.listed.name_entries.size
    every_q, every_n = (
        grid.ravel().astype(np.uint32) for grid in np.meshgrid(np.arange(len(names)), np.arange(count), indexing="ij")
    )
    scores = kernels.score_pairs(
        every_q,
        travellers.tokenised.names,
        travellers.tokenised.tokens,
        travellers.cut,
        every_n,
        segment.listed.names,
        segment.listed.tokens,
        score.names(),
    )
    born, _, _ = kernels.birth_evidence(
        every_q, segment.listed.name_entries[every_n], travellers.births, segment.listed.births, score.BIRTHS
    )
    enough = (scores >= needs.name[every_q]) & (scores + born + needs.other[every_q] >= total)
    wanted = {(int(q), int(n)): float(s) for q, n, s in zip(every_q[enough], every_n[enough], scores[enough], strict=True)}
    assert found.keys() <= wanted.keys()
    assert all(found[pair] == pytest.approx(wanted[pair], abs=1e-4) for pair in found)
    lost = [(names[q], segment.frames.names["name"][n], wanted[q, n]) for q, n in wanted.keys() - found.keys()]
    # Written as one and misspelt at once is not looked for among names of that token alone.
    assert len(found) >= 0.99 * len(wanted) > 10, lost


def test_each_name_is_found_once(listed: Snapshot) -> None:
    (segment,) = listed.segments
    names = segment.frames.names["name"]
    nothing = pl.Series([None] * len(names), dtype=pl.String)
    travellers = queries.of_columns(listed.frequencies, nothing, names, nothing, nothing)
    query, _, name, _ = candidates.named(segment, travellers, candidates.needs(travellers, 6.0))
    pairs = list(zip(query.tolist(), name.tolist(), strict=True))
    assert len(pairs) == len(set(pairs))
    assert {(row, row) for row in range(len(names))} <= set(pairs)


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("MARCELA A PISANI GOMEZ", "BERMUDEZ CASTILLO GOMEZ, MARCELA ANGEL ARIEL"),  # two begin with the one initial
        ("JUAN JOSE JULIO QUDDOOSHI", "QUDDOOSHI, J"),
    ],
)
def test_an_initial_excuses_all_that_begin_with_it(tmp_path: Path, asked: str, name: str) -> None:
    snap = snapshot.replace(tmp_path / "snapshot", [Imported("one", frame([lookout("1", name)]), ())])
    [segment] = snap.segments
    every = queries.of_columns(snap.frequencies, *(pl.Series([text], dtype=pl.String) for text in (None, asked, None, None)))
    listed = segment.listed
    [odds] = kernels.score_pairs(
        np.zeros(1, np.uint32),
        every.tokenised.names,
        every.tokenised.tokens,
        every.cut,
        np.zeros(1, np.uint32),
        listed.names,
        listed.tokens,
        score.names(),
    )
    _, _, _, found = candidates.named(segment, every, candidates.needs(every, odds))
    assert found.tolist() == [odds]
