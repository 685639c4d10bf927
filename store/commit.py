"""From the rows of a screening into the tables: the hot path, run in the writer's transaction.

Few statements, whose number does not grow with the travellers, the large ones compiled once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl
from sqlalchemy import Connection, Dialect, select

from store import contingency
from store.blob import unpack
from store.errors import RequestConflict
from store.prepared import Prepared, Wanted
from store.records import ANSWERS, Answered, reference_of
from store.schema import (
    decisions,
    directives,
    from_micros,
    history_events,
    identities,
    referrals,
    screenings,
    to_micros,
)
from store.scribe import Scribe

# An officer's word holds for every later screening of the same traveller and flight; a release only where it lifts a HOLD
# for reasons the officer saw.
_RESTRICTIVE = ("DO_NOT_BOARD", "HOLD")


def insert(connection: Connection, prepared: Prepared, scribe: Scribe) -> Answered:
    """Write everything of a screening; or, for a request that was answered before, give the first answer.

    Raises RequestConflict when the request id came with another body.
    """
    screening = prepared.screening
    known = answer_of(connection, screening.submitter, screening.request_id, screening.body_digest)
    if known is not None:
        return known
    standing = _standing(connection, prepared.flight_keys)
    if standing and contingency.expire(connection, screening.clock, scribe):  # so that what lapsed meanwhile is not held again
        standing = _standing(connection, prepared.flight_keys)
    if screening.again:
        overrides, decision_ids = _in_force(connection, prepared, screening.again.screening_id)
    else:
        overrides, decision_ids = _standing_directives(prepared, standing)
        for row in _told_to_board(connection, prepared):
            overrides.setdefault(row, ("BOARD", None, None))
    answers = _overridden(prepared.answers, overrides)
    write = connection.exec_driver_sql
    write(scribe.inserts["screenings"], (*prepared.screening_row, json.dumps(overrides) if overrides else None))
    if prepared.identity_rows:
        write(scribe.inserts["identities"], prepared.identity_rows)
    columns = [answers[name].to_physical().to_list() for name in ("directive", "entry_authorisation", "decide_by", "telephone")]
    rows = [
        (screening.id, row, prepared.flight_keys[flight], traveller, presented, *answer, 0, decision_ids.get(row))
        for row, (flight, traveller, presented, *answer) in enumerate(
            zip(prepared.flight_of, prepared.traveller_keys, prepared.presented_keys, *columns, strict=True)
        )
    ]
    if rows:
        write(scribe.inserts["directives"], rows)
    if prepared.history_rows:
        write(scribe.inserts["history_events"], prepared.history_rows)
    scribe.announce(connection, "screened", {"screening": screening.id, "submitter": screening.submitter})
    scribe.audit(connection, "screening", prepared.commitment)
    for suppressed in prepared.suppressed:
        scribe.announce(connection, "match.suppressed", suppressed)
        scribe.audit(connection, "suppression", suppressed)
    for wanted in prepared.wanted:
        _refer(connection, prepared, wanted, standing, scribe)
    return Answered(screening.id, screening.body_digest, answers, screening.degraded)


def answer_of(connection: Connection, submitter: str, request_id: str, body_digest: str) -> Answered | None:
    """The first answer to a request, None when there was none. Raises RequestConflict when it had another body."""
    table = screenings.c
    row = connection.execute(
        select(table.id, table.body_digest, table.degraded, table.overrides, table.blob).where(
            table.submitter == submitter, table.request_id == request_id
        )
    ).one_or_none()
    if row is None:
        return None
    if row.body_digest != body_digest:
        raise RequestConflict(f"request_id {request_id!r} was used before for another body: use a new one")
    decided = unpack(row.blob)["decisions"]
    refs = dict.fromkeys(range(decided.height))
    contents = select(identities.c.row, identities.c.content).where(
        identities.c.holder == row.id, identities.c.part == "traveller"
    )
    refs |= {traveller: orjson.loads(content)["ref"] for traveller, content in connection.execute(contents)}
    answers = decided.select(
        pl.Series("traveller", range(decided.height), pl.UInt32),
        pl.Series("ref", list(refs.values()), pl.String),
        pl.Series("reference", [reference_of(row.id, traveller) for traveller in range(decided.height)], pl.String),
        *(pl.col(name).cast(ANSWERS[name]) for name in ("directive", "entry_authorisation", "decide_by", "telephone")),
    )
    overrides = {int(traveller): value for traveller, value in json.loads(row.overrides or "{}").items()}
    return Answered(row.id, row.body_digest, _overridden(answers, overrides), tuple(json.loads(row.degraded)), first=False)


@dataclass(frozen=True)
class _Standing:
    """A referral of the flight as it stands, with what an officer put in force."""

    id: str
    status: str
    kind: str
    lane: str
    priority: float
    codes: frozenset[str]
    decision_id: str | None
    directive: str | None
    decide_by: int | None
    telephone: str | None


def _standing(connection: Connection, flight_keys: list[int]) -> dict[tuple[int, int], list[_Standing]]:
    """Referrals by flight and traveller, oldest first."""
    table = referrals.c
    rows = connection.execute(
        select(
            table.flight_key,
            table.traveller_key,
            table.id,
            table.status,
            table.kind,
            table.lane,
            table.priority,
            table.codes,
            table.decision_id,
            decisions.c.directive,
            decisions.c.decide_by,
            decisions.c.telephone,
        )
        .outerjoin_from(referrals, decisions, decisions.c.id == table.decision_id)
        .where(table.flight_key.in_(flight_keys))
        .order_by(table.id)
    )
    found: dict[tuple[int, int], list[_Standing]] = {}
    for flight, traveller, referral_id, status, kind, lane, priority, codes, decision_id, directive, decide_by, telephone in rows:
        found.setdefault((flight, traveller), []).append(
            _Standing(
                referral_id,
                status,
                kind,
                lane,
                priority,
                frozenset(json.loads(codes)),
                decision_id,
                directive,
                None if decide_by is None else to_micros(decide_by),
                telephone,
            )
        )
    return found


_Override = tuple[str, int | None, str | None]  # directive, decide_by, telephone


def _standing_directives(
    prepared: Prepared, standing: Mapping[tuple[int, int], list[_Standing]]
) -> tuple[dict[int, _Override], dict[int, str]]:
    """Officers' directives that stand, and the decisions they come from, by row. A HOLD that was not decided in time counts
    as the BOARD that the contingency made of it, which is nobody's decision."""
    overrides: dict[int, _Override] = {}
    decision_ids: dict[int, str] = {}
    if not standing:
        return overrides, decision_ids
    clock = to_micros(prepared.screening.clock)
    seen = {wanted.row: wanted.codes for wanted in prepared.wanted}
    directive_of = prepared.answers["directive"].to_list()
    for row, (flight, traveller) in enumerate(zip(prepared.flight_of, prepared.traveller_keys, strict=True)):
        of_traveller = standing.get((prepared.flight_keys[flight], traveller), [])
        last = max((one for one in of_traveller if one.directive), key=lambda one: one.decision_id or "", default=None)
        if last is None or last.directive is None or last.decision_id is None:
            continue
        known = frozenset().union(*(one.codes for one in of_traveller))
        lapsed = last.directive == "HOLD" and last.decide_by is not None and last.decide_by <= clock
        lifted = directive_of[row] == "HOLD" and seen.get(row, frozenset()) <= known
        if lapsed and lifted:
            overrides[row] = ("BOARD", None, None)
        elif not lapsed and (last.directive in _RESTRICTIVE or lifted):
            overrides[row] = (last.directive, last.decide_by, last.telephone)
            decision_ids[row] = last.decision_id
    return overrides, decision_ids


def _in_force(connection: Connection, prepared: Prepared, screening_id: str) -> tuple[dict[int, _Override], dict[int, str]]:
    """What is in force for the travellers of an earlier screening of the same manifest, as `_standing_directives`."""
    table = directives.c
    rows = connection.execute(
        select(table.row, table.directive, table.decide_by, table.telephone, table.decision_id).where(
            table.screening_id == screening_id
        )
    ).all()
    decided = prepared.answers["directive"].to_list()
    overrides = {
        row.row: (row.directive, None if row.decide_by is None else to_micros(row.decide_by), row.telephone)
        for row in rows
        if row.directive != decided[row.row] or row.directive == "HOLD"
    }
    return overrides, {row.row: row.decision_id for row in rows if row.decision_id}


def _told_to_board(connection: Connection, prepared: Prepared) -> list[int]:
    """Rows that the engine would hold now but told to board before: the same person, documents and flight. The engine
    never takes that back; the referral it opens says what came up."""
    held = [row for row, directive in enumerate(prepared.answers["directive"].to_list()) if directive == "HOLD"]
    if not held:
        return held
    boarded = set(
        connection.scalars(
            select(directives.c.presented_key).where(
                directives.c.flight_key.in_(prepared.flight_keys),
                directives.c.traveller_key.in_([prepared.traveller_keys[row] for row in held]),
                directives.c.directive == "BOARD",
                directives.c.decision_id.is_(None),
            )
        )
    )
    return [row for row in held if prepared.presented_keys[row] in boarded]


def _overridden(answers: pl.DataFrame, overrides: Mapping[int, Any]) -> pl.DataFrame:
    if not overrides:
        return answers
    columns = {name: answers[name].to_list() for name in ("directive", "decide_by", "telephone")}
    for row, (directive, decide_by, telephone) in overrides.items():
        columns["directive"][row] = directive
        columns["decide_by"][row] = None if decide_by is None else from_micros(decide_by)
        columns["telephone"][row] = telephone
    return answers.with_columns(pl.Series(name, values, ANSWERS[name]) for name, values in columns.items())


def _refer(
    connection: Connection,
    prepared: Prepared,
    wanted: Wanted,
    standing: dict[tuple[int, int], list[_Standing]],
    scribe: Scribe,
) -> None:
    """Open a referral, or add to the one that is open for this traveller and flight; nothing where an officer has
    decided on all its reasons before."""
    flight = prepared.flight_of[wanted.row]
    keys = (prepared.flight_keys[flight], prepared.traveller_keys[wanted.row])
    earlier = standing.setdefault(keys, [])
    opened = next((one for one in earlier if one.status != "decided"), None)
    urgent = prepared.screening.again is not None
    decided = opened is None and earlier and wanted.codes <= frozenset().union(*(one.codes for one in earlier))
    if decided and not urgent:  # the lookout of an urgent one was not there, or was another, when the officer decided
        return
    codes = wanted.codes | (opened.codes if opened else frozenset())
    kind, lane, priority = wanted.kind, wanted.lane, wanted.priority
    if opened:
        kind = "PRE_BOARDING" if "PRE_BOARDING" in (kind, opened.kind) else kind
        if kind != opened.kind and codes == opened.codes and contingency.fallen(connection, *keys):
            kind = opened.kind  # the same reasons were too late for boarding before
        lane = "protection" if "protection" in (lane, opened.lane) else lane
        priority = max(priority, opened.priority)
    values = {
        "kind": kind,
        "lane": lane,
        "priority": priority,
        "codes": json.dumps(sorted(codes)),
        "screening_id": prepared.screening.id,
        "row": wanted.row,
    }
    values |= {"urgent": True} if urgent else {}
    referral_id = opened.id if opened else scribe.ids()
    if opened:
        connection.execute(referrals.update().where(referrals.c.id == opened.id).values(values))
        earlier.remove(opened)
    else:
        facts = prepared.screening.manifest.flights.row(flight, named=True)
        values |= {name: facts[name] for name in ("carrier", "number", "departure", "arrival")}
        values |= {"scheduled_at": facts["departure_at"], "departure_at": from_micros(prepared.departures[flight])}
        values |= {"flight_key": keys[0], "traveller_key": keys[1], "status": "open", "data_class": "referral"}
        connection.execute(referrals.insert().values({**values, "id": referral_id, "opened_at": scribe.clock()}))
    status, decision_id = (opened.status, opened.decision_id) if opened else ("open", None)
    earlier.append(_Standing(referral_id, status, kind, lane, priority, codes, decision_id, None, None, None))
    payload = {
        "referral": referral_id,
        "reference": reference_of(prepared.screening.id, wanted.row),
        "kind": kind,
        "lane": lane,
        "codes": sorted(codes),
        "urgent": urgent,
    }
    scribe.announce(connection, "referral.extended" if opened else "referral.opened", payload)
    scribe.audit(connection, "referral", payload)


def inserts(dialect: Dialect) -> Mapping[str, str]:
    """The statements of the hot path by table, columns in the order of the table, compiled once for a database."""
    tables = (screenings, identities, directives, history_events)
    statements = {table.name: str(table.insert().compile(dialect=dialect)) for table in tables}
    statements["history_events"] += " ON CONFLICT DO NOTHING"  # the same journey, sent again
    return statements
