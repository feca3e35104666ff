"""Unpacking as a stream: bytes are counted, limits hold, and damage ends the stream instead of losing what came before.

1. Packed bytes are read in small steps, and each step gives a bounded number of unpacked bytes: a bomb is noticed
   while it goes off.
2. A damaged or truncated stream gives all bytes up to the damage; the entry's notes say that it was.
"""

from __future__ import annotations

import bz2
import zlib
from typing import Protocol

from etanche.ingest.entries import Entry, Stream
from etanche.ingest.limits import Meter

_STEP = 256 << 10
_MOST = 16 << 20


class Decompressor(Protocol):
    """What zlib's and bz2's decompressors have in common (the latter by `_Bz2`)."""

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return at most `max_length` unpacked bytes."""

    def copy(self) -> Decompressor | None:
        """Return another in the same state, None when that cannot be had (zlib's alone can)."""

    @property
    def unconsumed_tail(self) -> bytes:
        """Packed bytes that `max_length` kept from being unpacked."""

    @property
    def unused_data(self) -> bytes:
        """Bytes after the end of the packed stream."""

    @property
    def eof(self) -> bool:
        """Tell whether the packed stream has ended."""


class _Stored:
    """No packing at all."""

    unconsumed_tail = b""
    unused_data = b""
    eof = False

    def decompress(self, data: bytes, _max_length: int, /) -> bytes:
        """Return the bytes."""
        return data

    def copy(self) -> None:
        """Return None: nothing is ever lost."""


class _Bz2:
    """bz2 in zlib's manner."""

    unconsumed_tail = b""

    def __init__(self) -> None:
        self._inner = bz2.BZ2Decompressor()

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        """Return at most `max_length` bytes; what is left is asked for with no data."""
        return self._inner.decompress(data, max_length)

    def copy(self) -> None:
        """Return None: bz2 cannot be copied."""

    @property
    def unused_data(self) -> bytes:
        """Bytes after the end."""
        return self._inner.unused_data

    @property
    def eof(self) -> bool:
        """Tell whether the end was reached."""
        return self._inner.eof


def decompressor(method: int) -> Decompressor | None:
    """Return the decompressor of a zip method (0, 8, 12), None for one that is not known."""
    if method == 0:
        return _Stored()
    if method == 8:
        return zlib.decompressobj(-zlib.MAX_WBITS)
    return _Bz2() if method == 12 else None


def gzip_decompressor() -> Decompressor:
    """Return the decompressor of one gzip member."""
    return zlib.decompressobj(16 + zlib.MAX_WBITS)


class Inflated:
    """The unpacked bytes of a packed stream."""

    def __init__(
        self,
        entry: Entry,
        packed: Stream,
        engine: Decompressor,
        *,
        size: int = -1,
        gzip: bool = False,
        by_output: bool = False,
        crc: int = -1,
    ) -> None:
        """Unpack `packed`, of which `size` bytes belong to the member (-1: up to the engine's end).

        `crc` is the CRC-32 of the unpacked bytes, -1 when it is not known or checked elsewhere.
        """
        self._entry, self._packed, self._engine = entry, packed, engine
        self._meter: Meter = entry.meter
        self._left, self._gzip, self._by_output = size, gzip, by_output
        self._expected, self._crc = crc, 0
        self._tail = b""
        self._in = self._out = 0
        self._over = False

    def done(self) -> int:
        """Return unpacked bytes where the whole is known, else the packed stream's own progress."""
        return self._out if self._by_output else self._packed.done()

    def close(self) -> None:
        """Close the packed stream."""
        self._packed.close()

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer only at the end, at a limit or at damage."""
        out = bytearray()
        while len(out) < size and not self._over:
            data = self._step(size - len(out))
            out += data
            self._out += len(data)
            if self._over and self._expected >= 0 and self._crc != self._expected:
                self._entry.note("checksum", bytes=self._out)
            reached = self._meter.allow(self._entry.key, self._out, max(self._in, 1))
            if reached:
                self._over = True
                self._entry.note(reached, bytes=self._out)
        return bytes(out)

    def _step(self, size: int) -> bytes:
        saved: Decompressor | None = None
        data = b""
        try:
            if self._tail:
                data, self._tail = self._tail, b""
            elif isinstance(self._engine, _Bz2) and self._in and (more := self._engine.decompress(b"", size)):
                return more
            else:
                data = self._packed_bytes(min(_STEP, size) if isinstance(self._engine, _Stored) else _STEP)
                if not data:
                    self._over = True
                    if not isinstance(self._engine, _Stored) or self._left > 0:
                        self._expected = -1
                        self._entry.note("truncated", bytes=self._out)
                    return b""
            # A copy is cheap (the window of 32 KiB), and what it can still give would be lost with the step that fails.
            saved = self._engine.copy()
            unpacked = self._engine.decompress(data, size)
        except (zlib.error, OSError, EOFError, ValueError):
            self._over = True
            self._expected = -1
            rescued = _rescue(saved, data) if saved is not None else b""
            self._entry.note("damaged", bytes=self._out + len(rescued))
            return rescued
        self._crc = zlib.crc32(unpacked, self._crc) if self._expected >= 0 else 0
        self._tail = self._engine.unconsumed_tail
        if self._engine.eof:
            self._next_member()
        return unpacked

    def _packed_bytes(self, size: int) -> bytes:
        if self._left == 0:
            return b""
        data = self._packed.read(size if self._left < 0 else min(size, self._left))
        self._in += len(data)
        if self._left > 0:
            self._left -= len(data)
        return data

    def _next_member(self) -> None:
        """Go on with the next gzip member, if one follows; padding after the last one is no damage."""
        rest = self._engine.unused_data
        if not self._gzip:
            self._over = True
            return
        rest = rest if len(rest) >= 2 else rest + self._packed_bytes(_STEP)
        if not rest.startswith(b"\x1f\x8b"):
            self._over = True
            if rest.strip(b"\0"):
                self._entry.note("trailing_bytes", bytes=len(rest))
            return
        self._engine, self._tail = gzip_decompressor(), rest


def _rescue(engine: Decompressor, data: bytes) -> bytes:
    """Return what a damaged step still gives: small pieces first, then bytes."""
    out = bytearray()
    for size in (512, 1):
        at = 0
        while at < len(data):
            saved = engine.copy()
            if saved is None or len(out) > _MOST:
                return bytes(out)
            try:
                out += engine.decompress(data[at : at + size], _MOST)
            except zlib.error:
                engine, data = saved, data[at : at + size]
                break
            at += size
        else:
            break
    return bytes(out)
