r"""Fields of HL7 v2 (ER7 encoding, HL7 2.8 chapter 2) as named cells, by plain splitting.

1. Separators are those of the message's own MSH-1 and MSH-2.
2. A field that has no name becomes columns by number: `pid_27`, component 2 of it `pid_27_2`, its second repetition
   `pid_27_rep2`.
3. A second value of a column goes to `<column>_2`.  Nothing that is filled is left out.
4. Escapes (\F\ \S\ \T\ \R\ \E\ \Xhh..\ \.br\) are undone in cells, after splitting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

_REPETITIONS = 20
_COMPONENTS = 60


@dataclass(frozen=True, slots=True)
class Separators:
    """The separators of one message."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    sub: str = "&"
    encoding: str = "utf-8"
    """What `\\Xhh..\\` are bytes of."""

    def plain(self, text: str) -> str:
        """Return a cell with its escapes undone."""
        escape = self.escape
        if not escape or escape not in text:
            return text
        return _escapes(escape).sub(self._undone, text)

    def _undone(self, match: re.Match[str]) -> str:
        code = match.group(1)
        known = {"F": self.field, "S": self.component, "T": self.sub, "R": self.repetition, "E": self.escape}
        if code in known:
            return known[code]
        if code.startswith("X"):
            try:
                return bytes.fromhex(code[1:]).decode(self.encoding, "backslashreplace")
            except ValueError:
                return match.group()
        if code.startswith((".br", ".sp", ".fi")):
            return "\n"
        return match.group()


@cache
def _escapes(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    return re.compile(f"{mark}([FSTRE]|X[0-9A-Fa-f ]{{0,4000}}|\\.(?:br|sp|fi)[+0-9]{{0,4}}){mark}")


@dataclass(slots=True)
class Row:
    """The cells of one field under way."""

    separators: Separators
    at: int
    """Number of the field."""
    value_type: str = ""
    """What OBX-2 says that OBX-5 is."""
    cells: dict[str, str] = field(default_factory=dict)
    name_types: dict[str, str] = field(default_factory=dict)
    """Of which type the family name of each person is."""

    def put(self, name: str, text: str) -> None:
        """Set a cell; a second one of the same name gets a number."""
        if text:
            self.cells[free(name, self.cells)] = self.separators.plain(text)


def free(name: str, cells: Mapping[str, str]) -> str:
    """Return a name that no cell has: itself, or with the first number from 2 that is free."""
    if name not in cells:
        return name
    k = 2
    while f"{name}_{k}" in cells:
        k += 1
    return f"{name}_{k}"


def generic(row: Row, name: str, value: str) -> None:
    """Put a field that has no name: whole when it is one value, else by repetition and component."""
    separators = row.separators
    parts = value.split(separators.repetition) if separators.repetition else [value]
    for k, part in enumerate(parts[:_REPETITIONS], start=1):
        base = name if k == 1 else f"{name}_rep{k}"
        _components(row, base, part)
    if len(parts) > _REPETITIONS:
        row.put(f"{name}_more", separators.repetition.join(parts[_REPETITIONS:]))


def _components(row: Row, base: str, part: str, start: int = 1) -> None:
    """Put the components of one repetition from number `start` on."""
    separators = row.separators
    components = part.split(separators.component)
    if len(components) == 1 and start == 1:
        row.put(base, part)
        return
    for number, component in enumerate(components[:_COMPONENTS], start=start):
        if component:
            row.put(f"{base}_{number}", component)
    if len(components) > _COMPONENTS:
        row.put(f"{base}_more", separators.component.join(components[_COMPONENTS:]))


def rest(row: Row, name: str, components: list[str], known: frozenset[int]) -> None:
    """Put the components that a data type does not name, by number."""
    for number, component in enumerate(components[:_COMPONENTS], start=1):
        if component and number not in known:
            row.put(f"{name or 'field'}_{row.at}_{number}", component)
    if len(components) > _COMPONENTS:
        row.put(f"{name or 'field'}_more", row.separators.component.join(components[_COMPONENTS:]))


def component(components: list[str], number: int) -> str:
    """Return a component by its number, an empty string when there is none."""
    return components[number - 1] if len(components) >= number else ""


def first_sub(row: Row, text: str) -> str:
    """Return a family name (FN): its own name is the first sub-component, its parts the others."""
    return text.partition(row.separators.sub)[0] if row.separators.sub else text


def separators_of(text: str, encoding: str = "utf-8") -> Separators:
    """Return the separators that a header declares, from its text after its name ("|^~\\&|…")."""
    mark = text[:1] or "|"
    declared = text[1:].partition(mark)[0][:5]
    if declared == "\\^&":
        # Analysers (ASTM E1394) declare repetition, component, escape, and know no sub-components.
        return Separators(mark, "^", "\\", "&", "", encoding)
    marks = declared + "^~\\&"[len(declared) :]
    return Separators(mark, marks[0], marks[1], marks[2], marks[3], encoding)
