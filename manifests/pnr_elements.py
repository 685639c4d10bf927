"""The elements of a PNR that have a grammar of their own, as pure functions of their text.

Sources: the IATA/ICAO/WCO PNRGOV message implementation guide (EDIFACT 10.1 to 13.1) for composites, and AIRIMP
(Resolution 769) for the text of special services: /P/USA/548721687/USA/04JUL80/M/12JAN19/DYE/DOLAN. Fields beyond those read
are passed over. Both are read with the liberties that carriers take: a composite shifted by one, a slash too few.
"""

import re
from dataclasses import dataclass

from manifests.fields import LONGEST

# C664 of PNRGOV's FOP as the field of a booking wants it; any other form is `other`.
FORMS = {
    code: form
    for form, codes in (
        ("cash", "CA CASH"),
        ("card", "CC DC TP"),
        ("account", "IN INV AG AGT GR GTR"),
        ("voucher", "VO VCH EV EMD MCO"),
    )
    for code in codes.split()
}
# C324 type of traveller in TIF.
PASSENGERS = {
    code: kind
    for kind, codes in (
        ("adult", "A AD ADT"),
        ("child", "C CH CHD CNN"),
        ("infant", "IN INF INS IS"),
        ("unaccompanied_minor", "UM UN UNN"),
    )
    for code in codes.split()
}
# Statuses of a leg or service that is not flown: cancelled, refused, not available, no action taken (AIRIMP).
NOT_HELD = frozenset({"HX", "NO", "UC", "UN", "US", "UU", "XL", "XR", "XX", "NR"})

_TITLES = frozenset(
    ("MR", "MRS", "MS", "MISS", "MSTR", "MASTER", "DR", "PROF", "SIR", "MME", "MLLE", "HERR", "FRAU", "SRA", "INF", "CHD")
)
_RUN_IN_TITLE = re.compile(r"(.*[A-Z]{2})(?:MSTR|MISS|MRS|MS|MR)", re.IGNORECASE)
# Given names that end as if a title ran into them.
_NO_TITLE = frozenset({"ABRAMS", "ADAMS", "NIMR", "QAMR", "SAMR", "SIMS", "THAMR", "THOMS", "TOMS", "WILLIAMS"})
_SUFFIX = re.compile(r"([A-Z' -]{3,})(JR|JNR|SNR)", re.IGNORECASE)
_MASKED = re.compile(r"[X*#]", re.IGNORECASE)
_CARD = re.compile(r"[0-9]{12,19}")  # ISO/IEC 7812: at most 19 digits
_PHONE = re.compile(r"\+?[0-9](?:[ ./()-]{0,2}[0-9]){5,17}")
_EMAIL = re.compile(r"[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,4})?")
_TICKET = re.compile(r"[0-9]{6,14}")


def moment(date: str, time: str) -> str:
    """DDMMYY and HHMM as ISO 8601, so that the calendar is checked where every time is; else as sent."""
    clock = time.zfill(4) if len(time) == 3 else time
    if not (date.isascii() and date.isdigit() and clock.isascii() and clock.isdigit() and len(clock) in (4, 6)):
        return " ".join(filter(None, (date, time)))
    if len(date) not in (6, 8):
        return f"{date} {time}"
    year = f"20{date[4:]}" if len(date) == 6 else date[4:]
    return f"{year}-{date[2:4]}-{date[:2]}T{clock[:2]}:{clock[2:4]}"


def bare_name(given: str) -> str:
    """A given name without the title that follows or runs into it: JOHNMR, JOHN MR. What is nothing but a title stays."""
    name = given.strip()
    names, _, last = name.rpartition(" ")
    if names.strip() and last.rstrip(".").upper() in _TITLES:
        return names.strip()
    if name.upper() not in _NO_TITLE and (found := _RUN_IN_TITLE.fullmatch(name)):
        return found[1]
    return name


def family_name(surname: str) -> str:
    """A surname with the suffix that runs into it set apart: SMITHJR."""
    found = _SUFFIX.fullmatch(surname.strip())
    return f"{found[1].strip()} {found[2]}" if found else surname.strip()


@dataclass(frozen=True)
class Docs:
    """SSR DOCS: the fields as sent, "" where there is none."""

    type: str
    issuer: str
    number: str
    nationality: str
    dob: str
    sex: str
    infant: bool
    expiry: str
    surname: str
    given: str


def docs(text: str) -> Docs:
    """/type/issuer/number/nationality/birth/sex/expiry/surname/given/middle; the sex of an infant is MI or FI; given names
    without titles."""
    parts = [*_parts(text if text.lstrip().startswith("/") else f"/{text}"), *[""] * 11]
    sex = parts[6].upper()
    infant = len(sex) == 2 and sex[1] == "I"
    kind, issuer, number, nationality, dob = parts[1:6]
    return Docs(
        kind,
        issuer,
        number,
        nationality,
        dob,
        sex=sex[:1] if infant else sex,
        infant=infant,
        expiry=parts[7],
        surname=parts[8],
        given=" ".join(bare_name(part) for part in parts[9:11] if part),
    )


@dataclass(frozen=True)
class Doco:
    """SSR DOCO: a visa, or the redress number that stands in its place."""

    birthplace: str
    kind: str  # V visa, R redress number, K known traveller number
    number: str
    issuer: str  # State that the visa is for


def doco(text: str) -> Doco:
    """/place of birth/V/number/place of issue/date of issue/State; the slash in front may be left out."""
    parts = _parts(text)
    at = next((at for at, part in enumerate(parts[:3]) if part.upper() in ("V", "R", "K")), None)
    if at is None:
        return Doco(next(filter(None, parts), ""), "", "", "")
    rest = [*parts[at + 1 :], *[""] * 4]
    return Doco(next(filter(None, parts[:at]), ""), parts[at].upper(), rest[0], rest[3])


def doca(text: str) -> tuple[str, str]:
    """SSR DOCA /kind/State/street/city/province/postcode: kind (D destination, R residence, B birth) and address."""
    parts = _parts(text)
    at = next((at for at, part in enumerate(parts[:2]) if part.upper() in ("D", "R", "B")), None)
    if at is None:
        return "", ""
    return parts[at].upper(), ", ".join(filter(None, [*parts[at + 2 : at + 6], *parts[at + 1 : at + 2]]))


def infant(text: str) -> tuple[str, str, str]:
    """SSR INFT SURNAME/GIVEN 15APR12 (or /15APR12): surname, given name, date of birth."""
    surname, _, rest = text.strip().strip("/").partition("/")
    given, _, born = rest.replace("/", " ").rpartition(" ")
    return (surname, given, born) if _is_birth(born) else (surname, rest.replace("/", " "), "")


def born(text: str) -> str:
    """The date of birth in SSR CHLD; "" where there is none."""
    return next((part for part in re.split(r"[\s/]+", text) if _is_birth(part)), "")


def identification(text: str) -> tuple[str, str]:
    """Type and number of the travel document in SSR FOID: PP passport, ID and NI identity card; "" for any other form."""
    bare = text.strip().lstrip("/").upper()
    kind = {"PP": "P", "ID": "I", "NI": "I"}.get(bare[:2], "")
    return (kind, bare[2:].lstrip("/ ").split("/")[0]) if kind else ("", "")


def phone(text: str) -> str:
    """The first telephone number in a text; "" where there is none. Nothing else of the text is kept."""
    found = _PHONE.search(text[:LONGEST])
    return found[0] if found else ""


def email(text: str) -> str:
    """The first e-mail address in a text, of which AIRIMP writes @ as //, _ as .. and - as ./; "" where there is none."""
    found = _EMAIL.search(text[:LONGEST].replace("//", "@").replace("..", "_").replace("./", "-"))
    return found[0] if found else ""


def card_number(account: str) -> str:
    """The number of a card; "" where it is masked: what is left of it belongs to many cards."""
    bare = "".join(account.split()).replace("-", "")
    return bare if _CARD.fullmatch(bare) and not _MASKED.search(bare) else ""


def amount(text: str) -> float | None:
    """A sum of money; None where the text is none."""
    return float(text) if _AMOUNT.fullmatch(text) else None


def ticket(text: str) -> str:
    """The number of a ticket without its coupon: 9631270001234C2, INF9631270001236C2; "" where there is none."""
    found = _TICKET.search(text)
    return found[0] if found else ""


def payer(name: str) -> str:
    """GIVEN SURNAME as SURNAME/GIVEN; what has a slash already stays."""
    given, _, surname = name.strip().rpartition(" ")
    return name.strip() if "/" in name or not given else f"{surname}/{given}"


def _is_birth(text: str) -> bool:
    return bool(re.fullmatch(r"[0-9]{2}[A-Z]{3}(?:[0-9]{2}){1,2}|[0-9]{8}", text, re.IGNORECASE))


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split("/")]
