"""The one scorer: additive log-odds (natural logarithm) that a traveller and a lookout are one person.

Each addend is ln P(what is seen | one person) - ln P(what is seen | a traveller met at random), as in Fellegi and Sunter
(1969). The name part is summed by `kernels.align`; here stand the constants of all parts and what turns the sum into a
probability. Shares given as P(… | one person) are expert judgement, not yet estimated from data; chances of a stranger are
arithmetic where the comment shows it.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from watchlists.kernels import BirthWeights, Weights
from watchlists.tokens import spelling_costs

# A name must bring this much by itself before date of birth or nationality count at all: e^3, about one traveller in 20.
NAME_FLOOR: Final = 3.0
# Another name on a lookout's document. Judgement: one in e^6 = 400 persons travels under a name unlike all listed ones.
NAME_DIFFERS: Final = -6.0

# A stranger has a given day of birth once in 365.25 x 50 (ages taken as spread over 50 years): ln = 9.81. The shares of
# one person's records that agree, are swapped, and so on are judgement.
_DAYS: Final = float(np.log(365.25 * 50))
_YEARS: Final = float(np.log(50))
BIRTHS: Final = BirthWeights(
    equal=float(np.log(0.80)) + _DAYS,
    # In registers without days, 1 January or 1 July stands for unknown: judged one traveller in 70, not one in 365.
    new_year=float(np.log(0.80)) + _YEARS + float(np.log(70)),
    swapped=float(np.log(0.02)) + _DAYS,
    digit=float(np.log(0.04)) + _DAYS - float(np.log(30)),  # about 30 valid dates are one digit away
    month=float(np.log(0.85)) + float(np.log(12 * 50)),
    year=float(np.log(0.85)) + _YEARS,
    same_year=float(np.log(0.03)) + _YEARS,
    near_year=float(np.log(0.02)) + _DAYS - float(np.log(2)),
    disjoint=float(np.log(0.005)),  # judgement: one true identity in 200 shows an unrelated date of birth
)
# Names already tell the country: judged, of travellers with one name one in four shares the nationality, and of one
# person's records 0.8 agree (second nationalities, former States).
COUNTRY_AGREES: Final = float(np.log(0.80 / 0.25))
COUNTRY_DIFFERS: Final = float(np.log(0.20 / 0.75))
# A number agrees by chance once in as many documents as its letters and digits can tell apart, at most the hundred
# million that one issuer has given out; judged, 0.3 of one person's records show the same document and one traveller in
# twenty holds one of a given issuer. Numbers shorter than five characters tell nobody apart.
DOCUMENT_SHARE: Final = float(np.log(0.30))
DOCUMENT_MOST: Final = float(np.log(1e8))
DOCUMENT_ISSUER: Final = float(np.log(20))
DOCUMENT_SHORTEST: Final = 5


@cache
def names() -> Weights:
    """Constants of the name part: set by hand, then by a short random search on half of the true persons of a public
    name benchmark (names/queries.csv) against unrelated passengers; `substitution` and `insertion` are learned."""
    substitution, insertion = spelling_costs()
    return Weights(
        substitution=substitution,
        insertion=insertion,
        edit=0.45,
        least=0.35,
        short=2.0,
        variant=0.3,
        joined=0.5,
        initial=0.8,
        article=0.5,
        cut=1.2,
        unmatched=1.4,
        minor=0.1,
        conflict=1.6,
        knee=14.0,
        slope=0.35,
    )


def document_log_odds(number: str, issuer_agrees: bool) -> float:
    """Log-odds of an exact document number, before the name is looked at; the issuer agrees or is not known."""
    digits = sum(character.isdigit() for character in number)
    told_apart = digits * float(np.log(10)) + (len(number) - digits) * float(np.log(26))
    return min(told_apart, DOCUMENT_MOST) + DOCUMENT_SHARE + (DOCUMENT_ISSUER if issuer_agrees else 0.0)


def prior_log_odds(per_million: float, entries: int) -> float:
    """Log-odds that a traveller is one given lookout of a list, before any evidence.

    `per_million`: expected travellers on that list among a million; `entries`: lookouts of the list.
    """
    share = per_million / 1e6 / max(entries, 1)
    return float(np.log(share) - np.log1p(-share))


def probability(log_odds: pl.Expr) -> pl.Expr:
    """The probability of log-odds; below 1.0 for whatever evidence there is."""
    return pl.min_horizontal(1.0 / (1.0 + (-log_odds).exp()), pl.lit(1.0 - 1e-12))


def countries_packed(codes: pl.Series) -> NDArray[np.uint16]:
    """Alpha-3 codes as numbers above 0; 0 where there is none."""
    text = codes.fill_null("").to_list()
    packed = [
        1 + (ord(code[0]) - 65) * 676 + (ord(code[1]) - 65) * 26 + ord(code[2]) - 65
        if len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()
        else 0
        for code in text
    ]
    return np.array(packed, np.uint16)
