"""Segments of messages (HL7 v2, HPRIM) cut out of a stream of bytes, whatever ends them.

1. A segment begins at the start of a line with its name and a field separator, and goes on to the next one: a line
   break inside a field (illegal, and common) stays in its field.
2. LF, CR, CRLF and the frames of MLLP (0x0b … 0x1c 0x0d) end lines alike.
3. Segments are numbered from 1; offsets are bytes of the entry.  Text in UTF-16 or UTF-32 is read as UTF-8, where
   offsets are approximate.
4. A segment longer than `MOST` is given as its first `Limits.raw_bytes`, marked as too long; a stream is read in
   constant memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple

from etanche.ingest.encodings import bom, single_byte, valid, wide
from etanche.ingest.entries import Entry, Stream
from etanche.ingest.limits import MIB, Limits

MOST = 64 * MIB
"""A document of some tens of megabytes travels in one segment."""
ENDS = b"\r\n\x0b\x1c"
_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\n|\r")
_LONG = 2 * MIB
_TELLING = 400
"""Lines that are not UTF-8 that are kept to tell the encoding."""
_TELLING_BYTES = 1000


class Segment(NamedTuple):
    """One segment, without its end."""

    number: int
    offset: int
    kind: bytes
    """Its name; empty for what stands before the first segment."""
    raw: bytes
    whole: bool
    """False for the beginning of a segment that is too long to hold."""


def wide_encoding(head: bytes) -> str:
    """Return the encoding of a text of two or four bytes a character, else an empty string."""
    encoding, _ = bom(head)
    return encoding if encoding not in {"", "utf-8"} else "" if encoding else wide(head)


def narrow(head: bytes) -> bytes:
    """Return first bytes as a reader may look at them: without mark, and as UTF-8 if they were wide."""
    encoding = wide_encoding(head)
    if encoding:
        head = head[: len(head) & ~3].decode(encoding, "ignore").encode("utf-8", "ignore")
    return head.removeprefix(_MARK)


class Narrowed:
    """A stream of UTF-16 or UTF-32 as UTF-8."""

    def __init__(self, inner: Stream, encoding: str) -> None:
        self._inner = inner
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, about `size`."""
        while data := self._inner.read(size):
            if text := self._decoder.decode(data):
                return text.encode()
        return self._decoder.decode(b"", final=True).encode()

    def done(self) -> int:
        """Return how far the pass is."""
        return self._inner.done()

    def close(self) -> None:
        """Close the stream."""
        self._inner.close()


def open_text(entry: Entry) -> Stream:
    """Open an entry as text whose ASCII characters are single bytes."""
    encoding = wide_encoding(entry.head(4096))
    stream = entry.opener()
    return Narrowed(stream, encoding) if encoding else stream


def walk(
    entry: Entry, limits: Limits, starts: re.Pattern[bytes], wanted: frozenset[bytes] | None = None, reach: int = 16
) -> Iterator[Segment]:
    """Yield the segments of an entry, those of `wanted` kinds alone if given.

    `starts` matches a line end and a name (group 1), and looks no further than `reach` bytes from its beginning.
    """
    stream = open_text(entry)
    try:
        yield from _walk(stream, limits, starts, wanted, reach)
    finally:
        stream.close()


def _walk(
    stream: Stream, limits: Limits, starts: re.Pattern[bytes], wanted: frozenset[bytes] | None, reach: int
) -> Iterator[Segment]:
    # The line end before the first line, so that a start is one wherever it stands.
    block, base, kind, begun, number = b"\n", -1, b"", 1, 0
    seen, final, given_up = 0, False, False
    while not final:
        data = stream.read(MIB)
        if base < 0 and data.startswith(_MARK):
            base, data = base + len(_MARK), data[len(_MARK) :]
        final = not data
        block += data
        sure = len(block) if final else max(seen, len(block) - reach)
        for match in starts.finditer(block, seen):
            at = match.start()
            if at >= sure:
                break
            if not given_up and (kind or block[begun:at].strip(ENDS)):
                number += 1
                if wanted is None or kind in wanted:
                    yield Segment(number, base + begun, kind, block[begun:at].rstrip(ENDS), True)
            kind, begun, given_up = match.group(1), match.start(1), False
        if not given_up and len(block) - begun > MOST:
            number += 1
            if wanted is None or kind in wanted:
                yield Segment(number, base + begun, kind, block[begun : begun + limits.raw_bytes], False)
            given_up = True
        kept = sure if given_up else begun
        block, base, begun, seen = block[kept:], base + kept, 0, sure - kept
    if not given_up and (kind or block.strip(ENDS)) and (wanted is None or kind in wanted):
        yield Segment(number + 1, base, kind, block.rstrip(ENDS), True)


class Line(NamedTuple):
    """One line of text, without its end."""

    number: int
    offset: int
    raw: bytes


def lines(entry: Entry) -> Iterator[Line]:
    """Yield the lines of an entry, blank ones too; a line of more than `_LONG` bytes comes in several."""
    stream = open_text(entry)
    try:
        carry, base, number = b"", 0, 0
        while data := stream.read(MIB):
            if not base and not carry and data.startswith(_MARK):
                base, data = len(_MARK), data[len(_MARK) :]
            block = carry + data
            at = 0
            for match in _LINE_END.finditer(block):
                if match.end() == len(block) and match.group() == b"\r":
                    break  # its LF may come with the next bytes
                number += 1
                yield Line(number, base + at, block[at : match.start()])
                at = match.end()
            if len(block) - at > _LONG:
                number += 1
                yield Line(number, base + at, block[at:])
                at = len(block)
            carry = block[at:]
            base += at
        for part in carry.splitlines():
            number += 1
            yield Line(number, base, part)
    finally:
        stream.close()


class Telling:
    """Lines that are not UTF-8, a few hundred of them, gathered while a text is looked at."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.others = 0
        """Lines of UTF-8 beyond ASCII."""

    def see(self, raw: bytes) -> None:
        """Look at one more line."""
        if raw.isascii():
            return
        if valid(raw, "utf-8"):
            self.others += 1
        elif len(self.lines) < _TELLING:
            self.lines.append(raw[:_TELLING_BYTES])

    @property
    def encoding(self) -> str:
        """Return the encoding of the text as a whole: UTF-8 unless most telling lines are in another."""
        return self.other if len(self.lines) > self.others else "utf-8"

    @property
    def other(self) -> str:
        """Return the encoding of the lines that are not UTF-8."""
        return single_byte(self.lines) if self.lines else "cp1252"


def decoded(raw: bytes, other: str) -> str:
    """Return bytes as text: UTF-8, else the other encoding, else one character a byte, so that nothing is lost."""
    for encoding in ("utf-8", other):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")
