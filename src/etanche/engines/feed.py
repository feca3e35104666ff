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
import numpy.typing as npt

BLANKS = " \t\n\r\v\f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2007\u2009\u200b\u202f\u3000\ufeff"
"""Characters that say nothing at the edge of a cell, non-breaking spaces and byte order marks included."""

_STEP = 256 << 10
"""Bytes looked at together: what fits the processor's cache is looked at several times for nothing."""
_RARE = (b"\t", b"\v", b"\f", b"\r", b"\xe1", b"\xe3", b"\xef")
"""Blanks, or first bytes of blanks, that a French text hardly holds otherwise."""


def padded(data: bytes, delimiter: str) -> bool:
    """Tell whether any cell of a text may begin or end with a blank (a wide or rare one anywhere counts as one).

    Never false for a text that holds such a cell.  A search for each blank would read the text a dozen times; this
    looks at it in blocks that stay in the processor's cache.
    """
    separator = delimiter.encode()
    if any(rare in data for rare in _RARE if rare != separator):
        return True
    narrow, general = b"\xc2" in data, b"\xe2" in data
    text = np.frombuffer(data, np.uint8)
    if len(text) and (text[0] == 32 or text[-1] == 32):
        return True
    for start in range(0, len(text), _STEP):
        block = text[start : start + _STEP + 2]
        space = block == 32
        edge = (block == separator[0]) | (block == 10)
        if (space[:-1] & edge[1:]).any() or (edge[:-1] & space[1:]).any():
            return True
        if (narrow and _holds_narrow(block)) or (general and _holds_general(block)):
            return True
    return False


def _holds_narrow(block: npt.NDArray[np.uint8]) -> bool:
    """Tell whether a block holds a blank of two bytes (U+0085, U+00A0)."""
    places = np.flatnonzero(block[:-1] == 0xC2)
    return bool(np.isin(block[places + 1], (0x85, 0xA0)).any())


def _holds_general(block: npt.NDArray[np.uint8]) -> bool:
    """Tell whether a block holds a blank of the general punctuation (U+2000 to U+200B, U+202F)."""
    places = np.flatnonzero(block[:-2] == 0xE2)
    second, third = block[places + 1], block[places + 2]
    return bool(((second == 0x80) & ((third <= 0x8B) | (third == 0xAF))).any())


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
