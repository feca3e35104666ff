"""Tables of trees: the entry is read once to know its columns, and again for each table.

1. The first reading keeps some records of each group, spread over all: they are the sample.
2. The table with the most rows of records comes first, and it alone carries the ledger's lines set aside.
3. A table reads only the records that may hold its rows, where the format can tell by the bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from etanche.ingest.careful import write
from etanche.ingest.entries import Entry
from etanche.ingest.headers import is_header
from etanche.ingest.limits import Limits
from etanche.ingest.parsers.trees.batches import Trees
from etanche.ingest.parsers.trees.fill import Filler
from etanche.ingest.parsers.trees.layout import Sheet, Slot, lay_out
from etanche.ingest.parsers.trees.survey import TELLING, Reshape, Survey, clusters
from etanche.ingest.parts import spread
from etanche.ingest.scan import Piece, Run
from etanche.ingest.tables import DELIMITER, CellTable
from etanche.model import Quarantined, Sample
from etanche.model import QuarantineReason as Why

_ROWS = 2_000


@dataclass(slots=True)
class _Book:
    """What the first reading found."""

    entry: Entry
    limits: Limits
    trees: Trees
    survey: Survey
    reshape: Reshape | None


def tree_tables(
    entry: Entry,
    limits: Limits,
    reader: str,
    trees: Trees,
    *,
    reshape: Reshape | None = None,
    telling: tuple[str, ...] = TELLING,
    apart: frozenset[str] = frozenset(),
    needle: Callable[[str], bytes] | None = None,
) -> Iterator[CellTable]:
    """Yield the tables that an entry's records make, none when there is no record.

    `reshape` makes a record more readable; records told by a key in `apart` are never put together with others;
    `needle` gives the bytes that any record of a type holds.
    """
    book = _Book(entry, limits, trees, Survey(telling=telling, reshape=reshape), reshape)
    for batch in trees.batches():
        book.survey.take(batch)
    found = clusters(book.survey, apart=apart)
    sheets: list[tuple[Sheet, Slot]] = []
    names: set[str] = set()
    for group, keys in found:
        told = group.key[1] if len(found) > 1 or group.key[0] in apart else ""
        name = told or ("" if len(found) == 1 or group.key[0] == "parts" else f"records_{len(names) + 1}")
        names.add(name)
        slot = lay_out(group, keys, name, single=group.key[0] in apart)
        sheets += [(sheet, slot) for sheet in slot.sheet.all() if len(sheet.columns) > sheet.lead]
    first = True
    for sheet, slot in sheets:
        needles = tuple(needle(key[1]) for key in sheet.keys) if needle is not None and not first else ()
        yield TreeTable(book, reader, slot, sheet, first=first, needles=needles)
        first = False


class TreeTable(CellTable):
    """One table of an entry's trees."""

    def __init__(
        self, book: _Book, reader: str, slot: Slot, sheet: Sheet, *, first: bool, needles: tuple[bytes, ...]
    ) -> None:
        self._book, self._slot, self._sheet = book, slot, sheet
        self._first, self._needles = first, needles
        names, self._skip = self._headed()
        super().__init__(
            book.entry,
            book.limits,
            reader,
            names=names,
            pieces=self._read,
            table=sheet.name,
            header=bool(self._skip) or sheet.group.key != ("list", ""),
            header_lines=self._skip,
            encoding=book.trees.encoding,
        )
        if sheet.folded:
            book.entry.note("columns_folded", columns=sheet.folded)

    def _headed(self) -> tuple[list[str], int]:
        """Return the names; for lists of cells those of the first, where it is a header."""
        names = list(self._sheet.columns)
        if self._sheet.group.key != ("list", "") or self._sheet is not self._slot.sheet:
            return names, 0
        rows = self._sampled(self._slot.sheet)
        if rows and len(rows[0]) == len(names) and is_header(rows[0], rows[1:200]):
            return rows[0], 1
        return names, 0

    def _sampled(self, sheet: Sheet) -> list[list[str]]:
        filler = Filler(self._book.survey, self._slot, sheet)
        survey = self._book.survey
        kept = [group.kept for key, group in survey.groups.items() if key in sheet.keys]
        for some in (*kept, *survey.below.values()):
            for batch in some.batches:
                filler.take(batch, self._book.reshape)
        return filler.rows

    def sample(self, rows: int = 4000) -> Sample:
        """Return at most `rows` rows spread over the table, without another reading."""
        taken = spread(self._sampled(self._sheet)[self._skip :], rows)
        columns = tuple(zip(*taken, strict=True)) if taken else ((),) * len(self.names)
        return Sample(self.names, self.header, tuple(tuple(cell.replace("\0", "") for cell in c) for c in columns))

    def _read(self) -> Iterator[Piece]:
        """Read the entry, and yield the rows of this table."""
        filler = Filler(self._book.survey, self._slot, self._sheet)
        by_record = self._sheet is self._slot.sheet
        skip, row = self._skip, 0
        for batch in self._book.trees.batches(self._needles):
            places: Sequence[int] = filler.take(batch, self._book.reshape)
            rows, filler.rows = filler.rows, []
            if skip and rows:
                rows, places, skip = rows[1:], places[1:], 0
            if not by_record:
                places = range(row + 1, row + len(rows) + 1)
            row += len(rows)
            quarantined = batch.quarantined if self._first else []
            blank = batch.blank if self._first else 0
            lines = batch.lines if by_record and len(batch.lines) == len(rows) else ()
            for at in range(0, max(len(rows), 1), _ROWS):
                upto = slice(at, at + _ROWS)
                if rows or quarantined or blank:
                    yield self._piece(rows[upto], places[upto], lines[upto], batch.offset, quarantined, blank)
                quarantined, blank = [], 0

    def _piece(
        self,
        rows: list[list[str]],
        places: Sequence[int],
        lines: Sequence[int],
        offset: int,
        quarantined: list[Quarantined],
        blank: int,
    ) -> Piece:
        """Return rows as a piece; a row too long for an engine is set aside."""
        quoted = False
        texts = list(map(DELIMITER.join, rows))
        data = "\n".join(texts)
        count, separators = len(rows), len(rows) * (len(self._sheet.columns) - 1)
        plain = '"' not in data and "\r" not in data and "\0" not in data and data.count("\n") == max(count - 1, 0)
        if not (plain and data.count(DELIMITER) == separators):
            written = [write([cell.replace("\0", "") for cell in cells], DELIMITER) for cells in rows]
            texts = [text for text, _ in written]
            quoted = any(special for _, special in written)
            data = "\n".join(texts)
        limit = self._book.limits.line_bytes
        aside = list(quarantined)
        if len(data) * 4 > limit and any(len(text.encode("utf-8", "backslashreplace")) > limit for text in texts):
            kept = [k for k, text in enumerate(texts) if len(text.encode("utf-8", "backslashreplace")) <= limit]
            for k in sorted(set(range(count)) - set(kept)):
                raw = texts[k].encode("utf-8", "backslashreplace")[: self._book.limits.raw_bytes]
                aside.append(Quarantined(places[k], offset, Why.TOO_LONG, raw))
            data = "\n".join(texts[k] for k in kept)
            places = [places[k] for k in kept]
            lines = [lines[k] for k in kept] if lines else lines
            count = len(kept)
        chunks = [data.encode("utf-8", "backslashreplace") + b"\n"] if count else []
        return Piece(chunks, count, _runs(places, lines, offset), aside, quoted=quoted, blank=blank)


def _runs(places: Sequence[int], lines: Sequence[int], offset: int) -> list[Run]:
    """Return where rows come from, in as few runs as can be."""
    if not places:
        return []
    if isinstance(places, range) and not lines:
        return [Run(0, places[0], offset, len(places), one_line_each=True, lines=len(places))]
    if lines:
        return [
            Run(k, place, offset, 1, one_line_each=False, lines=taken)
            for k, (place, taken) in enumerate(zip(places, lines, strict=True))
        ]
    runs: list[Run] = []
    start = 0
    for k in range(1, len(places) + 1):
        if k == len(places) or places[k] != places[k - 1] + 1:
            runs.append(Run(start, places[start], offset, k - start, one_line_each=True, lines=k - start))
            start = k
    return runs
