"""7z by py7zr, in the sandbox: members in the archive's own order, each block of the archive unpacked once.

1. Frames: `{"member": name, "size": n, "kind": "file" | "link"}`, then `{"data": 1}` with bytes, then `{"end": code}`.
   Codes: empty, `damaged`, `checksum`, `encrypted` (no password given), `password` (none fits), `method`.
2. A block ("folder" in the format's words) that is damaged ends with the member in which the damage stands: those after
   it in the block are `damaged` too, and the next block goes on.
3. Passwords are tried on the list of members, where that is encrypted, else on the first member that is.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from py7zr import SevenZipFile
from py7zr.exceptions import ArchiveError, PasswordRequired, UnsupportedCompressionMethodError

from etanche.ingest.frames import Frame, RefusalError
from etanche.ingest.parsers.source import opened

_STEP = 1 << 20
_TRIAL = 16 << 20
_FAULTS = (
    ArchiveError,
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    AssertionError,
    zlib.error,
    RuntimeError,
)


def members(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the frames of every member.  Raises `RefusalError` when the list of members cannot be read."""
    passwords = params["passwords"]
    with opened(path, params) as file:
        archive, fits = yield from _unlocked(file, passwords)
        if archive is None:
            raise RefusalError("ingest_archive_damaged")
        streams = getattr(archive.header, "main_streams", None)
        blocks = streams.unpackinfo.folders if streams is not None else []
        positions = streams.packinfo.packpositions if streams is not None else []
        for block, position in zip(blocks, positions, strict=False):
            yield from _block(file, archive, block, archive.afterheader + position, "" if fits else _locked(passwords))


def _locked(passwords: list[str]) -> str:
    return "password" if passwords else "encrypted"


def _unlocked(file: Any, passwords: list[str]) -> Generator[Frame, None, tuple[Any, bool]]:  # noqa: ANN401 - py7zr has no types
    """Return the archive opened with the password that fits (or any), and whether one does.

    The frames say that the parser is alive: a try takes some tenths of a second on purpose.
    """
    last = None
    damaged = False
    for password in (None, *passwords):
        yield {"beat": 1}, b""
        file.seek(0)
        try:
            archive = SevenZipFile(file, "r", password=password)
        except PasswordRequired:
            continue
        except UnsupportedCompressionMethodError:
            raise RefusalError("ingest_archive_method") from None
        except _FAULTS:
            damaged = damaged or password is None
            continue
        locked = bool(archive.password_protected or archive.needs_password())
        if not locked or (password is not None and _fits(file, archive)):
            return archive, True
        last = last or archive
    if last is None and not damaged:
        raise RefusalError("ingest_archive_password" if passwords else "ingest_archive_encrypted")
    return last, False


def _fits(file: Any, archive: Any) -> bool:  # noqa: ANN401
    """Tell whether the first member of the first encrypted block unpacks, to its checksum where it is small."""
    streams = archive.header.main_streams
    for block, position in zip(streams.unpackinfo.folders, streams.packinfo.packpositions, strict=False):
        if not archive_is_locked(block) or not block.files:
            continue
        first = next((each for each in block.files if not each.emptystream), None)
        if first is None:
            continue
        file.seek(archive.afterheader + position)
        crc = size = 0
        try:
            for data in _unpacked(file, first):
                crc, size = zlib.crc32(data, crc), size + len(data)
                if size > _TRIAL:
                    break
        except _FAULTS:
            fits = False
        else:
            fits = size > _TRIAL or first.crc32 is None or first.crc32 == crc
        first.folder.decompressor = None
        return fits
    return True


def archive_is_locked(block: Any) -> bool:  # noqa: ANN401
    """Tell whether a block is encrypted (method 06F10701, 7zAES)."""
    return any(coder["method"] == b"\x06\xf1\x07\x01" for coder in block.coders)


def _unpacked(file: Any, member: Any) -> Iterator[bytes]:  # noqa: ANN401
    """Yield the bytes of a member, the file standing where its block's packed bytes go on."""
    engine = member.folder.get_decompressor(member.compressed)
    left = member.uncompressed
    idle = 0
    while left > 0:
        at = file.tell()
        data = engine.decompress(file, min(left, _STEP))
        if data:
            idle = 0
            left -= len(data)
            yield data
        elif file.tell() == at:
            idle += 1
            if idle > 1:
                raise EOFError


def _block(file: Any, archive: Any, block: Any, start: int, locked: str) -> Iterator[Frame]:  # noqa: ANN401, ARG001
    """Yield the frames of a block's members."""
    file.seek(start)
    broken = locked if archive_is_locked(block) else ""
    for member in block.files or ():
        if member.is_directory or member.emptystream:
            continue
        link = member.is_symlink or member.is_junction or member.is_socket
        yield {"member": member.filename, "size": member.uncompressed, "kind": "link" if link else "file"}, b""
        crc = 0
        if not broken:
            try:
                for data in _unpacked(file, member):
                    crc = zlib.crc32(data, crc)
                    if not link:
                        yield {"data": 1}, bytes(data)
            except (UnsupportedCompressionMethodError, NotImplementedError):
                broken = "method"
            except _FAULTS:
                broken = "damaged"
        wrong = member.crc32 is not None and crc != member.crc32
        yield {"end": broken or ("checksum" if wrong else "")}, b""


def carve(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield what can be unpacked of an archive that was cut off, and its list of members with it.

    The packed bytes begin at a fixed place, and the usual ways of packing (LZMA2, LZMA, bzip2, none) tell themselves;
    names and borders of members do not, so that all of it is one member.
    """
    with opened(path, params) as file:
        file.seek(_START)
        engine = _engine(file.read(_LOOK), params["window"])
        if engine is None:
            raise RefusalError("ingest_archive_damaged")
        yield {"member": params["name"], "size": 0, "kind": "file"}, b""
        file.seek(_START)
        while data := file.read(_SMALL):
            try:
                out = engine.decompress(data)
            except _FAULTS:
                break
            while out:
                yield {"data": 1}, out[:_STEP]
                out = out[_STEP:]
            if engine.eof:
                break
        yield {"end": "cut"}, b""


_START = 32
_LOOK = 4096
_SMALL = 4096
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0c\x1a\x1b")


class _Stored:
    """No packing."""

    eof = False

    def decompress(self, data: bytes) -> bytes:
        """Return the bytes."""
        return data


def _engine(head: bytes, window: int) -> Any:  # noqa: ANN401
    """Return what unpacks bytes that begin so, None when nothing does."""
    kinds: list[dict[str, Any]] = []
    if head[:1] == b"\x01" or head[:1] >= b"\xe0":
        kinds.append({"id": lzma.FILTER_LZMA2, "dict_size": window // 2})
    if head[:1] == b"\0":
        kinds.append({"id": lzma.FILTER_LZMA1, "dict_size": window // 2, "lc": 3, "lp": 0, "pb": 2})
    for kind in kinds:
        try:
            if lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[kind]).decompress(head):
                return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[kind])
        except _FAULTS:
            continue
    if head.startswith(b"BZh"):
        return bz2.BZ2Decompressor()
    controls = sum(1 for byte in head if byte < 32 and byte not in _TEXT_CONTROLS)
    return _Stored() if head and not controls else None
