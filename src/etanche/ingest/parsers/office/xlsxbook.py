"""XLSX and XLSM as a workbook: sheets by streaming, their width by what they say of themselves or by looking."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from etanche.ingest.parsers.office.books import LOOK, filled, singly
from etanche.ingest.parsers.office.package import Package
from etanche.ingest.parsers.office.sharedtexts import SharedTexts
from etanche.ingest.parsers.office.sheetxml import Block, Item, SheetReader, column_of
from etanche.ingest.parsers.office.spelling import Context
from etanche.ingest.parsers.office.xlsx import Sheet, Workbook, read_workbook

_DIMENSION = re.compile(rb'<dimension\s+ref="[A-Z]+\d+:([A-Z]{1,3})\d+"')


class XlsxBook:
    """XLSX, by streaming."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._book: Workbook = read_workbook(package)
        self._texts = SharedTexts(package)
        self._notes: dict[str, int] = {} if package.directory else {"workbook_directory": 1}

    def sheets(self) -> Sequence[tuple[str, bool]]:
        """Return the sheets of the workbook's list."""
        return [(sheet.name, sheet.hidden) for sheet in self._book.sheets]

    def _context(self) -> Context:
        return Context(self._texts, self._book.styles, self._book.from_1904)

    def batches(self, index: int, most: int) -> Iterator[list[Item]]:
        """Yield the rows of a sheet."""
        sheet: Sheet = self._book.sheets[index]
        reader = SheetReader(self._context())
        given = 0
        for batch in reader.rows(self._package.stream(sheet.member), lambda: sheet.member in self._package.troubles):
            yield batch
            given += sum(item.count if isinstance(item, Block) else 1 for item in batch)
            if 0 <= most <= given:
                return
        trouble = self._package.troubles.get(sheet.member)
        if trouble:
            self._notes[f"sheet_{trouble}"] = 1
        counts = reader.spelling.counts
        noticed = {
            "numbers_rounded": counts.rounded,
            "texts_lost": self._texts.lost,
            "formats_lost": counts.formats_lost,
        }
        if not self._texts.whole:
            noticed["texts_damaged"] = len(self._texts)
        self._notes |= {code: count for code, count in noticed.items() if count}

    def width(self, index: int) -> int:
        """Return the sheet's width: what its first rows and its own word agree on, else what all its cells say."""
        seen = rows = 0
        for batch in self.batches(index, LOOK):
            for row in singly(batch):
                rows += 1
                seen = max(seen, filled(row.cells))
        stream = self._package.stream(self._book.sheets[index].member)
        said = _DIMENSION.search(next(stream, b""))
        stream.close()  # type: ignore[attr-defined]
        if rows < LOOK or (said and column_of(said[1].decode("ascii")) + 1 == seen):
            return seen
        return self._widest(index, seen)

    def _widest(self, index: int, seen: int) -> int:
        """Return the width by looking for cells beyond `seen` columns, which is much faster than reading all."""
        carry = b""
        wider = _beyond(seen)
        for chunk in self._package.stream(self._book.sheets[index].member):
            block = carry + chunk
            while found := wider.search(block):
                seen = column_of(found[1].decode("ascii")) + 1
                wider = _beyond(seen)
            carry = block[-256:]
        return seen

    def notes(self) -> dict[str, int]:
        """Return what was noticed."""
        return self._notes

    def position(self) -> int:
        """Return the offset in the zip."""
        return self._package.position


def _beyond(width: int) -> re.Pattern[bytes]:
    """Return what finds a cell with a value in a column beyond the first `width`.

    It begins with text as it stands, which is found fast; that a tag begins there is seen by looking back.
    """
    pattern = "|".join(_later(width))
    return re.compile(rb'c r="(?<=[<:]c r=")(' + pattern.encode("ascii") + rb')\d++"(?:[^<>]*[^<>/])?><(?!/)')


def _later(width: int) -> list[str]:
    """Return patterns of the letters of columns from `width` (0-based) on."""
    if width <= 0:
        return ["[A-Z]{1,3}"]
    letters = ""
    column = width
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(65 + letter) + letters
    found = []
    for k, last in enumerate(letters):
        if last < "Z":
            rest = f"[A-Z]{{{len(letters) - k - 1}}}" if len(letters) - k > 1 else ""
            found.append(f"{letters[:k]}[{chr(ord(last) + 1)}-Z]{rest}")
    if len(letters) < 3:
        found.append(f"[A-Z]{{{len(letters) + 1},3}}")
    return found or ["(?!)"]
