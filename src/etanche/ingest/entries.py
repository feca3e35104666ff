"""Where bytes come from: a file, or a member of an archive, that can be opened again for each pass.

1. An `Entry` is opened once a pass (look, sample, read); nothing is unpacked to disk but what `seekable` spills there.
2. A `Stream` gives bytes until the end, or until a limit or damage stops it: then a note of the entry says why.
3. Errors of the system become `UserError`s that name the path and nothing else.
"""

from __future__ import annotations

import hashlib
import io
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from etanche.errors import ExitCode, UserError
from etanche.ingest.limits import Meter, Note

if TYPE_CHECKING:
    from etanche.ingest.seekable import Held

HEAD_BYTES = 1 << 16


class Stream(Protocol):
    """Bytes from the start to the end of an entry."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, fewer or none only at the end."""

    def done(self) -> int:
        """Return how far the pass is, in the units of `Entry.total`."""

    def close(self) -> None:
        """Release what the pass holds."""


@dataclass(slots=True)
class Outer:
    """The outermost file: the one that has a path, a size and a hash."""

    path: Path
    shown: str
    size: int
    sha256: str = ""
    volumes: tuple[Path, ...] = ()
    """The files of a split archive or text, in order; empty for what is one file."""
    called: str = ""
    """The name of the whole that the volumes make."""

    def hash(self) -> str:
        """Return the SHA-256 of the file (of its volumes, one after the other), reading it if no pass has done so."""
        if not self.sha256:
            hasher = hashlib.sha256()
            for path in self.volumes or (self.path,):
                with open_binary(path) as file:
                    while data := file.read(1 << 20):
                        hasher.update(data)
            self.sha256 = hasher.hexdigest()
        return self.sha256


@dataclass(slots=True)
class Entry:
    """Bytes that a reader may bid for."""

    outer: Outer
    members: tuple[str, ...]
    """Names inside archives, outermost first; empty for a plain file."""
    total: int
    """What `Stream.done` counts up to."""
    opener: Callable[[], Stream]
    meter: Meter
    notes: list[Note] = field(default_factory=list)
    seeker: Callable[[], io.RawIOBase] | None = field(default=None, repr=False)
    """Opens the entry at any place, where that costs nothing (a stored member, a joined file)."""
    held: Held | None = field(default=None, repr=False)
    """The copy that `seekable.random_access` made; freed with the entry."""
    serial: int = 0

    @property
    def name(self) -> str:
        """Return the file's or the innermost member's name."""
        return self.members[-1] if self.members else self.outer.called or self.outer.path.name

    @property
    def shown(self) -> str:
        """Return the whole place, as errors name it."""
        return "!".join((self.outer.shown, *self.members))

    @property
    def plain(self) -> bool:
        """Tell whether the entry is one file that can be read from any place at no cost."""
        return not self.members and not self.outer.volumes

    @property
    def key(self) -> tuple[str, ...]:
        """Return what tells the entry from all others of one opening."""
        return (str(self.outer.path), *self.members, str(self.serial))

    def child(self, name: str, total: int) -> Entry:
        """Return the entry of a member; whoever made it sets its `opener` (and `seeker`) next.

        What is known to be wrong with the archive is said of the member too.
        """
        self.meter.serial += 1
        child = Entry(self.outer, (*self.members, name), max(total, 1), self.opener, self.meter, list(self.notes))
        child.serial = self.meter.serial
        return child

    def note(self, code: str, **params: str | int) -> None:
        """Remember a note; each pass over the entry says the same again, so the last word of a code counts."""
        self.notes[:] = [note for note in self.notes if note.code != code]
        self.notes.append(Note(code, tuple(params.items())))

    def head(self, size: int = HEAD_BYTES) -> bytes:
        """Return the first bytes."""
        stream = self.opener()
        try:
            return stream.read(size)
        finally:
            stream.close()


class FileStream:
    """A plain file, from the start."""

    def __init__(self, path: Path) -> None:
        self._file = open_binary(path)

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        return self._file.read(size)

    def done(self) -> int:
        """Return the offset."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def open_binary(path: Path) -> BinaryIO:
    """Open a file for reading, unbuffered.  Raises `UserError` when the system refuses."""
    try:
        return path.open("rb", buffering=0)
    except OSError as error:
        raise system_error(path, error) from None


def system_error(path: Path, error: OSError) -> UserError:
    """Return the `UserError` that says what the system said of a path."""
    if isinstance(error, FileNotFoundError):
        code = "ingest_not_found"
    elif isinstance(error, PermissionError):
        code = "ingest_no_permission"
    else:
        code = "ingest_unreadable"
    return UserError(code, ExitCode.UNREADABLE, path=str(path))


def file_entry(path: Path, shown: str, meter: Meter) -> Entry:
    """Return the entry of a regular file that is not empty.  Raises `UserError` for anything else."""
    try:
        status = path.stat()
    except OSError as error:
        raise system_error(path, error) from None
    if not stat.S_ISREG(status.st_mode):
        raise UserError("ingest_not_a_file", ExitCode.UNREADABLE, path=str(path))
    if status.st_size == 0:
        raise UserError("ingest_empty", ExitCode.UNREADABLE, path=shown)
    outer = Outer(path, shown, status.st_size)
    return Entry(outer, (), status.st_size, lambda: FileStream(path), meter)
