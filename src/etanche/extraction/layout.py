"""Where each table goes: the path of its source is kept, made safe, and no two things ever meet.

1. The folder of a table is the path of its source, members of archives going on with it: `a/leak.zip`, member
   `patients.csv` → `a/leak.zip/patients.csv/`.  What leads outside or no system bears is made safe (`ingest.names`).
2. Two sources never share a folder, nor two tables a name (small and capital letters are the same): the later one
   gets `~2`.  A table's name is kept free for the files beside it as well.
3. A table without a name of its own is called as its source without suffix.

    >>> Layout().place("a/leak.csv", "", "", "csv").table
    PurePosixPath('a/leak.csv/leak.csv')
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from etanche.ingest.names import safe_path

MANIFEST = PurePosixPath("manifest.json")
UNFINISHED = ".etanche-unfinished"
"""Suffix of what is being written; whatever bears it was left by a process that was killed."""


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one table, relative to the folder of the extraction."""

    table: PurePosixPath
    provenance: PurePosixPath
    quarantine: PurePosixPath

    def all(self) -> tuple[PurePosixPath, ...]:
        """Return all of them."""
        return (self.table, self.provenance, self.quarantine)


class Layout:
    """The places given so far in one extraction."""

    def __init__(self) -> None:
        self._sources: dict[tuple[str, str], PurePosixPath] = {}
        self._homes: set[str] = set()
        self._files = {_folded(MANIFEST), _folded(MANIFEST) + UNFINISHED}
        self._folders: set[str] = set()
        self._counts: dict[str, int] = {}

    def place(self, source: str, member: str, table: str, suffix: str) -> Place:
        """Return where a table goes; `suffix` is that of its format."""
        folder = self._sources.get((source, member))
        if folder is None:
            folder = self._sources[source, member] = self._new_folder(safe_path(source, member))
        name = _stem(table) if table else PurePosixPath(safe_path(source, member).name).stem
        key = _folded(folder / f"{name}.{suffix}")
        while True:
            count = self._counts[key] = self._counts.get(key, 0) + 1
            stem = name if count == 1 else f"{name}~{count}"
            files = (f"{stem}.{suffix}", f"{stem}.provenance.json", f"{stem}.quarantine.csv")
            place = Place(*(folder / file for file in files))
            taken = {_folded(path) for path in place.all()}
            if not taken & self._files and not taken & self._folders:
                self._files |= taken
                return place

    def _new_folder(self, wanted: PurePosixPath) -> PurePosixPath:
        """Return a folder of its own for a source, through no file."""
        folder = PurePosixPath()
        for part in wanted.parts[:-1]:
            folder = self._free(folder / part, self._files)
            self._folders.add(_folded(folder))
        folder = self._free(folder / wanted.name, self._files, self._homes)
        self._homes.add(_folded(folder))
        self._folders.add(_folded(folder))
        return folder

    def _free(self, path: PurePosixPath, *taken: set[str]) -> PurePosixPath:
        """Return the path, or the first of `path~2`, `path~3`… that is not taken."""
        key = _folded(path)
        free, count = path, self._counts.get(key, 1)
        while any(_folded(free) in names for names in taken):
            count += 1
            free = path.with_name(f"{path.stem}~{count}{path.suffix}")
        if free != path:
            self._counts[key] = count
        return free


def _stem(table: str) -> str:
    """Return the name of a table as that of a file."""
    return safe_path("", table.translate({ord(mark): "_" for mark in "/\\!"})).name


def _folded(path: PurePosixPath) -> str:
    """Return what two paths have in common that some file system holds for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", str(path)).casefold())
