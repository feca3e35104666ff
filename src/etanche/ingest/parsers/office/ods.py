"""ODS (OpenDocument 1.3, part 3) as a stream: sheets of `content.xml`, cell by cell, whatever their number.

1. A number is spelled from `office:value`, a date and a duration from theirs; a text is its paragraphs, one a line;
   what has no value but text (an error) is its text.
2. Repeated rows and cells are repeated when they hold something, and counted when they hold nothing.
3. A file cut off gives the rows before the cut.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any
from xml.parsers import expat

from etanche.ingest.frames import RefusalError
from etanche.ingest.parsers.office.books import LOOK
from etanche.ingest.parsers.office.package import Package
from etanche.ingest.parsers.office.sheetxml import Item, Row
from etanche.ingest.parsers.office.values import duration_text, number_text
from etanche.ingest.parsers.office.xmlwalk import EntitiesError, local

_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")
_MOST_REPEATS = 20_000_000
"""Cells that exist only because a row or a cell says it is repeated."""
_COLUMNS = 16384
_BATCH = 2000


class OdsReader:
    """One pass over `content.xml`; `wanted` is the sheet (from 0) whose rows are kept, -1 for the first of all."""

    def __init__(self, package: Package, wanted: int, most: int) -> None:
        """`most`: rows to keep of each sheet, for a look at all of them (-1: all)."""
        self._package, self._wanted, self._most = package, wanted, most
        self.sheets: list[tuple[str, bool]] = []
        self.whole = True
        self.widths: dict[int, int] = {}
        self._hidden_styles: set[str] = set()
        self._style = ""
        self._out: list[tuple[int, Item]] = []
        self._stack: list[str] = []
        self._number = 0
        self._cells: list[str] = []
        self._column = self._kept = 0
        self._cell: dict[str, str] = {}
        self._texts: list[str] = []
        self._row_repeats = 1
        self._repeats_left = _MOST_REPEATS
        self.left_out = 0
        """Repeated rows beyond what any real sheet repeats."""

    def batches(self) -> Iterator[list[tuple[int, Item]]]:
        """Yield rows with the number of their sheet."""
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._declared
        try:
            for chunk in self._package.stream("content.xml"):
                parser.Parse(chunk, False)
                if len(self._out) >= _BATCH:
                    yield self._out
                    self._out = []
            parser.Parse(b"", True)
        except expat.ExpatError:
            self.whole = False
        except EntitiesError:
            raise RefusalError("ingest_xml_entities") from None
        yield self._out
        self._out = []

    def _declared(self, *_: object) -> None:
        raise EntitiesError

    def _start(self, name: str, raw: dict[str, str]) -> None:
        tag = local(name)
        self._stack.append(tag)
        if tag in {"table-cell", "covered-table-cell"}:
            self._cell = {local(key): value for key, value in raw.items()}
            self._texts = []
        elif tag == "p" and "annotation" not in self._stack:
            if self._texts:
                self._texts.append("\n")
            self._texts.append("")
        elif tag in {"s", "tab", "line-break"} and "annotation" not in self._stack:
            count = min(_count(raw, "c"), 10_000) if tag == "s" else 1
            self._texts.append({"s": " ", "tab": "\t", "line-break": "\n"}[tag] * count)
        elif tag == "table-row":
            self._cells, self._column = [], 0
            self._row_repeats = _count(raw, "number-rows-repeated")
        elif tag == "table":
            attributes = {local(key): value for key, value in raw.items()}
            self.sheets.append((attributes.get("name", ""), attributes.get("style-name", "") in self._hidden_styles))
            self._number = self._kept = 0
        elif tag == "style":
            self._style = {local(key): value for key, value in raw.items()}.get("name", "")
        elif tag == "table-properties" and any(local(k) == "display" and v == "false" for k, v in raw.items()):
            self._hidden_styles.add(self._style)

    def _text(self, data: str) -> None:
        if "p" in self._stack[-4:] and "annotation" not in self._stack:
            self._texts.append(data)

    def _end(self, name: str) -> None:
        tag = self._stack.pop()
        if tag in {"table-cell", "covered-table-cell"} and "table-row" in self._stack[-3:]:
            value = _value(self._cell, "".join(self._texts))
            repeats = _count(self._cell, "number-columns-repeated")
            if value:
                repeats = max(0, min(repeats, _COLUMNS - self._column, 1 + self._repeats_left))
                self._repeats_left -= max(0, repeats - 1)
                self._cells.extend([""] * (self._column - len(self._cells)) + [value] * repeats)
            self._column += repeats
        elif tag == "table-row":
            self._row()
        del name

    def _row(self) -> None:
        index = len(self.sheets) - 1
        repeats = self._row_repeats
        mine = self._wanted in {-1, index}
        if self._cells and mine:
            self.widths[index] = max(self.widths.get(index, 0), len(self._cells))
            kept = min(repeats, 1 + self._repeats_left // len(self._cells))
            self._repeats_left -= (kept - 1) * len(self._cells)
            self.left_out += repeats - kept
            for k in range(kept):
                if self._most >= 0 and self._kept >= self._most:
                    break
                self._kept += 1
                self._out.append((index, Row(self._number + 1 + k, self._cells)))
        self._number += repeats


class OdsBook:
    """ODS, by streaming."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._look = OdsReader(package, -1, LOOK)
        self._first: dict[int, list[Item]] = {}
        self._widths: dict[int, int] = {}
        self._notes: dict[str, int] = {} if package.directory else {"workbook_directory": 1}
        self._looked = False

    def sheets(self) -> Sequence[tuple[str, bool]]:
        """Return the sheets there are in the content."""
        if not self._looked:
            self._looked = True
            for batch in self._look.batches():
                for index, row in batch:
                    self._first.setdefault(index, []).append(row)
            self._widths = self._look.widths
        return self._look.sheets

    def width(self, index: int) -> int:
        """Return the widest row."""
        return self._widths.get(index, 0)

    def batches(self, index: int, most: int) -> Iterator[list[Item]]:
        """Yield the rows of a sheet."""
        if most >= 0:
            yield self._first.get(index, [])[:most]
            return
        reader = OdsReader(self._package, index, -1)
        for batch in reader.batches():
            yield [row for _, row in batch]
        trouble = self._package.troubles.get("content.xml") or ("" if reader.whole else "damaged")
        if trouble:
            self._notes[f"sheet_{trouble}"] = 1
        if reader.left_out:
            self._notes["repeats_left_out"] = reader.left_out

    def notes(self) -> dict[str, int]:
        """Return what was noticed."""
        return self._notes

    def position(self) -> int:
        """Return the offset in the zip."""
        return self._package.position


def _count(attributes: dict[str, Any], name: str) -> int:
    for key, value in attributes.items():
        if local(key) == name and value.isdecimal() and len(value) < 10:
            return max(1, int(value))
    return 1


def _value(cell: dict[str, str], text: str) -> str:
    """Return what a cell holds, spelled losslessly."""
    kind = cell.get("value-type", "")
    if kind in {"float", "percentage", "currency"} and "value" in cell:
        # An error is a number 0 whose text says what went wrong.
        return text if text.startswith(("#", "Err:")) else number_text(cell["value"])
    if kind == "date" and cell.get("date-value"):
        return cell["date-value"].removesuffix("T00:00:00").replace("T", " ")
    if kind == "time" and cell.get("time-value"):
        return _duration(cell["time-value"])
    if kind == "boolean" and cell.get("boolean-value"):
        return cell["boolean-value"].upper()
    return text or cell.get("string-value", "")


def _duration(stored: str) -> str:
    """Return an ISO 8601 duration as hours, minutes and seconds."""
    found = _DURATION.fullmatch(stored)
    if not found or max(map(len, filter(None, found.groups())), default=0) > 12:
        return stored
    days, hours, minutes = (int(found[k] or 0) for k in (2, 3, 4))
    seconds = float((found[5] or "0").replace(",", "."))
    return found[1] + duration_text(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
