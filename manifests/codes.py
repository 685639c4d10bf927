"""Public code lists: airports with their time zones, and countries as travel documents write them.

Built once from the `airportsdata` (Mike Borsetti, MIT) and `pycountry` (ISO 3166-1) packages at first use.
"""

from collections.abc import Mapping
from functools import cache

import airportsdata
import pycountry

# ICAO Doc 9303 part 3, section 5: codes for nationality and issuer that are not in ISO 3166-1. D is Germany; the
# letters after GB are the six British nationalities; XX* are the stateless, refugees and persons of unspecified
# nationality; the rest are organisations that issue travel documents. RKS is the code in passports of Kosovo, which
# ISO 3166 has none for.
_CONVERTED_CODES = {"D": "DEU", "RKS": "RKS", "XK": "RKS", "XKX": "RKS"}
_SPECIAL_CODES = (
    *("EUE", "GBD", "GBN", "GBO", "GBP", "GBS", "UNO", "UNA", "UNK", "XOM", "XXA", "XXB", "XXC", "XXX"),
    *("XAU", "XBA", "XIM", "XCC", "XCE", "XCO", "XEC", "XES", "XMP", "XPO", "XDC"),
)


@cache
def airports() -> Mapping[str, str]:
    """IATA code of every airport that has one, by its IATA and by its ICAO code."""
    listed = airportsdata.load("IATA")
    by_icao = {airport["icao"]: iata for iata, airport in listed.items() if airport["icao"]}
    return by_icao | {iata: iata for iata in listed}


@cache
def zones() -> Mapping[str, str]:
    """IANA time zone of every airport, by IATA code."""
    return {iata: airport["tz"] for iata, airport in airportsdata.load("IATA").items()}


@cache
def airport_countries() -> Mapping[str, str]:
    """Alpha-2 code of the country of every airport, by IATA code."""
    return {iata: airport["country"] for iata, airport in airportsdata.load("IATA").items()}


@cache
def countries() -> Mapping[str, str]:
    """Alpha-3 code by alpha-3 and alpha-2 code, with the special codes of ICAO Doc 9303."""
    return (
        {code: code for code in _SPECIAL_CODES}
        | _CONVERTED_CODES
        | {country.alpha_3: country.alpha_3 for country in pycountry.countries}
        | {country.alpha_2: country.alpha_3 for country in pycountry.countries}
    )


@cache
def countries_by_name() -> Mapping[str, str]:
    """Alpha-3 code by upper-case English country name, for suggestions only."""
    names = {"UK": "GBR", "ENGLAND": "GBR"}
    for country in pycountry.countries:
        for kind in ("name", "official_name", "common_name"):
            if name := getattr(country, kind, None):
                names[name.upper()] = country.alpha_3
    return names
