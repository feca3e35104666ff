"""The lines of a text, for readers of formats that are lines: numbered, decoded each in its own encoding.

1. A line ends at LF, the carriage returns before it belonging to the line end; in a text without any LF, at CR.
2. UTF-16 and UTF-32 are read as UTF-8; offsets are then those of the block that a line stands in.
3. A line too long to hold, or in no encoding, is set aside here; memory is that of a block and of one line.
4. Mojibake is undone where rows go out, not here: offsets and columns are those of the text.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field

from etanche.ingest.decoding import Decoder
from etanche.ingest.encodings import bom, choose_all, unit, valid, wide
from etanche.ingest.entries import Entry, Stream, open_binary
from etanche.ingest.limits import Limits, Note
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why

_HEAD = 1 << 20
_TELLING = 2000
_PLACES = 40
_PLACE = 16 << 10
_ENDS = "\r\n\x0b\x0c\x1a"


@dataclass(frozen=True, slots=True)
class Form:
    """How the bytes of a text are lines of characters."""

    encoding: str
    others: tuple[str, ...]
    mark: int
    """Bytes of its byte-order mark."""
    cr: bool
    """Lines end in CR alone."""


@dataclass(slots=True)
class Batch:
    """Lines that follow one another, without their ends."""

    first_line: int
    """1-based."""
    offset: int
    """Byte offset of the first."""
    texts: list[str] = field(repr=False)
    """Empty for a line set aside."""
    raws: list[bytes] = field(repr=False)
    aside: dict[int, Why] = field(default_factory=dict)
    """Why lines (0-based in the batch) cannot be read."""

    def quarantine(self, index: int, why: Why, limits: Limits) -> Quarantined:
        """Return a line of the batch, set aside."""
        offset = self.offset + sum(len(raw) + 1 for raw in self.raws[:index])
        return Quarantined(self.first_line + index, offset, why, self.raws[index].rstrip(b"\r")[: limits.raw_bytes])


def form_of(head: bytes) -> Form:
    """Return the form of a text that begins with `head`."""
    encoding, mark = bom(head)
    encoding = encoding or wide(head)
    if encoding and encoding != "utf-8":
        text = head[mark:].decode(encoding, "replace")
        return Form(encoding, (), mark, "\n" not in text and "\r" in text)
    cr = b"\n" not in head and b"\r" in head
    lines = head.split(b"\r" if cr else b"\n")
    telling = [line for line in lines[: len(lines) - 1 or 1] if not line.isascii()]
    choice = choose_all(telling[:: max(1, len(telling) // _TELLING)])
    if mark and choice.encoding != "utf-8":
        return Form("utf-8", (choice.encoding, *choice.others), mark, cr)
    return Form(choice.encoding, choice.others, mark, cr)


def form(entry: Entry) -> Form:
    """Return the form of an entry, from its first MiB; what comes later may be in other encodings yet."""
    return form_of(entry.head(_HEAD))


def head_lines(data: bytes) -> list[str]:
    """Return the whole lines of first bytes, as a reader that bids may look at them; [] for what is no text."""
    if b"\0" in data and not bom(data)[0] and not wide(data):
        return []
    found = form_of(data)
    body = data[found.mark :]
    step = unit(found.encoding)
    decoder = Decoder(found.encoding, found.others)
    text = decoder.lenient(body[: len(body) - len(body) % step], 13 if found.cr else 10)
    lines = [line.rstrip(_ENDS) for line in text.split("\r" if found.cr else "\n")]
    return lines[:-1] if len(lines) > 1 else lines


def sample_lines(entry: Entry, form: Form) -> list[str]:
    """Return the whole lines of the head, and of places all over a plain file."""
    lines = head_lines(entry.head(_HEAD))
    room = entry.total - _HEAD - _PLACE
    if not entry.plain or room <= 0:
        return lines
    step = unit(form.encoding)
    with open_binary(entry.outer.path) as file:
        for k in range(_PLACES):
            offset = _HEAD + room * k // _PLACES
            file.seek(offset - (offset - form.mark) % step)
            data = file.read(_PLACE)
            text = Decoder(form.encoding, form.others).lenient(data, 13 if form.cr else 10)
            lines += [line.rstrip(_ENDS) for line in text.split("\r" if form.cr else "\n")[1:-1]]
    return lines


class TextLines:
    """One pass over the lines of an entry."""

    def __init__(self, entry: Entry, limits: Limits, form: Form) -> None:
        self._entry, self._limits, self._form = entry, limits, form
        self._decoder = Decoder(form.encoding if unit(form.encoding) == 1 else "utf-8", form.others)
        self._end = b"\r" if form.cr else b"\n"
        self._line, self._offset = 1, form.mark
        self.foreign: dict[str, int] = {}
        """Lines in another encoding than the text, by encoding."""

    def notes(self) -> list[Note]:
        """Return what there is to say of the pass."""
        if not self.foreign:
            return []
        others = ", ".join(sorted(self.foreign, key=lambda name: (-self.foreign[name], name)))
        lines = sum(self.foreign.values())
        return [Note("lines_other_encoding", (("lines", lines), ("encoding", others)))]

    def batches(self) -> Iterator[Batch]:
        """Yield all lines, a block's at a time."""
        stream = self._entry.opener()
        try:
            yield from self._batches(_Narrow(stream, self._form, self._limits.block_bytes))
        finally:
            stream.close()

    def _batches(self, blocks: _Narrow) -> Iterator[Batch]:
        carry: list[bytes] = []
        size = 0
        while data := blocks.read():
            carry.append(data)
            size += len(data)
            if self._end not in data:
                if size > self._limits.line_bytes * 2:
                    batch, rest = self._long(b"".join(carry), blocks)
                    yield batch
                    carry, size = [rest] if rest else [], len(rest)
                continue
            whole = b"".join(carry)
            end = whole.rfind(self._end) + 1
            carry, size = [whole[end:]], len(whole) - end
            yield self._batch(whole[: end - 1])
        # What follows a line too long to hold may be whole lines still.
        whole = b"".join(carry).removesuffix(self._end)
        if size:
            yield self._batch(whole)

    def _batch(self, data: bytes) -> Batch:
        """Return the batch of some lines; the last has no end."""
        raws = data.split(self._end)
        batch = Batch(self._line, self._offset, [], raws)
        self._line += len(raws)
        self._offset += len(data) + 1
        most = self._limits.line_bytes
        utf8 = data.isascii() or (self._decoder.encoding == "utf-8" and valid(data, "utf-8"))
        if utf8 and max(map(len, raws)) <= most:
            # Nearly all texts; what follows takes ten times as long.
            texts = data.decode().split(self._end.decode())
            ends = any(end in data for end in _ENDS.encode())
            batch.texts = [line.rstrip(_ENDS) for line in texts] if ends else texts
            return batch
        for index, raw in enumerate(raws):
            found = None if len(raw) > most else (raw.decode(), "") if raw.isascii() else self._decoder.decode(raw)
            if found is None:
                batch.aside[index] = Why.TOO_LONG if len(raw) > most else Why.UNDECODABLE
                batch.texts.append("")
                continue
            batch.texts.append(found[0].rstrip(_ENDS))
            if found[1] and found[1] != self._decoder.encoding:
                self.foreign[found[1]] = self.foreign.get(found[1], 0) + 1
        return batch

    def _long(self, head: bytes, blocks: _Narrow) -> tuple[Batch, bytes]:
        """Pass over a line too long to hold; return it, set aside, and the bytes after it."""
        size, rest, ended = len(head), b"", False
        while data := blocks.read():
            end = data.find(self._end)
            if end >= 0:
                size, rest, ended = size + end + 1, data[end + 1 :], True
                break
            size += len(data)
        why = Why.TOO_LONG if ended else Why.CUT
        batch = Batch(self._line, self._offset, [""], [head[: self._limits.raw_bytes]], {0: why})
        self._line += 1
        self._offset += size
        return batch, rest


class _Narrow:
    """Blocks of a stream, past its byte-order mark, in one byte a unit."""

    def __init__(self, stream: Stream, form: Form, block: int) -> None:
        self._stream, self._block, self._skip = stream, block, form.mark
        wide_text = unit(form.encoding) > 1
        self._decoder = codecs.getincrementaldecoder(form.encoding)("replace") if wide_text else None

    def read(self) -> bytes:
        """Return the next block, empty only at the end."""
        while data := self._stream.read(self._block):
            skipped = min(self._skip, len(data))
            self._skip -= skipped
            data = data[skipped:]
            if self._decoder is not None:
                data = self._decoder.decode(data).encode("utf-8", "replace")
            if data:
                return data
        return b""
