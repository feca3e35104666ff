"""What a parser in the sandbox and the process that asked say to each other: frames, never pickles.

1. A frame is a mark, two lengths, a header in JSON and raw bytes: `MARK`, u32, u32, header, body.
2. The body of a frame of rows is UTF-8 text as `tables.piece_of` writes it, so that the parent need not read it again.
3. This module is loaded by every child: it imports next to nothing.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

MARK = b"\xe9tch"
PREFIX = struct.Struct("<4sII")
MOST_HEADER = 32 << 20
MOST_BODY = 256 << 20
SEPARATOR = "\x1f"
"""The same as `tables.DELIMITER`, which children must not import."""
_NEEDS_QUOTES = ('"', "\n", "\r")

Frame = tuple[dict[str, Any], bytes]


class RefusalError(Exception):
    """What a parser raises when the user can mend it: a code of `errors` and its parameters, never a cell."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


def packed(header: Mapping[str, Any], body: bytes) -> list[bytes]:
    """Return the bytes of a frame."""
    head = json.dumps(header).encode("ascii")
    return [PREFIX.pack(MARK, len(head), len(body)) + head, body]


def frame_of(rows: Sequence[Sequence[str]], first_line: int, **header: object) -> Frame:
    """Return the frame of rows of text cells, of which row k stands at `first_line + k` of the format's own places.

    Keywords go into the header as they are: `offset`, `lines`, `blank`, `quarantined` (see `sandbox.pieces`).
    """
    joined = [SEPARATOR.join(cells) for cells in rows]
    text = "\n".join(joined)
    breaks, separators = len(rows) - 1, sum(map(len, rows)) - len(rows)
    plain = not any(mark in text for mark in ('"', "\r", "\0")) and text.count("\n") == breaks
    quoted = False
    if not plain or text.count(SEPARATOR) != separators:
        written = [_quoted(cells) for cells in rows]
        text = "\n".join(line for line, _ in written)
        quoted = any(special for _, special in written)
    body = text.encode("utf-8", "surrogatepass") + b"\n" if rows else b""
    return {"rows": len(rows), "first_line": first_line, "quoted": quoted, **header}, body


def _quoted(cells: Sequence[str]) -> tuple[str, bool]:
    """Return cells as one well-formed line (`careful.write`), NUL taken out, and whether one had to be quoted."""
    clean = [cell.replace("\0", "") for cell in cells]
    special = [SEPARATOR in cell or any(mark in cell for mark in _NEEDS_QUOTES) for cell in clean]
    if not any(special):
        return SEPARATOR.join(clean), False
    written = ['"' + c.replace('"', '""') + '"' if needs else c for c, needs in zip(clean, special, strict=True)]
    return SEPARATOR.join(written), True
