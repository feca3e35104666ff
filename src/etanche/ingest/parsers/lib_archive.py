"""Everything the system's libarchive reads, in the sandbox: cpio, ar, cab, iso, lha, rar, xar, and what packs one file.

1. Frames as in `seven_zip`.
2. A fault in one member goes on with the next, as far as libarchive finds it.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from etanche.ingest.frames import Frame, RefusalError
from etanche.ingest.parsers.source import opened

_STEP = 256 << 10
_NAMES = ("libarchive.so.13", "libarchive.13.dylib", "libarchive.dylib", "libarchive-13.dll", "archive.dll")
_FATAL = -30


def _library() -> Any:  # noqa: ANN401 - libarchive-c has no types
    """Return libarchive-c.  Raises `RefusalError` where the system has no libarchive."""
    for name in _NAMES:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        os.environ["LIBARCHIVE"] = name
        break
    else:
        raise RefusalError("ingest_needs", format="", program="libarchive (Debian: libarchive13)")
    import libarchive  # noqa: PLC0415
    import libarchive.ffi  # noqa: PLC0415
    import libarchive.read  # noqa: PLC0415

    return libarchive


def members(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the frames of every member.  Raises `RefusalError` when not even the first one is found."""
    library = _library()
    seen = False
    try:
        with _reader(library, path, params) as archive:
            for entry in archive:
                seen = True
                kind = "file" if entry.isreg or params.get("raw") else "dir" if entry.isdir else "link"
                if kind == "dir":
                    continue
                name = params.get("raw") or entry.pathname or ""
                if isinstance(name, bytes):
                    name = name.decode("cp850")
                yield {"member": name, "size": entry.size or 0, "kind": kind}, b""
                yield from _data(entry, library, params)
    except library.ArchiveError as error:
        if not seen:
            code = _code(error, params)
            raise RefusalError(f"ingest_archive_{code if code in _LOCKED else 'damaged'}") from None
        yield {"stop": _code(error, params)}, b""


def one(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the bytes of one member of a zip: the `params["nth"]`-th of its name, in the order of the archive."""
    library = _library()
    params = {**params, "passwords": [params["password"]] if params["password"] else []}
    left = params["nth"]
    try:
        with _reader(library, path, params) as archive:
            for entry in archive:
                if entry.pathname != params["name"]:
                    continue
                if left:
                    left -= 1
                    continue
                for data in entry.get_blocks(_STEP):
                    yield {}, data
                return
    except library.ArchiveError:
        raise RefusalError("ingest_member_cut", member=params["name"]) from None
    raise RefusalError("ingest_member_cut", member=params["name"])


_LOCKED = ("password", "encrypted")


def _data(entry: Any, library: Any, params: dict[str, Any]) -> Iterator[Frame]:  # noqa: ANN401
    """Yield the bytes of a member and how it ended."""
    if not entry.isreg and not params.get("raw"):
        yield {"end": ""}, b""
        return
    got = 0
    try:
        for block in entry.get_blocks(_STEP):
            # Some of libarchive's formats give zeros after the end of a member.
            data = block[: entry.size - got] if entry.size and not params.get("raw") else block
            if not data:
                break
            got += len(data)
            yield {"data": 1}, data
    except library.ArchiveError as error:
        yield {"end": _code(error, params)}, b""
        if error.retcode == _FATAL:
            raise
        return
    short = entry.size and got < entry.size and not params.get("raw")
    yield {"end": "cut" if short else ""}, b""


def _code(error: Any, params: dict[str, Any]) -> str:  # noqa: ANN401
    """Return the code of what libarchive says; its words may hold names, so they go no further."""
    text = str(error.msg or "").lower()
    if "passphrase" in text or "encrypt" in text:
        return "password" if params.get("passwords") else "encrypted"
    if "support" in text:
        return "method"
    return "cut" if "truncated" in text or "end of file" in text or "premature" in text else "damaged"


def _reader(library: Any, path: Path, params: dict[str, Any]) -> AbstractContextManager[Any]:  # noqa: ANN401
    """Return libarchive's reader of a file, a spill or several volumes."""
    kind = "raw" if params.get("raw") else "all"
    if "spill" in params:
        password = params.get("password") or None
        reader: AbstractContextManager[Any] = library.stream_reader(
            opened(path, params), kind, block_size=_STEP, passphrase=password
        )
        return reader
    return _Opened(library, params.get("paths") or [str(path)], kind, params.get("passwords") or [])


class _Opened(AbstractContextManager[Any]):
    """A reader of one or more files, told all passwords."""

    def __init__(self, library: Any, paths: list[str], kind: str, passwords: list[str]) -> None:  # noqa: ANN401
        ffi = library.ffi
        function = ffi.ffi(
            "read_open_filenames",
            [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_size_t],
            ctypes.c_int,
            ffi.check_int,
        )
        self._library, self._open, self._passwords = library, function or ffi.read_open_filenames, passwords
        self._names = (ctypes.c_char_p * (len(paths) + 1))(*(os.fsencode(each) for each in paths), None)
        self._new = library.read.new_archive_read(kind, "all")

    def __enter__(self) -> Any:  # noqa: ANN401
        pointer = self._new.__enter__()
        for password in self._passwords:
            self._library.ffi.read_add_passphrase(pointer, password.encode("utf-8", "surrogateescape"))
        self._open(pointer, self._names, _STEP)
        return self._library.read.ArchiveRead(pointer)

    def __exit__(self, *about: object) -> None:
        self._new.__exit__(*about)
