"""Unpacking as a stream: bytes are counted, limits hold, and damage ends the stream instead of losing what came before.

1. Packed bytes are read in small steps, and each step gives a bounded number of unpacked bytes: a bomb is noticed
   while it goes off.
2. A damaged or truncated stream gives all bytes up to the damage; the entry's notes say that it was.  The step that
   fails loses what it had: so the stream is unpacked again, and that step in smaller ones, at last of one packed byte.
3. The clock counts while unpacking is under way, not while the bytes are used.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable

from etanche.errors import ExitCode, UserError
from etanche.ingest.entries import Entry, Stream
from etanche.ingest.limits import Meter
from etanche.ingest.unpackers import CutError, DamagedError, Engine, Packed, Unpacker, WindowError

_FINER = (512, 1)
"""Packed bytes a step, when a step failed: first to find where in it, then to get all that stands before."""


class Inflated:
    """The unpacked bytes of a packed stream."""

    def __init__(
        self,
        entry: Entry,
        packed: Callable[[], Stream],
        engine: Engine,
        *,
        size: int = -1,
        by_output: bool = False,
        crc: int = -1,
    ) -> None:
        """Unpack what `packed` opens, of which `size` bytes belong to the member (-1: up to the engine's end).

        `by_output` says that `Entry.total` is in unpacked bytes.  `crc` is the CRC-32 of the unpacked bytes, -1 when it
        is not known or checked elsewhere.
        """
        self._entry, self._open, self._engine, self._size = entry, packed, engine, size
        self._meter: Meter = entry.meter
        self._by_output = by_output
        self._expected, self._crc = crc, 0
        self._out = 0
        self._seconds = 0.0
        self._over = False
        self._finer = list(_FINER)
        self._packed, self._unpacker = self._begin(-1, 1)

    def _begin(self, fine_from: int, step: int) -> tuple[Packed, Unpacker]:
        packed = Packed(self._open(), self._size, fine_from, step)
        return packed, self._engine(packed)

    def done(self) -> int:
        """Return unpacked bytes where the whole is known, else the packed stream's own progress."""
        return self._out if self._by_output else self._packed.done()

    def close(self) -> None:
        """Close the packed stream."""
        self._packed.close()

    def read(self, size: int, /) -> bytes:
        """Return `size` bytes, fewer only at the end, at a limit or at damage.

        Raises `UserError` when the stream wants more memory than `Limits.window_bytes` for its very first byte.
        """
        out = bytearray()
        started = time.monotonic()
        while len(out) < size and not self._over:
            data = self._step(size - len(out))
            out += data
            self._out += len(data)
            if self._expected >= 0:
                self._crc = zlib.crc32(data, self._crc)
                if self._over and self._crc != self._expected:
                    self._entry.note("checksum", bytes=self._out)
            self._check(started)
        spent = time.monotonic() - started
        self._seconds += spent
        self._meter.seconds += spent
        return bytes(out)

    def _check(self, started: float) -> None:
        """Stop at a limit."""
        packed = max(self._packed.at, 1)
        reached = self._meter.allow(self._entry.key, self._out, packed, self._entry.outer.size)
        if not reached and self._seconds + time.monotonic() - started > self._meter.limits.entry_seconds:
            reached = "limit_seconds"
        if reached:
            self._over, self._expected = True, -1
            self._entry.note(reached, bytes=self._out)

    def _step(self, size: int) -> bytes:
        """Return what the next step gives."""
        try:
            data = self._unpacker.read(size)
        except CutError:
            return self._end("truncated")
        except WindowError:
            if not self._out:
                raise UserError(
                    "ingest_window",
                    ExitCode.UNREADABLE,
                    path=self._entry.shown,
                    most=self._meter.limits.window_bytes >> 20,
                ) from None
            return self._end("limit_window")
        except DamagedError:
            return self._again(size) if self._finer else self._end("damaged")
        if not data:
            self._over = True
            if self._unpacker.trailing:
                self._entry.note("trailing_bytes", bytes=self._unpacker.trailing)
        return data

    def _end(self, code: str) -> bytes:
        self._over, self._expected = True, -1
        self._entry.note(code, bytes=self._out)
        return b""

    def _again(self, size: int) -> bytes:
        """Go back to the start, and to where the failing step began, and go on from there in smaller steps."""
        self._packed.close()
        self._packed, self._unpacker = self._begin(self._packed.last, self._finer.pop(0))
        left = self._out
        try:
            while left and (data := self._unpacker.read(min(left, 1 << 20))):
                left -= len(data)
        except (CutError, DamagedError, WindowError):
            return self._end("damaged")
        return self._step(size)
