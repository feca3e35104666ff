"""xz: one or more streams, read as one text; one that wants more memory than `Limits.window_bytes` is refused."""

from __future__ import annotations

from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.packed import unpacked
from etanche.ingest.unpackers import xz

NAME = "xz"


def bid(head: Head) -> Bid:
    """Bid on the magic number."""
    return Bid(0.9, "magic") if head.data.startswith(b"\xfd7zXZ\0") else Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield the unpacked text as one entry, named like the file without `.xz`."""
    yield unpacked(entry, xz(limits.window_bytes), (".xz",), (".txz",))
