"""Text documents in zips of XML (DOCX: ECMA-376; ODT: OASIS OpenDocument): their text and their tables.

1. XML is read as events, never as a tree: a document of any length takes the memory of its longest part's text.
2. Entities that the XML declares itself are refused (bombs do that, documents do not).
3. A part that is damaged gives its text up to the damage.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import IO
from xml.parsers import expat

_STEP = 1 << 16
_LOCAL = b"PK\x03\x04"
_PARTS = frozenset({"document", "header", "footer", "footnotes", "comments"})
_BROKEN = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    NotImplementedError,
    ValueError,
    struct.error,
)
"""What damaged zips and XML raise."""
_BREAKS = frozenset({"p", "h"})
_ROW = frozenset({"tr", "table-row"})
_CELL = frozenset({"tc", "table-cell", "covered-table-cell"})
_TABLE = frozenset({"tbl", "table"})
_MOST_DEPTH = 2000


@dataclass(slots=True)
class Document:
    """What one document holds."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    """Name of the part ("document", "header1", "comments") and its text, line breaks kept."""
    tables: list[list[list[str]]] = field(default_factory=list)
    """Rows of cells."""
    damaged: bool = False


class EntityError(Exception):
    """The XML declares entities of its own."""


def _part(name: str) -> str:
    """Return the name of the part that a member is, empty when it holds no text."""
    if name == "content.xml":
        return "document"
    folder, _, file = name.rpartition("/")
    part = file.removesuffix(".xml")
    return part if folder == "word" and part.rstrip("0123456789") in _PARTS else ""


def read(file: IO[bytes], most: int) -> Document:
    """Return what a document holds.  Raises `EntityError`."""
    document = Document()
    try:
        with zipfile.ZipFile(file) as archive:
            names = sorted(
                (name for name in archive.namelist() if _part(name)), key=lambda name: _part(name)[:3] != "doc"
            )
            for name in names:
                with archive.open(name) as stream:
                    most -= _take(document, _part(name), iter(partial(stream.read, _STEP), b""), most)
    except _BROKEN:
        if not document.texts and not document.tables:
            _salvage(file, document, most)
        document.damaged = True
    return document


def _salvage(file: IO[bytes], document: Document, most: int) -> None:
    """Read what a zip without its end holds, by the headers of its members."""
    file.seek(0)
    data = file.read(most)
    at = data.find(_LOCAL)
    while at >= 0:
        header = data[at : at + 30]
        if len(header) == 30:
            method, size, extra = struct.unpack("<8xH16xHH", header)
            part = _part(data[at + 30 : at + 30 + size].decode("utf-8", "replace"))
            if part and method == zipfile.ZIP_DEFLATED:
                most -= _take(document, part, _inflated(data, at + 30 + size + extra), most)
        at = data.find(_LOCAL, at + 4)


def _inflated(data: bytes, at: int) -> Iterator[bytes]:
    engine = zlib.decompressobj(-15)
    while not engine.eof and at < len(data):
        yield engine.decompress(data[at : at + _STEP])
        at += _STEP


def _take(document: Document, part: str, blocks: Iterable[bytes], most: int) -> int:
    """Add one part to the document, as far as it goes; return the bytes it took."""
    collector = _Collector(document)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.characters
    parser.EntityDeclHandler = _refuse
    taken = 0
    try:
        for block in blocks:
            taken += len(block)
            parser.Parse(block, False)
            if taken > most:
                document.damaged = True
                break
        else:
            parser.Parse(b"", True)
    except _BROKEN:
        document.damaged = True
    text = collector.text()
    if text.strip():
        document.texts.append((part, text))
    return taken


def _refuse(*_args: object) -> None:
    raise EntityError


class _Collector:
    """Gathers text and the outermost tables; a table in a cell is text of that cell."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._text: list[str] = []
        self._rows: list[list[str]] = []
        self._cell: list[str] | None = None
        self._tables = self._depth = 0
        self._into: Callable[[str], None] = self._text.append

    def text(self) -> str:
        """Return the text outside of tables; a table that is not closed is one as far as it goes."""
        if self._tables and any(any(row) for row in self._rows):
            self._document.tables.append(self._rows)
            self._tables = 0
        return "".join(self._text).strip("\n")

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        """Begin an element."""
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise expat.ExpatError("too deep")
        tag = name.rpartition(" ")[2]
        if tag in _TABLE:
            self._tables += 1
            if self._tables == 1:
                self._rows = []
        elif self._tables == 1 and tag in _ROW:
            self._rows.append([])
        elif self._tables == 1 and tag in _CELL:
            self._cell = []
            self._into = self._cell.append
        elif tag in {"tab", "ptab"}:
            self._into("\t")
        elif tag in {"br", "cr", "line-break"}:
            self._into("\n")
        elif tag == "s":
            self._into(" ")

    def end(self, name: str) -> None:
        """End an element."""
        self._depth -= 1
        tag = name.rpartition(" ")[2]
        if tag in _BREAKS:
            self._into("\n")
        elif self._tables == 1 and tag in _CELL and self._cell is not None:
            if not self._rows:
                self._rows.append([])
            self._rows[-1].append("".join(self._cell).strip("\n"))
            self._cell, self._into = None, self._text.append
        elif tag in _TABLE:
            self._tables -= 1
            if self._tables == 0 and any(any(row) for row in self._rows):
                self._document.tables.append(self._rows)
                self._rows = []

    def characters(self, text: str) -> None:
        """Take text."""
        if self._tables and self._cell is None:
            return
        self._into(text)
