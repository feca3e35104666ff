"""gzip (RFC 1952): one stream, of one or more members, read as one text."""

from __future__ import annotations

from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.packed import unpacked
from etanche.ingest.unpackers import gzip

NAME = "gzip"


def bid(head: Head) -> Bid:
    """Bid on the magic number with the one method there is (deflate)."""
    return Bid(0.9, "magic") if head.data.startswith(b"\x1f\x8b\x08") else Bid(0, "no_magic")


def tables(entry: Entry, _limits: Limits) -> Iterator[Entry]:
    """Yield the unpacked text as one entry, named like the file without `.gz`."""
    yield unpacked(entry, gzip, (".gz", ".gzip", ".z"), (".tgz", ".taz"))
