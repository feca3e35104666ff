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

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.trees.batches import Batch
from etanche.ingest.parsers.xmltext import DECLARATION, blocks
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why

LARGE = 50_000
"""Elements up to which an element is held whole."""
_DEEP = 120
_PATHS = 20_000
_FLUSH = 1_000
_RESUMES = 10_000
_TAIL = 1 << 16
_LONGEST = 64 << 20
"""Characters of one record, and bytes that expat may hold back for the end of one token."""
_ABSURD = 10_000
"""Elements in elements."""
_JUNK = 9
"""expat: junk after document element."""
_MENDABLE = frozenset((4, 11))
"""expat: not well-formed (invalid token), undefined entity."""


@dataclass(slots=True)
class Branch:
    """What the outline knows of a path."""

    count: int = 0
    biggest: int = 0
    below: dict[str, Branch] = field(default_factory=dict)


@dataclass(slots=True)
class Outline:
    """What the first reading found."""

    root: Branch = field(default_factory=Branch)
    documents: int = 0
    elements: int = 0
    resumes: list[tuple[str, ...]] = field(default_factory=list)
    """Where reading went on after each damage: the path of the record there; empty for a new document."""
    failed: int = 0
    """expat's code of the first damage."""
    kept: int = 1
    """How many of the elements that are open at a cut hold whole records."""

    def records(self) -> frozenset[tuple[str, ...]]:
        """Return the paths of elements that are records; empty when each document is one."""
        if self.root.biggest <= LARGE:
            return frozenset()
        found: set[tuple[str, ...]] = set()
        for name, branch in self.root.below.items():
            _choose(branch, (name,), found)
        return frozenset(found)


def _choose(branch: Branch, path: tuple[str, ...], found: set[tuple[str, ...]]) -> None:
    for name, below in branch.below.items():
        repeats = below.count > branch.count
        if below.biggest > LARGE or (not repeats and below.below):
            _choose(below, (*path, name), found)
        elif repeats:
            found.add((*path, name))


class Handler:
    """What is done with elements; `names` are those that are open."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.began: list[int] = []
        """Where each of them begins, for a handler that wants to know."""
        self.place: Callable[[], int] = int
        """Tells the offset of what is being seen."""

    def start(self, tag: str, attributes: list[str]) -> None:
        """See an element begin."""
        raise NotImplementedError

    def end(self, tag: str) -> None:
        """See an element end."""
        raise NotImplementedError

    def text(self, data: str) -> None:
        """See text."""

    def broken(self, code: int, rest: bytes) -> tuple[str, ...]:
        """Return the path of the element to go on with after damage; empty to stop."""
        raise NotImplementedError

    def gap(self, depth: int, raw: bytes, offset: int, why: Why) -> None:
        """Leave the elements below a depth unfinished; the bytes are set aside."""
        raise NotImplementedError


class Run:
    """expat over the blocks of a text, going on after damage."""

    def __init__(self, entry: Entry, limits: Limits, handler: Handler, *, repair: bool) -> None:
        self._shown = "!".join((entry.outer.shown, *entry.members))
        self._blocks = blocks(entry, limits.block_bytes, repair=repair)
        self._handler = handler
        self._before = self._block = b""
        self.offset = self._base = 0
        """Offsets of the block that is being read, and of what the parser was given first."""
        handler.place = self._place
        self._fresh()

    def _fresh(self, ancestors: tuple[str, ...] = ()) -> None:
        """Begin a parser, within elements that are open already."""
        self._expat = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.ordered_attributes = True
        prefix = "".join(f"<{name}>" for name in ancestors).encode()
        if prefix:
            parser.Parse(prefix, False)
        self._fed = self._prefix = len(prefix)
        self._begun = bool(prefix)
        parser.StartElementHandler = self._handler.start
        parser.EndElementHandler = self._handler.end
        parser.CharacterDataHandler = self._handler.text
        parser.EntityDeclHandler = self._entity
        # A default handler keeps expat from expanding entities; they come here as they are written.
        parser.DefaultHandler = self._default

    def _place(self) -> int:
        return self._base + self._expat.CurrentByteIndex - self._prefix

    def _raw(self, depth: int, end: int) -> tuple[bytes, int]:
        """Return the bytes from where the element below a depth begins, as far as they are at hand, and the offset."""
        held = self.offset - len(self._before)
        began = self._handler.began
        start = max(began[depth] if depth < len(began) else self.offset, held)
        return (self._before + self._block)[start - held : max(end, start) - held], start

    def _entity(self, *declared: object) -> None:
        value, system = declared[2], declared[4]
        if system is not None or (isinstance(value, str) and ("&" in value or "%" in value or len(value) > 1000)):
            raise UserError("ingest_xml_entities", ExitCode.UNREADABLE, path=self._shown)

    def _default(self, data: str) -> None:
        if data.startswith("&"):
            self._handler.text(data)

    def steps(self) -> Iterator[None]:
        """Read the text; yield after each block."""
        try:
            for block in filter(None, self._blocks):
                self._block = block
                data = self._parse(block)
                while data is not None:
                    data = self._parse(data)
                self._before, self._block = self._block, b""
                self.offset += len(self._before)
                if self._fed - self._expat.CurrentByteIndex > _LONGEST:
                    raise Stop
                yield
            self._end()
            yield
        finally:
            self._blocks.close()

    def _parse(self, data: bytes) -> bytes | None:
        """Parse bytes; return those to go on with after an error, None when there are none."""
        if not self._begun:
            lead = DECLARATION.match(data)
            data = data[lead.end() :] if lead else data
            self._begun = bool(data)
            self._base = self.offset + len(self._block) - len(data)
        try:
            self._expat.Parse(data, False)
        except expat.ExpatError as error:
            at = min(max(self._expat.ErrorByteIndex - self._fed, 0), len(data))
            return self._damage(error.code, data, at)
        self._fed += len(data)
        return None

    def _damage(self, code: int, data: bytes, at: int) -> bytes | None:
        """Return where to go on after an error."""
        if code == _JUNK:
            self._fresh()
            return data[at:]
        path = self._handler.broken(code, data[at:])
        if not path:
            raise Stop
        depth = len(path) - 1
        next_one = re.compile(rb"<(?:[\w.\-]+:)?" + re.escape(path[-1].encode()) + rb"(?=[\s/>])")
        found = next_one.search(data, at + 1)
        end = self.offset + len(self._block) - len(data) + (len(data) if found is None else found.start())
        self._handler.gap(depth, *self._raw(depth, end), Why.UNDECODABLE)
        while found is None:
            block = next(self._blocks, None)
            if block is None:
                raise Stop
            self.offset += len(self._block)
            self._before, self._block = self._block, block
            data = block
            found = next_one.search(data)
        self._fresh(path[:-1])
        self._base = self.offset + len(self._block) - len(data) + found.start()
        return data[found.start() :]

    def _end(self) -> None:
        """See whether anything was open at the end."""
        try:
            self._expat.Parse(b"", True)
        except expat.ExpatError as error:
            if self._begun and error.code != _JUNK:
                raise Stop from None

    def cut(self, kept: int) -> None:
        """Have the handler leave all elements but some, at the end of what can be read."""
        self._handler.gap(kept, *self._raw(kept, self.offset + len(self._block)), Why.CUT)


class Stop(Exception):  # noqa: N818 - no error: the rest cannot be read
    """The text cannot be read any further."""


class Outliner(Handler):
    """Counts paths."""

    def __init__(self) -> None:
        super().__init__()
        self.outline = Outline()
        self._stack: list[tuple[Branch, int]] = []
        self._paths = 0

    def start(self, tag: str, attributes: list[str]) -> None:  # noqa: ARG002
        """Count an element."""
        outline = self.outline
        outline.elements += 1
        if len(self.names) > _ABSURD:
            raise Stop
        parent = self._stack[-1][0] if self._stack else outline.root
        tag = local(tag)
        branch = parent.below.get(tag)
        if branch is None:
            branch = Branch()
            if self._paths < _PATHS and len(self._stack) < _DEEP:
                self._paths += 1
                parent.below[tag] = branch
        branch.count += 1
        self.names.append(tag)
        self._stack.append((branch, outline.elements))

    def end(self, tag: str) -> None:  # noqa: ARG002
        """See how much was below an element."""
        self.names.pop()
        self._leave()

    def _leave(self) -> None:
        branch, first = self._stack.pop()
        size = self.outline.elements - first
        branch.biggest = max(branch.biggest, size)
        if not self._stack:
            self.outline.documents += 1
            self.outline.root.biggest = max(self.outline.root.biggest, size)

    def broken(self, code: int, rest: bytes) -> tuple[str, ...]:
        """Go on with the outermost element around that repeats."""
        outline = self.outline
        outline.failed = outline.failed or code
        path = self._repeating(rest) if len(outline.resumes) < _RESUMES else ()
        outline.resumes.append(path)
        return path

    def _repeating(self, rest: bytes) -> tuple[str, ...]:
        before = self.outline.root
        for depth, (branch, _) in enumerate(self._stack):
            if depth and branch.count > before.count:
                return tuple(self.names[: depth + 1])
            before = branch
        if len(self._stack) == 1 and before.below:
            return (self.names[0], max(before.below, key=lambda name: before.below[name].count))
        for depth in range(1, len(self.names)):
            if b"<" + self.names[depth].encode() in rest:
                return tuple(self.names[: depth + 1])
        return ()

    def gap(self, depth: int, raw: bytes, offset: int, why: Why) -> None:  # noqa: ARG002
        """Leave elements."""
        if why is Why.CUT:
            self.outline.kept = max(len(self._repeating(b"")) - 1, 1)
        while len(self._stack) > depth:
            self._leave()
        del self.names[depth:]


def local(tag: str) -> str:
    """Return a tag or attribute without its namespace."""
    return tag.rpartition(":")[2]


def outline(entry: Entry, limits: Limits) -> tuple[Outline, bool]:
    """Return what an XML text is like, and whether it has to be repaired on the way.

    Raises `UserError` for a text that declares entities made to explode.
    """
    for repair in (False, True):
        outliner = Outliner()
        run = Run(entry, limits, outliner, repair=repair)
        try:
            for _ in run.steps():
                pass
        except Stop:
            run.cut(0)
        if outliner.outline.failed not in _MENDABLE:
            break
    return outliner.outline, repair


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
        if len(self.names) > _DEEP:
            if len(self.names) > _ABSURD:
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
        if self._open and self._chars <= _LONGEST:
            self._open[-1].texts.append(data)

    def end(self, tag: str) -> None:  # noqa: ARG002
        """End an element."""
        depth = len(self.names)
        name = self.names[-1]
        if depth > _DEEP:
            self.names.pop()
            self.began.pop()
            return
        value = self._open.pop().value()
        if depth == self._inside:
            if self._chars > _LONGEST:
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
