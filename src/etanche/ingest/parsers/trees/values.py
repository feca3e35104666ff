"""How leaves and small lists are written into cells.

1. Text as it is, `true`, `false`, nothing for null and for an empty list or object.
2. A list of scalars: `a; b`.  Where an item holds a semicolon, is nothing, or begins like JSON, the list is written
   as JSON.  A list of one item is that item.
3. MongoDB's `{"$oid": …}`, `{"$numberLong": …}`, `{"$date": …}` are their value; a date in milliseconds is written in
   ISO 8601.  Elasticsearch's `_source` is opened.
4. A list of lists is rows of `column_1`…; anything else that has no better place is JSON.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

SCALARS = frozenset((str, bool, type(None)))
TEXTS = frozenset((str, type(None)))
_EXTENDED = frozenset(
    ("$oid", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$date", "$uuid", "$symbol", "$code")
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def unwrapped(value: Any) -> Any:  # noqa: ANN401 - a tree
    """Return what MongoDB and Elasticsearch wrapped."""
    if type(value) is not dict:
        return value
    if len(value) == 1:
        key, inner = next(iter(value.items()))
        if key in _EXTENDED:
            inner = unwrapped(inner)
            if key == "$date" and type(inner) is str:
                return _date(inner)
            return inner if type(inner) is str else value
        return value
    if "_source" in value and type(value["_source"]) is dict and ("_index" in value or "_id" in value):
        outer = {key: inner for key, inner in value.items() if key != "_source"}
        return {**outer, **value["_source"]} if not outer.keys() & value["_source"].keys() else value
    return value


def _date(text: str) -> str:
    """Return milliseconds since 1970 as a date; a date stays as it is."""
    if not text.lstrip("-").isdigit() or len(text) > 15:
        return text
    try:
        moment = _EPOCH + timedelta(milliseconds=int(text))
    except OverflowError:
        return text
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds").replace("+00:00", "Z")


def rows_of(value: list[Any]) -> list[Any] | None:
    """Return a list as the records in it, None when it is a list of scalars, or of nothing that makes rows."""
    kinds = set(map(type, value))
    if dict in kinds:
        rows = [unwrapped(item) for item in value]
        if all(type(row) in SCALARS for row in rows) or list in kinds:
            return None
        return rows
    if kinds == {list}:
        return [{f"column_{k}": cell for k, cell in enumerate(row, 1)} for row in value]
    return None


def text_of(value: Any) -> str:  # noqa: ANN401 - a tree
    """Return the cell of a leaf, or of anything that has to fit a cell."""
    value = unwrapped(value)
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if not value:
        return ""
    if type(value) is list:
        items = [unwrapped(item) for item in value]
        if all(type(item) is str and item and ";" not in item and item[0] not in "[{" for item in items):
            return "; ".join(items)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
