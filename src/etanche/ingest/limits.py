"""How far opening goes before it stops: nobody else counts the bytes of a bomb.

1. Reaching a limit is not a crash: what was read stays, and a note says what stopped.
2. The defaults let any real leak through and stop a bomb early.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

MIB = 1 << 20
GIB = 1 << 30
_BOMB = 4
"""Times `Limits.ratio_from` that may come out of a small file before its ratio counts."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one opening; bytes unless said otherwise."""

    total_bytes: int = 64 * GIB
    """Unpacked bytes over all members of all archives."""
    ratio: int = 400
    """Unpacked bytes per packed byte of a member, looked at once `ratio_from` bytes came out."""
    ratio_from: int = 64 * MIB
    members: int = 10_000
    """Members over all archives."""
    depth: int = 10
    """Archives in archives."""
    line_bytes: int = 2_000_000
    """A longer row (as UTF-8) is set aside as too long; below DuckDB's own limit of 2 MiB a line."""
    raw_bytes: int = 16 * MIB
    """How much of a line that is too long the quarantine keeps."""
    join_lines: int = 200
    """Lines that one record with line breaks in its cells may take."""
    nested_bytes: int = 128 * MIB
    """A packed member that is read at any place is held in memory up to this size; a larger one is spilled to disk,
    encrypted."""
    memory_file_bytes: int = GIB
    """A packed member that only a path will do for (SQLite, Access) is held in memory up to this size."""
    block_bytes: int = 512 << 10
    """What is read and classified at once; measured best where a block and its masks fit the cache."""
    part_bytes: int = 48 * MIB
    """A `Part` is handed over once it holds this much."""
    held_bytes: int = 256 * MIB
    """What all packed members together hold in memory; the rest is spilled to disk, encrypted."""
    spill_bytes: int = 256 * GIB
    """What one opening spills to disk (encrypted, unlinked) at once."""
    spare_bytes: int = 512 * MIB
    """What a spill leaves free on its disk."""
    window_bytes: int = 256 * MIB
    """Memory that unpacking one stream may take; xz and Zstandard let a file ask for gigabytes."""
    entry_seconds: int = 3600
    """Seconds spent on unpacking one entry."""
    all_seconds: int = 6 * 3600
    """Seconds spent on unpacking, all entries together."""
    parser_bytes: int = 4 * GIB
    """Address space of a parser in the sandbox."""
    parser_seconds: int = 3600
    """Processor seconds of a parser in the sandbox, for one pass."""
    parser_silence: int = 300
    """Seconds that a parser in the sandbox may take for one frame of rows."""

    def __post_init__(self) -> None:
        """Refuse limits that would let nothing through."""
        if min(self.total_bytes, self.ratio, self.line_bytes, self.join_lines, self.block_bytes, self.part_bytes) < 1:
            msg = "limits are positive"
            raise ValueError(msg)


DEFAULT = Limits()


def limits_of(settings: Mapping[str, int]) -> Limits:
    """Return the limits that a user's settings (`etanche.config.Config.limits`) ask for."""
    return replace(DEFAULT, **settings)


@dataclass(frozen=True, slots=True)
class Note:
    """What opening has to say beside the rows: a code of `words/<language>/ingest.toml`, and its parameters."""

    code: str
    params: tuple[tuple[str, str | int], ...] = ()


@dataclass(slots=True)
class Meter:
    """What one opening has unpacked so far, over all its members (a second pass over a member is not counted twice)."""

    limits: Limits
    spent: dict[tuple[str, ...], int] = field(default_factory=dict)
    members: int = 0
    passwords: tuple[str, ...] = field(default=(), repr=False)
    """What the user gave to be tried on whatever is locked; never stored, never shown."""

    total: int = 0
    """Bytes unpacked, over all entries."""
    by_file: dict[str, int] = field(default_factory=dict)
    """Bytes unpacked, by outermost file."""
    seconds: float = 0.0
    """Time spent on unpacking, all passes together."""
    held: int = 0
    """Bytes of packed members in memory now."""
    spilled: int = 0
    """Bytes of packed members on disk now."""
    serial: int = 0
    """Entries made so far: members of one name are told apart by it."""

    def allow(self, key: tuple[str, ...], produced: int, packed: int, file_bytes: int = 0) -> str:
        """Return the code of the limit that `produced` bytes out of `packed` reach, or an empty string.

        `file_bytes` is the size of the outermost file: archives in archives multiply their ratios, so that what comes
        out of all of them together is held against it too.
        """
        more = produced - self.spent.get(key, 0)
        if more > 0:
            self.spent[key] = produced
            self.total += more
            self.by_file[key[0]] = self.by_file.get(key[0], 0) + more
        if self.total > self.limits.total_bytes:
            return "limit_total"
        if produced > self.limits.ratio_from and produced > packed * self.limits.ratio:
            return "limit_ratio"
        if file_bytes and self.exploded(key[0], file_bytes):
            return "limit_ratio"
        return "limit_seconds" if self.seconds > self.limits.all_seconds else ""

    def exploded(self, path: str, file_bytes: int) -> bool:
        """Tell whether all that came out of an outermost file is more than any real one holds."""
        most = max(_BOMB * self.limits.ratio_from, file_bytes * self.limits.ratio)
        return self.by_file.get(path, 0) > most
