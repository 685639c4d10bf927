"""The one scorer: additive log-odds (natural logarithm) that a traveller and a lookout are one person.

Each addend is ln P(what is seen | one person) - ln P(what is seen | a traveller met at random), as in Fellegi and Sunter
(1969). The name part is summed by `kernels.align`; here stand the other parts and what turns the sum into a probability.
`tables/weights.yaml` has the constants with their sources.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
import polars as pl

from watchlists.kernels import BirthWeights, PlaceWeights
from watchlists.weights import constants
from watchlists.weights import names as names

_VALUES: Final = constants()


def _ln(name: str) -> float:
    return float(np.log(_VALUES[name]))


NAME_FLOOR: Final = _VALUES["name_floor"]  # a name must bring this much by itself before date of birth or nationality count
NAME_COUNTS: Final = _VALUES["name_counts"]  # a name that counts as agreeing where a HOLD asks for more than a document
NAME_DIFFERS: Final = _VALUES["name_differs"]  # another name on a lookout's document

_YEARS: Final = _ln("dob_years")
_DAYS: Final = _YEARS + float(np.log(365.25))  # a stranger has a given day of birth once in so many
BIRTHS: Final = BirthWeights(
    equal=_ln("dob_equal") + _DAYS,
    new_year=_ln("dob_equal") + _YEARS + _ln("dob_new_year"),
    swapped=_ln("dob_swapped") + _DAYS,
    digit=_ln("dob_digit") + _DAYS - _ln("dob_digit_dates"),
    month=_ln("dob_partial") + _YEARS + float(np.log(12)),
    year=_ln("dob_partial") + _YEARS,
    same_year=_ln("dob_same_year") + _YEARS,
    near_year=_ln("dob_near_year") + _DAYS - float(np.log(2)),
    disjoint=_ln("dob_disjoint"),
)
COUNTRY_AGREES: Final = _ln("country_one") - _ln("country_two")
COUNTRY_DIFFERS: Final = float(np.log1p(-_VALUES["country_one"]) - np.log1p(-_VALUES["country_two"]))
PLACES: Final = PlaceWeights(
    same=_ln("place_one") - _ln("place_two"),
    elsewhere=_ln("elsewhere_one") - _ln("elsewhere_two"),
    abroad=_ln("abroad_one") - _ln("abroad_two"),
    country=COUNTRY_AGREES,
)
DOCUMENT_SHARE: Final = _ln("document_share")
DOCUMENT_MOST: Final = _ln("document_most")
DOCUMENT_ISSUER: Final = _ln("document_issuer")
DOCUMENT_MISREAD: Final = _ln("document_misread")
DOCUMENT_SHORTEST: Final = 5  # characters; shorter numbers tell nobody apart


def document_log_odds(number: str, issuer_agrees: bool) -> float:
    """Log-odds of an exact document number, before the name is looked at; the issuer agrees or is not known."""
    digits = sum(character.isdigit() for character in number)
    told_apart = digits * float(np.log(10)) + (len(number) - digits) * float(np.log(26))
    return min(told_apart, DOCUMENT_MOST) + DOCUMENT_SHARE + (DOCUMENT_ISSUER if issuer_agrees else 0.0)


def misread_log_odds(alike: str, issuer_agrees: bool) -> float:
    """Log-odds of a document number that is equal once characters that look alike are one: `alike`, see `documents`.

    Those are written as digits there, so that they tell apart what a digit does.
    """
    return document_log_odds(alike, issuer_agrees) + DOCUMENT_MISREAD


def prior_log_odds(per_million: float, entries: int) -> float:
    """Log-odds that a traveller is one given lookout of a list, before any evidence.

    `per_million`: expected travellers on that list among a million; `entries`: lookouts of the list.
    """
    share = per_million / 1e6 / max(entries, 1)
    return float(np.log(share) - np.log1p(-share))


def probability(log_odds: pl.Expr) -> pl.Expr:
    """The probability of log-odds; below 1.0 for whatever evidence there is."""
    return pl.min_horizontal(1.0 / (1.0 + (-log_odds).exp()), pl.lit(1.0 - 1e-12))


def spread(share: float, entries: Mapping[str, int]) -> dict[str, float]:
    """Listed travellers per million of each list, where this share of travellers is on any, each entry as likely as another."""
    total = max(sum(entries.values()), 1)
    return {source: share * 1e6 * count / total for source, count in entries.items()} | {"default": share * 1e6}


def shared_probability(log_odds: pl.Expr, share: pl.Expr, entries: pl.Expr, over: list[str]) -> pl.Expr:
    """The probability of each match of a traveller with a list; below 1.0 for whatever evidence there is.

    `share` of travellers are on the list, each with equal chance one of its `entries`. A traveller is one person: the
    matches `over` one traveller and list share that prior, so their probabilities sum to less than 1.
    """
    prior = share.log() - entries.log()
    most = pl.max_horizontal(log_odds.max().over(over), 0.0)  # keeps the exponentials within floating point
    one = (log_odds + prior - most).exp()
    nobody = (-share).log1p() - most
    return pl.min_horizontal(one / (nobody.exp() + one.sum().over(over)), pl.lit(1.0 - 1e-12))
