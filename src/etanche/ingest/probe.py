"""The first look at a text: places all over it, its encoding, its dialect, its header.

1. A plain file is read at its head and at places evenly spread over it; a packed one is unpacked once, and every
   k-th block kept, k doubling as the text goes on, so that the places are spread over all of it too.
2. The encoding is chosen on lines from all over: where the places hold few bytes above 0x7f, the whole file is searched
   for such lines (an accent after 900 KB of ASCII counts).
3. Then dialect, number of cells, preamble and header, on the lines of these places.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from etanche.errors import ExitCode, UserError
from etanche.ingest.careful import Shape
from etanche.ingest.decoding import Decoder
from etanche.ingest.dialects import sniff
from etanche.ingest.encodings import Choice, bom, choose_all, line_ends, unit, wide
from etanche.ingest.entries import Entry, open_binary
from etanche.ingest.headers import default_names
from etanche.ingest.limits import MIB, Limits
from etanche.ingest.scan import Reading
from etanche.ingest.stacked import starts, width
from etanche.ingest.tops import Top, above_rows, profile
from etanche.model import Dialect

PLACES = 80
PLACE_BYTES = 48 << 10
HEAD_BYTES = 256 << 10
_TELLING_ENOUGH = 100
_TELLING_MOST = 1000
_SNIFF_HEAD = 120
_SNIFF_EACH = 6
_LINE_CHARS = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """Whole lines from somewhere in the text (the head: from the start, perhaps cut in its last line)."""

    offset: int
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Look:
    """What the first look found: all that reading needs."""

    places: tuple[Place, ...]
    whole: bool
    """The head is the whole text."""
    reading: Reading
    dialect: Dialect
    names: tuple[str, ...]
    header: bool
    start_line: int
    """1-based line of the first row."""
    start_offset: int
    """Byte offset of that line, past any byte-order mark."""
    first_line: int = 1
    """1-based line with which the table begins, what stands above its rows included."""
    stop_offset: int | None = None
    """Byte offset past the table's last line; None at the text's end."""
    prose: bool = False
    """It is one column of lines written for people."""


def looks(entry: Entry, limits: Limits) -> list[Look]:
    """Look at a text; return what was found of each of its tables.  Raises `UserError` for one that holds no column."""
    head, rest, whole = _spread_plain(entry) if entry.plain else _spread_packed(entry)
    encoding, mark = bom(head)
    encoding = encoding or wide(head)
    eol = _eol(head, encoding)
    places = (Place(0, head), *(place for place in (_align(p, encoding, eol) for p in rest) if place.data))
    choice = _encoding(entry, places, encoding, eol, whole=whole)
    encoding = choice.encoding
    decoder = Decoder(encoding, choice.others)
    lines = [_lines(place.data[mark:] if place.offset == 0 else place.data, decoder, eol) for place in places]
    lines[0] = lines[0] if whole or len(lines[0]) < 2 else lines[0][:-1]
    if not any(line.strip("\ufeff\x1a \t\x00") for place in lines for line in place):
        raise UserError("ingest_no_columns", ExitCode.UNREADABLE, path=entry.outer.shown)
    short = [[line for line in place if len(line) < _LINE_CHARS] for place in lines]
    guess = sniff([short[0][:_SNIFF_HEAD], *(place[:_SNIFF_EACH] for place in short[1:])])
    dialect = guess.dialect
    shape = Shape(guess.cells, dialect.delimiter, dialect.quote or '"', dialect.doublequote, guess.pad)
    begins = starts(lines[0], shape) if whole and shape.cells > 1 else [0]
    found: list[Look] = []
    for first, stop in itertools.pairwise([*begins, len(lines[0])]):
        inside = [lines[0][first:stop], *lines[1:]]
        if len(begins) > 1:
            shape = replace(shape, cells=width(inside[0], shape))
        top = Top(0, default_names(1), header=False) if guess.prose else above_rows(inside, shape, limits)
        columns = profile([inside[0][top.lines :], *inside[1:]], shape)
        header = _encoded(top.line.removeprefix("\ufeff"), encoding) if shape.cells > 1 else b""
        reading = Reading(shape, encoding, choice.others, eol, columns, header)
        start = max(mark, _offset_after(head, first + top.lines, encoding, eol))
        end = _offset_after(head, stop, encoding, eol) if stop < len(lines[0]) else None
        line = first + top.lines + 1
        prose = guess.prose and shape.cells == 1
        found.append(Look(places, whole, reading, dialect, top.names, top.header, line, start, first + 1, end, prose))
    return found


def _encoded(line: str, encoding: str) -> bytes:
    """Return a line as blocks hold it: in the text's encoding, or UTF-8 for wide units; b"" where it has no bytes."""
    try:
        return line.encode(encoding if unit(encoding) == 1 else "utf-8")
    except UnicodeEncodeError:
        return b""


def _encoding(entry: Entry, places: tuple[Place, ...], known: str, eol: int, *, whole: bool) -> Choice:
    """Return the encoding, and those of lines that are not in it."""
    if known and known != "utf-8":
        return Choice(known, ())
    telling = list(_telling(places, eol))
    if entry.plain and not whole and len(telling) < _TELLING_ENOUGH:
        telling = _search(entry, eol)
    choice = choose_all(telling)
    return Choice(known, (choice.encoding, *choice.others)) if known and choice.encoding != known else choice


def _spread_plain(entry: Entry) -> tuple[bytes, list[Place], bool]:
    """Read head and places of a plain file; a small one whole."""
    size = entry.total
    with open_binary(entry.outer.path) as file:
        if size <= PLACES * PLACE_BYTES:
            head = b"".join(iter(lambda: file.read(MIB), b""))
            return head, [], True
        head = file.read(HEAD_BYTES)
        places: list[Place] = []
        step = (size - HEAD_BYTES - PLACE_BYTES) / PLACES
        for k in range(PLACES):
            # Multiples of 4, so that wide units stay whole.
            offset = (HEAD_BYTES + round((k + 1) * step)) & ~3
            file.seek(offset)
            places.append(Place(offset, file.read(PLACE_BYTES)))
    return head, places, False


def _spread_packed(entry: Entry) -> tuple[bytes, list[Place], bool]:
    """Unpack once, keeping the head and every k-th block."""
    stream = entry.opener()
    head = bytearray()
    kept: list[Place] = []
    every, index, offset = 1, 0, 0
    try:
        while data := _exactly(stream.read, PLACE_BYTES):
            if len(head) < PLACES * PLACE_BYTES:
                head += data
            elif index % every == 0:
                kept.append(Place(offset, data))
                if len(kept) > 2 * PLACES:
                    kept, every = kept[::2], every * 2
            index += len(head) >= PLACES * PLACE_BYTES
            offset += len(data)
    finally:
        stream.close()
    whole = offset <= len(head)
    return bytes(head if whole else head[:HEAD_BYTES]), kept, whole


def _exactly(read: object, size: int) -> bytes:
    """Return `size` bytes, fewer only at the end."""
    data = bytearray()
    while len(data) < size and callable(read) and (more := read(size - len(data))):
        data += more
    return bytes(data)


def _eol(head: bytes, encoding: str) -> int:
    """Return 13 for a text whose lines end in CR alone, else 10."""
    step = unit(encoding)
    units = np.frombuffer(head[: len(head) - len(head) % step], _dtype(encoding))
    return 13 if not (units == 10).any() and (units == 13).any() else 10


def _dtype(encoding: str) -> str:
    return f"{'>' if encoding.endswith('be') else '<'}u{unit(encoding)}"


def _align(place: Place, encoding: str, eol: int) -> Place:
    """Cut a place to its whole lines."""
    ends = line_ends(place.data, encoding, eol)
    if len(ends) < 2:
        return Place(place.offset, b"")
    first, last = int(ends[0]), int(ends[-1])
    return Place(place.offset + first, place.data[first:last])


def _offset_after(data: bytes, lines: int, encoding: str, eol: int) -> int:
    """Return the offset after a number of lines."""
    if not lines:
        return 0
    ends = line_ends(data, encoding, eol)
    return int(ends[lines - 1]) if lines <= len(ends) else len(data)


def _telling(places: tuple[Place, ...], eol: int) -> Iterator[bytes]:
    """Yield lines that hold bytes above 0x7f, from all places alike."""
    end = b"\n" if eol == 10 else b"\r"
    each = max(12, _TELLING_MOST // len(places))
    for place in places:
        if place.data.isascii():
            continue
        lines = [line for line in place.data.split(end) if not line.isascii()]
        yield from lines[:: max(1, len(lines) // each)]


def _search(entry: Entry, eol: int) -> list[bytes]:
    """Search a whole plain file for lines with bytes above 0x7f."""
    end = b"\n" if eol == 10 else b"\r"
    found: list[bytes] = []
    with open_binary(entry.outer.path) as file:
        carry = b""
        while len(found) < _TELLING_MOST and (data := file.read(4 * MIB)):
            if data.isascii():
                carry = data[data.rfind(end) + 1 :][-_LINE_CHARS:]
                continue
            block = carry + data
            at = 0
            for match in re.finditer(rb"[\x80-\xff]", block):
                if match.start() < at:
                    continue
                left = max(block.rfind(end, 0, match.start()) + 1, match.start() - _LINE_CHARS)
                right = block.find(end, match.start(), match.start() + _LINE_CHARS)
                at = right if right >= 0 else min(len(block), match.start() + _LINE_CHARS)
                found.append(block[left:at])
                if len(found) >= _TELLING_MOST:
                    break
            carry = block[block.rfind(end) + 1 :][-_LINE_CHARS:]
    return found


def _lines(data: bytes, decoder: Decoder, eol: int) -> list[str]:
    """Split a place into lines of text; what does not decode does not matter here."""
    text = decoder.lenient(data, eol)
    lines = re.split(r"[\r\n]" if eol == 13 else r"\r*\n", text)
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines
