"""The key file: secrets that never enter the database.

JSON, readable by its owner only: {"keys": [{"id", "secret" (64 hex digits), "valid_from", "valid_until"}]}. The newest
valid key makes pseudonyms, blind indexes and draws; earlier ones stay as long as the longest window that reads them.
"""

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from hmac import digest
from pathlib import Path

from store.errors import StoreUnusable


@dataclass(frozen=True)
class Key:
    """One secret with an id; `valid_until` None: still in use. What it is used for gets a secret of its own derived from it."""

    id: str
    secret: bytes = field(repr=False)
    valid_from: datetime
    valid_until: datetime | None = None

    @property
    def pseudonyms(self) -> bytes:
        """For `manifests.pseudonyms` and the blind index."""
        return self._derive("pseudonyms")

    @property
    def draws(self) -> bytes:
        """For the control sample."""
        return self._derive("draws")

    @property
    def cards(self) -> bytes:
        """For `manifests.protobuf.card_digest`, made at intake."""
        return self._derive("cards")

    @property
    def requests(self) -> bytes:
        """For the digest by which a request that is sent again is recognised: its body is not kept."""
        return self._derive("requests")

    @property
    def commitments(self) -> bytes:
        """For the audit ledger: commits to personal data that nobody can guess back."""
        return self._derive("commitments")

    @property
    def check(self) -> bytes:
        """Kept in the store: shows that a key file belongs to it."""
        return self._derive("check")

    def _derive(self, use: str) -> bytes:
        return digest(self.secret, use.encode(), "sha256")


@dataclass(frozen=True)
class Keys:
    """All keys of the file, oldest first."""

    all: tuple[Key, ...]

    def current(self, at: datetime) -> Key:
        """The newest key that began by this time; the oldest when none has, because clocks get set back and a store must
        open all the same. Raises StoreUnusable when that key has run out."""
        key = ([key for key in self.all if key.valid_from <= at] or [self.all[0]])[-1]
        if key.valid_until is not None and key.valid_until <= at:
            raise StoreUnusable(f"key file: key {key.id} ran out at {key.valid_until:%Y-%m-%dT%H:%MZ}: add one")
        return key

    def by_id(self, key_id: str) -> Key:
        """Raises StoreUnusable when the file does not hold it (any more)."""
        for key in self.all:
            if key.id == key_id:
                return key
        raise StoreUnusable(f"key file: key {key_id} is missing: restore it from the backup of the key file")


def load(path: Path) -> Keys:
    """The keys of a file. Raises StoreUnusable with what is wrong."""
    try:
        if path.stat().st_mode & 0o077:
            raise StoreUnusable(f"{path}: others can read the keys: chmod 600 {path}")
        rows = json.loads(path.read_text())["keys"]
        keys = [
            Key(
                row["id"],
                bytes.fromhex(row["secret"]),
                datetime.fromisoformat(row["valid_from"]),
                datetime.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
            )
            for row in rows
        ]
    except OSError as error:
        raise StoreUnusable(f"{path}: {error.strerror}: the store needs its key file") from None
    except (ValueError, TypeError, KeyError) as error:
        if isinstance(error, StoreUnusable):
            raise
        raise StoreUnusable(f"{path}: is not a key file ({type(error).__name__}): restore it from the backup") from None
    faults = [f"{path}: key {key.id} is shorter than 32 bytes" for key in keys if len(key.secret) < 32]
    naive = [key for key in keys if any(at is not None and at.tzinfo is None for at in (key.valid_from, key.valid_until))]
    faults += [f"{path}: key {key.id} has times without an offset" for key in naive]
    if faults or not keys:
        raise StoreUnusable(faults or f"{path}: holds no key")
    return Keys(tuple(sorted(keys, key=lambda key: key.valid_from)))


def create(path: Path, at: datetime) -> Keys:
    """A new file with one random key, valid from `at`. Raises StoreUnusable when it cannot be written."""
    secret = os.urandom(32)
    row = {"id": "k1", "secret": secret.hex(), "valid_from": at.isoformat(), "valid_until": None}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            json.dump({"keys": [row]}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise StoreUnusable(f"{path}: {error.strerror}: the key file cannot be written") from None
    return load(path)
