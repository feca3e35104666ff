"""Which node of the records is a column, which a group of numbered columns, which a table of its own.

1. A scalar is a column named by the keys that lead to it: `patient.name.family`.
2. A list of records that is never longer than `SHORT` is numbered columns (`telecom.1.value`), so that what belongs to
   a person stays on the person's row; one that never holds two is plain columns.  A longer one (visits, results) is a
   table named by its path, whose rows carry the number of the record they belong to (`record_no`).
   The lists of a lone document are tables however short.
3. A map (`{"12": {…}, "13": {…}}`) is such a table too, its key in a column.
4. No table has more than `COLUMNS` columns: what comes later goes to `rest`, as JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from etanche.ingest.parsers.trees.survey import Group, Node

SHORT = 4
_WIDEST = 120
"""Columns that a short list may take."""
COLUMNS = 1_000
RECORD = "record_no"
KEY = "key"
VALUE = "value"
REST = "rest"


@dataclass(slots=True)
class Sheet:
    """A table in the making."""

    name: str
    path: tuple[str, ...]
    group: Group
    keys: frozenset[tuple[str, str]]
    """The groups of records that the table comes from."""
    columns: list[str] = field(default_factory=list)
    lead: int = 0
    """Columns that say where a row belongs."""
    rest: int = -1
    """The column of the rest, -1 without one."""
    folded: int = 0
    """Names that had no column of their own."""
    children: list[Sheet] = field(default_factory=list)
    title: str = ""
    """What the names of the tables below begin with."""

    def add(self, path: tuple[str, ...]) -> int:
        """Return the number of a new column, -1 when there are too many."""
        if len(self.columns) >= COLUMNS:
            self.folded += 1
            self.fold()
            return -1
        self.columns.append(".".join(part for part in path if part) or VALUE)
        return len(self.columns) - 1

    def fold(self) -> None:
        """Have a column for the rest."""
        if self.rest < 0:
            self.columns.append(REST)
            self.rest = len(self.columns) - 1

    def all(self) -> Iterable[Sheet]:
        """Yield the sheet and those below it."""
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(slots=True)
class Slot:
    """Where the values of a node go."""

    sheet: Sheet
    path: tuple[str, ...]
    column: int = -1
    fields: dict[str, Slot] | None = None
    many: list[Slot] = field(default_factory=list)
    """Slots of the items of a short list."""
    child: Child | None = None
    keyed: bool = False


@dataclass(slots=True)
class Child:
    """A table of items below a record."""

    sheet: Sheet
    slot: Slot
    key: int
    """The column of the key, -1 for lists."""
    numbered: bool
    """Whether its own items are pointed to."""


def lay_out(group: Group, keys: frozenset[tuple[str, str]], name: str, *, single: bool) -> Slot:
    """Return where the values of a group's records go; `single`: one record is a record, not what holds records."""
    sheet = Sheet(name, (), group, keys, title=name)
    root = group.root
    if group.records == 1 and not single:
        _open(root)
    lead = [RECORD] if group.records > 1 and any(_tables_in(root)) else []
    sheet.columns += lead
    sheet.lead = len(lead)
    return _slot(root, sheet, (), root=True)


def _open(node: Node) -> None:
    """Have the lists of a lone document be tables, however short."""
    node.streamed = True
    for inner in node.fields.values():
        _open(inner)


def is_map(node: Node) -> bool:
    """Tell whether the keys of an object are data: many, alike below, and each in few of the records."""
    if node.keyed:
        return True
    fields = node.fields.values()
    count = len(fields)
    if count < 3 or any(inner.scalars or inner.item or not inner.fields for inner in fields):
        return False
    union: set[str] = set().union(*(inner.fields for inner in fields))
    alike = sum(len(inner.fields) for inner in fields) >= 0.6 * len(union) * count
    numbers = sum(1 for key in node.fields if re.search(r"\d", key)) * 2 >= count
    if node.objects == 1:
        return alike and (numbers or count >= 12)
    sparse = sum(inner.objects for inner in fields) * 2 < count * node.objects
    return alike and (numbers or (sparse and count >= 12))


def _slot(node: Node, sheet: Sheet, path: tuple[str, ...], *, root: bool = False) -> Slot:
    slot = Slot(sheet, path)
    mapped = is_map(node)
    if not mapped and node.item is not None and node.fields:
        # An object where others have a list of them is a list of one.
        for_items = Node()
        for_items.fields, for_items.objects, node.fields = node.fields, node.objects, {}
        node.item.merge(for_items)
        node.longest = max(node.longest, 1)
    if node.scalars or not (node.fields or node.item or root):
        slot.column = sheet.add(path)
    if mapped:
        item = node.make_map()
        slot.keyed, slot.child = True, _child(item, sheet, path, keyed=True)
        return slot
    if node.fields:
        slot.fields = {key: _slot(inner, sheet, (*path, key)) for key, inner in node.fields.items()}
        if node.closed:
            sheet.fold()
    if node.item is not None:
        if _short(node):
            numbers = [(*path, str(k)) for k in range(1, node.longest + 1)] if node.longest > 1 else [path]
            slot.many = [_slot(node.item, sheet, each) for each in numbers]
        else:
            slot.child = _child(node.item, sheet, path, keyed=False)
    return slot


def _child(item: Node, sheet: Sheet, path: tuple[str, ...], *, keyed: bool) -> Child:
    """Return the table of a list's items or a map's values."""
    whole = (*sheet.path, *path)
    name = ".".join(part for part in (sheet.title, *whole) if part)
    below = Sheet(name, whole, sheet.group, sheet.keys, title=sheet.title)
    sheet.children.append(below)
    below.columns += sheet.columns[: sheet.lead]
    numbered = any(_tables_in(item))
    if numbered:
        below.columns.append(f"{whole[-1] if whole else VALUE}_no")
    below.lead = len(below.columns)
    key = below.add((KEY,)) if keyed else -1
    return Child(below, _slot(item, below, ()), key, numbered)


def _short(node: Node) -> bool:
    """Tell whether a list's items are columns."""
    if node.streamed or node.longest > SHORT or node.item is None:
        return False
    return node.longest * _leaves(node.item) <= _WIDEST


def _leaves(node: Node) -> int:
    below = sum(map(_leaves, node.fields.values()))
    if node.item is not None:
        below += _leaves(node.item) * max(1, min(node.longest, SHORT))
    return below or 1


def _tables_in(node: Node) -> Iterable[bool]:
    """Yield True for each table that a node makes below it."""
    if is_map(node) or (node.item is not None and not _short(node)):
        yield True
        return
    for inner in node.fields.values():
        yield from _tables_in(inner)
    if node.item is not None:
        yield from _tables_in(node.item)
