"""Random access to an entry: for archives, whose list of members stands at the end.

1. A plain file, a stored member, joined volumes: opened as they are.
2. A packed member is unpacked once, into memory up to `Limits.nested_bytes` (and `held_bytes` over all members), and
   beyond that into a nameless file encrypted under a key of this process (`crypto.spill`).  The copy is made once an
   entry and freed with it.
3. A spill leaves `Limits.spare_bytes` free on its disk; where that cannot be, the entry is refused and nothing stays.
4. What only a path will do for (a parser outside Python) gets the file's own, or that of a memory file: never a
   plaintext copy on a disk.
"""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from etanche.crypto.spill import SpillFile
from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import Entry, Stream, open_binary
from etanche.ingest.limits import MIB, Limits, Meter
from etanche.ingest.parsers.source import Positioned

_PAGE = 64 << 10
_LOOK_AT_DISK = 64 * MIB


def random_access(entry: Entry, limits: Limits) -> Callable[[], io.RawIOBase | io.BytesIO]:
    """Return a function that opens the entry for reading at any place.

    Raises `UserError` when the entry has to be spilled and the disk has no room.
    """
    if entry.plain:
        return lambda: _plain(entry)
    if entry.seeker is not None:
        return entry.seeker
    return hold(entry, limits).open


def hold(entry: Entry, limits: Limits) -> Held:
    """Return the entry's copy, making it at the first call.  Raises `UserError` like `random_access`."""
    if entry.held is None:
        held = Held(entry.meter, limits, entry.shown)
        stream = entry.opener()
        try:
            while data := stream.read(MIB):
                held.write(data)
        except BaseException:
            held.free()
            raise
        finally:
            stream.close()
        entry.held = held
    return entry.held


@contextmanager
def local_path(entry: Entry, limits: Limits) -> Iterator[Path]:
    """Yield a path from which this process and its children can read the entry, at any place.

    Raises `UserError` for a packed entry of more than `Limits.memory_file_bytes`.
    """
    if entry.plain:
        yield entry.outer.path
        return
    descriptor = os.memfd_create("etanche", 0)
    try:
        stream = entry.opener()
        size = 0
        try:
            while data := stream.read(MIB):
                size += len(data)
                if size > limits.memory_file_bytes:
                    raise UserError("ingest_unpack_first", ExitCode.UNREADABLE, path=entry.shown)
                _write(descriptor, data)
        finally:
            stream.close()
        yield Path(f"/proc/{os.getpid()}/fd/{descriptor}")
    finally:
        os.close(descriptor)


@contextmanager
def for_child(entry: Entry, limits: Limits) -> Iterator[tuple[Path, dict[str, object]]]:
    """Yield a path and the parameters by which a parser in the sandbox opens it (`parsers.source`), of any size.

    Raises `UserError` like `random_access`.
    """
    if entry.plain:
        yield entry.outer.path, {}
        return
    held = hold(entry, limits)
    if held.spill is not None:
        yield held.spill.path, {"spill": held.spill.key}
        return
    descriptor = os.memfd_create("etanche", 0)
    try:
        _write(descriptor, held.read(0, held.size))
        yield Path(f"/proc/{os.getpid()}/fd/{descriptor}"), {}
    finally:
        os.close(descriptor)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _plain(entry: Entry) -> io.RawIOBase:
    file = open_binary(entry.outer.path)
    if not isinstance(file, io.RawIOBase):
        msg = "a file opened without buffer is raw"
        raise TypeError(msg)
    return file


class Held:
    """Unpacked bytes, written once from start to end, read at any place: in memory, then in an encrypted file."""

    def __init__(self, meter: Meter, limits: Limits, shown: str) -> None:
        self._meter, self._limits, self._shown = meter, limits, shown
        self._memory = bytearray()
        self._checked = 0
        self.spill: SpillFile | None = None
        self.size = 0
        self._account = _Account(meter)
        self._release = weakref.finalize(self, self._account.settle)

    def write(self, data: bytes) -> None:
        """Add bytes at the end.  Raises `UserError` when there is no room."""
        if self.spill is None:
            if (
                self.size + len(data) <= self._limits.nested_bytes
                and self._meter.held + len(data) <= self._limits.held_bytes
            ):
                self._memory += data
                self._account.hold(len(data))
                self.size += len(data)
                return
            self._to_disk()
        self._spill(data)
        self.size += len(data)

    def _to_disk(self) -> None:
        try:
            self.spill = SpillFile(_roomiest())
        except OSError:
            raise self._full() from None
        if self._memory:
            self._spill(bytes(self._memory))
            self._memory = bytearray()
            self._account.hold(-self.size)

    def _spill(self, data: bytes) -> None:
        if self.spill is None:
            return
        self._account.spill(len(data))
        if self._meter.spilled > self._limits.spill_bytes:
            raise self._full()
        if self.spill.size >= self._checked:
            if _free(self.spill) < self._limits.spare_bytes + _LOOK_AT_DISK:
                raise self._full()
            self._checked = self.spill.size + _LOOK_AT_DISK
        try:
            self.spill.write(data)
        except OSError:
            raise self._full() from None

    def _full(self) -> UserError:
        self.free()
        return UserError("ingest_spill_full", ExitCode.UNREADABLE, path=self._shown)

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from an offset on."""
        if self.spill is not None:
            return self.spill.read(offset, size)
        return bytes(memoryview(self._memory)[offset : offset + size])

    def open(self) -> io.RawIOBase:
        """Return the bytes as a file."""
        return Window(self.read, 0, self.size)

    def free(self) -> None:
        """Give back memory and disk."""
        if self.spill is not None:
            self.spill.close()
        self._memory = bytearray()
        self._release()


class _Account:
    """What a `Held` takes, given back when it is gone."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._held = self._spilled = 0

    def hold(self, size: int) -> None:
        self._held += size
        self._meter.held += size

    def spill(self, size: int) -> None:
        self._spilled += size
        self._meter.spilled += size

    def settle(self) -> None:
        self.hold(-self._held)
        self.spill(-self._spilled)


def _roomiest() -> Path:
    """Return the folder for temporary files that has most room."""
    folders = [Path(name) for name in dict.fromkeys((tempfile.gettempdir(), "/var/tmp")) if os.access(name, os.W_OK)]  # noqa: S108
    return max(folders or [Path(tempfile.gettempdir())], key=lambda folder: shutil.disk_usage(folder).free)


def _free(spill: SpillFile) -> int:
    status = os.statvfs(spill.path)
    return status.f_bavail * status.f_frsize


class Window(Positioned):
    """A stretch of something that can be read at any place, as a file of its own."""

    def __init__(self, read_at: Callable[[int, int], bytes], start: int, size: int) -> None:
        """Show `size` bytes from `start` on; `read_at(offset, size)` gives them."""
        super().__init__(size)
        self._read_at, self._start = read_at, start
        self._page, self._page_at = b"", 0
        self._owned: io.RawIOBase | None = None

    @classmethod
    def of(cls, file: io.RawIOBase, start: int, size: int) -> Window:
        """Return a stretch of a file that is closed with it."""

        def read_at(offset: int, wanted: int) -> bytes:
            file.seek(offset)
            return file.read(wanted) or b""

        window = cls(read_at, start, size)
        window._owned = file
        return window

    def close(self) -> None:
        """Close the file that the window shows, if it is its own."""
        if self._owned is not None:
            self._owned.close()
        super().close()

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes, fewer only at the end; all that is left without a size."""
        left = max(0, self._size - self._at)
        size = left if size is None or size < 0 else min(size, left)
        if size <= 0:
            return b""
        begin = self._at - self._page_at
        if not 0 <= begin <= len(self._page) - size:
            if size >= _PAGE:
                data = self._read_at(self._start + self._at, size)
                self._at += len(data)
                return data
            self._page = self._read_at(self._start + self._at, min(_PAGE, left))
            self._page_at, begin = self._at, 0
        data = self._page[begin : begin + size]
        self._at += len(data)
        return data

    def readinto(self, buffer: memoryview | bytearray, /) -> int:  # type: ignore[override]
        """Fill a buffer as far as there are bytes; return how many."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class WindowStream:
    """A file that can be read at any place as the stream of an entry."""

    def __init__(self, file: io.RawIOBase) -> None:
        self._file = file

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        return self._file.read(size) or b""

    def done(self) -> int:
        """Return the offset."""
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def stream_of(seeker: Callable[[], io.RawIOBase]) -> Callable[[], Stream]:
    """Return the opener of an entry that has a seeker."""
    return lambda: WindowStream(seeker())
