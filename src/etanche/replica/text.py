"""Columns of cells to delimited text, block by block: no cell is ever a Python object.

A block's rows are joined into one Arrow string array whose data buffer is the text itself; it is then transcoded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from etanche.replica.cells import Cells
from etanche.replica.options import ReplicaOptions

BLOCK = 32_768

Tick = Callable[[int], None]
"""Told how many rows were written."""


def write_cells(
    path: Path,
    header: Sequence[str] | None,
    columns: Sequence[Cells],
    rows: NDArray[np.int64],
    options: ReplicaOptions,
    tick: Tick,
) -> None:
    """Write some rows of some columns as delimited text in the options' layout."""
    with path.open("wb") as file:
        file.write(options.mark)
        if header is not None:
            file.write((options.delimiter.join(header) + options.line_end).encode(options.codec))
        for start in range(0, rows.size, BLOCK):
            block = rows[start : start + BLOCK]
            file.write(_transcoded(_joined([cells.text(block) for cells in columns], options), options.codec))
            tick(block.size)


def write_table(path: Path, table: dict[str, pa.StringArray], tick: Tick) -> None:
    """Write a table of text columns as `;`-delimited UTF-8 with a header, lines ending in LF."""
    options = ReplicaOptions(delimiter=";", encoding="utf-8", line_end="\n")
    rows = len(next(iter(table.values())))
    with path.open("wb") as file:
        file.write((";".join(table) + "\n").encode())
        for start in range(0, rows, BLOCK):
            file.write(_joined([column.slice(start, BLOCK) for column in table.values()], options))
            tick(min(BLOCK, rows - start))


def _joined(columns: list[pa.StringArray], options: ReplicaOptions) -> bytes:
    """Return the rows' lines as UTF-8: the data of an array of joined strings is contiguous."""
    if not len(columns[0]):
        return b""
    last = pc.binary_join_element_wise(columns[-1], options.line_end, "")
    lines = pc.binary_join_element_wise(*columns[:-1], last, options.delimiter)
    data = lines.buffers()[2]
    first, end = np.frombuffer(lines.buffers()[1], dtype=np.int32)[[lines.offset, lines.offset + len(lines)]]
    return memoryview(data)[int(first) : int(end)].tobytes()


def _transcoded(text: bytes, codec: str) -> bytes:
    return text if codec == "utf-8" else text.decode("utf-8").encode(codec)
