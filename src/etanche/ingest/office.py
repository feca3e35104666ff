"""Which zips are office documents: told by the names of their first members, as far as the first bytes go."""

from __future__ import annotations

import struct

_LOCAL = struct.Struct("<4s5H3I2H")
_MAGIC = b"PK\x03\x04"
_SIZE_LATER = 0x8
_NAMES = (b"[Content_Types].xml", b"_rels/.rels", b"xl/", b"word/", b"ppt/", b"docProps/", b"META-INF/manifest.xml")
_MOST = 200


def is_office(data: bytes) -> bool:
    """Tell whether a zip begins like an office document (ECMA-376, ODF).

    Members are walked one by one: a plain zip that holds an office document is none itself.
    """
    at = 0
    for _ in range(_MOST):
        header = data[at : at + _LOCAL.size]
        if len(header) < _LOCAL.size or not header.startswith(_MAGIC):
            return False
        _, _, flags, _, _, _, _, packed, _, name_size, extra = _LOCAL.unpack(header)
        begin = at + _LOCAL.size
        name = data[begin : begin + name_size].lstrip(b"/")
        if name == b"mimetype" and data[begin + name_size + extra :].startswith(b"application/vnd."):
            return True
        if name.startswith(_NAMES):
            return True
        at = begin + name_size + extra + packed
        if flags & _SIZE_LATER or packed == 0xFFFFFFFF:
            # The member's size stands after it: the next header is the next mark, packed bytes hold it by chance only.
            at = data.find(_MAGIC, begin + name_size + extra)
            if at < 0:
                return False
    return False
