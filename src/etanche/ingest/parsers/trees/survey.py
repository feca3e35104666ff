"""What keys the records of an entry have, at every depth: seen once over all of them, in bounded memory.

1. Records of clearly different shapes are kept apart: by the value of a key that tells types (`resourceType`,
   `_type`, `model`…), else by their first key.  Groups that share half of their keys are put together in the end.
2. A node counts what it was: a scalar, an object, a list of objects (and how long the longest list was).
3. An object with more keys than any record is a map: its keys are data, and its values are records of one shape.
4. Past a bound, keys that are new go to the column of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from etanche.ingest.parsers.trees.batches import Batch
from etanche.ingest.parsers.trees.values import SCALARS, TEXTS, rows_of, unwrapped

DEPTH = 24
"""Deeper nodes are written as JSON into one cell."""
NODES = 40_000
MAP_KEYS = 2_000
"""An object with as many distinct keys is a map, whatever they are."""
GROUPS = 64
OTHER = ("other", "")
_SHAPES = 20_000
_KEPT = 2_000
"""Records of a group that its sample is made of."""
_KEPT_CHARS = 8 << 20
TELLING = (
    "resourceType", "_type", "__typename", "doctype", "docType", "doc_type", "record_type", "recordType", "type",
    "model", "table", "kind", "object", "entity", "collection", "event", "_index", "$type", "class",
)  # fmt: skip
Reshape = Callable[[Any], Any]
"""Makes a record of a known format more readable; nothing of it may be lost."""
_TYPE = re.compile(r"[\w.:$ \-/]{1,64}")


class Node:
    """What stood at one place of the records."""

    __slots__ = ("closed", "fields", "item", "keyed", "lists", "longest", "objects", "scalars", "streamed")

    def __init__(self) -> None:
        self.scalars = 0
        self.objects = 0
        self.lists = 0
        self.longest = 0
        self.fields: dict[str, Node] = {}
        self.item: Node | None = None
        """What the objects in lists, or under the keys of a map, are like."""
        self.streamed = False
        """A list too long to be held."""
        self.closed = False
        """New keys go to the rest."""
        self.keyed = False
        """A map: `item` is what stands under its keys."""

    def merge(self, other: Node) -> None:
        """Take over what another node saw."""
        self.scalars += other.scalars
        self.objects += other.objects
        self.lists += other.lists
        self.longest = max(self.longest, other.longest)
        self.streamed |= other.streamed
        self.closed |= other.closed
        if self.keyed or other.keyed:
            self.make_map()
            other.make_map()
        for key, node in other.fields.items():
            if key in self.fields:
                self.fields[key].merge(node)
            else:
                self.fields[key] = node
        if other.item is not None:
            if self.item is None:
                self.item = other.item
            else:
                self.item.merge(other.item)

    def make_map(self) -> Node:
        """Take the keys for data; return the node of what stands under them."""
        self.keyed = True
        item = self.item = self.item or Node()
        for node in self.fields.values():
            item.merge(node)
        self.fields = {}
        return item


class Kept:
    """Records spread over all of a group: what samples are made of."""

    def __init__(self) -> None:
        self._every, self._seen, self._chars = 1, 0, 0
        self.batches: list[Batch] = []

    def see(self, batch: Batch, value: Any, number: int) -> None:  # noqa: ANN401 - a tree
        """Keep a record, or not."""
        self._seen += 1
        if (self._seen - 1) % self._every:
            return
        self.batches.append(replace(batch, values=[value], numbers=(number,), quarantined=[], end=batch.partial))
        self._chars += len(repr(value))
        if len(self.batches) > 1 and (len(self.batches) > _KEPT or self._chars > _KEPT_CHARS):
            self.batches = self.batches[::2]
            self._every *= 2
            self._chars //= 2


class Group:
    """Records of one shape."""

    def __init__(self, keys: tuple[str, str]) -> None:
        self.key = keys
        self.root = Node()
        self.records = 0
        self.shapes: set[tuple[str, ...]] = set()
        self.kept = Kept()


class Survey:
    """Sees all records once."""

    def __init__(self, *, telling: tuple[str, ...] = TELLING, reshape: Reshape | None = None) -> None:
        """See records by the keys that tell types, each as `reshape` makes it."""
        self._telling, self._reshape = telling, reshape
        self.groups: dict[tuple[str, str], Group] = {}
        self._by_shape: dict[tuple[str, ...], str] = {}
        self._nodes = 0
        self.below: dict[tuple[str, ...], Kept] = {}

    def take(self, batch: Batch) -> None:
        """See a batch."""
        if batch.path:
            self._below(batch)
            return
        for value, number in zip(batch.values, batch.numbers, strict=True):
            group = self.group(value, partial=batch.partial)
            group.kept.see(batch, value, number)
            if batch.partial:
                group.records = max(group.records, 1)
                self.object(group.root, value, 0)
            else:
                group.records += 1
                self._record(group, value if self._reshape is None else self._reshape(value))

    def key(self, value: Any, *, partial: bool = False) -> tuple[str, str]:  # noqa: ANN401 - a tree
        """Return what tells the group of a record."""
        if partial:
            return ("parts", "")
        if type(value) is not dict:
            return ("list", "") if type(value) is list else ("scalar", "")
        shape = tuple(value)
        name = self._by_shape.get(shape)
        if name is None:
            name = next((key for key in self._telling if key in value), "")
            if len(self._by_shape) < _SHAPES:
                self._by_shape[shape] = name
        if name:
            told = value[name]
            if type(told) is str and _TYPE.fullmatch(told):
                return (name, told)
        return ("first", shape[0] if shape else "")

    def known(self, value: Any, *, partial: bool = False) -> tuple[str, str]:  # noqa: ANN401 - a tree
        """Return the key of the group that a record was put in."""
        key = self.key(value, partial=partial)
        return key if key in self.groups else OTHER

    def group(self, value: Any, *, partial: bool = False) -> Group:  # noqa: ANN401 - a tree
        """Return the group of a record, a new one if need be."""
        key = self.key(value, partial=partial)
        group = self.groups.get(key)
        if group is None:
            if len(self.groups) >= GROUPS:
                key = OTHER
            group = self.groups.setdefault(key, Group(key))
        return group

    def _record(self, group: Group, value: Any) -> None:  # noqa: ANN401 - a tree
        """See one whole record; a shape that was seen, of text alone, says nothing new."""
        if type(value) is dict:
            shape = tuple(value)
            if shape in group.shapes:
                if TEXTS.issuperset(map(type, value.values())):
                    return
            elif len(group.shapes) < _SHAPES:
                group.shapes.add(shape)
            self.object(group.root, unwrapped(value), 0)
        elif type(value) is list:
            self.object(group.root, {f"column_{k}": cell for k, cell in enumerate(value, 1)}, 0)
        else:
            group.root.scalars += 1

    def object(self, node: Node, value: dict[str, Any], depth: int) -> None:
        """See an object."""
        node.objects += 1
        if node.keyed and node.item is not None:
            for inner in value.values():
                self.value(node.item, inner, depth + 1)
            return
        fields = node.fields
        for key, inner in value.items():
            field = fields.get(key)
            if field is None:
                if node.closed:
                    continue
                field = self._new(node, key)
                if field is None:
                    if node.keyed:
                        self.object(node, value, depth)
                        return
                    continue
            if type(inner) in SCALARS:
                field.scalars += 1
            else:
                self._inner(field, inner, depth + 1)

    def value(self, node: Node, value: Any, depth: int) -> None:  # noqa: ANN401 - a tree
        """See anything."""
        if type(value) in SCALARS:
            node.scalars += 1
        else:
            self._inner(node, value, depth)

    def _new(self, node: Node, key: str) -> Node | None:
        """Return the node of a new key, None past the bounds."""
        if len(node.fields) >= MAP_KEYS or self._nodes >= NODES:
            if sum(1 for field in node.fields.values() if field.objects) * 2 > len(node.fields):
                node.make_map()
            else:
                node.closed = True
            return None
        self._nodes += 1
        node.fields[key] = field = Node()
        return field

    def _inner(self, node: Node, value: Any, depth: int) -> None:  # noqa: ANN401 - a tree
        """See an object or a list."""
        value = unwrapped(value)
        if type(value) in SCALARS or depth >= DEPTH or not value:
            node.scalars += 1
        elif type(value) is dict:
            self.object(node, value, depth)
        else:
            self._list(node, value, depth)

    def _list(self, node: Node, value: list[Any], depth: int) -> None:
        rows = rows_of(value)
        if rows is None:
            node.scalars += 1
            return
        node.lists += 1
        node.longest = max(node.longest, len(rows))
        node.item = item = node.item or Node()
        for row in rows:
            self.value(item, row, depth + 1)

    def _below(self, batch: Batch) -> None:
        """See records below a path."""
        group = self.group({}, partial=True)
        group.records = max(group.records, 1)
        node = group.root
        for key in batch.path:
            field = node.fields.get(key) or self._new(node, key)
            if field is None:
                return
            node = field
        node.streamed = True
        node.item = node.item or Node()
        kept = self.below.setdefault(batch.path, Kept()) if len(self.below) < GROUPS else Kept()
        for value, number in zip(batch.values, batch.numbers, strict=True):
            kept.see(batch, value, number)
        rows = rows_of(batch.values) or batch.values
        node.longest += len(rows)
        for row in rows:
            self.value(node.item, row, 1)


def clusters(survey: Survey, *, apart: frozenset[str] = frozenset()) -> list[tuple[Group, frozenset[tuple[str, str]]]]:
    """Return the groups, those alike put together, each with the keys of the groups in it; the largest first.

    Groups told by a key in `apart` stay as they are.
    """
    made: list[tuple[Group, set[tuple[str, str]]]] = []
    for group in sorted(survey.groups.values(), key=lambda group: -group.records):
        own = _telling_keys(group)
        for other, keys in made:
            if group.key[0] in apart or other.key[0] in apart:
                continue
            theirs = _telling_keys(other)
            if len(own & theirs) * 2 >= min(len(own), len(theirs)) and group.key[0] not in {"list", "parts"}:
                other.root.merge(group.root)
                other.records += group.records
                keys.add(group.key)
                break
        else:
            made.append((group, {group.key}))
    return [(group, frozenset(keys)) for group, keys in made]


def _telling_keys(group: Group) -> set[str]:
    return set(group.root.fields) - {group.key[0], "id", "_id", "ID"}
