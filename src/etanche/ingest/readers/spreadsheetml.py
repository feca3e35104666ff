"""SpreadsheetML 2003 (the XML that Excel 2002-2003 wrote, named .xml or .xls): each worksheet is a table.

1. Read as a stream by expat; a document that declares entities is refused.
2. Numbers, dates and booleans are spelled like those of other spreadsheets.
3. A file cut off gives the rows before the cut, and a note says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.office.values import number_text
from etanche.ingest.parsers.office.xmlwalk import EntitiesError, local
from etanche.ingest.sheets import GridRow, grid_tables
from etanche.ingest.tables import CellTable

NAME = "spreadsheetml"
_MARK = b"urn:schemas-microsoft-com:office:spreadsheet"
_COLUMNS = 16384
_MOST_ROWS = 1 << 20


def bid(head: Head) -> Bid:
    """Bid on XML that names the vocabulary."""
    data = head.data.replace(b"\0", b"")[:8192]
    found = (
        re.match(rb"\s*(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*<\??[A-Za-z]", data)
        and _MARK in data
        and b"<html" not in data
    )
    return Bid(0.95, "vocabulary") if found else Bid(0, "no_vocabulary")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the worksheets that hold something.  Raises `UserError` when there is none."""
    shown = entry.shown

    def rows() -> Iterator[GridRow]:
        document = _Document()
        try:
            yield from document.rows(entry)
        except EntitiesError:
            raise UserError("ingest_xml_entities", ExitCode.UNREADABLE, path=shown) from None
        if not document.whole:
            entry.note("sheet_damaged")

    found = False
    for table in grid_tables(entry, limits, NAME, rows):
        found = True
        yield table
    if not found:
        raise UserError("ingest_workbook_empty", ExitCode.UNREADABLE, path=shown)


class _Document:
    """One pass."""

    def __init__(self) -> None:
        self.whole = True
        self._out: list[GridRow] = []
        self._sheet, self._title, self._number = -1, "", 0
        self._cells: list[str] = []
        self._column = self._across = 0
        self._kind = ""
        self._parts: list[str] | None = None

    def rows(self, entry: Entry) -> Iterator[GridRow]:
        """Yield the rows of all worksheets."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._declared
        stream = entry.opener()
        try:
            while data := stream.read(256 << 10):
                parser.Parse(data, False)
                yield from self._given()
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, UnicodeDecodeError):
            self.whole = False
        finally:
            stream.close()
        yield from self._given()

    def _given(self) -> list[GridRow]:
        out, self._out = self._out, []
        return out

    def _declared(self, *_: object) -> None:
        raise EntitiesError

    def _start(self, name: str, raw: dict[str, str]) -> None:
        tag = local(name)
        if tag not in {"Worksheet", "Row", "Cell", "Data"}:
            return
        attributes = {local(key): value for key, value in raw.items()}
        if tag == "Worksheet":
            self._sheet += 1
            self._title, self._number = attributes.get("Name", ""), 0
        elif tag == "Row":
            number = _number(attributes.get("Index"))
            self._number = number if self._number < number <= _MOST_ROWS else self._number + 1
            self._cells, self._column = [], 0
        elif tag == "Cell":
            column = _number(attributes.get("Index")) - 1
            self._column = column if self._column < column < _COLUMNS else self._column
            self._across = min(_number(attributes.get("MergeAcross")), _COLUMNS)
        else:
            self._kind, self._parts = attributes.get("Type", ""), []

    def _text(self, data: str) -> None:
        if self._parts is not None:
            self._parts.append(data)

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "Data" and self._parts is not None:
            value = _value(self._kind, "".join(self._parts))
            self._parts = None
            if value and self._column < _COLUMNS:
                self._cells.extend([""] * (self._column + 1 - len(self._cells)))
                self._cells[self._column] = value
        elif tag == "Cell":
            self._column += 1 + self._across
        elif tag == "Row" and self._sheet >= 0:
            self._out.append(GridRow(self._sheet, self._number, self._cells, self._title))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def _value(kind: str, text: str) -> str:
    """Return what a cell holds, spelled losslessly."""
    if kind == "Number":
        return number_text(text)
    if kind == "DateTime":
        day, _, time = text.partition("T")
        time = time.removesuffix(".000")
        return day if time in {"", "00:00:00"} else time if day == "1899-12-31" else f"{day} {time}"
    if kind == "Boolean":
        return {"1": "TRUE", "0": "FALSE"}.get(text, text)
    return text
