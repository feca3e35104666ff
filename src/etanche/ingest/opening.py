"""From paths to tables: files, folders, archives in archives, each opened by the best bid.

1. A path named by the user that cannot be read is an error, raised before anything is read, unless `strict` is off.
2. Inside folders and archives, what cannot be read is remembered in `Opening.refused`, and the rest goes on: whatever
   its reader raised, and be it a mistake of étanche's own.
3. When nothing at all could be read, the first refusal is the error.
4. Parts of one archive or text are joined (`volumes`); links and special files in folders are not followed (`folders`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Head, Reader, best
from etanche.ingest.entries import Entry, file_entry
from etanche.ingest.faults import as_user_error
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
    given: Path | None = field(default=None, compare=False)
    """The path named by the user that it was found by."""


@dataclass(frozen=True, slots=True)
class _Todo:
    given: Path
    entry: Entry
    reader: Reader | None


class Opening(Iterator[Table]):
    """The tables of some paths, one after the other; `refused` grows on the way."""

    def __init__(
        self, paths: Sequence[Path], limits: Limits, passwords: Sequence[str] = (), *, strict: bool = True
    ) -> None:
        """Bid for every path at once.  Raises `UserError` for the first one that cannot be read, if `strict`."""
        self.refused: list[Refused] = []
        self.given: Path | None = None
        """The path named by the user that the last table was found by."""
        self._strict = strict
        self._limits = limits
        self._first: UserError | None = None
        self._meter = Meter(limits, passwords=tuple(passwords))
        self._todo: deque[_Todo] = deque()
        self._add(list(dict.fromkeys(paths)))
        self._tables = self._walk()

    def __next__(self) -> Table:
        """Return the next table.  Raises `UserError` at the end when nothing could be read."""
        return next(self._tables)

    def _add(self, paths: list[Path]) -> None:
        """Bid for what was named, in its order; the parts of one whole stand where the first of them was named."""
        folders: list[Path] = []
        files: list[Path] = []
        for path in paths:
            try:
                (folders if is_folder(path) else files).append(path)
            except UserError as error:
                self._named(path, error)
        place = {path: index for index, path in enumerate(paths)}
        work: list[tuple[int, Whole | None]] = [(place[folder], None) for folder in folders]
        for whole in wholes(files, look_around=True):
            # Parts before a gap may lie beside the one that was named, and make a whole of their own.
            first = min((place[path] for path in whole.paths if path in place), default=0)
            work.append((first, whole))
        for index, named in sorted(work, key=lambda item: item[0]):
            self.given = paths[index]
            try:
                if named is None:
                    self._add_folder(paths[index])
                else:
                    self._bid(named, str(named.paths[0]))
            except Exception as error:  # noqa: BLE001 - rule 2
                self._named(named.paths[0] if named else paths[index], error)
        self.given = None

    def _named(self, path: Path, error: Exception) -> None:
        """Raise or remember why a path that was named cannot be read."""
        fault = as_user_error(error, str(path))
        if self._strict:
            raise fault from None
        self.given = path
        self._refuse(str(path), "", fault)

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
                self._bid(whole, shown)
            except Exception as error:  # noqa: BLE001 - rule 2
                self._refuse(shown, "", as_user_error(error, shown))

    def _bid(self, whole: Whole, shown: str) -> None:
        """Take a file, or several that make one, up.  Raises `UserError` when it cannot be read."""
        entry = self._entry(whole, shown)
        self._todo.append(_Todo(self.given or whole.paths[0], entry, _reader(entry)))

    def _entry(self, whole: Whole, shown: str) -> Entry:
        """Return the entry of a file, or of several that make one.  Raises `UserError` for one that is not whole."""
        if whole.missing:
            raise UserError("ingest_volume_missing", ExitCode.UNREADABLE, path=shown, missing=whole.missing)
        if whole.called:
            return joined_entry(whole, shown, self._meter)
        return file_entry(whole.paths[0], shown, self._meter)

    def _refuse(self, path: str, member: str, error: UserError) -> None:
        self._first = self._first or error
        self.refused.append(Refused(path, member, error.code, tuple(error.params.items()), self.given))

    def _walk(self) -> Iterator[Table]:
        found = 0
        alone = self._strict and len(self._todo) == 1 and not self.refused
        while self._todo:
            todo = self._todo.popleft()
            self.given = todo.given
            entry = todo.entry
            try:
                for table in self._open(entry, todo.reader, 0):
                    found += 1
                    yield table
            except Exception as error:  # noqa: BLE001 - rule 2
                fault = as_user_error(error, entry.shown)
                if alone:
                    raise fault from None
                self._refuse(entry.outer.shown, "!".join(entry.members), fault)
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
            except Exception as error:  # noqa: BLE001 - rule 2
                self._refuse(item.outer.shown, "!".join(item.members), as_user_error(error, item.shown))

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


def open_paths(
    paths: Sequence[Path], limits: Limits = DEFAULT, passwords: Sequence[str] = (), *, strict: bool = True
) -> Opening:
    """Open files, folders and archives; iterate over the result for their tables, in the order of the paths.

    `passwords` are tried in turn on whatever is locked; they are neither stored nor shown.  Where `strict` is off, a
    path that cannot be read is one more refusal: nothing is raised before the end.

    Raises `UserError` (exit code 3) at once for a path that does not exist, may not be read, is empty, or is not text
    in any format étanche reads; while iterating, when an archive or a folder turns out to hold nothing readable.
    """
    return Opening(paths, limits, passwords, strict=strict)


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
