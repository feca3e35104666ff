"""From statement to statement through a dump of any size, in windows.

1. What a statement is, its first word says.  INSERT, REPLACE and COPY give events with their rows; CREATE TABLE gives
   its columns; USE and SET NAMES are remembered; all others are passed over, strings, comments and bodies included.
2. Rows come as whole windows (`Rows`) where `masks` can vouch for them, else one at a time (`Row`).
3. After damage (a string that swallowed the next row, a statement cut off) the bytes up to the next edge of a row, or
   the next line that begins a statement, are one `Bad` record, and reading goes on there.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

from etanche.ingest.limits import Limits
from etanche.ingest.parsers.sql import tokens as t
from etanche.ingest.parsers.sql.events import Bad, End, Event, Into, Lines, Row, Rows, Seekable, Table, Unread, Use
from etanche.ingest.parsers.sql.flavour import Flavour
from etanche.ingest.parsers.sql.literals import Found, Given, select_rows, set_row
from etanche.ingest.parsers.sql.masks import blank
from etanche.ingest.parsers.sql.schema import columns
from etanche.ingest.parsers.sql.tokens import SlowRow, Stop, Token
from etanche.ingest.parsers.sql.window import STATEMENT, Window
from etanche.model import QuarantineReason as Why

_SMALL, _LARGE = 8 << 10, 256 << 10
_HEAD = 64 << 10
_WORD = re.compile(rb"[A-Za-z]+")
_UNREAD = frozenset({b"UPDATE", b"DELETE", b"MERGE", b"LOAD", b"EXEC", b"EXECUTE", b"CALL", b"BULK"})
_COPY_END = re.compile(rb"\\\.\r?(?:\n|\Z)")
_LINES = frozenset({b"REM", b"PROMPT", b"SPOOL", b"WHENEVER"})
"""Commands of SQL*Plus, which take a line."""
_TAILS = frozenset({b"ON", b"AS", b"RETURNING", b"SELECT", b"WHERE", b"OUTPUT"})
_CONNECT = re.compile(rb"\\c(?:onnect)?[ \t]+(?:-reuse-previous=on[ \t]+)?[\"']?([\w$-]+)")


Seen = dict[int, tuple[int, tuple[bytes, ...]]]
"""Windows of whole rows by their offset: how long each is, the heads of statements in it; for a COPY its length."""
_WORTH, _SEEN = 32 << 10, 300_000


class Walker(Window):
    """Walks a stretch of a dump and yields events."""

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
        self._window = _SMALL
        self._heads: list[bytes] = []
        self._last_head, self._last_end = b"", -1

    # --- statements ---------------------------------------------------------------------------------------------

    def events(self) -> Iterator[Event]:
        """Yield what the stretch holds, to its end."""
        while True:
            self._blank()
            self._hold(_HEAD)
            if self._i >= len(self._buf):
                return
            before = self.offset
            yield from self._statement()
            if self.offset == before:
                self._i += 1

    def _statement(self) -> Iterator[Event]:
        buf, i = self._buf, self._i
        word = _WORD.match(buf, i)
        if word is None:
            self._no_word()
            return
        first = word[0].upper()
        if first in {b"INSERT", b"REPLACE", b"COPY"}:
            self._hold(STATEMENT if self._wide() else _HEAD)
            yield from self._rows_statement(first)
        elif first == b"CREATE":
            yield from self._create()
        elif first == b"DELIMITER" and (match := t.DELIMITER.match(buf, i)):
            self._end_at(match[1])
            self._i = match.end()
        elif first == b"GO" and (match := t.GO.match(buf, i)):
            self._i = match.end()
        elif first in _LINES:
            self._line()
        elif first == b"USE" and (match := t.USE.match(buf, i)):
            yield Use(t.unquoted(match[1]))
            self._i = match.end()
            self._skip_statement()
        elif first == b"BEGIN" and not re.match(rb"BEGIN\s*(?:;|TRAN|WORK)", buf[i : i + 60], re.IGNORECASE):
            self._i = word.end()
        else:
            if first in _UNREAD:
                yield Unread(self.offset)
            self._skip_statement()

    def _line(self) -> None:
        """Pass over the rest of the line."""
        end = self._buf.find(b"\n", self._i)
        self._i = len(self._buf) if end < 0 else end + 1

    def _wide(self) -> bool:
        """Tell whether the head of a statement may be longer than what is held for most."""
        return b"(" in self._buf[self._i : self._i + 4096] and b")" not in self._buf[self._i : self._i + _HEAD]

    def _no_word(self) -> None:
        """Pass over what begins no statement: a psql command, a delimiter, the slash of Oracle's scripts, debris."""
        buf, i = self._buf, self._i
        if buf.startswith(self._delimiter, i):
            self._i += len(self._delimiter)
        elif buf.startswith(b"\\", i):
            self._line()
        elif buf.startswith((b";", b"/", b"*", b")", b","), i):
            self._i += 1
        else:
            self._skip_statement()

    def _create(self) -> Iterator[Event]:
        match = t.CREATE_TABLE.match(self._buf, self._i)
        if match:
            found = columns(
                self._buf, match.end() - 1, escapes=self.flavour.escapes, hashes=self.flavour.hashes, whole=self._eof
            )
            if found is Stop.MORE:
                self._hold(STATEMENT)
                found = columns(
                    self._buf, match.end() - 1, escapes=self.flavour.escapes, hashes=self.flavour.hashes, whole=True
                )
            if not isinstance(found, Stop):
                yield Table(match[1], found[0])
                self._i = found[1]
        elif (routine := t.ROUTINE.match(self._buf, self._i, self._i + 4096)) and self._delimiter == b";":
            self._i = routine.end()
            self._routine()
            return
        self._skip_statement()

    # --- rows ---------------------------------------------------------------------------------------------------

    def _rows_statement(self, first: bytes) -> Iterator[Event]:
        if first == b"COPY":
            match = t.COPY.match(self._buf, self._i)
            if match is None:
                self._skip_statement()
                return
            yield Into(match[1], match[2], self.offset, match[3])
            self._i = match.end()
            yield from self._copy_lines()
            yield End(self.offset)
            return
        if match := t.INSERT_ALL.match(self._buf, self._i):
            start = self.offset
            self._i = match.end()
            yield from self._insert_all(start)
            return
        match = t.INTO.match(self._buf, self._i)
        if match is None:
            yield Unread(self.offset)
            self._skip_statement()
            return
        name, listed, follows = match.groups()
        start, kind = self._i, follows.split()[0].upper()
        if kind in {b"VALUES", b"VALUE"}:
            self._i = match.end()
            self._blank_head(start)
            yield Into(name, listed, self._base + start)
            yield from self._values()
            yield End(self.offset)
            return
        yield from self._other_insert(name, listed, kind, match.end())

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
        while True:
            self._blank()
            self._hold(_SMALL)
            if self._buf[self._i : self._i + 3].upper() == b"ROW":
                self._i = t.skip(self._buf, self._i + 3)
            if not self._buf.startswith(b"(", self._i):
                break
            again = yield from self._one_window()
            self._last_end = self.offset
            if again:
                continue
            self._blank()
            if not self._buf.startswith(b",", self._i):
                break
            self._i += 1
        self._tail()

    def _tail(self) -> None:
        """Pass over what follows the rows, up to the end of the statement; the next statement needs no `;` before."""
        self._blank()
        self._hold(64)
        if self._buf.startswith(self._delimiter, self._i):
            self._i += len(self._delimiter)
            return
        word = _WORD.match(self._buf, self._i)
        if word is None or word[0].upper() in _TAILS:
            self._skip_statement()

    def _one_window(self) -> Generator[Event, None, bool]:  # whether damage was passed over and rows may follow
        known = self.seen.get(self.offset)
        if known is not None and not self._record:
            size, heads = known
            self._hold(size)
            raw = self._buf[self._i : self._i + size]
            window = blank(raw, self.flavour, heads, sound=True)
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
            line = t.KEY_LINE.search(self._buf, self._i + 1)
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
            line = t.KEY_LINE.search(self._buf, self._i + 1)
            first = min((each for each in (edge, line) if each), key=lambda each: each.start(), default=None)
            if first is not None:
                self._i = first.end() if first is edge else first.start()
                return first is edge
            self._i = max(self._i, len(self._buf) - 200)
            if not self._more():
                self._i = len(self._buf)
                return False

    # --- other ways to give rows --------------------------------------------------------------------------------

    def _other_insert(self, name: bytes, listed: bytes | None, kind: bytes, after: int) -> Iterator[Event]:
        """INSERT … SET, INSERT … SELECT of literals, DEFAULT VALUES."""
        self._hold(_HEAD)
        back = after - 1 if kind == b"(" else after
        found, end = self._statement_tokens(back)
        while end >= len(self._buf) and not self._eof and len(self._buf) - self._i < STATEMENT:
            shift = self._i
            self._more()
            back -= shift
            found, end = self._statement_tokens(back)
        rows: Given = []
        if kind == b"SET":
            rows = set_row(found, self._buf)
        elif kind == b"SELECT" or (kind == b"(" and _begins(found, b"SELECT")):
            rows = select_rows(found, self._buf)
        elif kind == b"DEFAULT":
            rows = [(SlowRow([], [], end), ())]
        offset = self.offset
        raw = self._buf[self._i : end]
        if not rows:
            yield Unread(offset)
        else:
            yield Into(name, listed, offset)
            for row, own in rows:
                yield Row(offset, row, raw if len(rows) == 1 else b",".join(row.written), own)
        self._i = end
        if rows:
            yield End(self.offset)

    def _insert_all(self, start: int) -> Iterator[Event]:
        """Oracle's INSERT ALL INTO t VALUES (…) INTO … SELECT, which begins at an offset."""
        while True:
            self._blank()
            self._hold(_HEAD)
            match = t.ALL_INTO.match(self._buf, self._i)
            if match is None:
                break
            yield Into(match[1], match[2], start)
            self._i = match.end()
            self._blank()
            if self._buf.startswith(b"(", self._i):
                yield from self._one_row()
            yield End(self.offset)
        self._skip_statement()

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
        if stop < 0:
            end = self._buf.find(b"\n\\.", self._i)
            while end >= 0 and not _COPY_END.match(self._buf, end + 1):
                end = self._buf.find(b"\n\\.", end + 1)
            if end >= 0:
                return end
        # What is not ended yet may be the beginning of the end.
        return self._buf.rfind(b"\n", self._i, stop if stop >= 0 else len(self._buf))

    def _long_line(self) -> Iterator[Event]:
        yield Bad(self.offset, Why.TOO_LONG, self._buf[self._i : self._i + self._limits.raw_bytes])
        while (end := self._buf.find(b"\n", self._i)) < 0:
            self._i = len(self._buf)
            if not self._more():
                return
        self._i = end + 1

    def _statement_tokens(self, at: int) -> tuple[Found, int]:
        """Return the tokens from a place in what is held up to the end of the statement, and where that is."""
        found: Found = []
        depth = 0
        while at < len(self._buf):
            match = self._token.match(self._buf, at)
            if match is None:
                break
            text, kind = match[0], match.lastgroup or "p"
            if kind == "p":
                depth += (text == b"(") - (text == b")")
                if text == b";":
                    return found, match.end()
            if kind == "w" and depth == 0 and self.flavour.lines and t.KEY_LINE.match(self._buf, at):
                break
            if kind != "b":
                found.append((Token(kind, text), at, match.end()))
            at = match.end()
        return found, at


def _begins(found: Found, word: bytes) -> bool:
    """Tell whether tokens begin with a parenthesis and a word."""
    return len(found) > 1 and found[1][0].text.upper() == word
