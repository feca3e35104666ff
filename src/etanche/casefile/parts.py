"""Sealed parts: rows, quarantine and letters, compressed, encrypted, and named by a manifest that the log vouches for.

Rules, in the order in which they apply:

1. A part is compressed (zstd level 1), sealed to the case's recipient, flushed to the disk: never plaintext on the way.
2. A part counts once a manifest names it with its hash, and an entry of the log holds the manifest's hash: anyone can
   seal to a recipient, so that the seal alone does not tell whose part it is, or which.
3. A part that no manifest names was left by an interrupted command: it goes at the next opening.
4. A committed part is never written over.

Layout: `sealed/rows/00001.age`, …, `sealed/manifest.json`.  A part can be opened without étanche:
`age -d -i KEY sealed/rows/00001.age | zstd -d`.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

import zstandard

from etanche.casefile import disk
from etanche.crypto import CryptoError, Identity, Recipient, WrongKeyError, canonical, fingerprint, seal, unseal
from etanche.errors import ExitCode, UserError

MAX_PART = 256 * 1024**2
"""Bytes of one part before compression; 32 to 64 MiB is what parts are meant to be."""
KEPT = ("register/", "decisions/", "receipts/", "census/")
"""Names that `purge --data` leaves: every other part is people's data."""

_LEVEL = 1
_SUFFIX = ".age"


class Parts:
    """The sealed parts of one case.  `put` may be called from any thread."""

    def __init__(self, case: Path, recipient: Recipient | None) -> None:
        self.folder = case / "sealed"
        self.manifest = self.folder / "manifest.json"
        self._recipient = recipient
        self._lock = threading.Lock()
        self._lost = False
        self._known: dict[str, tuple[str, int]] = {}
        self._pending: dict[str, tuple[str, int]] = {}

    def load(self, sha256: str | None) -> None:
        """Read the manifest whose hash the log holds.

        When it is gone or another, the case still opens, to be checked and purged: no part is trusted, none is taken
        for an orphan, and none can be added.
        """
        if sha256 is None:
            return
        try:
            data = self.manifest.read_bytes()
        except OSError:
            data = b""
        known = _listed(data) if fingerprint(data) == sha256 else None
        self._lost, self._known = known is None, known or {}

    def put(self, name: str, data: bytes) -> None:
        """Seal one part.  `ValueError` for a name that is taken or a part too large; `UserError` of the disk."""
        path = self.path(name)
        if len(data) > MAX_PART:
            msg = f"a part holds at most {MAX_PART} bytes"
            raise ValueError(msg)
        self._check_manifest()
        if self._recipient is None:
            raise UserError("case_data_purged", ExitCode.REFUSED)
        with self._lock:
            if name in self._known:
                msg = f"a committed part is never written over: {name}"
                raise ValueError(msg)
        sealed = seal(zstandard.ZstdCompressor(level=_LEVEL).compress(data), self._recipient)
        digest = fingerprint(sealed)
        with disk.faults(path):
            disk.make_folder(path.parent)
            disk.write(path, sealed)
        with self._lock:
            self._pending[name] = (digest, len(sealed))

    def get(self, name: str, identity: Identity) -> bytes:
        """Open one part; `UserError`: refused for another key, failed for a part changed, cut or missing."""
        self._check_manifest()
        known = self._pending.get(name) or self._known.get(name)
        if known is None:
            raise UserError("case_part_missing", ExitCode.FAILED, part=name)
        path = self.path(name)
        if not path.is_file():
            raise UserError("case_part_missing", ExitCode.FAILED, part=name)
        with disk.faults(path):
            sealed = path.read_bytes()
        if fingerprint(sealed) != known[0]:
            raise UserError("case_part_damaged", ExitCode.FAILED, part=name)
        try:
            return _expand(unseal(sealed, identity))
        except WrongKeyError:
            raise UserError("key_wrong", ExitCode.REFUSED) from None
        except (CryptoError, zstandard.ZstdError):
            raise UserError("case_part_damaged", ExitCode.FAILED, part=name) from None

    def names(self, prefix: str = "") -> list[str]:
        """Return the names of the parts that begin with `prefix`, sorted."""
        return sorted(name for name in {**self._known, **self._pending} if name.startswith(prefix))

    def pending(self) -> Mapping[str, tuple[str, int]]:
        """Return what was put since the last manifest: hash and bytes by name."""
        with self._lock:
            return dict(self._pending)

    def stage(self, drop: frozenset[str] = frozenset()) -> tuple[Path, str, dict[str, tuple[str, int]]]:
        """Write the next manifest under its partial name, without `drop`; return it, its hash, its content."""
        with self._lock:
            listed = {name: part for name, part in {**self._known, **self._pending}.items() if name not in drop}
        data = canonical({name: list(part) for name, part in listed.items()})
        with disk.faults(self.manifest):
            disk.make_folder(self.folder)
            return disk.stage(self.manifest, data), fingerprint(data), listed

    def settled(self, listed: dict[str, tuple[str, int]], drop: frozenset[str] = frozenset()) -> None:
        """Take note that the manifest `listed` counts; what another thread put meanwhile stays pending."""
        with self._lock:
            self._known = listed
            self._lost = False
            self._pending = {
                name: part for name, part in self._pending.items() if name not in drop and listed.get(name) != part
            }

    def remove(self, names: frozenset[str]) -> None:
        """Remove the files of parts, and the folders that this leaves empty."""
        self.remove_files(map(self.path, names))

    @staticmethod
    def remove_files(files: Iterable[Path]) -> None:
        """Remove files, and the folders that this leaves empty."""
        files = list(files)
        for file in files:
            disk.remove(file)
        for folder in {file.parent for file in files}:
            with suppress(OSError):
                folder.rmdir()

    def size(self, names: frozenset[str]) -> int:
        """Return the bytes of parts, as they were written."""
        with self._lock:
            return sum(size for name, (_, size) in {**self._known, **self._pending}.items() if name in names)

    def close(self) -> None:
        """Seal nothing more: the key is gone."""
        self._recipient = None

    def forget(self) -> None:
        """Know of no part any more: the folder is gone."""
        with self._lock:
            self._recipient, self._known, self._pending = None, {}, {}

    def orphans(self) -> list[Path]:
        """Return the files under `sealed/` that no manifest names."""
        kept = {self.path(name) for name in self._known}
        return [] if self._lost else [path for path in self.files() if path not in kept]

    def files(self) -> list[Path]:
        """Return every file under `sealed/` but the manifest, known or not."""
        if not self.folder.is_dir():
            return []
        found = (path for path in self.folder.rglob("*") if path.is_symlink() or not path.is_dir())
        return sorted(path for path in found if path != self.manifest)

    def data_files(self) -> list[Path]:
        """Return every file under `sealed/` that may hold people's data: all but those of `KEPT` and the manifest."""
        return [path for path in self.files() if is_data(path.relative_to(self.folder).as_posix())]

    def damaged(self) -> str | None:
        """Return the first part whose file is not the one that was committed."""
        if self._lost:
            return self.manifest.name
        for name, (digest, _) in sorted(self._known.items()):
            try:
                if fingerprint(self.path(name).read_bytes()) == digest:
                    continue
            except OSError:
                pass
            return name
        return None

    def _check_manifest(self) -> None:
        if self._lost:
            raise UserError("case_part_damaged", ExitCode.FAILED, part=self.manifest.name)

    def path(self, name: str) -> Path:
        """Return the file of a part."""
        return self.folder / f"{disk.checked(name)}{_SUFFIX}"


def is_data(name: str) -> bool:
    """Tell whether a part is people's data, which `purge --data` destroys."""
    return not name.startswith(KEPT)


def _listed(data: bytes) -> dict[str, tuple[str, int]] | None:
    """Return what a manifest lists, None when it is none: a chain made by somebody hostile may vouch for anything."""
    try:
        return {disk.checked(name): (str(digest), int(size)) for name, (digest, size) in json.loads(data).items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _expand(data: bytes) -> bytes:
    """Return the content of a zstd frame, which states its size: one that states too much is not opened."""
    size = zstandard.get_frame_parameters(data).content_size
    if size > MAX_PART:
        raise zstandard.ZstdError("frame too large")
    return zstandard.ZstdDecompressor().decompress(data, max_output_size=max(size, 1))
