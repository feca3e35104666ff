"""From paths to tables: files, folders, archives in archives, each opened by the best bid.

1. A path named by the user that cannot be read is an error, raised before anything is read.
2. Inside folders and archives, what cannot be read is remembered in `Opening.refused`, and the rest goes on.
3. When nothing at all could be read, the first refusal is the error.
4. Parts of one archive or text are joined (`volumes`); links and special files in folders are not followed (`folders`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Head, Reader, best
from etanche.ingest.entries import Entry, file_entry
from etanche.ingest.folders import in_folder, is_folder, is_litter
from etanche.ingest.limits import DEFAULT, Limits, Meter
from etanche.ingest.tables import Table
from etanche.ingest.volumes import Whole, joined_entry, wholes


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
        self._meter = Meter(limits, passwords=tuple(passwords))
        self._todo: deque[tuple[Entry, Reader | None]] = deque()
        named = [path for path in paths if not is_folder(path)]
        for whole in wholes(named, look_around=True):
            entry = self._entry(whole, str(whole.paths[0]))
            self._todo.append((entry, _reader(entry)))
        for folder in (path for path in paths if path not in named):
            self._add_folder(folder)
        self._tables = self._walk()

    def __next__(self) -> Table:
        """Return the next table.  Raises `UserError` at the end when nothing could be read."""
        return next(self._tables)

    def _add_folder(self, folder: Path) -> None:
        """Bid for the files of a folder; what cannot be read is refused."""
        found = in_folder(folder)
        if not found.files and not found.refused:
            raise UserError("ingest_folder_empty", ExitCode.UNREADABLE, path=str(folder))
        for path, error in found.refused:
            self._refuse(str(path.relative_to(folder.parent)), "", error)
        for whole in wholes(found.files, look_around=False):
            shown = str(whole.paths[0].relative_to(folder.parent))
            try:
                entry = self._entry(whole, shown)
                self._todo.append((entry, _reader(entry)))
            except UserError as error:
                self._refuse(shown, "", error)

    def _entry(self, whole: Whole, shown: str) -> Entry:
        """Return the entry of a file, or of several that make one.  Raises `UserError` for one that is not whole."""
        if whole.missing:
            raise UserError("ingest_volume_missing", ExitCode.UNREADABLE, path=shown, missing=whole.missing)
        if whole.called:
            return joined_entry(whole, shown, self._meter)
        return file_entry(whole.paths[0], shown, self._meter)

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
        """Yield the tables of an entry, opening archives in it; members that cannot be read are refused.

        A limit on all members together ends the archive with one refusal: a million members are not a million lines.
        """
        reader = reader or _reader(entry)
        for item in reader.tables(entry, self._limits):
            if not isinstance(item, Entry):
                yield item
                continue
            if is_litter(item.name):
                continue
            try:
                self._count(entry)
            except UserError as error:
                self._refuse(entry.outer.shown, "!".join(entry.members), error)
                return
            try:
                self._check_depth(item, depth + 1)
                yield from self._open(item, None, depth + 1)
            except UserError as error:
                self._refuse(item.outer.shown, "!".join(item.members), error)

    def _count(self, archive: Entry) -> None:
        """Count one more member.  Raises `UserError` past a limit that all members share."""
        meter, limits = archive.meter, self._limits
        meter.members += 1
        if meter.members > limits.members:
            raise UserError("ingest_too_many", ExitCode.UNREADABLE, path=archive.shown, members=limits.members)
        if meter.exploded(str(archive.outer.path), archive.outer.size):
            raise UserError("ingest_bomb", ExitCode.UNREADABLE, path=archive.shown, ratio=limits.ratio)
        if meter.total > limits.total_bytes:
            raise UserError("ingest_too_much", ExitCode.UNREADABLE, path=archive.shown, most=limits.total_bytes)
        if meter.seconds > limits.all_seconds:
            raise UserError("ingest_too_long", ExitCode.UNREADABLE, path=archive.shown, seconds=limits.all_seconds)

    def _check_depth(self, entry: Entry, depth: int) -> None:
        if depth > self._limits.depth:
            raise UserError("ingest_too_deep", ExitCode.UNREADABLE, path=entry.outer.shown, depth=self._limits.depth)


def open_paths(paths: Sequence[Path], limits: Limits = DEFAULT, passwords: Sequence[str] = ()) -> Opening:
    """Open files, folders and archives; iterate over the result for their tables.

    `passwords` are tried in turn on whatever is locked; they are neither stored nor shown.

    Raises `UserError` (exit code 3) at once for a path that does not exist, may not be read, is empty, or is not text
    in any format étanche reads; while iterating, when an archive or a folder turns out to hold nothing readable.
    """
    return Opening(paths, limits, passwords)


def _reader(entry: Entry) -> Reader:
    """Return the reader with the best bid.  Raises `UserError` when nobody bids."""
    shown = entry.shown
    data = entry.head()
    if not data:
        code = "ingest_member_damaged" if entry.notes else "ingest_empty"
        raise UserError(code, ExitCode.UNREADABLE, path=shown)
    reader = best(Head(entry.name, data))
    if reader is None:
        raise UserError("ingest_binary", ExitCode.UNREADABLE, path=shown)
    return reader
