"""What the response reads and writes: the controllers file, results of the case, the parts of each controller."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from etanche.casefile import CaseFolder, disk, write_whole
from etanche.errors import ExitCode, UserError

RESULT = "respond.json"
FORMAT = "etanche-respond/1"
_FLUSHERS = 8


def read_controllers(path: Path) -> bytes:
    """Return the controllers file; `UserError` (3) for one that cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("controllers_unreadable", ExitCode.UNREADABLE, path=str(path), problem=problem) from None


def result_of(case: CaseFolder, name: str) -> dict[str, Any]:
    """Return a result of the case, empty where there is none; `UserError` (refused) for one that was changed."""
    written = case.summary.results.get(name)
    if written is None:
        return {}
    try:
        data = (case.path / name).read_bytes()
    except OSError:
        data = b""
    if sha256(data).hexdigest() != written.sha256:
        raise UserError("respond_changed", ExitCode.REFUSED, path=str(case.path / name))
    document: dict[str, Any] = json.loads(data)
    return document


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Return a document as a JSON file."""
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def publish(case: CaseFolder, parts: Mapping[str, bytes], to: Path | None) -> None:
    """Write every part: into the case, or to a folder.

    There, all are written under another name before the first gets its own: a full disk leaves what was there before.
    """
    if to is None:
        for name, content in parts.items():
            case.write_result(f"respond/{name}", content)
        return
    changed = {to / name: content for name, content in parts.items() if not _is(to / name, content)}
    folders = {above for path in changed for above in path.parents if above.is_relative_to(to)}
    made = [folder for folder in folders if not folder.exists()]
    try:
        for folder in dict.fromkeys(path.parent for path in changed):
            disk.make_folder(folder)
        # The disk takes what several threads flush at once in far fewer turns.
        with ThreadPoolExecutor(_FLUSHERS, thread_name_prefix="publish") as pool:
            for temporary in list(pool.map(lambda each: disk.stage(*each), changed.items())):
                temporary.replace(disk.whole(temporary))
            list(pool.map(disk.sync_folder, dict.fromkeys(path.parent for path in changed)))
    except BaseException as error:
        _drop(changed, made)
        if not isinstance(error, OSError):
            raise
        problem = os.strerror(error.errno or 0)
        raise UserError("respond_cannot_write", ExitCode.FAILED, path=str(to), problem=problem) from error


def _is(path: Path, content: bytes) -> bool:
    """Tell whether a file is there and holds just that."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _drop(changed: Iterable[Path], made: Iterable[Path]) -> None:
    """Remove what was written under another name, and the folders that were made for it."""
    for path in changed:
        with suppress(OSError):
            disk.partial(path).unlink()
    for folder in sorted(made, key=lambda each: len(each.parts), reverse=True):
        with suppress(OSError):
            folder.rmdir()


def written(path: Path, data: bytes) -> None:
    """Write a file whole, its folder made (and not left empty); `UserError` (1) where it cannot be."""
    try:
        with disk.folder_made(path.parent):
            write_whole(path, data)
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("respond_cannot_write", ExitCode.FAILED, path=str(path), problem=problem) from error
