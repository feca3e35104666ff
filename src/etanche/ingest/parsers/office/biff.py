"""XLS that calamine gives up on: BIFF8 records ([MS-XLS]) read one by one from what is left of the file.

1. The stream of the workbook is looked for by its first record; its sectors are followed by the table of sectors as
   far as that is left, else one after the other.
2. Records are taken up to the first that cannot be one: sheets, texts, formats, then the rows of each sheet.
3. Of a file under a password nothing is read here.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import BinaryIO

from etanche.ingest.frames import RefusalError
from etanche.ingest.parsers.office.sheetxml import Item, Row
from etanche.ingest.parsers.office.values import NUMBER, date_text, float_text, kind_of_format, rounded

_BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_MOST_FILE = 512 << 20
_MOST_RECORD = 8224
_BATCH = 2000
_COLUMNS = 256
_ERRORS = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A"}
_EOF, _CONTINUE, _STRING, _SHEET, _SST, _FORMAT, _XF, _DATEMODE = 0x0A, 0x3C, 0x207, 0x85, 0xFC, 0x41E, 0xE0, 0x22

Record = tuple[int, bytes]


def workbook_stream(data: bytes) -> bytes:
    """Return the bytes of the workbook's stream, none when they are not found."""
    size = 1 << struct.unpack_from("<H", data, 30)[0] if len(data) >= 512 else 0
    if size not in {512, 4096}:
        return b""
    at = size
    while (at := data.find(_BOF, at)) >= 0 and at % size:
        at += 1
    if at < 0:
        return b""
    tables = [s for s in struct.unpack_from("<109I", data, 76) if s < 0xFFFFFFFA]
    following: dict[int, int] = {}
    each = size // 4
    for k, table in enumerate(tables):
        raw = data[(table + 1) * size : (table + 2) * size]
        following.update({k * each + j: n for j, (n,) in enumerate(struct.iter_unpack("<I", raw[: len(raw) // 4 * 4]))})
    skipped = set(tables)
    out: list[bytes] = []
    seen: set[int] = set()
    sector = at // size - 1
    while sector not in seen and 0 <= (sector + 1) * size < len(data):
        seen.add(sector)
        out.append(data[(sector + 1) * size : (sector + 2) * size])
        sector = following.get(sector, sector + 1)
        if sector == 0xFFFFFFFE:
            break
        while sector in skipped:
            sector += 1
    return b"".join(out)


def records(stream: bytes) -> Iterator[Record]:
    """Yield the type and the bytes of each record, up to where there are none any more."""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if size > _MOST_RECORD or at + 4 + size > len(stream) or (kind == 0 and size == 0):
            return
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


class BiffBook:
    """What is left of a workbook.  All of it is held: it is a rescue, and XLS ends at 65,536 rows a sheet."""

    def __init__(self, file: BinaryIO) -> None:
        """Read it.  Raises `RefusalError` when no workbook is left."""
        file.seek(0)
        self._texts: list[str] = []
        self._names: list[tuple[str, bool]] = []
        self._codes: dict[int, str] = {}
        self._formats: list[int] = []
        self._from_1904 = False
        self._rows: list[dict[int, dict[int, str]]] = []
        self._waiting: tuple[int, int] | None = None
        self._notes = {"sheet_damaged": 1}
        self._rounded = 0
        try:
            self._take(workbook_stream(file.read(_MOST_FILE)))
        except (struct.error, IndexError, UnicodeDecodeError):
            # A record shorter than it must be: what came before it counts.
            self._waiting = None
        if not any(self._rows):
            raise RefusalError("ingest_workbook_damaged", format="XLS")

    def _take(self, stream: bytes) -> None:
        parts: list[bytes] = []
        depth = 0
        for kind, data in records(stream):
            if parts and kind != _CONTINUE:
                self._take_texts(parts)
                parts = []
            if kind == 0x809:
                depth += 1
                if data[2:4] == b"\x10\0" and depth == 1:
                    self._rows.append({})
            elif kind == _EOF:
                depth = max(0, depth - 1)
            elif kind == 0x2F:
                raise RefusalError("ingest_workbook_encrypted")
            elif kind == _SST or (kind == _CONTINUE and parts):
                parts.append(data)
            elif depth == 1 and self._rows:
                self._cell(kind, data)
            elif depth == 1:
                self._global(kind, data)
        if parts:
            self._take_texts(parts)

    def _global(self, kind: int, data: bytes) -> None:
        if kind == _SHEET and data[5] == 0:
            self._names.append((_text(data[8:], data[6], data[7]), data[4] & 3 != 0))
        elif kind == _FORMAT:
            number, size, flags = struct.unpack_from("<HHB", data)
            self._codes[number] = _text(data[5:], size, flags)
        elif kind == _XF:
            self._formats.append(struct.unpack_from("<H", data, 2)[0])
        elif kind == _DATEMODE:
            self._from_1904 = data[:1] == b"\x01"

    def _take_texts(self, parts: list[bytes]) -> None:
        """Read the shared texts, which go on over several records: each begins anew to say how wide letters are."""
        data = b"".join(parts)
        ends: list[int] = []
        for part in parts:
            ends.append((ends[-1] if ends else 0) + len(part))
        at = 8
        try:
            for _ in range(struct.unpack_from("<I", data, 4)[0]):
                at = self._shared(data, at, ends)
        except (struct.error, IndexError):
            return

    def _shared(self, data: bytes, at: int, ends: Sequence[int]) -> int:
        """Read the text at a place; return the place after it."""
        left, flags = struct.unpack_from("<HB", data, at)
        at += 3
        runs = extra = 0
        if flags & 8:
            runs = struct.unpack_from("<H", data, at)[0]
            at += 2
        if flags & 4:
            extra = struct.unpack_from("<I", data, at)[0]
            at += 4
        pieces: list[str] = []
        while left:
            end = next(end for end in ends if end > at) if at < ends[-1] else len(data)
            wide = 2 if flags & 1 else 1
            count = min(left, (end - at) // wide)
            if count <= 0 and at >= len(data):
                raise IndexError
            pieces.append(_text(data[at:], count, flags))
            at += count * wide
            left -= count
            if left:
                at = end
                flags = data[at]
                at += 1
        self._texts.append("".join(pieces))
        return at + runs * 4 + extra

    def _cell(self, kind: int, data: bytes) -> None:
        """Take the cells of one record."""
        if kind == _STRING and self._waiting:
            size, flags = struct.unpack_from("<HB", data)
            self._put(*self._waiting, _text(data[3:], size, flags))
            self._waiting = None
            return
        if kind not in {0xFD, 0x204, 0x203, 0x27E, 0xBD, 0x205, 0x06}:
            return
        row, column, style = struct.unpack_from("<HHH", data)
        if kind == 0xFD:
            index = struct.unpack_from("<I", data, 6)[0]
            self._put(row, column, self._texts[index] if index < len(self._texts) else "")
        elif kind == 0x204:
            size, flags = struct.unpack_from("<HB", data, 6)
            self._put(row, column, _text(data[9:], size, flags))
        elif kind == 0x203:
            self._put(row, column, self._number(struct.unpack_from("<d", data, 6)[0], style))
        elif kind == 0x27E:
            self._put(row, column, self._number(_rk(data[6:10]), style))
        elif kind == 0xBD:
            for k, at in enumerate(range(4, len(data) - 2, 6)):
                self._put(
                    row, column + k, self._number(_rk(data[at + 2 : at + 6]), struct.unpack_from("<H", data, at)[0])
                )
        elif kind == 0x205:
            self._put(row, column, _ERRORS.get(data[6], "") if data[7] else ("TRUE" if data[6] else "FALSE"))
        else:
            self._formula(row, column, style, data[6:14])

    def _formula(self, row: int, column: int, style: int, result: bytes) -> None:
        if result[6:] != b"\xff\xff":
            self._put(row, column, self._number(struct.unpack("<d", result)[0], style))
        elif result[0] == 0:
            self._waiting = (row, column)
        elif result[0] in {1, 2}:
            self._put(row, column, ("TRUE" if result[2] else "FALSE") if result[0] == 1 else _ERRORS.get(result[2], ""))

    def _put(self, row: int, column: int, text: str) -> None:
        if text and column < _COLUMNS:
            self._rows[-1].setdefault(row, {})[column] = text

    def _number(self, value: float, style: int) -> str:
        number = self._formats[style] if style < len(self._formats) else 0
        made = kind_of_format(number, self._codes.get(number))
        text = float_text(value) if made == NUMBER else date_text(repr(value), made, from_1904=self._from_1904)
        if made == NUMBER and rounded(text):
            self._notes["numbers_rounded"] = self._notes.get("numbers_rounded", 0) + 1
        return text

    def sheets(self) -> Sequence[tuple[str, bool]]:
        """Return the sheets whose rows were reached."""
        names = [*self._names, *[(f"sheet{k}", False) for k in range(len(self._names) + 1, len(self._rows) + 1)]]
        return names[: len(self._rows)]

    def width(self, index: int) -> int:
        """Return the last column that holds something."""
        return max((max(cells) + 1 for cells in self._rows[index].values()), default=0)

    def batches(self, index: int, most: int) -> Iterator[list[Item]]:
        """Yield the rows of a sheet."""
        numbers = sorted(self._rows[index])
        numbers = numbers[:most] if most >= 0 else numbers
        starts = [*range(0, len(numbers), _BATCH), len(numbers)]
        for a, b in pairwise(starts):
            batch: list[Item] = []
            for number in numbers[a:b]:
                cells = self._rows[index][number]
                batch.append(Row(number + 1, [cells.get(k, "") for k in range(max(cells) + 1)]))
            yield batch

    def notes(self) -> dict[str, int]:
        """Return what was noticed."""
        return self._notes

    def position(self) -> int:
        """Return 0: all was read before."""
        return 0


def _text(data: bytes, size: int, flags: int) -> str:
    """Return a text of so many letters."""
    return data[: size * 2].decode("utf-16-le", "surrogatepass") if flags & 1 else data[:size].decode("latin-1")


def _rk(data: bytes) -> float:
    """Return the number in four bytes ([MS-XLS] 2.5.217)."""
    raw = struct.unpack("<I", data)[0]
    value: float
    if raw & 2:
        value = float(struct.unpack("<i", data)[0] >> 2)
    else:
        value = struct.unpack("<d", b"\0\0\0\0" + struct.pack("<I", raw & 0xFFFFFFFC))[0]
    return value / 100 if raw & 1 else value
