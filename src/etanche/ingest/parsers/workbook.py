"""Spreadsheets in the sandbox: a look at every sheet, then the rows of one.

1. XLSX and ODS are read as streams by étanche's own readers, as far as their bytes go; XLSB and XLS by calamine.
2. A document under a password is decrypted in memory, with the passwords given and the one Excel uses for none.
3. `survey` yields a frame a sheet: its name, its width, its first rows.  `rows` yields the rows of one sheet, each of
   as many cells as the sheet is wide; what is wider, or no row at all, is set aside with its bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from etanche.ingest.frames import SEPARATOR, Frame, RefusalError, frame_of
from etanche.ingest.parsers.office.books import LOOK, Book, singly
from etanche.ingest.parsers.office.package import Package
from etanche.ingest.parsers.office.sheetxml import Block, Broken, Item
from etanche.ingest.parsers.office.xlsxbook import XlsxBook
from etanche.ingest.parsers.source import opened

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOOK_CELLS = 4000
_WIDE = 1024
"""Columns beyond which a sheet is not as wide as its widest row."""
_EXCEL_DEFAULT = "VelvetSweatshop"
"""What Excel encrypts with when a workbook is protected from writing only."""


def _book(path: Path, params: dict[str, Any]) -> Book:
    """Return the workbook in a file, decrypted if it must be."""
    file = opened(path, params)
    magic = file.read(8)
    if magic == _OLE:
        file, encrypted = _decrypted(file, params.get("passwords", ()))
        file.seek(0)
        magic = file.read(8)
        if magic == _OLE:
            try:
                return _calamine(file, "XLS")
            except RefusalError:
                from etanche.ingest.parsers.office.biff import BiffBook  # noqa: PLC0415 - a child imports what it needs

                return BiffBook(file)
        del encrypted
    return _zipped(file, params)


def _zipped(file: BinaryIO, params: dict[str, Any]) -> Book:
    """Return the workbook in a zip."""
    package = Package(file, ratio=params["ratio"], ratio_from=params["ratio_from"], total=params["total"])
    names = package.members
    if "content.xml" in names or "mimetype" in names:
        kind = package.read("mimetype", 200)
        if b"encryption-data" in package.read("META-INF/manifest.xml", 1 << 20):
            raise RefusalError("ingest_workbook_encrypted")
        if b"spreadsheet" not in kind and b"spreadsheet" not in package.read("content.xml", 1 << 16):
            raise RefusalError("ingest_format", format=_opendocument(kind))
        from etanche.ingest.parsers.office.ods import OdsBook  # noqa: PLC0415 - a child imports what it needs

        return OdsBook(package)
    if any(name.endswith("workbook.bin") for name in names):
        return _calamine(file, "XLSB")
    for folder, what in (("word/", "Word"), ("ppt/", "PowerPoint"), ("visio/", "Visio")):
        if any(name.startswith(folder) for name in names):
            raise RefusalError("ingest_format", format=what)
    return XlsxBook(package)


def _opendocument(kind: bytes) -> str:
    found = re.search(rb"opendocument\.([a-z]+)", kind)
    return f"OpenDocument {found[1].decode('ascii')}" if found else "OpenDocument"


def _calamine(file: BinaryIO, what: str) -> Book:
    from etanche.ingest.parsers.office.calamine import CalamineBook  # noqa: PLC0415 - a child imports what it needs

    return CalamineBook(file, what)


def _decrypted(file: BinaryIO, passwords: Sequence[str]) -> tuple[BinaryIO, bool]:
    """Return the document in an OLE container: itself when it is not encrypted, else what a password makes of it."""
    import msoffcrypto  # noqa: PLC0415 - a child imports what it needs
    from msoffcrypto import exceptions  # noqa: PLC0415

    file.seek(0)
    try:
        document = msoffcrypto.OfficeFile(file)
        if not document.is_encrypted():
            return file, False
    except (exceptions.FileFormatError, OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return file, False
    for password in (*passwords, _EXCEL_DEFAULT):
        clear = io.BytesIO()
        try:
            document.load_key(password=password, verify_password=True)
            document.decrypt(clear)
        except (exceptions.InvalidKeyError, exceptions.DecryptionError):
            continue
        except exceptions.ParseError:
            break
        return clear, True
    raise RefusalError("ingest_workbook_encrypted")


def survey(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield a frame for each sheet: name, place, hidden, width and first rows, as they are."""
    book = _book(path, params)
    for index, (name, hidden) in enumerate(book.sheets()):
        first: list[tuple[int, list[str]]] = []
        for batch in book.batches(index, LOOK):
            for row in singly(batch):
                if len(first) < LOOK and any(row.cells):
                    first.append((row.number, [cell[:200] for cell in row.cells[:_LOOK_CELLS]]))
        width = _usual(book.width(index), [len(cells) for _, cells in first])
        yield {"sheet": name, "index": index, "hidden": hidden, "width": width, "first": first}, b""
    yield {"notes": book.notes()}, b""


def _usual(width: int, seen: list[int]) -> int:
    """Return the width, or that of nearly all rows seen when a stray cell lies far to their right.

    Each row is as wide as its table: one cell in column XFD would make sixteen thousand of every row's few.
    """
    usual = sorted(seen)[len(seen) * 19 // 20] if seen else 0
    return usual if width > _WIDE and width > 8 * usual else width


def rows(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the rows of sheet `sheet` that stand below row `skip`, each of `width` cells, and at the end the notes."""
    book = _book(path, params)
    if params["sheet"] >= len(book.sheets()):
        return
    gathering = _Gathering(book, params)
    for batch in book.batches(params["sheet"], -1):
        for item in batch:
            gathering.add(item)
        yield gathering.frame()
    yield {"notes": book.notes()}, b""


class _Gathering:
    """Rows on their way into a frame."""

    def __init__(self, book: Book, params: dict[str, Any]) -> None:
        self._book = book
        self._width, self._skip, self._raw_bytes = params["width"], params["skip"], params["raw_bytes"]
        self._last = self._skip
        self._begin()

    def _begin(self) -> None:
        self._kept: list[Sequence[str]] = []
        self._lines: list[int] = []
        self._aside: list[tuple[list[Any], bytes]] = []
        self._blank = 0

    def add(self, item: Item) -> None:
        """Take rows or what is none."""
        if isinstance(item, Block):
            self._block(item)
        elif item.number > self._skip:
            self._passed(item.number, 1)
            if isinstance(item, Broken):
                self._put_aside(item.number, item.why, item.raw)
            else:
                self._row(item.number, item.cells)

    def _passed(self, number: int, count: int) -> None:
        """Count the rows that are not there before row `number`, the first of `count`."""
        self._blank += max(0, number - self._last - 1)
        self._last = max(self._last, number + count - 1)

    def _put_aside(self, number: int, why: str, raw: bytes) -> None:
        raw = raw[: self._raw_bytes]
        self._aside.append(([number, self._book.position(), why, len(raw)], raw))

    def _block(self, block: Block) -> None:
        """Take rows that look alike: all at once when none is blank, too wide, or of the header."""
        columns, width = block.columns, self._width
        wide = any(any(column) for column in columns[width:])
        if wide or block.number <= self._skip or not any(all(column) for column in columns[:width]):
            for row in block.rows():
                self.add(row)
            return
        self._passed(block.number, block.count)
        columns = [*columns[:width], *[("",) * block.count] * (width - len(columns))]
        self._kept.extend(zip(*columns, strict=True))
        self._lines.extend(range(block.number, block.number + block.count))

    def _row(self, number: int, cells: Sequence[str]) -> None:
        width = self._width
        if len(cells) > width and any(cells[width:]):
            self._put_aside(number, "too_many_cells", SEPARATOR.join(cells).encode("utf-8", "surrogatepass"))
        elif any(cells):
            self._kept.append([*cells[:width], *[""] * (width - len(cells))])
            self._lines.append(number)
        else:
            self._blank += 1

    def frame(self) -> Frame:
        """Return the frame of what was taken since the last one."""
        lines, aside = self._lines, self._aside
        header: dict[str, Any] = {"offset": self._book.position(), "blank": self._blank}
        if lines and lines[-1] - lines[0] + 1 != len(lines):
            header["lines"] = lines
        if aside:
            header["quarantined"] = [item for item, _ in aside]
        head, body = frame_of(self._kept, lines[0] if lines else 1, **header)
        self._begin()
        return head, body + b"".join(raw for _, raw in aside)
