"""PostgreSQL's own dump formats (`pg_dump -Fc`, `-Ft`, `-Fd`): PostgreSQL's `pg_restore` makes SQL of them.

1. The program is used when it is there; where not, the user is told which one is missing.  Its output is one entry of
   plain SQL, read as it comes: nothing is written.
2. A folder of `-Fd` is read by its `toc.dat`.
3. Bounded memory; a program that fails after the first bytes gives what came before, with a note.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.seekable import local_path

NAME = "pg_custom"
_PROGRAM = "pg_restore"
_DIRECTORY = 3
"""The format's number in a dump's header (pg_backup_archiver.h)."""


def bid(head: Head) -> Bid:
    """Bid on the magic number, at the start or in a tar's first member."""
    if head.data.startswith(b"PGDMP"):
        return Bid(0.95, "magic")
    if head.data.startswith(b"toc.dat\0") and head.data[512:517] == b"PGDMP":
        return Bid(0.95, "tar")
    return Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield the dump as an entry of plain SQL.  Raises `UserError` where the program is missing."""
    program = shutil.which(_PROGRAM)
    if program is None:
        raise UserError(
            "ingest_needs_program",
            ExitCode.UNREADABLE,
            path=entry.shown,
            format="PostgreSQL",
            program=_PROGRAM,
            package="postgresql-client",
        )
    folder = _folder(entry)
    child = entry.child(f"{entry.name}.sql", entry.total)
    child.opener = lambda: _Restored(child, entry, limits, program, folder)
    yield child


def _folder(entry: Entry) -> Path | None:
    """Return the folder that a `toc.dat` of a directory dump stands for."""
    head = entry.head(12)
    # Magic, three bytes of version, sizes of integers and offsets, the format.
    is_folder = entry.plain and entry.name == "toc.dat" and len(head) > 10 and head[10] == _DIRECTORY
    return entry.outer.path.parent if is_folder else None


class _Restored:
    """What the program writes on its standard output."""

    def __init__(self, child: Entry, entry: Entry, limits: Limits, program: str, folder: Path | None) -> None:
        self._entry, self._out = child, 0
        self._stack = ExitStack()
        try:
            path = folder or self._stack.enter_context(local_path(entry, limits))
            self._process = subprocess.Popen(
                [program, "--file=-", "--no-owner", "--no-privileges", str(path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
            )
            resource.prlimit(self._process.pid, resource.RLIMIT_AS, (limits.parser_bytes, limits.parser_bytes))
        except OSError:
            self._stack.close()
            raise self._failed() from None
        except BaseException:
            self._stack.close()
            raise
        self._stack.callback(self._stop)

    def _failed(self) -> UserError:
        shown = self._entry.shown.rpartition("!")[0]
        return UserError("ingest_program_failed", ExitCode.UNREADABLE, path=shown, program=_PROGRAM)

    def _stop(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()

    def read(self, size: int, /) -> bytes:
        """Return the next bytes.  Raises `UserError` when the program fails before it gave any."""
        out = bytearray()
        stdout = self._process.stdout
        while stdout is not None and len(out) < size:
            data = stdout.read(size - len(out))
            if not data:
                if self._process.wait() != 0:
                    if not self._out and not out:
                        raise self._failed()
                    self._entry.note("damaged", bytes=self._out + len(out))
                break
            out += data
        self._out += len(out)
        if self._entry.meter.allow(self._entry.key, self._out, self._entry.total):
            self._entry.note("limit_total", bytes=self._out)
            return b""
        return bytes(out)

    def done(self) -> int:
        """Return the bytes that came."""
        return self._out

    def close(self) -> None:
        """Stop the program."""
        self._stack.close()
