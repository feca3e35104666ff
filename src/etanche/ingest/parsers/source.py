"""How a parser in the sandbox opens what it is given: a file as it is, or its parent's encrypted spill."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, BinaryIO

_PAGE = 256 << 10


class Positioned(io.RawIOBase):
    """What can be read at any place, as a file: where it stands, and how far it goes."""

    def __init__(self, size: int) -> None:
        """Stand at the start of `size` bytes."""
        self._at, self._size = 0, size

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be sought."""
        return True

    def tell(self) -> int:
        """Return the offset."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to an offset."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at


class Spilled(Positioned):
    """A spill of the parent as a file."""

    def __init__(self, path: Path, key: str) -> None:
        from etanche.crypto.spill import SpillView  # noqa: PLC0415 - only who needs it pays for it

        self._view = SpillView(path, key)
        super().__init__(self._view.size)
        self.name = "spill"

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """Fill a buffer; return how many bytes there were."""
        data = self._view.read(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def opened(path: Path, params: dict[str, Any]) -> BinaryIO:
    """Return the bytes of an entry as a file that can be read at any place."""
    if "spill" in params:
        return io.BufferedReader(Spilled(path, params["spill"]), _PAGE)
    return path.open("rb", buffering=_PAGE)
