"""HPRIM Médecins ("HPRIM Santé" text, Apicrypt's): tables `patient`, `result` and `text`, joined by the record.

1. Known by its marks (`****LAB****`, `****FIN****`) alone on a line, after at least seven lines.
2. Any number of records a file, in any encoding (CP850 and CP1252 are common).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.gather import Columns, Gather
from etanche.ingest.parsers.hprim_text import HEADER, RESULT, patient, records, results, texts
from etanche.ingest.parsers.segments import Telling, lines, narrow, wide_encoding
from etanche.ingest.scan import Piece
from etanche.ingest.tables import CellTable
from etanche.model import QuarantineReason

NAME = "hprim_text"
_MARK = re.compile(rb"(?:^|[\r\n])[ \t]*\*{3,5}(?:LAB|FIN|FINFICHIER)\*{2,5}[ \t]*(?=[\r\n]|$)")
_TABLES = ("patient", "result", "text")
_ORDER = [
    "record",
    "patient_code",
    "family_name",
    "given_name",
    "address",
    "address_complement",
    "postcode",
    "city",
    "birth_date",
    "nir",
    "request_number",
    "request_date",
    "sender_code",
    "sender_laboratory",
    "recipient_code",
    "recipient_physician",
    *RESULT,
    "part",
    "text",
]


def bid(head: Head) -> Bid:
    """Bid on a mark with a record's first lines before it."""
    data = narrow(head.data)
    match = _MARK.search(data)
    before = len(re.findall(rb"\r\n|\n|\r", data[: match.start()])) if match else 0
    return Bid(0.9, "marks") if before >= 6 else Bid(0, "no_marks")


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable]:
    """Yield the patients, the results if any, the texts if any."""
    telling = Telling()
    columns = {name: Columns() for name in _TABLES}
    whole = True
    for record in records(lines(entry), limits):
        telling.see(record.raw)
        whole = record.ended
        if len(record.header) < HEADER:
            continue
        columns["patient"].see(patient(record, "cp1252"), _rank)
        for _, cells in results(record, "cp1252"):
            columns["result"].see(cells, _rank)
        for cells in texts(record, "cp1252"):
            columns["text"].see(cells, _rank)
    if not whole:
        entry.note("record_cut")
    for name in _TABLES:
        names = columns[name].names or (("record",) if name == "patient" else ())
        if names:
            yield CellTable(
                entry,
                limits,
                NAME,
                names=names,
                pieces=partial(_pieces, entry, limits, name, names, telling.other),
                table=name,
                prose=("text",),
                encoding=wide_encoding(entry.head(4096)) or telling.encoding,
            )


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _pieces(entry: Entry, limits: Limits, table: str, names: tuple[str, ...], encoding: str) -> Iterator[Piece]:
    """Yield the rows of one table; what is no record is set aside with the patients."""
    gather = Gather(names, limits)
    for record in records(lines(entry), limits):
        if len(record.header) < HEADER:
            if table == "patient":
                why = QuarantineReason.TOO_FEW_CELLS if record.ended else QuarantineReason.CUT
                yield from gather.aside(record.line, record.offset, why, record.raw)
            continue
        if table == "result":
            rows = [(line.number, line.offset, line.raw, cells) for line, cells in results(record, encoding)]
        else:
            found = [patient(record, encoding)] if table == "patient" else texts(record, encoding)
            rows = [(record.line, record.offset, record.raw, cells) for cells in found]
        for number, offset, raw, cells in rows:
            if piece := gather.add(cells, number, offset, raw):
                yield piece
    yield from gather.rest()
