"""Cells of OOXML sheets as text: by their type, their format and what they store, one or a whole column at a time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from typing import Protocol

from etanche.ingest.parsers.office.values import NUMBER, date_text, number_text, rounded

_XML_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Texts(Protocol):
    """Shared texts."""

    def of(self, keys: Sequence[str], /) -> list[str]:
        """Return the texts that cells refer to."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a workbook says of all its sheets."""

    texts: Texts
    styles: Sequence[str]
    from_1904: bool = False


@dataclass(slots=True)
class Counts:
    """What was noticed on the way."""

    rounded: int = 0
    formats_lost: int = 0


def unescaped(text: str) -> str:
    """Undo `_x000D_`, by which OOXML writes characters that XML cannot hold (ST_Xstring)."""
    if "_x" not in text:
        return text
    return _XML_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


class Spelling:
    """Turns what cells store into text, one cell or one column at a time."""

    def __init__(self, context: Context) -> None:
        self.counts = Counts()
        self._texts, self._styles, self._from_1904 = context.texts, context.styles, context.from_1904
        self._dates: dict[str, _Dates] = {}

    def kind(self, style: str) -> str:
        """Return what a cell's format makes of a number."""
        index = self._style(style)
        return self._styles[index] if index < len(self._styles) else NUMBER

    @staticmethod
    def _style(style: str) -> int:
        return int(style) if style.isdecimal() and len(style) < 8 else 0

    def cell(self, kind: str, style: str, value: str) -> str:
        """Return one cell's text."""
        return self.column(kind, style, [value])[0]

    def column(self, kind: str, style: str, values: Sequence[str]) -> Sequence[str]:
        """Return the texts of cells of one type and format; an empty one stays empty."""
        if kind == "s":
            return self._texts.of(values)
        if kind in {"", "n"}:
            made = self.kind(style)
            if style and self._style(style) >= len(self._styles):
                self.counts.formats_lost += sum(map(bool, values))
            if made != NUMBER:
                dates = self._dates.get(made)
                if dates is None:
                    dates = self._dates[made] = _Dates(made, self._from_1904)
                return list(map(dates.__getitem__, values))
            return self._numbers(values)
        if kind == "b":
            return [_BOOLEANS.get(value, value) for value in values]
        if kind == "d":
            return [value.removesuffix("T00:00:00").replace("T", " ") for value in values]
        return [unescaped(unescape(value)) if "&" in value or "_x" in value else value for value in values]

    def _numbers(self, values: Sequence[str]) -> Sequence[str]:
        together = " ".join(values) + " "
        longest = max(map(len, values), default=0)
        exponents = "E" in together or "e" in together
        if longest <= 15 and not exponents and ".0 " not in together:
            return values
        if exponents:
            texts = [number_text(value) if value else "" for value in values]
        else:
            texts = [number_text(value) if len(value) > 15 or value.endswith(".0") else value for value in values]
        self.counts.rounded += sum(rounded(text) for text in texts if len(text) > 15)
        return texts


_BOOLEANS = {"1": "TRUE", "0": "FALSE", "true": "TRUE", "false": "FALSE"}


class _Dates(dict[str, str]):
    """Dates by their serial as stored: few days, many rows."""

    def __init__(self, kind: str, from_1904: bool) -> None:
        super().__init__({"": ""})
        self._kind, self._from_1904 = kind, from_1904

    def __missing__(self, key: str) -> str:
        text = date_text(key, self._kind, from_1904=self._from_1904)
        if len(self) < 100_000:
            self[key] = text
        return text
