"""Writing so that a power cut, a full disk or kill -9 leaves either the old file or the new one, never half of one.

Rules, in the order in which they apply:

1. Files are 0600 and folders 0700 from the moment they exist.
2. A file is written under its partial name (`.NAME.partial`), flushed to the disk, then renamed.
3. A fault of the disk is a `UserError` of one line; what was being made is removed.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from etanche.errors import ExitCode, UserError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}(?:/[A-Za-z0-9][A-Za-z0-9._-]{0,100}){0,3}")
_PARTIAL = ".partial"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@contextmanager
def faults(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into a `UserError` that names `path` and says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise UserError("case_no_space", ExitCode.FAILED, path=str(path)) from None
        if error.errno in _DENIED:
            raise UserError("case_not_permitted", ExitCode.FAILED, path=str(path)) from None
        if error.errno in {errno.ENOTDIR, errno.EEXIST, errno.EISDIR}:
            raise UserError("case_not_a_folder", ExitCode.FAILED, path=str(path)) from None
        name = errno.errorcode.get(error.errno or 0, "EIO")
        raise UserError("case_disk", ExitCode.FAILED, path=str(path), error=name) from None


def checked(name: str) -> str:
    """Return `name`, a relative name of at most three folders; `ValueError` for one that could leave the case."""
    if not _NAME.fullmatch(name) or ".." in name or name.endswith(_PARTIAL):
        msg = f"not a name for a file of a case: {name!r}"
        raise ValueError(msg)
    return name


def partial(path: Path) -> Path:
    """Return the name under which `path` is written until it is whole."""
    return path.with_name(f".{path.name}{_PARTIAL}")


def whole(path: Path) -> Path:
    """Return the name that a partial file was meant to get."""
    return path.with_name(path.name.removeprefix(".").removesuffix(_PARTIAL))


def partials(folder: Path) -> list[Path]:
    """Return the partial files under a folder."""
    return sorted(path for path in folder.rglob(f".*{_PARTIAL}") if not path.is_symlink())


def make_folder(path: Path) -> None:
    """Make a folder (and those above it), 0700; one that is there is left as it is."""
    for folder in reversed([path, *path.parents]):
        if not folder.is_dir():
            folder.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def folder_made(path: Path) -> Iterator[None]:
    """Make a folder and those above it; where the block fails, those that were made and hold nothing go again."""
    made = [folder for folder in reversed([path, *path.parents]) if not folder.is_dir()]
    try:
        make_folder(path)
        yield
    except BaseException:
        for folder in reversed(made):
            with suppress(OSError):
                folder.rmdir()
        raise


def stage(path: Path, data: bytes, flush: bool = True) -> Path:
    """Write `data` under the partial name of `path`, flushed to the disk; nothing stays on a fault, nor on Ctrl-C."""
    temporary = partial(path)
    with suppress(FileNotFoundError):
        temporary.unlink()
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        write_all(descriptor, data)
        if flush:
            os.fsync(descriptor)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    finally:
        os.close(descriptor)
    return temporary


def settle(temporary: Path) -> None:
    """Give a staged file its name, for good."""
    target = whole(temporary)
    temporary.replace(target)
    sync_folder(target.parent)


def write(path: Path, data: bytes) -> None:
    """Write a file at once: the old content or the new one is there at any moment; nothing else stays on a fault."""
    temporary = stage(path, data)
    try:
        settle(temporary)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte (`os.write` may stop halfway)."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def sync_folder(folder: Path) -> None:
    """Flush the names of a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> int:
    """Remove a file, or a folder with all it holds, links not followed; return how many files went."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return 0
    if not stat.S_ISDIR(mode):
        path.unlink()
        return 1
    count = sum(remove(inside) for inside in path.iterdir())
    path.rmdir()
    return count
