"""From blocks of leaked bytes to clean rows, with every line accounted for.

1. A line ends at LF, the carriage returns before it belonging to the line end; in a text without any LF, at CR.
   Bytes after the last line end are a line too.
2. Clean lines (`blocks`) pass untouched but for encoding and line end; dirty ones take the careful path.
3. A line that does not decode in the file's encoding is tried in the other one, and counted.
4. What cannot be a row is set aside with its line, offset, reason and bytes.  Lines of spaces only are blank.
5. Rows go out as `Piece`s: UTF-8, LF, strictly well-formed, each of exactly the table's number of cells.
"""

from __future__ import annotations

import bisect
import heapq
from dataclasses import replace

import numpy as np

from etanche.ingest.blocks import Lines, classify
from etanche.ingest.careful import Row, resolve, write
from etanche.ingest.decoding import Decoder
from etanche.ingest.encodings import transcode, unit, valid
from etanche.ingest.limits import Limits
from etanche.ingest.narrow import narrowed
from etanche.ingest.pieces import Piece, Reading, Run, Tally
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why

__all__ = ["Piece", "Reading", "Run", "Scanner", "Tally"]

_BLANK = b" \r\n\x0b\x0c\x1a"
_WINDOW = 64


class Scanner:
    """Turns blocks of whole lines into pieces.  One scanner a pass: it counts lines and offsets as it goes."""

    def __init__(self, reading: Reading, limits: Limits, line: int, offset: int) -> None:
        """Begin at a 1-based line and its byte offset."""
        self.shape, self.encoding, self.eol = reading.shape, reading.encoding, reading.eol
        self.columns, self.header = reading.columns, reading.header
        self.limits, self.line, self.offset = limits, line, offset
        self.tally = Tally()
        self.codec = self.encoding if unit(self.encoding) == 1 else "utf-8"
        self.fast = replace(self.shape, delimiter=self.shape.out, pad="")
        """The shape of lines once squeezed."""
        self.decoder = Decoder(self.codec, reading.others, self.shape.delimiter.encode("ascii"))

    def scan(self, raw: bytes, *, final: bool) -> tuple[Piece, int]:
        """Return the piece that whole lines make, and how many bytes were used.

        `raw` ends with a line end unless `final`.  Fewer bytes than given are used when a record may go on after them.
        """
        block = _Block(raw, self, final=final)
        used = block.run()
        return block.piece, used

    def squeeze(self, data: bytes) -> bytes:
        """Return lines without quotes as they go out, in their encoding still (ASCII is the same in all of them)."""
        return self.shape.squeezed(data.decode("latin-1")).encode("latin-1")

    def set_aside(self, piece: Piece, line: int, offset: int, why: Why, raw: bytes) -> None:
        """Quarantine one line."""
        piece.quarantined.append(Quarantined(line, offset, why, raw[: self.limits.raw_bytes]))
        self.tally.reasons[why] = self.tally.reasons.get(why, 0) + 1

    def skip_long(self, raw: bytes, size: int, *, ended: bool) -> Piece:
        """Quarantine a line too long to hold, of which `raw` is the beginning and `size` the whole with its end."""
        piece = Piece()
        self.set_aside(piece, self.line, self.offset, Why.TOO_LONG if ended else Why.CUT, raw)
        self.tally.lines += 1
        self.line += 1
        self.offset += size
        return piece


class _Block:
    """One block on its way: narrowed to one byte a unit, classified, written out."""

    def __init__(self, raw: bytes, scanner: Scanner, *, final: bool) -> None:
        self.raw, self.scanner, self.final = raw, scanner, final
        self.piece = Piece()
        self.unreadable: set[int] = set()
        self.encodings: dict[int, str] = {}
        """Lines decoded otherwise than in the file's encoding."""
        self._clean_whole = True
        self._needs_quotes = False
        self.text, self.raw_ends = self._narrow()
        self.cut = final and not self.text.endswith(b"\n")
        if self.cut:
            self.text += b"\n"
        limits = scanner.limits
        self._plain: tuple[bytes, list[int]] | None = None
        """The text and its line ends before it was squeezed."""
        if scanner.shape.loose:
            self.lines = self._squeeze()
            self.foreign = self._foreign()
        else:
            self.lines = classify(self.text, scanner.fast, limits.line_bytes // 3, limits.join_lines)
            self.foreign = self._foreign()
            if self.lines.spans and not self._spans_decode():
                self.lines = classify(self.text, scanner.fast, limits.line_bytes // 3, 1)
        self.count = len(self.lines.ends)
        self.piece.raw, self.piece.quoted = self.lines.raw, self.lines.quoted

    def _narrow(self) -> tuple[bytes, list[int] | None]:
        """Return the block as ASCII-compatible bytes with LF, and where raw lines end if not at the same places."""
        scanner = self.scanner
        if unit(scanner.encoding) == 1:
            return (self.raw.replace(b"\r", b"\n") if scanner.eol == 13 else self.raw), None
        text, ends, self.unreadable = narrowed(self.raw, scanner.encoding, scanner.eol)
        return text, ends

    def _squeeze(self) -> Lines:
        """Take layout out of the lines that hold no quotes; all others are dirty."""
        scanner, text = self.scanner, self.text
        quote = scanner.shape.quote.encode()
        ends = np.flatnonzero(np.frombuffer(text, np.uint8) == 10).tolist()
        self._plain = text, ends
        quoted: list[int] = []
        if quote in text or b'"' in text:
            lines = text.split(b"\n")[:-1]
            quoted = [k for k, line in enumerate(lines) if quote in line or b'"' in line]
            kept = [lines[k] for k in quoted]
            for k in quoted:
                lines[k] = b""
            lines = scanner.squeeze(b"\n".join(lines)).split(b"\n")
            for k, line in zip(quoted, kept, strict=True):
                lines[k] = line
            self.text = b"\n".join(lines) + b"\n"
        else:
            self.text = scanner.squeeze(text)
        found = classify(self.text, scanner.fast, scanner.limits.line_bytes // 3, 1)
        return Lines(found.starts, found.ends, sorted({*found.dirty, *quoted}), [], raw=False, quoted=False)

    def run(self) -> int:
        """Write out all lines, or those before a record that may go on after the block; return the raw bytes used."""
        dirty = {*self.lines.dirty, *self._repeated()}
        at = 0
        todo = sorted(dirty | self.foreign)
        while todo:
            index = heapq.heappop(todo)
            if index < at:
                continue
            self._clean(at, index)
            taken = self._careful(index) if index in dirty else self._recode(index)
            if taken == 0:
                return self._finish(index)
            at = index + taken
            for line in self._torn(at):
                # The careful path took the beginning of a record that was clean: its other lines are so no more.
                dirty.add(line)
                heapq.heappush(todo, line)
        self._clean(at, self.count)
        return self._finish(self.count)

    def _repeated(self) -> list[int]:
        """Return the lines that are the header once more."""
        header, found = self.scanner.header, []
        at = self.text.find(header) if header and self._plain is None else -1
        while at >= 0:
            index = int(np.searchsorted(self.lines.ends, at))
            if self.line(index) == header and not self._inside_record(index):
                found.append(index)
            at = self.text.find(header, at + len(header))
        return found

    def _inside_record(self, index: int) -> bool:
        """Tell whether a line belongs to a clean record of several lines."""
        spans = self.lines.spans
        k = bisect.bisect_right(spans, (index, self.count)) - 1
        return k >= 0 and spans[k][1] >= index

    def _torn(self, at: int) -> range:
        """Return the lines from `at` on of a clean record that began before it."""
        spans = self.lines.spans
        k = bisect.bisect_left(spans, (at, 0)) - 1
        return range(at, spans[k][1] + 1) if k >= 0 and spans[k][1] >= at else range(0)

    def _finish(self, index: int) -> int:
        scanner = self.scanner
        used = self.raw_start(index) if index < self.count else len(self.raw)
        scanner.line += index
        scanner.offset += used
        scanner.tally.lines += index
        scanner.tally.rows += self.piece.rows
        return used

    def raw_start(self, index: int) -> int:
        """Return where a line starts in the raw block."""
        if self.raw_ends is not None:
            return self.raw_ends[index - 1] if index else 0
        if self._plain is not None:
            return self._plain[1][index - 1] + 1 if index else 0
        return int(self.lines.starts[index])

    def raw_line(self, index: int) -> bytes:
        """Return a line's raw bytes with its end."""
        end = self.raw_start(index + 1) if index + 1 < self.count else len(self.raw)
        return self.raw[self.raw_start(index) : end]

    def line(self, index: int) -> bytes:
        """Return a line's narrowed bytes without its end."""
        if self._plain is not None:
            text, ends = self._plain
            return text[ends[index - 1] + 1 if index else 0 : ends[index]].rstrip(b"\r")
        return self.text[self.lines.starts[index] : self.lines.ends[index]].rstrip(b"\r")

    def _foreign(self) -> set[int]:
        """Return the lines of a single-byte file that are in another encoding, wholly or in a cell."""
        scanner = self.scanner
        if scanner.encoding == "utf-8" or self.raw_ends is not None or self.text.isascii():
            return set()
        places = scanner.decoder.suspects(np.frombuffer(self.text, np.uint8))
        found: set[int] = set()
        for index in np.unique(np.searchsorted(self.lines.ends, places)).tolist():
            decoded = scanner.decoder.decode(self.line(index))
            if decoded is not None and decoded[1] != scanner.encoding:
                found.add(index)
        return found

    def _spans_decode(self) -> bool:
        """Tell whether no line needs its own decoding, so that records over several lines can go through in bulk."""
        if self.foreign:
            return False
        return valid(self.text, self.scanner.codec)

    def _recode(self, index: int) -> int:
        """Write out a line that is clean but for its encoding."""
        text = self._decoded(index)
        if isinstance(text, Why):
            self._aside(index, text)
        else:
            text = self.scanner.shape.squeezed(text) if self.scanner.shape.loose else text
            self.piece.chunks.append(self._requoted(text.encode() + b"\n"))
            self._rows(index, 1)
            self._count_encoding(index)
        return 1

    def _clean(self, start: int, end: int) -> None:
        """Write out clean lines `start` to `end` (not included), those that do not decode one by one."""
        if end - start > _WINDOW and not self._clean_whole:
            for at in range(start, end, _WINDOW):
                self._clean(at, min(at + _WINDOW, end))
            return
        while start < end:
            left = int(self.lines.starts[start])
            right = int(self.lines.ends[end - 1]) + 1
            piece = self.text if left == 0 and right == len(self.text) else self.text[left:right]
            try:
                data = transcode(piece, self.scanner.codec)
            except UnicodeDecodeError as error:
                if end - start > _WINDOW:
                    # Many lines may fail: small windows keep the work linear.
                    self._clean_whole = False
                    self._clean(start, end)
                    return
                failing = int(np.searchsorted(self.lines.ends, left + error.start))
                self._clean(start, failing)
                self._recode(failing)
                start = failing + 1
                continue
            if b"\r" in data:
                # Clean lines hold CR before LF alone; taking one byte out is faster than replacing two.
                data = data.replace(b"\r", b"")
            self.piece.chunks.append(self._requoted(data))
            self._account(start, end)
            return

    def _account(self, start: int, end: int) -> None:
        """Count the rows of clean lines `start` to `end` (not included)."""
        spans = self.lines.spans
        k = bisect.bisect_left(spans, (start, 0)) if spans else 0
        while k < len(spans) and spans[k][0] < end:
            first, last = spans[k]
            if first > start:
                self._rows(start, first - start)
            self._rows(first, 1, last - first + 1)
            self.scanner.tally.joined += 1
            start = last + 1
            k += 1
        if start < end:
            self._rows(start, end - start)

    def _rows(self, index: int, rows: int, lines: int = 0) -> None:
        """Count rows from line `index` on: of one line each, or one row of `lines`."""
        piece, scanner = self.piece, self.scanner
        scanner.tally.row_lines += lines or rows
        line = scanner.line + index
        last = piece.runs[-1] if piece.runs else None
        if last and not lines and last.one_line_each and last.first_line + last.rows == line:
            piece.runs[-1] = Run(
                last.first_row, last.first_line, last.first_offset, last.rows + rows, True, last.rows + rows
            )
        else:
            offset = scanner.offset + self.raw_start(index)
            piece.runs.append(Run(piece.rows, line, offset, rows, lines == 0, lines or rows))
        piece.rows += rows

    def _careful(self, index: int) -> int:
        """Write out or set aside one dirty line; return the lines taken, 0 when the next block must be seen first."""
        scanner = self.scanner
        line = self.line(index)
        if not line.strip(_BLANK):
            scanner.tally.blank += 1
            return 1
        if line == scanner.header:
            scanner.tally.headers += 1
            return 1
        last = self.cut and index == self.count - 1
        text = self._decoded(index)
        if isinstance(text, Why):
            self._aside(index, Why.CUT if last and text is Why.UNDECODABLE and self.raw_ends is not None else text)
            return 1
        missing = False

        def following(k: int) -> str | None:
            nonlocal missing
            if index + k >= self.count:
                missing = not self.final
                return None
            found = self._decoded(index + k)
            return None if isinstance(found, Why) else found

        limits = scanner.limits
        columns = None if last and text.count(scanner.shape.delimiter) + 1 < scanner.shape.cells else scanner.columns
        row = resolve(text, following, scanner.shape, limits.join_lines, limits.line_bytes, columns)
        if missing and not (isinstance(row, Row) and row.lines > 1):
            return 0
        if isinstance(row, Why):
            few = row in {Why.TOO_FEW_CELLS, Why.UNBALANCED_QUOTE}
            self._aside(index, Why.CUT if last and few else row)
            return 1
        return self._write(index, row)

    def _requoted(self, data: bytes) -> bytes:
        """Return clean lines with quotes that quote, in a block whose clean quotes were mere characters."""
        if not self._needs_quotes or b'"' not in data:
            return data
        delimiter = self.scanner.shape.out
        lines = data.decode().split("\n")[:-1]
        return ("\n".join(write(line.split(delimiter), delimiter)[0] for line in lines) + "\n").encode()

    def _write(self, index: int, row: Row) -> int:
        delimiter = self.scanner.shape.out
        if self.piece.raw and any(delimiter in cell or "\n" in cell or "\r" in cell for cell in row.cells):
            # Only quotes can hold this cell, so those of all the block's rows must quote.
            self._needs_quotes = True
            self.piece.raw, self.piece.quoted = False, True
            self.piece.chunks = [self._requoted(chunk) for chunk in self.piece.chunks]
        text, quoted = (delimiter.join(row.cells), False) if self.piece.raw else write(row.cells, delimiter)
        data = text.encode()
        if len(data) > self.scanner.limits.line_bytes:
            for k in range(row.lines):
                self._aside(index + k, Why.TOO_LONG)
            return row.lines
        self.piece.chunks.append(data + b"\n")
        self.piece.quoted = self.piece.quoted or quoted
        self._rows(index, 1, row.lines if row.lines > 1 else 0)
        self.scanner.tally.joined += row.lines > 1
        self.scanner.tally.realigned += row.realigned
        self._count_encoding(index)
        return row.lines

    def _decoded(self, index: int) -> str | Why:
        """Return a line's text, or why it has none."""
        line = self.line(index)
        if index in self.unreadable:
            return Why.UNDECODABLE
        if b"\0" in line:
            return Why.NUL_BYTE
        scanner = self.scanner
        if len(line) > scanner.limits.line_bytes:
            return Why.TOO_LONG
        if self.raw_ends is not None:
            return line.decode() if valid(line, "utf-8") else Why.UNDECODABLE
        found = scanner.decoder.decode(line)
        if found is None:
            return Why.UNDECODABLE
        if found[1] != scanner.encoding:
            self.encodings[index] = found[1]
        return found[0]

    def _count_encoding(self, index: int) -> None:
        """Count a line in another encoding than the file."""
        if encoding := self.encodings.get(index):
            counts = self.scanner.tally.encodings
            counts[encoding] = counts.get(encoding, 0) + 1

    def _aside(self, index: int, why: Why) -> None:
        scanner = self.scanner
        raw = self.raw_line(index).rstrip(b"\r\n") if self.raw_ends is None else self.raw_line(index)
        scanner.set_aside(self.piece, scanner.line + index, scanner.offset + self.raw_start(index), why, raw)
