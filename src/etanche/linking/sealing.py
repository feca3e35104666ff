"""Parts of a list read and written as tables, places where something is to be written, keyed values."""

from __future__ import annotations

import errno
import hmac
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryFile

import pyarrow as pa
import pyarrow.parquet as pq

from etanche.casefile import CaseFolder, Event
from etanche.errors import ExitCode, UserError

_THREADS = 2


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


def parquets(tables: Mapping[str, pa.Table]) -> dict[str, bytes]:
    """Return tables as Parquet files, by the names of their folders; made side by side."""
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="pack") as workers:
        return dict(zip((folder.rstrip("/") for folder in tables), workers.map(parquet, tables.values()), strict=True))


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
