"""DBF (dBase III to 7, FoxPro, Clipper): its header, its records, its memo file.

1. A record is a mark and fields of fixed width.  Texts lose the blanks that fill them up, numbers those around them;
   a date is written 2021-02-28, a logical TRUE or FALSE; nothing else is changed: "012.50" stays.
2. A record marked as deleted is a record: it is still in the file, so it has leaked.
3. Records are counted by the bytes, not by the header's word: a file that was being written says too few of them.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

_VERSIONS = {0x02, 0x03, 0x04, 0x30, 0x31, 0x32, 0x43, 0x63, 0x7B, 0x83, 0x8B, 0x8C, 0x8E, 0xCB, 0xE5, 0xF5, 0xFB}
_FOXPRO = {0x30, 0x31, 0x32}
_TYPES = set(b"CNFDLMIBTYGPOV@+WQ0")
_MOST_FIELDS = 2048
_MOST_MEMO = 1 << 20
_BLOCK_RECORDS = 2000
_LANGUAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x04: "mac_roman", 0x08: "cp865", 0x09: "cp437", 0x0A: "cp850",
    0x0B: "cp437", 0x0D: "cp437", 0x0E: "cp850", 0x0F: "cp437", 0x10: "cp850", 0x11: "cp437", 0x12: "cp850",
    0x13: "cp932", 0x14: "cp850", 0x15: "cp437", 0x16: "cp850", 0x17: "cp865", 0x18: "cp437", 0x19: "cp437",
    0x1A: "cp850", 0x1B: "cp437", 0x1C: "cp863", 0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852",
    0x24: "cp860", 0x25: "cp850", 0x26: "cp866", 0x37: "cp850", 0x40: "cp852", 0x4D: "cp936", 0x4E: "cp949",
    0x4F: "cp950", 0x50: "cp874", 0x57: "cp1252", 0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866",
    0x66: "cp865", 0x67: "cp861", 0x6A: "cp737", 0x6B: "cp857", 0x6C: "cp863", 0x78: "cp950", 0x79: "cp949",
    0x7A: "cp936", 0x7B: "cp932", 0x7C: "cp874", 0x86: "cp737", 0x87: "cp852", 0x88: "cp857", 0xC8: "cp1250",
    0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its name's bytes, its type's letter, its width, its number of decimals."""

    name: bytes
    kind: str
    size: int
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """What the header says."""

    version: int
    records: int
    begin: int
    """Offset of the first record."""
    size: int
    """Bytes of a record with its mark."""
    language: str
    """Encoding that the language byte names, or an empty string."""
    fields: tuple[Field, ...] = field(repr=False)

    @property
    def memos(self) -> bool:
        """Tell whether fields refer to a memo file."""
        return any(one.kind in "MGPW" or (one.kind == "B" and self.version not in _FOXPRO) for one in self.fields)


def layout(head: bytes) -> Layout | None:
    """Return the layout that a file's first bytes describe, None when they are no DBF header."""
    if len(head) < 65 or head[0] not in _VERSIONS:
        return None
    records, begin, size = struct.unpack_from("<IHH", head, 4)
    if size < 2 or begin < 65 or not (head[2] <= 12 and head[3] <= 31):
        return None
    seventh = head[0] & 7 == 4 and head[0] not in {0x8C - 8, 0xFB}
    for at, step in ((68, 48), (32, 32)) if seventh else ((32, 32),):
        fields = _fields(head, at, step, begin)
        if fields and sum(one.size for one in fields) + 1 == size:
            return Layout(head[0], records, begin, size, _LANGUAGES.get(head[29], ""), fields)
    return None


def _fields(head: bytes, at: int, step: int, begin: int) -> tuple[Field, ...]:
    fields: list[Field] = []
    while at + step <= min(begin, len(head)) and head[at] != 0x0D and len(fields) < _MOST_FIELDS:
        raw = head[at : at + step]
        name, rest = (raw[:32], raw[32:]) if step == 48 else (raw[:11], raw[11:])
        name = name.split(b"\0")[0].strip()
        kind, size, decimals = (rest[0], rest[1], rest[2]) if step == 48 else (rest[0], rest[5], rest[6])
        if kind not in _TYPES or not name or min(name) < 0x20:
            return ()
        if kind == 0x43 and step == 32:
            # Clipper and FoxPro write wide texts with the high byte where others write decimals.
            size, decimals = size | decimals << 8, 0
        fields.append(Field(name, chr(kind), size, decimals))
        at += step
    return tuple(fields)


class Memos(Protocol):
    """Long texts by the number of their block."""

    def text(self, block: int) -> bytes:
        """Return the bytes of a text, none where there is none."""


class MemoFile:
    """A memo file beside a table: dBase III (texts end in 1A 1A), dBase IV (marked blocks), FoxPro (FPT)."""

    def __init__(self, file: BinaryIO, *, foxpro: bool) -> None:
        self._file, self._foxpro = file, foxpro
        head = file.read(512).ljust(24, b"\0")
        if foxpro:
            self._block = struct.unpack_from(">H", head, 6)[0] or 512
        else:
            self._block = struct.unpack_from("<H", head, 20)[0] or 512

    def text(self, block: int) -> bytes:
        """Return the bytes of a text."""
        if block <= 0:
            return b""
        self._file.seek(block * self._block)
        head = self._file.read(8)
        if self._foxpro:
            size = struct.unpack(">I", head[4:])[0] if len(head) == 8 else 0
            return self._file.read(min(size, _MOST_MEMO))
        if head.startswith(b"\xff\xff\x08\0") and len(head) == 8:
            size = struct.unpack("<I", head[4:])[0] - 8
            return self._file.read(min(max(0, size), _MOST_MEMO))
        return self._third(block * 512)

    def _third(self, at: int) -> bytes:
        self._file.seek(at)
        got = b""
        while b"\x1a" not in got and len(got) < _MOST_MEMO and (data := self._file.read(512)):
            got += data
        return got.split(b"\x1a")[0]


Decode = Callable[[bytes], str]


class Speller:
    """Turns fields into text, column by column."""

    def __init__(self, shape: Layout, decode: Decode, memos: Memos | None) -> None:
        self._shape, self._decode, self._memos = shape, decode, memos
        self._unpack = struct.Struct("1s" + "".join(f"{one.size}s" for one in shape.fields)).iter_unpack
        self.shown = [k for k, one in enumerate(shape.fields) if one.kind != "0"]
        """Fields that are columns: FoxPro's flags of what is null are none."""
        self.deleted = 0
        self.memos_missing = 0

    def rows(self, records: bytes) -> list[Sequence[str]]:
        """Return the rows of whole records."""
        marks, *columns = zip(*self._unpack(records), strict=True)
        self.deleted += marks.count(b"*")
        spelled = [self._column(self._shape.fields[k], columns[k]) for k in self.shown]
        return list(zip(*spelled, strict=True))

    def _column(self, one: Field, values: Sequence[bytes]) -> list[str]:
        fixed = _FIXED.get(one.kind)
        if one.kind == "B" and self._shape.version in _FOXPRO:
            fixed = _double
        if one.kind in "MGPW" or (one.kind == "B" and fixed is None):
            return [self._memo(one.kind, value) for value in values]
        if fixed is not None:
            return [fixed(value) for value in values]
        if one.kind in "NF":
            return [self._decode(value.strip(b" \0")) for value in values]
        if one.kind == "Q":
            return [value.rstrip(b"\0").hex() for value in values]
        return [self._decode(value.rstrip(b" \0")) for value in values]

    def _memo(self, kind: str, value: bytes) -> str:
        if len(value) == 4:
            block = int.from_bytes(value, "little")
        else:
            digits = value.strip(b" \0")
            block = int(digits) if digits.isdigit() else 0
        if not block:
            return ""
        if self._memos is None:
            self.memos_missing += 1
            return ""
        data = self._memos.text(block)
        return data.hex() if kind in "GPWB" else self._decode(data.rstrip(b" \0\x1a"))


def _date(value: bytes) -> str:
    text = value.strip(b" \0").decode("latin-1")
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdecimal() and text != "00000000" else text


def _logical(value: bytes) -> str:
    text = value.strip(b" \0?").decode("latin-1")
    return {"T": "TRUE", "Y": "TRUE", "F": "FALSE", "N": "FALSE"}.get(text.upper(), text)


def _integer(value: bytes) -> str:
    return str(int.from_bytes(value, "little", signed=True)) if len(value) == 4 else value.hex()


def _autoincrement(value: bytes) -> str:
    return str(int.from_bytes(value, "big") - (1 << 31)) if len(value) == 4 else value.hex()


def _plain(number: float) -> str:
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)


def _double(value: bytes) -> str:
    return _plain(struct.unpack("<d", value)[0]) if len(value) == 8 else value.hex()


def _double_seventh(value: bytes) -> str:
    """Return dBase 7's double: big-endian, its bits turned so that bytes sort like numbers."""
    if len(value) != 8 or not any(value):
        return ""
    bits = int.from_bytes(value, "big")
    bits = bits ^ (1 << 63) if bits >> 63 else bits ^ ((1 << 64) - 1)
    return _plain(struct.unpack(">d", bits.to_bytes(8, "big"))[0])


def _currency(value: bytes) -> str:
    if len(value) != 8:
        return value.hex()
    number = int.from_bytes(value, "little", signed=True)
    whole, rest = divmod(abs(number), 10_000)
    return f"{'-' if number < 0 else ''}{whole}.{rest:04}"


def _moment(value: bytes) -> str:
    """Return a date and time: a Julian day and milliseconds."""
    if len(value) != 8 or not any(value.strip(b" ")):
        return ""
    day, milliseconds = struct.unpack("<II", value)
    try:
        moment = dt.datetime.fromordinal(day - 1721425) + dt.timedelta(milliseconds=milliseconds)
    except (ValueError, OverflowError):
        return value.hex()
    return moment.isoformat(" ").removesuffix(" 00:00:00").removesuffix("000")


_FIXED: dict[str, Callable[[bytes], str]] = {
    "D": _date,
    "L": _logical,
    "I": _integer,
    "+": _autoincrement,
    "O": _double_seventh,
    "Y": _currency,
    "T": _moment,
    "@": _moment,
}


def blocks(read: Callable[[int], bytes], shape: Layout) -> Iterator[tuple[bytes, bytes]]:
    """Yield whole records, and at the end what is left of one that was cut; `read` stands at the first record."""
    carry = b""
    while True:
        data = read(shape.size * _BLOCK_RECORDS)
        carry += data
        count = len(carry) // shape.size
        whole, rest = carry[: count * shape.size], carry[count * shape.size :]
        end = _end(whole, shape.size)
        if end >= 0:
            if end:
                yield whole[:end], b""
            return
        if not data:
            yield whole, b"" if rest[:1] in {b"\x1a", b"\0"} or not rest else rest
            return
        if whole:
            yield whole, b""
        carry = rest


def _end(records: bytes, size: int) -> int:
    """Return where the mark of the file's end stands among the marks of records, -1 when it does not."""
    marks = records[::size]
    found = marks.find(b"\x1a")
    return found * size if found >= 0 else -1
