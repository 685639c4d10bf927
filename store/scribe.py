"""What every write shares: the ledger and the outbox, under one clock and one factory of ids."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from store import audit
from store.ids import Ids
from store.schema import events


@dataclass(frozen=True)
class Scribe:
    """What every entry is signed and dated with."""

    writer: str
    clock: Callable[[], datetime]
    ids: Ids
    inserts: Mapping[str, str]  # of `commit.inserts`

    def audit(self, connection: Connection, kind: str, payload: Mapping[str, Any]) -> None:
        """Append to the ledger in this transaction."""
        audit.append(connection, self.writer, self.clock(), kind, payload)

    def announce(self, connection: Connection, kind: str, payload: Mapping[str, Any]) -> None:
        """Put an event into the outbox in this transaction."""
        connection.execute(events.insert(), {"at": self.clock(), "kind": kind, "payload": audit.canonical(payload)})
