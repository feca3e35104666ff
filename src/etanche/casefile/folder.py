"""The case folder: everything that étanche keeps of a leak, and the only way to write it.

Rules, in the order in which they apply:

1. One process at a time: the custody log is locked (`flock`) while a case is open; a killed process frees it.
2. No write without an audit event: the entry is on the disk before the file gets its name.
3. What names people is sealed; what is not sealed carries counts.
4. What an interrupted command left is finished or removed at the next opening, and an entry says so.
5. A folder whose log was tampered with is refused: it is evidence, not a workplace.

    with CaseFolder.create(Path("case"), keys.choose(config, options), config) as case:
        case.seal("rows/00001", part)
        case.log(Event.ROWS_SEALED)
        case.write_result("census.json", data)
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from etanche import __version__
from etanche.casefile import disk, keys
from etanche.casefile.checks import PICTURE, check_tail, inspect, sweep
from etanche.casefile.custody import (
    LOG,
    OLD_LOGS,
    Entry,
    Event,
    Fault,
    Param,
    Verification,
    append,
    cut,
    next_entry,
    read,
)
from etanche.casefile.keys import KeyChoice
from etanche.casefile.parts import Parts
from etanche.casefile.purge import Receipt, purge
from etanche.casefile.summary import Acquisition, Summary, fold
from etanche.config import Config
from etanche.crypto import CryptoError, Identity, Recipient, fingerprint, random_name
from etanche.errors import ExitCode, UserError

KEY = "key.json"
_OWN = frozenset({LOG, PICTURE, KEY, "sealed"})


class CaseFolder:
    """An open case.  Made by `create` or `open`, closed by `close` or by leaving its `with`."""

    def __init__(self, path: Path, config: Config, descriptor: int) -> None:
        self.path = path
        self.summary = Summary()
        self._config = config
        self._descriptor = descriptor
        self._lock = threading.RLock()
        self._last: Entry | None = None
        self._size, self._torn = os.fstat(descriptor).st_size, False
        self.parts = Parts(path, None)

    # -- making, opening, closing ------------------------------------------------------------------------------------

    @staticmethod
    def exists(path: Path) -> bool:
        """Tell whether a folder holds a case, a purged one included."""
        try:
            with (path / LOG).open("rb") as stream:
                return b"\n" in stream.read(64 * 1024)
        except OSError:
            return False

    @classmethod
    def create(
        cls,
        path: Path,
        key: KeyChoice,
        config: Config | None = None,
        acquisition: Acquisition | None = None,
        **facts: Param,
    ) -> Self:
        """Make a case; on any fault nothing that was made stays.

        `facts` go to the first entry of the log.  In the folder of a purged case the old log is kept under another name
        and the new one begins with its head.  Raises `UserError`: a case is there (refused), the folder holds something
        else (refused), the disk.
        """
        config = config or Config()
        previous = _make_room(path)
        with ExitStack() as undo:
            with disk.faults(path):
                for made in _missing(path):
                    undo.callback(_remove_empty, made)
                disk.make_folder(path)
                path.chmod(0o700)
            descriptor = _open_log(path, create=True)
            undo.callback(os.close, descriptor)
            for made in (path / LOG, path / KEY, path / PICTURE):
                undo.callback(_remove_quietly, made)
                undo.callback(_remove_quietly, disk.partial(made))
            case_id = random_name()
            record, forget = key.keep(path, case_id)
            undo.callback(forget)
            with disk.faults(path):
                disk.write(path / KEY, json.dumps(record, indent=2).encode())
            case = cls(path, config, descriptor)
            case.parts = Parts(path, key.identity.recipient)
            told = {"previous": previous} if previous else {}
            case.log(Event.CREATED, case=case_id, key=str(key.way), recipient=record["recipient"], **told, **facts)
            case.log(Event.ACQUIRED, **(acquisition or Acquisition()).params())
            undo.pop_all()
        return case

    @classmethod
    def open(cls, path: Path, config: Config | None = None) -> Self:
        """Open a case and put right what an interrupted command left.

        Raises `UserError`: no case there, another process has it open, the log was tampered with (refused), the disk.
        """
        if not cls.exists(path):
            raise UserError("case_not_found", ExitCode.UNREADABLE, path=str(path))
        descriptor = _open_log(path, create=False)
        case = cls(path, config or Config(), descriptor)
        with ExitStack() as undo:
            undo.callback(os.close, descriptor)
            with disk.faults(path):
                case._restore()
            undo.pop_all()
        return case

    def close(self, keep: bool = True) -> None:
        """Close the case; parts that were sealed and not logged are committed (`keep`) or removed."""
        if self._descriptor < 0:
            return
        try:
            pending = frozenset(self.parts.pending())
            if pending and keep:
                self.log(Event.ROWS_SEALED)
            elif pending:
                with suppress(OSError):  # what is left goes at the next opening; the fault that led here matters more
                    self.parts.remove(pending)
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(keep=kind is None)

    # -- the log -----------------------------------------------------------------------------------------------------

    def log(self, event: Event, /, **params: Param) -> Entry:
        """Add an entry to the custody log; it is on the disk when this returns.

        `ROWS_SEALED` also commits every part sealed since the last one, and counts them (`parts`, `bytes`).
        """
        with self._lock:
            if event is Event.ROWS_SEALED:
                return self.commit(event, frozenset(), **params)
            return self._append(event, params)

    def head(self) -> str:
        """Return the hash of the last entry, which vouches for all of them: it is printed in every report."""
        return self.summary.head

    def verify(self, head: str | None = None) -> Verification:
        """Check the chain, every result and every sealed part; `head`, from a report, must be among the hashes."""
        with disk.faults(self.path):
            return inspect(self.path, self.summary, self.parts, head)

    # -- results and parts -------------------------------------------------------------------------------------------

    def write_result(self, name: str, data: bytes, private: bool = False) -> None:
        """Write a result, at once and with its entry (name, SHA-256, bytes).

        `private`: it names people; it is sealed as the part `results/NAME` and goes with `purge --data`.
        """
        with self._lock:
            if private:
                part = f"results/{name}"
                if part in self.parts.names(part):
                    self._drop(frozenset({part}), name)
                self.parts.put(part, data)
                self.commit(Event.RESULT_WRITTEN, frozenset(), name=name, private=1)
                return
            if name.split("/", maxsplit=1)[0] in _OWN:
                msg = f"a name of the case folder itself: {name}"
                raise ValueError(msg)
            path = self.path / disk.checked(name)
            with disk.faults(path):
                disk.make_folder(path.parent)
                staged = disk.stage(path, data)
            self._append(Event.RESULT_WRITTEN, {"name": name, "sha256": fingerprint(data), "size": len(data)}, staged)

    def seal(self, name: str, data: bytes) -> None:
        """Compress and encrypt one part, such as "rows/00001", from any thread; `ROWS_SEALED` makes it count."""
        self.parts.put(name, data)

    def unseal(self, name: str, identity: Identity) -> bytes:
        """Return a part; `UserError` for a wrong key (refused) or a part that was changed, swapped, cut or removed."""
        return self.parts.get(name, identity)

    def sealed(self, prefix: str = "") -> list[str]:
        """Return the names of the sealed parts that begin with `prefix`, sorted."""
        return self.parts.names(prefix)

    def discard(self, prefix: str) -> None:
        """Remove the parts that begin with `prefix` and log it: a command that starts again writes them anew."""
        with self._lock:
            names = frozenset(self.parts.names(prefix))
            if names:
                self._drop(names, prefix)

    # -- hold and purge ----------------------------------------------------------------------------------------------

    def hold(self, reason: str, by: str) -> None:
        """Place the case under legal hold: nothing of it may be destroyed until `release`."""
        self.log(Event.HELD, reason=reason, held_by=by)

    def release(self, reason: str, by: str) -> None:
        """Lift the legal hold."""
        self.log(Event.RELEASED, reason=reason, released_by=by)

    def purge(self, data_only: bool) -> Receipt:
        """Destroy people's data (`data_only`) or the whole case; see `purge.py`.  `UserError` (refused) under hold."""
        with self._lock:
            return purge(self, data_only)

    def key_record(self) -> dict[str, Any] | None:
        """Return `key.json`: how the key is kept (never the key itself); None once destroyed."""
        return keys.read_record(self.path)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _append(
        self,
        event: Event,
        params: dict[str, Param],
        staged: Path | None = None,
        logged: Callable[[], None] = lambda: None,
    ) -> Entry:
        """Log an entry, then give the staged file its name; on a fault of the log it is removed.

        Once logged (`logged` is called) the entry counts: a fault after it is put right at the next opening.
        """
        if self.summary.purged:
            raise UserError("case_purged", ExitCode.REFUSED, path=str(self.path), time=self.summary.purged)
        if self._torn:
            raise UserError("case_disk", ExitCode.FAILED, path=str(self.path), error="EIO")
        entry = next_entry(self._last, event, self._config.now(), __version__, self._config.operator, params)
        try:
            with disk.faults(self.path):
                append(self._descriptor, entry)
        except UserError:
            if staged:
                _remove_quietly(staged)
            # a log that could not be put back: only the next opening knows what it holds
            self._torn = os.fstat(self._descriptor).st_size != self._size
            raise
        self._last, self._size = entry, os.fstat(self._descriptor).st_size
        self.summary.add(entry)
        logged()
        if staged:
            with disk.faults(self.path):
                disk.settle(staged)
        self._draw()
        return entry

    def _drop(self, names: frozenset[str], prefix: str) -> None:
        """Log that parts are no longer part of the case, then remove them."""
        self.commit(Event.DISCARDED, names, prefix=prefix, discarded=len(names))
        with disk.faults(self.path):
            self.parts.remove(names)

    def commit(self, event: Event, drop: frozenset[str], /, **params: Param) -> Entry:
        """Log an entry together with the manifest of the parts, those of `drop` left out."""
        pending = frozenset(self.parts.pending()) - drop
        counted: dict[str, Param] = {"parts": len(pending), "bytes": self.parts.size(pending)} if pending else {}
        staged, digest, listed = self.parts.stage(drop)
        return self._append(
            event, {**counted, **params, "manifest": digest}, staged, lambda: self.parts.settled(listed, drop)
        )

    def _draw(self) -> None:
        """Write `case.json`, unless purged.  It is made again from the log: a full disk here costs nothing."""
        if self.summary.purged:
            return
        data = json.dumps(self.summary.picture(), indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
        with suppress(OSError):
            disk.stage(self.path / PICTURE, data, flush=False).replace(self.path / PICTURE)

    def _restore(self) -> None:
        """Bring the folder to what its log says."""
        data = (self.path / LOG).read_bytes()
        entries, found = read(data)
        if found.fault not in {None, Fault.CUT}:
            raise UserError("case_tampered", ExitCode.REFUSED, path=str(self.path / LOG), entry=found.seq or 0)
        try:
            self.summary = fold(entries)
        except (KeyError, TypeError, AttributeError):
            # a chain that was rebuilt by hand, with entries that étanche does not write
            raise UserError("case_tampered", ExitCode.REFUSED, path=str(self.path / LOG), entry=0) from None
        self._last = entries[-1] if entries else None
        check_tail(self.path, entries)
        if found.fault is Fault.CUT:
            size, digest = cut(self._descriptor, data)
            self._size = os.fstat(self._descriptor).st_size
            self._append(Event.LOG_REPAIRED, {"bytes": size, "sha256": digest})
        if self.summary.purging == "all":
            purge(self, data_only=False, resumed=True)
        if self.summary.purged:
            return
        record = self.key_record()
        self.parts = Parts(self.path, _recipient(record) if record else None)
        finished, removed = sweep(self.path, self.summary, self.parts)
        self.parts.load(self.summary.manifest)
        for orphan in self.parts.orphans():
            disk.remove(orphan)
            removed += 1
        if finished or removed:
            self._append(Event.RECOVERED, {"finished": finished, "removed": removed})
        if self.summary.purging == "data":
            purge(self, data_only=True, resumed=True)
        self._draw()


def _open_log(path: Path, create: bool) -> int:
    """Open and lock the log of a case; `UserError` when another process has it."""
    with disk.faults(path / LOG):
        flags = os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
        descriptor = os.open(path / LOG, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise UserError("case_busy", ExitCode.FAILED, path=str(path)) from None
    return descriptor


def _make_room(path: Path) -> str | None:
    """Make sure that a case can be made at `path`; return the head of the purged case that was there."""
    if CaseFolder.exists(path):
        with CaseFolder.open(path) as old:
            if old.summary.purged is None:
                raise UserError("case_exists", ExitCode.REFUSED, path=str(path))
            number = len(list(path.glob(OLD_LOGS))) + 1
            (path / LOG).rename(path / f"custody-{number:04}.jsonl")
    if not os.path.lexists(path):
        return None
    with disk.faults(path):
        inside = {each.name for each in path.iterdir()}
    old_logs = sorted(name for name in inside if fnmatchcase(name, OLD_LOGS))
    # what a creation that was killed leaves: nothing in it is worth keeping, and its log has no entry
    leftovers = {LOG, KEY, PICTURE, disk.partial(path / KEY).name, disk.partial(path / PICTURE).name, *old_logs}
    if not inside <= leftovers or (inside and not old_logs and LOG not in inside):
        raise UserError("case_not_empty", ExitCode.REFUSED, path=str(path))
    return read((path / old_logs[-1]).read_bytes())[1].head if old_logs else None


def _recipient(record: dict[str, Any]) -> Recipient:
    try:
        return Recipient(record["recipient"])
    except CryptoError:
        raise UserError("key_record", ExitCode.REFUSED, path=KEY) from None


def _missing(path: Path) -> list[Path]:
    """Return the folders that making `path` will make, outermost first."""
    return [folder for folder in reversed([path, *path.parents]) if not folder.is_dir()]


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _remove_quietly(file: Path) -> None:
    with suppress(OSError):
        file.unlink()
