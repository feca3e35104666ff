"""The zip under an office document, read as far as its bytes go: in the sandbox, member by member, as a stream.

1. Members are those of the central directory; where it is lost or lies, the local headers are walked.
2. What a member unpacks to is counted: past the ratio or the total it stops, and the package remembers why.
3. A member cut or damaged gives what comes before the damage.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_LOCAL = struct.Struct("<4s5H3I2H")
_MAGIC = b"PK\x03\x04"
_STEP = 128 << 10
_MOST_OUT = 1 << 20
_MOST_MEMBERS = 10_000
_SIZE_LATER = 0x8


@dataclass(frozen=True, slots=True)
class Member:
    """Where a member's packed bytes stand."""

    name: str
    at: int
    """Offset of its local header."""
    method: int
    packed: int
    """Packed size, -1 when only the packed data itself tells."""
    crc: int = -1


class Package:
    """The members of an office document; `troubles` says what was wrong with those read so far."""

    def __init__(self, file: BinaryIO, *, ratio: int, ratio_from: int, total: int) -> None:
        self._file, self._ratio, self._ratio_from, self._left = file, ratio, ratio_from, total
        self.troubles: dict[str, str] = {}
        """Name of a member to a code: "damaged", "truncated", "limit_ratio", "limit_total"."""
        self.directory = True
        """Whether the central directory was found and true."""
        self.position = 0
        """Offset in the file up to which the member being read was taken."""
        self.members = {member.name.lstrip("/"): member for member in self._listed()}

    def _listed(self) -> list[Member]:
        try:
            with zipfile.ZipFile(self._file) as archive:
                found = [
                    Member(i.filename, i.header_offset, i.compress_type, i.compress_size, i.CRC)
                    for i in archive.infolist()[:_MOST_MEMBERS]
                ]
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, struct.error):
            found = []
        good = [member for member in found if self._stands(member)]
        if good and len(good) == len(found):
            return good
        self.directory = False
        known = {member.at for member in good}
        return [*[member for member in self._walk() if member.at not in known], *good]

    def _stands(self, member: Member) -> bool:
        if member.at < 0:
            return False
        self._file.seek(member.at)
        return self._file.read(4) == _MAGIC

    def _walk(self) -> Iterator[Member]:
        at = 0
        for _ in range(_MOST_MEMBERS):
            at = self._next_header(at)
            if at < 0:
                return
            self._file.seek(at)
            header = self._file.read(_LOCAL.size)
            if len(header) < _LOCAL.size:
                return
            _, _, flags, method, _, _, _, packed, _, name_size, extra = _LOCAL.unpack(header)
            name = self._file.read(name_size).decode("utf-8", "replace")
            unknown = bool(flags & _SIZE_LATER) or packed == 0xFFFFFFFF
            yield Member(name, at, method, -1 if unknown else packed)
            at += _LOCAL.size + name_size + extra + (0 if unknown else packed)

    def _next_header(self, at: int) -> int:
        carry = b""
        self._file.seek(at)
        while data := self._file.read(1 << 20):
            block = carry + data
            found = block.find(_MAGIC)
            if found >= 0:
                return at + found
            carry = block[-3:]
            at += len(block) - len(carry)
        return -1

    def read(self, name: str, most: int) -> bytes:
        """Return a member's first `most` bytes, none when it is not there."""
        got = bytearray()
        for data in self.stream(name):
            got += data
            if len(got) >= most:
                break
        return bytes(got[:most])

    def stream(self, name: str) -> Iterator[bytes]:
        """Yield a member's bytes."""
        member = self.members.get(name)
        if member is None:
            return
        self._file.seek(member.at)
        header = self._file.read(_LOCAL.size)
        if len(header) < _LOCAL.size or member.method not in {0, 8}:
            self.troubles[name] = "damaged"
            return
        names = _LOCAL.unpack(header)[9:11]
        self.position = member.at + _LOCAL.size + names[0] + names[1]
        # The unpacker is fed from `position`, not from where the file stands: members may be read side by side.
        engine = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == 8 else None
        left = member.packed if member.packed >= 0 else 1 << 62
        taken = produced = crc = 0
        at = self.position
        while left > 0 and not (engine and engine.eof):
            self._file.seek(at)
            packed = self._file.read(min(left, _STEP))
            if not packed:
                self.troubles[name] = "truncated"
                return
            at += len(packed)
            left -= len(packed)
            taken += len(packed)
            self.position = at
            pending = packed
            while pending:
                before = engine.copy() if engine else None
                try:
                    data = engine.decompress(pending, _MOST_OUT) if engine else pending
                except zlib.error:
                    self.troubles[name] = "damaged"
                    if before is not None:
                        yield from _salvaged(before, pending)
                    return
                pending = engine.unconsumed_tail if engine else b""
                produced += len(data)
                self._left -= len(data)
                crc = zlib.crc32(data, crc)
                if self._left < 0 or (produced > self._ratio_from and produced > taken * self._ratio):
                    self.troubles[name] = "limit_total" if self._left < 0 else "limit_ratio"
                    return
                if data:
                    yield data
        if (engine and not engine.eof) or (member.crc not in {-1, crc}):
            self.troubles[name] = "truncated" if engine and not engine.eof else "damaged"


def _salvaged(engine: zlib._Decompress, packed: bytes) -> Iterator[bytes]:
    """Yield what comes out of packed bytes before the damage in them."""
    out = bytearray()
    try:
        for k in range(len(packed)):
            out += engine.decompress(packed[k : k + 1])
    except zlib.error:
        pass
    yield bytes(out)
