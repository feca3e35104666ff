"""RAR (3 to 5), one file or several volumes: by libarchive in the sandbox, and by a program where it does not get on.

1. libarchive reads all members in one pass, but those that rarfile sees to be encrypted.  What it cannot give (a
   password, an old filter, a member that goes on in a volume it does not find) is asked of `unrar`, `unar` or 7-Zip
   with its RAR module, whichever is installed.
2. Where none is, they are refused by name, and so is what would help.
3. Programs take the password as an argument: other accounts of this machine could see it while they run.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

from etanche.errors import ExitCode, UserError
from etanche.ingest.bids import Bid, Head
from etanche.ingest.entries import Entry
from etanche.ingest.limits import Limits
from etanche.ingest.unpacked import Unpacking

NAME = "rar"
TOOLS = ("unrar", "unar", "7zz", "7z")
_LOCKED = frozenset({"encrypted", "password"})


def bid(head: Head) -> Bid:
    """Bid on the magic number of RAR 3 and 5."""
    return Bid(0.9, "magic") if head.data.startswith(b"Rar!\x1a\x07") else Bid(0, "no_magic")


def tables(entry: Entry, limits: Limits) -> Iterator[Entry]:
    """Yield each member that is a file.  Raises `UserError` when none is found."""
    volumes = [str(path.resolve()) for path in entry.outer.volumes] if not entry.members else []
    passwords = list(entry.meter.passwords)
    first = Unpacking(entry, limits)
    first.run("rar_tool:by_libarchive", {"passwords": passwords, "paths": volumes})
    failed = [member for member in first.members if member.end and not member.limit]
    if not failed and first.stopped is None and not first.cut:
        yield from first.entries()
        return
    locked = not first.members or any(member.end in _LOCKED for member in failed)
    if not passwords and failed and all(member.end in _LOCKED for member in failed) and not first.cut:
        yield from first.entries()
        return
    tools = {tool: found for tool in TOOLS if (found := shutil.which(tool))}
    if not tools:
        yield from first.entries()
        if locked and passwords:
            raise UserError("ingest_needs", ExitCode.UNREADABLE, path=entry.shown, format="RAR", program="unrar")
        return
    second = Unpacking(entry, limits)
    real = volumes[0] if volumes else str(entry.outer.path.resolve()) if entry.plain else ""
    second.run("rar_tool:members", {"passwords": passwords, "tools": tools, "real": real}, memory=True)
    yield from second.better(first).entries()
