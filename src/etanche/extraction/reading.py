"""Reading that fails fails alone: tables and their parts, each fault told as what it is of.

1. A fault of one file, member or table is remembered, and reading goes on with the next: a leak of thousands of files
   must not stop at a damaged one, nor at a mistake of one reader.
2. What nobody foresaw is named by its type and place, never by its text, which may quote rows.
3. A large table is read by a thread of its own, two parts ahead of whoever writes it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

from etanche.errors import UserError
from etanche.ingest import Part, Table
from etanche.ingest.faults import as_user_error

Progress = Callable[[int, int], None]
_T = TypeVar("_T")
_AHEAD = 2
_LARGE = 16 << 20
_PATIENCE = 0.5
"""Seconds that whoever leaves early waits for the thread; it ends with the process at the latest."""


class Guarded(Iterator[_T]):
    """Items up to the end or to a fault; `fault` says which."""

    def __init__(self, items: Callable[[], Iterator[_T]], shown: str) -> None:
        self._items = items
        self._iterator: Iterator[_T] | None = None
        self._shown = shown
        self.fault: UserError | None = None

    def __next__(self) -> _T:
        """Return the next item; the end and a fault both end the iteration."""
        try:
            if self._iterator is None:
                self._iterator = self._items()
            return next(self._iterator)
        except StopIteration:
            raise
        except Exception as error:  # noqa: BLE001 - rule 1: it is remembered, and told by `as_user_error`
            self.fault = as_user_error(error, self._shown)
        raise StopIteration


def parts_of(table: Table, progress: Progress | None) -> Iterator[Part]:
    """Return the parts of a table, read ahead when it is large."""
    return _ahead(table, progress) if table.size > _LARGE else table.parts(progress)


def _ahead(table: Table, progress: Progress | None) -> Iterator[Part]:
    """Yield the parts that a thread reads; leaving early stops it."""
    parts: queue.Queue[Part | BaseException | None] = queue.Queue(_AHEAD)
    left = threading.Event()

    def put(item: Part | BaseException | None) -> None:
        while not left.is_set():
            try:
                parts.put(item, timeout=0.2)
            except queue.Full:
                continue
            return

    def read() -> None:
        end: BaseException | None = None
        try:
            for part in table.parts(progress):
                put(part)
                if left.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - it is raised where the parts are taken
            end = error
        put(end)

    thread = threading.Thread(target=read, name="read", daemon=True)
    thread.start()
    try:
        while (item := parts.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        left.set()
        thread.join(_PATIENCE)
