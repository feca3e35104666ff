"""What must leave memory: an unlinked file, encrypted under a key that lives only in this process.

1. The file has no name (`O_TMPFILE`, or unlinked as soon as it is made): when the process ends, however it ends, the
   system frees it, and what a disk may still hold of it is AES-256 in counter mode under a key that is gone.
2. It is written once, from start to end, and read at any place: counter mode makes both cheap.  A key and its counter
   are never used twice, since every file has a key of its own.
3. No integrity is added: nobody else can open a file without a name, and nothing trusts it beyond this process.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import weakref
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 16


class SpillFile:
    """Bytes on disk that only this process can read."""

    def __init__(self, folder: Path) -> None:
        """Make the file in a folder.  Raises `OSError` where that cannot be."""
        self._key = os.urandom(32)
        self._descriptor = _nameless(folder)
        self._close = weakref.finalize(self, os.close, self._descriptor)
        self._encryptor = Cipher(algorithms.AES(self._key), modes.CTR(bytes(_BLOCK))).encryptor()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Add bytes at the end.  Raises `OSError` when the disk is full."""
        view = memoryview(self._encryptor.update(data))
        at = self.size
        while view:
            written = os.pwrite(self._descriptor, view, at)
            view, at = view[written:], at + written
        self.size = at

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from an offset on; any number of threads may."""
        return _decrypted(self._descriptor, self._key, offset, min(size, self.size - offset))

    @property
    def path(self) -> Path:
        """Return a path by which this process can open the encrypted file once more."""
        return Path(f"/proc/self/fd/{self._descriptor}")

    @property
    def key(self) -> str:
        """Return the key in hexadecimal, for a child that reads for this process; it goes by a pipe, nowhere else."""
        return self._key.hex()

    def close(self) -> None:
        """Free the file."""
        self._close()


class SpillView:
    """A child's view of its parent's `SpillFile`."""

    def __init__(self, path: Path, key: str) -> None:
        self._file = path.open("rb", buffering=0)
        self._key = bytes.fromhex(key)
        self.size = os.fstat(self._file.fileno()).st_size

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from an offset on."""
        return _decrypted(self._file.fileno(), self._key, offset, min(size, self.size - offset))


def _decrypted(descriptor: int, key: bytes, offset: int, size: int) -> bytes:
    """Read and decrypt; the counter starts at the block that holds the offset."""
    if size <= 0:
        return b""
    skip = offset % _BLOCK
    first = offset - skip
    data = bytearray()
    while len(data) < size + skip:
        more = os.pread(descriptor, size + skip - len(data), first + len(data))
        if not more:
            break
        data += more
    counter = (first // _BLOCK).to_bytes(_BLOCK, "big")
    return Cipher(algorithms.AES(key), modes.CTR(counter)).decryptor().update(bytes(data))[skip:]


def _nameless(folder: Path) -> int:
    """Return the descriptor of a new file that has no name.  Raises `OSError`."""
    if hasattr(os, "O_TMPFILE"):
        # Not every file system has nameless files; the next lines take the name away.
        with contextlib.suppress(OSError):
            return os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    descriptor, path = tempfile.mkstemp(prefix="etanche-", dir=folder)
    Path(path).unlink()
    return descriptor
