"""HTML pages with tables, whatever their name (spreadsheets export them as .xls): each table is a table.

1. A table of several is named by its number.  Where the encoding is declared and holds, it is that; else it is what
   the page looks most like.
2. The page is read as a stream (`parsers.htmlgrid`), twice for a look and once for each table.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.encodings import bom, choose, wide
from etanche.ingest.entries import HEAD_BYTES, Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.htmlgrid import HtmlGrid
from etanche.ingest.sheets import GridRow, grid_tables
from etanche.ingest.tables import CellTable

NAME = "html_table"
_PAGE = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*<(?:!doctype html|html|head|body|table|meta|style)[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_TABLE = re.compile(rb"<table[\s>]", re.IGNORECASE)
_CHARSET = re.compile(rb"""<meta[^>]+charset\s*=\s*["']?([A-Za-z0-9_\-]+)""", re.IGNORECASE)
_TELLING = 4000


def bid(head: Head) -> Bid:
    """Bid on a page that has a table, or is named as a sheet."""
    data = _narrow(head.data)
    if not _PAGE.match(data):
        return Bid(0, "no_page")
    return Bid(0.92, "table") if _TABLE.search(data) or head.suffix.startswith("xl") else Bid(0.3, "page")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the tables.  Raises `UserError` when there is none."""
    head = entry.head(HEAD_BYTES)
    outer = _wide(head)
    encoding = "utf-8" if outer else _encoding(entry, head)

    def rows() -> Iterator[GridRow]:
        stream = entry.opener()
        try:
            decoder = codecs.getincrementaldecoder(outer or "utf-8")("replace")

            def read(size: int) -> bytes:
                data = stream.read(size)
                return decoder.decode(data).encode() if outer and data else data

            grid = HtmlGrid(encoding)
            yield from grid.rows(read)
            if grid.cut:
                entry.note("sheet_truncated")
        finally:
            stream.close()

    found = False
    for table in grid_tables(entry, limits, NAME, rows, encoding=outer or encoding):
        found = True
        yield table
    if not found:
        shown = entry.shown
        raise UserError("ingest_format", ExitCode.UNREADABLE, path=shown, format="HTML")


def _wide(head: bytes) -> str:
    """Return the encoding of a page in UTF-16, or an empty string."""
    marked = bom(head)[0]
    return "utf-16" if marked.startswith("utf-16") else wide(head)


def _narrow(data: bytes) -> bytes:
    """Return the first bytes as ASCII-compatible ones, without a mark."""
    encoding = _wide(data)
    return data.decode(encoding, "replace").encode() if encoding else data.removeprefix(codecs.BOM_UTF8)


def _encoding(entry: Entry, head: bytes) -> str:
    """Return the encoding that the page declares if it holds, else the one it looks like."""
    declared = _CHARSET.search(head)
    telling: list[bytes] = []
    stream = entry.opener()
    try:
        carry = b""
        while (data := stream.read(1 << 20)) and len(telling) < _TELLING:
            *lines, carry = (carry + data).split(b"<")
            carry = carry[-65536:]
            telling += [line for line in lines if not line.isascii()][:_TELLING]
    finally:
        stream.close()
    if declared:
        try:
            name = codecs.lookup(declared[1].decode("ascii")).name
            name = "cp1252" if name == "iso8859-1" else name
            sum(len(line.decode(name)) for line in telling)
        except (LookupError, UnicodeDecodeError):
            pass
        else:
            return name
    return choose(telling)[0]
