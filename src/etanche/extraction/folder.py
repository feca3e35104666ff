"""The folder of an extraction: only what is whole bears its name, only what étanche made is ever removed.

1. The folder is new or empty, or held an extraction before and is to be made anew; else it is refused.  One process at
   a time: a lock on the folder itself, which dies with the process.
2. Files are 0600 and folders 0700.  Every step goes from the open folder by its descriptor and follows no link, so that
   nothing is written or removed elsewhere, whoever else may write there.
3. A file is written as `NAME.etanche-unfinished` and renamed when it is whole.  Before that, its name is noted in a
   journal (`manifest.json.etanche-unfinished`), so that what a kill leaves is known to be ours.
4. A fault, Ctrl-C included, removes all that this extraction made: what is about to be made is noted first.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from etanche.errors import ExitCode, UserError
from etanche.extraction.layout import MANIFEST, UNFINISHED

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class Writing:
    """A file on its way: bytes go under its unfinished name."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write all of the bytes (`os.write` may stop halfway)."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self.size += len(data)
        return len(data)

    @property
    def closed(self) -> bool:
        """Tell whether the file was closed."""
        return self._descriptor < 0

    def close(self) -> None:
        """Close the file, once."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)


class Folder:
    """The folder of one extraction, locked."""

    def __init__(self, path: Path, *, new: bool) -> None:
        """Make or take the folder.  Raises `UserError`: not empty or in use (refused), may not be written (failed)."""
        self.path = path
        self._made: list[Path] = []
        self._files: dict[PurePosixPath, None] = {}
        self._folders: dict[PurePosixPath, None] = {}
        self._open: list[Writing] = []
        self._root = -1
        try:
            with self.faults():
                self._make()
                self._root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                self._lock()
                self._empty(new=new)
                self._journal = self._writing(_unfinished(MANIFEST))
        except BaseException:
            self._leave()
            raise

    @contextmanager
    def faults(self) -> Iterator[None]:
        """Turn an `OSError` of the block into a `UserError` that names the folder."""
        try:
            yield
        except OSError as error:
            number = error.errno or 0
            if number in _FULL:
                raise UserError("extract_no_space", ExitCode.FAILED, path=str(self.path)) from None
            if number in _DENIED:
                raise UserError("extract_not_permitted", ExitCode.FAILED, path=str(self.path)) from None
            if number in {errno.ENOTDIR, errno.EEXIST, errno.ELOOP, errno.EISDIR}:
                raise UserError("extract_not_a_folder", ExitCode.REFUSED, path=str(self.path)) from None
            name = errno.errorcode.get(number, "EIO")
            raise UserError("extract_disk", ExitCode.FAILED, path=str(self.path), error=name) from None

    def announce(self, paths: Sequence[PurePosixPath]) -> None:
        """Note the names of files to come, before they are made."""
        with self.faults():
            self._journal.write("".join(json.dumps(str(path)) + "\n" for path in paths).encode())

    def create(self, path: PurePosixPath) -> Writing:
        """Begin a file that was announced."""
        with self.faults():
            return self._writing(_unfinished(path))

    def settle(self, path: PurePosixPath, file: Writing) -> None:
        """Close a file that is whole and give it its name."""
        self._files[path] = None
        with self.faults():
            file.close()
            with self._parent(path) as parent:
                name, waiting = path.name, path.name + UNFINISHED
                os.rename(waiting, name, src_dir_fd=parent, dst_dir_fd=parent)
        del self._files[_unfinished(path)]

    def abandon(self, path: PurePosixPath, file: Writing) -> None:
        """Remove a file that will not become whole."""
        with self.faults():
            file.close()
            self._remove(_unfinished(path))
        del self._files[_unfinished(path)]

    def finish(self, manifest: bytes) -> None:
        """Write the manifest: the extraction is whole."""
        with self.faults():
            file = self._writing(PurePosixPath(f"{MANIFEST}.new{UNFINISHED}"))
            file.write(manifest)
            file.close()
            self._files[MANIFEST] = None
            os.rename(f"{MANIFEST}.new{UNFINISHED}", str(MANIFEST), src_dir_fd=self._root, dst_dir_fd=self._root)
            self._journal.close()
            os.unlink(f"{MANIFEST}{UNFINISHED}", dir_fd=self._root)
        self._made = []
        self._leave()

    def undo(self) -> None:
        """Remove all that this extraction made; what cannot be removed keeps its unfinished name."""
        for file in self._open:
            with suppress(OSError):
                file.close()
        for path in reversed(self._files):
            self._remove(path)
        self._remove_folders(list(self._folders))
        self._leave()

    def _make(self) -> None:
        """Make the folder and those above it, private."""
        for folder in reversed([self.path, *self.path.parents]):
            if not folder.is_dir():
                self._made.append(folder)
                folder.mkdir(mode=0o700)

    def _leave(self) -> None:
        """Let go of the folder, and of those that were made for it."""
        if self._root >= 0:
            os.close(self._root)
            self._root = -1
        for folder in reversed(self._made):
            with suppress(OSError):
                folder.rmdir()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._root, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UserError("extract_busy", ExitCode.REFUSED, path=str(self.path)) from None
        except OSError as error:
            # Some network file systems lock no folders: the refusal of a folder that is not empty must do there.
            if error.errno not in {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL, errno.EBADF}:
                raise

    def _empty(self, *, new: bool) -> None:
        """Make sure that the folder is empty, removing a former extraction if asked."""
        if not os.listdir(self._root):  # noqa: PTH208 - an open folder, whatever its path leads to now
            return
        ours = former(self._root)
        if ours is None:
            raise UserError("extract_not_empty", ExitCode.REFUSED, path=str(self.path))
        if not new:
            raise UserError("extract_exists", ExitCode.REFUSED, path=str(self.path))
        there = set(_walk(self._root))
        if there - ours:
            raise UserError("extract_not_empty", ExitCode.REFUSED, path=str(self.path))
        for file in there:
            self._remove(file)
        self._remove_folders(sorted({above for file in there for above in file.parents if above.name}))

    @contextmanager
    def _parent(self, path: PurePosixPath, *, make: bool = False) -> Iterator[int]:
        """Yield the descriptor of the folder that holds `path`, no link followed on the way."""
        at, above = self._root, PurePosixPath()
        try:
            for part in path.parts[:-1]:
                above /= part
                if make and above not in self._folders:
                    self._folders[above] = None
                    try:
                        os.mkdir(part, 0o700, dir_fd=at)
                    except FileExistsError:
                        del self._folders[above]
                inner = os.open(part, _OPEN_FOLDER, dir_fd=at)
                if at != self._root:
                    os.close(at)
                at = inner
            yield at
        finally:
            if at != self._root:
                os.close(at)

    def _writing(self, path: PurePosixPath) -> Writing:
        self._files[path] = None
        try:
            with self._parent(path, make=True) as parent:
                file = Writing(os.open(path.name, _NEW_FILE, 0o600, dir_fd=parent))
        except OSError:
            del self._files[path]
            raise
        self._open = [file, *(each for each in self._open if not each.closed)]
        return file

    def _remove_folders(self, folders: Sequence[PurePosixPath]) -> None:
        """Remove folders that are empty, the innermost first; `folders` names each after the one that holds it."""
        for path in reversed(folders):
            with suppress(OSError), self._parent(path) as parent:
                os.rmdir(path.name, dir_fd=parent)

    def _remove(self, path: PurePosixPath) -> None:
        with suppress(OSError), self._parent(path) as parent:
            os.unlink(path.name, dir_fd=parent)


def former(root: int) -> set[PurePosixPath] | None:
    """Return the files that a former extraction made or may have made in an open folder; None when there was none."""
    journal = _read(root, f"{MANIFEST}{UNFINISHED}")
    manifest = _read(root, str(MANIFEST))
    if journal is None and manifest is None:
        return None
    try:
        named = _journal_names(journal) if journal is not None else _manifest_names(manifest or b"")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    known = {PurePosixPath(name) for name in named}
    known |= {_unfinished(path) for path in known}
    return known | {MANIFEST, _unfinished(MANIFEST), PurePosixPath(f"{MANIFEST}.new{UNFINISHED}")}


def _journal_names(journal: bytes) -> list[str]:
    """Return the names in a journal; its last line may be cut."""
    lines = journal.split(b"\n")[:-1]
    return [str(json.loads(line)) for line in lines]


def _manifest_names(manifest: bytes) -> list[str]:
    """Return the names in a manifest; `KeyError` or `TypeError` for a file that is another program's."""
    return [
        str(name)
        for entry in json.loads(manifest)
        for name in (entry["file"], entry["provenance_file"], entry["quarantine_file"])
        if name is not None
    ]


def _read(root: int, name: str) -> bytes | None:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=root)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        return file.read() if stat.S_ISREG(os.fstat(descriptor).st_mode) else None


def _walk(root: int) -> Iterator[PurePosixPath]:
    """Yield all that is not a folder below an open folder, links to folders included."""
    for at, folders, files, descriptor in os.fwalk(".", dir_fd=root, follow_symlinks=False):
        links = [name for name in folders if stat.S_ISLNK(os.lstat(name, dir_fd=descriptor).st_mode)]
        yield from (PurePosixPath(at, name) for name in (*files, *links))


def _unfinished(path: PurePosixPath) -> PurePosixPath:
    return path.with_name(path.name + UNFINISHED)
