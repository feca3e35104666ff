"""DuckDB, embedded: what a step needs of the rows, in memory, by Ibis expressions.

Rules, in the order in which they apply:

1. Nothing is written: an in-memory database, no folder to spill into, no extension looked for on the network.
2. Rows stream through: `load` runs one projection over every part of a table and keeps only its result, so memory
   holds what the step asked for and never the whole file.
3. Names from a leaked file never enter a statement: the columns of a part are `c0`, `c1`… (text, blank is NULL).
4. The engine's own messages may quote rows, so they never leave this module: `EngineError` says what failed, no more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import duckdb
import ibis

from etanche.engines.feed import readable_path
from etanche.errors import EtancheError
from etanche.model import Dialect

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_LONGEST_LINE = 64 << 20
"""Bytes of the longest row the engine is asked to take (ingest's own limit is lower)."""

Projection = Callable[["ir.Table"], "ir.Table"]


class EngineError(EtancheError):
    """The engine refused a statement; its own words are withheld since they may quote rows."""


class CountMismatchError(EngineError):
    """The engine took another number of rows than the reader counted (spec ingest, trap 1)."""


class DelimitedPart(Protocol):
    """Well-formed delimited UTF-8 text: LF line ends, rows only, each with the same number of cells."""

    @property
    def data(self) -> bytes:
        """The text."""

    @property
    def dialect(self) -> Dialect:
        """How it is delimited."""

    @property
    def rows(self) -> int:
        """How many rows it holds, by the reader's own count."""


@dataclass(frozen=True, slots=True)
class _Load:
    """One projection under way: where its parts go and how wide they are."""

    name: str
    width: int
    statement: str


class Engine:
    """A DuckDB in memory with the tables of one command."""

    def __init__(self, threads: int = 2, memory: str | None = None) -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if memory is not None:
            settings["memory_limit"] = memory
        self._threads = threads
        self._connection = duckdb.connect(":memory:", config=settings)
        self._connection.execute("SET enable_progress_bar = false")
        self._ibis = ibis.duckdb.from_connection(self._connection)

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection; all that it held goes with it."""
        self._connection.close()

    def load(self, name: str, width: int, parts: Iterable[DelimitedPart], project: Projection) -> ir.Table:
        """Run `project` over the rows of every part, in their order, and keep the result as table `name`.

        `project` gets an expression with the text columns `c0` … `c<width-1>`.  The result has one more column,
        `row`: the position of the row in the whole table, from 0.  Parts are read by several threads at once; no
        more than `threads + 1` of them are held.  Raises `CountMismatchError` when a part's rows are not all taken.
        """
        part = ibis.table({f"c{index}": "string" for index in range(width)}, name="part")
        load = _Load(name, width, self._ibis.compile(project(part)))
        counts: list[int] = []
        with ThreadPoolExecutor(self._threads, thread_name_prefix="load") as workers:
            running: set[Future[None]] = set()
            for number, piece in enumerate(parts):
                counts.append(piece.rows)
                running.add(workers.submit(self._load_part, load, number, piece))
                if len(running) > self._threads:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    for future in done:
                        future.result()
            for future in running:
                future.result()
        if not counts:
            self._load_part(load, 0, _NOTHING)
            counts.append(0)
        pieces, first = [], 0
        for number, count in enumerate(counts):
            pieces.append(f"SELECT {first} + rowid AS row, * FROM {_name(f'{name}_{number}')}")  # noqa: S608
            first += count
        self._execute(f"CREATE OR REPLACE VIEW {_name(name)} AS {' UNION ALL '.join(pieces)}")
        return self._ibis.table(name)

    def _load_part(self, load: _Load, number: int, part: DelimitedPart) -> None:
        columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(load.width))
        table = _name(f"{load.name}_{number}")
        with self._connection.cursor() as cursor, readable_path(part.data) as path:
            options = (
                f"auto_detect = false, header = false, columns = {{{columns}}}, delim = {_text(part.dialect.delimiter)}, "
                f"quote = {_text(part.dialect.quote)}, escape = {_text(part.dialect.quote)}, "
                f"max_line_size = {_LONGEST_LINE}, strict_mode = true, compression = 'none'"
            )
            try:
                cursor.execute(f"CREATE TEMP VIEW part AS SELECT * FROM read_csv({_text(path)}, {options})")
                cursor.execute(f"CREATE OR REPLACE TABLE {table} AS {load.statement}")
                row = cursor.fetchone()
            except duckdb.OutOfMemoryException:
                raise MemoryError from None
            except duckdb.Error as error:
                raise EngineError(type(error).__name__) from None
        taken = int(row[0]) if row else 0
        if taken != part.rows:
            msg = f"part {number}: {part.rows} rows counted, {taken} taken"
            raise CountMismatchError(msg)

    def table(self, name: str) -> ir.Table:
        """Return a table by its name."""
        return self._ibis.table(name)

    def keep(self, name: str, expression: ir.Table) -> ir.Table:
        """Run an expression once and keep its result as table `name`."""
        self._execute(f"CREATE OR REPLACE TABLE {_name(name)} AS {self._ibis.compile(expression)}")
        return self._ibis.table(name)

    def put(self, name: str, data: pa.Table) -> ir.Table:
        """Keep an Arrow table as table `name`."""
        self._connection.register("arriving", data)
        self._execute(f"CREATE OR REPLACE TABLE {_name(name)} AS SELECT * FROM arriving")  # noqa: S608
        self._connection.unregister("arriving")
        return self._ibis.table(name)

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return its rows as an Arrow table."""
        self._execute(self._ibis.compile(expression))
        return self._connection.to_arrow_table()

    def _execute(self, statement: str) -> None:
        try:
            self._connection.execute(statement)
        except duckdb.OutOfMemoryException:
            raise MemoryError from None
        except duckdb.Error as error:
            raise EngineError(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class _Nothing:
    data: bytes
    dialect: Dialect
    rows: int


_NOTHING = _Nothing(b"", Dialect(","), 0)


def _name(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(name)
    return f'"{name}"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
