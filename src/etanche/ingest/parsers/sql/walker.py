"""From statement to statement through a dump of any size, in windows.

1. What a statement is, its first word says.  INSERT, REPLACE and COPY give events with their rows; CREATE TABLE gives
   its columns; USE and SET NAMES are remembered; all others are passed over, strings, comments and bodies included.
2. Rows come as whole windows (`Rows`) where `masks` can vouch for them, else one at a time (`Row`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.ingest.parsers.sql import tokens as t
from etanche.ingest.parsers.sql.events import End, Event, Into, Row, Table, Unread, Use
from etanche.ingest.parsers.sql.literals import Found, Given, select_rows, set_row
from etanche.ingest.parsers.sql.rowwalk import WORD, RowWalker
from etanche.ingest.parsers.sql.schema import columns
from etanche.ingest.parsers.sql.tokens import SlowRow, Stop, Token
from etanche.ingest.parsers.sql.window import STATEMENT

_HEAD = 64 << 10
_UNREAD = frozenset({b"UPDATE", b"DELETE", b"MERGE", b"LOAD", b"EXEC", b"EXECUTE", b"CALL", b"BULK"})
_LINES = frozenset({b"REM", b"PROMPT", b"SPOOL", b"WHENEVER"})
"""Commands of SQL*Plus, which take a line."""


class Walker(RowWalker):
    """Walks a stretch of a dump and yields events."""

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
        word = WORD.match(buf, i)
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
