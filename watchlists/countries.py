"""Country names and codes of the lists as ISO 3166-1 alpha-3 codes, in pycountry's data and the lists' own spellings."""

import re
from functools import cache
from typing import Final

import pycountry

from manifests.names import fold_one

_SUBDIVISION: Final = re.compile(r"([A-Za-z]{2})-[A-Za-z0-9]{1,3}")
# Spellings of OFAC and the UN, and codes outside ISO 3166-1, that pycountry does not know. XKX is ICAO 9303's user code.
_ALSO: Final = {
    "BOSNIA HERZEGOVINA": "BIH",
    "BRITISH VIRGIN ISLANDS": "VGB",
    "BURMA": "MMR",
    "CAPE VERDE": "CPV",
    "CONGO DEMOCRATIC REPUBLIC OF THE": "COD",
    "CONGO REPUBLIC OF THE": "COG",
    "CZECH REPUBLIC": "CZE",
    "DEMOCRATIC REPUBLIC OF THE CONGO": "COD",
    "EAST TIMOR": "TLS",
    "GAZA": "PSE",
    "HONG KONG SAR": "HKG",
    "IRAN ISLAMIC REPUBLIC OF": "IRN",
    "IVORY COAST": "CIV",
    "KOREA NORTH": "PRK",
    "KOREA SOUTH": "KOR",
    "KOSOVO": "XKX",
    "MACAU": "MAC",
    "MACEDONIA": "MKD",
    "MACEDONIA THE FORMER YUGOSLAV REPUBLIC OF": "MKD",
    "NORTH KOREA": "PRK",
    "PALESTINE": "PSE",
    "PALESTINIAN": "PSE",
    "PALESTINIAN AUTHORITY": "PSE",
    "REGION GAZA": "PSE",
    "REGION KOSOVO": "XKX",
    "REPUBLIC OF KOREA": "KOR",
    "SAINT KITTS NEVIS": "KNA",
    "SOUTH KOREA": "KOR",
    "SWAZILAND": "SWZ",
    "THE GAMBIA": "GMB",
    "THE NETHERLANDS": "NLD",
    "TRINIDAD TOBAGO": "TTO",
    "TURKEY": "TUR",
    "UK": "GBR",
    "UNITED KINGDOM OF GREAT BRITAIN NORTHERN IRELAND": "GBR",
    "UNITED STATES OF AMERICA": "USA",
    "USA": "USA",
    "WEST BANK": "PSE",
    "XK": "XKX",
    "XKX": "XKX",
}


@cache
def alpha3(country: str) -> str | None:
    """The alpha-3 code of a country's name, alpha-2 or alpha-3 code, of the State of an ISO 3166-2 code (GB-SCT) and of
    the one successor of an ISO 3166-3 code (DDDE, not SUHH); None where nothing is meant by it, or several States."""
    key = " ".join(token for token in fold_one(country).split() if token != "AND")
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
    return codes.get(key[2:]) if key in _historic() else None


@cache
def _historic() -> frozenset[str]:
    return frozenset(country.alpha_4 for country in pycountry.historic_countries)


@cache
def _codes() -> dict[str, str]:
    codes: dict[str, str] = {}
    for country in pycountry.countries:
        names = [getattr(country, name, None) for name in ("alpha_2", "alpha_3", "name", "official_name", "common_name")]
        for name in filter(None, names):
            key = " ".join(token for token in fold_one(name).split() if token != "AND")
            codes[key] = country.alpha_3
            codes[key.removesuffix(" THE")] = country.alpha_3
    return codes
