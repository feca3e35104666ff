"""What a walk through a dump meets: tables, heads of statements, rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from etanche.ingest.parsers.sql.masks import Blanked
from etanche.ingest.parsers.sql.schema import Declared
from etanche.ingest.parsers.sql.tokens import SlowRow
from etanche.model import QuarantineReason as Why


class Seekable(Protocol):
    """What a walker reads from."""

    def seek(self, offset: int, /) -> int:
        """Go to an offset."""

    def read(self, size: int, /) -> bytes | None:
        """Return the next bytes."""


@dataclass(frozen=True, slots=True)
class Table:
    """A CREATE TABLE."""

    name: bytes
    columns: list[Declared]


@dataclass(frozen=True, slots=True)
class Use:
    """The database or schema that unqualified names belong to from here on."""

    name: bytes


@dataclass(frozen=True, slots=True)
class Into:
    """The head of an INSERT or a COPY; rows follow."""

    name: bytes
    columns: bytes | None
    """The list of columns as written."""
    offset: int
    copy: bytes | None = None
    """COPY's options."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A window of rows of the statement at hand."""

    offset: int
    window: Blanked = field(repr=False)
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the statement at hand, by its cells or by its tokens; `columns` where it names its own."""

    offset: int
    row: SlowRow | list[bytes] = field(repr=False)
    raw: bytes = field(repr=False)
    columns: tuple[bytes, ...] | None = None

    @property
    def width(self) -> int:
        """Return how many cells the row has."""
        return len(self.row) if isinstance(self.row, list) else len(self.row.cells)


@dataclass(frozen=True, slots=True)
class Bad:
    """Bytes of the statement at hand that are no row."""

    offset: int
    reason: Why
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines of a COPY."""

    offset: int
    data: bytes = field(repr=False)
    cut: bool = False
    """The dump ends in the last of them."""


@dataclass(frozen=True, slots=True)
class End:
    """The statement at hand is over."""

    offset: int


@dataclass(frozen=True, slots=True)
class Unread:
    """A statement that changes or computes rows and is not followed."""

    offset: int


Event = Table | Use | Into | Rows | Row | Bad | Lines | End | Unread
