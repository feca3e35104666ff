"""One class a way of packing: each gives unpacked bytes in bounded steps, and says damage from the end from a cut.

1. `read(most)` returns at most `most` bytes, none only at the end of the packed stream.
2. Packed bytes that end too soon raise `CutError`, bytes that make no sense `DamagedError`, a stream that wants more
   memory than `Limits.window_bytes` `WindowError`.
3. What one call to `read` gives was whole: the bytes that a failing step would have given are got by `inflate`, which
   goes back and takes smaller steps.
4. gzip, bzip2, xz and Zstandard may follow one another in one file (what `cat a.gz b.gz` makes): they are one stream.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from etanche.ingest.entries import Stream

STEP = 256 << 10
_ZSTD_BLOCK = 128 << 10


class CutError(Exception):
    """The packed stream ends before its end."""


class DamagedError(Exception):
    """The packed bytes make no sense."""


class WindowError(Exception):
    """Unpacking would take more memory than is allowed."""


class Packed:
    """The packed bytes of one stream: counted, and given in steps of `step` bytes from `fine_from` on."""

    def __init__(self, stream: Stream, size: int = -1, fine_from: int = -1, step: int = 1) -> None:
        """Read `size` bytes of `stream` at most (-1: all there are)."""
        self._stream, self._left, self._fine, self._step = stream, size, fine_from, step
        self.at = 0
        self.last = 0
        """Where the last step began."""

    def read(self, size: int) -> bytes:
        """Return the next bytes, fewer than `size` at any time, none only at the end."""
        if self._fine >= 0:
            size = min(size, max(self._step, self._fine - self.at))
        if self._left >= 0:
            size = min(size, self._left)
        data = self._stream.read(size) if size else b""
        self.last = self.at
        self.at += len(data)
        if self._left > 0:
            self._left -= len(data)
        return data

    @property
    def short(self) -> bool:
        """Tell whether the stream ended before the declared size."""
        return self._left > 0

    def done(self) -> int:
        """Return the packed stream's own progress."""
        return self._stream.done()

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()


class Unpacker(Protocol):
    """What gives unpacked bytes."""

    trailing: int
    """Bytes seen after the end that belong to no packed stream."""

    def read(self, most: int, /) -> bytes:
        """Return at most `most` bytes."""


Engine = Callable[[Packed], Unpacker]
_Feedable = bz2.BZ2Decompressor | lzma.LZMADecompressor


class Stored:
    """No packing at all."""

    trailing = 0

    def __init__(self, packed: Packed) -> None:
        self._packed = packed

    def read(self, most: int, /) -> bytes:
        """Return the bytes."""
        data = self._packed.read(min(most, STEP))
        if not data and self._packed.short:
            raise CutError
        return data


class Deflated:
    """Deflate, bare (zip) or in gzip members."""

    def __init__(self, packed: Packed, *, gzip: bool) -> None:
        self._packed, self._gzip = packed, gzip
        self._engine = self._new()
        self._tail = b""
        self._over = False
        self.trailing = 0

    def _new(self) -> zlib._Decompress:
        return zlib.decompressobj(16 + zlib.MAX_WBITS if self._gzip else -zlib.MAX_WBITS)

    def read(self, most: int, /) -> bytes:
        """Return unpacked bytes."""
        while not self._over:
            data = self._tail or self._packed.read(STEP)
            try:
                # Without data the engine still gives what it held back for want of room.
                out = self._engine.decompress(data, most)
            except zlib.error:
                raise DamagedError from None
            self._tail = self._engine.unconsumed_tail
            if self._engine.eof:
                self._next()
            elif not data and not out:
                raise CutError
            if out:
                return out
        return b""

    def _next(self) -> None:
        """Go on with the next gzip member, if one follows; padding after the last one is no damage."""
        rest = self._engine.unused_data
        if not self._gzip:
            self._over = True
            return
        while len(rest) < 2 and (more := self._packed.read(STEP)):
            rest += more
        if rest.startswith(b"\x1f\x8b"):
            self._engine, self._tail = self._new(), rest
            return
        self._over = True
        self.trailing = len(rest) if rest.strip(b"\0") else 0


class Buffered:
    """bzip2, xz and lzma: engines that keep what they were fed."""

    def __init__(self, packed: Packed, new: Callable[[], _Feedable], magic: bytes) -> None:
        """Unpack streams that begin with `magic`; without one there is a single stream."""
        self._packed, self._new, self._magic = packed, new, magic
        self._engine = new()
        self._rest = b""
        self._over = False
        self.trailing = 0

    def feed(self, data: bytes) -> None:
        """Have bytes unpacked before those of the packed stream."""
        self._rest += data

    def read(self, most: int, /) -> bytes:
        """Return unpacked bytes."""
        while not self._over:
            data, self._rest = self._rest, b""
            if not data and self._engine.needs_input:
                data = self._packed.read(STEP)
                if not data:
                    raise CutError
            try:
                out = self._engine.decompress(data, most)
            except lzma.LZMAError as error:
                raise (WindowError if "emory" in str(error) else DamagedError) from None
            except MemoryError:
                raise WindowError from None
            except (OSError, EOFError, ValueError):
                raise DamagedError from None
            if self._engine.eof:
                self._next()
            if out:
                return out
        return b""

    def _next(self) -> None:
        rest = self._engine.unused_data
        while self._magic:
            rest = rest.lstrip(b"\0")
            if len(rest) >= len(self._magic):
                break
            more = self._packed.read(STEP)
            if not more:
                break
            rest += more
        if self._magic and rest.startswith(self._magic):
            self._engine, self._rest = self._new(), rest
            return
        self._over = True
        self.trailing = len(rest) if self._magic else 0


class Zstandard:
    """Zstandard (RFC 8878), block by block: a block gives 128 KiB at most, however small it is packed."""

    def __init__(self, packed: Packed, window: int) -> None:
        self._packed, self._window = packed, window
        self._engine: zstandard.ZstdDecompressionObj | None = None
        self._checksum = self._begun = self._ending = False
        self._out = b""
        self.trailing = 0

    def read(self, most: int, /) -> bytes:
        """Return unpacked bytes."""
        while not self._out:
            try:
                if self._engine is None:
                    if not self._frame():
                        return b""
                else:
                    self._block(self._engine)
            except zstandard.ZstdError:
                raise DamagedError from None
        data, self._out = self._out[:most], self._out[most:]
        return data

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._packed.read(size - len(data))
            if not more:
                raise CutError
            data += more
        return data

    def _frame(self) -> bool:
        """Read the header of the next frame; tell whether there is one."""
        first = self._packed.read(1)
        if not first:
            return False
        magic = first + self._exactly(3)
        if magic[1:] == b"\x2a\x4d\x18" and magic[0] >> 4 == 5:
            left = int.from_bytes(self._exactly(4), "little")
            while left:
                left -= len(self._exactly(min(left, STEP)))
            return True
        if magic != zstandard.FRAME_HEADER:
            if self._begun:
                self.trailing = 4
                return False
            raise DamagedError
        descriptor = self._exactly(1)
        flags = descriptor[0]
        single = bool(flags & 0x20)
        size_bytes = (0, 2, 4, 8)[flags >> 6] or int(single)
        rest = self._exactly((not single) + (0, 1, 2, 4)[flags & 3] + size_bytes)
        if single:
            window = int.from_bytes(rest[-size_bytes:], "little") + (256 if size_bytes == 2 else 0)
        else:
            base = 1 << (10 + (rest[0] >> 3))
            window = base + (base >> 3) * (rest[0] & 7)
        if window > self._window:
            raise WindowError
        self._checksum = bool(flags & 4)
        self._engine = zstandard.ZstdDecompressor(max_window_size=max(window, 1 << 10)).decompressobj()
        self._out = self._engine.decompress(magic + descriptor + rest)
        self._begun = True
        return True

    def _block(self, engine: zstandard.ZstdDecompressionObj) -> None:
        """Unpack the next block, or check the sum after the last one."""
        if self._ending:
            self._engine, self._ending = None, False
            if self._checksum:
                engine.decompress(self._exactly(4))
            return
        header = self._exactly(3)
        value = int.from_bytes(header, "little")
        last, kind, size = value & 1, (value >> 1) & 3, value >> 3
        if kind == 3 or size > _ZSTD_BLOCK:
            raise DamagedError
        self._out = engine.decompress(header + self._exactly(1 if kind == 1 else size))
        self._ending = bool(last)


def gzip(packed: Packed) -> Unpacker:
    """Unpack gzip members (RFC 1952)."""
    return Deflated(packed, gzip=True)


def deflate(packed: Packed) -> Unpacker:
    """Unpack bare deflate (RFC 1951)."""
    return Deflated(packed, gzip=False)


def bzip2(packed: Packed) -> Unpacker:
    """Unpack bzip2."""
    return Buffered(packed, bz2.BZ2Decompressor, b"BZh")


def xz(window: int) -> Engine:
    """Return the engine of xz, which may take `window` bytes of memory."""
    return lambda packed: Buffered(
        packed, lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=window), b"\xfd7zXZ\0"
    )


def lzma_alone(window: int) -> Engine:
    """Return the engine of the old `.lzma` files."""
    return lambda packed: Buffered(packed, lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=window), b"")


def zip_lzma(window: int, size: int) -> Engine:
    """Return the engine of zip's method 14 (APPNOTE 5.8): an `.lzma` of `size` bytes, -1 when its end is marked."""

    def engine(packed: Packed) -> Unpacker:
        head = b""
        while len(head) < 9 and (more := packed.read(9 - len(head))):
            head += more
        alone = head[4:9] + (size if size >= 0 else (1 << 64) - 1).to_bytes(8, "little")
        unpacker = Buffered(packed, lambda: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=window), b"")
        unpacker.feed(alone)
        return unpacker

    return engine


def zstd(window: int) -> Engine:
    """Return the engine of Zstandard, whose window may take `window` bytes."""
    return lambda packed: Zstandard(packed, window)
