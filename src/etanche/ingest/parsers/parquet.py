"""Parquet, Arrow (Feather 2, stream) and ORC by pyarrow, in the sandbox: rows as lossless text.

1. Batches are read one by one; no more than one is held.
2. Dates and moments are ISO, a midnight is dropped only where the type is a day; decimals plain; floats the shortest
   decimal that is the same number, without exponent; bytes are UTF-8 where they are, else hexadecimal; what is nested
   is JSON; a missing value is the empty cell.
3. A batch that cannot be read ends the table with what came before it; the notes say so.
4. Texts and whole numbers are joined to lines by Arrow, a fifth of the time that Python takes; a batch that holds a
   quote, a line break or what is no UTF-8 is spelt cell by cell, with the same outcome.
"""

from __future__ import annotations

import datetime as dt
import decimal
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etanche.ingest.frames import SEPARATOR, Frame, RefusalError, frame_of
from etanche.ingest.parsers.office.values import float_text
from etanche.ingest.parsers.source import opened

_BATCH = 16_384
_BATCH_BYTES = 32 << 20
"""Bytes of a batch beyond which it is sent in as many frames as there are such, since a frame has a bound."""
_GROUPS, _SLICES, _SLICE = 8, 8, 64
"""For a look: groups of rows of a Parquet file, slices of each, rows of a slice."""
_LARGE = 256 << 20
"""Bytes of a group beyond which none is read for a look."""
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
            step = min(_BATCH, max(1, batch.num_rows * _BATCH_BYTES // max(1, batch.nbytes)))
            for start in range(0, batch.num_rows, step):
                part = batch.slice(start, step)
                yield _frame(part, number)
                number += part.num_rows
        except _ERRORS:
            whole = False
            break
    yield {"whole": whole, "read": number - 1}, b""


def look(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the names of the columns, then rows from slices spread over the groups of a Parquet file.

    A file of other formats, of one group or that cannot be read so says no more than its names.
    """
    schema, _ = _batches(path, params)
    yield {"names": schema.names}, b""
    if params["kind"] != "parquet" or "spill" in params:
        return
    from pyarrow import parquet  # noqa: PLC0415 - a child imports what it needs

    try:
        file = parquet.ParquetFile(pa.OSFile(str(path)), pre_buffer=False)
        groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
        if len(groups) < 2 or max(group.total_byte_size for group in groups) > _LARGE:
            return
        first = list(accumulate((group.num_rows for group in groups), initial=1))
        for number in sorted({k * (len(groups) - 1) // (_GROUPS - 1) for k in range(_GROUPS)}):
            for batch in file.read_row_group(number, use_threads=False).combine_chunks().to_batches():
                for start in range(0, batch.num_rows, max(_SLICE, batch.num_rows // _SLICES)):
                    yield _frame(batch.slice(start, _SLICE), first[number] + start)
    except _ERRORS:
        yield {"whole": False, "read": 0}, b""


def _frame(batch: pa.RecordBatch, number: int) -> Frame:
    """Return the frame of a batch, whose first row is the `number`th."""
    body = _joined(batch)
    if body is not None:
        return {"rows": batch.num_rows, "first_line": number, "quoted": False}, body
    cells = list(zip(*[column_text(batch.column(k)) for k in range(batch.num_columns)], strict=True))
    return frame_of(cells, number)


def _joined(batch: pa.RecordBatch) -> bytes | None:
    """Return a batch as lines, or None where a cell would have to be quoted or is no text."""
    columns = []
    for column in batch.columns:
        kind = column.type
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            try:
                column.validate(full=True)
            except pa.ArrowInvalid:
                return None
            columns.append(column.cast(pa.large_string()))
        elif pa.types.is_integer(kind):
            columns.append(column.cast(pa.large_string()))
        else:
            columns.append(pa.array(column_text(column), pa.large_string()))
    if not columns or not batch.num_rows:
        return None
    separator, end, nothing = (pa.scalar(text, pa.large_string()) for text in (SEPARATOR, "\n", ""))
    lines = pc.binary_join_element_wise(*columns, separator, null_handling="replace", null_replacement="")
    lines = pc.binary_join_element_wise(lines, nothing, end)
    _, offsets, data = lines.buffers()
    last = int.from_bytes(offsets.slice(8 * (lines.offset + len(lines)), 8).to_pybytes(), sys.byteorder)
    body: bytes = data.slice(0, last).to_pybytes()
    separators = len(lines) * (len(columns) - 1)
    plain = body.count(b"\n") == len(lines) and body.count(SEPARATOR.encode()) == separators
    return body if plain and not any(mark in body for mark in (b'"', b"\r", b"\0")) else None


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
