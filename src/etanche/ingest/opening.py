"""From paths to tables: files, folders, archives in archives, each opened by the best bid.

1. A path named by the user that cannot be read is an error, raised before anything is read.
2. Inside folders and archives, what cannot be read is remembered in `Opening.refused`, and the rest goes on.
3. When nothing at all could be read, the first refusal is the error.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Head, Reader, best
from etanche.ingest.entries import Entry, file_entry, system_error
from etanche.ingest.limits import DEFAULT, Limits, Meter
from etanche.ingest.tables import Table


@dataclass(frozen=True, slots=True)
class Refused:
    """A file in a folder, or a member of an archive, that could not be read, and why (a code of `errors`)."""

    path: str
    member: str
    code: str
    params: tuple[tuple[str, str | int], ...]


class Opening(Iterator[Table]):
    """The tables of some paths, one after the other; `refused` grows on the way."""

    def __init__(self, paths: Sequence[Path], limits: Limits, passwords: Sequence[str] = ()) -> None:
        """Bid for every path at once.  Raises `UserError` for the first one that cannot be read."""
        self.refused: list[Refused] = []
        self._limits = limits
        self._first: UserError | None = None
        meter = Meter(limits, passwords=tuple(passwords))
        self._todo: deque[tuple[Entry, Reader | None]] = deque()
        for path in paths:
            for file, shown, named in _files(path):
                try:
                    entry = file_entry(file, shown, meter)
                    self._todo.append((entry, _reader(entry)))
                except UserError as error:
                    if named:
                        raise
                    self._refuse(shown, "", error)
        self._tables = self._walk()

    def __next__(self) -> Table:
        """Return the next table.  Raises `UserError` at the end when nothing could be read."""
        return next(self._tables)

    def _refuse(self, path: str, member: str, error: UserError) -> None:
        self._first = self._first or error
        self.refused.append(Refused(path, member, error.code, tuple(error.params.items())))

    def _walk(self) -> Iterator[Table]:
        found = 0
        alone = len(self._todo) == 1 and not self.refused
        while self._todo:
            entry, reader = self._todo.popleft()
            try:
                for table in self._open(entry, reader, 0):
                    found += 1
                    yield table
            except UserError as error:
                if alone:
                    raise
                self._refuse(entry.outer.shown, "!".join(entry.members), error)
        if not found and self._first is not None:
            raise self._first

    def _open(self, entry: Entry, reader: Reader | None, depth: int) -> Iterator[Table]:
        """Yield the tables of an entry, opening archives in it; members that cannot be read are refused."""
        reader = reader or _reader(entry)
        for item in reader.tables(entry, self._limits):
            if not isinstance(item, Entry):
                yield item
                continue
            try:
                self._check(item, depth + 1)
                yield from self._open(item, None, depth + 1)
            except UserError as error:
                self._refuse(item.outer.shown, "!".join(item.members), error)

    def _check(self, entry: Entry, depth: int) -> None:
        """Count members and depth.  Raises `UserError` past a limit."""
        entry.meter.members += 1
        if depth > self._limits.depth:
            raise UserError("ingest_too_deep", ExitCode.UNREADABLE, path=entry.outer.shown, depth=self._limits.depth)
        if entry.meter.members > self._limits.members:
            raise UserError(
                "ingest_too_many", ExitCode.UNREADABLE, path=entry.outer.shown, members=self._limits.members
            )


def open_paths(paths: Sequence[Path], limits: Limits = DEFAULT, passwords: Sequence[str] = ()) -> Opening:
    """Open files, folders and archives; iterate over the result for their tables.

    `passwords` are tried in turn on whatever is locked; they are neither stored nor shown.

    Raises `UserError` (exit code 3) at once for a path that does not exist, may not be read, is empty, or is not text
    in any format étanche reads; while iterating, when an archive or a folder turns out to hold nothing readable.
    """
    return Opening(paths, limits, passwords)


def _files(path: Path) -> Iterator[tuple[Path, str, bool]]:
    """Yield the files of a path with what to show of each, and whether the user named it."""
    try:
        is_folder = path.is_dir()
    except OSError as error:
        raise system_error(path, error) from None
    if not is_folder:
        yield path, str(path), True
        return
    if not os.access(path, os.R_OK | os.X_OK):
        raise UserError("ingest_no_permission", ExitCode.UNREADABLE, path=str(path))
    files = sorted(file for file in path.rglob("*") if file.is_file() and not file.name.startswith("."))
    if not files:
        raise UserError("ingest_folder_empty", ExitCode.UNREADABLE, path=str(path))
    for file in files:
        yield file, str(file.relative_to(path.parent)), False


def _reader(entry: Entry) -> Reader:
    """Return the reader with the best bid.  Raises `UserError` when nobody bids."""
    shown = "!".join((entry.outer.shown, *entry.members))
    data = entry.head()
    if not data:
        code = "ingest_member_damaged" if entry.notes else "ingest_empty"
        raise UserError(code, ExitCode.UNREADABLE, path=shown)
    reader = best(Head(entry.name, data))
    if reader is None:
        raise UserError("ingest_binary", ExitCode.UNREADABLE, path=shown)
    return reader
