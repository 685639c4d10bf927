"""The arrays that kernels work on, and the constants of their shapes."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_TOKENS: Final = 12  # of one name; the rarest are kept
MAX_LETTERS: Final = 32  # of one token
CUT_LETTERS: Final = 6  # of a token cut short that count at most
SOUNDS: Final = 31
ORDINARY, PARTICLE, INITIAL = 0, 1, 2
UNMATCHED, TOGETHER = -2, -3
IN_VARIANTS: Final = np.uint32(1 << 31)  # bit of Tokens.masks: the token stands in the tables of variants
INLINE: Final = 4  # other tokens of its name that a posting holds
NAME, OTHERS = 0, 1  # columns of a posting
NO_BIRTH, OTHER_BIRTH = 0, 1  # of a posting: the lookout has no date of birth; has several, or a range of years
NO_NAME: Final = -99.0  # log-odds of two names that share nothing that counts


class Tokens(NamedTuple):
    """A vocabulary: one entry per distinct token."""

    sounds: NDArray[np.uint8]  # of all tokens, end to end
    offsets: NDArray[np.int64]  # (n + 1)
    masks: NDArray[np.uint32]  # (n) bit s: sound s occurs
    identity: NDArray[np.uint64]  # (n) hash of the token as spelt
    rarity: NDArray[np.float32]  # (n) -ln of the share of travellers that have it
    kind: NDArray[np.uint8]  # (n) ORDINARY, PARTICLE, INITIAL


class Names(NamedTuple):
    """Names as tokens of a vocabulary, in the order of `identity` so that the order in which names stand is forgotten."""

    tokens: NDArray[np.uint32]  # of all names, end to end
    offsets: NDArray[np.int64]  # (n + 1)


class Index(NamedTuple):
    """What finds listed names: probe keys to tokens, tokens to names."""

    keys: NDArray[np.uint64]  # sorted
    key_tokens: NDArray[np.uint32]
    buckets: NDArray[np.int64]  # (2^k + 1) first key of each value of the k highest bits
    words: NDArray[np.uint32]  # tokens by their identity, see `neighbours.word_table`
    by_sound: NDArray[np.uint32]  # tokens in the order of their sounds
    near: NDArray[np.int64]  # (n + 1) first of the tokens like each token, itself among them, best first
    near_tokens: NDArray[np.uint32]
    near_gains: NDArray[np.float32]
    pairs: NDArray[np.uint64]  # tokens that stand in one name, see `neighbours.token_pairs`
    offsets: NDArray[np.int64]  # (n + 1) first posting of each token
    # Of each posting the date of birth of the name's entry: year * 512 + month * 32 + day (0: unknown), or NO_BIRTH, OTHER_BIRTH.
    born: NDArray[np.uint32]
    # (n, OTHERS + INLINE) the name; its other tokens, filled up with the number of tokens, or that + 1 where there are more.
    postings: NDArray[np.uint32]


class Weights(NamedTuple):
    """Constants of the alignment in nats and the tables it reads; `watchlists.score.names` says where each comes from."""

    substitution: NDArray[np.float32]  # (31, 31)
    insertion: NDArray[np.float32]  # (31)
    variant_tokens: NDArray[np.uint64]  # `watchlists.variants.Variants`
    variant_offsets: NDArray[np.int64]
    variant_others: NDArray[np.uint64]
    variant_costs: NDArray[np.float32]
    edit: float  # weight of the learned spelling costs
    short: float  # how much dearer an edit is in short tokens, per 1 / letters
    variant: float  # another spelling at all
    shared: float  # taken off every token that agrees: tokens of one culture, family and place go together
    unlike: float  # written differently, even if that is fully explained
    joined: float  # two tokens written as one
    particle: float  # the same particle in both names
    initial: float  # an initial agrees
    first: float  # another first consonant
    feminine: float  # A written at the end on one side only
    several: float  # the most that a spelling of more than one edit may cost: beyond, it is another token
    article: float  # the article AL- written on one side only
    cut: float  # a token cut off at the end of a machine readable zone, per letter left
    beyond: float  # a token of the traveller that the listed name lacks
    lacking: float  # a token of the listed name that the traveller lacks
    further: float  # share of that price for each token after the first
    minor: float  # share of it for particles, initials, repetitions and what a truncated name lost
    conflict: float  # both names have tokens that the other lacks
    conflicts: float  # and more than one each
    together: float  # tokens that agree stand together in one name
    knee: float  # agreement up to here counts in full,
    slope: float  # what is above it in this part: so much agreement is never wholly independent


class Births(NamedTuple):
    """Dates of birth of lookouts: rows of first year, last year, month, day (0: unknown)."""

    values: NDArray[np.int16]  # (n, 4)
    offsets: NDArray[np.int64]  # (entries + 1)


class BirthWeights(NamedTuple):
    """Log-odds of each level of agreement; `watchlists.score.BIRTHS` holds the values."""

    equal: float
    new_year: float  # equal, but the first of January or July, which stands for "unknown" in many registers
    swapped: float  # day and month exchanged
    digit: float  # one digit of the date differs
    month: float  # year and month agree, no day known on one side
    year: float  # year agrees, no more known on one side
    same_year: float  # year agrees, month or day do not
    near_year: float  # day and month agree, years one apart
    disjoint: float


DATE_EQUAL, DATE_SWAPPED, DATE_DIGIT, DATE_MONTH, DATE_YEAR, DATE_SAME_YEAR, DATE_NEAR_YEAR, DATE_DISJOINT, DATE_UNKNOWN = range(
    9
)


class Needs(NamedTuple):
    """What a match must reach: of each query its name's log-odds, and all evidence together."""

    name: NDArray[np.float64]  # (n)
    total: float
    births: NDArray[np.int16]  # (n, 4) as Births.values, first year 0 where unknown
    other: NDArray[np.float64]  # (n) the most that evidence other than name and date of birth could add
