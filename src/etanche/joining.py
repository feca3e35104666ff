"""Which tables of a leak are one table, and which of their columns are one column.

Rules, in the order in which they apply:

1. Tables whose headers name mostly the same columns are one *shape*, whatever their order: thirty sheets of thirty
   laboratories, an export cut into months.  Their columns are matched by name.  Where the tables have a name of their
   own and it is the same (the PID segments of a folder of messages), fewer columns in common will do.
2. A table without a header is the continuation of the one shape that has as many columns, when the cells are of the
   same kinds: the second half of a file that was cut in two.
3. Shapes stand side by side in one leak: each keeps columns of its own, named `table.column`, and a row has cells in
   the columns of its shape alone.
4. Letters, messages and pages, which name no columns, are one shape where they have as many columns.
5. A column of one shape that names a record of another (`patient_id` for the `id` of `patients`), or that both have
   under one name that speaks of a person (`num_dossier`), ties their rows: they are of one person.

The model case is one table: then nothing of this changes a name or a place.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from etanche.ingest import Table
from etanche.model import Sample

_ALIKE = 0.6
"""Share of names, among all names of two tables, from which they are one shape."""
_ALIKE_NAMED = 0.3
"""The same, where both have the same name of their own."""
_AGREE = 0.7
"""Share of columns of the same kind from which a table without header continues another."""
_SAMPLED = 4_000

Kinds = Callable[[Sample], Sequence[str]]
"""Tells the kinds of a sample's columns; an empty string for what could be anything."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One table of the leak, in one or several files: its label, its columns' own names, and their places."""

    label: str
    names: tuple[str, ...]
    header: bool
    first: int
    """Place of its first column among the leak's; the others follow it."""
    prose: tuple[str, ...] = ()
    """Those of its columns that the format says are written for people."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How the tables of a leak stand together."""

    shapes: tuple[Shape, ...]
    shape_of: tuple[int, ...]
    """By table, the number of its shape."""
    places: tuple[tuple[int, ...], ...]
    """By table, where its columns stand among the leak's."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all columns of the leak."""
        if len(self.shapes) == 1:
            return self.shapes[0].names
        return tuple(f"{shape.label}.{name}" for shape in self.shapes for name in shape.names)

    @property
    def records(self) -> tuple[tuple[int, ...], ...]:
        """Return the sets of columns of several shapes that hold the number of one and the same record (rule 5)."""
        return _records(self.shapes)

    def documents(self, rows: Mapping[int, int]) -> list[tuple[int, int, int]]:
        """Return the tables that are letters or messages: number, first row, rows; `rows` are those of each table."""
        found, first = [], 0
        for table, count in rows.items():
            if self.shapes[self.shape_of[table]].prose:
                found.append((table, first, count))
            first += count
        return found

    def place(self, table: int) -> tuple[int, ...]:
        """Return where a table's columns stand, empty when each stands where it stood and there are no others."""
        places = self.places[table]
        return () if places == tuple(range(len(self.names))) else places


@dataclass(slots=True)
class _Growing:
    label: str
    names: list[str]
    header: bool
    members: list[int]
    prose: set[str]

    def places(self, names: Sequence[str]) -> list[int]:
        """Return where columns of these names stand, adding those that are new.

        Two columns of one table never stand in one place, however alike their names ("Code APE", "CODE_APE").
        """
        own = {name: place for place, name in enumerate(_numbered(self.names))}
        found = []
        for name, numbered in zip(names, _numbered(names), strict=True):
            if numbered not in own:
                own[numbered] = len(self.names)
                self.names.append(name)
            found.append(own[numbered])
        return found


def lay_out(tables: Sequence[Table], samples: Sequence[Sample], kinds: Kinds) -> Layout:
    """Return how tables stand together; `kinds` is asked only where a table without header meets one with."""
    growing: list[_Growing] = []
    within: list[list[int]] = [[] for _ in tables]
    headed = [number for number, table in enumerate(tables) if table.header]
    bare = [number for number, table in enumerate(tables) if not table.header]
    for number in (*headed, *bare):
        table = tables[number]
        home = _home(growing, table, samples[number], samples, kinds)
        if home is None:
            home = _Growing(_label(table), [], table.header, [], set())
            growing.append(home)
        home.members.append(number)
        home.prose.update(table.prose)
        # Names that only count columns are matched by place.
        matched = table.header and home.header
        within[number] = home.places(table.names) if matched or not home.names else list(range(len(table.names)))
    shapes: list[Shape] = []
    shape_of, places = [0] * len(tables), [()] * len(tables)  # type: tuple[list[int], list[tuple[int, ...]]]
    first = 0
    for index, home in enumerate(sorted(growing, key=lambda each: min(each.members))):
        label = _unique(home.label, {shape.label for shape in shapes})
        prose = tuple(name for name in home.names if name in home.prose)
        shapes.append(Shape(label, tuple(home.names), home.header, first, prose))
        for number in home.members:
            shape_of[number], places[number] = index, tuple(first + place for place in within[number])
        first += len(home.names)
    return Layout(tuple(shapes), tuple(shape_of), tuple(places))


def joined(shape: Shape, samples: Sequence[tuple[Sample, tuple[int, ...]]]) -> Sample:
    """Return the sample of a shape from those of its tables, each with where its columns stand among the leak's."""
    each = -(-_SAMPLED // max(1, len(samples)))
    columns: list[list[str]] = [[] for _ in shape.names]
    for sample, places in samples:
        own = {place - shape.first: cells for place, cells in zip(places, sample.columns, strict=True)}
        rows = max((len(cells) for cells in sample.columns), default=0)
        step = max(1, -(-rows // each)) if len(samples) > 1 else 1
        blank = ("",) * rows
        for place, column in enumerate(columns):
            column.extend(own.get(place, blank)[::step])
    return Sample(shape.names, shape.header, tuple(map(tuple, columns)))


def _home(
    growing: Sequence[_Growing], table: Table, sample: Sample, samples: Sequence[Sample], kinds: Kinds
) -> _Growing | None:
    """Return the shape that a table belongs to, None when it is one of its own."""
    if table.header:
        names = set(map(_plain, table.names))
        for each in growing:
            own = set(map(_plain, each.names))
            alike = _ALIKE_NAMED if table.table and table.table == each.label else _ALIKE
            if len(names & own) >= alike * len(names | own) and (len(names & own) > 1 or names == own):
                return each
        return None
    wide = [each for each in growing if len(each.names) == len(table.names)]
    if table.prose:
        return next((each for each in wide if each.prose == set(table.prose)), None)
    wide = [each for each in wide if not each.prose]
    continued = [each for each in wide if _same_kinds(kinds(samples[each.members[0]]), kinds(sample))]
    return continued[0] if len(continued) == 1 else None


def _same_kinds(some: Sequence[str], others: Sequence[str]) -> bool:
    """Tell whether two tables' columns hold the same kinds, where both are told."""
    told = [(one, other) for one, other in zip(some, others, strict=True) if one and other]
    return bool(told) and sum(one == other for one, other in told) >= _AGREE * len(told)


def _numbered(names: Sequence[str]) -> list[tuple[str, int]]:
    """Return each plain name with how many of the same stand before it."""
    seen: dict[str, int] = {}
    found = []
    for name in map(_plain, names):
        seen[name] = seen.get(name, -1) + 1
        found.append((name, seen[name]))
    return found


def _plain(name: str) -> str:
    """Return a name without case, accents and separators."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", letters).casefold() or name


def _label(table: Table) -> str:
    """Return what to call a table: its own name, else its file's."""
    if table.table:
        return table.table
    place = (table.member or table.path).rpartition("!")[2]
    return PurePath(place).name.partition(".")[0] or "table"


def _unique(label: str, taken: set[str]) -> str:
    number, name = 1, label
    while name in taken:
        number += 1
        name = f"{label}_{number}"
    return name


_PERSON = re.compile(
    r"patient|dossier|assure|beneficiaire|usager|client|person|malade|adherent|ipp|resident|member|user"
)
_NUMBERING = re.compile(r"(?:id|numero|num(?!ero)|no(?!m)|code|ref|cle)?(.+?)(?:id|numero|num|no|code|ref|cle|uid)?")
_BARE = frozenset({"id", "num", "numero", "no", "code", "uid", "uuid", "guid", "key", "cle"})


def _records(shapes: Sequence[Shape]) -> tuple[tuple[int, ...], ...]:
    """Return the columns that tie rows of different shapes (rule 5), by what they name."""
    by_record: dict[str, list[tuple[int, int]]] = {}
    for number, shape in enumerate(shapes):
        label = _singular(shape.label)
        for place, name in enumerate(shape.names):
            plain = _plain(name)
            if plain in _BARE:
                plain = f"{label}id"
            record = _record(plain)
            if record:
                by_record.setdefault(record, []).append((number, shape.first + place))
    return tuple(
        tuple(place for _, place in found)
        for found in by_record.values()
        if len({number for number, _ in found}) > 1 and len({number for number, _ in found}) == len(found)
    )


def _record(plain: str) -> str:
    """Return what record a column's plain name numbers, when it speaks of a person; else an empty string."""
    numbering = _NUMBERING.fullmatch(plain)
    if numbering is None or (numbering[1] == plain and plain != "ipp"):
        return ""
    return _singular(numbering[1]) if _PERSON.search(numbering[1]) else ""


def _singular(label: str) -> str:
    return _plain(label.rpartition(".")[2]).removesuffix("s")
