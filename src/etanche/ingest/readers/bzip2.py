"""bzip2: one or more streams, read as one text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.packed import unpacked
from etanche.ingest.unpackers import bzip2

NAME = "bzip2"
_START = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)", re.DOTALL)


def bid(head: Head) -> Bid:
    """Bid on the magic numbers of the stream and of its first block; a cut may have left the former alone."""
    if _START.match(head.data):
        return Bid(0.9, "magic")
    return Bid(0.7, "magic_cut") if re.fullmatch(rb"BZh[1-9].{0,5}", head.data, re.DOTALL) else Bid(0, "no_magic")


def tables(entry: Entry, _limits: Limits) -> Iterator[Entry]:
    """Yield the unpacked text as one entry, named like the file without `.bz2`."""
    yield unpacked(entry, bzip2, (".bz2", ".bz"), (".tbz2", ".tbz", ".tb2"))
