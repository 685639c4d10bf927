"""Re-screening: lookouts that came up, changed or begin to act, held against travellers who are under way already.

The lookouts are indexed by themselves and every traveller's name is run through that small index. Whom one hits is
screened again with the whole manifest, by the pipeline and the parts in force: matches, scenarios and clearances count as
at check-in. The carrier's directive stays; what came up is an urgent referral, before boarding while the flight has not left.

Pages are matched by threads of their own, a page each, while the next is read and those whom the one before hit are referred.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from time import sleep
from typing import Final

import numpy as np
import polars as pl

from referrals import artefacts
from referrals.engine import Engine
from referrals.screen import Request, screenings_of
from scoring.grounds import logit
from scoring.policy import Policy
from scoring.reasons import lookout_code
from store.identity import LONGEST_FLIGHT
from store.records import Again, Screening, StoredScreening
from store.rescreens import Page, Position, Rescreen
from watchlists import index, snapshot
from watchlists.frequencies import Rarities, Remembered
from watchlists.lookouts import INSTANT
from watchlists.match import match_queries
from watchlists.queries import of_travellers
from watchlists.score import prior_log_odds
from watchlists.segments import Segment
from watchlists.snapshot import KEY, KEYS, Snapshot

BATCH: Final = 2_048  # travellers screened together
MATCHING: Final = 2  # pages matched at a time, on a core each
# A batch that was begun with the snapshot before this one is committed within that time, and is then looked through as well.
SETTLE: Final = 2.0  # seconds
STRAGGLERS: Final = timedelta(seconds=30)  # how long before the pass such a batch can have been begun

Keys = Sequence[tuple[str, str]]  # source and entry_id
GoOn = Callable[[], bool]
Settle = Callable[[], object]


def _settle() -> None:
    sleep(SETTLE)


class _CutOff(Exception):
    """The pass ends here and is gone on with later."""


def rescreen(engine: Engine, lookouts: Keys, *, go_on: GoOn = lambda: True, settle: Settle = _settle) -> int:
    """Hold the travellers under way against these lookouts of the engine's snapshot; returns how many were referred.

    Idempotent: a traveller whose latest screening knew the lookout as it is now is left alone. `go_on` is asked before
    each page and batch; it may wait there for work that is more pressing, and ends the pass with False: `resume` goes on
    with it. `settle` waits until what was begun with the snapshot before is committed.
    """
    if engine.parts.snapshot is None or not lookouts:
        return 0
    begun = engine.store.begin_rescreen(engine.parts.snapshot.hash, sorted(set(lookouts)))
    return _pass(engine, engine.parts.snapshot, begun, go_on, settle)


def resume(engine: Engine, *, go_on: GoOn = lambda: True, settle: Settle = _settle) -> int:
    """Go on with passes that were cut off, and hold travellers under way against what was listed, or began to act, while
    nobody served; returns how many were referred. Raises InputError where the snapshot they were screened against is not kept
    any more."""
    now, last = engine.parts.snapshot, engine.store.last_snapshot()
    if now is None or last is None:
        return 0
    referred = sum(_pass(engine, now, begun, go_on, settle) for begun in engine.store.unfinished_rescreens())
    at = engine.clock()
    new = beginning(now, engine.store.oldest_under_way(at) or at, at)
    if last != now.hash:
        before = Snapshot.open(artefacts.find(engine.artefacts, "snapshot", last), now)
        new += snapshot.changes(before, now).put.select(KEY).rows()
    return referred + rescreen(engine, new, go_on=go_on, settle=settle)


def beginning(lists: Snapshot, after: datetime, until: datetime) -> list[tuple[str, str]]:
    """Keys of the lookouts that begin to act after the one time and until the other."""
    begins = pl.col("valid_from").is_between(pl.lit(after, INSTANT), pl.lit(until, INSTANT), closed="right")
    found = [segment.entries.filter(begins & ~pl.Series(segment.removed)) for segment in lists.segments]
    return [key for entries in found for key in entries.select(KEY).rows()]


def _pass(engine: Engine, lists: Snapshot, begun: Rescreen, go_on: GoOn, settle: Settle) -> int:
    """One pass from where it stands; how many were referred by it from there."""
    store, done, at = engine.store, begun, engine.clock()
    new = _delta(lists, begun.lookouts, at)
    made: set[str] = set()
    try:
        if new.segments[0].entries.height:
            for page, hit in _matched(engine, new, _pages(engine, new, done.position or at, go_on, made_before=at)):
                referred = _refer_all(engine, new, hit, done, made, go_on)
                done = replace(
                    done,
                    position=page.next or done.position,
                    travellers=done.travellers + page.travellers.height,
                    referred=done.referred + referred,
                )
                store.proceed_rescreen(done)
            settle()
            for _, hit in _matched(engine, new, _pages(engine, new, at, go_on, made_since=at - STRAGGLERS)):
                done = replace(done, referred=done.referred + _refer_all(engine, new, hit, done, made, go_on))
    except _CutOff:
        return done.referred - begun.referred
    store.proceed_rescreen(done, finished=True)
    return done.referred - begun.referred


def _pages(
    engine: Engine,
    new: Snapshot,
    start: Position | datetime,
    go_on: GoOn,
    *,
    made_before: datetime | None = None,
    made_since: datetime | None = None,
) -> Iterator[Page]:
    """Travellers under way from `start`, with their documents where a lookout has one; of screenings of that time."""
    papers = bool(new.segments[0].frames.documents.height)
    after: Position | datetime | None = start
    while after is not None:
        _asked(go_on)
        page = engine.store.under_way(after, documents=papers, made_before=made_before, made_since=made_since)
        yield page
        after = page.next


def _matched(engine: Engine, new: Snapshot, pages: Iterator[Page]) -> Iterator[tuple[Page, pl.DataFrame]]:
    """The pages in their order, each with `_hit` of it."""
    floor, rarities = _floor(engine.parts.policy, new), Remembered(new.frequencies)
    waiting: deque[tuple[Page, Future[pl.DataFrame]]] = deque()
    pool = ThreadPoolExecutor(MATCHING, thread_name_prefix="rescreen")
    try:
        for page in pages:
            waiting.append((page, pool.submit(_hit, engine, new, page, floor, rarities)))
            if len(waiting) > MATCHING:
                page, found = waiting.popleft()
                yield page, found.result()
        while waiting:
            page, found = waiting.popleft()
            yield page, found.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _asked(go_on: GoOn) -> None:
    if not go_on():
        raise _CutOff


def _delta(lists: Snapshot, lookouts: Keys, at: datetime) -> Snapshot:
    """The lookouts that the snapshot has of these, and that act at that time, as a snapshot of their own in which lists count
    as in the whole one."""
    wanted = pl.DataFrame(list(lookouts), schema=KEYS, orient="row")
    acting = (pl.col("valid_from") <= pl.lit(at, INSTANT)).fill_null(True)
    entries = lists.entries.drop("entry").join(wanted, on=KEY, how="semi").filter(acting).with_row_index("entry")
    listed, frames = index.build(entries, lists.frequencies)
    segment = Segment(entries, listed, frames, 0, np.zeros(entries.height, bool))
    return replace(lists, segments=(segment,), lost=None)


def _floor(policy: Policy, new: Snapshot) -> float:
    """Log-odds under which no match with one of these lookouts acts."""
    acting = new.segments[0].entries.select("source", "action").unique()
    bounds, prior = dict(policy.lookout_bounds), policy.prior_per_million
    least = [
        float(logit(bounds[action])) - prior_log_odds(prior.get(source, prior["default"]), new.sources[source])
        for source, action in acting.iter_rows()
    ]
    return max(policy.match_floor, min(least) - 1e-5)


def _hit(engine: Engine, new: Snapshot, page: Page, floor: float, rarities: Rarities) -> pl.DataFrame:
    """`screening` and `row` of those of the page whom the lookouts may concern."""
    people = page.travellers.with_row_index("traveller")
    if people.is_empty():
        return people.select("screening", "row")
    documents = page.documents.join(people.select("screening", "row", "traveller"), on=["screening", "row"])
    found = match_queries(
        new,
        of_travellers(rarities, people),
        people["traveller"],
        documents.select(pl.col("traveller").alias("row"), "traveller", "type", "number", "issuer"),
        engine.parts.policy.prior_per_million,
        floor,
        engine.clock(),
    )
    return people[found["traveller"].unique()].select("screening", "row")


def _refer_all(engine: Engine, new: Snapshot, hit: pl.DataFrame, done: Rescreen, made: set[str], go_on: GoOn) -> int:
    """Refer those of a page whom the lookouts concern; how many. `made`: screenings that this pass has made, which knew them."""
    referred, waiting, travellers = 0, list[tuple[StoredScreening, set[int]]](), 0
    hit = hit.filter(~pl.col("screening").is_in(made))
    for (screening_id,), rows in hit.partition_by("screening", as_dict=True, maintain_order=True).items():
        _asked(go_on)
        concerned = set(rows["row"]) - engine.store.superseded(str(screening_id), rows["row"])
        if not concerned:
            continue
        stored = engine.store.stored_inputs(str(screening_id))
        waiting.append((stored, concerned & _under_way(stored, engine.clock())))
        travellers += stored.manifest.travellers.height
        if travellers >= BATCH:
            referred += _refer(engine, new, waiting, done, made)
            waiting, travellers = [], 0
    return referred + (_refer(engine, new, waiting, done, made) if waiting else 0)


def _under_way(stored: StoredScreening, now: datetime) -> set[int]:
    """Rows of the travellers whose flight has not arrived."""
    flights, travellers = stored.manifest.flights, stored.manifest.travellers
    ends = pl.coalesce("arrival_at", pl.col("departure_at") + timedelta(microseconds=LONGEST_FLIGHT))
    flying = flights.filter((ends > now).fill_null(True))["flight"]
    return set(travellers.filter(pl.col("flight").is_in(flying.implode()))["traveller"])


def _refer(
    engine: Engine, new: Snapshot, waiting: Sequence[tuple[StoredScreening, set[int]]], done: Rescreen, made: set[str]
) -> int:
    """Screen these manifests again, keep those in which a lookout is news that refers somebody; how many it refers."""
    requests = [
        Request(stored.submitter, f"rescreen:{done.id}:{stored.id}", stored.body_digest, stored.manifest)
        for stored, rows in waiting
        if rows
    ]
    if not requests:
        return 0
    keys = new.segments[0].entries.select(KEY)
    again: list[Screening] = []
    for screening, (stored, rows) in zip(screenings_of(engine, requests), [one for one in waiting if one[1]], strict=True):
        news = rows & _news(screening, stored, keys)
        if news:
            again.append(replace(screening, again=Again(stored.id, frozenset(news))))
    engine.store.commit(again)
    made.update(screening.id for screening in again)
    return sum(len(screening.again.rows) for screening in again if screening.again)


def _news(screening: Screening, stored: StoredScreening, keys: pl.DataFrame) -> set[int]:
    """Travellers who are referred now for one of these lookouts, which was not known, or known otherwise, at the time."""
    columns = ["traveller", "source", "entry_id", "lookout", "action"]
    acting = screening.matches.filter(pl.col("clearance").is_null()).join(keys, on=KEY, how="semi")
    fresh = acting.join(stored.matches.select(columns), on=columns, how="anti")
    decided = screening.decisions.filter(pl.col("kind").is_not_null())
    codes = {
        traveller: {reason["code"] for reason in reasons}
        for traveller, reasons in decided.select("traveller", "reasons").iter_rows()
    }
    return {
        traveller
        for traveller, source, entry_id in fresh.select("traveller", "source", "entry_id").iter_rows()
        if lookout_code(source, entry_id) in codes.get(traveller, ())
    }
