"""Rows that are longer than any engine takes are set aside, whatever format they came from.

1. A row counts in bytes of UTF-8, as delimited text is held to (`Limits.line_bytes`); a whole piece below that is not
   looked at.
2. What is set aside keeps its place, and as much of its bytes as `Limits.raw_bytes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from etanche.ingest.limits import Limits
from etanche.ingest.scan import Piece, Run
from etanche.model import Quarantined, QuarantineReason

_Place = tuple[int, int, int]
"""First line, offset and lines of a row."""


def bounded(pieces: Iterable[Piece], limits: Limits) -> Iterator[Piece]:
    """Yield pieces without rows of more than `limits.line_bytes`."""
    for piece in pieces:
        yield piece if sum(map(len, piece.chunks)) <= limits.line_bytes else _within(piece, limits)


def _within(piece: Piece, limits: Limits) -> Piece:
    rows = _rows(b"".join(piece.chunks), quoted=piece.quoted)
    if len(rows) != piece.rows or max(map(len, rows), default=0) <= limits.line_bytes:
        return piece
    kept: list[bytes] = []
    places: list[_Place] = []
    aside = list(piece.quarantined)
    for row, place in zip(rows, _places(piece.runs), strict=True):
        if len(row) > limits.line_bytes:
            aside.append(Quarantined(place[0], place[1], QuarantineReason.TOO_LONG, row[: limits.raw_bytes]))
        else:
            kept.append(row)
            places.append(place)
    aside.sort(key=lambda item: item.line)
    data = [b"\n".join(kept) + b"\n"] if kept else []
    return replace(piece, chunks=data, rows=len(kept), runs=_runs(places), quarantined=aside)


def _rows(data: bytes, *, quoted: bool) -> list[bytes]:
    """Return the rows; a cell in quotes may hold line breaks."""
    lines = data.split(b"\n")[:-1]
    if not quoted:
        return lines
    rows: list[bytes] = []
    pending: list[bytes] = []
    quotes = 0
    for line in lines:
        pending.append(line)
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            rows.append(b"\n".join(pending))
            pending, quotes = [], 0
    return rows


def _places(runs: list[Run]) -> Iterator[_Place]:
    """Yield the place of each row; lines that a run does not tell apart are its first row's."""
    for run in runs:
        for k in range(run.rows):
            if run.one_line_each:
                yield run.first_line + k, run.first_offset, 1
            else:
                yield run.first_line, run.first_offset, run.lines - run.rows + 1 if k == 0 else 1


def _runs(places: list[_Place]) -> list[Run]:
    """Return the places as runs, as few as can be."""
    runs: list[Run] = []
    for row, (line, offset, lines) in enumerate(places):
        last = runs[-1] if runs else None
        if last is not None and last.one_line_each and lines == 1 and line == last.first_line + last.rows:
            runs[-1] = replace(last, rows=last.rows + 1, lines=last.lines + 1)
        else:
            runs.append(Run(row, line, offset, 1, one_line_each=lines == 1, lines=lines))
    return runs
