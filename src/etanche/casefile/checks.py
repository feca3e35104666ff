"""Whether a case folder is what its log says, and bringing it there after a crash."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from etanche.casefile import disk
from etanche.casefile.custody import LOG, Entry, Fault, Verification, read
from etanche.casefile.parts import Parts
from etanche.casefile.summary import Summary
from etanche.crypto import GENESIS, fingerprint
from etanche.errors import ExitCode, UserError

PICTURE = "case.json"


def inspect(path: Path, summary: Summary, parts: Parts, head: str | None) -> Verification:
    """Check the chain, then every result and every sealed part; `head`, from a report, must be one of its hashes."""
    entries, found = read((path / LOG).read_bytes())
    if not found.ok:
        return found
    heads = {GENESIS, *(entry.hash for entry in entries)}
    if (head is not None and head not in heads) or summary.head != found.head:
        return Verification(found.entries, found.head, Fault.TAIL_MISSING, found.entries + 1)
    fault, file = (None, None) if summary.purged else _first_wrong(path, summary, parts)
    return Verification(found.entries, found.head, fault, file=file)


def _first_wrong(path: Path, summary: Summary, parts: Parts) -> tuple[Fault | None, str | None]:
    """Return what is wrong with the first result or part that is not as it was written, and its name."""
    for name, written in summary.results.items():
        try:
            if fingerprint((path / name).read_bytes()) != written.sha256:
                return Fault.FILE_CHANGED, name
        except OSError:
            return Fault.FILE_MISSING, name
    damaged = parts.damaged()
    return (Fault.FILE_CHANGED if damaged else None), damaged


def check_tail(path: Path, entries: Sequence[Entry]) -> None:
    """Refuse a log that stops before the head that `case.json` knows."""
    try:
        head = json.loads((path / PICTURE).read_bytes())["head"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    if head not in {GENESIS, *(entry.hash for entry in entries)}:
        raise UserError("case_tampered", ExitCode.REFUSED, path=str(path / LOG), entry=len(entries) + 1)


def sweep(path: Path, summary: Summary, parts: Parts) -> tuple[int, int]:
    """Give the files that the log vouches for their names, remove the other partial ones; return how many of each."""
    vouched = {path / name: written.sha256 for name, written in summary.results.items()}
    if summary.manifest:
        vouched[parts.manifest] = summary.manifest
    left = disk.partials(path)
    finished = 0
    for file in left:
        if vouched.get(disk.whole(file)) == fingerprint(file.read_bytes()):
            disk.settle(file)
            finished += 1
        else:
            disk.remove(file)
    return finished, len(left) - finished
