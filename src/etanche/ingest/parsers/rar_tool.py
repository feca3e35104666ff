"""RAR members that libarchive cannot give (under a password, old filters), by rarfile and a program of the system.

1. rarfile reads the headers; the bytes come from `unrar`, `unar` or `7zz` through a pipe.  Nothing is written to disk:
   rarfile's own way round (a temporary archive of one member) is shut, and the sandbox could not write it anyway.
2. Frames as in `seven_zip`.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import rarfile

from etanche.ingest.frames import Frame, RefusalError
from etanche.ingest.parsers import lib_archive
from etanche.ingest.parsers.source import opened

_STEP = 256 << 10
_TRIAL = 1 << 20
_TOOLS = {"unrar": "UNRAR_TOOL", "unar": "UNAR_TOOL", "7zz": "SEVENZIP2_TOOL", "7z": "SEVENZIP_TOOL"}
_FAULTS = (rarfile.Error, OSError, ValueError, KeyError, EOFError, zlib.error)


def by_libarchive(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the frames of every member as libarchive gives them, but for those under a password.

    libarchive before 3.7 gives the encrypted bytes of a RAR 5 as if they were the member's own.
    """
    sources: list[Any] = params.get("paths") or [opened(path, params)]
    try:
        infos = rarfile.RarFile(sources[0], errors="stop").infolist()
    except _FAULTS:
        infos = []
    locked = {info.filename for info in infos if info.needs_password()}
    silent = False
    for header, body in lib_archive.members(path, params):
        silent = header["member"] in locked if "member" in header else silent
        if silent and "end" in header:
            yield {"end": "password" if params["passwords"] else "encrypted"}, b""
        elif not (silent and "data" in header):
            yield header, body


def members(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the frames of every member.  Raises `RefusalError` when the list of members cannot be read."""
    rarfile.HACK_SIZE_LIMIT = 0
    for tool, variable in _TOOLS.items():
        setattr(rarfile, variable, params["tools"].get(tool, "/nonexistent"))
    real = params.get("real") or f"/proc/{os.getpid()}/fd/{path.name}"
    passwords = params["passwords"]
    archive, password = yield from _unlocked(real, passwords)
    for info in archive.infolist():
        if info.is_dir():
            continue
        yield {"member": info.filename, "size": info.file_size, "kind": "file" if info.is_file() else "link"}, b""
        if not info.is_file():
            yield {"end": ""}, b""
            continue
        found = password
        if info.needs_password():
            found = yield from _password(archive, info, [each for each in (password, *passwords) if each])
            if found is None:
                yield {"end": "password" if passwords else "encrypted"}, b""
                continue
        yield from _data(archive, info, found)


def _unlocked(real: str, passwords: list[str]) -> Generator[Frame, None, tuple[Any, str | None]]:
    """Return the archive, and the password that its headers are under.  Raises `RefusalError` when none fits."""
    try:
        archive = rarfile.RarFile(real, errors="stop")
    except _FAULTS:
        raise RefusalError("ingest_archive_damaged") from None
    if archive.infolist() or not archive.needs_password():
        return archive, None
    for password in passwords:
        yield {"beat": 1}, b""
        try:
            archive.setpassword(password)
        except _FAULTS:
            continue
        if archive.infolist():
            return archive, password
    raise RefusalError("ingest_archive_password" if passwords else "ingest_archive_encrypted")


def _password(
    archive: Any,  # noqa: ANN401 - rarfile has no types
    info: Any,  # noqa: ANN401
    passwords: list[str],
) -> Generator[Frame, None, str | None]:
    """Return the first password under which a member begins to unpack."""
    for password in dict.fromkeys(passwords):
        yield {"beat": 1}, b""
        try:
            with archive.open(info, pwd=password) as file:
                if file.read(min(_TRIAL, info.file_size)) or not info.file_size:
                    return password
        except _FAULTS:
            continue
    return None


def _data(archive: Any, info: Any, password: str | None) -> Iterator[Frame]:  # noqa: ANN401
    """Yield the bytes of a member and how it ended."""
    got = 0
    try:
        with archive.open(info, pwd=password) as file:
            while data := file.read(min(_STEP, info.file_size - got)):
                got += len(data)
                yield {"data": 1}, data
    except rarfile.BadRarFile:
        yield {"end": "checksum" if got == info.file_size else "damaged"}, b""
        return
    except _FAULTS:
        yield {"end": "damaged"}, b""
        return
    yield {"end": "" if got == info.file_size else "cut"}, b""
