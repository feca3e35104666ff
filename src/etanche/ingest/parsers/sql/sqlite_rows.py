"""SQLite files, in the sandbox: tables and their rows as text.

1. The file is opened read-only and immutable, its schema not trusted: nothing beside it is made or changed.
2. A write-ahead log beside it is applied to a copy in memory, up to its last whole transaction.
3. Text is bytes here: what is not UTF-8 is decoded in the encoding that `look` chose.  Bytes (BLOB) are the UTF-8 text
   that they spell, else hexadecimal digits.  Numbers are plain: no `.0`, no exponent.
4. At damage a table is read from its other end too, as far as rows come.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from etanche.ingest.frames import Frame, RefusalError, frame_of

_ROWS = 1000
_BYTES = 1 << 20
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PLACES = 48


def look(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield a frame for each table: its name, columns, declared types; last one with the encoding of its text."""
    base = _opened(path, params)
    foreign: list[bytes] = []
    base.text_factory = _keeping(foreign)
    try:
        tables = base.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' "
            "AND (sql IS NULL OR sql NOT LIKE 'CREATE VIRTUAL%') ORDER BY rowid"
        ).fetchall()
    except sqlite3.Error:
        raise RefusalError("ingest_sqlite", path=params["shown"]) from None
    damaged = 0
    for (name,) in tables:
        try:
            types = {row[1]: row[2] for row in base.execute(f"PRAGMA table_xinfo({_quoted(name)})")}
            cursor = base.execute(f"SELECT * FROM {_quoted(name)} LIMIT 50")  # noqa: S608 - a quoted name
            columns = [item[0] for item in cursor.description]
        except sqlite3.Error:
            damaged += 1
            continue
        try:
            cursor.fetchall()
        except sqlite3.Error:
            damaged += 1
        yield {"table": name, "columns": columns, "types": [str(types.get(column, "")) for column in columns]}, b""
    yield {"foreign": [text.decode("latin-1") for text in foreign], "damaged": damaged}, b""


def rows(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the rows of one table; a last frame says whether it is damaged."""
    base = _opened(path, params)
    base.text_factory = _decoding(params["encoding"])
    name = _quoted(params["table"])
    place = 1
    last: int | None = None
    with_rowid = _has_rowid(base, name)
    head = "rowid, *" if with_rowid else "*"
    try:
        for batch in _batches(base.execute(f"SELECT {head} FROM {name}")):  # noqa: S608 - a quoted name
            cells = [row[1:] for row in batch] if with_rowid else batch
            last = batch[-1][0] if with_rowid else None
            yield frame_of([[_cell(value) for value in row] for row in cells], place)
            place += len(batch)
    except _DamageError as damage:
        if damage.rows:
            cells = [row[1:] for row in damage.rows] if with_rowid else damage.rows
            last = damage.rows[-1][0] if with_rowid else None
            yield frame_of([[_cell(value) for value in row] for row in cells], place)
            place += len(damage.rows)
    else:
        return
    if with_rowid:
        yield from _from_the_end(base, name, last, place)
    yield {"damaged": True}, b""


def sample(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield rows from places spread over one table."""
    base = _opened(path, params)
    base.text_factory = _decoding(params["encoding"])
    name = _quoted(params["table"])
    each = max(1, params["rows"] // _PLACES)
    queries: list[tuple[str, tuple[int, ...]]] = []
    try:
        if _has_rowid(base, name):
            first, last = base.execute(f"SELECT min(rowid), max(rowid) FROM {name}").fetchone()  # noqa: S608
            if first is not None and last - first > params["rows"]:
                step = (last - first) // _PLACES
                queries = [
                    (f"SELECT * FROM {name} WHERE rowid >= ? AND rowid < ? LIMIT {each}", (at, at + step))  # noqa: S608
                    for at in range(first, last, max(1, step))
                ]
    except sqlite3.Error:
        queries = []
    queries = queries or [(f"SELECT * FROM {name} LIMIT {int(params['rows'])}", ())]  # noqa: S608
    for query, bounds in queries:
        try:
            for batch in _batches(base.execute(query, bounds)):
                yield frame_of([[_cell(value) for value in row] for row in batch], 1)
        except (_DamageError, sqlite3.Error):
            continue


class _DamageError(Exception):
    """The table cannot be read further; `rows` came before."""

    def __init__(self, before: list[tuple[Any, ...]]) -> None:
        super().__init__()
        self.rows = before


def _batches(cursor: sqlite3.Cursor) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows in batches of bounded size."""
    batch: list[tuple[Any, ...]] = []
    size = 0
    while True:
        try:
            row = next(cursor, None)
        except (sqlite3.Error, OverflowError):
            raise _DamageError(batch) from None
        if row is None:
            break
        batch.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(batch) >= _ROWS or size > _BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _from_the_end(base: sqlite3.Connection, name: str, last: int | None, place: int) -> Iterator[Frame]:
    """Yield what can be read from the table's end, last row first, down to where reading stopped."""
    bound = "" if last is None else f"WHERE rowid > {int(last)}"
    try:
        batches = _batches(base.execute(f"SELECT * FROM {name} {bound} ORDER BY rowid DESC"))  # noqa: S608
        for batch in batches:
            yield frame_of([[_cell(value) for value in row] for row in batch], place)
            place += len(batch)
    except _DamageError as damage:
        if damage.rows:
            yield frame_of([[_cell(value) for value in row] for row in damage.rows], place)
    except sqlite3.Error:
        return


def _has_rowid(base: sqlite3.Connection, name: str) -> bool:
    """Tell whether a table has row numbers of its own (and no column that takes their name)."""
    try:
        columns = {str(row[1]).lower() for row in base.execute(f"PRAGMA table_xinfo({name})")}
        base.execute(f"SELECT rowid FROM {name} LIMIT 0")  # noqa: S608 - a quoted name
    except sqlite3.Error:
        return False
    return "rowid" not in columns


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _cell(value: object) -> str:
    """Return a value as text."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return _blob(value)
    if isinstance(value, float):
        return _number(value)
    return str(value)


def _blob(value: bytes) -> str:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()
    return value.hex() if _CONTROL.search(text) else text


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = repr(value)
    return format(Decimal(text), "f") if "e" in text and 1e-9 < abs(value) < 1e25 else text


def _keeping(foreign: list[bytes]) -> Any:  # noqa: ANN401 - sqlite3 takes any callable
    """Return a text factory that remembers text which is not UTF-8."""

    def text(data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            if len(foreign) < 2000:
                foreign.append(data[:300])
            return data.decode("latin-1")

    return text


def _decoding(encoding: str) -> Any:  # noqa: ANN401 - as above
    """Return a text factory for UTF-8 with some text in another encoding."""

    def text(data: bytes) -> str:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                return data.decode("latin-1")

    return text


def _opened(path: Path, params: dict[str, Any]) -> sqlite3.Connection:
    """Open a database that nothing may change.  Raises `RefusalError` for what is none."""
    try:
        if params.get("packed") or params.get("wal"):
            data = bytearray(path.read_bytes())
            if params.get("wal"):
                _apply(data, params["wal"].read_bytes())
            data[18:20] = b"\x01\x01"
            base = sqlite3.connect(":memory:")
            base.deserialize(bytes(data))
        else:
            base = sqlite3.connect(f"file:{path.resolve()}?mode=ro&immutable=1".replace("#", "%23"), uri=True)
        # With a schema said to be writable (which it is not), a file that was cut off is opened all the same.
        for pragma in (
            "writable_schema = ON",
            "query_only = ON",
            "trusted_schema = OFF",
            "cell_size_check = ON",
            "mmap_size = 0",
        ):
            base.execute(f"PRAGMA {pragma}")
    except (sqlite3.Error, OSError, MemoryError, OverflowError):
        raise RefusalError("ingest_sqlite", path=params["shown"]) from None
    return base


def _apply(data: bytearray, log: bytes) -> None:
    """Write the pages of a write-ahead log into a database, up to the log's last commit (sqlite.org/fileformat2, 4)."""
    if len(log) < 32 or log[:4] not in {b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83"}:
        return
    size = int.from_bytes(log[8:12], "big")
    if size < 512 or size > 65536 or size & (size - 1):
        return
    order = "big" if log[3] & 1 else "little"
    salts = log[16:24]
    sums = _checksum(log[:24], (0, 0), order)
    if sums != (int.from_bytes(log[24:28], "big"), int.from_bytes(log[28:32], "big")):
        return
    pending: dict[int, int] = {}
    for at in range(32, len(log) - 24 - size + 1, 24 + size):
        sums = _checksum(log[at : at + 8], sums, order)
        sums = _checksum(log[at + 24 : at + 24 + size], sums, order)
        stored = (int.from_bytes(log[at + 16 : at + 20], "big"), int.from_bytes(log[at + 20 : at + 24], "big"))
        if log[at + 8 : at + 16] != salts or stored != sums:
            break
        pending[int.from_bytes(log[at : at + 4], "big")] = at + 24
        pages = int.from_bytes(log[at + 4 : at + 8], "big")
        if pages:
            if pages * size > len(data) + len(log):
                break
            data.extend(bytes(max(0, pages * size - len(data))))
            for page, place in pending.items():
                if 0 < page <= pages:
                    data[(page - 1) * size : page * size] = log[place : place + size]
            del data[pages * size :]
            pending = {}


def _checksum(data: bytes, sums: tuple[int, int], order: str) -> tuple[int, int]:
    """Return the log's running checksum over some bytes."""
    import array  # noqa: PLC0415 - only a log needs it
    import sys  # noqa: PLC0415 - as above

    words = array.array("I", data)
    if order != sys.byteorder:
        words.byteswap()
    first, second = sums
    for k in range(0, len(words), 2):
        first = (first + words[k] + second) & 0xFFFFFFFF
        second = (second + words[k + 1] + first) & 0xFFFFFFFF
    return first, second
