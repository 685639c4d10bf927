"""What may be kept of special services, remarks and titles: an allow-list, applied before anything else sees them.

Meals, medical and mobility services, remarks and titles of religion reveal religion, health or membership, which no
screening may use (ICAO Doc 9944; Directive (EU) 2016/681 art. 13(4)). What is left out is counted by the kind of
element alone: the count of one code in one booking would tell what the code says.
"""

import re
from collections.abc import Sequence

# Special service requests (AIRIMP codes) that name a document, a contact, a seat, a ticket or a child.
_KEPT_SERVICES = frozenset(
    {
        *("DOCS", "DOCO", "DOCA", "FOID"),
        *("CTCE", "CTCM", "CTCR"),
        *("INFT", "CHLD", "UMNR"),
        *("SEAT", "TKNE", "TKNA", "TKNM"),
    }
)
# Contact elements of AIRIMP, which carriers send as special service or as other service information: address, business,
# e-mail, fax, home, mobile, not known, refused, travel agent.
_CONTACTS = frozenset({"CTCA", "CTCB", "CTCE", "CTCF", "CTCH", "CTCM", "CTCP", "CTCR", "CTCT"})

# Kinds of what was left out.
SERVICE, REMARK, TITLE = "special_service", "remark", "title"
KINDS = (SERVICE, REMARK, TITLE)

# Titles that say what somebody believes or serves, and that are nobody's name: BISHOP, PASTOR or IMAM are names too.
_TITLES = re.compile(
    r"(?:(?<=\s)|^)(?:REV|REVD|REVEREND|RABBI|MSGR|MONSIGNOR|ARCHBISHOP|AYATOLLAH|REBBETZIN)\.?(?=\s|$)", re.IGNORECASE
)


def kept_service(code: str) -> bool:
    """Whether what a special service request says may be read."""
    return code in _KEPT_SERVICES or code in _CONTACTS


def contact_code(text: str) -> str:
    """The contact element that other service information begins with; "" where it is a remark."""
    code = text.lstrip()[:4].upper()
    return code if code in _CONTACTS else ""


def untitled(names: Sequence[str | None]) -> tuple[list[str | None], int]:
    """Given names without titles of religion, and how many of them had one. A title alone is taken for a name."""
    if not any(_TITLES.search(name) for name in names if name):
        return list(names), 0
    bare = [name and (" ".join(_TITLES.sub(" ", name).split()) or name) for name in names]
    return bare, sum(1 for name, sent in zip(bare, names, strict=True) if sent and name != " ".join(sent.split()))
