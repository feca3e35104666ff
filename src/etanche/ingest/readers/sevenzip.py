"""7z: unpacked by py7zr in the sandbox, with the passwords that the user gave.

1. What py7zr cannot unpack (BCJ2, ARM64…) is asked of libarchive.
2. An archive that was cut off has lost its list of members, which stands at its end: what can be unpacked from the
   front is read as one text, and a note says so.
"""

from __future__ import annotations

from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.packed import inner_name
from etanche.ingest.unpacked import Unpacking

NAME = "sevenzip"


def bid(head: Head) -> Bid:
    """Bid on the magic number."""
    return Bid(0.9, "magic") if head.data.startswith(b"7z\xbc\xaf\x27\x1c") else Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield each member that is a file.  Raises `UserError` when the list of members cannot be read."""
    passwords = list(entry.meter.passwords)
    unpacking = Unpacking(entry, limits)
    unpacking.run("seven_zip:members", {"passwords": passwords})
    failed = [member for member in unpacking.members if member.end in {"method", "damaged"} and not member.limit]
    if failed or (unpacking.stopped is not None and unpacking.stopped.code == "ingest_archive_method"):
        unpacking = unpacking.better(_another(entry, limits, "lib_archive:members", {"passwords": passwords}))
    elif unpacking.stopped is not None and unpacking.stopped.code == "ingest_archive_damaged" and not unpacking.members:
        # The list of members stands at the end: an archive that was cut off has none.
        params = {"name": inner_name(entry.name, (".7z",)), "window": limits.window_bytes}
        carved = _another(entry, limits, "seven_zip:carve", params)
        if any(member.size for member in carved.members):
            entry.note("archive_carved")
            unpacking = carved
    yield from unpacking.entries()


def _another(entry: Entry, limits: Limits, task: str, params: dict[str, object]) -> Unpacking:
    unpacking = Unpacking(entry, limits)
    unpacking.run(task, params)
    return unpacking
