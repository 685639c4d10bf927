"""Screening: history in, pipeline, screening and referrals out in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from features import history as travel_history
from manifests import pseudonyms as keyed
from manifests.errors import InputError
from manifests.frames import Manifest, build, concat
from referrals.clearances import known
from referrals.engine import Engine
from scoring import pipeline
from scoring.draws import draws as control_draws
from scoring.insufficient import faults_of
from store.actor import Actor
from store.database import Store
from store.errors import NotFound, RequestConflict
from store.records import Answered, Directive, Screening


@dataclass(frozen=True)
class Request:
    """One flight to screen, as a submitter sent it. A retry has the same `request_id` and `body_digest`."""

    submitter: str
    request_id: str
    body_digest: str
    manifest: Manifest


@dataclass(frozen=True)
class Answer:
    """What the carrier is told: `answers` has the columns of `store.records.ANSWERS`, one row per traveller in order."""

    flights: pl.DataFrame
    answers: pl.DataFrame
    faults: pl.DataFrame
    degraded: tuple[str, ...]


def screen(engine: Engine, requests: Sequence[Request]) -> list[Answer | Exception]:
    """Screen a batch of manifests as one and commit them as one; returns when the commit is durable.

    One outcome per request, in order: an Answer, RequestConflict (its id was used for another body) or InputError (no
    traveller, or more than one flight). A retry gets the first answer again and is neither screened nor stored.
    """
    outcomes = [_without_screening(engine, request) for request in requests]
    fresh = [request for request, outcome in zip(requests, outcomes, strict=True) if outcome is None]
    committed = iter(_commit(engine, fresh) if fresh else ())
    return [next(committed) if outcome is None else outcome for outcome in outcomes]


def current(engine: Engine, actor: Actor, reference: str) -> Directive | None:
    """The directive in force now for a traveller that this submitter had screened; None if it knows no such reference."""
    engine.store.expire_holds(engine.clock())
    try:
        return engine.store.directive(reference, actor.id)
    except NotFound:
        return None


def rehearse(engine: Engine) -> None:
    """Screen an invented traveller and store nothing, so that the first real one waits for no compilation."""
    at = engine.clock().replace(tzinfo=None)
    manifest = build(
        flights=pl.DataFrame({"flight": [0], "carrier": ["ZZ"], "departure_time": [at], "departure_at": [engine.clock()]}),
        travellers=pl.DataFrame(
            {
                "traveller": [0],
                "flight": [0],
                "surname": ["REHEARSAL"],
                "given": ["ANNA"],
                "dob": [date(1980, 1, 1)],
                "booking": [0],
            }
        ),
        documents=pl.DataFrame({"traveller": [0], "type": ["P"], "number": ["X0"]}),
        bookings=pl.DataFrame({"booking": [0], "flight": [0], "record_locator": ["X0"]}),
    )
    screenings_of(engine, [Request("rehearsal", str(number), "", manifest) for number in range(2)])


def _without_screening(engine: Engine, request: Request) -> Answer | Exception | None:
    """The outcome of a request that needs no screening: it cannot be screened, or was answered before."""
    if request.manifest.flights.height != 1 or request.manifest.travellers.is_empty():
        return InputError("travellers: there is none; send one flight with at least one traveller")
    try:
        answered = engine.store.answer_of(request.submitter, request.request_id, request.body_digest)
    except RequestConflict as conflict:
        return conflict
    return _answer(engine, request, answered) if answered else None


def _commit(engine: Engine, requests: Sequence[Request]) -> list[Answer | Exception]:
    outcomes: list[Answer | Exception] = []
    futures = engine.store.submit(screenings_of(engine, requests))
    for request, future in zip(requests, futures, strict=True):
        error = future.exception()
        if error is not None and not isinstance(error, Exception):
            raise error
        outcomes.append(error or _answer(engine, request, future.result()))
    return outcomes


def _answer(engine: Engine, request: Request, answered: Answered) -> Answer:
    return Answer(request.manifest.flights, answered.answers, faults_told(engine, request.manifest), answered.degraded)


def faults_told(engine: Engine, manifest: Manifest) -> pl.DataFrame:
    """Faults frame of all that the carrier must correct in a manifest, under the policy in force."""
    return faults_of(engine.parts.policy.insufficient_when, manifest)


def screenings_of(engine: Engine, requests: Sequence[Request]) -> list[Screening]:
    """The requests screened as one batch, one Screening each, nothing stored yet."""
    store, parts, clock = engine.store, engine.parts, engine.clock()
    manifest = concat([request.manifest for request in requests])
    pseudonyms = keyed.pseudonyms(manifest, store.key.pseudonyms)
    flight_keys = keyed.flight_keys(manifest, store.key.pseudonyms)
    booking_keys = keyed.booking_keys(manifest, store.key.pseudonyms)
    history = travel_history.history(manifest, pseudonyms, flight_keys, booking_keys, _state(store, manifest, pseudonyms))
    draws = control_draws(manifest, store.key.draws)
    record = known(store, manifest, clock)
    screened = pipeline.screen(
        manifest,
        history,
        draws,
        snapshot=parts.snapshot,
        pack=parts.pack,
        model=parts.model,
        policy=parts.policy,
        at=clock,
        now=clock,
        clearances=record.clearances,
        redress=record.redress,
    )
    hashes = parts.hashes

    screenings = []
    traveller = booking = 0
    for flight, request in enumerate(requests):
        own = request.manifest
        rows = slice(traveller, traveller + own.travellers.height)

        def of_request(frame: pl.DataFrame, rows: slice = rows) -> pl.DataFrame:
            """The rows of this request's travellers, numbered from 0."""
            if len(requests) == 1:
                return frame
            found = frame.filter(pl.col("traveller").is_between(rows.start, rows.stop, closed="left"))
            return found.with_columns(pl.col("traveller") - pl.lit(rows.start, pl.UInt32))

        keys, bookings = flight_keys[flight : flight + 1], booking_keys[booking : booking + own.bookings.height]
        mine = of_request(pseudonyms)
        screenings.append(
            Screening(
                id=engine.new_id(),
                submitter=request.submitter,
                request_id=request.request_id,
                body_digest=request.body_digest,
                received_at=clock,
                clock=clock,
                manifest=own,
                history=of_request(history),
                features=of_request(screened.features),
                matches=of_request(screened.matches),
                lost=None if screened.lost is None else of_request(screened.lost),
                hits=of_request(screened.hits),
                risks=None if screened.risks is None else of_request(screened.risks),
                decisions=of_request(screened.decisions),
                draws=draws[rows],
                hashes=hashes,
                degraded=(*screened.degraded, *engine.degraded),
                clearances=None if record.clearances is None else of_request(record.clearances),
                redress=None if record.redress is None else of_request(record.redress),
                pseudonyms=mine,
                flight_keys=keys,
                booking_keys=bookings,
                events=travel_history.events(own, mine, keys, bookings),
            )
        )
        traveller = rows.stop
        booking += own.bookings.height
    return screenings


def _state(store: Store, manifest: Manifest, pseudonyms: pl.DataFrame) -> pl.DataFrame:
    """The journeys that count for these travellers: those of the days kept before the flights leave."""
    departures = manifest.flights["departure_at"].drop_nulls()
    if departures.is_empty() or pseudonyms.is_empty():
        return travel_history.empty()
    earliest, latest = departures.min(), departures.max()
    assert isinstance(earliest, datetime)
    assert isinstance(latest, datetime)
    since = earliest - timedelta(days=travel_history.DAYS_KEPT)
    return store.history_state(pseudonyms["pseudonym"], since, latest)
