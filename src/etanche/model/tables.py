"""What is opened and recognised: sources, samples, ledgers, columns, what stands in texts."""

from __future__ import annotations

from dataclasses import dataclass, field

from etanche.model.vocabulary import Kind, QuarantineReason, Role


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text separates cells.  `quote` is empty when no cell is quoted; lines end in LF, CR or CRLF."""

    delimiter: str
    quote: str = ""
    doublequote: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """One table's place of origin: where it lies, what it weighs, how it was read."""

    path: str
    """Path as given by the user (or relative to the folder given)."""
    member: str
    """Path inside the archive, members joined by `!`; empty for a plain file."""
    reader: str
    """Name of the reader whose bid opened it."""
    size: int
    """Bytes of the outermost file."""
    sha256: str
    """Hash of the outermost file, hexadecimal."""
    encoding: str
    dialect: Dialect | None
    header: bool
    table: str = ""
    """Name of the table inside its file or member (a sheet, a table of a dump); empty where that is one table."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A line that could not be read as a row: where, why, and its raw bytes (which only the encrypted store keeps)."""

    line: int
    """1-based line of the text."""
    offset: int
    """Byte offset of the line in the (unpacked) text as leaked."""
    reason: QuarantineReason
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows spread over a whole table, by column: what the kinds are recognised on.  Never written, never printed."""

    names: tuple[str, ...]
    """Column names: the header's, or `column_1`… without one."""
    header: bool
    columns: tuple[tuple[str, ...], ...] = field(repr=False)
    """One tuple of cells a column, aligned by row; a blank cell is an empty string."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every line accounted for: `lines == header + row_lines + quarantined + blank`."""

    lines: int
    header: int
    row_lines: int
    """Lines that the rows take (more than `rows` when cells hold line breaks)."""
    blank: int
    rows: int
    quarantined: int
    reasons: dict[QuarantineReason, int]

    def __post_init__(self) -> None:
        """Refuse a ledger that does not balance."""
        if self.lines != self.header + self.row_lines + self.quarantined + self.blank:
            msg = f"ledger does not balance: {self.lines} lines"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict was reached: a code of `words/<language>/reasons.toml` and its parameters (never a cell's text)."""

    code: str
    params: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A further kind that cells of a column hold: packed with the column's own into one cell, or in its place."""

    kind: Kind
    share: float
    """Of the filled cells of the sample, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """The verdict on one column.  Counts are cells over all rows of the table; before counting they are zero."""

    index: int
    name: str
    kind: Kind
    role: Role
    confidence: float
    """0 to 1: how likely the kind is right."""
    reason: Reason
    layout: str = ""
    """For dates, the strptime layout of the cells ("%d/%m/%Y"); for others empty."""
    filled: int = 0
    """Cells that are not blank."""
    valid: int = 0
    """Cells that pass the kind's check: shape, and key where the kind has one."""
    distinct: int = 0
    """Distinct normalised values among the filled cells."""
    table: str = ""
    """Which of several tables of different columns it is of; empty where the leak is one table."""
    also: tuple[Held, ...] = ()
    """What its cells hold besides (a telephone behind a name, an e-mail in place of a telephone), the more frequent
    first."""
    repeat: int = 0
    """Its number in a repeated group (`visit2_date` beside `visit1_date` is the second); 0 where it is in none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a text holds: of what kind, where (characters, `end` exclusive), how sure.

    The kinds of a text are those of columns: `FULL_NAME`, `BIRTH_DATE`, `MOBILE`, `MEDICINE`, `DISEASE`…
    """

    kind: Kind
    start: int
    end: int
    confidence: float = 1.0
    """0 to 1: how likely the kind is right."""
    code: str = ""
    """What a terminology says of it, where known: an ATC code, a CIM-10 chapter or code."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A user's word on one column (`--map`): a kind, a role or both."""

    column: str
    kind: Kind | None = None
    role: Role | None = None
