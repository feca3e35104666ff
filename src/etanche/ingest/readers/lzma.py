""".lzma, the format before xz: no magic number, but a header that is never text."""

from __future__ import annotations

from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.packed import unpacked
from etanche.ingest.unpackers import lzma_alone

NAME = "lzma"


def bid(head: Head) -> Bid:
    """Bid on the usual properties, a dictionary of a round size, and a size that is marked as unknown or plausible."""
    data = head.data
    if len(data) < 14 or data[0] != 0x5D or data[13] != 0:
        return Bid(0, "no_header")
    dictionary = int.from_bytes(data[1:5], "little")
    size = int.from_bytes(data[5:13], "little")
    round_size = (dictionary and not dictionary & (dictionary - 1)) or dictionary in {0xFFFFFFFF, 3 << 29}
    if round_size and (size == (1 << 64) - 1 or size < 1 << 42):
        return Bid(0.9 if head.suffix in {"lzma", "tlz"} else 0.8, "header")
    return Bid(0, "no_header")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield the unpacked text as one entry, named like the file without `.lzma`."""
    yield unpacked(entry, lzma_alone(limits.window_bytes), (".lzma",), (".tlz",))
