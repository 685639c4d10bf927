"""RISKS and DECISIONS: what scoring yields per traveller, and the contract of the latter."""

import dataframely as dy
import polars as pl

from manifests.vocabulary import ENGINE_DIRECTIVES, ENTRY_AUTHORISATIONS, LANES, REFERRAL_KINDS

REASON = pl.Struct({"code": pl.String(), "en": pl.String(), "fr": pl.String(), "log_odds": pl.Float64()})

# Calibrated log-odds of a finding if examined, and the same as a probability.
RISKS = pl.Schema({"traveller": pl.UInt32(), "log_odds": pl.Float64(), "risk": pl.Float64()})

# What a redress number says of who gave it. A traveller without name, date of birth or document is `unchecked`.
REDRESS_FINDINGS = pl.Enum(["agrees", "differs", "unknown", "unchecked"])
REDRESS = pl.Schema({"traveller": pl.UInt32(), "finding": REDRESS_FINDINGS})

DECISIONS = pl.Schema(
    {
        "traveller": pl.UInt32(),
        "directive": ENGINE_DIRECTIVES,
        "entry_authorisation": ENTRY_AUTHORISATIONS,
        "decide_by": pl.Datetime("us", "UTC"),  # of a HOLD
        "telephone": pl.String(),  # of a HOLD
        "kind": REFERRAL_KINDS,  # null: no referral
        "lane": LANES,  # of the referral
        "priority": pl.Float64(),  # log-odds, rounded to 1e-6: orders the queue, nothing else
        "control": pl.Boolean(),  # referred by lot, and by nothing else
        "inclusion": pl.Float64(),  # probability of the lot; 0: not eligible
        "reasons": pl.List(REASON),  # most telling first; their log_odds add up to the priority
    }
)


class Decisions(dy.Schema):
    """One row per traveller, in the Manifest's order. No column can hold DO_NOT_BOARD: that is an officer's alone."""

    traveller = dy.UInt32(primary_key=True)
    directive = dy.Enum(ENGINE_DIRECTIVES.categories)
    entry_authorisation = dy.Enum(ENTRY_AUTHORISATIONS.categories)
    decide_by = dy.Datetime(nullable=True, time_unit="us", time_zone="UTC")
    telephone = dy.String(nullable=True)
    kind = dy.Enum(REFERRAL_KINDS.categories, nullable=True)
    lane = dy.Enum(LANES.categories, nullable=True)
    priority = dy.Float64()
    control = dy.Bool()
    inclusion = dy.Float64(min=0, max=1)
    reasons = dy.List(dy.Any(), min_length=1)

    @dy.rule()
    def hold_is_answerable(cls) -> pl.Expr:
        """A HOLD, and nothing else, has a time and a telephone; it is a referral before boarding."""
        hold = pl.col("directive") == "HOLD"
        answerable = pl.col("decide_by").is_not_null() & pl.col("telephone").is_not_null()
        unanswerable = pl.col("decide_by").is_null() & pl.col("telephone").is_null()
        before = pl.col("kind").eq_missing(pl.lit("PRE_BOARDING", REFERRAL_KINDS))
        return pl.when(hold).then(answerable & before).otherwise(unanswerable)

    @dy.rule()
    def referral_has_lane(cls) -> pl.Expr:
        return pl.col("kind").is_null() == pl.col("lane").is_null()

    @dy.rule()
    def control_is_on_arrival(cls) -> pl.Expr:
        """The lot falls on those whom nothing else refers, and means an examination on arrival."""
        on_arrival = pl.col("kind").eq_missing(pl.lit("ON_ARRIVAL", REFERRAL_KINDS))
        return ~pl.col("control") | (on_arrival & (pl.col("inclusion") > 0))

    @dy.rule()
    def reasons_add_up(cls) -> pl.Expr:
        """Every addend of the priority is a reason."""
        total = pl.col("reasons").list.eval(pl.element().struct.field("log_odds")).list.sum()
        return (total - pl.col("priority")).abs() < 1e-5
