"""tar (ustar, GNU, pax; see `parsers.tape`): each member is a stretch of the archive.

1. A tar inside a packing is unpacked once, into memory or an encrypted spill; its members are then read at no cost.
2. A damaged header costs its member; the next ones are found.  A member cut off is read as far as it goes.
3. Files with holes (GNU sparse) are filled by libarchive, in the sandbox.
4. Links and devices hold no bytes: a hard link's are another member's.  They are named, and never followed.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from typing import IO, cast

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry, Stream
from etanche.ingest.foreign import Foreign
from etanche.ingest.inflate import Inflated
from etanche.ingest.limits import Limits
from etanche.ingest.parsers import tape
from etanche.ingest.seekable import Window, random_access, stream_of
from etanche.ingest.unpackers import Stored

NAME = "tar"
_REFUSED = {"link": "ingest_member_link", "special": "ingest_member_link"}
_OLD = re.compile(rb"[ 0-7]{6,7}[ \0][ 0-7]{5,7}[ \0]", re.DOTALL)


def bid(head: Head) -> Bid:
    """Bid on the mark of ustar, or on the checksum of an older header."""
    data = head.data
    if data[257:262] == b"ustar":
        return Bid(0.9, "magic")
    if len(data) >= tape.BLOCK and data[0] and _OLD.match(data[100:]) and _sum_fits(data[: tape.BLOCK]):
        return Bid(0.8, "checksum")
    return Bid(0, "no_magic")


def _sum_fits(block: bytes) -> bool:
    digits = block[148:156].strip(b" \0")
    if not digits or digits.strip(b"01234567"):
        return False
    return int(digits, 8) == sum(block) - sum(block[148:156]) + 8 * 32


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield each member that is a file.  Raises `UserError` when there is none."""
    opener = cast("Callable[[], io.RawIOBase]", random_access(entry, limits))
    found = False
    with opener() as raw:
        size = raw.seek(0, io.SEEK_END)
        for member in tape.members(cast("IO[bytes]", raw)):
            if member.kind == "damage":
                entry.note("archive_damaged")
                continue
            found = True
            if member.kind == "file" and member.size == 0:
                continue
            yield _sparse(entry, member, limits) if member.kind == "sparse" else _entry(entry, member, opener, size)
    if not found:
        raise UserError("ingest_archive_empty", ExitCode.UNREADABLE, path=entry.shown)


def _entry(archive: Entry, member: tape.Member, opener: Callable[[], io.RawIOBase], end: int) -> Entry:
    """Return the entry of a member; opening it raises `UserError` for what holds no bytes."""
    size = max(0, min(member.size, end - member.offset))
    child = archive.child(member.name, size)
    code = _REFUSED.get(member.kind) or ("ingest_member_cut" if not size else "")
    if code:
        child.opener = _refusal(code, archive.shown, member.name)
        return child
    if size < member.size:
        child.note("truncated", bytes=size)
    child.seeker = lambda: Window.of(opener(), member.offset, size)
    child.opener = stream_of(child.seeker)
    return child


def _sparse(archive: Entry, member: tape.Member, limits: Limits) -> Entry:
    """Return the entry of a file with holes, which libarchive fills with zeros."""
    child = archive.child(member.name, member.size)
    params = {"name": member.name, "nth": 0, "password": ""}

    def opener() -> Stream:
        return Inflated(child, lambda: Foreign(archive, "lib_archive:one", params, limits), Stored)

    child.opener = opener
    return child


def _refusal(code: str, path: str, name: str) -> Callable[[], Stream]:
    def opener() -> Stream:
        raise UserError(code, ExitCode.UNREADABLE, path=path, member=name)

    return opener
