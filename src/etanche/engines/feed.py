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
