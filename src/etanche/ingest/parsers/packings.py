"""Ways of packing that only C libraries outside Python know (zip's methods 9 and 98); they run in the sandbox.

1. Frames carry unpacked bytes, of bounded size each.
2. Damage and cuts end the frames with `ingest_member_cut`, after what was whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etanche.ingest.frames import Frame, RefusalError
from etanche.ingest.parsers.source import opened

_STEP = 16 << 10
_PPMD_MOST = 1 << 20


def deflate64(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Unpack deflate64."""
    import inflate64  # noqa: PLC0415

    engine = inflate64.Inflater()
    with opened(path, params) as file:
        while not engine.eof and (data := file.read(_STEP)):
            try:
                out = engine.inflate(data)
            except ValueError:
                raise RefusalError("ingest_member_cut") from None
            if out:
                yield {}, out
        if not engine.eof:
            raise RefusalError("ingest_member_cut")


def ppmd(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Unpack PPMd variant I, revision 1 (APPNOTE 5.10): two bytes of parameters come first."""
    import pyppmd  # noqa: PLC0415

    with opened(path, params) as file:
        header = int.from_bytes(file.read(2), "little")
        order, megabytes, method = (header & 0xF) + 1, ((header >> 4) & 0xFF) + 1, header >> 12
        engine = pyppmd.Ppmd8Decoder(order, megabytes << 20, method)
        left = params["size"]
        data = file.read(_STEP)
        while left > 0 and not engine.eof:
            out = engine.decode(data, min(left, _PPMD_MOST))
            if out:
                yield {}, out[:left]
                left -= len(out)
            data = file.read(_STEP) if engine.needs_input else b""
            if not data and not out:
                raise RefusalError("ingest_member_cut")
