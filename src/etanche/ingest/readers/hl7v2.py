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
from dataclasses import dataclass, field, replace
from functools import partial

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.embedded import Document, Place, document, embedded
from etanche.ingest.parsers.gather import Columns, Gather
from etanche.ingest.parsers.hl7types import fields, row_of
from etanche.ingest.parsers.hl7v2 import Row, Separators, separators_of, split
from etanche.ingest.parsers.segments import Segment, Telling, decoded, narrow, walk, wide_encoding
from etanche.ingest.scan import Piece
from etanche.ingest.tables import CellTable
from etanche.model import QuarantineReason

NAME = "hl7v2"
_SPEC = "hl7v2.toml"
_FIRST = re.compile(rb"[\x0b\s]{0,64}(?:MSH|FHS|BHS)([^\w\s])[^\w\s]{2,5}\1")
_LATER = re.compile(rb"[\r\n\x0b]MSH([^\w\s])[^\w\s]{2,5}\1")
_CONTEXT = ("message", "control_id", "patient_id", "order_index")
_TELLING = frozenset({b"MSH", b"PID", b"OBR", b"OBX"})
"""Segments that say where those after them belong."""
_AFTER_ORDERS = frozenset({"OBX", "NTE", "SPM", "TCD", "SID"})


def bid(head: Head) -> Bid:
    """Bid on a message header with its separators, at the start or after a few lines that are none."""
    data = narrow(head.data)
    if _FIRST.match(data):
        return Bid(0.95, "message_header")
    return Bid(0.7, "message_header_later") if _LATER.search(data) else Bid(0, "no_message_header")


@dataclass(slots=True)
class Context:
    """Where in the messages a pass is."""

    spec: str = _SPEC
    separators: Separators = field(default_factory=Separators)
    encoding: str = "cp1252"
    """What text is in that is not UTF-8."""
    message: int = 0
    control: str = ""
    patient: str = ""
    order: int = 0
    results: int = 0

    def see(self, kind: str, text: str) -> None:
        """Take in what a segment says of those after it."""
        if kind == "MSH":
            declared = separators_of(text)
            if declared != replace(self.separators, encoding=declared.encoding):
                self.separators = replace(declared, encoding=self.separators.encoding)
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

    def row(self, kind: str, text: str) -> Row:
        """Return the row of a segment, with where it stands."""
        row = row_of(self.spec, kind, split(text, self.separators), self.separators)
        cells = {"message": str(self.message), "control_id": self.control}
        if kind not in {"MSH", "PID"} and self.patient:
            cells["patient_id"] = self.patient
        if kind in _AFTER_ORDERS and self.order:
            cells["order_index"] = str(self.order)
        row.cells = cells | {name: cell for name, cell in row.cells.items() if name != "control_id"}
        for rank, name in enumerate(_CONTEXT, start=-len(_CONTEXT)):
            row.ranks[name] = rank
        return row


def starts(entry: Entry) -> re.Pattern[bytes]:
    """Return what begins a segment in an entry: its name and the field separator, or a known name alone on a line."""
    data = narrow(entry.head())
    match = _FIRST.match(data) or _LATER.search(data)
    mark = re.escape(match.group(1)) if match else rb"\|"
    alone = "|".join(sorted(fields(_SPEC))).encode()
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
        if not segment.whole or not segment.kind:
            continue
        found.telling.see(segment.raw)
        kind, row, carried = read(segment, context, documents=documents)
        if carried and len(found.documents) <= limits.members:
            found.documents.append(carried)
        if kind not in found.columns:
            found.columns[kind] = Columns()
        found.columns[kind].see(row.cells, row.ranks)
        found.open_batches += {"FHS": 1, "BHS": 1, "FTS": -1, "BTS": -1}.get(kind, 0)
    return found


def read(segment: Segment, context: Context, *, documents: bool) -> tuple[str, Row, tuple[Place, str] | None]:
    """Return the kind and the row of a segment, and the document that it carries with the name it gets."""
    kind, raw = segment.kind.decode("ascii"), segment.raw
    carried = _carried(segment, context) if kind == "OBX" and documents else None
    if carried is None:
        text = decoded(raw, context.encoding)
        context.see(kind, text)
        return kind, context.row(kind, text), None
    mark = context.separators.field.encode()
    values = raw.split(mark)
    values[5] = b""
    text = decoded(mark.join(values), context.encoding)
    context.see(kind, text)
    row = context.row(kind, text)
    name = f"message-{context.message}-OBX-{context.results}.{carried.suffix}"
    about = zip(("source", "type", "subtype", "encoding"), carried.about, strict=True)
    row.at = 5
    for part, value in about:
        row.put(f"document_{part}", decoded(value, context.encoding))
    if carried.text:
        row.cells["value"] = decoded(carried.text, "cp1252")
        row.ranks.setdefault("value", 5)
        return kind, row, None
    row.put("document", name)
    return kind, row, (carried.place, name)


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
        context = Context(encoding=found.telling.other)
        yield CellTable(
            entry,
            limits,
            NAME,
            names=columns.names,
            pieces=partial(_pieces, entry, limits, pattern, (kind, columns.names, index == 0), context),
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
    start: Context,
) -> Iterator[Piece]:
    """Yield the rows of one kind of segment; the first table also has what is no segment at all."""
    kind, names, first = wanted
    gather = Gather(names, limits)
    context = replace(start)
    documents = not wide_encoding(entry.head(4096))
    name = kind.encode()
    for segment in walk(entry, limits, pattern):
        if segment.kind == name or (first and not segment.kind):
            if not segment.whole:
                yield from gather.aside(segment.number, segment.offset, QuarantineReason.TOO_LONG, segment.raw)
            elif not segment.kind:
                yield from gather.aside(segment.number, segment.offset, QuarantineReason.TOO_FEW_CELLS, segment.raw)
            else:
                _, row, _ = read(segment, context, documents=documents)
                yield from gather.add(row.cells, segment.number, segment.offset, segment.raw)
        elif segment.kind in _TELLING:
            context.see(segment.kind.decode("ascii"), decoded(segment.raw, context.encoding))
    yield from gather.rest()
