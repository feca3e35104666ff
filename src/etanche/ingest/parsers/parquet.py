"""Parquet, Arrow (Feather 2, stream) and ORC by pyarrow, in the sandbox: rows as lossless text.

1. Batches are read one by one; no more than one is held.
2. Dates and moments are ISO, a midnight is dropped only where the type is a day; decimals plain; floats the shortest
   decimal that is the same number, without exponent; bytes are UTF-8 where they are, else hexadecimal; what is nested
   is JSON; a missing value is the empty cell.
3. A batch that cannot be read ends the table with what came before it; the notes say so.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from etanche.ingest.frames import Frame, RefusalError, frame_of
from etanche.ingest.parsers.office.values import float_text
from etanche.ingest.parsers.source import opened

_BATCH = 4096
_AFTER_MAGIC = 8
_ERRORS = (pa.ArrowException, OSError, ValueError, EOFError, OverflowError, NotImplementedError)


def _batches(path: Path, params: dict[str, Any]) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Return the schema and the batches of a file.  Raises `RefusalError` when it cannot be opened."""
    kind = params["kind"]
    opener = {"parquet": _parquet, "arrow": _arrow, "stream": _stream, "orc": _orc}[kind]
    try:
        return opener(pa.PythonFile(opened(path, params)) if "spill" in params else pa.OSFile(str(path)))
    except (*_ERRORS, KeyError) as error:
        encrypted = "ncrypt" in str(error)
        code = "ingest_workbook_encrypted" if encrypted else "ingest_table_file_damaged"
        raise RefusalError(code, **({} if encrypted else {"format": kind})) from None


def _parquet(file: pa.NativeFile) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    from pyarrow import parquet  # noqa: PLC0415 - a child imports what it needs

    table = parquet.ParquetFile(file, pre_buffer=False)
    return table.schema_arrow, table.iter_batches(batch_size=_BATCH, use_threads=False)


def _arrow(file: pa.NativeFile) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    try:
        reader = pa.ipc.open_file(file)
    except (pa.ArrowInvalid, OSError):
        # The list of batches at the end is lost: after its magic number a file is a stream.
        return _stream(file, _AFTER_MAGIC)
    return reader.schema, (reader.get_batch(k) for k in range(reader.num_record_batches))


def _stream(file: pa.NativeFile, begin: int = 0) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    file.seek(begin)
    reader = pa.ipc.open_stream(file)
    return reader.schema, iter(reader)


def _orc(file: pa.NativeFile) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    from pyarrow import orc  # noqa: PLC0415 - a child imports what it needs

    stripes = orc.ORCFile(file)
    return stripes.schema, (stripes.read_stripe(k) for k in range(stripes.nstripes))


def survey(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield one frame with the names of the columns."""
    schema, _ = _batches(path, params)
    yield {"names": schema.names}, b""


def rows(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield all rows, and at the end how many there were and whether that is all."""
    _, batches = _batches(path, params)
    number = 1
    whole = True
    while True:
        try:
            batch = next(batches, None)
            if batch is None:
                break
            for start in range(0, batch.num_rows, _BATCH):
                part = batch.slice(start, _BATCH)
                cells = list(zip(*[column_text(part.column(k)) for k in range(part.num_columns)], strict=True))
                yield frame_of(cells, number)
                number += len(cells)
        except _ERRORS:
            whole = False
            break
    yield {"whole": whole, "read": number - 1}, b""


def column_text(column: pa.Array) -> Sequence[str]:
    """Return a column's values as text."""
    kind = column.type
    if isinstance(kind, pa.ExtensionType):
        column, kind = column.storage, kind.storage_type
    if pa.types.is_dictionary(kind):
        texts = column_text(column.dictionary)
        return ["" if k is None else texts[k] for k in column.indices.to_pylist()]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        try:
            return ["" if value is None else value for value in column.to_pylist()]
        except UnicodeDecodeError:
            column = column.cast(pa.large_binary())
            kind = column.type
    if pa.types.is_integer(kind):
        return ["" if value is None else str(value) for value in column.to_pylist()]
    if pa.types.is_timestamp(kind):
        return _moments(column, kind)
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        return ["" if value is None else _single(value) for value in column.to_pylist()]
    spell = _speller(kind)
    return ["" if value is None else spell(value) for value in column.to_pylist()]


def _speller(kind: pa.DataType) -> Callable[[Any], str]:
    """Return what spells a value of a type."""
    for holds, spell in _SPELLERS:
        if holds(kind):
            return spell
    return str


def _single(value: float) -> str:
    """Return a 32-bit float by its shortest decimal, not that of the double it became."""
    import numpy as np  # noqa: PLC0415 - few files have such columns

    single = np.float32(value)
    return float_text(float(str(single))) if np.isfinite(single) else str(single)


def _moments(column: pa.Array, kind: pa.TimestampType) -> list[str]:
    """Return moments in ISO, to the unit that is stored: Python's own know no nanoseconds."""
    units = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]
    zone = "Z" if kind.tz else ""
    texts: list[str] = []
    for value in column.cast(pa.int64()).to_pylist():
        if value is None:
            texts.append("")
            continue
        seconds, rest = divmod(value, units)
        try:
            moment = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)  # noqa: DTZ001 - the zone is added below
        except OverflowError:
            texts.append(str(value))
            continue
        fraction = f".{rest:0{len(str(units)) - 1}}".rstrip("0") if rest else ""
        texts.append(moment.isoformat(" ") + fraction + zone)
    return texts


def _bytes(value: bytes) -> str:
    """Return bytes as the text they are, or in hexadecimal."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return value.hex()
    return text if text.isprintable() or all(c.isprintable() or c in "\n\r\t" for c in text) else value.hex()


def _plain(value: Any) -> str:  # noqa: ANN401 - whatever is nested
    """Return a value inside JSON that JSON has no type for."""
    if isinstance(value, bytes):
        return _bytes(value)
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)


_SPELLERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[Any], str]], ...] = (
    (pa.types.is_boolean, lambda value: "TRUE" if value else "FALSE"),
    (pa.types.is_floating, float_text),
    (pa.types.is_decimal, lambda value: f"{value:f}"),
    (pa.types.is_temporal, lambda value: value.isoformat() if isinstance(value, dt.date | dt.time) else str(value)),
    (pa.types.is_binary, _bytes),
    (pa.types.is_large_binary, _bytes),
    (pa.types.is_fixed_size_binary, _bytes),
    (pa.types.is_nested, lambda value: json.dumps(value, ensure_ascii=False, default=_plain)),
)
