"""7z: unpacked by py7zr in the sandbox; a list of members under a password is opened with those that the user gave."""

from __future__ import annotations

from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.unpacked import Unpacking

NAME = "sevenzip"


def bid(head: Head) -> Bid:
    """Bid on the magic number."""
    return Bid(0.9, "magic") if head.data.startswith(b"7z\xbc\xaf\x27\x1c") else Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield each member that is a file.  Raises `UserError` when the list of members cannot be read."""
    unpacking = Unpacking(entry, limits)
    unpacking.run("seven_zip:members", {"passwords": list(entry.meter.passwords)})
    yield from unpacking.entries()
