"""Travellers of whom a booking alone is known (PNR, no API): who they are, and what may be looked for in them.

A booking comes days before check-in. It opens referrals, so that an officer can look in time, but it answers no carrier:
nobody boards or is held on it, and neither model nor lot, which are for those who check in, choose from them.
"""

import numpy as np
import polars as pl

from manifests.frames import Manifest
from rules.scenario import PNR_PURPOSES, Pack
from scoring.people import Flags

# Categories of terrorism or a serious transnational crime: SOR/2005-346 s. 4(1), Directive (EU) 2016/681 art. 1(2).
PNR_CATEGORIES = ("national_security", "organised_crime", "smuggling_facilitation", "trafficking_protection")


def booked_only(manifest: Manifest) -> Flags:
    """Whether a traveller's elements are those of a PNR."""
    return np.array([law == "PNR" for law in manifest.travellers["law"].to_list()], np.bool_)


def lawful_matches(manifest: Manifest, matches: pl.DataFrame) -> pl.DataFrame:
    """The matches but those of a booking alone with a lookout of another category."""
    return _but(manifest, matches, pl.col("category").is_in(PNR_CATEGORIES))


def lawful_hits(manifest: Manifest, hits: pl.DataFrame, pack: Pack) -> pl.DataFrame:
    """The hits but those of a booking alone by a scenario of another purpose."""
    lawful = [scenario.id for scenario in pack.scenarios if scenario.purpose in PNR_PURPOSES]
    return _but(manifest, hits, pl.col("scenario").is_in(lawful))


def lawful_lost(manifest: Manifest, lost: pl.DataFrame) -> pl.DataFrame:
    """Reports of lost documents but those of a booking alone: a lost document is no such crime."""
    return _but(manifest, lost, pl.lit(False))


def _but(manifest: Manifest, frame: pl.DataFrame, lawful: pl.Expr) -> pl.DataFrame:
    booked = manifest.travellers.filter(pl.col("law") == "PNR")["traveller"]
    if booked.is_empty() or frame.is_empty():
        return frame
    return frame.filter(~pl.col("traveller").is_in(booked.implode()) | lawful)
