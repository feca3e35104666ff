"""Destroying people's data, or the whole case, so that kill -9 halfway is finished at the next opening.

Rules, in the order in which they apply:

1. Under legal hold nothing is destroyed (refused).
2. The intent is logged first, the key goes first, the files next, the fact is logged last.
3. `--data`: every sealed part goes (rows, quarantine, letters, private results) but those of `parts.KEPT`; the log, the
   census, the reports, the register and the receipts stay.  The key is destroyed when nothing sealed is left to it.
4. A whole purge leaves the custody log, and nothing else: it names no person, and it proves the destruction
   (GDPR art. 5(2)).
5. What was on a disk may survive in its spare blocks, backups and snapshots: overwriting does not reach them, and is
   not promised.  What survives there is encrypted, and the key is what was destroyed (NIST SP 800-88, "cryptographic
   erase").
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from etanche.casefile import disk, keys
from etanche.casefile.custody import Event, is_log
from etanche.casefile.parts import is_data
from etanche.errors import ExitCode, UserError

if TYPE_CHECKING:
    from etanche.casefile.folder import CaseFolder


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a purge did, for the user to keep: it stands in the custody log under `seq` and `head`."""

    time: str
    seq: int
    head: str
    files: int
    bytes: int
    key_destroyed: bool
    """False: still needed, in a file that the user named, or in a keyring that did not answer."""
    key_needed: bool
    """The key was left since it opens what stays (`parts.KEPT`)."""
    key_file: Path | None
    """The key file that is left to the user."""


def purge(case: CaseFolder, data_only: bool, resumed: bool = False) -> Receipt:
    """Destroy the data of a case (`data_only`) or all of it; `resumed`: a purge begun before is finished."""
    summary = case.summary
    if summary.hold is not None and not resumed:
        raise UserError("case_held", ExitCode.REFUSED, reason=str(summary.hold.get("reason", "")))
    if summary.purged is not None:
        raise UserError("case_purged", ExitCode.REFUSED, path=str(case.path), time=summary.purged)
    if not resumed:
        case.log(Event.PURGE_BEGUN, scope="data" if data_only else "all")
    return _purge_data(case) if data_only else _purge_all(case)


def _purge_data(case: CaseFolder) -> Receipt:
    names = frozenset(name for name in case.parts.names() if is_data(name))
    record = case.key_record()
    needed = not names.issuperset(case.parts.names())
    destroyed = record is None or (not needed and _destroy_key(case))
    size = case.parts.size(names)
    with disk.faults(case.path):
        case.parts.remove_files(case.parts.data_files())
        disk.sync_folder(case.path)
    entry = case.commit(Event.DATA_PURGED, names, files=len(names), bytes=size, key_destroyed=int(destroyed))
    left = None if destroyed else keys.kept_file(case.path)
    return Receipt(entry.time, entry.seq, entry.hash, len(names), size, destroyed, needed, left)


def _purge_all(case: CaseFolder) -> Receipt:
    record = case.key_record()
    left = keys.kept_file(case.path)
    destroyed = record is None or _destroy_key(case)
    files = size = 0
    with disk.faults(case.path):
        for path in sorted(case.path.iterdir()):
            if not is_log(path.name):
                size += sum(each.stat().st_size for each in [path, *path.rglob("*")] if each.is_file())
                files += disk.remove(path)
        disk.sync_folder(case.path)
    case.parts.forget()
    entry = case.log(Event.PURGED, files=files, bytes=size, key_destroyed=int(destroyed))
    return Receipt(entry.time, entry.seq, entry.hash, files, size, destroyed, False, None if destroyed else left)


def _destroy_key(case: CaseFolder) -> bool:
    """Destroy the key and its record; when it is not ours to destroy, leave the record to name it."""
    record = case.key_record()
    if record is None or not keys.destroy(case.path, case.summary.case_id, record):
        return False
    with disk.faults(case.path):
        disk.remove(case.path / "key.json")
        disk.sync_folder(case.path)
    case.parts.close()
    return True
