r"""What stands beside a table: where each of its rows comes from, and the lines that were set aside.

1. `TABLE.provenance.json` says of each row at which line of the source it begins and how many lines it takes; rows that
   follow one another line by line are one run: `[row, line, offset, rows, lines]`, rows counted from 0, lines from 1,
   offset in bytes where the run begins.
2. `TABLE.quarantine.csv` holds each line set aside: line, offset, reason, and its bytes spelt so that any program can
   show them and none is lost (`spelt`, `unspelt`).

    >>> spelt(b"caf\xe9\x00 \\ \xc3\xa9")
    'caf\\xe9\\x00 \\\\ é'
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from etanche.ingest import Run
from etanche.model import Quarantined

QUARANTINE_HEADER = b"line,offset,reason,raw\n"
PROVENANCE_COLUMNS = ("row", "line", "offset", "rows", "lines")
_PLAIN = re.compile(r"[ -\[\]-~\u00a1-\u00ac\u00ae-\u02ff]*")
_SPELT = re.compile(rb"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|\\)")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs"})

Numbers = tuple[int, int, int, int, int]


def quarantine_lines(items: Iterable[Quarantined]) -> bytes:
    """Return the lines of the quarantine file that say what was set aside."""
    text = io.StringIO()
    rows = ((item.line, item.offset, str(item.reason), spelt(item.raw)) for item in items)
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def spelt(raw: bytes) -> str:
    r"""Return bytes as text that loses none: UTF-8 as it is, all else as `\x..`; a backslash is doubled.

    Characters that are not seen, or that turn the direction of writing, are spelt `\u....`.
    """
    text = raw.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    if _PLAIN.fullmatch(text):
        return text
    return "".join(char if _seen(char) else _escape(char) for char in text)


def _seen(char: str) -> bool:
    """Tell whether a character is seen as what it is: a space other than the common one is not."""
    return char == " " or unicodedata.category(char) not in _UNSEEN


def unspelt(text: str) -> bytes:
    """Return the bytes that `spelt` spelt."""
    return _SPELT.sub(_meant, text.encode())


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _meant(match: re.Match[bytes]) -> bytes:
    said = match[1]
    if said == b"\\":
        return said
    code = int(said[1:], 16)
    return bytes([code]) if said[:1] == b"x" else chr(code).encode()


class Provenance:
    """The runs of a table, gathered part by part into the text of its file."""

    def __init__(self, about: Mapping[str, object]) -> None:
        """Begin with what is said of the whole table."""
        head = {**about, "columns": PROVENANCE_COLUMNS}
        self.head = (json.dumps(head, ensure_ascii=False)[:-1] + ', "runs": [').encode("utf-8", "backslashreplace")
        self.lines = self.rows = 0
        """Lines of the source that rows take, and rows, so far."""
        self._last: Numbers | None = None
        self._first = True

    def add(self, runs: Iterable[Run], rows: int) -> bytes:
        """Return the text of the runs of a part that holds `rows` rows; the last run waits, it may go on."""
        found = list(self._joined(runs))
        self.rows += rows
        return self._text(found)

    def end(self) -> bytes:
        """Return the end of the file."""
        found = [] if self._last is None else [self._last]
        return self._text(found) + b"\n]}\n"

    def _joined(self, runs: Iterable[Run]) -> Iterator[Numbers]:
        for run in runs:
            lines = run.lines or run.rows
            self.lines += lines
            last = self._last
            if last and run.one_line_each and last[3] == last[4] and last[1] + last[4] == run.first_line:
                self._last = (*last[:3], last[3] + run.rows, last[4] + lines)
                continue
            if last:
                yield last
            self._last = (self.rows + run.first_row, run.first_line, run.first_offset, run.rows, lines)

    def _text(self, runs: list[Numbers]) -> bytes:
        if not runs:
            return b""
        start = "\n" if self._first else ",\n"
        self._first = False
        return (start + ",\n".join(f"[{a},{b},{c},{d},{e}]" for a, b, c, d, e in runs)).encode()
