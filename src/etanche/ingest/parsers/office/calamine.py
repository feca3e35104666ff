"""XLSB and XLS by calamine, which holds a sheet in memory; its cells spelled as text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any, BinaryIO

import python_calamine as calamine

from etanche.ingest.frames import RefusalError
from etanche.ingest.parsers.office.sheetxml import Item, Row
from etanche.ingest.parsers.office.values import duration_text, float_text, rounded

_BATCH = 2000


class CalamineBook:
    """A workbook as calamine sees it."""

    def __init__(self, file: BinaryIO, what: str) -> None:
        """Open it.  Raises `RefusalError` when calamine cannot."""
        file.seek(0)
        self._book: Any = _guarded(lambda: calamine.CalamineWorkbook.from_filelike(file))
        if self._book is None:
            raise RefusalError("ingest_workbook_damaged", format=what)
        self._sheets = [sheet for sheet in self._book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
        self._held: tuple[int, Any] = (-1, None)
        self._notes: dict[str, int] = {}

    def sheets(self) -> Sequence[tuple[str, bool]]:
        """Return the sheets."""
        return [(sheet.name, sheet.visible != calamine.SheetVisibleEnum.Visible) for sheet in self._sheets]

    def _sheet(self, index: int) -> Any:  # noqa: ANN401 - calamine's class cannot be named
        if self._held[0] != index:
            self._held = (-1, None)
            sheet = _guarded(lambda: self._book.get_sheet_by_name(self._sheets[index].name))
            if sheet is None:
                self._notes["sheet_damaged"] = 1
            self._held = (index, sheet)
        return self._held[1]

    def width(self, index: int) -> int:
        """Return the last column that holds something."""
        sheet = self._sheet(index)
        return sheet.end[1] + 1 if sheet is not None and sheet.end else 0

    def batches(self, index: int, most: int) -> Iterator[list[Item]]:
        """Yield the rows of a sheet."""
        sheet = self._sheet(index)
        if sheet is None or sheet.start is None:
            return
        pad = [""] * sheet.start[1]
        batch: list[Item] = []
        for k, cells in enumerate(sheet.iter_rows()):
            if k == most:
                break
            batch.append(Row(sheet.start[0] + k + 1, pad + [self._text(cell) for cell in cells]))
            if len(batch) >= _BATCH:
                yield batch
                batch = []
        yield batch

    def _text(self, value: Any) -> str:  # noqa: ANN401 - whatever calamine makes of a cell
        """Return a cell as text."""
        if isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, float):
            text = float_text(value)
            if rounded(text):
                self._notes["numbers_rounded"] = self._notes.get("numbers_rounded", 0) + 1
            return text
        return duration_text(value.total_seconds()) if isinstance(value, dt.timedelta) else _moment(value)

    def notes(self) -> dict[str, int]:
        """Return what was noticed."""
        return self._notes

    def position(self) -> int:
        """Return 0: calamine does not say."""
        return 0


def _guarded(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the call returns
    """Return what calamine returns, None where it fails or panics."""
    try:
        return call()
    except (calamine.CalamineError, OSError, ValueError):
        return None
    except BaseException as error:  # a panic is no Exception
        if type(error).__name__ != "PanicException":
            raise
        return None


def _moment(value: object) -> str:
    """Return a date, a time or both as text, without a midnight and without zeros at the end of a fraction."""
    if isinstance(value, dt.datetime):
        return _moment(value.date()) if value.time() == dt.time() else _trimmed(value.isoformat(" "))
    return _trimmed(str(value)) if isinstance(value, dt.time) else str(value)


def _trimmed(text: str) -> str:
    """Return a time without the zeros at the end of its fraction."""
    return text.rstrip("0").rstrip(".") if "." in text else text
