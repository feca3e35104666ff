"""Messages of segments (HL7 v2, HPRIM 1-2) as tables: one a kind of segment, and the documents that travel in them.

1. What differs between the two families is data: a `Family`.
2. An entry is surveyed once for its kinds of segments and their filled columns, then read once a table and pass.
3. Every row says where it belongs: its message, whose it is, and for results of which order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.embedded import Document, Place, document, embedded
from etanche.ingest.parsers.gather import Columns, Gather
from etanche.ingest.parsers.hl7fields import Fields
from etanche.ingest.parsers.hl7v2 import Separators, separators_of
from etanche.ingest.parsers.segments import Segment, Telling, decoded, walk, wide_encoding
from etanche.ingest.scan import Piece
from etanche.ingest.tables import CellTable
from etanche.model import QuarantineReason

_CONTEXT = {"message": -5, "control_id": -4, "patient_index": -3, "patient_id": -2, "order_index": -1}
"""Columns that say where a row belongs, before all others."""
_DIALECTS = 20


@dataclass(frozen=True, slots=True)
class Family:
    """How a family of messages names what all of them have."""

    reader: str
    spec: str
    """The file of its named fields."""
    header: str
    patient: str
    patient_fields: tuple[int, ...]
    """Where the patient's identifier stands; the first that is filled counts."""
    control_field: int
    unnumbered: dict[str, list[str]]
    """For segments whose first field is the separators themselves: what to put in its place."""
    after_orders: frozenset[str]
    """Segments that belong to the OBR before them."""
    batches: dict[str, int] = field(default_factory=dict)
    """+1 for what opens a batch, -1 for what closes it."""
    continued: bytes = b""
    """The segment that goes on with the one before it."""
    patients_counted: bool = False


class Context:
    """Where in the messages a pass is."""

    def __init__(self, family: Family, encoding: str = "cp1252") -> None:
        """Begin before the first message; `encoding` is what text is in that is not UTF-8."""
        self.family = family
        self.encoding = encoding
        self.separators = Separators(encoding=encoding)
        self.fields = Fields(family.spec, self.separators)
        self.message = self.patients = self.order = self.results = 0
        self.control = self.patient = ""
        self._declared = ""
        self._all: dict[Separators, Fields] = {self.separators: self.fields}

    def see(self, kind: str, text: str) -> None:
        """Take in what a segment says of those after it."""
        family = self.family
        if kind == family.header:
            size = len(kind)
            if text[size : size + 6] != self._declared:
                self._declared = text[size : size + 6]
                self._separate(separators_of(text[size:], self.encoding))
            self.message += 1
            self.patient, self.patients, self.order, self.results = "", 0, 0, 0
            values = text.split(self.separators.field, family.control_field + 1)
            self.control = values[family.control_field] if len(values) > family.control_field else ""
        elif kind == family.patient:
            self.order = 0
            self.patients += 1
            values = text.split(self.separators.field, family.patient_fields[-1] + 1)
            found = (values[number] for number in family.patient_fields if len(values) > number and values[number])
            first = next(found, "").partition(self.separators.component)[0]
            self.patient = first.partition(self.separators.repetition)[0]
        elif kind == "OBR":
            self.order += 1
        elif kind == "OBX":
            self.results += 1

    def _separate(self, separators: Separators) -> None:
        self.separators = separators
        if len(self._all) > _DIALECTS:
            self._all.clear()
        self.fields = self._all.setdefault(separators, Fields(self.family.spec, separators))

    def row(self, kind: str, text: str) -> dict[str, str]:
        """Return the cells of a segment, with where it stands."""
        family = self.family
        cells = {"message": str(self.message)}
        if kind != family.header:
            cells["control_id"] = self.control
            if family.patients_counted and self.patients:
                cells["patient_index"] = str(self.patients)
            if self.patient:
                cells["patient_id"] = self.patient
        if kind in family.after_orders and self.order:
            cells["order_index"] = str(self.order)
        values = text.split(self.separators.field)
        start = family.unnumbered.get(kind)
        fields = values[1:] if start is None else [*start, *values[2:]]
        return self.fields.cells(kind, fields, cells)

    def rank(self, kind: str, name: str) -> int:
        """Return where a column stands in its table."""
        return _CONTEXT[name] if name in _CONTEXT else self.fields.ranks(kind).get(name, 1 << 20)


@dataclass(slots=True)
class Survey:
    """What one reading of an entry finds: the kinds of segments, their columns, the documents."""

    columns: dict[str, Columns] = field(default_factory=dict)
    telling: Telling = field(default_factory=Telling)
    documents: list[tuple[Place, str]] = field(default_factory=list)
    open_batches: int = 0


def survey(entry: Entry, limits: Limits, family: Family, pattern: re.Pattern[bytes]) -> Survey:
    """Read an entry once to find what tables it holds."""
    found = Survey()
    context = Context(family)
    documents = not wide_encoding(entry.head(4096))
    for segment in _segments(entry, limits, family, pattern, None):
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
        found.open_batches += family.batches.get(kind, 0)
    return found


def _segments(
    entry: Entry, limits: Limits, family: Family, pattern: re.Pattern[bytes], wanted: frozenset[bytes] | None
) -> Iterator[Segment]:
    """Yield the segments of an entry, those of a continued one as one."""
    if not family.continued:
        yield from walk(entry, limits, pattern, wanted)
        return
    last: Segment | None = None
    for segment in walk(entry, limits, pattern):
        if last is not None and segment.kind == family.continued and segment.whole:
            last = last._replace(raw=last.raw + segment.raw[len(segment.kind) + 1 :])
            continue
        if last is not None and (wanted is None or last.kind in wanted):
            yield last
        last = segment
    if last is not None and (wanted is None or last.kind in wanted):
        yield last


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


def message_tables(
    entry: Entry, limits: Limits, family: Family, pattern: re.Pattern[bytes]
) -> Iterator[CellTable | Entry]:
    """Yield one table a kind of segment, in the order in which they appear, then the documents."""
    found = survey(entry, limits, family, pattern)
    if found.open_batches > 0:
        entry.note("batch_cut")
    for index, (kind, columns) in enumerate(found.columns.items()):
        wanted = (kind, columns.names, index == 0)
        yield CellTable(
            entry,
            limits,
            family.reader,
            names=columns.names,
            pieces=partial(_pieces, entry, limits, family, pattern, wanted, found.telling.other),
            table=kind,
            encoding=wide_encoding(entry.head(4096)) or found.telling.encoding,
        )
    make = embedded(entry, limits)
    for where, name in found.documents:
        yield make(where, name)


def _pieces(
    entry: Entry,
    limits: Limits,
    family: Family,
    pattern: re.Pattern[bytes],
    wanted: tuple[str, tuple[str, ...], bool],
    encoding: str,
) -> Iterator[Piece]:
    """Yield the rows of one kind of segment; the first table also has what is no segment at all."""
    kind, names, first = wanted
    gather = Gather(names, limits)
    context = Context(family, encoding)
    documents = not wide_encoding(entry.head(4096))
    name = kind.encode()
    telling = {family.header.encode(), family.patient.encode()} | ({b"OBR"} if kind in family.after_orders else set())
    kinds = frozenset({name} | telling | ({b""} if first else set()))
    for segment in _segments(entry, limits, family, pattern, kinds):
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
