"""PDF: its ruled tables, and the text of its pages; both parsed in the sandbox (`parsers.pdf`).

1. A table that goes on over pages (same columns at the same places, first on its page, last on the one before) is one;
   its repeated header is a header.
2. `text` is one row a page, with its line breaks and without what stands in tables.
3. Text is there or it is not: a page that is a picture is not read, and a PDF of such pages is refused (no OCR).
4. Parsing is slow: what it gave is kept, packed, up to `_KEPT` bytes a PDF; beyond, each pass parses anew.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from etanche.errors import ExitCode, UserError
from etanche.ingest import sandbox
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.frames import Frame
from etanche.ingest.headers import default_names, is_header
from etanche.ingest.limits import MIB, Limits
from etanche.ingest.parsers.gather import Gather
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import local_path
from etanche.ingest.tables import CellTable

NAME = "pdf"
_KEPT = 4 * MIB
_NEAR = 6
"""Points by which the columns of a table may differ from page to page."""
_LOOKED = 30


@dataclass(slots=True)
class Grid:
    """One table on one page."""

    page: int
    edges: list[int]
    rows: list[list[str]] = field(repr=False)


@dataclass(slots=True)
class Page:
    """What one page gave."""

    number: int
    broken: bool
    text: str = field(repr=False)
    grids: list[Grid] = field(repr=False)


@dataclass(slots=True)
class Joined:
    """A table over one page or several."""

    last: Grid
    places: list[tuple[int, int]]
    """Page, and which table of it."""
    first: list[list[str]] = field(repr=False)
    """Its first rows."""
    open: bool = True


class Pages:
    """The pages of a PDF, any number of times."""

    def __init__(self, entry: Entry, limits: Limits) -> None:
        """Parse nothing yet."""
        self._entry, self._limits = entry, limits
        self._kept: list[tuple[int, bool, bytes]] | None = None
        self.count = 0

    def __iter__(self) -> Iterator[Page]:
        """Yield pages.  Raises `UserError` when the parser stops before the first."""
        if self._kept is not None:
            for number, broken, packed in self._kept:
                yield _page(number, broken, zlib.decompress(packed))
            return
        kept: list[tuple[int, bool, bytes]] | None = []
        size = number = 0
        try:
            for header, body in self._frames():
                if "pages" in header:
                    self.count = header["pages"]
                    if header["repaired"]:
                        self._entry.note("pdf_repaired", pages=self.count)
                    continue
                number = header["page"]
                if kept is not None:
                    packed = zlib.compress(body)
                    size += len(packed) + 100
                    kept.append((number, header["broken"], packed))
                    if size > _KEPT:
                        kept = None
                yield _page(number, header["broken"], body)
        except UserError:
            if not number:
                raise
            self._entry.note("pages_cut", pages=number, of=self.count)
        self._kept = kept

    def _frames(self) -> Iterator[Frame]:
        shown = "!".join((self._entry.outer.shown, *self._entry.members))
        params = {"passwords": list(self._entry.meter.passwords)}
        with local_path(self._entry, self._limits) as path:
            yield from sandbox.run("pdf:pages", path, params, self._limits, shown=shown)


def _page(number: int, broken: bool, body: bytes) -> Page:
    found = json.loads(body)
    grids = [Grid(number, table["edges"], table["rows"]) for table in found["tables"]]
    return Page(number, broken, found["text"], grids)


def bid(head: Head) -> Bid:
    """Bid on the header, which may stand anywhere in the first kibibyte."""
    if head.data.startswith(b"%PDF-"):
        return Bid(0.9, "magic")
    return Bid(0.7, "magic_later") if b"%PDF-1." in head.data[:1024] else Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the tables, then the text by page.  Raises `UserError` when no page holds either."""
    pages = Pages(entry, limits)
    joined: list[Joined] = []
    texts = broken = silent = 0
    for page in pages:
        _join(joined, page)
        texts += bool(page.text.strip())
        broken += page.broken
        silent += not page.broken and not page.text.strip() and not page.grids
    if not texts and not joined:
        shown = "!".join((entry.outer.shown, *entry.members))
        raise UserError("ingest_pdf_damaged" if broken else "ingest_pdf_pictures", ExitCode.UNREADABLE, path=shown)
    if broken:
        entry.note("pages_broken", pages=broken)
    if silent:
        entry.note("pages_without_text", pages=silent)
    for number, table in enumerate(joined, start=1):
        yield _table(entry, limits, pages, table, number)
    if texts:
        names = ("page", "text")
        pieces = partial(_texts, pages, limits, names)
        yield CellTable(entry, limits, NAME, names=names, pieces=pieces, table="text", header=False, prose=("text",))


def _join(joined: list[Joined], page: Page) -> None:
    """Add a page's tables to those that they go on with, or as new ones."""
    for index, grid in enumerate(page.grids):
        before = joined[-1] if joined else None
        if before and before.open and index == 0 and before.last.page == page.number - 1 and _alike(before.last, grid):
            before.last = grid
            before.places.append((page.number, index))
            before.first += grid.rows[: _LOOKED - len(before.first)]
        else:
            joined.append(Joined(grid, [(page.number, index)], grid.rows[:_LOOKED]))
        if index:
            joined[-2].open = False


def _alike(one: Grid, other: Grid) -> bool:
    """Tell whether two tables have their columns at the same places."""
    if len(one.rows[0]) != len(other.rows[0]) or len(one.edges) != len(other.edges):
        return False
    return all(abs(a - b) <= _NEAR for a, b in zip(one.edges, other.edges, strict=True))


def _table(entry: Entry, limits: Limits, pages: Pages, table: Joined, number: int) -> CellTable:
    head = table.first[0]
    named = is_header(head, table.first[1:])
    names = tuple(head) if named else default_names(len(head))
    return CellTable(
        entry,
        limits,
        NAME,
        names=names,
        pieces=partial(_rows, pages, limits, table, head if named else None),
        table=f"table_{number}",
        header=named,
        header_lines=1 if named else 0,
    )


def _rows(pages: Pages, limits: Limits, table: Joined, head: list[str] | None) -> Iterator[Piece]:
    """Yield the rows of one table; its header and the header's repetitions are none of them."""
    wanted = dict(table.places)
    names = tuple(str(k) for k in range(len(table.first[0])))
    gather = Gather(names, limits)
    line = 0
    for page in pages:
        if page.number not in wanted:
            continue
        for k, row in enumerate(page.grids[wanted[page.number]].rows):
            line += 1
            if k == 0 and head is not None and row == head:
                if line > 1:
                    yield Piece(blank=1)
                continue
            if not any(row):
                yield Piece(blank=1)
                continue
            raw = "\t".join(row).encode("utf-8", "surrogatepass")
            if piece := gather.add(dict(zip(names, row, strict=True)), line, 0, raw):
                yield piece
    yield from gather.rest()


def _texts(pages: Pages, limits: Limits, names: tuple[str, str]) -> Iterator[Piece]:
    """Yield the text of each page that has some."""
    gather = Gather(names, limits)
    for page in pages:
        if page.text.strip():
            cells = {"page": str(page.number), "text": page.text}
            raw = page.text.encode("utf-8", "surrogatepass")
            if piece := gather.add(cells, page.number, 0, raw):
                yield piece
    yield from gather.rest()
