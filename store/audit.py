"""The audit ledger: one hash chain per writer, of commitments that hold no personal data.

An entry's hash is SHA-256 over the canonical JSON of [writer, seq, at, kind, payload, previous hash]. Entries are
appended in the transaction of what they record. `audit_heads` keeps each chain's end, so that a cut tail shows.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from store.schema import audit_entries, audit_heads, to_micros

_GENESIS = "0" * 64


@dataclass(frozen=True)
class Finding:
    """The first bad entry of a chain and what is wrong with it."""

    writer: str
    seq: int
    problem: str


def canonical(value: Any) -> str:
    """JSON with sorted keys and no white space: one text for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def append(connection: Connection, writer: str, at: datetime, kind: str, payload: Mapping[str, Any]) -> None:
    """Add an entry to the writer's chain, in the connection's transaction."""
    head = connection.execute(select(audit_heads.c.seq, audit_heads.c.hash).where(audit_heads.c.writer == writer)).one_or_none()
    seq, previous = (head.seq + 1, head.hash) if head else (1, _GENESIS)
    text = canonical(payload)
    entry_hash = _hash(writer, seq, at, kind, text, previous)
    connection.execute(
        audit_entries.insert(),
        {"writer": writer, "seq": seq, "at": at, "kind": kind, "payload": text, "previous": previous, "hash": entry_hash},
    )
    if head:
        connection.execute(audit_heads.update().where(audit_heads.c.writer == writer).values(seq=seq, hash=entry_hash))
    else:
        connection.execute(audit_heads.insert().values(writer=writer, seq=seq, hash=entry_hash))


def verify(connection: Connection) -> list[Finding]:
    """The first bad entry of each chain; empty when every chain holds."""
    writers = {row.writer: row for row in connection.execute(select(audit_heads))}
    strays = connection.scalars(select(audit_entries.c.writer).distinct().where(audit_entries.c.writer.not_in(list(writers))))
    findings = [Finding(writer, 1, "the chain has no head") for writer in strays]
    for writer, head in writers.items():
        findings.extend(_verify(connection, writer, head.seq, head.hash))
    return sorted(findings, key=lambda finding: (finding.writer, finding.seq))


def _verify(connection: Connection, writer: str, last: int, last_hash: str) -> Iterator[Finding]:
    expected, previous = 1, _GENESIS
    entries = connection.execute(
        select(audit_entries).where(audit_entries.c.writer == writer).order_by(audit_entries.c.seq),
        execution_options={"yield_per": 10_000},
    )
    for entry in entries:
        problem = None
        if entry.seq != expected:
            problem = "the entry is missing"
        elif entry.previous != previous:
            problem = "does not follow the entry before it"
        elif entry.hash != _hash(writer, entry.seq, entry.at, entry.kind, entry.payload, entry.previous):
            problem = "was changed after it was written"
        if problem:
            yield Finding(writer, expected, problem)
            return
        expected, previous = expected + 1, entry.hash
    if expected <= last:
        yield Finding(writer, expected, "the end of the chain is missing")
    elif expected > last + 1:
        yield Finding(writer, last + 1, "stands beyond the head of the chain")
    elif previous != last_hash:
        yield Finding(writer, last, "differs from the head of the chain")


def _hash(writer: str, seq: int, at: datetime, kind: str, payload: str, previous: str) -> str:
    return hashlib.sha256(canonical([writer, seq, to_micros(at), kind, payload, previous]).encode()).hexdigest()
