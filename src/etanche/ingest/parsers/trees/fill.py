"""The rows of one table, out of the records of its entry."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from etanche.ingest.parsers.trees.batches import Batch
from etanche.ingest.parsers.trees.layout import Child, Sheet, Slot
from etanche.ingest.parsers.trees.survey import Reshape, Survey
from etanche.ingest.parsers.trees.values import SCALARS, TEXTS, rows_of, text_of, unwrapped

_NONE = type(None)


@dataclass(slots=True)
class _Spot:
    """A slot as one table sees it: columns of other tables lead to the last cell, which is thrown away."""

    column: int
    path: tuple[str, ...] = ()
    fields: dict[str, _Spot] | None = None
    many: list[_Spot] = field(default_factory=list)
    child: _Below | None = None
    keyed: bool = False
    dead: bool = False
    """Nothing below belongs to the table."""
    rest: bool = False
    """It has no column: the value goes to the rest."""
    own: bool = False
    """It stands on the table's own rows."""


@dataclass(slots=True)
class _Below:
    wanted: bool
    spot: _Spot
    key: int
    numbered: bool


class Filler:
    """Writes the rows of one sheet."""

    def __init__(self, survey: Survey, root: Slot, sheet: Sheet) -> None:
        self._survey, self._sheet = survey, sheet
        self._width = len(sheet.columns)
        self._spot = self._seen(root)
        self._rooted = sheet is root.sheet
        self._record = sheet.group.records > 1
        self._rest = sheet.rest
        self._alone = len(survey.groups) == 1
        self._flat = self._order() if self._rooted else None
        self.rows: list[list[str]] = []
        self._open: list[str] | None = None

    def _order(self) -> tuple[str, ...] | None:
        """Return the keys of records that are rows as they stand, None when none are."""
        fields = self._spot.fields
        if fields is None or self._sheet.lead or self._rest >= 0:
            return None
        order = sorted((spot.column, key) for key, spot in fields.items() if spot.column < self._width)
        return tuple(key for _, key in order) if len(order) == self._width else None

    def _seen(self, slot: Slot) -> _Spot:
        """Return a slot as the table sees it."""
        own = slot.sheet is self._sheet
        spot = _Spot(slot.column if own and slot.column >= 0 else self._width, slot.path, keyed=slot.keyed, own=own)
        bare = slot.fields is None and not slot.many and slot.child is None
        spot.rest = own and slot.column < 0 and bare
        if slot.fields is not None:
            spot.fields = {key: self._seen(inner) for key, inner in slot.fields.items()}
        spot.many = [self._seen(inner) for inner in slot.many]
        if slot.child is not None:
            spot.child = self._below(slot.child)
        live = spot.rest or spot.column < self._width or any(not inner.dead for inner in (spot.fields or {}).values())
        live = live or any(not inner.dead for inner in spot.many) or (own and slot.sheet.rest >= 0)
        below = spot.child
        spot.dead = not live and (below is None or not (below.wanted or not below.spot.dead))
        return spot

    def _below(self, child: Child) -> _Below:
        return _Below(child.sheet is self._sheet, self._seen(child.slot), child.key, child.numbered)

    # --- records -------------------------------------------------------------------------------------------------

    def take(self, batch: Batch, reshape: Reshape | None = None) -> list[int]:
        """Add the rows of a batch to `rows`; return the place of the record each belongs to."""
        places: list[int] = []
        if batch.path:
            self._path(batch)
        elif batch.partial:
            self._part(batch)
        else:
            for value, number in zip(batch.values, batch.numbers, strict=True):
                if self._alone or self._survey.known(value) in self._sheet.keys:
                    before = len(self.rows)
                    self._whole(value if reshape is None else reshape(value), number)
                    places += [number] * (len(self.rows) - before)
        if batch.end and self._open is not None:
            self.rows.append(self._open[:-1])
            self._open = None
        places += [max(batch.parent, 1)] * (len(self.rows) - len(places))
        return places

    def _whole(self, value: Any, number: int) -> None:  # noqa: ANN401 - a tree
        """Write the rows of one record."""
        if self._flat is not None and type(value) is dict and tuple(value) == self._flat:
            cells = list(value.values())
            kinds = set(map(type, cells))
            if TEXTS.issuperset(kinds):
                self.rows.append(["" if cell is None else cell for cell in cells] if _NONE in kinds else cells)
                return
        chain = (str(number),) if self._record else ()
        row = self._row(chain if self._rooted and self._sheet.lead else ())
        value = unwrapped(value)
        if type(value) is list:
            value = {f"column_{k}": cell for k, cell in enumerate(value, 1)}
        if self._rooted:
            self.rows.append(row)
        if type(value) is dict:
            self._tree(self._spot, value, row, chain)
        else:
            row[self._spot.column] = text_of(value)
        if self._rooted:
            self._finish(row)

    def _part(self, batch: Batch) -> None:
        """Write what a part of a document says."""
        if ("parts", "") not in self._sheet.keys:
            return
        chain = (str(batch.numbers[0]),) if self._record and batch.numbers else ()
        row = self._open or self._row(chain if self._rooted and self._sheet.lead else ())
        for value in batch.values:
            self._tree(self._spot, value, row, chain)
        if self._rooted:
            self._open = row

    def _path(self, batch: Batch) -> None:
        """Write records below a path."""
        if ("parts", "") not in self._sheet.keys:
            return
        spot = self._spot
        for key in batch.path:
            if spot.fields is None or key not in spot.fields:
                return
            spot = spot.fields[key]
        if spot.child is None or spot.dead:
            return
        chain = (str(batch.parent),) if self._record else ()
        for number, item in zip(batch.numbers, rows_of(batch.values) or batch.values, strict=True):
            self._item(spot.child, item, chain, number)

    # --- trees ---------------------------------------------------------------------------------------------------

    def _row(self, chain: tuple[str, ...]) -> list[str]:
        row = [""] * (self._width + 1)
        row[: len(chain)] = chain
        return row

    def _finish(self, row: list[str]) -> None:
        """Take off the cell that is thrown away."""
        row.pop()

    def _tree(self, spot: _Spot, value: dict[str, Any], row: list[str], chain: tuple[str, ...]) -> None:
        """Write an object."""
        if spot.keyed and spot.child is not None:
            self._keyed(spot.child, value, chain)
            return
        fields = spot.fields
        if fields is None:
            if spot.own and value:
                self._put(spot, value, row, chain)
            return
        for key, inner in value.items():
            field_spot = fields.get(key)
            if field_spot is None:
                if self._rest >= 0 and spot.own:
                    self._aside(row, (*spot.path, key), inner)
            elif type(inner) is str and not field_spot.rest:
                row[field_spot.column] = inner
            elif inner is not None and not field_spot.dead:
                self._put(field_spot, inner, row, chain)

    def _put(self, spot: _Spot, value: Any, row: list[str], chain: tuple[str, ...]) -> None:  # noqa: ANN401 - a tree
        """Write anything that is no plain text."""
        value = unwrapped(value)
        if spot.rest:
            self._aside(row, spot.path, value)
        elif type(value) in SCALARS:
            row[spot.column] = text_of(value)
        elif not value:
            return
        elif type(value) is dict and (spot.fields is not None or spot.keyed):
            self._tree(spot, value, row, chain)
        else:
            rows = [value] if type(value) is dict else rows_of(value)
            if rows is None or not (spot.many or spot.child):
                row[spot.column] = text_of(value)
            elif spot.many:
                for inner, item in zip(spot.many, rows, strict=False):
                    if type(item) is dict:
                        self._tree(inner, item, row, chain)
                    else:
                        row[inner.column] = text_of(item)
            elif spot.child is not None:
                for number, item in enumerate(rows, 1):
                    self._item(spot.child, item, chain, number)

    def _keyed(self, below: _Below, value: dict[str, Any], chain: tuple[str, ...]) -> None:
        for number, (key, item) in enumerate(value.items(), 1):
            self._item(below, item, chain, number, key)

    def _item(
        self,
        below: _Below,
        item: Any,  # noqa: ANN401 - a tree
        chain: tuple[str, ...],
        number: int,
        key: str = "",
    ) -> None:
        """Write one record of a table below."""
        if below.spot.dead and not below.wanted:
            return
        if below.numbered:
            chain = (*chain, str(number))
        row = self._row(chain if below.wanted else ())
        if below.wanted:
            if below.key >= 0:
                row[below.key] = key
            self.rows.append(row)
        item = unwrapped(item)
        if type(item) is dict:
            self._tree(below.spot, item, row, chain)
        elif type(item) in SCALARS:
            row[below.spot.column] = text_of(item)
        else:
            self._put(below.spot, item, row, chain)
        if below.wanted:
            self._finish(row)

    def _aside(self, row: list[str], path: tuple[str, ...], value: Any) -> None:  # noqa: ANN401 - a tree
        """Add a value to the rest, an object in JSON that grows member by member."""
        member = text_of({".".join(path): value})
        before = row[self._rest]
        row[self._rest] = before[:-1] + "," + member[1:] if before else member
