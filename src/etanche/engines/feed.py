"""Hand bytes to an engine under a path, without a plaintext file on any disk.

Rules, in the order in which they apply:

1. On Linux the bytes go to an anonymous memory file (`memfd_create`): it is seekable, so the engine reads it with
   several threads, and the kernel frees it with the process, kill -9 included.
2. Elsewhere they go through a FIFO in a private folder: the kernel's pipe buffer is all that ever exists of them.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

BLANKS = " \t\n\r\v\f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2007\u2009\u200b\u202f\u3000\ufeff"
"""Characters that say nothing at the edge of a cell, non-breaking spaces and byte order marks included."""

_STEP = 4 << 20
_WIDE_BLANKS = tuple(blank.encode() for blank in BLANKS if ord(blank) > 0x7F)


def padded(data: bytes, delimiter: str) -> bool:
    """Tell whether any cell of a text may begin or end with a blank (a wide blank anywhere counts as one)."""
    if any(blank in data for blank in _WIDE_BLANKS):
        return True
    text = np.frombuffer(data, np.uint8)
    separator = delimiter.encode()
    for start in range(0, len(text), _STEP):
        block = text[start : start + _STEP + 1]
        blank = (block == 32) | ((block >= 9) & (block <= 13) & (block != 10))
        edge = (block == separator[0]) | (block == 10)
        if separator == b"\t":
            blank &= ~edge
        if (blank[0] and start == 0) or (blank[:-1] & edge[1:]).any() or (edge[:-1] & blank[1:]).any():
            return True
    return False


@contextmanager
def readable_path(data: bytes) -> Iterator[str]:
    """Yield a path from which `data` can be read once, by this process only; nothing of it touches a disk."""
    if hasattr(os, "memfd_create"):
        with _memory_file(data) as path:
            yield path
    else:  # pragma: no cover - Linux has memory files
        with _fifo(data) as path:
            yield path


@contextmanager
def _memory_file(data: bytes) -> Iterator[str]:
    descriptor = os.memfd_create("etanche", os.MFD_CLOEXEC)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


@contextmanager
def _fifo(data: bytes) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="etanche-") as folder:
        path = Path(folder) / "rows"
        os.mkfifo(path, 0o600)

        def write() -> None:
            with path.open("wb") as pipe:
                pipe.write(data)

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        yield str(path)
        writer.join()
