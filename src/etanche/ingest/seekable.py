"""Random access to an entry: for archives, whose list of members stands at the end.

1. A plain file is opened as it is.
2. A nested archive is held in memory up to `Limits.nested_bytes`.
3. A larger one is unpacked again from its start for each step back: slow, but in bounded memory.
4. What only a path will do for (a parser outside Python) gets the file's own, or that of a memory file: never a
   plaintext copy on a disk.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import Entry, Stream, open_binary
from etanche.ingest.limits import MIB, Limits


def random_access(entry: Entry, limits: Limits) -> Callable[[], io.RawIOBase | io.BytesIO]:
    """Return a function that opens the entry for reading at any place."""
    if entry.plain:
        return lambda: _plain(entry)
    held = _held(entry, limits.nested_bytes)
    if held is not None:
        return lambda: io.BytesIO(held)
    return lambda: Rewinding(entry.opener)


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
                    shown = "!".join((entry.outer.shown, *entry.members))
                    raise UserError("ingest_unpack_first", ExitCode.UNREADABLE, path=shown)
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
        finally:
            stream.close()
        yield Path(f"/proc/{os.getpid()}/fd/{descriptor}")
    finally:
        os.close(descriptor)


def _plain(entry: Entry) -> io.RawIOBase:
    file = open_binary(entry.outer.path)
    if not isinstance(file, io.RawIOBase):
        msg = "a file opened without buffer is raw"
        raise TypeError(msg)
    return file


def _held(entry: Entry, most: int) -> bytes | None:
    """Return all bytes of an entry, None when they are more than `most`."""
    stream = entry.opener()
    held = bytearray()
    try:
        while data := stream.read(MIB):
            held += data
            if len(held) > most:
                return None
    finally:
        stream.close()
    return bytes(held)


class Rewinding(io.RawIOBase):
    """A stream made seekable by starting again."""

    def __init__(self, opener: Callable[[], Stream]) -> None:
        self._opener = opener
        self._stream = opener()
        self._at = 0
        self._size = -1

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be sought."""
        return True

    def tell(self) -> int:
        """Return the offset."""
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes; all that is left without a size."""
        data = bytearray()
        while size is None or size < 0 or len(data) < size:
            wanted = MIB if size is None or size < 0 else size - len(data)
            more = self._stream.read(wanted)
            if not more:
                break
            data += more
        self._at += len(data)
        return bytes(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset: forward by reading, back by starting again."""
        if whence == io.SEEK_END:
            if self._size < 0:
                self._skip(1 << 62)
                self._size = self._at
            offset += self._size
        elif whence == io.SEEK_CUR:
            offset += self._at
        if offset < self._at:
            self._stream.close()
            self._stream = self._opener()
            self._at = 0
        self._skip(offset - self._at)
        return self._at

    def _skip(self, count: int) -> None:
        while count > 0 and (data := self._stream.read(min(count, MIB))):
            count -= len(data)
            self._at += len(data)

    def close(self) -> None:
        """Close the stream."""
        if not self.closed:
            self._stream.close()
        super().close()
