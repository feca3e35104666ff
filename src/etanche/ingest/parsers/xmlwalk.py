"""XML as records, in constant memory: which elements repeat, and what is in them.

1. The text is read once for its outline: how often each path occurs and how much is below it.
2. A document of moderate size is one record; of a large one, what repeats below its root is records, whatever else
   stands beside them is the document's own record.  Documents that follow one another are a record each.
3. Attributes and children are keys, what repeats is a list, namespaces are dropped, white space between elements is
   nothing.
4. Entities that the text declares are never expanded, external ones never fetched; one that holds another is refused.
5. Where the text is broken, what stands before the next record is set aside, and reading goes on there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.trees.batches import Batch
from etanche.ingest.parsers.xmloutline import ABSURD, DEEP, LARGE, LONGEST, Handler, Outline, Run, Stop, local, outline
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why

_FLUSH = 1_000


class _Open:
    """An element that is being read."""

    __slots__ = ("children", "texts")

    def __init__(self) -> None:
        self.children: dict[str, Any] = {}
        self.texts: list[str] = []

    def put(self, name: str, value: Any) -> None:  # noqa: ANN401 - a tree
        """Add a child or an attribute."""
        if name not in self.children:
            self.children[name] = value
        elif type(self.children[name]) is list:
            self.children[name].append(value)
        else:
            self.children[name] = [self.children[name], value]

    def value(self) -> Any:  # noqa: ANN401 - a tree
        """Return the element as a tree."""
        text = "".join(self.texts)
        if not self.children:
            return text
        if text.strip():
            self.put("", text)
        return self.children


class Reading(Handler):
    """Makes records of elements."""

    def __init__(self, found: Outline, limits: Limits) -> None:
        super().__init__()
        self._records = found.records()
        self._resumes = iter(found.resumes)
        self._limits = limits
        self._open: list[_Open] = []
        self._inside = 0
        """Depth of the record that is being read, 0 outside."""
        self._numbers: dict[tuple[str, ...], int] = {}
        self.ready: dict[tuple[str, ...], list[Any]] = {}
        self.quarantined: list[Quarantined] = []
        self.held = self.weight = self._chars = 0

    def start(self, tag: str, attributes: list[str]) -> None:
        """Begin an element."""
        tag = local(tag)
        self.names.append(tag)
        self.began.append(self.place())
        self.weight += 1
        if len(self.names) > DEEP:
            if len(self.names) > ABSURD:
                raise Stop
            return
        if not self._inside:
            self._chars = 0
        made = _Open()
        for at in range(0, len(attributes), 2):
            name = attributes[at]
            if not name.startswith("xmlns"):
                made.put(local(name), attributes[at + 1])
        self._open.append(made)
        if not self._inside and self._records and tuple(self.names) in self._records:
            self._inside = len(self.names)

    def text(self, data: str) -> None:
        """Add text."""
        if not self._inside and self._records and data.isspace():
            return
        self._chars += len(data)
        if self._open and self._chars <= LONGEST:
            self._open[-1].texts.append(data)

    def end(self, tag: str) -> None:  # noqa: ARG002
        """End an element."""
        depth = len(self.names)
        name = self.names[-1]
        if depth > DEEP:
            self.names.pop()
            self.began.pop()
            return
        value = self._open.pop().value()
        if depth == self._inside:
            if self._chars > LONGEST:
                self._aside(b"", 0, Why.TOO_LONG)
            else:
                self.ready.setdefault(tuple(self.names[1:]), []).append(value)
                self.held += 1
            self._inside = 0
        elif depth > 1:
            self._open[-1].put(name, value)
        else:
            self._document(value)
        self.names.pop()
        self.began.pop()

    def _document(self, value: Any) -> None:  # noqa: ANN401 - a tree
        """Add what stands at the root, the element's name going with text alone."""
        if type(value) is not dict:
            if self._records and not value.strip():
                return
            value = {self.names[0]: value}
        self.ready.setdefault((), []).append(value)
        self.held += 1

    def broken(self, code: int, rest: bytes) -> tuple[str, ...]:  # noqa: ARG002
        """Go on where the outline did."""
        return next(self._resumes, ())

    def _aside(self, raw: bytes, offset: int, why: Why) -> None:
        if why is Why.CUT and not raw.strip():
            return
        path = tuple(self.names[1:])
        number = self._numbers.get(path, 0) + len(self.ready.get(path, ())) + 1
        self.quarantined.append(Quarantined(number, offset, why, raw[: self._limits.raw_bytes]))
        self.weight += len(raw)

    def gap(self, depth: int, raw: bytes, offset: int, why: Why) -> None:
        """Leave elements; at the end of the text, what is whole is kept."""
        inside = self._inside > depth
        del self.names[self._inside if inside else depth + 1 :]
        self._aside(raw, offset, why)
        self._inside = 0 if inside else self._inside
        del self.names[depth:], self._open[depth:], self.began[depth:]
        while why is Why.CUT and self.names:
            value = self._open.pop().value()
            name = self.names[-1]
            if self._open:
                self._open[-1].put(name, value)
            elif value:
                self._document(value)
            self.names.pop()
            self.began.clear()

    def batches(self, offset: int) -> Iterator[Batch]:
        """Yield what is ready."""
        parts = bool(self._records)
        for path, values in self.ready.items():
            first = self._numbers.get(path, 0) + 1
            self._numbers[path] = first + len(values) - 1
            numbers = range(first, first + len(values))
            yield Batch(values, path, numbers, 1 if path else 0, offset, parts and not path, parts and not path)
        self.ready = {}
        self.held = self.weight = 0
        if self.quarantined:
            yield Batch(quarantined=self.quarantined, offset=offset)
            self.quarantined = []


class XmlTrees:
    """The records of an XML text."""

    def __init__(self, entry: Entry, limits: Limits, encoding: str) -> None:
        self._entry, self._limits, self.encoding = entry, limits, encoding
        self._outline, self._repair = outline(entry, limits)

    def batches(self, needles: tuple[bytes, ...] = ()) -> Iterator[Batch]:  # noqa: ARG002 - elements have no bytes
        """Read the text from its start."""
        reading = Reading(self._outline, self._limits)
        run = Run(self._entry, self._limits, reading, repair=self._repair)
        try:
            for _ in run.steps():
                if reading.held >= _FLUSH or reading.weight > LARGE:
                    yield from reading.batches(run.offset)
        except Stop:
            run.cut(self._outline.kept)
        yield from reading.batches(run.offset)
