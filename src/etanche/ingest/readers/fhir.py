"""FHIR R4: bundles, NDJSON and lists of resources, in JSON or XML; a table for each type of resource.

1. The resources of a bundle are records; the bundle itself is a row of `Bundle`.
2. Resources contained in another are records of their own type, and say in which they were.
3. Columns as `parsers.fhircolumns` names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.fhircolumns import columns
from etanche.ingest.parsers.jsontext import plain
from etanche.ingest.parsers.trees.batches import Batch, Trees
from etanche.ingest.parsers.trees.table import tree_tables
from etanche.ingest.parsers.trees.values import text_of
from etanche.ingest.parsers.xmloutline import local
from etanche.ingest.parsers.xmltext import encoding_of
from etanche.ingest.parsers.xmlwalk import XmlTrees
from etanche.ingest.readers.json_text import JsonTrees
from etanche.ingest.tables import Table

NAME = "fhir"
_TYPE = "resourceType"
_JSON = re.compile(rb'"resourceType"\s*:\s*"[A-Z][A-Za-z]{2,60}"')
_XML = re.compile(rb"""<([\w:.\-]+)[^>]*xmlns(?::\w+)?\s*=\s*["']http://hl7\.org/fhir["']""")


def bid(head: Head) -> Bid:
    """Bid on a type of resource near the start, or on FHIR's namespace."""
    data = plain(head.data)
    start = data.lstrip()[:1]
    if start in {b"{", b"["} and _JSON.search(data):
        return Bid(0.95, "resource_type")
    if start == b"<" and _XML.search(data[:8192]):
        return Bid(0.95, "namespace")
    return Bid(0, "no_resource")


class Resources:
    """The resources in an entry's trees."""

    def __init__(self, trees: Trees, *, by_line: bool, root: str = "") -> None:
        """Take the trees; `root` is the type of an XML document's root."""
        self._trees, self._by_line, self._root = trees, by_line, root
        self.encoding = trees.encoding

    def batches(self, needles: tuple[bytes, ...] = ()) -> Iterator[Batch]:
        """Yield the resources."""
        count = 0
        parts: dict[str, Any] = {}
        for batch in self._trees.batches(needles):
            values: list[Any] = []
            numbers: list[int] = []
            if batch.partial:
                for value in batch.values:
                    parts |= value
                found = [(parts, 1)] if batch.end else []
                parts = {} if batch.end else parts
            else:
                found = list(zip(batch.values, batch.numbers, strict=True))
            for value, number in found:
                shaped = value if not self._root else self._from_xml(value, batch.path)
                for resource in _resources(shaped):
                    count += 1
                    values.append(resource)
                    numbers.append(number if self._by_line else count)
            yield replace(batch, values=values, numbers=numbers, path=(), partial=False, end=False)

    def _from_xml(self, value: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - a tree
        """Return an element of FHIR's XML as its JSON would be."""
        shaped = _json_of(value)
        return {_TYPE: self._root, **shaped} if not path and type(shaped) is dict else shaped


def _resources(value: Any) -> Iterator[Any]:  # noqa: ANN401 - a tree
    """Yield the resources in a value: of a bundle, of one of its entries, of a resource."""
    if type(value) is not dict:
        yield value
        return
    entries = value.get("entry")
    if value.get(_TYPE) == "Bundle" and entries:
        for entry in entries if type(entries) is list else [entries]:
            yield from _resources(entry)
        value = {key: inner for key, inner in value.items() if key != "entry"}
    inner = value.get("resource")
    if type(inner) is dict and _TYPE in inner and _TYPE not in value:
        about = {f"entry.{key}": around for key, around in value.items() if key != "resource"}
        yield from _resources({**inner, **about})
        return
    contained = value.get("contained")
    if contained and _TYPE in value:
        holder = f"{text_of(value[_TYPE])}/{text_of(value.get('id'))}"
        for one in contained if type(contained) is list else [contained]:
            yield from _resources({**one, "contained_in": holder} if type(one) is dict else one)
        value = {key: kept for key, kept in value.items() if key != "contained"}
    yield value


def _json_of(value: Any) -> Any:  # noqa: ANN401 - a tree
    """Return what an element means: `<x value="1"/>` is 1, `<resource><Patient>` a patient."""
    if type(value) is list:
        return [_json_of(item) for item in value]
    if type(value) is not dict:
        return value
    if len(value) == 1 and "value" in value and type(value["value"]) is str:
        return value["value"]
    made: dict[str, Any] = {}
    for key, inner in value.items():
        if key == "div":
            made[key] = text_of(inner)
        elif key in {"resource", "contained"}:
            made[key] = _typed(inner)
        else:
            made[key] = _json_of(inner)
    return made


def _typed(value: Any) -> Any:  # noqa: ANN401 - a tree
    """Return the resource below an element that holds one."""
    if type(value) is list:
        return [_typed(item) for item in value]
    if type(value) is dict and len(value) == 1:
        name, inner = next(iter(value.items()))
        if name[:1].isupper():
            shaped = _json_of(inner)
            return {_TYPE: name, **shaped} if type(shaped) is dict else {_TYPE: name}
    return _json_of(value)


def tables(entry: Entry, limits: Limits) -> Iterator[Table]:
    """Yield a table for each type of resource.  Raises `UserError` when there is no record."""
    head = entry.head()
    text = plain(head)
    root = _XML.search(text[:8192]) if text.lstrip()[:1] == b"<" else None
    trees: Trees
    if root is not None:
        trees = XmlTrees(entry, limits, encoding_of(head)[0])
        by_line = False
    else:
        trees = source = JsonTrees(entry, limits)
        by_line = source.lines
    resources = Resources(trees, by_line=by_line, root=local(root.group(1).decode()) if root is not None else "")
    found = False
    for table in tree_tables(
        entry,
        limits,
        NAME,
        resources,
        reshape=columns,
        telling=(_TYPE,),
        apart=frozenset((_TYPE,)),
        needle=lambda told: f'"{told}"'.encode(),
    ):
        found = True
        yield table
    if not found:
        raise UserError("ingest_no_record", ExitCode.UNREADABLE, path="!".join((entry.outer.shown, *entry.members)))
