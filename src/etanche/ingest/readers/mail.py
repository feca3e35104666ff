"""Mails (eml, the files of a Maildir, mbox): one table of messages, and each attachment as an entry of its own.

1. An mbox is streamed: never more than one message is held, and of that no more than `segments.MOST` bytes.
2. The text of a message is one cell, with its line breaks; HTML is read as text where there is no plain text.
3. Attachments are named in the row of their message and opened by whoever reads them; a mail in a mail is one.
   Pictures, sounds and signatures are named only.  A text that another reader knows (HPRIM, HL7) is opened as well.
4. The headers that have no column are kept together in `headers`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from etanche.ingest.bids import Bid, Head, best
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.embedded import Place, decode, embedded
from etanche.ingest.parsers.gather import Columns, Gather
from etanche.ingest.parsers.mailparts import PROSE, Mail, Part, address, body, header, items, take_apart, words
from etanche.ingest.parsers.segments import Segment, walk
from etanche.ingest.scan import Piece
from etanche.ingest.tables import CellTable
from etanche.model import QuarantineReason

NAME = "mail"
_FROM = rb"From (?=\S{1,200} {1,4}[^\r\n]{0,60}\d{1,2}:\d\d[^\r\n]{0,40}(?:\r?\n|\Z))"
_MBOX = re.compile(rb"\s{0,16}" + _FROM)
_STARTS = re.compile(rb"\n(" + _FROM + rb")")
_ONE = re.compile(rb"(?!)()")
_REACH = 400
_NAME = re.compile(rb"([A-Za-z][A-Za-z0-9-]{0,60}):")
_ORIGIN = frozenset({b"from", b"received", b"return-path", b"delivered-to", b"x-originating-ip"})
_KNOWN = _ORIGIN | {b"to", b"subject", b"date", b"message-id", b"mime-version", b"content-type", b"cc", b"reply-to"}
_UNREAD = ("image/", "audio/", "video/", "font/", "application/pgp-signature", "application/pkcs7-signature")
_COLUMNS = (
    ("date", "Date"),
    ("from_name", ""),
    ("from_email", ""),
    ("to", "To"),
    ("cc", "Cc"),
    ("bcc", "Bcc"),
    ("reply_to", "Reply-To"),
    ("account", "Delivered-To"),
    ("subject", "Subject"),
    ("message_id", "Message-ID"),
    ("in_reply_to", "In-Reply-To"),
)
_TAKEN = {name.lower() for _, name in _COLUMNS if name} | {"from"}
_ORDER = ["message", *(name for name, _ in _COLUMNS), "attachments", "headers", "text"]
_ENDINGS = {"message/rfc822": ".eml", "text/plain": ".txt", "text/csv": ".csv", "application/pdf": ".pdf"}
_MARKS = re.compile(rb"\*{3,5}(?:LAB|FIN)|[\^~]\\&|\|~\^")
"""What the formats of messages that may be the text of a mail have and letters have not."""
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|]+")


class Attachment(NamedTuple):
    """A file in a mail: its name as an entry, and where it stands."""

    name: str
    place: Place


def bid(head: Head) -> Bid:
    """Bid on the first line of an mbox, or on headers that mails have."""
    data = head.data.removeprefix(b"\xef\xbb\xbf")
    if _MBOX.match(data) and _is_mail(data.lstrip().partition(b"\n")[2]):
        return Bid(0.96, "mbox")
    return Bid(0.93, "headers") if _is_mail(data) else Bid(0, "no_headers")


def _is_mail(data: bytes) -> bool:
    """Tell whether text begins with the headers of a mail, and nothing else."""
    names: set[bytes] = set()
    for k, line in enumerate(data[: 1 << 15].splitlines()):
        if not line.strip():
            break
        match = _NAME.match(line)
        if match:
            names.add(match.group(1).lower())
        elif k == 0 or not line.startswith((b" ", b"\t")):
            # The last line may be cut off by the end of the head.
            if len(names) < 6:
                return False
            break
    return len(names & _KNOWN) >= 3 and bool(names & _ORIGIN)


def tables(entry: Entry, limits: Limits) -> Iterator[CellTable | Entry]:
    """Yield the table of messages, then their attachments."""
    columns = Columns()
    attachments: list[Attachment] = []
    cut = False
    several = bool(_MBOX.match(entry.head()))
    for segment in _messages(entry, limits):
        if _is_rest(segment, several):
            continue
        cells, mail, found = _read(segment, several)
        columns.see(cells, _rank)
        cut = mail.cut or not segment.whole
        attachments += found[: max(0, limits.members + 1 - len(attachments))]
    if cut:
        entry.note("record_cut")
    names = columns.names or ("message",)
    pieces = partial(_pieces, entry, limits, names, several)
    yield CellTable(entry, limits, NAME, names=names, pieces=pieces, prose=PROSE)
    make = embedded(entry, limits)
    for name, place in attachments:
        yield make(place, name)


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _messages(entry: Entry, limits: Limits) -> Iterator[Segment]:
    """Yield the messages of an entry: those of an mbox begin with their "From " line."""
    starts = _STARTS if _MBOX.match(entry.head()) else _ONE
    yield from walk(entry, limits, starts, reach=_REACH)


def _is_rest(segment: Segment, several: bool) -> bool:
    """Tell whether a segment is what stands before the first message of an mbox."""
    return several and not segment.kind


def _read(segment: Segment, several: bool) -> tuple[dict[str, str], Mail, list[Attachment]]:
    """Return the cells of a message, its parts, and its attachments."""
    raw = segment.raw
    mail = take_apart(raw, raw.find(b"\n") + 1 if segment.kind else len(raw) - len(raw.lstrip()))
    headers = mail.headers
    name, mailbox = address(header(headers, "From"))
    cells = {"message": str(segment.number), "from_name": name, "from_email": mailbox}
    for column, wanted in _COLUMNS:
        if wanted:
            cells[column] = header(headers, wanted)
    files = [
        (_attachment(segment, part, number, several), part)
        for number, part in enumerate(mail.parts, start=1)
        if part.attached or _known(raw, part)
    ]
    taken: dict[str, int] = {}
    for k, (file, part) in enumerate(files):
        times = taken[file.name] = taken.get(file.name, 0) + 1
        if times > 1:
            files[k] = (file._replace(name=f"{file.name}_{times}"), part)
    cells["attachments"] = "\n".join(file.name.rpartition("/")[2] for file, part in files if part.attached)
    others = [f"{words(key)}: {words(value)}" for key, value in items(headers) if key.lower() not in _TAKEN]
    cells["headers"] = "\n".join(others)
    cells["text"] = body(raw, mail.parts)
    opened = [file for file, part in files if not part.kind.startswith(_UNREAD) and file.place.size]
    return {key: cell for key, cell in cells.items() if cell}, mail, opened


def _known(raw: bytes, part: Part) -> bool:
    """Tell whether the text of a mail is itself of a format that another reader knows."""
    if part.kind != "text/plain":
        return False
    data = decode(raw[part.start : min(part.end, part.start + (1 << 16))], part.encoding).lstrip()
    reader = best(Head("", data)) if _MARKS.search(data) else None
    return reader is not None and reader.NAME not in {NAME, "refuser"} and reader.bid(Head("", data)).score >= 0.7


def _attachment(segment: Segment, part: Part, number: int, several: bool) -> Attachment:
    """Return a part as an attachment, with a name whatever it has."""
    name = _UNSAFE.sub("_", part.name)[:150].strip(" .") or f"part-{number}{_ENDINGS.get(part.kind, '')}"
    place = Place(segment.offset + part.start, part.end - part.start, part.encoding)
    return Attachment(f"message-{segment.number}/{name}" if several else name, place)


def _pieces(entry: Entry, limits: Limits, names: tuple[str, ...], several: bool) -> Iterator[Piece]:
    """Yield the rows of messages; what stands before the first message of an mbox is set aside."""
    gather = Gather(names, limits)
    for segment in _messages(entry, limits):
        if _is_rest(segment, several):
            yield from gather.aside(segment.number, segment.offset, QuarantineReason.TOO_FEW_CELLS, segment.raw)
            continue
        cells, _, _ = _read(segment, several)
        if piece := gather.add(cells, segment.number, segment.offset, segment.raw):
            yield piece
    yield from gather.rest()
