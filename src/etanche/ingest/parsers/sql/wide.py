"""Dumps in UTF-16 and UTF-32 as bytes that SQL's own ASCII characters stand in, one byte each."""

from __future__ import annotations

import codecs

from etanche.ingest.encodings import bom, wide
from etanche.ingest.entries import Stream


def narrow(data: bytes) -> bytes:
    """Return bytes as ASCII-compatible ones, without their mark."""
    encoding, size = bom(data)
    if not encoding:
        encoding = wide(data)
    if encoding and encoding != "utf-8":
        return data[size : len(data) - (len(data) - size) % 4].decode(encoding, "replace").encode()
    return data[size:]


class Narrow:
    """A stream of wide characters as UTF-8; what does not decode becomes U+FFFD."""

    def __init__(self, stream: Stream, encoding: str, skip: int) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._left = b""
        stream.read(skip)

    def read(self, size: int, /) -> bytes:
        """Return the next bytes."""
        while len(self._left) < size:
            data = self._stream.read(max(size, 1 << 16))
            self._left += self._decoder.decode(data, final=not data).encode("utf-8", "replace")
            if not data:
                break
        data, self._left = self._left[:size], self._left[size:]
        return data

    def done(self) -> int:
        """Return how far the pass is."""
        return self._stream.done()

    def close(self) -> None:
        """Close the stream."""
        self._stream.close()
