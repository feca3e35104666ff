"""Segments read into named cells, by a file that says which field is of which type under which name.

1. The file is data: `hl7v2.toml`, `hprim.toml`.
2. Most fields were in another message before (places, tests, physicians): what they gave is remembered.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from etanche.ingest.parsers.hl7types import ALONE, HANDLERS, WHOLE, Handler, coded, result
from etanche.ingest.parsers.hl7v2 import Row, Separators, free, generic

_MEMO_LENGTH = 120
_MEMO_SIZE = 2000
"""Values of one field that are remembered."""


@cache
def fields(spec: str) -> dict[str, dict[int, tuple[Handler, str]]]:
    """Return the named fields of a specification file: handlers and names by segment and number."""
    text = (resources.files(__package__) / spec).read_text(encoding="utf-8")
    found: dict[str, dict[int, tuple[Handler, str]]] = {}
    for segment, entries in tomllib.loads(text).items():
        found[segment] = {}
        for number, value in entries.items():
            kind, _, name = value.partition(" ")
            found[segment][int(number)] = (HANDLERS[kind], name)
    return found


class _Kind:
    """One kind of segment: its named fields, the ranks of its columns, and fields read before."""

    def __init__(self, named: dict[int, tuple[Handler, str]]) -> None:
        self.named = named
        self.plain = {number: _lone(handler, name) for number, (handler, name) in named.items()}
        """Names for values that are all one; empty where the type has more to say."""
        self.ranks = {name: number for number, name in self.plain.items()}
        self.memos: defaultdict[int, dict[str, tuple[tuple[str, str], ...]]] = defaultdict(dict)


class Fields:
    """Reads the fields of segments into named cells, by a specification and the separators of a message.

    Most fields of a message were in another one before (places, tests, physicians): what they gave is remembered.
    """

    def __init__(self, spec: str, separators: Separators) -> None:
        """Read by the named fields of `spec` ("hl7v2.toml")."""
        self._named, self._separators = fields(spec), separators
        marks = separators.component + separators.repetition + separators.escape + separators.sub
        self._special = re.compile(f"[{re.escape(marks)}]").search
        self._kinds: dict[str, _Kind] = {}

    def ranks(self, kind: str) -> Mapping[str, int]:
        """Return the field number of each column seen so far."""
        return self._of(kind).ranks

    def _of(self, kind: str) -> _Kind:
        known = self._kinds.get(kind)
        if known is None:
            known = self._kinds[kind] = _Kind(self._named.get(kind, {}))
        return known

    def cells(self, kind: str, values: Sequence[str], cells: dict[str, str]) -> dict[str, str]:
        """Add to `cells` those of a segment's fields, of which the first has number 1."""
        known = self._of(kind)
        plain, memos, special = known.plain, known.memos, self._special
        for number, value in enumerate(values, start=1):
            if not value or value == '""':  # HL7's way to say that a value was deleted
                continue
            alone = plain.get(number)
            if alone is None:
                alone = plain[number] = f"{kind.lower()}_{number}"
                known.ranks.setdefault(alone, number)
            if alone and not special(value):
                cells[alone if alone not in cells else free(alone, cells)] = value
                continue
            pairs = memos[number].get(value)
            if pairs is None:
                pairs = self._read(kind, known, number, value, cells)
            for name, text in pairs:
                cells[name if name not in cells else free(name, cells)] = text
        return cells

    def _read(
        self, kind: str, known: _Kind, number: int, value: str, cells: Mapping[str, str]
    ) -> tuple[tuple[str, str], ...]:
        """Read one field."""
        separators = self._separators
        row = Row(separators, number)
        handler, name = known.named.get(number, (None, ""))
        if handler is None:
            generic(row, f"{kind.lower()}_{number}", value)
        elif handler in WHOLE or not separators.repetition or separators.repetition not in value:
            row.value_type = cells.get("value_type", "") if handler is result else ""
            handler(row, name, value)
        else:
            for part in value.split(separators.repetition):
                if part:
                    handler(row, name, part)
        for column in row.cells:
            known.ranks.setdefault(column, number)
        pairs = tuple(row.cells.items())
        memo = known.memos[number]
        if handler is not result and len(value) < _MEMO_LENGTH and len(memo) < _MEMO_SIZE:
            memo[value] = pairs
        return pairs


def _lone(handler: Handler, name: str) -> str:
    """Return the column of a value without any separator, empty where its type says more of it."""
    if handler not in ALONE:
        return ""
    return "test_code" if handler is coded and name == "test" else name
