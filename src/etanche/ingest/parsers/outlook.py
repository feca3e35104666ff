"""Outlook messages (.msg, MS-OXMSG) in the sandbox: a compound file (MS-CFB) whose streams are properties.

1. `message` yields one frame: the properties that a mail has, and the names and sizes of its attachments.
2. `attachment` yields the bytes of one, in steps.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import olefile  # type: ignore[import-untyped]

from etanche.ingest.frames import Frame, RefusalError

_STEP = 8 << 20
_MOST_TEXT = 16 << 20
_MOST_ATTACHMENTS = 5000
_TEXT = {
    "subject": "0037",
    "text": "1000",
    "from_name": "0C1A",
    "from_email": "5D01",
    "from_address": "0C1F",
    "to": "0E04",
    "cc": "0E03",
    "bcc": "0E02",
    "message_id": "1035",
    "in_reply_to": "1042",
    "headers": "007D",
    "account": "0078",
}
_HTML = "__substg1.0_10130102"
_DATES = (0x00390040, 0x0E060040, 0x30070040)
"""Sent, delivered, created."""
_CODEPAGE = 0x3FFD0003
_PROPERTIES = "__properties_version1.0"
_EPOCH = datetime(1601, 1, 1)  # noqa: DTZ001 - Outlook's own, in UTC
_BROKEN = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error, RecursionError)


def message(path: Path, _params: dict[str, Any]) -> Iterator[Frame]:
    """Yield what the message says.  Raises `RefusalError` when the file is no message."""
    with _opened(path) as ole:
        fixed = _fixed(ole)
        page = f"cp{fixed.get(_CODEPAGE, 1252) & 0xFFFF}"
        cells = {name: _text(ole, [], tag, page) for name, tag in _TEXT.items()}
        if not cells["from_email"]:
            cells["from_email"] = cells["from_address"]
        del cells["from_address"]
        if not cells["text"]:
            cells["html"] = _decoded(_stream(ole, [_HTML]), page)
        moment = next((fixed[tag] for tag in _DATES if fixed.get(tag)), 0)
        cells["date"] = _date(moment)
        names = []
        for folder in _attachments(ole):
            name = _text(ole, [folder], "3707", page) or _text(ole, [folder], "3704", page)
            data = [folder, "__substg1.0_37010102"]
            names.append([folder, name, ole.get_size(data) if ole.exists(data) else -1])
        yield {"cells": {name: cell for name, cell in cells.items() if cell}, "attachments": names}, b""


def attachment(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the bytes of the attachment in the folder that `params` name."""
    with _opened(path) as ole:
        stream = ole.openstream([params["folder"], "__substg1.0_37010102"])
        while data := stream.read(_STEP):
            yield {}, data


def _opened(path: Path) -> Any:  # noqa: ANN401 - olefile has no types
    try:
        ole = olefile.OleFileIO(path.open("rb"))
    except _BROKEN:
        raise RefusalError("ingest_msg_damaged") from None
    if not ole.exists(_PROPERTIES):
        raise RefusalError("ingest_msg_damaged")
    return ole


def _fixed(ole: Any) -> dict[int, int]:  # noqa: ANN401
    """Return the properties of fixed size, by tag."""
    data = _stream(ole, [_PROPERTIES])
    return {
        tag: int.from_bytes(data[at + 8 : at + 16], "little")
        for at in range(32, len(data) - 15, 16)
        for (tag,) in [struct.unpack_from("<I", data, at)]
    }


def _date(ticks: int) -> str:
    """Return a FILETIME (UTC) as an ISO date, empty for none."""
    try:
        return (_EPOCH + timedelta(microseconds=ticks // 10)).isoformat(sep=" ", timespec="seconds") if ticks else ""
    except OverflowError:
        return ""


def _stream(ole: Any, name: list[str]) -> bytes:  # noqa: ANN401
    try:
        data: bytes = ole.openstream(name).read(_MOST_TEXT) if ole.exists(name) else b""
    except _BROKEN:
        return b""
    return data


def _text(ole: Any, folder: list[str], tag: str, page: str) -> str:  # noqa: ANN401
    wide = _stream(ole, [*folder, f"__substg1.0_{tag}001F"])
    if wide:
        return wide[: len(wide) & ~1].decode("utf-16-le", "replace").rstrip("\0")
    return _decoded(_stream(ole, [*folder, f"__substg1.0_{tag}001E"]), page).rstrip("\0")


def _decoded(data: bytes, page: str) -> str:
    for encoding in ("utf-8", page, "cp1252"):
        try:
            return data.decode(encoding)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode("latin-1")


def _attachments(ole: Any) -> list[str]:  # noqa: ANN401
    folders = {entry[0] for entry in ole.listdir(streams=True, storages=False) if entry[0].startswith("__attach")}
    return sorted(folders)[:_MOST_ATTACHMENTS]
