"""The list of a zip's members (APPNOTE 6.3, 4.3-4.5), read as a stream, whatever it claims.

1. The list is the central directory's: found from the end of the file, zip64 included, with whatever stands before the
   first member (a program that unpacks itself) accounted for, and the offsets of split archives made whole.
2. A claim is never obeyed before it is bounded: the number of members, lengths and offsets are all checked against the
   bytes there are.
3. `walk` finds members by their local headers where the directory is lost.
4. Names are UTF-8 where they say so or can be; else CP850, which French systems write (and CP437 shares its letters).
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO

MIB = 1 << 20
LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR = struct.Struct("<4sIQI")
_AES = struct.Struct("<H2sBH")
ENCRYPTED = 0x1
SIZE_LATER = 0x8
STRONG = 0x40
UTF8_NAME = 0x800
AES = 99
_UNIX = 3
UNKNOWN = 0xFFFFFFFF


class NoDirectoryError(Exception):
    """The archive's list of members is lost or makes no sense."""


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
    """CRC-32 of the unpacked bytes, -1 when it is not known."""
    check: int = 0
    """The byte by which the old encryption tells a wrong password."""
    strength: int = 0
    """Of AES: 1 to 3; 0 for none."""
    link: bool = False
    """Whether it is a symbolic link, whose bytes are the path it leads to."""

    @property
    def folder(self) -> bool:
        """Tell whether the member is a folder."""
        return self.name.endswith("/")

    @property
    def end(self) -> int:
        """Return an offset before which the member does not end."""
        return self.offset + LOCAL.size + max(self.packed, 0)


def listed(file: IO[bytes], volumes: Sequence[int] = ()) -> Iterator[Member]:
    """Yield the members that the central directory names; `volumes` are the sizes of a split archive's files.

    Raises `NoDirectoryError`, at once or after the members before the damage.
    """
    size = file.seek(0, 2)
    start, length, count, shift = _directory(file, size, volumes)
    starts = [sum(volumes[:k]) for k in range(len(volumes))]
    buffer, at, fetched = b"", 0, start
    for _ in range(count):
        while len(buffer) - at < _CENTRAL.size + 3 * 0xFFFF and fetched < start + length:
            file.seek(fetched)
            more = file.read(min(MIB, start + length - fetched))
            if not more:
                break
            buffer, at, fetched = buffer[at:] + more, 0, fetched + len(more)
        if len(buffer) - at < _CENTRAL.size or buffer[at : at + 4] != b"PK\x01\x02":
            raise NoDirectoryError
        member, at = _central(buffer, at, starts, shift)
        yield member


def _directory(file: IO[bytes], size: int, volumes: Sequence[int]) -> tuple[int, int, int, int]:
    """Return where the directory starts, its length, its members, and what to add to offsets."""
    tail_at = max(0, size - 0xFFFF - _END.size - 4096)
    file.seek(tail_at)
    tail = file.read(size - tail_at)
    found = tail.rfind(b"PK\x05\x06")
    if found < 0 or len(tail) - found < _END.size:
        raise NoDirectoryError
    _, _, disk, _, count, length, offset, _ = _END.unpack_from(tail, found)
    end = tail_at + found
    if UNKNOWN in (length, offset) or 0xFFFF in (disk, count):
        end, disk, count, length, offset = _zip64(file, end, (disk, count, length, offset), volumes)
    if volumes and disk < len(volumes):
        offset += sum(volumes[:disk])
    start = end - length
    if start < 0 or length < 0:
        raise NoDirectoryError
    return start, length, min(count, length // _CENTRAL.size), start - offset


def _zip64(
    file: IO[bytes], end: int, plain: tuple[int, int, int, int], volumes: Sequence[int]
) -> tuple[int, int, int, int, int]:
    """Return the end of the directory and what the zip64 record says, or what the plain one said when there is none."""
    if end < _LOCATOR.size:
        return end, *plain
    file.seek(end - _LOCATOR.size)
    mark, disk_of_end, at, _ = _LOCATOR.unpack(file.read(_LOCATOR.size))
    if mark != b"PK\x06\x07":
        return end, *plain
    at += sum(volumes[:disk_of_end]) if disk_of_end < len(volumes) else 0
    # What stands before an archive shifts it: the record is then right before its locator.
    for place in (at, end - _LOCATOR.size - _END64.size):
        if not 0 <= place <= end - _END64.size:
            continue
        file.seek(place)
        fields = _END64.unpack(file.read(_END64.size))
        if fields[0] == b"PK\x06\x06":
            return place, fields[5], fields[7], fields[8], fields[9]
    raise NoDirectoryError


def _central(buffer: bytes, at: int, starts: Sequence[int], shift: int) -> tuple[Member, int]:
    """Return the member whose directory entry stands at `at`, and where the next one does."""
    head = _CENTRAL.unpack_from(buffer, at)
    flags, method, when, crc, packed, size = head[3], head[4], head[5], head[7], head[8], head[9]
    names, extras, comments, disk, offset = head[10], head[11], head[12], head[13], head[16]
    name_at = at + _CENTRAL.size
    raw = buffer[name_at : name_at + names]
    extra = dict(_extras(buffer[name_at + names : name_at + names + extras]))
    sizes = iter(_longs(extra.get(1, b"")))
    size = next(sizes, size) if size == UNKNOWN else size
    packed = next(sizes, packed) if packed == UNKNOWN else packed
    offset = next(sizes, offset) if offset == UNKNOWN else offset
    offset += starts[disk] + shift if disk < len(starts) else shift
    member = _member(raw, extra, offset, method, flags, packed, size, crc, when)
    if head[1] >> 8 == _UNIX and stat.S_ISLNK(head[15] >> 16):
        member = replace(member, link=True)
    return member, name_at + names + extras + comments


def _member(
    raw: bytes,
    extra: dict[int, bytes],
    offset: int,
    method: int,
    flags: int,
    packed: int,
    size: int,
    crc: int,
    when: int,
) -> Member:
    """Return a member of the two headers' common fields; AES hides the method in an extra field."""
    strength = 0
    if method == AES and len(extra.get(0x9901, b"")) >= _AES.size:
        version, _, strength, method = _AES.unpack_from(extra[0x9901])
        crc = -1 if version == 2 else crc
    check = (when >> 8 if flags & SIZE_LATER else crc >> 24) & 0xFF
    return Member(_name(raw, flags, extra), offset, method, flags, packed, size, crc, check, strength)


def _name(raw: bytes, flags: int, extra: dict[int, bytes]) -> str:
    unicode = extra.get(0x7075, b"")
    if len(unicode) > 5 and int.from_bytes(unicode[1:5], "little") == zlib.crc32(raw):
        raw, flags = unicode[5:], flags | UTF8_NAME
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace") if flags & UTF8_NAME else raw.decode("cp850")


def _extras(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<2H", data, at)
        yield kind, data[at + 4 : at + 4 + size]
        at += 4 + size


def _longs(data: bytes) -> list[int]:
    return [int.from_bytes(data[k : k + 8], "little") for k in range(0, len(data) - 7, 8)]


def stands(file: IO[bytes], member: Member) -> bool:
    """Tell whether a member's local header is where the directory says."""
    if member.offset < 0:
        return False
    file.seek(member.offset)
    return file.read(4) == b"PK\x03\x04"


def data_offset(file: IO[bytes], member: Member) -> int:
    """Return where the packed bytes of a member begin."""
    file.seek(member.offset)
    header = file.read(LOCAL.size)
    names = LOCAL.unpack(header)[9:11] if len(header) == LOCAL.size else (0, 0)
    return member.offset + LOCAL.size + int(names[0]) + int(names[1])


def walk(file: IO[bytes], most: int) -> Iterator[Member]:
    """Yield at most `most` members by their local headers, for an archive whose directory is lost."""
    at = 0
    for _ in range(most):
        at = _next_header(file, at)
        if at < 0:
            return
        file.seek(at)
        header = file.read(LOCAL.size)
        if len(header) < LOCAL.size:
            return
        _, _, flags, method, when, _, crc, packed, size, names, extras = LOCAL.unpack(header)
        raw = file.read(names)
        extra = dict(_extras(file.read(extras)))
        longs = _longs(extra.get(1, b""))
        if UNKNOWN in (packed, size) and len(longs) >= 2:
            size, packed = longs[:2]
        later = bool(flags & SIZE_LATER) and packed in (0, UNKNOWN)
        member = _member(raw, extra, at, method, flags, packed, size, crc, when)
        if later:
            member = Member(member.name, at, member.method, flags, -1, 0, -1, member.check, member.strength)
        yield member
        at += LOCAL.size + names + extras + (1 if later else packed)


def _next_header(file: IO[bytes], at: int) -> int:
    """Return the offset of the next local header from `at` on, -1 when there is none."""
    carry = b""
    file.seek(at)
    base, step = at, 64  # the next header usually stands right here
    while data := file.read(step):
        step = min(MIB, step * 16)
        block = carry + data
        found = block.find(b"PK\x03\x04")
        if found >= 0:
            return base + found
        carry = block[-3:]
        base += len(block) - len(carry)
    return -1
