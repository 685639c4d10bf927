"""Reads a carrier's message from a file or bytes, whichever accepted format it is in."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from manifests import edifact, interchange, json_format, paxlst, pnrgov
from manifests.edifact import MOST_BYTES
from manifests.errors import InputError
from manifests.frames import Manifest
from manifests.paxlst import Paxlst
from manifests.pnr_frames import Pnr

_ACCEPTED = "send UN/EDIFACT PAXLST or PNRGOV, or the canonical JSON of a manifest"
_KINDS = {b"%PDF": "a PDF", b"PK\x03\x04": "a ZIP archive or office document", b"\x1f\x8b": "gzip", b"<": "XML or HTML"}


@dataclass(frozen=True)
class Received:
    """A message as read; `paxlst` where it was a PAXLST, for the CUSRES answer, `pnr` where it was a PNRGOV."""

    manifest: Manifest
    paxlst: Paxlst | None = None
    pnr: Pnr | None = None

    def to_screen(self) -> "Received":
        """What of it is to be screened: see paxlst.to_screen. Raises InputError where nothing is."""
        if self.paxlst is None:
            return self
        lists = paxlst.to_screen(self.paxlst)
        return Received(lists.manifest, lists)


def read_file(source: Path | bytes) -> Received:
    """Read a PAXLST or PNRGOV interchange or a canonical JSON text. Of payment cards nothing is kept.

    Raises InputError where the file cannot be opened, is neither, or holds nothing that can be read.
    """
    message = source if isinstance(source, bytes) else _bytes(source)
    start = message.removeprefix(codecs.BOM_UTF8).lstrip()
    if start[:1] in (b"{", b"["):
        return Received(json_format.from_json(message))
    if edifact.is_in(message):
        return read_edifact(message)
    raise InputError(f"message: {_described(start)}: {_ACCEPTED}")


def read_edifact(message: bytes, card_key: bytes | None = None) -> Received:
    """Read a PAXLST or PNRGOV interchange, by the type of its messages; in one of both, PAXLST is read.

    Of a payment card a digest under `card_key` is kept, and nothing without a key. Raises InputError as the readers do.
    """
    if b"PNRGOV" in edifact.head(message):
        envelope = interchange.read(message)
        if "PAXLST" not in {found.kind for found in envelope.messages}:
            pnr = pnrgov.of(envelope, card_key)
            return Received(pnr.manifest, pnr=pnr)
    read = paxlst.read(message)
    return Received(read.manifest, read)


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"message: {path.stat().st_size:,} bytes: at most {MOST_BYTES:,} are read: send one flight per file")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}: give the path of a file") from None


def _described(start: bytes) -> str:
    if not start:
        return "empty"
    for mark, kind in _KINDS.items():
        if start.startswith(mark):
            return kind
    head = start[:40]
    try:
        text = head.decode("utf-8", "strict" if len(start) <= len(head) else "ignore")
    except UnicodeDecodeError:
        text = "\0"
    printable = " ".join(text.split())
    return f"begins with {printable[:30]!r}" if printable.isprintable() and printable else f"{len(start):,} bytes of binary data"
