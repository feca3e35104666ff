"""Parts are bounded by what they hold in memory, places of rows and lines set aside included."""

from __future__ import annotations

from etanche.ingest.parts import Builder, Part
from etanche.ingest.scan import Piece, Run
from etanche.model import Quarantined
from etanche.model import QuarantineReason as Why

SIZE = 100_000


def parts_of(pieces: list[Piece]) -> list[Part]:
    builder = Builder(",", SIZE)
    return [part for piece in pieces for part in builder.add(piece)] + list(builder.rest())


def test_rows_of_several_lines_fill_a_part_by_their_places() -> None:
    pieces = [
        Piece([b'1,"a b"\n'], 1, [Run(0, 2 * k + 2, 9 * k, 1, one_line_each=False, lines=2)], [], quoted=True)
        for k in range(2000)
    ]
    parts = parts_of(pieces)
    assert sum(part.rows for part in parts) == 2000
    assert max(len(part.runs) for part in parts) < 500
    assert [run.first_line for part in parts for run in part.runs] == [2 * k + 2 for k in range(2000)]
    assert all([run.first_row for run in part.runs] == list(range(part.rows)) for part in parts)


def test_lines_set_aside_fill_a_part_however_short_they_are() -> None:
    parts = parts_of([Piece([], 0, [], [Quarantined(k, k, Why.TOO_FEW_CELLS, b"x")]) for k in range(2000)])
    assert max(len(part.quarantined) for part in parts) < 500
    assert [item.line for part in parts for item in part.quarantined] == list(range(2000))


def test_rows_of_one_line_each_are_one_run_however_many() -> None:
    parts = parts_of(
        [Piece([b"1,2\n"], 1, [Run(0, k + 1, 4 * k, 1, one_line_each=True, lines=1)], []) for k in range(2000)]
    )
    (part,) = parts
    assert (len(part.runs), part.rows) == (1, 2000)
