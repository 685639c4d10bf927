"""Country names and codes of lists and travellers as codes that can be compared, in pycountry's data and the lists' spellings.

ISO 3166-1 alpha-3, and RKS for Kosovo, as its passports and `manifests.codes` have it. Former States that no single State
follows keep their ISO 3166-3 code among nationalities: who had it may travel as a national of any successor.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

import numpy as np
import polars as pl
import pycountry
from numpy.typing import NDArray

from manifests.names import FEW, fold_one

_SUBDIVISION: Final = re.compile(r"([A-Za-z]{2})-[A-Za-z0-9]{1,3}")
_CACHED: Final = 65_536  # texts: travellers write what they like
# Codes for one State: kinds of British nationality and papers of the UN mission in Kosovo (ICAO 9303-3 section 5), and
# Kosovo's code in lists.
SYNONYMS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("GBD", "GBN", "GBO", "GBP", "GBS"), "GBR"),
    **dict.fromkeys(("RKS", "UNK", "XKX"), "RKS"),
}
# Spellings of OFAC and the UN, and codes outside ISO 3166-1, that pycountry does not know.
_ALSO: Final = {
    "BOSNIA": "BIH",
    "BOSNIA HERZEGOVINA": "BIH",
    "BRITISH VIRGIN ISLANDS": "VGB",
    "BURMA": "MMR",
    "BYAA": "BLR",  # of the Soviet Union, yet in ISO 3166 as a State of its own
    "BYS": "BLR",
    "COMOROS ISLANDS": "COM",
    "CAPE VERDE": "CPV",
    "CONGO DEMOCRATIC REPUBLIC OF THE": "COD",
    "CONGO REPUBLIC OF THE": "COG",
    "CZECH REPUBLIC": "CZE",
    "DEMOCRATIC REPUBLIC OF THE CONGO": "COD",
    "DPRK": "PRK",
    "DRC": "COD",
    "EAST TIMOR": "TLS",
    "ENGLAND": "GBR",
    "GAZA": "PSE",
    "GAZA STRIP": "PSE",
    "HONG KONG SAR": "HKG",
    "IRAN ISLAMIC REPUBLIC OF": "IRN",
    "IVORY COAST": "CIV",
    "KOREA NORTH": "PRK",
    "KOREA SOUTH": "KOR",
    "KOSOVO": "RKS",
    "MACAU": "MAC",
    "MACEDONIA": "MKD",
    "MACEDONIA THE FORMER YUGOSLAV REPUBLIC OF": "MKD",
    "NORTH KOREA": "PRK",
    "NORTH MACEDONIA THE REPUBLIC OF": "MKD",
    "PALESTINE": "PSE",
    "PALESTINIAN": "PSE",
    "PALESTINIAN AUTHORITY": "PSE",
    "PALESTINIAN TERRITORIES": "PSE",
    "REGION GAZA": "PSE",
    "REGION KOSOVO": "RKS",
    "REPUBLIC OF KOREA": "KOR",
    "ROM": "ROU",  # until 2002
    "RUSSIA": "RUS",
    "SAINT KITTS NEVIS": "KNA",
    "SCOTLAND": "GBR",
    "SOUTH KOREA": "KOR",
    "ST KITTS NEVIS": "KNA",
    "STATE OF PALESTINE": "PSE",
    "SWAZILAND": "SWZ",
    "THE GAMBIA": "GMB",
    "THE NETHERLANDS": "NLD",
    "TRINIDAD TOBAGO": "TTO",
    "TURKEY": "TUR",
    "UK": "GBR",
    "UNITED KINGDOM OF GREAT BRITAIN NORTHERN IRELAND": "GBR",
    "UNITED STATES OF AMERICA": "USA",
    "USA": "USA",
    "WALES": "GBR",
    "WEST BANK": "PSE",
    "XK": "RKS",
    **SYNONYMS,
}


# Nationalities of ICAO 9303-3 section 5 that name no State: stateless, refugees, unspecified, and organisations.
_NO_STATE: Final = frozenset(
    (
        *("EUE", "UNA", "UNO", "XAU", "XBA", "XCC", "XCE", "XCO", "XDC", "XEC", "XES", "XIM", "XMP", "XOM", "XPO"),
        *("XXA", "XXB", "XXC", "XXX"),
    )
)
# ISO 3166-3 entities that more than one State of ISO 3166-1 follows, and those States. Kosovo, which ISO does not list, is
# counted with Serbia. Entities that follow each other (YUG, SCG) have those who follow both.
SUCCESSORS: Final[Mapping[str, tuple[str, ...]]] = {
    "ANT": ("BES", "CUW", "SXM"),
    "CSK": ("CZE", "SVK"),
    "GEL": ("KIR", "TUV"),
    "PCI": ("FSM", "MHL", "MNP", "PLW"),
    "SCG": ("MNE", "RKS", "SRB"),
    "SUN": (*("ARM", "AZE", "BLR", "EST", "GEO", "KAZ", "KGZ", "LTU", "LVA", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB"),),
    "YUG": ("BIH", "HRV", "MKD", "MNE", "RKS", "SCG", "SRB", "SVN"),
}
_FORMER_NAMES: Final = {
    "CZECHOSLOVAKIA": "CSK",
    "FEDERAL REPUBLIC OF YUGOSLAVIA": "YUG",
    "FORMER SOVIET UNION": "SUN",
    "FORMER YUGOSLAVIA": "YUG",
    "EX YUGOSLAVIA": "YUG",
    "FORMER USSR": "SUN",
    "NETHERLANDS ANTILLES": "ANT",
    "SERBIA MONTENEGRO": "SCG",
    "SOCIALIST FEDERAL REPUBLIC OF YUGOSLAVIA": "YUG",
    "SOVIET UNION": "SUN",
    "UNION OF SOVIET SOCIALIST REPUBLICS": "SUN",
    "USSR": "SUN",
    "YUGOSLAVIA": "YUG",
}


@lru_cache(maxsize=_CACHED)
def alpha3(country: str) -> str | None:
    """The alpha-3 code of a country's name, alpha-2 or alpha-3 code, of the State of an ISO 3166-2 code (GB-SCT) and of
    the one successor of an ISO 3166-3 code (DDR, DDDE, not SUHH); None where nothing is meant by it, or several States."""
    key = _key(country)
    if not key:
        return None
    if key in _ALSO:
        return _ALSO[key]
    codes = _codes()
    without_article = key.removeprefix("THE ").removesuffix(" THE")
    if found := codes.get(key) or codes.get(without_article):
        return found
    if state := _SUBDIVISION.fullmatch(country.strip()):
        return codes.get(state[1].upper())
    # The last two letters of an ISO 3166-3 code are the successor's alpha-2 code, HH or XX where there is not one.
    former = _former().get(key)
    return codes.get(former[2:]) if former and former not in _SEVERAL else None


@lru_cache(maxsize=_CACHED)
def nationality(country: str) -> str | None:
    """As `alpha3`, and the ISO 3166-3 alpha-3 code (SUN) of a former State in SUCCESSORS."""
    if found := alpha3(country):
        return found
    key = _key(country)
    return _FORMER_NAMES.get(key) or (key if key in SUCCESSORS else _SEVERAL.get(_former().get(key, "")))


def comparable(code: str) -> str | None:
    """The code by which a nationality (as `nationality` or a travel document has it) is compared: one of Kosovo's and of
    Britain's several, None of those that name no State."""
    return None if code in _NO_STATE else SYNONYMS.get(code, code)


@cache
def agreeing(code: str) -> tuple[str, ...]:
    """The codes that a person of this nationality may travel under: itself, its successors, and what it follows."""
    return tuple(dict.fromkeys((code, *SUCCESSORS.get(code, ()), *(one for one, later in SUCCESSORS.items() if code in later))))


def packed(codes: pl.Series) -> NDArray[np.uint16]:
    """Codes (see `comparable`) as numbers above 0; 0 where there is none."""
    if len(codes) <= FEW:
        return np.array([_number(code) for code in codes.to_list()], np.uint16)
    numbers = {code: _number(code) for code in codes.unique().to_list()}
    return codes.replace_strict(numbers, return_dtype=pl.UInt16).to_numpy()


def packed_agreeing(rows: NDArray[np.uint32], codes: pl.Series, count: int) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Of each of `count` rows every country that agrees with its codes, and where each row's begin (count + 1).

    `rows` ascending, one for each code; codes without a number are left out.
    """
    numbers = [
        (code, number)
        for code in codes.unique().drop_nulls().to_list()
        for number in sorted({_number(one) for one in agreeing(comparable(code) or code)} - {0})
    ]
    known = pl.DataFrame(numbers, {"code": pl.String, "number": pl.UInt16}, orient="row")
    found = pl.DataFrame({"row": rows, "code": codes}).join(known, on="code", maintain_order="left_right")
    offsets = np.zeros(count + 1, np.int64)
    np.cumsum(np.bincount(found["row"].to_numpy(), minlength=count), out=offsets[1:])
    return found["number"].to_numpy(), offsets


@lru_cache(maxsize=_CACHED)
def _number(code: str | None) -> int:
    known = comparable(code) if code else None
    if not known or len(known) != 3 or not (known.isascii() and known.isalpha() and known.isupper()):
        return 0
    return 1 + (ord(known[0]) - 65) * 676 + (ord(known[1]) - 65) * 26 + ord(known[2]) - 65


def _key(country: str) -> str:
    return " ".join(token for token in fold_one(country).split() if token != "AND")


# Alpha-4 codes of SUCCESSORS.
_SEVERAL: Final = {"ANHH": "ANT", "CSHH": "CSK", "GEHH": "GEL", "PCHH": "PCI", "CSXX": "SCG", "SUHH": "SUN", "YUCS": "YUG"}


@cache
def _former() -> dict[str, str]:
    """Alpha-4 codes of ISO 3166-3 by alpha-3 and alpha-4 code; alpha-3 codes that a State has now are not among them."""
    codes: dict[str, str] = {}
    for country in pycountry.historic_countries:
        codes[country.alpha_3] = codes[country.alpha_4] = country.alpha_4
    return codes


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        names = [getattr(country, name, None) for name in ("alpha_2", "alpha_3", "name", "official_name", "common_name")]
        for name in filter(None, names):
            key = _key(name)
            codes[key] = country.alpha_3
            codes[key.removesuffix(" THE")] = country.alpha_3
    return codes
