"""The members of a tar (ustar, GNU, pax), found header by header, whatever the archive claims.

1. A header is 512 bytes with a checksum of its own.  Where one is damaged, the next that stands on a block of 512 is
   looked for: members after the damage are not lost.
2. Long names (GNU `L`, pax `path`) are read up to a bound; a claim beyond it is passed over.
3. Sparse files (GNU `S`, pax `GNU.sparse`) are told from others, for somebody else to read.
4. Two blocks of zeros end the archive; what follows (`tar -A`, `cat a.tar b.tar`) is looked for once more.
"""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

BLOCK = 512
_MARK = 257
_LONGEST = 1 << 20
_STEP = 1 << 20
_LONG = {b"L": "path", b"K": "linkpath"}


@dataclass(frozen=True, slots=True)
class Member:
    """One member, or a place where the archive is damaged (`name` empty)."""

    name: str
    offset: int
    """Where its bytes begin."""
    size: int
    kind: str
    """`file`, `link` (of either sort), `special` (device, pipe), `sparse` or `damage`."""


def members(file: IO[bytes]) -> Iterator[Member]:
    """Yield what stands in a tar, folders left out."""
    end = file.seek(0, 2)
    at = 0
    told: dict[str, str] = {}
    lost = False
    for _ in range(end // BLOCK + 1):
        file.seek(at)
        block = file.read(BLOCK)
        if len(block) < BLOCK:
            if block.strip(b"\0"):
                yield Member("", at, 0, "damage")
            return
        header = _header(block)
        if header is None:
            if block.strip(b"\0") and not lost:
                yield Member("", at, 0, "damage")
            lost = bool(block.strip(b"\0"))
            at = _next(file, at + BLOCK)
            if at < 0:
                return
            told = {}
            continue
        lost = False
        data = at + BLOCK
        kind = header.type
        if kind == tarfile.GNUTYPE_SPARSE:
            data = _after_map(file, block, data)
        at = data + -(-header.size // BLOCK) * BLOCK if kind not in _WITHOUT else data
        if kind in _LONG or kind in {tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE}:
            told |= _told(file, data, min(header.size, _LONGEST), kind)
            continue
        if kind == tarfile.XGLTYPE:
            continue
        member = _member(header, data, told)
        told = {}
        at = max(at, data + -(-member.size // BLOCK) * BLOCK) if member.kind == "file" else at
        if member.kind != "folder":
            yield member


_WITHOUT = {tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE}
_KINDS = {
    tarfile.DIRTYPE: "folder",
    b"D": "folder",
    b"V": "folder",
    tarfile.LNKTYPE: "link",
    tarfile.SYMTYPE: "link",
    tarfile.CHRTYPE: "special",
    tarfile.BLKTYPE: "special",
    tarfile.FIFOTYPE: "special",
    tarfile.GNUTYPE_SPARSE: "sparse",
}


def _after_map(file: IO[bytes], block: bytes, at: int) -> int:
    """Return where the bytes of an old GNU sparse member begin: after the blocks that go on with its map."""
    more = block[482:483]
    while more == b"\1":
        file.seek(at)
        more = file.read(BLOCK)[504:505]
        at += BLOCK
    return at


def _header(block: bytes) -> tarfile.TarInfo | None:
    """Return what a block says as a header, None when it is none."""
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except tarfile.TarError:
        return None
    except (ValueError, OverflowError):
        return None
    return header if 0 <= header.size < 1 << 60 else None


def _member(header: tarfile.TarInfo, data: int, told: dict[str, str]) -> Member:
    name = told.get("path") or told.get("GNU.sparse.name") or header.name
    size = header.size
    if told.get("size", "").isdecimal():
        size = min(int(told["size"]), 1 << 60)
    kind = _KINDS.get(header.type, "file")
    if kind == "file" and name.endswith("/"):
        kind = "folder"
    if any(key.startswith("GNU.sparse") for key in told):
        kind = "sparse"
    return Member(name, data, size, kind)


def _told(file: IO[bytes], at: int, size: int, kind: bytes) -> dict[str, str]:
    """Return what an extended header says of the next member."""
    file.seek(at)
    data = file.read(size)
    if kind in _LONG:
        return {_LONG[kind]: data.rstrip(b"\0").decode("utf-8", "replace")}
    told: dict[str, str] = {}
    place = 0
    while place < len(data):
        blank = data.find(b" ", place, place + 20)
        if blank < 0 or not data[place:blank].isdigit():
            break
        length = int(data[place:blank])
        if length < blank - place + 2:
            break
        key, _, value = data[blank + 1 : place + length - 1].partition(b"=")
        told[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        place += length
    return told


def _next(file: IO[bytes], at: int) -> int:
    """Return where the next header stands, -1 when none does."""
    file.seek(at)
    while data := file.read(_STEP):
        found = data.find(b"ustar")
        while found >= 0:
            place = found - _MARK
            if place >= 0 and place % BLOCK == 0 and _header(data[place : place + BLOCK]) is not None:
                return at + place
            found = data.find(b"ustar", found + 1)
        at += len(data) - len(data) % BLOCK
        if len(data) < BLOCK:
            break
        file.seek(at)
    return -1
