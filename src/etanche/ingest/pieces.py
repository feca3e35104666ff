"""What reading passes on: pieces of rows, where their rows come from, running counts, and how bytes are read."""

from __future__ import annotations

from dataclasses import dataclass, field

from etanche.ingest.careful import Shape
from etanche.ingest.columns import Columns
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why


@dataclass(frozen=True, slots=True)
class Run:
    """Rows that follow one another in a part, and where they come from.

    Row `first_row + k` of the part begins at line `first_line + k` when `one_line_each`; else the run is one row.
    """

    first_row: int
    """0-based, in the part."""
    first_line: int
    """1-based line of the leaked text."""
    first_offset: int
    """Byte offset of that line in the (unpacked) leaked text."""
    rows: int
    one_line_each: bool
    lines: int = 0
    """Lines the run's rows take."""


@dataclass(slots=True)
class Piece:
    """What one block gave."""

    chunks: list[bytes] = field(default_factory=list, repr=False)
    rows: int = 0
    runs: list[Run] = field(default_factory=list, repr=False)
    quarantined: list[Quarantined] = field(default_factory=list, repr=False)
    raw: bool = False
    """Quotes are mere characters."""
    quoted: bool = False
    """Quotes quote."""
    blank: int = 0
    """Lines that hold nothing, where nobody else counts them (`Tally` does for delimited text)."""


@dataclass(slots=True)
class Tally:
    """Running counts of a pass."""

    lines: int = 0
    row_lines: int = 0
    blank: int = 0
    rows: int = 0
    encodings: dict[str, int] = field(default_factory=dict)
    """Lines in another encoding than the file, by encoding."""
    joined: int = 0
    realigned: int = 0
    headers: int = 0
    """Lines that repeat the header."""
    reasons: dict[Why, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the bytes of a text become rows."""

    shape: Shape
    encoding: str
    others: tuple[str, ...]
    """Encodings that lines which are not in `encoding` are in, the more common first."""
    eol: int
    """13 for a text whose lines end in CR alone, else 10."""
    columns: Columns | None = None
    """What the columns hold, None where too few rows tell."""
    header: bytes = b""
    """The header's line as it is written, without its end; lines that repeat it are no rows."""
