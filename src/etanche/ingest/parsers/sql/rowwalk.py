"""The rows of a statement, in windows that `masks` vouches for, else one at a time; and the lines of a COPY.

1. A walk that notes remembers where windows of whole rows lie, so that the next walk need not judge them again.
2. After damage (a string that swallowed the next row, a statement cut off) the bytes up to the next edge of a row, or
   the next line that begins a statement, are one `Bad` record, and reading goes on there.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

import numpy as np

from etanche.ingest.limits import Limits
from etanche.ingest.parsers.sql import tokens as t
from etanche.ingest.parsers.sql.events import Bad, Event, Lines, Row, Rows, Seekable
from etanche.ingest.parsers.sql.flavour import Flavour
from etanche.ingest.parsers.sql.masks import blank
from etanche.ingest.parsers.sql.tokens import SlowRow, Stop
from etanche.ingest.parsers.sql.values import plain_row
from etanche.ingest.parsers.sql.window import Window
from etanche.model import QuarantineReason as Why

_SMALL, _LARGE = 8 << 10, 256 << 10
WORD = re.compile(rb"[A-Za-z]+")
_TAILS = frozenset({b"ON", b"AS", b"RETURNING", b"SELECT", b"WHERE", b"OUTPUT"})
_COPY_END = re.compile(rb"\\\.\r?(?:\n|\Z)")
_END_PAIR = int.from_bytes(b"\\.", "little")

Seen = dict[int, tuple[int, tuple[bytes, ...]]]
"""Windows of whole rows by their offset: how long each is, the heads of statements in it; for a COPY its length."""
_WORTH, _SEEN = 32 << 10, 300_000


def _may_end(data: bytes, start: int) -> bool:
    """Tell whether `\\.` stands anywhere from a place on: compared two bytes at a time, which `find` does not."""
    pairs = (np.frombuffer(data, "<u2", (len(data) - at) // 2, at) for at in (start, start + 1) if len(data) - at > 1)
    return any(bool((pair == _END_PAIR).any()) for pair in pairs)


class RowWalker(Window):
    """Reads the rows after VALUES and the lines after COPY."""

    def __init__(
        self,
        file: Seekable,
        start: int,
        stop: int | None,
        flavour: Flavour,
        limits: Limits,
        seen: Seen | None = None,
    ) -> None:
        """Begin at a byte offset; `stop` is where the stretch ends, None for the end of the file.

        `seen` is what an earlier walk noted; without it, this one notes.
        """
        super().__init__(file, start, stop, flavour, limits)
        self._record = seen is None
        self.seen: Seen = {} if seen is None else seen
        self._window = self._last_size = _SMALL
        self._heads: list[bytes] = []
        self._last_head, self._last_end = b"", -1

    def _blank_head(self, start: int) -> None:
        """Learn the head of a statement that repeats the one before, from the last `)` to the first `(`."""
        opening = t.skip(self._buf, self._i)
        if not self._buf.startswith(b"(", opening):
            return
        head = self._buf[start : opening + 1]
        last = self._last_end - self._base
        if head != self._last_head:
            self._heads = []
        elif 0 < last < start:
            between = self._buf[last - 1 : opening + 1]
            if b"'" not in between and len(between) < 16384 and between not in self._heads and len(self._heads) < 4:
                self._heads.append(between)
        self._last_head = head

    def _values(self) -> Iterator[Event]:
        """Yield the rows after VALUES, and go to the end of the statement."""
        start = self.offset
        while True:
            self._blank()
            self._hold(_SMALL)
            if self._buf[self._i : self._i + 3].upper() == b"ROW":
                self._i = t.skip(self._buf, self._i + 3)
            if not self._buf.startswith(b"(", self._i):
                break
            again = yield from self._one_window()
            self._last_end = self.offset
            if self.offset - start > _SMALL // 4:
                self._last_size = _SMALL
            if again:
                continue
            self._blank()
            if not self._buf.startswith(b",", self._i):
                break
            self._i += 1
        self._last_size = self.offset - start
        self._tail()

    def _tail(self) -> None:
        """Pass over what follows the rows, up to the end of the statement; the next statement needs no `;` before."""
        self._blank()
        self._hold(64)
        if self._buf.startswith(self._delimiter, self._i):
            self._i += len(self._delimiter)
            return
        word = WORD.match(self._buf, self._i)
        if word is None or word[0].upper() in _TAILS:
            self._skip_statement()

    def _one_window(self) -> Generator[Event, None, bool]:  # whether damage was passed over and rows may follow
        known = self.seen.get(self.offset)
        if known is not None and not self._record:
            size, heads = known
            self._hold(size)
            raw = self._buf[self._i : self._i + size]
            window = blank(raw, self.flavour, heads, sound=True)
        elif not self._heads and self._last_size < _SMALL // 4:
            # Tables in turns, a row each: for so little, arrays cost more than they save.
            return (yield from self._one_row())
        else:
            self._hold(self._window)
            raw = self._buf[self._i : self._i + self._window]
            window = blank(raw, self.flavour, self._heads)
        end = window.rows_end()
        if self._record and end >= _WORTH and len(self.seen) < _SEEN:
            self.seen[self.offset] = end, tuple(self._heads)
        if end:
            yield Rows(self.offset, window, end)
            self._i += end
            self._window = min(_LARGE, self._window * 2) if end * 2 > len(raw) else max(_SMALL, end * 2)
            return False
        self._window = max(_SMALL, self._window // 2)
        return (yield from self._one_row())

    def _one_row(self) -> Generator[Event, None, bool]:  # as above
        if plain := plain_row(self._buf, self._i, escapes=self.flavour.escapes):
            yield Row(self.offset, plain[0], self._buf[self._i : plain[1]])
            self._i = plain[1]
            return False
        while True:
            row = t.slow_row(self._buf, self._i, self._token, whole=self._eof)
            if isinstance(row, SlowRow):
                yield Row(self.offset, row, self._buf[self._i : row.end])
                self._i = row.end
                return False
            if row is Stop.BAD:
                break
            if len(self._buf) - self._i > self._limits.line_bytes * 4:
                return (yield from self._too_long())
            self._more()
        return (yield from self._damage())

    def _damage(self) -> Generator[Event, None, bool]:  # as above
        """Set aside what is no row, up to where one may begin again."""
        while True:
            edge = t.ROW_EDGE.search(self._buf, self._i + 1)
            line = t.KEY_LINE.search(self._buf, self._i + 1, edge.end() if edge else len(self._buf))
            if edge or line or not self._more():
                break
            if len(self._buf) - self._i > self._limits.line_bytes * 4:
                return (yield from self._too_long())
        if edge and (line is None or edge.start() < line.start()):
            yield Bad(self.offset, Why.UNBALANCED_QUOTE, self._buf[self._i : edge.start() + 1])
            self._i = edge.end()
            return True
        end = line.start() if line else len(self._buf)
        if line is None and (semicolon := self._buf.find(b");", self._i)) >= 0 and semicolon + 2 < end:
            # Nothing more of this statement; others may follow that begin no line.
            end = semicolon + 1
        yield Bad(self.offset, Why.CUT, self._buf[self._i : end].rstrip())
        self._i = end
        return False

    def _too_long(self) -> Generator[Event, None, bool]:  # as above
        """Pass over a row that is too long to hold."""
        yield Bad(self.offset, Why.TOO_LONG, self._buf[self._i : self._i + self._limits.raw_bytes])
        while True:
            edge = t.ROW_EDGE.search(self._buf, self._i + 1)
            line = t.KEY_LINE.search(self._buf, self._i + 1, edge.end() if edge else len(self._buf))
            first = min((each for each in (edge, line) if each), key=lambda each: each.start(), default=None)
            if first is not None:
                self._i = first.end() if first is edge else first.start()
                return first is edge
            self._i = max(self._i, len(self._buf) - 200)
            if not self._more():
                self._i = len(self._buf)
                return False

    def _copy_lines(self) -> Iterator[Event]:
        """Yield the lines of a COPY up to its `\\.`."""
        start = self.offset
        known = self.seen.get(start) if not self._record else None
        stop = start + known[0] if known else -1
        while True:
            self._hold(3)
            if _COPY_END.match(self._buf, self._i):
                if self._record and len(self.seen) < _SEEN:
                    self.seen[start] = self.offset - start, ()
                self._line()
                return
            end = self._last_line(stop - self._base)
            if end >= self._i:
                yield Lines(self.offset, self._buf[self._i : end + 1])
                self._i = end + 1
            elif len(self._buf) - self._i > self._limits.line_bytes * 4:
                yield from self._long_line()
            elif not self._more():
                if self._i < len(self._buf):
                    yield Lines(self.offset, self._buf[self._i :], cut=True)
                    self._i = len(self._buf)
                return

    def _last_line(self, stop: int) -> int:
        """Return where the last held line of a COPY ends, -1 for none; `stop`: where all do, if that is known."""
        held = stop if stop >= 0 else len(self._buf)
        if stop < 0:
            end = self._buf.find(b"\n\\.", self._i) if _may_end(self._buf, self._i) else -1
            while end >= 0 and not _COPY_END.match(self._buf, end + 1):
                end = self._buf.find(b"\n\\.", end + 1)
            if end >= 0:
                return end
        else:
            # As much as fits the processor's cache.
            near = self._buf.rfind(b"\n", self._i, min(held, self._i + _LARGE))
            if near >= 0:
                return near
        # What is not ended yet may be the beginning of the end.
        return self._buf.rfind(b"\n", self._i, held)

    def _long_line(self) -> Iterator[Event]:
        yield Bad(self.offset, Why.TOO_LONG, self._buf[self._i : self._i + self._limits.raw_bytes])
        while (end := self._buf.find(b"\n", self._i)) < 0:
            self._i = len(self._buf)
            if not self._more():
                return
        self._i = end + 1

    def _line(self) -> None:
        """Pass over the rest of the line."""
        end = self._buf.find(b"\n", self._i)
        self._i = len(self._buf) if end < 0 else end + 1
