"""Names that are written as one word or as several, in one way: servants of God (ABD AL-, ABDUL-), those of the faith (-UDDIN).

Applied to folded names of both sides, so that ABDURRAHMAN, ABDELRAHMAN and ABD AL RAHMAN have the same tokens, and
NASIRUDDIN shares a token with NASIR. Spellings of the second part stay as they are.
"""

import re
from typing import Final

import polars as pl

from manifests.names import FEW

_SERVANT: Final = "ABDUL"
_FAITH: Final = "DIN"
# What may be a compound: one look in columns at all names, so that the few others cost nothing.
_MAY_BE: Final = r"\bC?ABD|D[IE]{1,2}NE?\b"
# ABD with its article, assimilated to the next letter or not: ABD AL, ABD EL, ABDEL, ABDOUL, ABD UR, ABDUR, ABDU R
_APART: Final = re.compile(r"\bABD(?:[AEIOU]{0,2}(?:L|R|S|SH|N|T|Z|D)| [AEU](?:L|R|S|SH|N|T|Z|D|LL)|) (?=[A-Z]{3})")
_TOGETHER: Final = re.compile(
    r"\bABD(?:[AEIOU]{1,2}(?:L|R(?=R)|S(?=S)|N(?=N)|T(?=T)|Z(?=Z)|D(?=D))(?!L?A(?:H|HI|YE|[YIE]+[VW]A?)?\b)(?=[A-Z]{3})"
    r"|[AEIOU]{0,2}(?=R[AEIOU]{1,2}(?:CH|[HKX]H?)[AEIOU]{0,2}M|R[AOE](?:SH|SY|ZZ?)[AEIO]{1,2}[DKQ]))"
)
# Somali writes ayin as C.
_AYIN: Final = re.compile(r"\bC(?=ABD)")
_GOD: Final = re.compile(r"\bABD (?:[AEUO]L|)LAH?\b")
_DIN: Final = re.compile(
    r"\b(?:([A-Z]{3,}?)(?:[AEIOU]{1,2}D|[AEUO]L|D|(?<=[A-Z]{4})[EA]|(?<=[^AEIOU])U(?=DIN\b))"
    r"|[AEUO]{1,2}[DL])D[IE]{1,2}NE?\b"
)
# Written without the article.
_BARE: Final = re.compile(
    r"\b(NAS{1,2}[EI]?R|BADR|FAKHR|NO?UR|[SC]HAMS|(?:DJ|J|G)AMAL|KAMAL|IMAD|S[AE]?[IEY]F|TAJ|Z[AE]?[IEY]N|H[UO]S{1,2}AM)(?=D[IE]{1,2}NE?\b)"
)
_UD: Final = re.compile(r"\b(?:UD|ED|AD|OD|AL|EL|UL) (?=D[IE]{1,2}NE?\b)")
_PLAIN: Final = re.compile(r"\bD[IE]{1,2}NE?\b")


def apart(folded: pl.Series) -> pl.Series:
    """Folded names with these compounds in their parts."""
    if len(folded) <= FEW:
        return pl.Series(folded.name, [_apart(name) for name in folded.to_list()], pl.String)
    chosen = folded.str.contains(_MAY_BE)
    if not chosen.any():
        return folded
    names = folded.filter(chosen).unique()
    parts = pl.Series([_apart(name) for name in names.to_list()], dtype=pl.String)
    return pl.select(pl.when(chosen).then(folded.replace_strict(names, parts, default="")).otherwise(folded)).to_series()


def _apart(name: str) -> str:
    name = _AYIN.sub("", name)
    name = _GOD.sub("ABDULLAH", name)
    name = _APART.sub(f"{_SERVANT} ", name)
    name = _TOGETHER.sub(f"{_SERVANT} ", name)
    name = _UD.sub("", name)
    name = _BARE.sub(r"\1 ", name)
    name = _DIN.sub(lambda found: f"{found[1]} {_FAITH}" if found[1] else _FAITH, name)
    return _PLAIN.sub(_FAITH, name)
