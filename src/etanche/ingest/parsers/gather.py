"""Rows of named cells on their way to pieces: a table of messages is told by its filled columns.

1. A survey of a whole entry finds which columns are ever filled; a row is a mapping of columns to text.
2. A row of more than `Limits.line_bytes` is set aside as too long: no engine takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from etanche.ingest.limits import MIB, Limits
from etanche.ingest.scan import Piece
from etanche.ingest.tables import piece_of
from etanche.model import Quarantined, QuarantineReason

_ROWS = 2000
_MOST_COLUMNS = 1000
MORE = "more"
"""The column that takes what stands beyond the columns that a table may have."""


class Columns:
    """The columns of one table, in the order of their ranks."""

    def __init__(self) -> None:
        self._ranks: dict[str, tuple[int, int]] = {}
        self.rows = 0

    def see(self, row: Mapping[str, str], rank: Callable[[str], int | None]) -> None:
        """Remember the columns of one row; `rank` says where a new one stands."""
        self.rows += 1
        if row.keys() <= self._ranks.keys():
            return
        for name in row:
            if name in self._ranks:
                continue
            if len(self._ranks) >= _MOST_COLUMNS:
                self._ranks.setdefault(MORE, (1 << 30, 0))
                return
            self._ranks[name] = (rank(name) or 0, len(self._ranks))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names in order."""
        return tuple(sorted(self._ranks, key=lambda name: self._ranks[name]))


class Gather:
    """Gathers rows into pieces of a few thousand rows or about a mebibyte."""

    def __init__(self, names: Sequence[str], limits: Limits) -> None:
        self._names, self._limits = tuple(names), limits
        self._known = frozenset(names)
        self._rows: list[list[str]] = []
        self._lines: list[int] = []
        self._aside: list[Quarantined] = []
        self._size = self._offset = 0

    def add(self, row: dict[str, str], line: int, offset: int, raw: bytes) -> Piece | None:
        """Take one row; return a piece when one is full."""
        if not row.keys() <= self._known:
            beyond = {name: row.pop(name) for name in set(row) - self._known}
            row[MORE] = "\n".join(f"{name}={beyond[name]}" for name in sorted(beyond))
        cells = [row.get(name, "") for name in self._names]
        size = sum(map(len, row.values())) + len(cells)
        if size * 3 > self._limits.line_bytes and self._too_long(cells):
            self._set_aside(line, offset, QuarantineReason.TOO_LONG, raw)
            return self._piece() if self._size > MIB else None
        if not self._rows:
            self._offset = offset
        self._rows.append(cells)
        self._lines.append(line)
        self._size += size
        return self._piece() if self._size > MIB or len(self._rows) >= _ROWS else None

    def _too_long(self, cells: list[str]) -> bool:
        """Tell whether a row is more than an engine takes."""
        written = "".join(cells).encode("utf-8", "replace")
        return len(written) + written.count(b'"') + 3 * len(cells) > self._limits.line_bytes

    def _set_aside(self, line: int, offset: int, why: QuarantineReason, raw: bytes) -> None:
        kept = raw[: self._limits.raw_bytes]
        self._aside.append(Quarantined(line, offset, why, kept))
        self._size += len(kept)

    def aside(self, line: int, offset: int, why: QuarantineReason, raw: bytes) -> Iterator[Piece]:
        """Set one line aside; yield a piece when one is full."""
        self._set_aside(line, offset, why, raw)
        if self._size > MIB:
            yield self._piece()

    def _piece(self) -> Piece:
        piece = piece_of(
            self._rows,
            first_line=self._lines[0] if self._lines else 0,
            offset=self._offset,
            quarantined=self._aside,
            lines=self._lines,
        )
        self._rows, self._lines, self._aside, self._size = [], [], [], 0
        return piece

    def rest(self) -> Iterator[Piece]:
        """Yield what is left, if anything."""
        if self._rows or self._aside:
            yield self._piece()
