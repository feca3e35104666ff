"""Zstandard (RFC 8878): one or more frames, read as one text; a window over `Limits.window_bytes` is refused."""

from __future__ import annotations

from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.packed import unpacked
from etanche.ingest.unpackers import zstd

NAME = "zstd"


def bid(head: Head) -> Bid:
    """Bid on the magic number of a frame, or of one to be skipped."""
    if head.data.startswith(b"\x28\xb5\x2f\xfd"):
        return Bid(0.9, "magic")
    if head.data[1:4] == b"\x2a\x4d\x18" and head.data[0] >> 4 == 5 and b"\x28\xb5\x2f\xfd" in head.data:
        return Bid(0.8, "magic_later")
    return Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield the unpacked text as one entry, named like the file without `.zst`."""
    yield unpacked(entry, zstd(limits.window_bytes), (".zst", ".zstd"), (".tzst",))
