"""An invented watchlist in the documented CSV layout, and how the people on it write their names when they travel."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from training.simulate.names import CULTURES

AUTHORITY = "Forepost demonstration list (invented)"
SOURCE = "demonstration"
ENTRIES = 600
COLUMNS = [
    "id", "source", "name", "surname", "given", "aliases", "weak_aliases", "dob", "country", "doc",
    "authority", "purpose", "category", "action", "valid_from", "valid_until",
]  # fmt: skip
COUNTRIES = {
    "english": "GB",
    "french": "FR",
    "arabic": "MA",
    "chinese": "CN",
    "indian": "IN",
    "spanish": "CO",
    "vietnamese": "VN",
    "korean": "KR",
    "russian": "RU",
    "persian": "IR",
    "west_african": "NG",
    "polish": "PL",
    "filipino": "PH",
    "portuguese": "BR",
}
# Category, action and share of the entries.
KINDS = [
    ("smuggling_facilitation", "examine_on_arrival", 0.24),
    ("improper_documentation", "examine_on_arrival", 0.14),
    ("warrant_or_removal_order", "arrest_on_arrival", 0.24),
    ("national_security", "stop_before_boarding", 0.16),
    ("organised_crime", "examine_on_arrival", 0.1),
    ("war_crimes", "notify_owner", 0.12),
]
# Respellings that carriers and travellers produce.
SPELLINGS = [
    ("MOHAMED", "MUHAMMAD"),
    ("MOHAMMED", "MOHAMAD"),
    ("YOUSSEF", "YUSUF"),
    ("HUSSEIN", "HUSAYN"),
    ("AHMED", "AHMAD"),
    ("KHALED", "KHALID"),
    ("SERGEY", "SERGEI"),
    ("DMITRY", "DMITRII"),
    ("ALEKSANDR", "ALEXANDER"),
    ("ALEKSEY", "ALEXEI"),
    ("YULIA", "JULIA"),
    ("TATIANA", "TATYANA"),
    ("OUSMANE", "OUSMAN"),
    ("SINGH", "SING"),
    ("CHOWDHURY", "CHAUDHARY"),
    ("LEE", "YI"),
    ("PARK", "PAK"),
    ("CHOI", "CHOE"),
    ("HOSSEIN", "HUSSEIN"),
    ("IBRAHIMA", "IBRAHIM"),
    ("PH", "F"),
    ("KH", "H"),
]


def entries(seed: int, on: date, count: int = ENTRIES) -> pl.DataFrame:
    """The list as strings in the CSV's columns, valid around the day `on`; several values are separated by semicolons."""
    rng = np.random.default_rng([seed, 4])
    cultures = list(CULTURES)
    rows = []
    for number in range(count):
        culture = cultures[int(rng.integers(len(cultures)))]
        names = CULTURES[culture]
        given_names = names.male if rng.random() < 0.75 else names.female
        given = " ".join(dict.fromkeys(str(name) for name in rng.choice(given_names, int(rng.integers(1, 4)), replace=False)))
        surname = str(rng.choice(names.surnames))
        category, action, _ = KINDS[int(rng.choice(len(KINDS), p=[share for *_, share in KINDS]))]
        born = date(1948, 1, 1) + timedelta(days=int(rng.integers(0, 55 * 365)))
        alias = f"{rng.choice(given_names)} {surname}" if rng.random() < 0.35 else ""
        nickname = f"{rng.choice(given_names)}" if rng.random() < 0.15 else ""
        since = on - timedelta(days=int(rng.integers(30, 1500)))
        rows.append(
            {
                "id": f"DEMO-{number + 1:04d}",
                "source": SOURCE,
                "name": f"{given} {surname}",
                "surname": surname,
                "given": given,
                "aliases": "" if alias == f"{given} {surname}" else alias,
                "weak_aliases": nickname,
                "dob": _date_of_birth(rng, born),
                "country": COUNTRIES[culture],
                "doc": f"{'ABCDEFGHKLMNP'[number % 13]}{rng.integers(10_000_000, 99_999_999)}" if rng.random() < 0.4 else "",
                "authority": AUTHORITY,
                "purpose": "demonstration",
                "category": category,
                "action": action,
                "valid_from": since.isoformat(),
                "valid_until": (on + timedelta(days=int(rng.integers(500, 2500)))).isoformat(),
            }
        )
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String))


def write_list(seed: int, path: Path, on: date = date(2026, 1, 1), count: int = ENTRIES) -> None:
    """Write the list as CSV with a header line."""
    entries(seed, on, count).write_csv(path)


def travels_as(rng: np.random.Generator, entry: dict[str, str]) -> tuple[str, str, date, str | None]:
    """Surname, given names, birth date and document number (null: an unlisted one) under which a listed person travels."""
    surname, given = entry["surname"], entry["given"]
    manner = rng.choice(["exact", "swapped", "spelling", "short", "alias", "truncated"], p=[0.35, 0.12, 0.2, 0.15, 0.1, 0.08])
    if manner == "swapped":
        surname, given = given, surname
    elif manner == "spelling":
        surname, given = _respell(surname), _respell(given)
    elif manner == "short":
        given = given.split(" ")[0]
    elif manner == "alias" and entry["aliases"]:
        given = entry["aliases"].removesuffix(" " + surname)
    elif manner == "truncated":
        given = given[: max(4, len(given) // 2)]
    born = _parsed(entry["dob"].split(";")[0], rng)
    if rng.random() < 0.1:  # day and month confused, or a year off
        born = date(born.year, born.day, born.month) if born.day <= 12 else date(born.year - 1, born.month, min(born.day, 28))
    return surname, given, born, entry["doc"] if entry["doc"] and rng.random() < 0.4 else None


def _date_of_birth(rng: np.random.Generator, born: date) -> str:
    """Most lists have the day, some the year alone, some nothing, some two."""
    kind = rng.random()
    if kind < 0.72:
        return born.isoformat()
    if kind < 0.87:
        return str(born.year)
    return "" if kind < 0.94 else f"{born.isoformat()};{born.replace(year=born.year - 1, day=min(born.day, 28)).isoformat()}"


def _parsed(text: str, rng: np.random.Generator) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    year = int(text) if text else int(rng.integers(1950, 2000))
    return date(year, int(rng.integers(1, 13)), int(rng.integers(1, 29)))


def _respell(name: str, spellings: Sequence[tuple[str, str]] = SPELLINGS) -> str:
    for ours, theirs in spellings:
        if ours in name:
            return name.replace(ours, theirs, 1)
    return name[:-2] + name[-1] + name[-2] if len(name) > 4 else name
