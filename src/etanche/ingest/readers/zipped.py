"""zip (APPNOTE 6.3): each member is an entry of its own; members that cannot be read are named, not forgotten.

1. The list of members is the central directory's; where it is damaged or cut off, the local headers are walked.
2. Stored, deflate and bzip2 are unpacked as far as the bytes go.  A member under a password, or packed in another
   way, is refused by name.
3. Office files are zips too: they are left to whoever knows them.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry, Stream
from etanche.ingest.inflate import Inflated, decompressor
from etanche.ingest.limits import MIB, Limits
from etanche.ingest.seekable import random_access

NAME = "zip"
OFFICE = (b"[Content_Types].xml", b"mimetypeapplication/", b"_rels/.rels", b"word/", b"xl/")
_LOCAL = struct.Struct("<4s5H3I2H")
_ENCRYPTED = 0x1
_SIZE_LATER = 0x8
_UTF8_NAME = 0x800


@dataclass(frozen=True, slots=True)
class Member:
    """One member: where its local header stands and how it is packed."""

    name: str
    offset: int
    method: int
    flags: int
    packed: int
    """Packed size, -1 when only the packed data itself tells."""
    size: int
    """Unpacked size as declared, 0 when not."""
    crc: int = -1
    """CRC-32 of the unpacked bytes, -1 when it stands after them."""


def bid(head: Head) -> Bid:
    """Bid on the magic number, but not on an office file."""
    if not head.data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Bid(0, "no_magic")
    return Bid(0.1, "office") if is_office(head.data) else Bid(0.9, "magic")


def is_office(data: bytes) -> bool:
    """Tell whether a zip begins like an office document (ECMA-376, ODF)."""
    return any(data[30:60].startswith(mark) for mark in OFFICE)


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield each member that is a file.  Raises `UserError` when there is none."""
    opener = random_access(entry, limits)
    with opener() as file:
        try:
            with zipfile.ZipFile(file) as archive:
                members = [_listed(info) for info in archive.infolist() if not info.is_dir()]
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, struct.error):
            members = []
            whole = False
        else:
            listed, members = len(members), [member for member in members if _stands(file, member)]
            whole = listed == len(members)
        if not whole:
            entry.note("archive_damaged")
            known = {member.offset for member in members}
            members += [member for member in _walk(file, limits) if member.offset not in known]
    if not members:
        raise UserError("ingest_archive_empty", ExitCode.UNREADABLE, path=entry.outer.shown)
    for member in members:
        if member.size == 0 and member.packed == 0:
            continue
        yield _entry(entry, member, opener)


def _stands(file: object, member: Member) -> bool:
    """Tell whether a member's local header is where the directory says."""
    archive: IO[bytes] = file  # type: ignore[assignment]
    if member.offset < 0:
        return False
    archive.seek(member.offset)
    return archive.read(4) == b"PK\x03\x04"


def _listed(info: zipfile.ZipInfo) -> Member:
    return Member(
        info.filename,
        info.header_offset,
        info.compress_type,
        info.flag_bits,
        info.compress_size,
        info.file_size,
        info.CRC,
    )


def _entry(parent: Entry, member: Member, opener: Callable[[], IO[bytes] | object]) -> Entry:
    """Return the entry of a member; opening it raises `UserError` where it cannot be unpacked."""
    child = Entry(parent.outer, (*parent.members, member.name), member.size or 1, parent.opener, parent.meter)
    child.notes.extend(parent.notes)

    def opened() -> Stream:
        if member.flags & _ENCRYPTED:
            raise UserError("ingest_member_encrypted", ExitCode.UNREADABLE, path=parent.outer.shown, member=member.name)
        engine = decompressor(member.method)
        if engine is None:
            raise UserError("ingest_member_method", ExitCode.UNREADABLE, path=parent.outer.shown, member=member.name)
        return Inflated(
            child,
            _Packed(opener(), member),
            engine,
            size=member.packed,
            by_output=True,
            crc=member.crc if member.method in {0, 8} else -1,
        )

    child.opener = opened
    return child


class _Packed:
    """The packed bytes of one member, from its data on."""

    def __init__(self, file: object, member: Member) -> None:
        self._file: IO[bytes] = file  # type: ignore[assignment]
        self._file.seek(member.offset)
        header = self._file.read(_LOCAL.size)
        names = _LOCAL.unpack(header)[9:11] if len(header) == _LOCAL.size else (0, 0)
        self._file.seek(member.offset + _LOCAL.size + names[0] + names[1])

    def read(self, size: int, /) -> bytes:
        """Return the next packed bytes."""
        return self._file.read(size)

    def done(self) -> int:
        """Return the offset in the archive."""
        return self._file.tell()

    def close(self) -> None:
        """Close this view of the archive."""
        self._file.close()


def _walk(file: object, limits: Limits) -> Iterator[Member]:
    """Find members by their local headers in an archive whose directory is lost."""
    archive: IO[bytes] = file  # type: ignore[assignment]
    at = 0
    for _ in range(limits.members):
        at = _next_header(archive, at)
        if at < 0:
            return
        archive.seek(at)
        header = archive.read(_LOCAL.size)
        if len(header) < _LOCAL.size:
            return
        _, _, flags, method, _, _, _, packed, size, name_size, extra = _LOCAL.unpack(header)
        raw = archive.read(name_size)
        name = raw.decode("utf-8" if flags & _UTF8_NAME else "cp437", "replace")
        data_at = at + _LOCAL.size + name_size + extra
        unknown = bool(flags & _SIZE_LATER) or packed == 0xFFFFFFFF
        if not name.endswith("/"):
            yield Member(name, at, method, flags, -1 if unknown else packed, 0 if unknown else size)
        at = data_at + (1 if unknown else packed)


def _next_header(archive: IO[bytes], at: int) -> int:
    """Return the offset of the next local header from `at` on, -1 when there is none."""
    carry = b""
    archive.seek(at)
    base = at
    while data := archive.read(MIB):
        block = carry + data
        found = block.find(b"PK\x03\x04")
        if found >= 0:
            return base + found
        carry = block[-3:]
        base += len(block) - len(carry)
    return -1
