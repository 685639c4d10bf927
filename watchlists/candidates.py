"""Which lookouts a traveller may be, and every addend of the evidence about each."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists import documents as document_index
from watchlists import kernels, score
from watchlists.kernels import Needs
from watchlists.queries import Queries
from watchlists.segments import Segment


@dataclass(frozen=True)
class Pairs:
    """Pairs of a query and an entry, one element each."""

    query: NDArray[np.uint32]
    entry: NDArray[np.uint32]  # row of the segment
    name: NDArray[np.uint32]  # the listed name that agrees best
    name_log_odds: NDArray[np.float64]
    birth: NDArray[np.float64]
    birth_level: NDArray[np.uint8]
    birth_row: NDArray[np.int64]  # of Listed.births, -1 where one side has none
    country: NDArray[np.float64]
    place: NDArray[np.float64]
    place_level: NDArray[np.uint8]
    place_row: NDArray[np.int64]  # of Listed.places, -1 where nothing can be said
    document: NDArray[np.float64]
    document_row: NDArray[np.int64]  # of `documents`, -1 where none agrees
    documents: pl.DataFrame  # `documents.hits`, row of the query

    @property
    def document_exact(self) -> NDArray[np.bool_]:
        """Whether a document agrees in every character of its number."""
        exact = (self.documents["number"] == self.documents["listed_number"]).to_numpy()
        agrees: NDArray[np.bool_] = self.document_row >= 0
        agrees[agrees] = exact[self.document_row[agrees]]
        return agrees

    @property
    def log_odds(self) -> NDArray[np.float64]:
        """The sum of the evidence."""
        total: NDArray[np.float64] = self.name_log_odds + self.birth + self.country + self.place + self.document
        return total


def candidates(segment: Segment, queries: Queries, documents: pl.DataFrame, floor: float) -> Pairs:
    """Every pair with a document, exact or misread, or with name evidence such that the sum could reach `floor`."""
    listed = segment.listed
    agreeing = document_index.hits(
        documents, segment.frames.documents, listed.document_keys, listed.document_rows, score.DOCUMENT_SHORTEST
    )
    by_name = named(segment, queries, needs(queries, floor))
    by_document = _documented(segment, queries, agreeing)
    query, entry, name, odds = _best(
        np.concatenate([by_name[0], by_document[0]]),
        np.concatenate([by_name[1], by_document[1]]),
        np.concatenate([by_name[2], by_document[2]]),
        np.concatenate([by_name[3], by_document[3]]),
    )

    birth, level, row = kernels.birth_evidence(query, entry, queries.births, listed.births, score.BIRTHS)
    country = kernels.country_evidence(
        query, entry, queries.countries, listed.countries, listed.country_offsets, score.COUNTRY_AGREES, score.COUNTRY_DIFFERS
    )
    place, place_level, place_row = _place_evidence(segment, queries, query, entry, country)
    document, document_row = _document_evidence(query, entry, agreeing)
    return Pairs(
        query=query,
        entry=entry,
        name=name,
        name_log_odds=odds,
        birth=birth,
        birth_level=level,
        birth_row=row,
        country=country,
        place=place,
        place_level=place_level,
        place_row=place_row,
        document=document,
        document_row=document_row,
        documents=agreeing,
    )


def needs(queries: Queries, floor: float) -> Needs:
    """What a pair must reach: NAME_FLOOR by name alone, and `floor` with date and place of birth and nationality."""
    placed = np.diff(queries.places.offsets) > 0
    # The country counts once, by nationality or by birth.
    country = np.where((queries.countries > 0) | placed, score.COUNTRY_AGREES, 0.0)
    other = country + np.where(placed, score.PLACES.same, 0.0)
    birth = np.where(queries.births[:, 0] > 0, max(score.BIRTHS), 0.0)
    return Needs(np.maximum(score.NAME_FLOOR, floor - birth - other), float(floor), queries.births, other)


Named = tuple[NDArray[np.uint32], NDArray[np.uint32], NDArray[np.uint32], NDArray[np.float64]]


def named(segment: Segment, queries: Queries, least: Needs) -> Named:
    """Query, entry, name and name log-odds of every strong name that reaches `least`."""
    listed = segment.listed
    query, name, odds = kernels.search(
        queries.tokenised.names,
        queries.tokenised.tokens,
        queries.cut,
        least,
        listed.names,
        listed.tokens,
        listed.index,
        score.names(),
        listed.name_entries,
        listed.births,
        score.BIRTHS,
    )
    return query, listed.name_entries[name], name, odds


def _documented(segment: Segment, queries: Queries, agreeing: pl.DataFrame) -> Named:
    """The pairs that a document brings, with all names of the entry: weak ones confirm here, and another name weighs against."""
    if agreeing.is_empty():
        nothing = np.zeros(0, np.uint32)
        return nothing, nothing, nothing, np.zeros(0)
    listed = segment.listed
    pairs = agreeing.select("row", "entry").unique(maintain_order=True)
    row, entry = pairs["row"].to_numpy().astype(np.uint32), pairs["entry"].to_numpy().astype(np.uint32)
    first, counts = listed.entry_names[entry], np.diff(listed.entry_names)[entry].astype(np.int64)
    query, entry = np.repeat(row, counts), np.repeat(entry, counts)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    name = (np.repeat(first, counts) + np.arange(query.size) - starts).astype(np.uint32)
    odds = kernels.score_pairs(
        query,
        queries.tokenised.names,
        queries.tokenised.tokens,
        queries.cut,
        name,
        listed.names,
        listed.tokens,
        score.names(),
    )
    return query, entry, name, np.maximum(odds, score.NAME_DIFFERS)


def _best(query: NDArray[np.uint32], entry: NDArray[np.uint32], name: NDArray[np.uint32], odds: NDArray[np.float64]) -> Named:
    """The best of each (query, entry), the earlier name of equals: an entry's strong ones stand first."""
    order = np.lexsort((name, -odds, entry, query))
    first = np.ones(order.size, bool)
    first[1:] = (query[order][1:] != query[order][:-1]) | (entry[order][1:] != entry[order][:-1])
    best = order[first]
    return query[best], entry[best], name[best], odds[best]


def _place_evidence(
    segment: Segment, queries: Queries, query: NDArray[np.uint32], entry: NDArray[np.uint32], country: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.uint8], NDArray[np.int64]]:
    """`kernels.place_evidence`, which is not asked where no traveller has a place of birth."""
    if not queries.places.offsets[-1]:
        return np.zeros(query.size), np.full(query.size, kernels.PLACE_UNKNOWN, np.uint8), np.full(query.size, -1, np.int64)
    return kernels.place_evidence(query, entry, queries.places, segment.listed.places, country, score.PLACES)


def _document_evidence(
    query: NDArray[np.uint32], entry: NDArray[np.uint32], agreeing: pl.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Log-odds of the best agreeing document of each pair and its row."""
    best: dict[tuple[int, int], tuple[float, int]] = {}
    for position, (row, of, number, listed_number, ours, theirs) in enumerate(agreeing.iter_rows()):
        worth = score.document_log_odds if number == listed_number else score.misread_log_odds
        odds = worth(number if number == listed_number else document_index.alike(number), bool(ours and theirs))
        if odds > best.get((row, of), (0.0, -1))[0]:
            best[row, of] = odds, position
    values = [best.get(pair, (0.0, -1)) for pair in zip(query.tolist(), entry.tolist(), strict=True)] if best else []
    if not values:
        return np.zeros(query.size), np.full(query.size, -1, np.int64)
    return np.array([odds for odds, _ in values]), np.array([row for _, row in values], np.int64)
