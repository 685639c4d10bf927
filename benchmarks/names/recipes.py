"""Peers that are recipes: rapidfuzz scorers and phonetic codes over the whole list, in batches of passengers.

Names are folded (`manifests.names.fold`) first, for peers as for us. A recipe gives a similarity from 0 to 1 of each
passenger and each entry. With date of birth and nationality it becomes a sum: similarity + strength x agreement (see
`agreement`). Each strength of STRENGTHS is tried and the best recall at each rate is the recipe's: chosen on the very data,
in its favour.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler, Levenshtein
from rapidfuzz.process import cdist

from benchmarks.names.agreement import Agreement, Matrix
from benchmarks.names.data import Passengers
from benchmarks.names.measures import Floats
from manifests.names import fold

STRENGTHS: Final = (0.05, 0.1, 0.2, 0.4, 0.8)
# Half a microsecond a pair and more: measured with a sample of the unrelated passengers.
SLOW: Final = frozenset({"WRatio", "token_set_ratio", "partial_ratio", "partial_token_sort_ratio"})
_BATCH: Final = 500
Scorer = Callable[..., Any]


@dataclass(frozen=True)
class Names:
    """Folded names of one side in the forms that recipes read."""

    plain: list[str]
    sorted: list[str]
    tokens: list[list[str]]

    @staticmethod
    def of(names: pl.Series) -> "Names":
        plain = fold(names).to_list()
        tokens = [name.split() for name in plain]
        return Names(plain, [" ".join(sorted(each)) for each in tokens], tokens)

    def part(self, first: int, size: int) -> "Names":
        end = first + size
        return Names(self.plain[first:end], self.sorted[first:end], self.tokens[first:end])


Recipe = Callable[[Names, Names], Matrix]


def rapidfuzz_recipes() -> dict[str, Recipe]:
    """The scorers of rapidfuzz that suit names, and the usual ways of making one order-free.

    Left out after a look: QRatio (equals ratio on folded names), token_ratio (token_set_ratio within a thousandth),
    Damerau-Levenshtein (Levenshtein within a hundredth) and partial_token_set_ratio (1 for any shared token).
    """
    normalised: dict[str, Scorer] = {
        "Jaro-Winkler": JaroWinkler.normalized_similarity,
        "Levenshtein": Levenshtein.normalized_similarity,
    }
    fuzzed: dict[str, Scorer] = {
        "ratio": fuzz.ratio,
        "WRatio": fuzz.WRatio,
        "token_sort_ratio": fuzz.token_sort_ratio,
        "token_set_ratio": fuzz.token_set_ratio,
        "partial_ratio": fuzz.partial_ratio,
        "partial_token_sort_ratio": fuzz.partial_token_sort_ratio,
    }
    return {
        **{name: _whole(scorer, 1.0) for name, scorer in normalised.items()},
        **{name: _whole(scorer, 100.0) for name, scorer in fuzzed.items()},
        "Jaro-Winkler, best of sorted tokens": _best_order(JaroWinkler.normalized_similarity, 1.0),
        "Levenshtein, best of sorted tokens": _best_order(Levenshtein.normalized_similarity, 1.0),
        "Jaro-Winkler of tokens, mean (Monge-Elkan)": _token_means(JaroWinkler.normalized_similarity),
    }


def phonetic_recipes() -> dict[str, Recipe]:
    """Overlap of phonetic token codes. Raises ImportError where jellyfish is not installed."""
    import jellyfish  # type: ignore[import-not-found]

    return {
        "metaphone overlap": _overlap(jellyfish.metaphone),
        "soundex overlap": _overlap(jellyfish.soundex),
        "NYSIIS overlap": _overlap(jellyfish.nysiis),
        "match rating overlap": _overlap(jellyfish.match_rating_codex),
        "token overlap": _overlap(lambda token: token),
    }


def _whole(scorer: Scorer, scale: float) -> Recipe:
    def score(left: Names, right: Names) -> Matrix:
        return _matrix(left.plain, right.plain, scorer, scale)

    return score


def _best_order(scorer: Scorer, scale: float) -> Recipe:
    def score(left: Names, right: Names) -> Matrix:
        better: Matrix = np.maximum(
            _matrix(left.plain, right.plain, scorer, scale), _matrix(left.sorted, right.sorted, scorer, scale)
        )
        return better

    return score


def _matrix(left: list[str], right: list[str], scorer: Scorer, scale: float) -> Matrix:
    scores: Matrix = cdist(left, right, scorer=scorer, workers=1, dtype=np.float32)
    return scores / np.float32(scale)


def _token_means(scorer: Scorer) -> Recipe:
    """Each token's best partner in the other name, averaged over the tokens of a side; the mean of both sides."""

    def score(left: Names, right: Names) -> Matrix:
        left_ids, left_tokens, left_starts = _flat(left)
        right_ids, right_tokens, right_starts = _flat(right)
        scores = _matrix(left_tokens, right_tokens, scorer, 1.0)
        best_right = np.maximum.reduceat(scores[:, right_ids], right_starts, axis=1)  # unique left tokens x entries
        forward = np.add.reduceat(best_right[left_ids], left_starts, axis=0) / _counts(left_ids, left_starts)[:, None]
        best_left = np.maximum.reduceat(scores[left_ids], left_starts, axis=0)  # passengers x unique right tokens
        backward = np.add.reduceat(best_left[:, right_ids], right_starts, axis=1) / _counts(right_ids, right_starts)
        return ((forward + backward) / 2).astype(np.float32)

    return score


def _flat(names: Names) -> tuple[NDArray[np.int64], list[str], NDArray[np.int64]]:
    """Number of each token in turn, the unique tokens, where each name starts; a blank name has one blank token."""
    known: dict[str, int] = {}
    ids: list[int] = []
    starts: list[int] = []
    for tokens in names.tokens:
        starts.append(len(ids))
        ids += [known.setdefault(token, len(known)) for token in tokens or [""]]
    return np.array(ids, np.int64), list(known), np.array(starts, np.int64)


def _counts(ids: NDArray[np.int64], starts: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.diff(np.append(starts, ids.size)).astype(np.float32)


def _overlap(code: Callable[[str], str]) -> Recipe:
    """Dice's coefficient of the codes of both names, as sets."""

    def score(left: Names, right: Names) -> Matrix:
        from scipy.sparse import csr_matrix

        known: dict[str, int] = {}
        rows = []
        for names in (left, right):
            coded = [sorted({known.setdefault(code(token), len(known)) for token in tokens}) for tokens in names.tokens]
            ends = np.cumsum([0, *(len(each) for each in coded)])
            rows.append((ends, [one for each in coded for one in each]))
        first, second = (
            csr_matrix((np.ones(len(ids), np.float32), ids, ends), shape=(ends.size - 1, max(len(known), 1)))
            for ends, ids in rows
        )
        shared = np.asarray((first @ second.T).todense(), np.float32)
        sizes = (np.diff(rows[0][0])[:, None] + np.diff(rows[1][0])).astype(np.float32)
        return (2 * shared / np.maximum(sizes, 1)).astype(np.float32)

    return score


def best_scores(recipe: Recipe, people: Passengers, listed: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """As `ours.best_scores`, of `listed` (names/watchlist.csv): by "names", and by "dob_country/<strength>"."""
    ours, theirs = Names.of(people.frame["name"]), Names.of(listed["name"])
    agreement = Agreement.of(people.frame, listed)
    position = {id: row for row, id in enumerate(listed["id"])}
    truth = np.array([position.get(id, -1) for id in people.frame["truth_id"].to_list()], np.int64)
    kinds: dict[str, tuple[list[Floats], list[Floats]]] = {}
    for first in range(0, len(ours.plain), _BATCH):
        similarity = recipe(ours.part(first, _BATCH), theirs)
        agreed = agreement.part(first, _BATCH)
        of = truth[first : first + _BATCH]
        for kind, scores in _settings(similarity, agreed):
            best, own = kinds.setdefault(kind, ([], []))
            best.append(scores.max(axis=1).astype(np.float64))
            own.append(np.where(of >= 0, scores[np.arange(of.size), of], -np.inf).astype(np.float64))
    return {
        kind: people.frame.with_columns(best=np.concatenate(best), own=np.concatenate(own)) for kind, (best, own) in kinds.items()
    }


def _settings(similarity: Matrix, agreed: Matrix) -> Iterator[tuple[str, Matrix]]:
    yield "names", similarity
    for strength in STRENGTHS:
        yield f"dob_country/{strength:g}", similarity + np.float32(strength) * agreed


def pair_scorer(recipe: Recipe) -> Callable[[pl.DataFrame], Floats]:
    """Similarities of left_name and right_name: the diagonal of small matrices."""

    def score(pairs: pl.DataFrame) -> Floats:
        left, right = Names.of(pairs["left_name"]), Names.of(pairs["right_name"])
        parts = [
            np.diagonal(recipe(left.part(first, _PAIRS), right.part(first, _PAIRS))) for first in range(0, pairs.height, _PAIRS)
        ]
        return np.concatenate(parts).astype(np.float64)

    return score


_PAIRS: Final = 64  # at once: of each matrix only the diagonal is wanted


def top(recipe: Recipe, people: Passengers, listed: pl.DataFrame, count: int) -> NDArray[np.int64]:
    """The `count` best entries of each passenger by a recipe, in no order: (passengers, count)."""
    ours, theirs = Names.of(people.frame["name"]), Names.of(listed["name"])
    parts = [
        np.argpartition(recipe(ours.part(first, _BATCH), theirs), -count, axis=1)[:, -count:]
        for first in range(0, len(ours.plain), _BATCH)
    ]
    return np.concatenate(parts).astype(np.int64)
