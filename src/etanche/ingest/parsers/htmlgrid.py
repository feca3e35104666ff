"""Tables of an HTML page, as a stream of rows; pages that spreadsheets write and name .xls are what it is for.

1. Tags are told from text and nothing else is understood of the page; no tag need be closed.
2. A cell's text has its runs of blanks made one, `<br>` and paragraphs made line breaks, its entities undone; where
   Excel left the number itself (`x:num`), that is the cell.
3. A table inside a cell is a table of its own.  A cell that spans others leaves them empty.
4. Cells are decoded one by one: in the page's encoding, else in Windows-1252, else byte for byte.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from etanche.ingest.sheets import GridRow

_TAG = re.compile(rb"<(/?)([A-Za-z][A-Za-z0-9:]*)([^<>]*)>|<!--|<[!?][^<>]*>")
_ATTRIBUTE = re.compile(rb"""([A-Za-z:\-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_SILENT = {b"script", b"style", b"head", b"title"}
_MOST_PENDING = 1 << 20
_MOST_SPAN = 1000
_MOST_CELLS = 16384
_MOST_DEPTH = 50
_MOST_CELL = 4 << 20


@dataclass(slots=True)
class _Grid:
    """A table that is open."""

    index: int
    number: int = 0
    row: list[str] | None = None
    cell: bytearray | None = None
    stored: bytes = b""
    span: int = 1
    below: int = 1
    spans: dict[int, int] = field(default_factory=dict)
    """Columns that cells of rows above still take, with the number of rows left."""
    heads: bool = True
    title: str = ""


class HtmlGrid:
    """One pass over a page."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._grids: list[_Grid] = []
        self._count = 0
        self._silent = b""
        self._out: list[GridRow] = []
        self.cut = False
        """Whether the page ended inside a table."""

    def rows(self, read: Callable[[int], bytes]) -> Iterator[GridRow]:
        """Yield the rows of all tables."""
        pending = b""
        comment = False
        while data := read(256 << 10):
            pending += data
            pending, comment = self._take(pending, comment=comment)
            yield from self._given()
        self._text(pending)
        self.cut = bool(self._grids)
        while self._grids:
            self._close_table()
        yield from self._given()

    def _given(self) -> list[GridRow]:
        out, self._out = self._out, []
        return out

    def _take(self, data: bytes, *, comment: bool) -> tuple[bytes, bool]:
        """Take what is whole of the page so far; return the rest, and whether a comment goes on in it."""
        at = 0
        while True:
            if comment:
                end = data.find(b"-->", at)
                if end < 0:
                    return data[max(at, len(data) - 2) :], True
                at, comment = end + 3, False
            found = _TAG.search(data, at)
            if found is None:
                break
            self._text(data[at : found.start()])
            at = found.end()
            if found[2] is None:
                comment = found[0] == b"<!--"
            elif found[1]:
                self._end(found[2].lower())
            else:
                self._start(found[2].lower(), found[3])
        begun = data.find(b"<", at)
        if begun < 0 or len(data) - begun > _MOST_PENDING:
            self._text(data[at:])
            return b"", False
        self._text(data[at:begun])
        return data[begun:], False

    def _text(self, data: bytes) -> None:
        grid = self._grids[-1] if self._grids else None
        if grid and grid.cell is not None and not self._silent and len(grid.cell) < _MOST_CELL:
            grid.cell += data

    def _start(self, tag: bytes, raw: bytes) -> None:
        if self._silent:
            return
        if tag in _SILENT and not raw.endswith(b"/"):
            self._silent = tag
        elif tag == b"table":
            if len(self._grids) < _MOST_DEPTH:
                self._grids.append(_Grid(self._count))
                self._count += 1
        elif self._grids:
            self._inside(self._grids[-1], tag, raw)

    def _inside(self, grid: _Grid, tag: bytes, raw: bytes) -> None:
        if tag == b"tr":
            self._close_row(grid)
            grid.row = []
        elif tag in {b"td", b"th"}:
            self._close_cell(grid)
            if grid.row is None:
                grid.row = []
            grid.heads = grid.heads and tag == b"th"
            values = {name.lower(): a or b or c for name, a, b, c in _ATTRIBUTE.findall(raw)}
            grid.cell, grid.stored = bytearray(), values.get(b"x:num", b"")
            grid.span, grid.below = _span(values.get(b"colspan", b"")), _span(values.get(b"rowspan", b""))
        elif grid.cell is not None and tag in {b"br", b"p", b"div", b"li"}:
            # A mark that blanks are not: line breaks of the page itself are mere blanks.
            grid.cell += b"\x0b"

    def _end(self, tag: bytes) -> None:
        if self._silent:
            if tag == self._silent:
                self._silent = b""
        elif self._grids:
            grid = self._grids[-1]
            if tag == b"table":
                self._close_table()
            elif tag == b"tr":
                self._close_row(grid)
            elif tag in {b"td", b"th"}:
                self._close_cell(grid)

    def _close_cell(self, grid: _Grid) -> None:
        if grid.cell is None or grid.row is None:
            return
        self._pass_spans(grid)
        column = len(grid.row)
        if column < _MOST_CELLS:
            text = self._spelled(bytes(grid.cell))
            number = grid.stored.decode("ascii", "replace")
            grid.row.append(number if number and text else text)
            grid.row.extend([""] * min(grid.span - 1, _MOST_CELLS - column))
            if grid.below > 1:
                grid.spans.update(dict.fromkeys(range(column, column + grid.span), grid.below))
        grid.cell = None

    def _pass_spans(self, grid: _Grid) -> None:
        """Leave empty the columns that cells of rows above take."""
        if grid.row is not None:
            while len(grid.row) in grid.spans and len(grid.row) < _MOST_CELLS:
                grid.row.append("")

    def _close_row(self, grid: _Grid) -> None:
        self._close_cell(grid)
        if grid.row is None:
            return
        grid.number += 1
        heads = grid.heads and bool(grid.row)
        self._out.append(GridRow(grid.index, grid.number, grid.row, grid.title, heads))
        grid.spans = {column: left - 1 for column, left in grid.spans.items() if left > 1}
        grid.row, grid.heads = None, True

    def _close_table(self) -> None:
        self._close_row(self._grids.pop())

    def _spelled(self, data: bytes) -> str:
        """Return the text of a cell."""
        try:
            text = data.decode(self._encoding)
        except UnicodeDecodeError:
            try:
                text = data.decode("cp1252")
            except UnicodeDecodeError:
                text = data.decode("latin-1")
        if "&" in text:
            text = html.unescape(text)
        lines = (_BLANKS.sub(" ", line).strip(" ") for line in text.split("\x0b"))
        return "\n".join(lines).strip("\n")


def _span(text: bytes) -> int:
    """Return how many columns or rows a cell spans."""
    return max(1, min(int(text), _MOST_SPAN)) if text.isdigit() and len(text) < 6 else 1
