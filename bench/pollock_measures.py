"""The measures of `bench/pollock.py`: those that the benchmark publishes, and two of our own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

Rows = list[list[str]]
MEASURES = ("success", *(f"{what}_{how}" for what in ("header", "record", "cell") for how in ("p", "r", "f1")))


@dataclass(slots=True)
class Read:
    """What a tool made of a file: rows, the first of them names; and what it says it set aside or skipped."""

    rows: Rows
    aside: list[str] = field(default_factory=list)
    skipped: int = 0
    notes: str = ""


@dataclass(slots=True)
class Case:
    """A polluted file, what it should give, and what it weighs."""

    name: str
    data: bytes
    clean: Rows
    weight: float


# --- the published measures ---------------------------------------------------------------------------------------


@cache
def normal(cell: str) -> str:  # noqa: PLR0911 - one return a type
    """Return a cell as the benchmark compares it: figures, dates and truth values whatever way they are written."""
    text = cell.strip()
    if not text:
        return ""
    if text in {"True", "true", "False", "false"}:
        return str(int(text in {"True", "true"}))
    for number in (int, float):
        try:
            return str(number(text))
        except (ValueError, OverflowError):
            continue
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)(?:[ T]00:00(?::00)?)?", text):
        return "-".join(match.groups())
    if match := re.fullmatch(r"(\d\d?)/(\d\d?)/(\d{4})", text):
        first, second, year = match.groups()
        day, month = (second, first) if int(first) <= 12 else (first, second)
        return f"{year}-{int(month):02d}-{int(day):02d}"
    if match := re.fullmatch(r"(\d\d?):(\d\d)(?::00)?", text):
        return f"{int(match[1]):02d}:{match[2]}"
    return cell.lower()


def bags(wanted: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """Return precision, recall (named as the benchmark names them) and F1 of two bags."""
    if not wanted:
        return 1.0, 1.0, 1.0
    both = (Counter(wanted) & Counter(found)).total()
    if not both:
        return 0.0, 0.0, 0.0
    precision, recall = both / len(wanted), both / len(found)
    return precision, recall, 2 * precision * recall / (precision + recall)


def published(clean: Rows, loaded: Rows) -> tuple[float, ...]:
    """Return the ten measures of a file that was read."""
    if not clean:
        return (1.0,) * 10
    header = bags([normal(c) for c in clean[0]], [normal(c) for c in loaded[0]] if loaded else [])
    records = bags(["".join(map(normal, r)) for r in clean[1:]], ["".join(map(normal, r)) for r in loaded[1:]])
    cells = bags([c for r in clean for c in r], [c for r in loaded for c in r])
    return (1.0, *header, *records, *cells)


# --- our own ------------------------------------------------------------------------------------------------------


def right_column(clean: Rows, loaded: Rows) -> float:
    """Return the share of the clean cells that are in their column, extra cells counting against it."""
    if not clean:
        return 1.0
    width = max(len(row) for row in clean)
    wanted = found = 0
    for k in range(max([width, *map(len, loaded)])):
        column = Counter(row[k] for row in clean if k < len(row))
        other = Counter(row[k] for row in loaded if k < len(row))
        wanted += max(column.total(), other.total())
        found += (column & other).total()
    return found / wanted if wanted else 1.0


_INK = re.compile(r"[^\w]+", re.UNICODE)


def ink(text: str) -> str:
    """Return the letters and digits of a text."""
    return _INK.sub("", text)


def text_of(data: bytes) -> str:
    """Return the text of a file, in UTF-8 or else CP1252."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def accounted(case: Case, read: Read) -> float:
    """Return the share of the file's lines that are somewhere."""
    lines = [line for line in re.split(r"\r\n|\r|\n", text_of(case.data)) if ink(line)]
    if not lines:
        return 1.0
    text = ink("".join("".join(row) for row in read.rows) + "".join(read.aside))
    return sum(k < read.skipped or ink(line) in text for k, line in enumerate(lines)) / len(lines)
