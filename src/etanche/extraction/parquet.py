"""Rows of a table as Parquet: every column is text, and a part is written as it comes.

1. No type is inferred, no word means "missing": an empty cell is an empty text.
2. One part is one or more row groups, so memory is bounded by the part.
3. What the library says of rows it cannot take may quote them: it is never passed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from etanche.errors import EtancheError
from etanche.extraction.rfc4180 import blocks, comma_separated
from etanche.ingest import Part

_GROUP_BYTES = 16 << 20


class RowsRefusedError(EtancheError):
    """The library does not take the rows, or counts others than there are."""


class ParquetRows:
    """The rows of a table on their way into a Parquet file."""

    def __init__(self, file: Any, names: Sequence[str]) -> None:  # noqa: ANN401 - any object with `write`
        """Begin a file of text columns."""
        safe = [name.encode("utf-8", "backslashreplace").decode() for name in names]
        self._schema = pa.schema([(name, pa.string()) for name in safe])
        self._sink = pa.PythonFile(file, mode="w")
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")

    def add(self, part: Part) -> None:
        """Write the rows of a part.  Raises `RowsRefusedError`."""
        rows = 0
        quoted = part.dialect.quote != ""
        for block in blocks(part.data, quoted=quoted, size=_GROUP_BYTES):
            data = b"".join(comma_separated(block, part.dialect, len(self._schema)))
            table = self._read(data)
            rows += table.num_rows
            self._writer.write_table(table)
        if rows != part.rows:
            raise RowsRefusedError

    def _read(self, data: bytes) -> Any:  # noqa: ANN401 - pyarrow has no types
        try:
            return pa_csv.read_csv(
                pa.BufferReader(data),
                pa_csv.ReadOptions(column_names=self._schema.names, block_size=len(data) + 1, use_threads=True),
                pa_csv.ParseOptions(newlines_in_values=b'"' in data, ignore_empty_lines=False),
                pa_csv.ConvertOptions(
                    column_types=self._schema, strings_can_be_null=False, quoted_strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid:
            raise RowsRefusedError from None

    def end(self) -> None:
        """Write the end of the file, without which nothing of it can be read."""
        self._writer.close()
