"""What the system's libarchive knows and étanche has no reader of its own for, unpacked in the sandbox.

Archives: cpio, ar (and Debian packages), cab, ISO 9660, lha, xar, RPM, WARC.
Packed files: compress (`.Z`), lz4, lzip, lzop, uuencode.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.packed import inner_name
from etanche.ingest.unpacked import Unpacking

NAME = "libarchive"
_ARCHIVES = (
    (0, b"070701"),
    (0, b"070702"),
    (0, b"070707"),
    (0, b"\xc7\x71"),
    (0, b"\x71\xc7"),
    (0, b"!<arch>\n"),
    (0, b"MSCF\0\0\0\0"),
    (0x8001, b"CD001"),
    (0, b"xar!\0"),
    (0, b"WARC/1."),
    (0, b"\xed\xab\xee\xdb"),
)
_STREAMS = (b"\x1f\x9d", b"\x04\x22\x4d\x18", b"\x02\x21\x4c\x18", b"LZIP\x01", b"\x89LZO\0\r\n\x1a\n")
_LHA = re.compile(rb"[\x15-\xff].-l[hz][0-9ds]-", re.DOTALL)
_UU = re.compile(rb"begin(?:-base64)? [0-7]{3} [^\r\n]{1,255}\r?\n[!-`][ -`]{0,84}\r?\n")
_SUFFIXES = (".z", ".lz4", ".lz", ".lzo", ".taz", ".tlz", ".uu")


def bid(head: Head) -> Bid:
    """Bid on the magic numbers."""
    if any(head.data.startswith(magic, offset) for offset, magic in _ARCHIVES):
        return Bid(0.85, "magic")
    if _LHA.match(head.data):
        return Bid(0.85, "magic_lha")
    if _UU.match(head.data):
        return Bid(0.75, "uuencoded")
    return Bid(0.85, "magic_stream") if head.data.startswith(_STREAMS) else Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield each member that is a file.  Raises `UserError` when none is found, or the system has no libarchive."""
    unpacking = Unpacking(entry, limits)
    head = entry.head(400)
    stream = head.startswith(_STREAMS) or _UU.match(head) is not None
    raw = inner_name(entry.name, _SUFFIXES) if stream else ""
    unpacking.run("lib_archive:members", {"passwords": list(entry.meter.passwords), "raw": raw})
    yield from unpacking.entries()
