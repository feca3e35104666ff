"""A small leak counted whole, rows to census, for the tests that hold the census to a slow reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from etanche import assess, facts
from etanche.assess import Circumstances
from etanche.engines import Engine
from etanche.listening import Here
from etanche.model import Category, Column, Dialect, Kind, Ledger, Reason, Sample

_DATES = (Kind.BIRTH_DATE, Kind.SAMPLE_DATE)


@dataclass(frozen=True)
class Part:
    """Lines of a leak, as the reading hands them on."""

    data: bytes
    dialect: Dialect
    rows: int
    places: tuple[int, ...] = ()
    table: int = 0


def counted(kinds, rows):
    """Return the census of rows; `kinds`: name, kind and role of each column."""
    columns = tuple(
        Column(at, name, kind, role, 1.0, Reason("header"), "%d/%m/%Y" if kind in _DATES else "")
        for at, (name, kind, role) in enumerate(kinds)
    )
    cells = [[row.get(name) or "" for name, _, _ in kinds] for row in rows]
    sample = Sample(tuple(name for name, _, _ in kinds), True, tuple(("x",) * 30 for _ in kinds))
    half = len(cells) // 2
    parts = [
        Part("".join("\t".join(row) + "\n" for row in some).encode(), Dialect("\t"), len(some))
        for some in (cells[:half], cells[half:])
    ]
    with Engine() as engine:
        topics, today = {"hiv": Category.HEALTH}, date(2021, 2, 1)
        loaded = facts.load(engine, parts, columns, sample, (), ears=Here(tuple(topics)), topics=topics)
        ledger = Ledger(len(rows), 0, len(rows), 0, len(rows), 0, {})
        return assess.census(engine, loaded.counted, loaded.figures, loaded.persons, ledger, Circumstances(), today)
