"""The first pass over a dump: which tables it has, where the rows of each lie, and some of their bytes to look at.

1. Memory does not grow with the dump: statements of one table that follow one another are one span, spans past a
   number are merged (what lies between is passed over when they are read), and what is kept to look at is thinned.
2. A name is `schema.table` where the dump says so; without a schema it is the table of that name, if there is one.
3. A table's columns are those of CREATE TABLE, then those that only INSERTs name.  A table made anew with other
   columns has both generations' columns; a row without a list of columns belongs to the generation before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from etanche.ingest.encodings import valid
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.sql.copytext import cells, copy_format
from etanche.ingest.parsers.sql.events import Bad, End, Into, Lines, Row, Rows, Seekable, Table, Unread, Use
from etanche.ingest.parsers.sql.flavour import Flavour
from etanche.ingest.parsers.sql.masks import Blanked
from etanche.ingest.parsers.sql.rowwalk import Seen
from etanche.ingest.parsers.sql.schema import Declared
from etanche.ingest.parsers.sql.tokens import Stop, names_of, parts_of, slow_row, token
from etanche.ingest.parsers.sql.walker import Walker

_SPANS = 20_000
_PLACES = 64
_PLACE = 16 << 10
_KEPT = 96 << 20
_TELLING = re.compile(rb"[^\n\t'\"]{0,120}[\x80-\xff][^\n\t'\"]{0,120}")
"""About a cell: the next one may be in another encoding."""
_LINES = 3000
_BINARY = re.compile(
    r"(?:tiny|medium|long)?blob\b|(?:var)?binary\b|bit\b|image\b|(?:multi)?(?:point|polygon)\b|geometry"
)


@dataclass(slots=True)
class Span:
    """A stretch of the dump with rows of a table."""

    start: int
    end: int
    implicit: tuple[bytes, ...]
    """What a row without a list of columns holds."""
    use: tuple[bytes, ...]
    """The schema of unqualified names."""


@dataclass(frozen=True, slots=True)
class Place:
    """Some rows to look at: lines of a COPY, or rows of an INSERT."""

    into: Into
    implicit: tuple[bytes, ...]
    event: Lines | Rows | Row = field(repr=False)


@dataclass(slots=True)
class Found:
    """What the first pass knows of one table."""

    parts: tuple[bytes, ...]
    names: list[bytes] = field(default_factory=list)
    types: dict[bytes, str] = field(default_factory=dict)
    implicit: tuple[bytes, ...] = ()
    named: bool = False
    """The dump names its columns."""
    spans: list[Span] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    every: int = 1
    seen: int = 0
    copied: bool = False
    inserted: bool = False
    binary: set[bytes] = field(default_factory=set)
    """Columns (small letters) declared to hold bytes."""
    known: dict[bytes, int] = field(default_factory=dict)

    def position(self, name: bytes) -> int:
        """Return the place of a column, adding it when it is new."""
        key = name.lower()
        if key not in self.known:
            self.known[key] = len(self.names)
            self.names.append(name)
        return self.known[key]

    def declare(self, columns: list[Declared]) -> None:
        """Take the columns of a CREATE TABLE."""
        self.implicit = tuple(column.name for column in columns)
        self.named = self.named or bool(columns)
        for column in columns:
            self.position(column.name)
            self.types[column.name] = column.type
            if _BINARY.match(column.type):
                self.binary.add(column.name.lower())


class Names:
    """Which table a name means."""

    def __init__(self) -> None:
        self.tables: dict[tuple[bytes, ...], Found] = {}
        self._last: dict[bytes, list[tuple[bytes, ...]]] = {}
        self.use: tuple[bytes, ...] = ()

    def find(self, name: bytes, use: tuple[bytes, ...] | None = None) -> Found | None:
        """Return the table that a name (as written) means, None when there is none yet; `use`: where it stands."""
        key = self._key(name, self.use if use is None else use)
        if found := self.tables.get(key):
            return found
        others = self._last.get(key[-1], [])
        if len(others) == 1 and (len(key) == 1 or len(others[0]) == 1):
            return self.tables[others[0]]
        return None

    def make(self, name: bytes) -> Found:
        """Return the table that a name means, made if there is none."""
        if found := self.find(name):
            return found
        key = self._key(name, self.use)
        parts = tuple(parts_of(name))
        found = Found(parts if len(parts) > 1 else (*self.use, *parts))
        self.tables[key] = found
        self._last.setdefault(key[-1], []).append(key)
        return found

    @staticmethod
    def _key(name: bytes, use: tuple[bytes, ...]) -> tuple[bytes, ...]:
        parts = tuple(part.lower() for part in parts_of(name))
        if len(parts) == 1:
            parts = (*(part.lower() for part in use), *parts)
        return parts or (b"",)


@dataclass(slots=True)
class Catalog:
    """All that the first pass has found."""

    names: Names = field(default_factory=Names)
    unread: int = 0
    lines: list[bytes] = field(default_factory=list, repr=False)
    """Bytes around characters that are not ASCII, from all over the dump."""
    seen: Seen = field(default_factory=dict, repr=False)
    full: bool = False
    """There were more tables than the limit allows."""


def carve(file: Seekable, flavour: Flavour, limits: Limits) -> Catalog:
    """Walk a dump from its start and return what is in it."""
    carver = _Carver(flavour, limits)
    walker = Walker(file, 0, None, flavour, limits)
    for _ in carver.run(walker):
        pass
    carver.catalog.seen = walker.seen
    return carver.catalog


class _Carver:
    """The first pass."""

    def __init__(self, flavour: Flavour, limits: Limits) -> None:
        self.catalog = Catalog()
        self._names = self.catalog.names
        self._token = token(flavour.escapes, flavour.hashes)
        self._limits = limits
        self._table: Found | None = None
        self._into: Into | None = None
        self._before: Found | None = None
        self._kept = 0
        self._every = self._windows = 0
        self._places = _PLACES

    def run(self, walker: Walker) -> Iterator[None]:
        """Take every event."""
        self._every = 1
        for event in walker.events():
            match event:
                case Into():
                    self._begin(event)
                case Rows():
                    self._rows(event)
                case Row() | Bad():
                    self._row(event)
                case Lines():
                    self._lines(event)
                case End():
                    if self._table is not None:
                        self._table.spans[-1].end = event.offset
                    self._before = self._table
                case Table():
                    self._before = None
                    if self._room(event.name):
                        self._names.make(event.name).declare(event.columns)
                case Use():
                    self._before = None
                    self._names.use = (event.name,)
                case Unread():
                    self.catalog.unread += 1
            yield

    def _room(self, name: bytes) -> bool:
        """Tell whether a name is known or may still become a table."""
        if len(self._names.tables) < self._limits.members or self._names.find(name) is not None:
            return True
        self.catalog.full = True
        return False

    def _begin(self, into: Into) -> None:
        if not self._room(into.name):
            self._table = None
            return
        table = self._table = self._names.make(into.name)
        self._into = into
        if into.columns is not None:
            table.named = True
            for name in names_of(into.columns):
                table.position(name)
        if into.copy is None:
            table.inserted = True
        else:
            table.copied = True
        last = table.spans[-1] if table.spans else None
        if last and last.implicit == table.implicit and (self._before is table or into.offset < last.end):
            return
        table.spans.append(Span(into.offset, into.offset, table.implicit, self._names.use))
        if len(table.spans) > _SPANS:
            table.spans = [
                Span(first.start, second.end, first.implicit, first.use)
                for first, second in zip(table.spans[::2], table.spans[1::2], strict=False)
            ] + table.spans[len(table.spans) & ~1 :]

    def _rows(self, event: Rows) -> None:
        table = self._table
        if table is None or self._into is None:
            return
        if self._into.columns is None and not table.implicit:
            row = slow_row(event.window.raw, 0, self._token, whole=True)
            if not isinstance(row, Stop):
                self._number(table, len(row.cells))
        self._look(event.window.raw)
        self._keep(event)

    def _lines(self, event: Lines) -> None:
        table, into = self._table, self._into
        if table is None or into is None:
            return
        if into.columns is None and not table.implicit:
            form = copy_format(into.copy or b"")
            self._number(table, len(cells(event.data.split(b"\n", 1)[0], form)))
        self._look(event.data)
        self._keep(event)

    def _row(self, event: Row | Bad) -> None:
        table = self._table
        if table is None or self._into is None:
            return
        if isinstance(event, Row):
            if event.columns is not None:
                table.named = True
                for name in event.columns:
                    table.position(name)
            elif self._into.columns is None and not table.implicit:
                self._number(table, event.width)
            self._keep(event)
        self._look(event.raw)

    def _number(self, table: Found, width: int) -> None:
        """Name columns that nobody named, or that other statements have."""
        known = len(table.names) == width
        table.implicit = tuple(table.names) if known else tuple(b"column_%d" % (k + 1) for k in range(width))
        for name in table.implicit:
            table.position(name)
        for span in table.spans:
            span.implicit = span.implicit or table.implicit

    def _look(self, data: bytes) -> None:
        """Remember bytes that tell of the encoding."""
        if data.isascii() or (self._table is not None and self._table.binary and not valid(data, "utf-8")):
            return
        self._windows += 1
        if self._windows % self._every:
            return
        for count, match in enumerate(_TELLING.finditer(data)):
            if count == 40:
                break
            self.catalog.lines.append(match[0])
        if len(self.catalog.lines) > _LINES:
            self.catalog.lines = self.catalog.lines[::2]
            self._every *= 2

    def _keep(self, event: Rows | Row | Lines) -> None:
        """Keep some rows to look at, thinner the more there are."""
        table, into = self._table, self._into
        if table is None or into is None:
            return
        table.seen += 1
        if table.seen % table.every:
            return
        kept = _part(event)
        if kept is None:
            return
        table.places.append(Place(into, table.implicit, kept))
        self._kept += _weight(kept)
        if len(table.places) > self._places:
            self._thin(table)
            table.every *= 2
        if self._kept > _KEPT:
            self._places = max(2, self._places // 2)
            for each in self._names.tables.values():
                while len(each.places) > self._places:
                    self._thin(each)
                    each.every *= 2

    def _thin(self, table: Found) -> None:
        self._kept -= sum(_weight(place.event) for place in table.places[1::2])
        table.places = table.places[::2]


def _part(event: Rows | Row | Lines) -> Rows | Lines | Row | None:
    """Return a small part of an event that holds whole rows, None when it has none."""
    if isinstance(event, Row):
        return event if len(event.raw) <= _PLACE else None
    if isinstance(event, Lines):
        data = event.data if len(event.data) <= _PLACE else event.data[:_PLACE]
        end = data.rfind(b"\n") + 1
        return Lines(event.offset, data[:end]) if end else None
    if event.end <= _PLACE:
        size = event.end
    else:
        match = Blanked(b"", event.window.text[:_PLACE], None, _PLACE).rows_end()
        size = match
    if not size:
        return None
    window = event.window
    escapers = window.escapers[window.escapers < size] if window.escapers is not None else None
    return Rows(event.offset, Blanked(window.raw[:size], window.text[:size], escapers, size), size)


def _weight(kept: Rows | Lines | Row) -> int:
    if isinstance(kept, Row):
        return 2 * len(kept.raw) + 400 * kept.width
    return (len(kept.data) if isinstance(kept, Lines) else 3 * kept.end) + 400
