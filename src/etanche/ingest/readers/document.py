"""Text documents (DOCX, ODT, RTF): their text whole, and their tables.

1. `text` is one row a part of the document (body, headers, notes, comments): `part`, `text` with its line breaks.
2. Each table of a DOCX or ODT is a table, with the header that its first row is; tables inside tables are text.
3. Word 97-2003 (.doc) is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.headers import default_names, is_header
from etanche.ingest.limits import MIB, Limits
from etanche.ingest.parsers.gather import Gather
from etanche.ingest.parsers.rtf import text_of
from etanche.ingest.parsers.wordxml import Document, EntityError, read
from etanche.ingest.scan import Piece
from etanche.ingest.seekable import random_access
from etanche.ingest.tables import CellTable

NAME = "document"
_WORD = re.compile(rb"PK\x03\x04.{26}/?word/", re.DOTALL)
_SHEETS = re.compile(rb"PK\x03\x04.{26}/?(?:xl|ppt)/", re.DOTALL)
_ODT = b"mimetypeapplication/vnd.oasis.opendocument.text"
_MOST = 256 * MIB
_MOST_RTF = 32 * MIB
"""What is read of an RTF, the pictures in it included."""
_LOOKED = 30


def bid(head: Head) -> Bid:
    """Bid on the members of a DOCX or ODT, or on RTF's first group."""
    data = head.data
    if data.lstrip().startswith(b"{\\rtf"):
        return Bid(0.9, "rtf")
    if not data.startswith(b"PK\x03\x04"):
        return Bid(0, "no_magic")
    if _ODT in data[:200]:
        return Bid(0.95, "odt")
    return Bid(0.95, "docx") if _WORD.search(data) and not _SHEETS.search(data) else Bid(0, "no_document")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the document's tables, then its text.  Raises `UserError` when it holds neither."""
    document = _read(entry, limits)
    shown = "!".join((entry.outer.shown, *entry.members))
    if not document.texts and not document.tables:
        code = "ingest_document_damaged" if document.damaged else "ingest_document_empty"
        raise UserError(code, ExitCode.UNREADABLE, path=shown)
    if document.damaged:
        entry.note("document_damaged")
    for number, rows in enumerate(document.tables, start=1):
        width = max(map(len, rows))
        padded = [row + [""] * (width - len(row)) for row in rows]
        named = is_header(padded[0], padded[1:_LOOKED])
        yield CellTable(
            entry,
            limits,
            NAME,
            names=padded[0] if named else default_names(width),
            pieces=partial(_rows, padded, limits, first=2 if named else 1),
            table=f"table_{number}",
            header=named,
            header_lines=int(named),
        )
    if document.texts:
        texts = [[part, text] for part, text in document.texts]
        pieces = partial(_rows, texts, limits, first=1)
        yield CellTable(
            entry, limits, NAME, names=("part", "text"), pieces=pieces, table="text", header=False, prose=("text",)
        )


def _read(entry: Entry, limits: Limits) -> Document:
    """Return what an entry holds.  Raises `UserError` when it is not what it begins like."""
    shown = "!".join((entry.outer.shown, *entry.members))
    with random_access(entry, limits)() as file:
        if file.read(2) != b"PK":
            file.seek(0)
            data = bytearray()
            while len(data) < _MOST_RTF and (more := file.read(MIB)):
                data += more
            text = text_of(bytes(data))
            return Document(
                texts=[("document", text)] if text.strip() else [], damaged=data.count(b"{") > data.count(b"}")
            )
        file.seek(0)
        try:
            return read(file, min(_MOST, limits.total_bytes))  # type: ignore[arg-type]
        except EntityError:
            raise UserError("ingest_xml_entities", ExitCode.UNREADABLE, path=shown) from None


def _rows(rows: list[list[str]], limits: Limits, first: int) -> Iterator[Piece]:
    """Yield rows from number `first` on."""
    names = tuple(str(k) for k in range(len(rows[0])))
    gather = Gather(names, limits)
    for line, row in enumerate(rows[first - 1 :], start=first):
        if not any(row):
            yield Piece(blank=1)
            continue
        raw = "\t".join(row).encode("utf-8", "surrogatepass")
        if piece := gather.add(dict(zip(names, row, strict=True)), line, 0, raw):
            yield piece
    yield from gather.rest()
