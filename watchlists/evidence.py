"""The evidence of a match as rows of values and addends that sum to its log-odds.

Fields: `name` a pairing of tokens (or of tokens that are written as one), `name_unmatched` tokens without a partner on
either side, `name_together` the discount because tokens of one name go together, `name_differs` another name under the
lookout's document; `dob`, `nationality`; `birthplace`, and `birthplace_country` where no more than the country of birth is
known to agree; `document`, and `document_misread` whose number agrees but for characters that look alike.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import kernels, score
from watchlists.candidates import Pairs
from watchlists.queries import Queries
from watchlists.segments import Segment
from watchlists.tokens import Tokenised

Row = dict[str, Any]
_ROW: Final = {"field": pl.String, "traveller_value": pl.String, "lookout_value": pl.String, "log_odds": pl.Float64}


def column(segment: Segment, queries: Queries, pairs: Pairs, kept: NDArray[np.int64]) -> pl.Series:
    """Evidence of the pairs at the positions `kept`, strongest first, for before against: a list of rows each."""
    told = _rows(segment, queries, pairs, kept)
    every = [row for rows in told for row in rows]
    columns = pl.DataFrame({field: pl.Series([row[field] for row in every], dtype=dtype) for field, dtype in _ROW.items()})
    pair = pl.Series("pair", np.repeat(np.arange(len(told)), [len(rows) for rows in told]))
    flat = columns.to_struct("evidence").to_frame().with_columns(pair)
    return flat.group_by("pair", maintain_order=True).agg("evidence")["evidence"]


def _rows(segment: Segment, queries: Queries, pairs: Pairs, kept: NDArray[np.int64]) -> list[list[Row]]:
    listed, frames = segment.listed, segment.frames
    theirs = Tokenised(listed.names, listed.tokens, frames.spelt["token"])
    named = alignments(queries.tokenised, queries.cut, pairs.query[kept], theirs, pairs.name[kept])
    countries = segment.entries["countries"].gather(pairs.entry[kept]).list.join(", ").to_list()
    born, nationality = queries.births_shown.to_list(), queries.nationality.to_list()
    told = []
    for position, name, listed_countries in zip(kept.tolist(), named, countries, strict=True):
        query, entry = int(pairs.query[position]), int(pairs.entry[position])
        evidence = list(name) if name else [_row("name_differs", None, None, float(pairs.name_log_odds[position]))]
        if (correction := float(pairs.name_log_odds[position]) - sum(row["log_odds"] for row in evidence)) > 1e-9:
            evidence.append(_row("name_differs", None, None, correction))
        if pairs.birth_row[position] >= 0:
            birth = listed.births.values[pairs.birth_row[position]]
            evidence.append(_row("dob", born[query], shown_birth(birth), float(pairs.birth[position])))
        if pairs.country[position]:
            evidence.append(_row("nationality", nationality[query], listed_countries, float(pairs.country[position])))
        if pairs.place_row[position] >= 0:
            places = segment.entries["birthplaces"][entry]
            evidence.append(_place(queries, query, places, listed.places.offsets[entry], pairs, position))
        if pairs.document_row[position] >= 0:
            _, _, number, listed_number, ours, issuer = pairs.documents.row(int(pairs.document_row[position]))
            evidence.append(
                _row(
                    "document" if number == listed_number else "document_misread",
                    " ".join(filter(None, (number, ours))),
                    " ".join(filter(None, (listed_number, issuer))),
                    float(pairs.document[position]),
                )
            )
        told.append(sorted(evidence, key=lambda row: -row["log_odds"]))
    return told


def _place(queries: Queries, query: int, listed: Sequence[str], first: int, pairs: Pairs, position: int) -> Row:
    odds, theirs = float(pairs.place[position]), listed[int(pairs.place_row[position] - first)]
    of_country = odds >= 0.0 and pairs.place_level[position] != kernels.PLACE_SAME
    return _row("birthplace_country" if of_country else "birthplace", queries.birthplaces[query], theirs, odds)


def alignments(
    left: Tokenised, cut: NDArray[np.bool_], left_rows: NDArray[np.uint32], right: Tokenised, right_rows: NDArray[np.uint32]
) -> list[list[Row]]:
    """The name evidence of each pair of names, in the order the alignment found it; empty where nothing agrees."""
    offsets, parts, gains = kernels.explain_pairs(
        left_rows, left.names, left.tokens, cut, right_rows, right.names, right.tokens, score.names()
    )
    told = []
    spelt = zip(_spelt(left, left_rows), _spelt(right, right_rows), strict=True)
    for pair, (ours, theirs) in enumerate(spelt):
        free_ours, free_theirs = set(range(len(ours))), set(range(len(theirs)))
        evidence = []
        for position in range(offsets[pair], offsets[pair + 1]):
            part, gain = parts[position].tolist(), float(gains[position])
            if part[0] == kernels.TOGETHER:
                evidence.append(_row("name_together", None, None, gain))
            elif part[0] == kernels.UNMATCHED:
                evidence.append(
                    _row("name_unmatched", _words(ours, sorted(free_ours)), _words(theirs, sorted(free_theirs)), gain)
                )
            else:
                mine, other = _positions(part[0]), _positions(part[1])
                free_ours.difference_update(mine)
                free_theirs.difference_update(other)
                evidence.append(_row("name", _words(ours, mine), _words(theirs, other), gain))
        told.append(evidence)
    return told


def shown_birth(birth: NDArray[np.int16]) -> str:
    """The canonical text of a birth row."""
    first, last, month, day = (int(part) for part in birth)
    if first != last:
        return f"{first}/{last}"
    return f"{first}" + (f"-{month:02}" if month else "") + (f"-{day:02}" if day else "")


def _spelt(names: Tokenised, rows: NDArray[np.uint32]) -> list[list[str]]:
    """The tokens of each name."""
    starts = names.names.offsets[rows]
    lengths = names.names.offsets[rows + 1] - starts
    ends = np.cumsum(lengths)
    every = np.repeat(starts - ends + lengths, lengths) + np.arange(lengths.sum())
    tokens = names.spelt.gather(names.names.tokens[every]).to_list()
    return [tokens[end - length : end] for length, end in zip(lengths.tolist(), ends.tolist(), strict=True)]


def _positions(mask: int) -> list[int]:
    return [position for position in range(kernels.MAX_TOKENS) if mask >> position & 1]


def _words(spelt: list[str], positions: list[int]) -> str | None:
    return " ".join(spelt[position] for position in positions) or None


def _row(field: str, ours: str | None, theirs: str | None, log_odds: float) -> Row:
    return {"field": field, "traveller_value": ours, "lookout_value": theirs, "log_odds": log_odds}
