"""The contingency: a HOLD that nobody decided in time becomes BOARD, and the case waits at the place of arrival.

Waiting must not become a refusal that nobody made. Each one is in the ledger as `contingency`: a figure of harm.
"""

from datetime import datetime
from itertools import groupby

from sqlalchemy import ColumnElement, Connection, and_, literal_column, select

from store.records import reference_of
from store.schema import directives, referrals, screenings
from store.scribe import Scribe

# Written out, not bound: only then is the partial index known to hold what is asked for.
_HELD = directives.c.directive == literal_column("'HOLD'")


def due(connection: Connection, now: datetime) -> bool:
    """Whether a HOLD has reached its decide-by time: one search of a small index."""
    return connection.scalar(select(directives.c.row).where(_HELD, directives.c.decide_by <= now).limit(1)) is not None


def expire(connection: Connection, now: datetime, scribe: Scribe) -> int:
    """Put the contingency in force where a HOLD of engine or officer has reached its decide-by time; returns for how many
    travellers of a flight. A referral that an officer closed by holding is opened again."""
    table = directives.c
    keys = (table.flight_key, table.traveller_key)
    overdue = and_(_HELD, table.decide_by <= now)
    held = connection.execute(
        select(*keys, table.screening_id, table.row, table.decide_by, table.decision_id, screenings.c.submitter)
        .join_from(directives, screenings, screenings.c.id == table.screening_id)
        .where(overdue)
        .order_by(*keys, table.screening_id, table.row)
    ).all()
    if not held:
        return 0
    boarded = {"directive": "BOARD", "decide_by": None, "telephone": None, "decision_id": None}
    connection.execute(directives.update().where(overdue).values({**boarded, "revision": table.revision + 1}))
    count = 0
    for (flight_key, traveller_key), rows in groupby(held, key=lambda row: (row.flight_key, row.traveller_key)):
        cases = list(rows)
        references = [reference_of(row.screening_id, row.row) for row in cases]
        for reference, row in zip(references, cases, strict=True):
            payload = {"reference": reference, "submitter": row.submitter, "directive": "BOARD"}
            scribe.announce(connection, "directive.changed", payload)
        payload = {
            "referral": _refer_on_arrival(connection, flight_key, traveller_key),
            "references": references,
            "directive": "BOARD",
            "decide_by": min(row.decide_by for row in cases).isoformat(),
            "decisions": sorted({row.decision_id for row in cases if row.decision_id}),
        }
        scribe.announce(connection, "hold.contingency", payload)
        scribe.audit(connection, "contingency", payload)
        count += 1
    return count


def fallen(connection: Connection, flight_key: int, traveller_key: int) -> bool:
    """Whether the contingency is in force for this traveller and flight: the only way from HOLD to a BOARD without a decision."""
    table = directives.c
    found = select(table.row).where(
        *_of(flight_key, traveller_key), table.directive == "BOARD", table.decision_id.is_(None), table.revision > 0
    )
    return connection.scalar(found.limit(1)) is not None


def _of(flight_key: int, traveller_key: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return directives.c.flight_key == flight_key, directives.c.traveller_key == traveller_key


def _refer_on_arrival(connection: Connection, flight_key: int, traveller_key: int) -> str | None:
    """The referral that is open for this traveller and flight, else the last one, opened again. It stays PRE_BOARDING while
    another HOLD of theirs, on other documents, still runs."""
    table = referrals.c
    found = connection.execute(
        select(table.id, table.status)
        .where(table.flight_key == flight_key, table.traveller_key == traveller_key)
        .order_by(table.status == "decided", table.id.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    values = {"status": "open"} if found.status == "decided" else {}
    if connection.scalar(select(directives.c.row).where(*_of(flight_key, traveller_key), _HELD).limit(1)) is None:
        values["kind"] = "ON_ARRIVAL"
    if values:
        connection.execute(referrals.update().where(table.id == found.id).values(values))
    return str(found.id)
