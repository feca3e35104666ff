r"""HL7 v2 messages (ER7): one table a kind of segment, and the documents that travel in them.

1. Any number of messages, with or without batch headers (FHS, BHS) or MLLP frames, segments ended by CR, LF or CRLF.
2. Every row says its message (its number in the entry and MSH-10), whose it is (the first identifier of PID-3), and
   for what follows an order (OBX, NTE) the number of that OBR in the message: rows of several tables can be joined.
3. Columns are those that are filled somewhere (`parsers/hl7v2.toml` names fields), so an entry is read once to find
   them, and once for each table.
4. UTF-8 is believed before MSH-18, which lies; text that is no UTF-8 is decoded as the encoding chooser says.
5. A document in OBX-5 (ED, Base64 or Hex) becomes an entry of its own, named in its row; plain text stays in the
   row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.embedded import Document, Place, document, embedded
from etanche.ingest.parsers.gather import Columns, Gather
from etanche.ingest.parsers.hl7types import Fields, fields
from etanche.ingest.parsers.hl7v2 import Separators, separators_of, split
from etanche.ingest.parsers.segments import Segment, Telling, decoded, narrow, walk, wide_encoding
from etanche.ingest.scan import Piece
from etanche.ingest.tables import CellTable
from etanche.model import QuarantineReason

NAME = "hl7v2"
_FIRST = re.compile(rb"[\x0b\s]{0,64}(?:MSH|FHS|BHS)([^\w\s])[^\w\s]{2,5}\1")
_LATER = re.compile(rb"[\r\n\x0b]MSH([^\w\s])[^\w\s]{2,5}\1")
_CONTEXT = {"message": -4, "control_id": -3, "patient_id": -2, "order_index": -1}
"""Columns that say where a row belongs, before all others."""
_BATCHES = {"FHS": 1, "BHS": 1, "FTS": -1, "BTS": -1}
_DIALECTS = 20
_AFTER_ORDERS = frozenset({"OBX", "NTE", "SPM", "TCD", "SID"})


def bid(head: Head) -> Bid:
    """Bid on a message header with its separators, at the start or after a few lines that are none."""
    data = narrow(head.data)
    if _FIRST.match(data):
        return Bid(0.95, "message_header")
    return Bid(0.7, "message_header_later") if _LATER.search(data) else Bid(0, "no_message_header")


class Context:
    """Where in the messages a pass is."""

    spec = "hl7v2.toml"

    def __init__(self, encoding: str = "cp1252") -> None:
        """Begin before the first message; `encoding` is what text is in that is not UTF-8."""
        self.encoding = encoding
        self.separators = Separators(encoding=encoding)
        self.fields = Fields(self.spec, self.separators)
        self.message = self.order = self.results = 0
        self.control = self.patient = ""
        self._declared = ""
        self._all: dict[Separators, Fields] = {self.separators: self.fields}

    def see(self, kind: str, text: str) -> None:
        """Take in what a segment says of those after it."""
        if kind == "MSH":
            if text[3:9] != self._declared:
                self._declared = text[3:9]
                self._separate(separators_of(text, self.encoding))
            self.message += 1
            self.patient, self.order, self.results = "", 0, 0
            values = text.split(self.separators.field, 10)
            self.control = values[9] if len(values) > 9 else ""
        elif kind == "PID":
            self.order = 0
            values = text.split(self.separators.field, 4)
            first = values[3] if len(values) > 3 else ""
            self.patient = first.partition(self.separators.component)[0].partition(self.separators.repetition)[0]
        elif kind == "OBR":
            self.order += 1
        elif kind == "OBX":
            self.results += 1

    def _separate(self, separators: Separators) -> None:
        self.separators = separators
        if len(self._all) > _DIALECTS:
            self._all.clear()
        self.fields = self._all.setdefault(separators, Fields(self.spec, separators))

    def row(self, kind: str, text: str) -> dict[str, str]:
        """Return the cells of a segment, with where it stands."""
        cells = {"message": str(self.message)}
        if kind != "MSH":
            cells["control_id"] = self.control
            if kind != "PID" and self.patient:
                cells["patient_id"] = self.patient
        if kind in _AFTER_ORDERS and self.order:
            cells["order_index"] = str(self.order)
        return self.fields.cells(kind, split(text, self.separators), cells)

    def rank(self, kind: str, name: str) -> int:
        """Return where a column stands in its table."""
        return _CONTEXT[name] if name in _CONTEXT else self.fields.ranks(kind).get(name, 1 << 20)


def starts(entry: Entry) -> re.Pattern[bytes]:
    """Return what begins a segment in an entry: its name and the field separator, or a known name alone on a line."""
    data = narrow(entry.head())
    match = _FIRST.match(data) or _LATER.search(data)
    mark = re.escape(match.group(1)) if match else rb"\|"
    alone = "|".join(sorted(fields(Context.spec))).encode()
    return re.compile(
        rb"[\r\n\x0b\x1c][ \t]{0,8}((?:MSH|FHS|BHS)(?=[^\w\s])|[A-Z][A-Z0-9]{2}(?=%b)|(?:%b)(?=[\r\n]))" % (mark, alone)
    )


@dataclass(slots=True)
class Survey:
    """What one reading of an entry finds: the kinds of segments, their columns, the documents."""

    columns: dict[str, Columns] = field(default_factory=dict)
    telling: Telling = field(default_factory=Telling)
    documents: list[tuple[Place, str]] = field(default_factory=list)
    open_batches: int = 0


def survey(entry: Entry, limits: Limits, pattern: re.Pattern[bytes]) -> Survey:
    """Read an entry once to find what tables it holds."""
    found = Survey()
    context = Context()
    documents = not wide_encoding(entry.head(4096))
    for segment in walk(entry, limits, pattern):
        if not segment.kind:
            continue
        kind = segment.kind.decode("ascii")
        if kind not in found.columns:
            found.columns[kind] = Columns()
        if not segment.whole:
            found.columns[kind].see({"message": ""}, _CONTEXT.get)
            continue
        found.telling.see(segment.raw)
        cells, carried = read(segment, context, documents=documents)
        if carried and len(found.documents) <= limits.members:
            found.documents.append(carried)
        found.columns[kind].see(cells, partial(context.rank, kind))
        found.open_batches += _BATCHES.get(kind, 0)
    return found


def read(segment: Segment, context: Context, *, documents: bool) -> tuple[dict[str, str], tuple[Place, str] | None]:
    """Return the cells of a segment, and the document that it carries with the name it gets."""
    kind, raw = segment.kind.decode("ascii"), segment.raw
    carried = _carried(segment, context) if kind == "OBX" and documents else None
    if carried is None:
        text = decoded(raw, context.encoding)
        context.see(kind, text)
        return context.row(kind, text), None
    mark = context.separators.field.encode()
    values = raw.split(mark)
    values[5] = b""
    text = decoded(mark.join(values), context.encoding)
    context.see(kind, text)
    cells = context.row(kind, text)
    for part, value in zip(("source", "type", "subtype", "encoding"), carried.about, strict=True):
        cells[f"document_{part}"] = decoded(value, context.encoding)
    if carried.text:
        cells["value"] = decoded(carried.text, "cp1252")
        return cells, None
    cells["document"] = f"message-{context.message}-OBX-{context.results}.{carried.suffix}"
    return cells, (carried.place, cells["document"])


def _carried(segment: Segment, context: Context) -> Document | None:
    """Return the document in an OBX segment, None when it carries none."""
    mark = context.separators.field.encode()
    values = segment.raw.split(mark, 6)
    if len(values) < 6 or values[2] != b"ED":
        return None
    at = sum(map(len, values[:5])) + 5 * len(mark)
    return document(values[5], context.separators.component.encode(), segment.offset + at)


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable | Entry]:
    """Yield one table a kind of segment, in the order in which they appear, then the documents."""
    pattern = starts(entry)
    found = survey(entry, limits, pattern)
    if found.open_batches > 0:
        entry.note("batch_cut")
    for index, (kind, columns) in enumerate(found.columns.items()):
        yield CellTable(
            entry,
            limits,
            NAME,
            names=columns.names,
            pieces=partial(_pieces, entry, limits, pattern, (kind, columns.names, index == 0), found.telling.other),
            table=kind,
            encoding=found.telling.encoding,
        )
    make = embedded(entry, limits)
    for where, name in found.documents:
        yield make(where, name)


def _pieces(
    entry: Entry,
    limits: Limits,
    pattern: re.Pattern[bytes],
    wanted: tuple[str, tuple[str, ...], bool],
    encoding: str,
) -> Iterator[Piece]:
    """Yield the rows of one kind of segment; the first table also has what is no segment at all."""
    kind, names, first = wanted
    gather = Gather(names, limits)
    context = Context(encoding)
    documents = not wide_encoding(entry.head(4096))
    name = kind.encode()
    telling = {b"MSH", b"PID", b"OBR"} if kind in _AFTER_ORDERS else {b"MSH", b"PID"}
    for segment in walk(entry, limits, pattern, frozenset({name} | telling | ({b""} if first else set()))):
        if segment.kind == name or not segment.kind:
            if not segment.whole:
                yield from gather.aside(segment.number, segment.offset, QuarantineReason.TOO_LONG, segment.raw)
            elif not segment.kind:
                yield from gather.aside(segment.number, segment.offset, QuarantineReason.TOO_FEW_CELLS, segment.raw)
            else:
                cells, _ = read(segment, context, documents=documents)
                if piece := gather.add(cells, segment.number, segment.offset, segment.raw):
                    yield piece
        elif segment.whole:
            context.see(segment.kind.decode("ascii"), decoded(segment.raw, encoding))
    yield from gather.rest()
