"""Access databases (MDB, ACCDB) by mdbtools, whose programs run in the sandbox with its bounds.

1. `mdb-tables` names the tables, `mdb-schema` their columns and types, `mdb-export` writes the rows, separated by
   characters that texts do not hold; nothing is quoted, so nothing need be guessed.
2. Doubles come with an exponent and are spelled out; binary values are hexadecimal; booleans TRUE and FALSE.
3. The programs read the file by its descriptor; an Access 97 file's texts are taken for CP1252.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from etanche.ingest.frames import Frame, RefusalError, frame_of
from etanche.ingest.parsers.office.values import number_text

_CELL, _ROW = b"\x1f", b"\x1e"
_STEP = 1 << 20
_MOST_CELL_ROW = 16 << 20
_MOST_RATIO = 64
"""Bytes written per byte of the file: a damaged chain of pages may lead back to where it came from."""
_FLOATS = ("single", "double", "float", "numeric")
_COLUMN = re.compile(r"^\s*\[(.*)\]\s+([A-Za-z][A-Za-z /]*?)\s*(?:\(|,|NOT NULL|$)", re.MULTILINE)


def _program(name: str) -> str:
    found = shutil.which(name, path=os.defpath + ":/usr/local/bin:/opt/homebrew/bin")
    if found is None:
        raise RefusalError("ingest_program_missing", format="Access", program=name, package="mdbtools")
    return found


def _start(arguments: list[str], path: Path) -> subprocess.Popen[bytes]:
    """Start a program of mdbtools; the file's path is its last-but-known argument "@"."""
    descriptor = int(path.name)
    return subprocess.Popen(
        [str(path) if argument == "@" else argument for argument in arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=(descriptor,),
        env={"MDBICONV": "UTF-8", "MDB_JET3_CHARSET": "cp1252", "LC_ALL": "C.UTF-8"},
    )


def _said(arguments: list[str], path: Path) -> str:
    with _start(arguments, path) as process:
        out = process.stdout.read(_MOST_CELL_ROW) if process.stdout else b""
        process.kill()
    return out.decode("utf-8", "replace")


def survey(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield a frame for each table that is not the system's own: its name, its columns and which are floats."""
    del params
    listed = _said([_program("mdb-tables"), "-1", "-t", "table", "@"], path)
    names = [name for name in listed.splitlines() if name]
    if not names and not _said([_program("mdb-ver"), "@"], path).strip():
        raise RefusalError("ingest_table_file_damaged", format="Access")
    for name in names:
        schema = _said([_program("mdb-schema"), "--no-indexes", "--no-relations", "-T", name, "@"], path)
        columns = _COLUMN.findall(schema[schema.find("CREATE TABLE") :])
        floats = [k for k, (_, kind) in enumerate(columns) if kind.strip().lower().startswith(_FLOATS)]
        yield {"table": name, "names": [column for column, _ in columns], "floats": floats}, b""


def rows(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield the rows of table `table`, of `width` cells; what has another number of cells is set aside."""
    arguments = [_program("mdb-export"), "-H", "-Q", "-d", _CELL.decode(), "-R", _ROW.decode(), "-b", "hex", "-B"]
    arguments += ["-D", "%Y-%m-%d", "-T", "%Y-%m-%d %H:%M:%S", "@", params["table"]]
    width, floats, number = params["width"], params["floats"], 1
    carry = b""
    left = path.stat().st_size * _MOST_RATIO + (64 << 20)
    with _start(arguments, path) as process:
        while process.stdout and left > 0 and (data := process.stdout.read(_STEP)):
            left -= len(data)
            *lines, carry = (carry + data).split(_ROW)
            if len(carry) > _MOST_CELL_ROW:
                lines.append(carry)
                carry = b""
            if lines:
                yield _frame(lines, number, width, floats)
                number += len(lines)
        if left <= 0:
            process.kill()
        stopped = process.wait() != 0
    if carry:
        yield {"quarantined": [[number, 0, "cut", len(carry)]]}, carry
    yield {"whole": not stopped and not carry, "read": number - 1}, b""


def _frame(lines: list[bytes], number: int, width: int, floats: list[int]) -> Frame:
    kept: list[list[str]] = []
    places: list[int] = []
    aside: list[tuple[list[Any], bytes]] = []
    for k, line in enumerate(lines):
        cells = line.decode("utf-8", "replace").split(_CELL.decode())
        if len(cells) != width:
            why = "too_few_cells" if len(cells) < width else "too_many_cells"
            aside.append(([number + k, 0, why, len(line)], line))
            continue
        for column in floats:
            cells[column] = number_text(cells[column]) if cells[column] else ""
        kept.append(cells)
        places.append(number + k)
    header: dict[str, Any] = {"quarantined": [item for item, _ in aside]} if aside else {}
    if aside:
        header["lines"] = places
    head, body = frame_of(kept, number, **header)
    return head, body + b"".join(raw for _, raw in aside)
