"""JSON documents of any size, in constant memory: the records in them, wherever they stand.

1. An array at the root: each element is a record.  Objects that follow one another are records too.
2. An object that fits the window is one record.  A larger one is walked through: members that fit are parts of its
   record, arrays that do not are records below a path, objects that do not are walked through in turn.
3. A broken record is set aside alone.  Where it hides the beginning of the next (a quote or a bracket is missing), the
   next is found by the keys with which the first record of its array begins.
4. What is too large for the window and no container is passed over and set aside as too long.
5. A text that is cut off gives all whole records before the cut; the last is set aside as cut.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from etanche.ingest.limits import Limits
from etanche.ingest.parsers.jsondecode import Broken, Decoder
from etanche.ingest.parsers.jsonmarks import COMMA, Marks, marks
from etanche.ingest.parsers.jsontext import Window
from etanche.ingest.parsers.trees.batches import Batch
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why

WINDOW = 8 << 20
"""An object or array up to this size is held whole."""
ELEMENT = 64 << 20
"""A record up to this size is."""
_SUSPECT = 1 << 20
_MANY = 1000
_LEVELS = 32
"""Containers that are walked through within each other."""
_LEAD = re.compile(rb"[\s,;)\x1e\x00]*")
_WRAPPER = re.compile(rb"[\s\w$.=(;/*\[\]'\"!&|,:{}\-]{0,400}", re.ASCII)
# Possessive throughout: a plain repetition remembers 150 bytes for each character of a long string.
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_SCALAR = rb"(?:" + _STRING + rb'|[^\s"{}\[\],:]++)?+'
_KEY = re.compile(rb"[\s,]*+(" + _STRING + rb")\s*+:\s*+([\[{])")
_FIRST = re.compile(rb"\s*+\{\s*+(" + _STRING + rb")\s*+:\s*+" + _SCALAR + rb"(?:\s*+,\s*+(" + _STRING + rb")\s*+:)?")


@dataclass(slots=True)
class _Frame:
    """A container that is being walked through."""

    array: bool
    path: tuple[str, ...]
    root: bool
    """An array whose elements are records of the document itself."""
    next: re.Pattern[bytes] | None = None
    """What the next record begins with."""
    seen: int = 0
    """Elements so far."""


@dataclass(slots=True)
class Documents:
    """The walk through one text."""

    window: Window
    decoder: Decoder
    limits: Limits
    records: int = 0
    largest: int = 0
    derailed: int = 0
    block: int = field(init=False)
    _stack: list[_Frame] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read in blocks that fit the cache."""
        self.block = self.limits.block_bytes

    def batches(self) -> Iterator[Batch]:
        """Yield the records."""
        try:
            while True:
                if not self._stack:
                    batch, going = self._root()
                elif self._stack[-1].array:
                    batch, going = self._array(self._stack[-1])
                else:
                    batch, going = self._object(self._stack[-1])
                if batch is not None:
                    yield batch
                if not going:
                    return
        finally:
            self.window.close()

    # --- the root ----------------------------------------------------------------------------------------------

    def _root(self) -> tuple[Batch | None, bool]:
        """Take what stands at the root."""
        window = self.window
        window.more(self.block)
        lead = _LEAD.match(window.data)
        window.drop(lead.end() if lead else 0)
        if not window.data:
            return None, not window.ended
        first = window.data[:1]
        if first == b"[":
            window.drop(1)
            self._stack.append(_Frame(array=True, path=(), root=True))
            return None, True
        if first != b"{":
            return self._junk(), True
        return self._objects(), True

    def _objects(self) -> Batch | None:
        """Take whole objects at the root; walk through one that the window does not hold."""
        window, size = self.window, self.block
        while True:
            window.more(size)
            found = marks(window.data)
            ends = found.ends()
            if len(ends):
                break
            if window.ended or len(window.data) >= WINDOW:
                window.drop(1)
                self.records += 1
                self._stack.append(_Frame(array=False, path=(), root=True))
                return None
            size = len(window.data) * 2
        batch = Batch(offset=window.base)
        start = 0
        numbers: list[int] = []
        upto = 0
        for end in ends.tolist():
            lead = _LEAD.match(window.data, start)
            start = lead.end() if lead else start
            if window.data[start : start + 1] != b"{":
                break
            self.records += 1
            self._one(batch, numbers, window.data[start:end], self.records, window.base + start)
            start = upto = end
        batch.numbers = numbers
        window.drop(upto)
        return batch

    def _junk(self) -> Batch | None:
        """Pass over what stands before a container: the name of a variable, the call of a function, or damage."""
        window = self.window
        at = re.search(rb"[\[{]", window.data)
        end = at.start() if at else len(window.data)
        junk = window.data[:end]
        window.drop(end)
        if len(junk) <= 400 and _WRAPPER.fullmatch(junk) and (at or not re.search(rb"\w", junk)):
            return None
        return Batch(quarantined=[self._aside(self.records + 1, window.base - end, Why.UNDECODABLE, junk)])

    # --- arrays ------------------------------------------------------------------------------------------------

    def _array(self, frame: _Frame) -> tuple[Batch | None, bool]:
        """Take the whole elements that the window holds."""
        window, size = self.window, self.block
        while True:
            window.more(size)
            found = marks(window.data[:size])
            stops, closed = found.level()
            if len(stops):
                return self._elements(frame, found, stops.tolist(), closed=closed), True
            if window.ended and size >= len(window.data):
                return self._last(frame)
            suspect = max(_SUSPECT if self.derailed < _MANY else _SUSPECT >> 4, 64 * self.largest)
            if size >= suspect and frame.seen and (at := self._resync(frame, window.data, 0)):
                return self._derail(frame, at), True
            if size >= WINDOW and frame.root and window.data.lstrip()[:1] == b"{":
                window.drop(window.data.index(b"{") + 1)
                self.records += 1
                self._stack.append(_Frame(array=False, path=(), root=True))
                return None, True
            if size >= ELEMENT:
                return self._too_long(frame), True
            size *= 2

    def _elements(self, frame: _Frame, found: Marks, stops: list[int], *, closed: bool) -> Batch:
        """Take the elements between stops; stop at the first that hides the next one's beginning."""
        window = self.window
        data = window.data
        if frame.next is None:
            frame.next = _beginning(data[: stops[0]])
        batch = Batch(path=frame.path, parent=self.records if frame.path else 0, offset=window.base)
        upto = stops[-1]
        values = self.decoder.batch(found, 0, upto) if upto else []
        numbers: list[int] = []
        count = len(stops)
        self.largest = max(self.largest, int(np.diff(stops).max(initial=stops[0])))
        # The last element before a bracket may be nothing, after a trailing comma.
        if values is not None and count - 1 <= len(values) <= count:
            batch.values = values
            first = self._number(frame, len(values))
            batch.numbers = range(first, first + len(values))
            window.drop(upto + 1)
        else:
            batch.numbers = numbers
            start = 0
            for stop in stops:
                piece = data[start:stop]
                if piece.strip():
                    number = self._number(frame, 1)
                    good = self._one(batch, numbers, piece, number, window.base + start)
                    again = 0 if good or frame.next is None else self._resync(frame, data, start, stop)
                    if again:
                        batch.quarantined[-1] = self._aside(
                            number, window.base + start, Why.UNDECODABLE, data[start:again]
                        )
                        self.derailed += 1
                        window.drop(again)
                        return batch
                start = stop + 1
            window.drop(upto + 1)
        if closed:
            self._close(frame, data[upto : upto + 1], batch)
        return batch

    def _close(self, frame: _Frame, bracket: bytes, batch: Batch) -> None:
        """Leave an array, unless the bracket is a stray one and records follow."""
        window = self.window
        if bracket == b"}" and frame.next is not None:
            window.more(self.block)
            match = frame.next.search(b"," + window.data)
            if match:
                stray = bracket + window.data[: match.start(1) - 1]
                window.drop(match.start(1) - 1)
                if stray.strip(b"}, \t\r\n"):
                    batch.quarantined.append(
                        self._aside(self._number(frame, 1), window.base - len(stray), Why.UNDECODABLE, stray)
                    )
                return
        self._stack.pop()

    def _number(self, frame: _Frame, count: int) -> int:
        """Count elements; return the number of the first."""
        first = (self.records if frame.root else frame.seen) + 1
        frame.seen += count
        if frame.root:
            self.records += count
        return first

    def _resync(self, frame: _Frame, data: bytes, start: int, end: int | None = None) -> int:
        """Return where the record after the one at `start` begins, 0 when that cannot be told."""
        lead = _LEAD.match(data, start)
        if frame.next is None or lead is None:
            return 0
        match = frame.next.search(data, lead.end() + 1, len(data) if end is None else end)
        return match.start(1) if match else 0

    def _derail(self, frame: _Frame, at: int) -> Batch:
        """Set aside what stands before the next record."""
        window = self.window
        number = self._number(frame, 1)
        batch = Batch(path=frame.path, parent=self.records if frame.path else 0, offset=window.base)
        batch.quarantined.append(self._aside(number, window.base, Why.UNDECODABLE, window.data[:at]))
        self.derailed += 1
        window.drop(at)
        return batch

    def _last(self, frame: _Frame) -> tuple[Batch | None, bool]:
        """Take what is left of a text that ends within an array."""
        window = self.window
        if at := self._resync(frame, window.data, 0):
            return self._derail(frame, at), True
        batch = Batch(path=frame.path, parent=self.records if frame.path else 0, offset=window.base)
        rest = window.data.strip()
        if rest:
            numbers: list[int] = []
            number = self._number(frame, 1)
            # Only the bracket may be missing; a bare token may have gone on.
            if not (rest[-1:] in b'}]"' and self._one(batch, numbers, rest, number, window.base)):
                batch.quarantined = [self._aside(number, window.base, Why.CUT, window.data)]
            batch.numbers = numbers
        return self._finish(batch)

    def _finish(self, batch: Batch) -> tuple[Batch, bool]:
        """End a text that ends within containers."""
        batch.end = any(not frame.array for frame in self._stack)
        self._stack.clear()
        self.window.drop(len(self.window.data))
        return batch, False

    # --- objects -----------------------------------------------------------------------------------------------

    def _object(self, frame: _Frame) -> tuple[Batch | None, bool]:
        """Take the whole members that the window holds; walk through one that it does not."""
        window, size = self.window, self.block
        while True:
            window.more(size)
            found = marks(window.data[:size])
            stops, closed = found.level()
            if len(stops):
                return self._members(frame, found, stops.tolist(), closed=closed), True
            if (window.ended and size >= len(window.data)) or size >= WINDOW:
                break
            size *= 2
        match = _KEY.match(window.data)
        if match and len(self._stack) < _LEVELS:
            key = self.decoder.one(match.group(1))
            window.drop(match.end())
            self._stack.append(_Frame(array=match.group(2) == b"[", path=(*frame.path, str(key)), root=False))
            return None, True
        if window.ended:
            batch = Batch(partial=True, offset=window.base)
            if window.data.strip():
                batch.quarantined.append(self._aside(self.records, window.base, Why.CUT, window.data))
            return self._finish(batch)
        return self._too_long(frame), True

    def _members(self, frame: _Frame, found: Marks, stops: list[int], *, closed: bool) -> Batch:
        """Take the members between stops."""
        window = self.window
        data, upto = window.data, stops[-1]
        lead = _LEAD.match(data)
        low = min(lead.end() if lead else 0, upto)
        batch = Batch(partial=True, offset=window.base)
        members = self.decoder.batch(found, low, upto, (b"{", b"}")) if low < upto else {}
        if members is None:
            members = {}
            start = 0
            for stop in stops:
                piece = data[start:stop]
                if piece.strip():
                    try:
                        members |= self.decoder.one(b"{" + piece + b"}")
                    except (Broken, TypeError):
                        batch.quarantined.append(self._aside(self.records, window.base + start, Why.UNDECODABLE, piece))
                start = stop + 1
        if members:
            for key in reversed(frame.path):
                members = {key: members}
            batch.values, batch.numbers = [members], (self.records,)
        window.drop(upto + 1)
        if closed:
            self._stack.pop()
            batch.end = not any(not frame.array for frame in self._stack)
        return batch

    # --- single values -----------------------------------------------------------------------------------------

    def _one(self, batch: Batch, numbers: list[int], piece: bytes, number: int, offset: int) -> bool:
        """Add one value to a batch, or its bytes to those set aside."""
        self.largest = max(self.largest, len(piece))
        try:
            value = self.decoder.one(piece)
        except Broken:
            batch.quarantined.append(self._aside(number, offset, Why.UNDECODABLE, piece))
            return False
        batch.values.append(value)
        numbers.append(number)
        return True

    def _too_long(self, frame: _Frame) -> Batch:
        """Pass over an element or a member that no window holds."""
        window = self.window
        number = self._number(frame, 1) if frame.array else self.records
        item = self._aside(number, window.base, Why.TOO_LONG, window.data)
        depth, inside, slash = 0, False, False
        while window.data:
            end, depth, inside, slash = _skip(window.data, depth, inside=inside, slash=slash)
            if end >= 0:
                window.drop(end)
                break
            window.drop(len(window.data))
            window.more(self.block)
        return Batch(path=frame.path, parent=self.records if frame.path else 0, quarantined=[item])

    def _aside(self, number: int, offset: int, why: Why, raw: bytes) -> Quarantined:
        return Quarantined(max(number, 1), offset, why, raw[: self.limits.raw_bytes])


def _skip(data: bytes, depth: int, *, inside: bool, slash: bool) -> tuple[int, int, bool, bool]:
    """Return where an element ends (-1: not in these bytes) that is at a depth, within a string (after a backslash)."""
    before = (b'"\\' if slash else b'"') if inside else b""
    found = marks(before + data)
    level = depth + found.depth
    stop = (level < 0) | ((level == 0) & (found.code == COMMA))
    if stop.any():
        first = int(np.argmax(stop))
        # A comma goes with the element; the bracket is its container's.
        return int(found.at[first]) - len(before) + int(found.code[first] == COMMA), 0, False, False
    tail = len(data) - len(data.rstrip(b"\\"))
    return -1, int(level[-1]) if len(level) else depth, found.open, found.open and tail % 2 == 1


def _beginning(first: bytes) -> re.Pattern[bytes] | None:
    """Return what records begin with, judged by the first: their first key, and the second after a scalar."""
    match = _FIRST.match(first)
    if match is None:
        return None
    one, two = match.group(1), match.group(2)
    then = rb"\s*+:\s*+" + _SCALAR + rb"\s*+,\s*+" + re.escape(two) if two else b""
    return re.compile(rb"[,\s\]}](\{\s*+" + re.escape(one) + then + rb"\s*+:)")


def documents(opener: Callable[[], Iterator[bytes]], decoder: Decoder, limits: Limits) -> Iterator[Batch]:
    """Yield the records of the JSON documents in a text."""
    return Documents(Window(opener), decoder, limits).batches()
