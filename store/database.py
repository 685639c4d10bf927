"""Opening the store, and everything it can be asked. SQL stands in this folder and nowhere else.

One process writes to a SQLite file, through one thread (`store.writer`); any number read beside it. Acknowledged means
durable: every commit is flushed (synchronous=FULL) before its future is done.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import orjson
import polars as pl
from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DatabaseError

from manifests.vocabulary import PURPOSES
from store import audit, clearances, contingency, decisions, lookouts, queue, rescreens
from store.actor import Actor
from store.commit import answer_of, insert, inserts
from store.decisions import Order
from store.engine import connect, migrate
from store.errors import NotFound, PurposeMissing, StoreUnusable
from store.history import history_state
from store.ids import Clock, Ids, ids, now
from store.keys import Key, Keys, create, load
from store.lookouts import LookoutPage, LookoutsChanged, LookoutVersion, Standing
from store.prepared import prepare
from store.reading import stored_screening
from store.records import (
    Answered,
    ClearancePage,
    Clears,
    Decided,
    Directive,
    RedressRecord,
    Referral,
    ReferralPage,
    Screening,
    StoredScreening,
    parse_reference,
)
from store.rescreens import Page, Position, Rescreen
from store.schema import directives, identities, screenings, store_keys
from store.scribe import Scribe
from store.writer import Writer

T = TypeVar("T")


class Store:
    """An open store. Made by `open`; safe to use from any thread; closed once, or left as a context manager."""

    def __init__(self, engine: Engine, keys: Keys, scribe: Scribe, writer: Writer | None, lock: int | None) -> None:
        self._engine = engine
        self._keys = keys
        self._scribe = scribe
        self._writer = writer
        self._lock = lock
        self.key: Key = keys.current(scribe.clock())

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Write what waits, then let go of the file."""
        if self._writer:
            self._writer.close()
        self._engine.dispose()
        if self._lock is not None:
            with suppress(OSError):
                os.close(self._lock)

    # Screenings

    def submit(self, screenings: Sequence[Screening]) -> list[Future[Answered]]:
        """Hand screenings over for one transaction. Each future gives, once its screening is durable, what to tell the
        carrier: officers' directives that stand for the same traveller and flight are in it. A retry gives the first
        answer; RequestConflict when its body differs. Waits while too much is queued."""
        return self._write_all([partial(insert, prepared=prepare(one, self.key), scribe=self._scribe) for one in screenings])

    def commit(self, screenings: Sequence[Screening]) -> list[Answered]:
        """`submit`, and wait. Raises what the first one that failed raised, after all were tried."""
        futures = self.submit(screenings)
        for future in futures:
            future.exception()
        return [future.result() for future in futures]

    def answer_of(self, submitter: str, request_id: str, body_digest: str) -> Answered | None:
        """The first answer to a request, for retries; None when it was never answered. Raises RequestConflict when it had
        another body."""
        with self._engine.connect() as connection:
            return answer_of(connection, submitter, request_id, body_digest)

    def directive(self, reference: str, submitter: str) -> Directive:
        """What is in force now for a traveller that this submitter sent. Raises NotFound, also for another's reference."""
        parsed = parse_reference(reference)
        if parsed is None:
            raise NotFound(f"there is no screening {reference}")
        screening_id, row = parsed
        with self._engine.connect() as connection:
            found = connection.execute(
                select(directives)
                .join_from(directives, screenings, screenings.c.id == directives.c.screening_id)
                .where(screenings.c.id == screening_id, directives.c.row == row, screenings.c.submitter == submitter)
            ).one_or_none()
            if found is None:
                raise NotFound(f"there is no screening {reference}")
            content = connection.scalar(
                select(identities.c.content).where(
                    identities.c.holder == screening_id, identities.c.part == "traveller", identities.c.row == row
                )
            )
        ref = orjson.loads(content)["ref"] if content else None
        return Directive(
            reference, ref, found.directive, found.entry_authorisation, found.decide_by, found.telephone, found.revision
        )

    def expire_holds(self, now: datetime) -> int:
        """Put the policy's contingency in force for every HOLD whose decide-by time has come: BOARD, the referral open and
        ON_ARRIVAL, told to the outbox and the ledger. Returns for how many travellers of a flight; only reads if none is due."""
        with self._engine.connect() as connection:
            if not contingency.due(connection, now):
                return 0
        return self._write(partial(contingency.expire, now=now, scribe=self._scribe))

    def screening_ids(self, limit: int) -> list[str]:
        """The latest screenings, newest first."""
        with self._engine.connect() as connection:
            return list(connection.scalars(select(screenings.c.id).order_by(screenings.c.id.desc()).limit(limit)))

    def stored_inputs(self, screening_id: str) -> StoredScreening:
        """A screening as it was committed, for replay. Raises NotFound. For machines: what shows it to a person reads
        through `referral`, which is recorded."""
        with self._engine.connect() as connection:
            return stored_screening(connection, screening_id)

    def history_state(self, pseudonyms: Iterable[int], since: datetime, until: datetime) -> pl.DataFrame:
        """The latest 64 journeys of each pseudonym that depart in [since, until), as EVENTS."""
        with self._engine.connect() as connection:
            return history_state(connection, pseudonyms, since, until)

    # Officers: every call takes an Actor with a purpose, and is in the audit ledger

    def referrals(
        self, actor: Actor, *, page_size: int = 50, page_token: str = "", include_decided: bool = False
    ) -> ReferralPage:
        """The queue by departure, then priority. Raises PurposeMissing; InputError for a size or token that is none."""
        read = partial(queue.page, size=page_size, token=page_token, include_decided=include_decided)
        return self._recorded(actor, read, lambda page: {"referrals": [one.id for one in page.referrals]})

    def referral(self, actor: Actor, referral_id: str) -> Referral:
        """One referral whole, with the person. Raises PurposeMissing, NotFound."""
        return self._recorded(actor, partial(queue.whole, referral_id=referral_id), lambda _: {"referrals": [referral_id]})

    def decide(
        self,
        actor: Actor,
        referral_id: str,
        disposition: str,
        reason: str,
        legal_basis: str | None = None,
        *,
        directive: str | None = None,
        needs_second_officer: bool = False,
        decide_by: datetime | None = None,
        telephone: str | None = None,
        claims_right_of_entry: bool = False,
        clears: Clears | None = None,
    ) -> Decided:
        """Record an officer's decision and put its directive in force: see `decisions.Order`. A decision that needs a
        second officer waits until another repeats it. Raises PurposeMissing, NotFound, DecisionRefused with all faults."""
        self._require_purpose(actor)
        order = Order(
            disposition,
            reason,
            legal_basis,
            directive,
            needs_second_officer,
            decide_by,
            telephone,
            claims_right_of_entry,
            clears,
        )
        return self._write(
            partial(decisions.decide, actor=actor, referral_id=referral_id, order=order, key=self.key, scribe=self._scribe)
        )

    # Clearances

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key of the file: what was made under an earlier one is found while that is kept."""
        return self._keys.all

    def applying(self, identities: Iterable[int], at: datetime) -> pl.DataFrame:
        """CLEARED: the clearances in force at that time of any of these identities."""
        with self._engine.connect() as connection:
            return clearances.applying(connection, identities, at)

    def redress(self, numbers: Iterable[int]) -> dict[int, RedressRecord]:
        """The latest record of each redress number that is known; numbers are keyed."""
        with self._engine.connect() as connection:
            return clearances.redress(connection, numbers)

    def enter_redress(self, actor: Actor, number: int, clears: Clears, content: bytes) -> tuple[str, list[str]]:
        """Record a redress number (keyed) and make its clearances; ids of both. `content`: what was entered, as JSON.
        Raises PurposeMissing."""
        self._require_purpose(actor)
        enter = partial(clearances.enter_redress, actor=actor, number=number, clears=clears, content=content)
        return self._write(partial(enter, key=self.key, scribe=self._scribe))

    def clearances(
        self,
        actor: Actor,
        *,
        page_size: int = 50,
        page_token: str = "",
        include_ended: bool = False,
        referral_id: str = "",
        source: str = "",
        entry_id: str = "",
    ) -> ClearancePage:
        """Clearances, latest first; empty filters take all. Raises PurposeMissing; InputError for no such size or token."""
        read = partial(clearances.page, size=page_size, token=page_token, include_ended=include_ended, now=self._scribe.clock())
        read = partial(read, referral_id=referral_id, source=source, entry_id=entry_id)
        return self._recorded(actor, read, lambda page: {"clearances": [one.id for one in page.clearances]})

    def revoke_clearance(self, actor: Actor, which: str, reason: str) -> list[str]:
        """End a clearance, or all of a redress record; ids of those that ended. Raises PurposeMissing, NotFound,
        DecisionRefused where it has ended already."""
        self._require_purpose(actor)
        work = partial(clearances.revoke, actor=actor, which=which, reason=reason, key=self.key, scribe=self._scribe)
        return self._write(work)

    # Lookouts made here

    def upsert_lookouts(self, actor: Actor, given: pl.DataFrame) -> LookoutsChanged:
        """Put lookouts (`lookouts.LOOKOUT`, each id once) in place of what stands under their ids, all or none. Raises
        PurposeMissing."""
        self._require_purpose(actor)
        return self._write(partial(lookouts.upsert, actor=actor, given=given, key=self.key, scribe=self._scribe))

    def remove_lookouts(self, actor: Actor, entry_ids: Sequence[str]) -> LookoutsChanged:
        """Take lookouts out, all or none. Raises PurposeMissing; InputError naming each id that never was."""
        self._require_purpose(actor)
        return self._write(partial(lookouts.remove, actor=actor, entry_ids=entry_ids, key=self.key, scribe=self._scribe))

    def standing_lookouts(self) -> Standing:
        """Every lookout made here as it is now. For machines: an officer reads through `lookout` and `lookouts`."""
        with self._engine.connect() as connection:
            return lookouts.standing(connection)

    def lookout(self, actor: Actor, entry_id: str) -> tuple[LookoutVersion, ...]:
        """Every version of one lookout, latest first. Raises PurposeMissing, NotFound."""
        return self._recorded(actor, partial(lookouts.history, entry_id=entry_id), lambda _: {"lookouts": [entry_id]})

    def lookouts(
        self, actor: Actor, *, page_size: int = 50, page_token: str = "", query: str = "", include_ended: bool = False
    ) -> LookoutPage:
        """Lookouts by id; `query` is a part of an id or name. Raises PurposeMissing; InputError for no such size or token."""
        read = partial(lookouts.page, size=page_size, token=page_token, query=query, include_ended=include_ended)
        read = partial(read, now=self._scribe.clock())
        return self._recorded(actor, read, lambda page: {"lookouts": [one.values["entry_id"] for one in page.lookouts]})

    # Travellers under way, held against lookouts that came up

    def begin_rescreen(self, snapshot_hash: str, lookouts: Sequence[tuple[str, str]]) -> Rescreen:
        """Record that a pass over the travellers under way begins."""
        return self._write(partial(rescreens.begin, snapshot_hash=snapshot_hash, lookouts=lookouts, scribe=self._scribe))

    def proceed_rescreen(self, done: Rescreen, *, finished: bool = False) -> None:
        """Keep how far a pass has come, so that it can be gone on with."""
        self._write(partial(rescreens.proceed, done=done, scribe=self._scribe, finished=finished))

    def unfinished_rescreens(self) -> list[Rescreen]:
        """Passes that were cut off, oldest first."""
        with self._engine.connect() as connection:
            return rescreens.unfinished(connection)

    def last_snapshot(self) -> str | None:
        """Hash of the snapshot that travellers were last held against; None in a store without screenings."""
        with self._engine.connect() as connection:
            return rescreens.last_snapshot(connection)

    def cited_snapshots(self) -> set[str]:
        """Hashes of the snapshots that replay, or the next pass over travellers under way, needs."""
        with self._engine.connect() as connection:
            return rescreens.cited_snapshots(connection)

    def oldest_under_way(self, at: datetime) -> datetime | None:
        """When the oldest screening of travellers under way at that time was made; None where nobody is."""
        with self._engine.connect() as connection:
            return rescreens.oldest(connection, at)

    def under_way(
        self,
        after: Position | datetime,
        *,
        documents: bool,
        made_before: datetime | None = None,
        made_since: datetime | None = None,
        size: int = rescreens.PAGE,
    ) -> Page:
        """See `rescreens.page`. For machines: nobody is shown what is read."""
        with self._engine.connect() as connection:
            times = {"made_before": made_before, "made_since": made_since}
            return rescreens.page(connection, after, documents=documents, size=size, **times)

    def superseded(self, screening_id: str, rows: Iterable[int]) -> set[int]:
        """Which of these travellers of a screening were screened later for the same flight."""
        with self._engine.connect() as connection:
            return rescreens.superseded(connection, screening_id, rows)

    # Oversight

    def verify(self) -> list[audit.Finding]:
        """The first bad entry of each audit chain; empty when all hold."""
        with self._engine.connect() as connection:
            return audit.verify(connection)

    def _recorded(self, actor: Actor, read: Callable[[Connection], T], what: Callable[[T], dict[str, Any]]) -> T:
        """A read of personal data and its entry in the ledger, in one transaction."""
        self._require_purpose(actor)

        def work(connection: Connection) -> T:
            result = read(connection)
            self._scribe.audit(connection, "read", _who(actor) | what(result))
            return result

        return self._write(work)

    def _require_purpose(self, actor: Actor) -> None:
        if actor.purpose not in PURPOSES.categories or not actor.id:
            self._write(partial(self._scribe.audit, kind="refused", payload=_who(actor) | {"why": "no purpose"}))
            allowed = ", ".join(PURPOSES.categories)
            raise PurposeMissing(f"purpose {actor.purpose!r}: must be one of {allowed}; the attempt is recorded")

    def _write(self, work: Callable[[Connection], T]) -> T:
        futures: list[Future[T]] = self._write_all([work])
        return futures[0].result()

    def _write_all(self, works: Sequence[Callable[[Connection], T]]) -> list[Future[T]]:
        if self._writer is None:
            raise StoreUnusable("the store is open for reading only: stop the server that holds it, or ask the server")
        return self._writer.submit(works)


def open(
    url: str,
    key_file: Path,
    *,
    read_only: bool = False,
    clock: Clock = now,
    make_id: Ids | None = None,
    writer: str = "main",
) -> Store:
    """Open the store at an SQLAlchemy URL (sqlite:///state/forepost.db), making or migrating it and its key file as needed.

    `writer` names this process's chain in the audit ledger. Raises StoreUnusable: another process writes to the file, the
    key file is missing or not this store's, the file is no database, or was written by a later version.
    """
    engine, lock = connect(url, read_only)
    try:
        keys = _prepare_database(engine, key_file, clock, read_only)
        scribe = Scribe(writer, clock, make_id or ids(clock), inserts(engine.dialect))
        return Store(engine, keys, scribe, None if read_only else Writer(engine), lock)
    except BaseException as error:
        engine.dispose()
        if lock is not None:
            os.close(lock)
        if isinstance(error, DatabaseError):
            raise StoreUnusable(f"{url}: is not a store that can be used: {error.orig}") from error
        raise


def _prepare_database(engine: Engine, key_file: Path, clock: Clock, read_only: bool) -> Keys:
    """Migrate, and see that file and keys belong together."""
    with engine.connect().execution_options(write=not read_only) as connection, connection.begin():
        if not read_only:
            migrate(connection)
        known = {row.id: row.check for row in connection.execute(select(store_keys.c.id, store_keys.c.check))}
        keys = load(key_file) if known or key_file.exists() else create(key_file, clock())
        for key_id, check in known.items():
            if keys.by_id(key_id).check != check:
                raise StoreUnusable(f"{key_file}: key {key_id} is not the one this store was written with: restore the key file")
        new = [key for key in keys.all if key.id not in known]
        if new and not read_only:
            columns = [
                {"id": key.id, "check": key.check, "valid_from": key.valid_from, "valid_until": key.valid_until} for key in new
            ]
            connection.execute(store_keys.insert(), columns)
    return keys


def _who(actor: Actor) -> dict[str, Any]:
    return {"actor": actor.id, "roles": sorted(actor.roles), "purpose": actor.purpose}
