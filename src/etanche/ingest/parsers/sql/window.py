"""A stretch of a dump of any size, of which a few hundred KiB are held; how statements and comments are passed over.

1. A statement ends at its delimiter outside strings and comments, or before a line with GO; in SQL Server's scripts
   also before a line that begins another.
2. A quote that never closes ends at the next line that begins a statement.
3. The body of a routine goes to GO, or to the `;` after as many END as BEGIN and CASE.
"""

from __future__ import annotations

import re
from functools import cache

from etanche.ingest.limits import Limits
from etanche.ingest.parsers.sql import tokens as t
from etanche.ingest.parsers.sql.events import Seekable
from etanche.ingest.parsers.sql.flavour import Flavour

_CLOSED = frozenset({b"IF", b"LOOP", b"WHILE", b"REPEAT", b"FOR"})
"""What END may name that is not counted when it begins."""
STATEMENT = 4 << 20
"""What a statement without rows may take."""
_STRINGS = {
    True: rb"'(?:[^'\\]++|\\.|'')*+'|\"(?:[^\"\\]++|\\.)*+\"",
    False: rb"(?<=[\s(,=]E)'(?:[^'\\]++|\\.)*+'|'[^']*+'|\"[^\"]*+\"|\$([A-Za-z_]\w*)?\$.*?\$(?(1)\1)\$",
}


@cache
def _skipping(escapes: bool, hashes: bool, delimiter: bytes) -> re.Pattern[bytes]:
    """Return the expression of what a statement is made of, up to its delimiter, GO or a quote that never closes."""
    end = re.escape(delimiter)
    comment = rb"|\#[^\n]*+" if hashes else rb""
    strings = _STRINGS[escapes] + rb"|`[^`]*+`|--[^\n]*+|/\*(?!M?!).*?\*/" + comment
    plain = rb"[^'\"`$/#\-\\EeG\n" + re.escape(delimiter[:1]) + rb"]++"
    stops = rb"(?!" + end + rb")(?!\n[ \t]*GO[ \t]*\r?(?:\n|\Z))"
    return re.compile(rb"(?:" + plain + rb"|" + stops + rb"(?:" + strings + rb"|[^'\"`]))*+", re.DOTALL)


class Window:
    """A stretch of a dump of which some bytes are held: those from the place at hand on."""

    def __init__(self, file: Seekable, start: int, stop: int | None, flavour: Flavour, limits: Limits) -> None:
        """Begin at a byte offset; `stop` is where the stretch ends, None for the end of the file."""
        self._file, self._stop, self.flavour, self._limits = file, stop, flavour, limits
        self._next = start
        self._buf, self._i, self._base = b"", 0, start
        self._eof = False
        self._token = t.token(flavour.escapes, flavour.hashes)
        self._end_at(b";")

    def _end_at(self, delimiter: bytes) -> None:
        """Set what ends statements."""
        flavour = self.flavour
        self._delimiter = delimiter
        self._skip = _skipping(flavour.escapes, flavour.hashes, delimiter)

    @property
    def offset(self) -> int:
        """Return the offset of what is read next."""
        return self._base + self._i

    def _more(self, size: int = 0) -> bool:
        """Hold more bytes; tell whether there were any."""
        if self._eof:
            return False
        if self._i:
            self._buf, self._base, self._i = self._buf[self._i :], self._base + self._i, 0
        wanted = max(size, self._limits.block_bytes, len(self._buf))
        if self._stop is not None:
            wanted = min(wanted, self._stop - self._next)
        self._file.seek(self._next)
        data = (self._file.read(wanted) or b"") if wanted > 0 else b""
        self._next += len(data)
        if not data:
            self._eof = True
            return False
        self._buf = self._buf + data if self._buf else data
        return True

    def _hold(self, size: int) -> None:
        """Hold at least `size` bytes, or all there are."""
        while len(self._buf) - self._i < size and self._more():
            pass

    def _blank(self) -> None:
        """Pass over white space and comments."""
        while True:
            self._hold(4)
            at = t.skip(self._buf, self._i)
            if at < len(self._buf) or self._eof:
                self._i = at
                if self._buf.startswith(b"/*", at) and not self._comment():
                    return
                if self._buf.startswith((b"--", b"#"), at) and self._open_comment(at):
                    continue
                if self._i == at:
                    return
                continue
            if self._buf.startswith((b"--", b"#"), self._i):
                self._i = max(self._i, at - 1)
            self._i = max(self._i, at)
            if not self._more():
                return

    def _open_comment(self, at: int) -> bool:
        """Pass over a comment whose line end is not held yet; tell whether there was one."""
        if self._buf[at : at + 1] == b"#" and not self.flavour.hashes:
            return False
        while (end := self._buf.find(b"\n", at)) < 0:
            self._i = at = len(self._buf)
            if not self._more():
                return True
            at = 0
        self._i = end + 1
        return True

    def _comment(self) -> bool:
        """Pass over a comment that is longer than what is held; tell whether it ends."""
        self._i += 2
        while (end := self._buf.find(b"*/", self._i)) < 0:
            self._i = max(self._i, len(self._buf) - 1)
            if not self._more():
                self._i = len(self._buf)
                return False
        self._i = end + 2
        return True

    def _skip_statement(self) -> None:
        """Go to the end of the statement at hand, strings and comments passed over."""
        while True:
            match = self._skip.match(self._buf, self._i)
            at = match.end() if match else self._i
            if self.flavour.lines and (line := t.KEY_LINE.search(self._buf, self._i + 1, at)):
                self._i = line.start()
                return
            if self._buf.startswith(b"\n", at) and t.GO.match(self._buf, at + 1):
                self._i = at + 1
                return
            held = len(self._buf) - at
            if held > len(self._delimiter) or (self._eof and held):
                if self._buf[at : at + 1] in b"'\"`" and not self._eof and len(self._buf) - self._i < STATEMENT:
                    self._more()
                    continue
                if self._ends(at):
                    return
                continue
            if len(self._buf) - self._i > STATEMENT or not self._more():
                self._i = at if held == 0 or self._eof else at + 1
                return

    def _ends(self, at: int) -> bool:
        """Pass over the byte at which a statement may end; tell whether it does."""
        if self._delimiter == b";" or self._buf.startswith(self._delimiter, at):
            if self._buf.startswith(self._delimiter, at):
                self._i = at + len(self._delimiter)
                return True
            if self._buf[at : at + 1] in b"'\"`":
                self._after_open_quote()
                return True
        self._i = at + 1
        return False

    def _after_open_quote(self) -> None:
        """A quote never closes: go to the next line that begins a statement."""
        while True:
            line = t.KEY_LINE.search(self._buf, self._i + 1)
            if line:
                self._i = line.start()
                return
            self._i = max(self._i, len(self._buf) - 200)
            if not self._more():
                self._i = len(self._buf)
                return

    def _routine(self) -> None:
        """Pass over the body of a routine: to GO, or to the `;` after as many END as BEGIN and CASE.

        What stands between AS and BEGIN are declarations (Oracle).
        """
        depth = 0
        word = b""
        declares = False
        self._hold(STATEMENT)
        while self._i < len(self._buf):
            match = self._token.match(self._buf, self._i)
            if match is None:
                return
            if (
                self.flavour.lines
                and self._buf[self._i : self._i + 2].upper() == b"GO"
                and t.GO.match(self._buf, self._i)
            ):
                return
            before, word = word, match[0].upper() if match.lastgroup == "w" else word
            if match.lastgroup == "w":
                closed = before == b"END"
                if (closed and word in _CLOSED) or (not closed and word in {b"BEGIN", b"CASE"}):
                    depth += 1
                elif word == b"END":
                    depth -= 1
                declares = word != b"BEGIN" and (declares or before in {b"AS", b"IS"})
                if closed:
                    word = b""
            elif match.lastgroup == "s":
                word = b""
            self._i = match.end()
            if match[0] == b";":
                word = b""
                if depth <= 0 and not declares and not self.flavour.lines:
                    return
