"""Identifiers that sort by time (RFC 9562 version 7), so that new rows land at the end of every index."""

from collections.abc import Callable
from datetime import UTC, datetime
from os import urandom
from uuid import UUID

Clock = Callable[[], datetime]
Ids = Callable[[], str]


def now() -> datetime:
    """The clock of a running server: UTC."""
    return datetime.now(UTC)


def ids(clock: Clock = now, random: Callable[[int], bytes] = urandom) -> Ids:
    """A factory of UUIDv7: 48 bits of milliseconds, 74 random bits."""

    def make() -> str:
        milliseconds = int(clock().timestamp() * 1000) & (1 << 48) - 1
        tail = int.from_bytes(random(10), "big")
        value = milliseconds << 80 | 0x7 << 76 | (tail >> 64 & 0xFFF) << 64 | 0b10 << 62 | tail & (1 << 62) - 1
        return str(UUID(int=value))

    return make
