"""DOCX (ECMA-376 part 1, 17.4) as far as its tables go: each is a sheet, in the order in which they begin.

1. A cell's text is its paragraphs, one a line; what was deleted under tracked changes is no text, what was inserted is.
2. A table inside a cell is a table of its own.  A cell that spans others leaves them empty.
3. Text outside tables is not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from etanche.ingest.frames import RefusalError
from etanche.ingest.parsers.office.package import Package
from etanche.ingest.parsers.office.sheetxml import Item, Row
from etanche.ingest.parsers.office.xmlwalk import EntitiesError, local

_MOST_SPAN = 1000
_MOST_DEPTH = 50
_MARKS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


@dataclass(slots=True)
class _Grid:
    index: int
    number: int = 0
    row: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    span: int = 1


class DocxBook:
    """The tables of a document.  Its text is bounded by what the package lets through; tables are held."""

    def __init__(self, package: Package) -> None:
        """Read the tables.  Raises `RefusalError` when there is none."""
        self._package = package
        self._tables: list[list[Item]] = []
        self._grids: list[_Grid] = []
        self._text = False
        self._notes: dict[str, int] = {} if package.directory else {"workbook_directory": 1}
        member = "word/document.xml"
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.EntityDeclHandler = self._characters, self._declared
        try:
            for chunk in package.stream(member):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except EntitiesError:
            raise RefusalError("ingest_xml_entities") from None
        except expat.ExpatError:
            trouble = package.troubles.get(member, "damaged")
            self._notes[f"sheet_{trouble}"] = 1
        if not any(self._tables):
            raise RefusalError("ingest_format", format="Word")

    def _declared(self, *_: object) -> None:
        raise EntitiesError

    def _start(self, name: str, raw: dict[str, str]) -> None:
        tag = local(name)
        if tag == "tbl":
            if len(self._grids) < _MOST_DEPTH:
                self._grids.append(_Grid(len(self._tables)))
                self._tables.append([])
        elif self._grids:
            self._inside(self._grids[-1], tag, raw)

    def _inside(self, grid: _Grid, tag: str, raw: dict[str, str]) -> None:
        if tag == "tr":
            grid.row = []
        elif tag == "tc":
            grid.texts, grid.span = [], 1
        elif tag == "gridSpan":
            value = next((value for key, value in raw.items() if local(key) == "val"), "")
            grid.span = min(int(value), _MOST_SPAN) if value.isdecimal() and len(value) < 6 else 1
        elif tag == "p" and grid.texts:
            grid.texts.append("\n")
        elif tag == "t":
            self._text = True
        elif tag in _MARKS:
            grid.texts.append(_MARKS[tag])

    def _characters(self, data: str) -> None:
        if self._text and self._grids:
            self._grids[-1].texts.append(data)

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "t":
            self._text = False
        if not self._grids:
            return
        grid = self._grids[-1]
        if tag == "tc":
            grid.row += ["".join(grid.texts).strip("\n"), *[""] * (grid.span - 1)]
        elif tag == "tr":
            grid.number += 1
            self._tables[grid.index].append(Row(grid.number, grid.row))
        elif tag == "tbl":
            self._grids.pop()

    def sheets(self) -> Sequence[tuple[str, bool]]:
        """Return the tables, by number."""
        return [(f"table {k + 1}" if len(self._tables) > 1 else "", False) for k in range(len(self._tables))]

    def width(self, index: int) -> int:
        """Return the widest row."""
        rows = [row.cells for row in self._tables[index] if isinstance(row, Row)]
        return max((max((k + 1 for k, cell in enumerate(cells) if cell), default=0) for cells in rows), default=0)

    def batches(self, index: int, most: int) -> Iterator[list[Item]]:
        """Yield the rows of a table."""
        yield self._tables[index][:most] if most >= 0 else self._tables[index]

    def notes(self) -> dict[str, int]:
        """Return what was noticed."""
        return self._notes

    def position(self) -> int:
        """Return 0: all was read before."""
        return 0
