"""The sealed parts of a list: written anew as a whole, read as tables.

Rules, in the order in which they apply:

1. A list that takes the place of another is sealed whole beside it, as `renewed/<list>/`; one entry makes it count.
2. Only then do the older parts go, and the new ones take their names: a kill before that entry leaves the older list, a
   kill after it leaves the new one, which `finish` brings to its names whenever it is called next.
"""

from __future__ import annotations

import errno
import hmac
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from etanche.casefile import CaseFolder, Event, disk
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from collections.abc import Iterable


def renew(case: CaseFolder, name: str, data: bytes) -> None:
    """Seal a part in place of an older one of the very name; it counts with the next entry that commits."""
    drop(case, [name])
    case.seal(name, data)


def drop(case: CaseFolder, names: Iterable[str]) -> None:
    """Remove the parts of these very names (a prefix would take the lists whose names begin alike), and log it."""
    gone = frozenset(names) & frozenset(case.sealed())
    if gone:
        case.commit(Event.DISCARDED, gone, prefix=min(gone), discarded=len(gone))
        with disk.faults(case.path):
            case.parts.remove(gone)


RENEWED = "renewed/"
_RESULT = "result"


def replace(
    case: CaseFolder,
    unseal: Callable[[str], bytes],
    file: str,
    parts: Mapping[str, bytes],
    result: bytes,
    commit: Callable[[], object],
    gone: frozenset[str] = frozenset(),
) -> None:
    """Put a list, `parts` of it and its `link-<file>.json`, in place of an older one of the name.

    `parts` are by folder: `matches`, or `dropped/matches`.  `commit` adds the entry of the log that makes them count,
    and after which the parts of `gone` do not: those of the older list that the new one has none of.
    """
    finish(case, unseal, file)
    for folder, data in parts.items():
        case.seal(f"{RENEWED}{file}/{folder.replace('/', '.')}", data)
    case.seal(f"{RENEWED}{file}/{_RESULT}", result)
    commit()
    with disk.faults(case.path):
        case.parts.remove(gone)
    finish(case, unseal, file)


def finish(case: CaseFolder, unseal: Callable[[str], bytes], file: str) -> None:
    """Give the parts of a list that was renewed their names, where a command was stopped before it had; else nothing.

    Stopped itself, wherever that is, it does the same when called again: what it reads goes last.
    """
    staged = {name.rpartition("/")[2]: name for name in case.sealed(f"{RENEWED}{file}/")}
    if not staged:
        return
    parts = {_final(file, code): name for code, name in staged.items() if code != _RESULT}
    drop(case, parts)
    for part, name in parts.items():
        case.seal(part, unseal(name))
    case.write_result(f"link-{file}.json", unseal(staged[_RESULT]))
    gone = frozenset(staged.values())
    case.commit(Event.ROWS_SEALED, gone)
    with disk.faults(case.path):
        case.parts.remove(gone)


def _final(file: str, code: str) -> str:
    folder, _, inside = code.partition(".")
    return f"{folder}/{file}/{inside}" if inside else f"{folder}/{file}"


def writable(path: Path) -> None:
    """Make sure, before any work is done, that a file can be written at a place; `UserError` (1) where it cannot."""
    try:
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        problem = os.strerror(error.errno or 0)
        raise UserError("link_cannot_write", ExitCode.FAILED, path=str(path), problem=problem) from None


def outside(path: Path, case: Path) -> None:
    """Refuse a place within the case: what names people does not lie readable there."""
    if path.resolve().is_relative_to(case.resolve()):
        raise UserError("link_within_case", ExitCode.REFUSED, path=str(path))


def parquet(table: pa.Table) -> bytes:
    """Return a table as a Parquet file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


def read(data: bytes) -> pa.Table:
    """Return a table that was sealed as Parquet."""
    # On this thread alone: one that reads ahead may outlive the interpreter, which then ends in an abort.
    return pq.read_table(pa.BufferReader(data), use_threads=False, pre_buffer=False)


_HASHED_BY = "keyed/by"


def keyed(case: CaseFolder, unseal: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Return a function that gives each text a value of 32 bytes that nobody without the case's secret can test.

    The secret is sealed in the case, made when it is first asked for, and goes with `purge --data`: after that, not
    even whoever holds the case can tell whose values they were.
    """
    if _HASHED_BY not in case.sealed():
        case.seal(_HASHED_BY, os.urandom(32))
        case.commit(Event.ROWS_SEALED, frozenset())
    key = unseal(_HASHED_BY)
    return lambda text: hmac.digest(key, text.encode("utf-8", "backslashreplace"), "sha256")
