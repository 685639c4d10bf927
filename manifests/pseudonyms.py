"""Keyed pseudonyms of what a traveller brings: joins one journey to the next without a name.

A pseudonym is the first 64 bits of HMAC-SHA256 over the kind and the canonical values, so that the same value under
another kind gives another number, and nobody without the key can try names out. At a billion values the chance that
any two share a pseudonym is 2.7 % (birthday bound): enough for history and for look-ups, which read the identity anyway.
"""

from collections.abc import Iterable
from hmac import digest

import polars as pl

from manifests.frames import Manifest
from manifests.names import fold
from manifests.vocabulary import PSEUDONYM_KINDS

PSEUDONYMS: dict[str, pl.DataType] = {"traveller": pl.UInt32(), "kind": PSEUDONYM_KINDS, "pseudonym": pl.Int64()}

_SEPARATOR = "\x1f"
_BOOKING_KINDS = ("phone", "email", "card", "address", "agency")


def pseudonyms(manifest: Manifest, key: bytes) -> pl.DataFrame:
    """What each traveller can be recognised by, as PSEUDONYMS: zero or more rows a traveller, sorted by traveller and kind.

    person: folded name and date of birth, only where both are known. document: type, issuer and number, one per
    document with a number. phone, email, card, address, agency: of the traveller's booking.
    """
    travellers = manifest.travellers
    names = fold(travellers.select(pl.concat_str("surname", "given", separator=" ", ignore_nulls=True))["surname"])
    person = travellers.select("traveller", text=pl.concat_str(_known(pl.lit(names)), "dob", separator=_SEPARATOR))
    document = manifest.documents.select(
        "traveller",
        text=pl.concat_str(
            pl.col("type").cast(pl.String).fill_null(""), pl.col("issuer").fill_null(""), "number", separator=_SEPARATOR
        ),
    )
    frames = [_hashed(person, "person", key), _hashed(document, "document", key)]
    if manifest.bookings.height:
        of_booking = travellers.select("traveller", "booking").drop_nulls()
        address = pl.col("address").str.to_uppercase().str.replace_all(r"\s+", " ").str.strip_chars()
        bookings = manifest.bookings.with_columns(address.alias("address"))
        for kind in _BOOKING_KINDS:
            texts = bookings.select("booking", text=_known(pl.col(kind)))
            hashed = _hashed(texts, kind, key)
            frames.append(of_booking.join(hashed, on="booking").select("traveller", "kind", "pseudonym"))
    return pl.concat(frames).unique().sort("traveller", "kind", "pseudonym")


def flight_keys(manifest: Manifest, key: bytes) -> pl.Series:
    """Int64 per flight: carrier, number, departure airport and local departure date; an unknown part counts as empty."""
    day = pl.col("departure_time").dt.date().cast(pl.String)
    parts = [part.fill_null("") for part in (pl.col("carrier"), pl.col("number"), pl.col("departure"), day)]
    texts = manifest.flights.select(text=pl.concat_str(parts, separator=_SEPARATOR))["text"]
    return pl.Series("flight_key", _digests("flight", texts, key), pl.Int64)


def booking_keys(manifest: Manifest, key: bytes) -> pl.Series:
    """Int64 per booking, null without a record locator: operating carrier, locator and the day of booking, because
    carriers use a locator again after some time; the same on every flight of the booking."""
    carriers = manifest.flights.select("flight", "carrier")
    texts = manifest.bookings.join(carriers, on="flight", how="left", maintain_order="left").select(
        text=pl.concat_str(
            pl.col("carrier").fill_null(""),
            "record_locator",
            pl.col("booked_at").dt.date().cast(pl.String).fill_null(""),
            separator=_SEPARATOR,
        )
    )["text"]
    return pl.Series("booking_key", _digests("booking", texts, key), pl.Int64)


def traveller_keys(manifest: Manifest, found: pl.DataFrame, key: bytes) -> pl.Series:
    """Int64 per traveller: who it is on the flight, for one referral per traveller and flight whatever message it came in.

    The person of `found` (PSEUDONYMS), else the first document, else the carrier's reference, else the row.
    """
    best = found.filter(pl.col("kind").is_in(["person", "document"])).unique("traveller", keep="first", maintain_order=True)
    rows = manifest.travellers.select("traveller", "ref").join(
        best.select("traveller", "pseudonym"), on="traveller", how="left", maintain_order="left"
    )
    texts = rows.select(text=pl.coalesce(_known(pl.col("ref")), pl.format("\x1f{}", "traveller")))["text"]
    return pl.Series(
        "traveller_key",
        [
            pseudonym if pseudonym is not None else _digest("ref", text, key)
            for pseudonym, text in zip(rows["pseudonym"], texts, strict=True)
        ],
        pl.Int64,
    )


def _known(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _hashed(texts: pl.DataFrame, kind: str, key: bytes) -> pl.DataFrame:
    """Rows of `texts` (a row number and `text`) that have a text, with kind and pseudonym in its place."""
    known = texts.drop_nulls("text")
    return known.select(
        pl.exclude("text"),
        pl.lit(kind, PSEUDONYM_KINDS).alias("kind"),
        pl.Series("pseudonym", _digests(kind, known["text"], key), pl.Int64),
    )


def _digests(kind: str, texts: Iterable[str | None], key: bytes) -> list[int | None]:
    return [None if text is None else _digest(kind, text, key) for text in texts]


def _digest(kind: str, text: str, key: bytes) -> int:
    return int.from_bytes(digest(key, f"{kind}{_SEPARATOR}{text}".encode(), "sha256")[:8], "big", signed=True)
