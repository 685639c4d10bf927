"""Invented people: everything about a person is a function of the seed and the person's number, so nobody is stored.

Hashing is splitmix64 (Steele, Lea and Flood 2014).
"""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl
from polars.expr.whenthen import ChainedThen, Then

from training.simulate.names import CULTURES
from training.simulate.network import ORIGINS, Floats, Ints

Objects = npt.NDArray[np.object_]

ADULT_AGES = (18, 78)
CHILD_AGES = (1, 16)  # at the start of the world: nobody comes of age within a simulated year
DAYS_PER_YEAR = 365.25
VALIDITY_DAYS = 3652  # of a travel document
# Share of travellers who hold the nationality of the country where the journey starts, are Canadian, are of another country.
LOCAL, CANADIAN = 0.82, 0.09
# How document numbers look: letters and digits by issuing country; others have one letter and eight digits.
NUMBER_PATTERNS = {
    "CAN": "AA999999",
    "ITA": "AA9999999",
    "GBR": "999999999",
    "FRA": "99AA99999",
    "MEX": "A99999999",
    "KOR": "M99999999",
}
DEFAULT_PATTERN = "A99999999"


def mix(values: Ints, salt: int) -> npt.NDArray[np.uint64]:
    """splitmix64 of values, one independent stream per salt."""
    with np.errstate(over="ignore"):
        z = values.astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15) % 2**64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: npt.NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return mixed


def uniform(values: Ints, salt: int) -> Floats:
    """In [0, 1), the same for the same value and salt."""
    drawn: Floats = (mix(values, salt) >> np.uint64(11)).astype(np.float64) / 2**53
    return drawn


def digits(values: Ints, salt: int, width: int) -> pl.Series:
    """Decimal strings of that width, the first digit not 0."""
    low = 10 ** (width - 1)
    return pl.Series(low + (mix(values, salt) % np.uint64(9 * low)).astype(np.int64)).cast(pl.String)


class People:
    """Names, birth dates, nationalities and documents by person number."""

    def __init__(self, seed: int, start: date) -> None:
        self.salt = seed * 64 + 1
        self.start = (start - date(1970, 1, 1)).days
        cultures = list(CULTURES.values())
        self._given = [pl.Series(np.concatenate([culture.male for culture in cultures])),
                       pl.Series(np.concatenate([culture.female for culture in cultures]))]  # fmt: skip
        self._surnames = pl.Series(np.concatenate([culture.surnames for culture in cultures]))
        self._given_spans = [
            _spans([culture.male.size for culture in cultures]),
            _spans([culture.female.size for culture in cultures]),
        ]
        self._surname_spans = _spans([culture.surnames.size for culture in cultures])
        self._mixtures = np.array([_mixture(spec) for _, _, spec, _, _ in ORIGINS.values()])
        self.countries: Objects = np.array([country for country, *_ in ORIGINS.values()] + ["CAN"], dtype=object)
        self.dialling: Objects = np.array([dial for _, dial, *_ in ORIGINS.values()], dtype=object)

    def culture(self, person: Ints, origin: Ints) -> Ints:
        drawn: Ints = (uniform(person, self.salt + 1)[:, None] > self._mixtures[origin]).sum(axis=1)
        return drawn

    def sex(self, person: Ints) -> Ints:
        """0 male, 1 female."""
        return (uniform(person, self.salt + 2) < 0.5).astype(np.int64)

    def surnames(self, person: Ints, culture: Ints) -> pl.Series:
        start, size = self._surname_spans
        return self._surnames[start[culture] + (uniform(person, self.salt + 3) ** 1.3 * size[culture]).astype(np.int64)]

    def given(self, person: Ints, culture: Ints) -> pl.Series:
        """One given name, or two for a third of people."""
        sex = self.sex(person)
        first, second = (self._pick(person, culture, sex, salt) for salt in (4, 5))
        two = pl.Series((uniform(person, self.salt + 6) < 1 / 3) & (first != second).to_numpy())
        return pl.select(pl.when(two).then(first + " " + second).otherwise(first)).to_series()

    def _pick(self, person: Ints, culture: Ints, sex: Ints, salt: int) -> pl.Series:
        drawn = uniform(person, self.salt + salt)
        names = [
            given[start[culture] + (drawn * size[culture]).astype(np.int64)]
            for given, (start, size) in zip(self._given, self._given_spans, strict=True)
        ]
        return pl.select(pl.when(pl.Series(sex == 0)).then(names[0]).otherwise(names[1])).to_series()

    def born(self, person: Ints, child: npt.NDArray[np.bool_]) -> Ints:
        """Days since 1970."""
        low = np.where(child, CHILD_AGES[0], ADULT_AGES[0])
        high = np.where(child, CHILD_AGES[1], ADULT_AGES[1])
        skew = np.where(child, 1.0, 1.35)
        age = low + 0.05 + uniform(person, self.salt + 7) ** skew * (high - low)
        born: Ints = self.start - (age * DAYS_PER_YEAR).astype(np.int64)
        return born

    def nationality(self, person: Ints, origin: Ints) -> Ints:
        """Index into `countries`."""
        u = uniform(person, self.salt + 8)
        other = (uniform(person, self.salt + 9) * len(ORIGINS)).astype(np.int64)
        return np.where(u < LOCAL, origin, np.where(u < LOCAL + CANADIAN, len(ORIGINS), other))

    def document(self, person: Ints, version: Ints, nationality: Ints, odd: npt.NDArray[np.bool_]) -> pl.Series:
        """Document numbers; an odd one breaks its issuer's pattern: too short, or with a letter among the digits."""
        key = person * 16 + version
        numbers, letters = digits(key, self.salt + 10, 9), _letters(mix(key, self.salt + 11))
        shapes = np.array([NUMBER_PATTERNS.get(country, DEFAULT_PATTERN) for country in self.countries], dtype=object)[
            nationality
        ]
        shape = pl.Series(shapes, dtype=pl.String)
        frame = pl.DataFrame(
            {"n": numbers, "l": letters, "shape": shape, "odd": pl.Series(odd), "short": pl.Series(key % 2 == 0)}
        )
        regular = pl.lit("")
        made: Then | ChainedThen = pl.when(False).then(regular)
        for pattern in {*NUMBER_PATTERNS.values(), DEFAULT_PATTERN}:
            made = made.when(pl.col("shape") == pattern).then(_shaped(pattern))
        number = made.otherwise(regular)
        broken = pl.when("short").then(number.str.slice(0, 6)).otherwise(number.str.slice(0, 5) + "O" + number.str.slice(6))
        return frame.select(pl.when("odd").then(broken).otherwise(number)).to_series()

    def validity_left(self, person: Ints, version: Ints, day: int) -> Ints:
        """Days that a returning person's document is still valid; renewed long before it ends."""
        key = person * 16 + version
        return 200 + (uniform(key, self.salt + 12) * (VALIDITY_DAYS - 200)).astype(np.int64) - (day - self.start)


def _shaped(pattern: str) -> pl.Expr:
    """A number of the pattern: A a letter, 9 a digit, any other character itself."""
    parts: list[pl.Expr] = []
    letter = digit = 0
    for sign in pattern:
        if sign == "A":
            parts.append(pl.col("l").str.slice(letter, 1))
            letter += 1
        elif sign == "9":
            parts.append(pl.col("n").str.slice(digit, 1))
            digit += 1
        else:
            parts.append(pl.lit(sign))
    return pl.concat_str(parts)


def _letters(values: npt.NDArray[np.uint64]) -> pl.Series:
    alphabet = "ABCDEFGHJKLMNPRSTUVWXYZ"
    pairs = pl.Series([first + second for first in alphabet for second in alphabet])
    return pairs[(values % np.uint64(len(pairs))).astype(np.int64)]


def _spans(sizes: list[int]) -> tuple[Ints, Ints]:
    size = np.array(sizes, dtype=np.int64)
    return np.cumsum(size) - size, size


def _mixture(spec: str) -> Floats:
    """Cumulative shares of the cultures, without the last."""
    weights = {name: float(weight) for name, weight in (part.split(":") for part in spec.split())}
    shares = np.array([weights.get(name, 0.0) for name in CULTURES])
    cumulative: Floats = np.cumsum(shares / shares.sum())[:-1]
    return cumulative
