"""DuckDB, embedded: what a step needs of the rows, in memory, by Ibis expressions.

Rules, in the order in which they apply:

1. Nothing is written: an in-memory database, no folder to spill into, no extension looked for on the network.
2. Rows stream through in parts: `load` runs its projections over each part and keeps only their results, so memory
   holds what the steps asked for and never the whole file.  They stay in Arrow's columns, which the engine reads as
   quickly as its own and which take a third less to make; what is only sorted or summed is taken from them as it is.
3. A projection gets the columns `c0`, `c1`… as text without blanks at the edges, null when empty, and `f0`, `f1`…, a
   bit for each of 62 of them that is filled.  Names from a leaked file never enter a statement.
4. Several threads may ask an engine at once: each call has a connection of its own to the one database.
5. The engine's own messages may quote rows, so they never leave this module: `EngineError` says what failed, no more.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

import duckdb
import ibis
import numpy as np
import pyarrow as pa
from ibis.expr import operations as ops

from etanche.engines import cells
from etanche.engines.blanks import BLANKS, padded
from etanche.errors import EtancheError
from etanche.model import Dialect

if TYPE_CHECKING:
    import ibis.expr.types as ir

# A step that names an expression in one `mutate` and uses it in the next means it to be computed once: fused into one
# SELECT it would be spelt out at every use (decision 0007).
ibis.options.sql.fuse_selects = False

VALUES = "values"
"""Name of the table of the values of listed columns."""

Projection = Callable[["ir.Table"], "ir.Table"]
_Done = TypeVar("_Done")


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

    @property
    def places(self) -> tuple[int, ...]:
        """Where its cells stand among the columns asked for; empty when it has them all, in order."""


@dataclass(frozen=True, slots=True)
class _Load:
    """Projections under way: how wide their rows are, the statement of each by its name, the columns listed."""

    width: int
    statements: Future[dict[str, str | dict[str, str]]]
    listed: Collection[int] | None
    seen: Callable[[pa.Table], None] | None


class Engine:
    """A DuckDB in memory with the tables of one command."""

    def __init__(self, threads: int = 2, memory: int | None = None) -> None:
        settings: dict[str, str | bool | int | float | list[str]] = {
            "threads": threads,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            # A list of five values or more would become a join, which gives the rows of small chunks back out of order.
            "disabled_optimizers": "in_clause",
        }
        if memory is not None:
            settings["memory_limit"] = f"{memory}B"
        self._threads = threads
        self._connection = duckdb.connect(":memory:", config=settings)
        self._connection.execute("SET enable_progress_bar = false")
        self._ibis = ibis.duckdb.from_connection(self._connection)
        self._lock = threading.Lock()
        self._held: dict[str, pa.Table] = {}
        """Tables in Arrow's columns, by name."""

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection; all that it held goes with it."""
        self._held.clear()
        self._connection.close()

    def load(
        self,
        width: int,
        parts: Iterable[DelimitedPart],
        projections: Mapping[str, Projection],
        listed: Collection[int] | None = None,
        seen: Callable[[pa.Table], None] | None = None,
    ) -> dict[str, ir.Table]:
        """Run each projection over the rows of every part, and keep its results as a table of its name.

        A projection gets an expression with the text columns `c0` … `c<width-1>` and the masks `f0`…  Each result has
        one more column, `row`: the position of its line over all parts, from 0; a projection that keeps every row thus
        numbers the rows of the file.  Unless `listed` is None, `VALUES` names a table of those columns' values: a line
        for each part, `col` (the column's number) and `value`, with `n`, how many rows of the part have it; `seen` is
        shown them as each part leaves them, by several threads.

        Parts are read by several threads at once; no more than `threads + 1` of them are held.  Raises
        `CountMismatchError` when a part's rows are not all taken.
        """
        schema = {f"c{index}": "string" for index in range(width)}
        part = ibis.table(schema | {f"f{number}": "int64" for number in range(-(-width // cells.BITS))}, name="part")
        with ThreadPoolExecutor(1, thread_name_prefix="write") as writer:
            # Statements take as long to write as the first parts take to be read.
            load = _Load(width, writer.submit(self._written, part, projections), listed, seen)
            pieces = (partial(self._load_part, load, number, piece) for number, piece in enumerate(parts))
            done = list(self._side_by_side(pieces)) or [self._load_part(load, 0, _NOTHING)]
        cells.release()
        return {name: self._joined(name, [each[name] for each in done]) for name in done[0]}

    def _written(self, part: ir.Table, projections: Mapping[str, Projection]) -> dict[str, str | dict[str, str]]:
        """Return the statement of each projection, or the columns where it asks for no more."""
        statements: dict[str, str | dict[str, str]] = {}
        for name, project in projections.items():
            expression = project(part)
            plain = _plain(expression)
            statements[name] = plain[1] if plain else self._ibis.compile(expression)
        return statements

    def each(self, pieces: Iterable[Callable[[], pa.Table]], project: Projection) -> pa.Table:
        """Run a projection over tables of one shape, several at once, and return the results in order, as one.

        A piece makes its table when its turn comes; no more than `threads + 1` of them are held.
        """
        waiting = iter(pieces)
        # Taken out of here as its turn comes, so that it is not held to the end.
        first = [next(waiting)()]
        part = ibis.table(ibis.Schema.from_pyarrow(first[0].schema), name="part")
        statement = self._ibis.compile(project(part))

        def run(piece: Callable[[], pa.Table]) -> pa.Table:
            with self._cursor() as cursor:
                cursor.register("part", piece())
                return cursor.execute(statement).to_arrow_table()

        return pa.concat_tables(self._side_by_side(partial(run, piece) for piece in chain([first.pop], waiting)))

    def _side_by_side(self, jobs: Iterable[Callable[[], _Done]]) -> Iterator[_Done]:
        """Yield what jobs return, in order, as many at once as there are threads."""
        done: dict[int, _Done] = {}
        # One thread each: DuckDB's own workers would only get in each other's way (measured on two cores: 8 s of CPU
        # against 5.5).
        self._execute("SET threads = 1")
        try:
            with ThreadPoolExecutor(self._threads, thread_name_prefix="load") as workers:
                running: dict[Future[_Done], int] = {}
                for number, job in enumerate(jobs):
                    running[workers.submit(job)] = number
                    if len(running) > self._threads:
                        for future in wait(running, return_when=FIRST_COMPLETED).done:
                            done[running.pop(future)] = future.result()
                for future, number in running.items():
                    done[number] = future.result()
        finally:
            self._execute(f"SET threads = {self._threads}")
        yield from (done[number] for number in sorted(done))

    def _joined(self, name: str, pieces: list[pa.Table]) -> ir.Table:
        """Return the results of all parts as one table."""
        together = pa.concat_tables(pieces)
        rows = pa.array(np.arange(together.num_rows, dtype=np.int64))
        return self.put(name, together.add_column(0, "row", rows))

    def _load_part(self, load: _Load, number: int, part: DelimitedPart) -> dict[str, pa.Table]:
        """Read one part and run the projections over it; return the result of each, by name."""
        results = {}
        with self._cursor() as cursor:
            rows = _rows(cursor, load.width, part)
            if load.listed is not None:
                results[VALUES] = cells.values(rows, load.listed)
                if load.seen is not None:
                    load.seen(results[VALUES])
            masked = cells.with_masks(rows)
            cursor.register("part", masked)
            for name, statement in load.statements.result().items():
                if isinstance(statement, dict):
                    results[name] = _selected(masked, statement)
                    continue
                results[name] = cursor.execute(statement).to_arrow_table()
            cursor.unregister("part")
        taken = rows.num_rows
        if taken != part.rows:
            msg = f"part {number}: {part.rows} rows counted, {taken} taken"
            raise CountMismatchError(msg)
        return results

    def drop(self, name: str) -> None:
        """Forget a table that `load` or `put` kept."""
        del self._held[name]

    def table(self, name: str) -> ir.Table:
        """Return a table by its name."""
        if (held := self._held.get(name)) is not None:
            return self.put(name, held)
        # Asking for a table's columns is the one thing that goes through the connection that all threads share.
        with self._lock:
            return self._ibis.table(name)

    def prepare(self, expression: ir.Table) -> str:
        """Return an expression as the statement that `keep` runs; the tables that it asks for need not be there yet."""
        statement: str = self._ibis.compile(expression)
        return statement

    def keep(self, name: str, expression: ir.Table | str) -> ir.Table:
        """Run an expression, or what `prepare` made of it, once and keep its result as table `name`."""
        statement = expression if isinstance(expression, str) else self.prepare(expression)
        self._execute(f"CREATE OR REPLACE TABLE {_name(name)} AS {statement}")
        self._held.pop(name, None)
        return self.table(name)

    def put(self, name: str, data: pa.Table) -> ir.Table:
        """Keep an Arrow table as table `name`."""
        _name(name)
        self._held[name] = data
        return ibis.table(ibis.Schema.from_pyarrow(data.schema), name=name)

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression and return its rows as an Arrow table."""
        if (columns := self._columns(expression)) is not None:
            return columns
        statement = self._ibis.compile(expression)
        with self._cursor(statement) as cursor:
            cursor.execute(statement)
            return cursor.to_arrow_table()

    def _columns(self, expression: ir.Table) -> pa.Table | None:
        """Return what an expression asks for where it is some columns of a table held, which need no copy."""
        plain = _plain(expression)
        held = self._held.get(plain[0]) if plain else None
        return None if plain is None or held is None else _selected(held, plain[1])

    def _execute(self, statement: str) -> None:
        with self._cursor(statement) as cursor:
            cursor.execute(statement)

    @contextmanager
    def _cursor(self, statement: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a connection of this call's own, so that several threads may ask at once; faults lose their words.

        It knows the tables held that a statement names.
        """
        try:
            with self._connection.cursor() as cursor:
                for name, table in list(self._held.items()):
                    if f'"{name}"' in statement:
                        cursor.register(name, table)
                yield cursor
        except duckdb.OutOfMemoryException:
            raise MemoryError from None
        except (duckdb.Error, cells.NotRowsError) as error:
            raise EngineError(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class _Nothing:
    data: bytes
    dialect: Dialect
    rows: int
    places: tuple[int, ...] = ()


_NOTHING = _Nothing(b"", Dialect(","), 0)


def _rows(cursor: duckdb.DuckDBPyConnection, width: int, part: DelimitedPart) -> pa.Table:
    """Return the cells of a part, trimmed where any of them needs it, since trimming is dear."""
    dialect = part.dialect
    rows = cells.read(part.data, len(part.places) or width, dialect.delimiter, dialect.quote)
    if dialect.quote or padded(part.data, dialect.delimiter):
        cursor.register("part", rows)
        trimmed = ", ".join(map(_trimmed, rows.column_names))
        rows = cursor.execute(f"SELECT {trimmed} FROM part").to_arrow_table()  # noqa: S608
    return cells.placed(rows, part.places, width) if part.places else rows


def _plain(expression: ir.Table) -> tuple[str, dict[str, str]] | None:
    """Return the table of which an expression only asks for columns, and those columns by their new names."""
    asked = expression.op()
    if isinstance(asked, ops.UnboundTable):
        return asked.name, {name: name for name in asked.schema}
    if not (isinstance(asked, ops.Project) and isinstance(asked.parent, ops.UnboundTable)):
        return None
    fields = {name: value.name for name, value in asked.values.items() if isinstance(value, ops.Field)}
    return (asked.parent.name, fields) if len(fields) == len(asked.values) else None


def _selected(held: pa.Table, columns: Mapping[str, str]) -> pa.Table:
    """Return columns of a table under new names, which needs no copy."""
    return held.select(list(columns.values())).rename_columns(list(columns))


def _trimmed(name: str) -> str:
    blanks = " || ".join(f"chr({ord(blank)})" for blank in BLANKS)
    return (
        f"CASE WHEN {name} < '!' OR {name} > '~' OR regexp_matches({name}, '[^!-~]$') "
        f"THEN nullif(trim({name}, {blanks}), '') ELSE {name} END AS {name}"
    )


def _name(name: str) -> str:
    if not name.isidentifier():
        raise ValueError(name)
    return f'"{name}"'
