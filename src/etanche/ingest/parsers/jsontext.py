"""The bytes of a JSON text as UTF-8 without mark, read ahead as far as is asked for."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator

from etanche.ingest.encodings import bom, wide
from etanche.ingest.entries import HEAD_BYTES, Entry
from etanche.ingest.parsers.jsondecode import Normaliser

# A string that never closes is matched to its end: looking again at each quote in it would take far too long.
_STRING = rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)'
_ODD = re.compile(
    rb"(?s)(?:[{\[,:]\s*'|[{,]\s*[A-Za-z_$][\w$]*\s*:|(?:^|[{\[,\]};\n])\s*(?://|/\*)|"
    rb"(?:ObjectId|ISODate|NumberLong|NumberInt|NumberDecimal|UUID|BinData)\()"
)


def encoding_of(head: bytes) -> tuple[str, int]:
    """Return the encoding that a text's first bytes show, and the length of their mark."""
    named, skip = bom(head)
    return named or wide(head) or "utf-8", skip


def plain(head: bytes) -> bytes:
    """Return the first bytes of a text as UTF-8."""
    encoding, skip = encoding_of(head)
    if encoding == "utf-8":
        return head[skip:]
    return head[skip:].decode(encoding, "replace").encode("utf-8", "replace")


def odd(head: bytes) -> bool:
    """Tell whether text is written as JavaScript or Python would: single quotes, bare keys, comments."""
    return bool(_ODD.search(re.sub(rb"(?s)" + _STRING, b'""', head)))


def blocks(entry: Entry, size: int, *, normal: bool = False) -> Iterator[bytes]:
    """Yield the text of an entry as UTF-8, block by block; `normal` rewrites it as strict JSON."""
    encoding, skip = encoding_of(entry.head(HEAD_BYTES))
    stream = entry.opener()
    decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)("replace")
    rewriter = Normaliser() if normal else None
    try:
        while data := stream.read(size):
            data, skip = data[skip:], max(0, skip - len(data))
            if decoder is not None:
                data = decoder.decode(data).encode("utf-8", "backslashreplace")
            yield data if rewriter is None else _rewritten(rewriter, data, final=False)
        if decoder is not None and (data := decoder.decode(b"", final=True).encode("utf-8", "backslashreplace")):
            yield data if rewriter is None else _rewritten(rewriter, data, final=False)
        if rewriter is not None:
            yield _rewritten(rewriter, b"", final=True)
    finally:
        stream.close()


def _rewritten(rewriter: Normaliser, data: bytes, *, final: bool) -> bytes:
    out: list[bytes] = []
    rewriter.feed(data, out, final=final)
    return b"".join(out)


class Window:
    """The bytes from the place reached on."""

    def __init__(self, opener: Callable[[], Iterator[bytes]]) -> None:
        self._blocks = opener()
        self.data = b""
        self.base = 0
        """Offset of `data` in the text."""
        self.ended = False

    def more(self, size: int) -> None:
        """Read until `size` bytes are at hand, or the text ends."""
        if len(self.data) >= size or self.ended:
            return
        parts, have = [self.data], len(self.data)
        while have < size:
            block = next(self._blocks, None)
            if block is None:
                self.ended = True
                break
            parts.append(block)
            have += len(block)
        self.data = b"".join(parts)

    def drop(self, count: int) -> None:
        """Leave bytes behind."""
        self.data = self.data[count:]
        self.base += count

    def close(self) -> None:
        """Close what is read from."""
        close = getattr(self._blocks, "close", None)
        if close is not None:
            close()
