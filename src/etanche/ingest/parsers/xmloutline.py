"""What an XML text is like, and expat over its blocks, going on after damage.

1. The outline counts how often each path occurs and how much is below it, in bounded memory.
2. Entities that the text declares are never expanded, external ones never fetched; one that holds another is refused.
3. Where the text is broken, reading goes on with the next record.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.xmltext import DECLARATION, blocks
from etanche.model import QuarantineReason as Why

LARGE = 50_000
"""Elements up to which an element is held whole."""
DEEP = 120
_PATHS = 20_000
_RESUMES = 10_000
LONGEST = 64 << 20
"""Characters of one record, and bytes that expat may hold back for the end of one token."""
ABSURD = 10_000
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


class Handler(ABC):
    """What is done with elements; `names` are those that are open."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.began: list[int] = []
        """Where each of them begins, for a handler that wants to know."""
        self.place: Callable[[], int] = int
        """Tells the offset of what is being seen."""

    @abstractmethod
    def start(self, tag: str, attributes: list[str]) -> None:
        """See an element begin."""

    @abstractmethod
    def end(self, tag: str) -> None:
        """See an element end."""

    def text(self, data: str) -> None:  # noqa: B027 - an outline needs none
        """See text."""

    @abstractmethod
    def broken(self, code: int, rest: bytes) -> tuple[str, ...]:
        """Return the path of the element to go on with after damage; empty to stop."""

    @abstractmethod
    def gap(self, depth: int, raw: bytes, offset: int, why: Why) -> None:
        """Leave the elements below a depth unfinished; the bytes are set aside."""


class Run:
    """expat over the blocks of a text, going on after damage."""

    def __init__(self, entry: Entry, limits: Limits, handler: Handler, *, repair: bool) -> None:
        self._shown = "!".join((entry.outer.shown, *entry.members))
        self._blocks = blocks(entry, limits.block_bytes, repair=repair)
        self._handler = handler
        self._before = self._block = b""
        self.offset = self._base = 0
        """Offsets of the block that is being read, and of what the parser was given first."""
        self._resumed = 0
        """Where reading last went on after damage: what stands before was dealt with."""
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
        start = max(began[depth] if depth < len(began) else self.offset, held, self._resumed)
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
                if self._fed - self._expat.CurrentByteIndex > LONGEST:
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
        self._base = self._resumed = self.offset + len(self._block) - len(data) + found.start()
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
        if len(self.names) > ABSURD:
            raise Stop
        parent = self._stack[-1][0] if self._stack else outline.root
        tag = local(tag)
        branch = parent.below.get(tag)
        if branch is None:
            branch = Branch()
            if self._paths < _PATHS and len(self._stack) < DEEP:
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
