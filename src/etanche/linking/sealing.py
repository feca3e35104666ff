"""The sealed parts of a list: written anew as a whole, read as tables."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from pathlib import Path
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
