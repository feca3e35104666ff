"""The files of a folder: links lead nowhere outside it, and what is no file is refused, not opened.

1. A link to a file of the folder is not followed: the file is read under its own name.  A link that leads outside, or
   nowhere, is refused by name.
2. Pipes, sockets and devices are refused: opening one may wait for ever, or do something.
3. The data files of a PostgreSQL directory dump (`pg_dump -Fd`) belong to its `toc.dat`, which `pg_restore` reads
   whole; where that program is missing they are files like others.
4. What systems leave everywhere (`.DS_Store`, `Thumbs.db`, `._name`) is nobody's data.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import open_binary, system_error

_DUMP = "toc.dat"
_DUMP_PROGRAM = "pg_restore"
_DUMP_FORMAT, _DUMP_FORMAT_AT = 3, 10
"""The number of the directory format, and where it stands in the header (pg_backup_archiver.h)."""
_DUMP_DATA = re.compile(r"(?:blob_)?\d+\.dat(?:\.gz|\.lz4|\.zst)?|blobs(?:_\d+)?\.toc")
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini", ".localized", "ehthumbs.db"})


@dataclass(slots=True)
class Found:
    """What a folder holds, in the order of names."""

    files: list[Path] = field(default_factory=list)
    refused: list[tuple[Path, UserError]] = field(default_factory=list)


def is_folder(path: Path) -> bool:
    """Tell whether a path is a folder.  Raises `UserError` when the system refuses to say."""
    try:
        return path.is_dir()
    except OSError as error:
        raise system_error(path, error) from None


def is_litter(name: str) -> bool:
    """Tell whether a file is what systems leave everywhere."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return last.lower() in _LITTER or (last.startswith("._") and len(last) > 2)


def in_folder(folder: Path) -> Found:
    """Return the files below a folder.  Raises `UserError` when the folder itself may not be read."""
    if not os.access(folder, os.R_OK | os.X_OK):
        raise UserError("ingest_no_permission", ExitCode.UNREADABLE, path=str(folder))
    found = Found()
    root = folder.resolve()
    todo = [folder]
    while todo:
        here = todo.pop()
        try:
            entries = list(os.scandir(here))
        except OSError as error:
            found.refused.append((here, system_error(here, error)))
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.is_symlink():
                refusal = _link(path, root)
                if refusal is not None:
                    found.refused.append((path, refusal))
            elif entry.is_dir(follow_symlinks=False):
                todo.append(path)
            elif entry.is_file(follow_symlinks=False):
                if not is_litter(entry.name):
                    found.files.append(path)
            else:
                found.refused.append((path, UserError("ingest_not_a_file", ExitCode.UNREADABLE, path=str(path))))
    dumps = {path.parent for path in found.files if path.name == _DUMP and _is_dump(path)}
    found.files = sorted(
        path for path in found.files if path.parent not in dumps or not _DUMP_DATA.fullmatch(path.name)
    )
    found.refused.sort(key=lambda item: item[0])
    return found


def _is_dump(toc: Path) -> bool:
    """Tell whether a file is the list of a directory dump that can be read."""
    try:
        with open_binary(toc) as file:
            head = file.read(_DUMP_FORMAT_AT + 1)
    except (UserError, OSError):
        return False
    is_list = head.startswith(b"PGDMP") and len(head) > _DUMP_FORMAT_AT and head[_DUMP_FORMAT_AT] == _DUMP_FORMAT
    return is_list and shutil.which(_DUMP_PROGRAM) is not None


def _link(path: Path, root: Path) -> UserError | None:
    """Return why a link is refused, None for one that leads to what is read anyway."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return UserError("ingest_not_found", ExitCode.UNREADABLE, path=str(path))
    if target.is_relative_to(root):
        return None
    return UserError("ingest_link_outside", ExitCode.UNREADABLE, path=str(path))
