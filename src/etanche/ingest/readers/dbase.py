"""DBF: dBase III to 7, FoxPro, Clipper.  One file, one table; its records are read as a stream (`parsers.dbase`).

1. The encoding is that of a `.cpg` file beside it, else the language byte's, else what the cells look most like.
2. Records marked as deleted are rows like others, and a note counts them: they have leaked as well.
3. Memo files (.dbt, .fpt) beside a plain file are read; without them the cells are empty, and a note counts those.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.encodings import choose, looks_utf8
from etanche.ingest.entries import Entry, Stream, open_binary
from etanche.ingest.limits import Limits, Note
from etanche.ingest.parsers.dbase import Decode, Layout, MemoFile, Speller, blocks, layout
from etanche.ingest.scan import Piece
from etanche.ingest.tables import CellTable, piece_of
from etanche.model import Quarantined, QuarantineReason

NAME = "dbase"
_HEAD = 1 << 16
_TELLING = 4000
"""Cells beyond ASCII that are looked at to tell the encoding."""


def bid(head: Head) -> Bid:
    """Bid on a header whose fields add up to its records."""
    return Bid(0.9, "header") if layout(head.data) else Bid(0, "no_header")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the table.  Raises `UserError` when there is none."""
    shape = layout(entry.head(_HEAD))
    if shape is None:
        shown = entry.shown
        raise UserError("ingest_table_file_damaged", ExitCode.UNREADABLE, path=shown, format="DBF")
    encoding = _encoding(entry, shape)

    def decode(data: bytes) -> str:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            # Bytes that the code page leaves open: as they are, one character each.
            return data.decode("latin-1")

    def pieces() -> Iterator[Piece]:
        yield from _pieces(entry, limits, shape, decode, table)

    speller = Speller(shape, decode, None)
    names = [decode(shape.fields[k].name) for k in speller.shown]
    table = CellTable(entry, limits, NAME, names=names, pieces=pieces, encoding=encoding)
    yield table


def _skip(stream: Stream, count: int) -> None:
    while count > 0 and (data := stream.read(count)):
        count -= len(data)


def _encoding(entry: Entry, shape: Layout) -> str:
    """Return the encoding of the texts."""
    page = _beside(entry, (".cpg",))
    if page is not None:
        with open_binary(page) as file:
            name = file.read(40).decode("ascii", "replace").strip().lower()
        try:
            return codecs.lookup(f"cp{name}" if name.isdecimal() else name).name
        except LookupError:
            pass
    telling = _telling(entry, shape)
    if shape.language and not (telling and all(map(looks_utf8, telling))):
        return shape.language
    return choose(telling)[0]


def _telling(entry: Entry, shape: Layout) -> list[bytes]:
    """Return texts beyond ASCII from all over the file."""
    at = 1
    spans: list[tuple[int, int]] = []
    for one in shape.fields:
        if one.kind == "C":
            spans.append((at, at + one.size))
        at += one.size
    telling: list[bytes] = []
    every = 1
    stream = entry.opener()
    try:
        _skip(stream, shape.begin)
        for index, (records, _) in enumerate(blocks(stream.read, shape)):
            if index % every or records.isascii():
                continue
            for start in range(0, len(records), shape.size):
                record = records[start : start + shape.size]
                if not record.isascii():
                    telling += [cell for a, b in spans if not (cell := record[a:b].rstrip(b" \0")).isascii()]
            if len(telling) > _TELLING:
                telling, every = telling[::2], every * 2
    finally:
        stream.close()
    return telling


def _beside(entry: Entry, suffixes: tuple[str, ...]) -> Path | None:
    """Return the file of the same name with one of some suffixes, whatever their case."""
    if not entry.plain:
        return None
    path = entry.outer.path
    try:
        near = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    except OSError:
        return None
    for file in near:
        if file.suffix.lower() in suffixes and file.stem.lower() == path.stem.lower() and file.is_file():
            return file
    return None


def _pieces(entry: Entry, limits: Limits, shape: Layout, decode: Decode, table: CellTable) -> Iterator[Piece]:
    """Yield all records."""
    with ExitStack() as stack:
        memos = None
        beside = _beside(entry, (".fpt", ".dbt")) if shape.memos else None
        if beside is not None:
            file = stack.enter_context(open_binary(beside))
            memos = MemoFile(file, foxpro=beside.suffix.lower() == ".fpt")
        speller = Speller(shape, decode, memos)
        stream = entry.opener()
        stack.callback(stream.close)
        _skip(stream, shape.begin)
        number, offset = 1, shape.begin
        for records, cut in blocks(stream.read, shape):
            rows = speller.rows(records) if records else []
            aside = []
            if cut:
                raw = cut[: limits.raw_bytes]
                aside.append(Quarantined(number + len(rows), offset + len(records), QuarantineReason.CUT, raw))
            yield piece_of(rows, first_line=number, offset=offset, quarantined=aside)
            number += len(rows)
            offset += len(records)
        if number - 1 < shape.records:
            _say(table, "records_fewer", read=number - 1, said=shape.records)
        if speller.deleted:
            _say(table, "records_deleted", count=speller.deleted)
        if speller.memos_missing:
            _say(table, "memos_missing", count=speller.memos_missing)


def _say(table: CellTable, code: str, **params: int) -> None:
    """Note something of the table; each pass says the same again."""
    kept = [note for note in table.own_notes if note.code != code]
    table.own_notes[:] = [*kept, Note(code, tuple(params.items()))]
