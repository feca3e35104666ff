"""JSON in the shapes that leaks have: arrays, objects of arrays, one value a line, exports of databases.

1. One value a line where the first lines are each a whole value, else documents of any size (`jsondocument`).
2. Text as JavaScript, Python or the MongoDB shell write it is rewritten as JSON on the way.
3. Records become tables as `parsers.trees` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.jsondecode import Broken, Decoder
from etanche.ingest.parsers.jsondocument import documents
from etanche.ingest.parsers.jsonlines import lines
from etanche.ingest.parsers.jsontext import blocks, encoding_of, odd, plain
from etanche.ingest.parsers.trees.batches import Batch
from etanche.ingest.parsers.trees.table import tree_tables
from etanche.ingest.parsers.trees.values import SCALARS
from etanche.ingest.tables import Table

NAME = "json"
_SUFFIXES = frozenset(("json", "jsonl", "ndjson", "jl", "geojson", "har", "bson.json", "json5", "js"))
_WRAPPED = rb"(?:(?:var|let|const|window\.|self\.)?\s*[\w$.]+\s*=\s*|[\w$.]+\s*\(\s*|/\*.*?\*/\s*|//[^\n]*\n\s*)*"
_START = re.compile(rb"(?s)[\s\x1e]*(" + _WRAPPED + rb")([\[{])\s*(.?)")
_OBJECT = re.compile(rb"""(?s)\{\s*(?:"(?:[^"\\\n]|\\.){0,500}"|'(?:[^'\\\n]|\\.){0,500}'|[A-Za-z_$][\w$]*)\s*:""")
_ARRAY = re.compile(rb"""(?s)\[\s*(?:[\[{"'\]]|-?\d[\d.eE+\-]*\s*[,\]]|true\b|false\b|null\b)""")
_COMMENTS = re.compile(rb"(?s)/\*.*?\*/|//[^\n]*")


def bid(head: Head) -> Bid:
    """Bid on text that begins like a JSON value."""
    data = plain(head.data).lstrip(b" \t\r\n\x1e")
    match = _START.match(data[:8192])
    if match is None or b"\0" in data[:4096]:
        return Bid(0, "no_bracket")
    text = _COMMENTS.sub(b" ", data[match.start(2) : match.start(2) + 8192])
    named = head.suffix in _SUFFIXES
    if match.group(1).strip() and not named and b"{" not in text:
        return Bid(0, "no_json")
    if _OBJECT.match(text):
        return Bid(0.8, "object")
    if _ARRAY.match(text):
        return Bid(0.8 if named or re.match(rb"\[\s*[\[{\]]", text) or _listed(text) else 0.45, "array")
    return Bid(0.8 if named and match.group(3) in b"}]" else 0, "no_json")


def _listed(text: bytes) -> bool:
    """Tell whether an array of scalars is more likely than a line that begins with a bracket."""
    return bool(re.match(rb'\[\s*(?:"(?:[^"\\]|\\.)*"|[\w.+\-]+)\s*(?:,\s*(?:"|[\-\d{\[tfn])|\])', text))


class JsonTrees:
    """The records of a JSON text."""

    def __init__(self, entry: Entry, limits: Limits) -> None:
        self._entry, self._limits = entry, limits
        head = entry.head()
        text = plain(head)
        self._odd = odd(text)
        self.lines = by_line(text)
        self.encoding = encoding_of(head)[0]
        self.decoder = Decoder()

    def batches(self, needles: tuple[bytes, ...] = ()) -> Iterator[Batch]:
        """Read the text from its start."""
        self.decoder.redecoded = 0

        def opener() -> Iterator[bytes]:
            normal = self._odd and not self.lines
            return blocks(self._entry, self._limits.block_bytes, normal=normal)

        if self.lines:
            yield from lines(opener, self.decoder, self._limits, needles)
        else:
            for batch in documents(opener, self.decoder, self._limits):
                yield _turned(batch)
        self.decoder.ends()
        if self.decoder.redecoded:
            self._entry.note("lines_other_encoding", lines=self.decoder.redecoded, encoding=self.decoder.other)


def by_line(text: bytes) -> bool:
    """Tell whether text holds one value a line."""
    whole = text[: text.rfind(b"\n") + 1] if b"\n" in text else text
    filled = [line.strip(b" \t\r\x1e") for line in whole.split(b"\n") if line.strip(b" \t\r\x1e")]
    if len(filled) <= 1 or sum(line.endswith(b",") for line in filled[:20]) > 1:
        # One line longer than the head is read as a document of its own; lines with commas are an array's.
        return False
    decoder = Decoder()
    whole_lines = [_whole(decoder, line) for line in filled[:20]]
    return sum(whole_lines) * 2 > len(whole_lines) or (whole_lines[0] and len(whole_lines) == 2)


def _whole(decoder: Decoder, line: bytes) -> bool:
    """Tell whether a line is an object or an array."""
    if line[:1] not in b"{[":
        return False
    try:
        return isinstance(decoder.one(line), dict | list)
    except Broken:
        return False


def _turned(batch: Batch) -> Batch:
    """Turn a document that gives its table column by column."""
    if batch.path or batch.partial or len(batch.values) != 1 or type(batch.values[0]) is not dict:
        return batch
    value: dict[str, Any] = batch.values[0]
    columns = list(value.values())
    rows: list[Any] | None = None
    if len(columns) > 1 and all(type(column) is list and _flat(column) for column in columns):
        if len({len(column) for column in columns}) == 1 and len(columns[0]) > 1:
            rows = [dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True)]
    elif len(columns) > 1 and all(type(column) is dict and _flat(list(column.values())) for column in columns):
        index = list(columns[0])
        if len(index) > 1 and index[0] == "0" and all(list(column) == index for column in columns):
            rows = [{key: column[place] for key, column in value.items()} for place in index]
    if rows is not None:
        batch.values, batch.numbers = rows, range(1, len(rows) + 1)
    return batch


def _flat(column: list[Any]) -> bool:
    return all(type(cell) in SCALARS for cell in column)


def tables(entry: Entry, limits: Limits) -> Iterator[Table]:
    """Yield the tables of a JSON text.  Raises `UserError` when there is no record in it."""
    found = False
    for table in tree_tables(entry, limits, NAME, JsonTrees(entry, limits), needle=_needle):
        found = True
        yield table
    if not found:
        raise UserError("ingest_no_record", ExitCode.UNREADABLE, path="!".join((entry.outer.shown, *entry.members)))


def _needle(told: str) -> bytes:
    """Return what any record of a type holds; nothing for a type that may be spelled otherwise."""
    return f'"{told}"'.encode() if told.isascii() and told.replace(" ", "").isalnum() else b""
