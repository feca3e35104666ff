"""The rows of a case at rest: what is sealed of a leak, and how it is read again.

Rules, in the order in which they apply:

1. Rows are sealed as they stream by, part by part, as the reader cleaned them (UTF-8, LF), never as plain text.
2. `rows/index` says how to read them again: column names, and for each part its dialect, its rows and where each row
   stood in the leaked file (runs: first row, first line, byte offset).
3. `quarantine/00001`… hold the lines set aside, raw.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from etanche.errors import ExitCode, UserError
from etanche.joining import Layout, Shape
from etanche.model import Dialect, Ledger, Quarantined, QuarantineReason, Reason, Source

if TYPE_CHECKING:
    from etanche.casefile import CaseFolder
    from etanche.crypto import Identity
    from etanche.ingest import Part

INDEX = "rows/index"
_IN_FLIGHT = 2
"""Parts that may wait to be sealed: more would only hold memory."""
_QUARANTINE_LINES = 50_000


@dataclass(frozen=True, slots=True)
class StoredPart:
    """A part of the rows as it comes back from the case folder."""

    data: bytes = field(repr=False)
    dialect: Dialect
    rows: int
    table: int
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the files told, besides their rows."""

    names: tuple[str, ...]
    header: bool
    sources: tuple[Source, ...]
    ledger: Ledger
    notes: tuple[Reason, ...]
    layout: Layout
    above: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    """By source, the lines above its rows: titles, comments, the header."""


@dataclass(frozen=True, slots=True)
class RowIndex:
    """How to read the sealed rows again."""

    reading: Reading
    parts: tuple[dict[str, Any], ...]

    @property
    def rows(self) -> dict[int, int]:
        """Rows by table, in the order in which they are read."""
        return _by_table(self.parts)


class Sealer:
    """Seals parts behind the back of whoever reads them; a context manager that waits for the last one."""

    def __init__(self, case: CaseFolder) -> None:
        self._case = case
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="seal")
        self._waiting: list[Future[None]] = []
        self._entries: list[dict[str, Any]] = []
        self._aside: list[tuple[int, Quarantined]] = []
        self._aside_parts = 0

    def __enter__(self) -> Sealer:
        """Return the sealer."""
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for what is under way; faults of it were raised by `finish`."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def through(self, parts: Iterable[Part]) -> Iterator[Part]:
        """Yield the parts as they come, sealing each on the way."""
        for part in parts:
            number = len(self._entries) + 1
            name = f"rows/{number:05}"
            self._entries.append(
                {
                    "name": name,
                    "rows": part.rows,
                    "dialect": asdict(part.dialect),
                    "table": part.table,
                    "places": part.places,
                    "runs": [
                        [run.first_row, run.first_line, run.first_offset, run.rows, run.one_line_each]
                        for run in part.runs
                    ],
                }
            )
            self._aside.extend((part.table, each) for each in part.quarantined)
            self._submit(name, part.data)
            if len(self._aside) >= _QUARANTINE_LINES:
                self._seal_aside()
            yield part

    @property
    def rows(self) -> dict[int, int]:
        """Rows sealed so far by table, in the order in which they came."""
        return _by_table(self._entries)

    def finish(self, reading: Reading) -> None:
        """Seal the rest and the index; raises what sealing raised."""
        if self._aside:
            self._seal_aside()
        self._submit(INDEX, json.dumps({"reading": asdict(reading), "parts": self._entries}).encode())
        for future in self._waiting:
            future.result()
        self._waiting.clear()

    def _seal_aside(self) -> None:
        self._aside_parts += 1
        lines = "\n".join(
            json.dumps([table, each.line, each.offset, each.reason, base64.b64encode(each.raw).decode()])
            for table, each in self._aside
        )
        self._aside.clear()
        self._submit(f"quarantine/{self._aside_parts:05}", lines.encode())

    def _submit(self, name: str, data: bytes) -> None:
        while len(self._waiting) >= _IN_FLIGHT:
            self._waiting.pop(0).result()
        self._waiting.append(self._worker.submit(self._case.seal, name, data))


def _by_table(parts: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    rows: dict[int, int] = {}
    for part in parts:
        rows[part["table"]] = rows.get(part["table"], 0) + part["rows"]
    return rows


def read_index(case: CaseFolder, identity: Identity) -> RowIndex:
    """Return how the sealed rows of a case are laid out; `UserError` (3) for a case that has no file yet."""
    if not case.sealed(INDEX) and case.summary.data_purged is None:
        raise UserError("no_rows", ExitCode.UNREADABLE, path=str(case.path))
    index = json.loads(case.unseal(INDEX, identity))
    reading = index["reading"]
    ledger = reading["ledger"]
    ledger["reasons"] = {QuarantineReason(reason): count for reason, count in ledger["reasons"].items()}
    sources = []
    for source in reading["sources"]:
        dialect = source.pop("dialect")
        sources.append(Source(**source, dialect=Dialect(**dialect) if dialect else None))
    notes = [Reason(note["code"], tuple((name, value) for name, value in note["params"])) for note in reading["notes"]]
    layout = reading["layout"]
    return RowIndex(
        Reading(
            tuple(reading["names"]),
            bool(reading["header"]),
            tuple(sources),
            Ledger(**ledger),
            tuple(notes),
            Layout(
                tuple(
                    Shape(**{**shape, "names": tuple(shape["names"]), "prose": tuple(shape["prose"])})
                    for shape in layout["shapes"]
                ),
                tuple(layout["shape_of"]),
                tuple(map(tuple, layout["places"])),
            ),
            tuple(map(tuple, reading["above"])),
        ),
        tuple(index["parts"]),
    )


def stored_parts(case: CaseFolder, identity: Identity, index: RowIndex) -> Iterator[StoredPart]:
    """Yield the sealed rows, part by part."""
    for part in index.parts:
        data = case.unseal(part["name"], identity)
        yield StoredPart(data, Dialect(**part["dialect"]), part["rows"], part["table"], tuple(part["places"]))


def quarantined(case: CaseFolder, identity: Identity) -> Iterator[tuple[int, Quarantined]]:
    """Yield the lines that were set aside, in the order of the files, each with the number of its table."""
    for name in case.sealed("quarantine/"):
        for line in case.unseal(name, identity).decode().splitlines():
            table, number, offset, reason, raw = json.loads(line)
            yield table, Quarantined(number, offset, QuarantineReason(reason), base64.b64decode(raw))
