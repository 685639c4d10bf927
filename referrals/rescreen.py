"""Re-screening: lookouts that came up or changed, held against travellers who are under way already.

The lookouts are indexed by themselves and every traveller's name is run through that small index. Whom one hits is
screened again with the whole manifest, by the pipeline and the parts in force: matches, scenarios and clearances count as
at check-in. The carrier's directive stays; what came up is an urgent referral, before boarding while the flight has not left.
"""

from collections.abc import Callable, Iterator, Sequence
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
from store.identity import LONGEST_FLIGHT
from store.records import Again, Screening, StoredScreening
from store.rescreens import Page, Position, Rescreen
from watchlists import index, snapshot
from watchlists.match import match_queries
from watchlists.queries import of_travellers
from watchlists.score import prior_log_odds
from watchlists.segments import Segment
from watchlists.snapshot import KEY, KEYS, Snapshot

BATCH: Final = 512  # travellers screened together
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
    """Go on with passes that were cut off, and hold travellers under way against what was listed while nobody served; returns
    how many were referred. Raises InputError where the snapshot they were screened against is not kept any more."""
    now, last = engine.parts.snapshot, engine.store.last_snapshot()
    if now is None or last is None:
        return 0
    referred = sum(_pass(engine, now, begun, go_on, settle) for begun in engine.store.unfinished_rescreens())
    if last == now.hash:
        return referred
    before = Snapshot.open(artefacts.find(engine.artefacts, "snapshot", last), now)
    new = snapshot.changes(before, now).put.select(KEY).rows()
    return referred + rescreen(engine, new, go_on=go_on, settle=settle)


def _pass(engine: Engine, lists: Snapshot, begun: Rescreen, go_on: GoOn, settle: Settle) -> int:
    """One pass from where it stands; how many were referred by it from there."""
    store, done, since = engine.store, begun, engine.clock() - STRAGGLERS
    new = _delta(lists, begun.lookouts)
    papers = bool(new.segments[0].frames.documents.height)
    try:
        if new.segments[0].entries.height:
            for page in _pages(engine, lists, done.position or engine.clock(), papers, go_on):
                referred = _of_page(engine, new, page, done, go_on)
                done = replace(
                    done,
                    position=page.next or done.position,
                    travellers=done.travellers + page.travellers.height,
                    referred=done.referred + referred,
                )
                store.proceed_rescreen(done)
            settle()
            for page in _pages(engine, lists, engine.clock(), papers, go_on, since):
                done = replace(done, referred=done.referred + _of_page(engine, new, page, done, go_on))
    except _CutOff:
        return done.referred - begun.referred
    store.proceed_rescreen(done, finished=True)
    return done.referred - begun.referred


def _pages(
    engine: Engine, lists: Snapshot, start: Position | datetime, documents: bool, go_on: GoOn, since: datetime | None = None
) -> Iterator[Page]:
    """Travellers under way that were screened against another snapshot, from `start`; only screenings `since` a time."""
    after: Position | datetime | None = start
    while after is not None:
        _asked(go_on)
        page = engine.store.under_way(lists.hash, after, documents=documents, made_since=since)
        yield page
        after = page.next


def _asked(go_on: GoOn) -> None:
    if not go_on():
        raise _CutOff


def _delta(lists: Snapshot, lookouts: Keys) -> Snapshot:
    """The lookouts that the snapshot has of these, as a snapshot of their own in which lists count as in the whole one."""
    wanted = pl.DataFrame(list(lookouts), schema=KEYS, orient="row")
    entries = lists.entries.drop("entry").join(wanted, on=KEY, how="semi").with_row_index("entry")
    listed, frames = index.build(entries, lists.frequencies)
    segment = Segment(entries, listed, frames, 0, np.zeros(entries.height, bool))
    return replace(lists, segments=(segment,), lost=None)


def _floor(policy: Policy, lists: Snapshot) -> float:
    """Log-odds under which no match acts, whatever its lookout's action and list."""
    bound = float(logit(min(probability for _, probability in policy.lookout_bounds)))
    prior = policy.prior_per_million
    priors = [prior_log_odds(prior.get(source, prior["default"]), count) for source, count in lists.sources.items()]
    return max(policy.match_floor, bound - max(priors) - 1e-5)


def _of_page(engine: Engine, new: Snapshot, page: Page, done: Rescreen, go_on: GoOn) -> int:
    """Refer those of the page whom the lookouts concern; how many."""
    if page.travellers.is_empty():
        return 0
    policy, people = engine.parts.policy, page.travellers.with_row_index("traveller")
    documents = page.documents.join(people.select("screening", "row", "traveller"), on=["screening", "row"])
    found = match_queries(
        new,
        of_travellers(new.frequencies, people),
        people["traveller"],
        documents.select(pl.col("traveller").alias("row"), "traveller", "type", "number", "issuer"),
        policy.prior_per_million,
        _floor(policy, new),
        engine.clock(),
    )
    hit = people[found["traveller"].unique()].select("screening", "row")
    referred, waiting, travellers = 0, list[tuple[StoredScreening, set[int]]](), 0
    for (screening_id,), rows in hit.partition_by("screening", as_dict=True, maintain_order=True).items():
        _asked(go_on)
        concerned = set(rows["row"]) - engine.store.superseded(str(screening_id), rows["row"])
        if not concerned:
            continue
        stored = engine.store.stored_inputs(str(screening_id))
        waiting.append((stored, concerned & _under_way(stored, engine.clock())))
        travellers += stored.manifest.travellers.height
        if travellers >= BATCH:
            referred += _refer(engine, new, waiting, done)
            waiting, travellers = [], 0
    return referred + (_refer(engine, new, waiting, done) if waiting else 0)


def _under_way(stored: StoredScreening, now: datetime) -> set[int]:
    """Rows of the travellers whose flight has not arrived."""
    flights, travellers = stored.manifest.flights, stored.manifest.travellers
    ends = pl.coalesce("arrival_at", pl.col("departure_at") + timedelta(microseconds=LONGEST_FLIGHT))
    flying = flights.filter((ends > now).fill_null(True))["flight"]
    return set(travellers.filter(pl.col("flight").is_in(flying.implode()))["traveller"])


def _refer(engine: Engine, new: Snapshot, waiting: Sequence[tuple[StoredScreening, set[int]]], done: Rescreen) -> int:
    """Screen these manifests again, keep those in which a lookout is news that refers somebody; how many it refers."""
    requests = [
        Request(stored.submitter, f"rescreen:{done.id}:{stored.id}", stored.body_digest, stored.manifest)
        for stored, rows in waiting
        if rows
    ]
    if not requests:
        return 0
    keys = new.segments[0].entries.select(KEY)
    made: list[Screening] = []
    for screening, (stored, rows) in zip(screenings_of(engine, requests), [one for one in waiting if one[1]], strict=True):
        news = rows & _news(screening, stored, keys)
        if news:
            made.append(replace(screening, again=Again(stored.id, frozenset(news))))
    engine.store.commit(made)
    return sum(len(screening.again.rows) for screening in made if screening.again)


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
        for traveller, entry_id in fresh.select("traveller", "entry_id").iter_rows()
        if f"lookout:{entry_id}" in codes.get(traveller, ())
    }
