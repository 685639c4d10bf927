"""Places of birth, as lists and travel documents write them: free text, of which the country and the words of the place count."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from manifests.names import fold_one
from watchlists import kernels
from watchlists.countries import nationality, packed, packed_agreeing
from watchlists.kernels import MAX_LETTERS, Places
from watchlists.letters import letters_of

_CACHED: Final = 65_536  # texts: travellers write what they like
_MOST_WORDS: Final = 8  # of one place that count
_SHORTEST: Final = 3  # letters of a word that counts: AL, LA, OF tell no place apart
# Words that say what kind of place it is, or nothing of it.
_KINDS: Final = frozenset(
    (
        *("AREA", "AUTONOMOUS", "CAMP", "CITY", "CIUDAD", "COMMUNE", "COUNTY", "DEPARTMENT", "DEPARTAMENTO", "DISTRICT"),
        *("ESTADO", "GOVERNORATE", "KRAI", "MUNICIPALITY", "NEAR", "OBLAST", "PREFECTURE", "PROVINCE", "PROVINCIA", "RAION"),
        *("REFUGEE", "REGION", "REPUBLIC", "RESPUBLIKA", "SAINT", "SANKT", "STATE", "SUBURB", "TERRITORY", "TOWN", "VILLAGE"),
        *("AND", "DEL", "DES", "LAS", "LOS", "THE", "VILLE"),
    )
)
_NO_COUNTRY: Final = ("NEW MEXICO",)  # ends in the name of a country


@dataclass(frozen=True)
class Place:
    """The folded words that tell the place apart, each once, and its country as `countries.nationality` has it."""

    words: tuple[str, ...]
    country: str | None


@lru_cache(maxsize=_CACHED)
def place(text: str) -> Place:
    """What a text says of a place: `CITY, PROVINCE, COUNTRY`, `COUNTRY`, `CITY COUNTRY`, `CITY, AFG`, `AFG`.

    A code of two letters is a country where it stands alone only: elsewhere it may be a State of a federation (CA).
    """
    parts = [folded for part in text.split(",") if (folded := fold_one(part))]
    country = None
    for at in (-1, 0):
        if country is None and parts and (len(parts) == 1 or len(parts[at]) > 2):
            country = nationality(parts[at])
            if country:
                del parts[at]
    if country is None and parts:
        last = parts[-1].split()
        for start in range(1, len(last)):
            name = " ".join(last[start:])
            if len(name) > _SHORTEST and " ".join(last[start - 1 :]) not in _NO_COUNTRY and (country := nationality(name)):
                parts[-1] = " ".join(last[:start])
                break
    words = dict.fromkeys(word for part in parts for word in part.split() if len(word) >= _SHORTEST and word not in _KINDS)
    return Place(tuple(words)[:_MOST_WORDS], country)


def places(rows: NDArray[np.uint32], texts: Sequence[str], count: int, *, listed: bool) -> Places:
    """Places of birth of `count` rows: `rows` ascending, one for each text. The countries of those
    `listed` are joined by all that agree with them."""
    if not texts:
        return _none(count)
    known = [place(text) for text in texts]
    words = pl.Series([word[:MAX_LETTERS] for one in known for word in one.words], dtype=pl.String)
    sounds, sound_offsets = kernels.normalise(*letters_of(words))
    codes = pl.Series([one.country for one in known], dtype=pl.String)
    at = np.arange(len(known), dtype=np.uint32)
    if listed:
        countries, country_offsets = packed_agreeing(at, codes, len(known))
    else:
        own = packed(codes)
        countries, country_offsets = own[own > 0], np.concatenate([[0], np.cumsum(own > 0)]).astype(np.int64)
    return Places(
        sounds=sounds,
        sound_offsets=sound_offsets,
        words=np.cumsum([0, *(len(one.words) for one in known)], dtype=np.int64),
        countries=countries,
        country_offsets=country_offsets,
        offsets=np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=count))]).astype(np.int64),
    )


def _none(count: int) -> Places:
    """No place of any of `count` rows."""
    ends = np.zeros(1, np.int64)
    return Places(np.zeros(0, np.uint8), ends, ends, np.zeros(0, np.uint16), ends, np.zeros(count + 1, np.int64))
