"""Where the key of a case is kept, chosen once when the case is made.

Rules, in the order in which they apply; nothing ever waits for an answer when there is nobody to give it:

1. `--key-file`, else `ETANCHE_KEY_FILE`: the file's key, made when the file is not there.
2. `ETANCHE_PASSPHRASE`: a new key, wrapped by it, in the case folder.
3. The system keyring, when a real one answers.
4. Somebody at a terminal: a passphrase is asked for; an empty answer declines.
5. Otherwise a new key in `DIR.key`, a file next to the case folder (never inside: who copies the folder must not get
   the key with it).

What losing the key means is said once, when it is made (`KeyChoice.notices`).
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etanche.casefile import disk, ring
from etanche.crypto import CryptoError, Identity, generate, unwrap, wrap
from etanche.errors import ExitCode, UserError
from etanche.model import Reason

if TYPE_CHECKING:
    from etanche.casefile.folder import CaseFolder
    from etanche.config import Config

FORMAT = "etanche-key/1"
_MAX_KEY_FILE = 16 * 1024


class Way(StrEnum):
    """Where a key is kept."""

    FILE = "file"
    """In a file that the user named."""
    PASSPHRASE = "passphrase"  # noqa: S105 - the name of a way
    KEYRING = "keyring"
    BESIDE = "beside"
    """In `DIR.key`, next to the case folder."""


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """What the command line says about keys."""

    key_file: Path | None = None
    ask: Callable[[bool], str] | None = field(default=None, repr=False)
    """Asks for a passphrase on the terminal (true: a new one, typed twice); None when nobody is there."""


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """The key of a case to be made, and where it will be kept."""

    way: Way
    identity: Identity
    file: Path | None = None
    made: bool = True
    """False for a key file that was there before."""
    prompt: bool = False
    passphrase: str | None = field(default=None, repr=False)

    def keep(self, case: Path, case_id: str) -> tuple[dict[str, Any], Callable[[], object]]:
        """Keep the key; return the record for `key.json` and what undoes the keeping.

        Raises `UserError` when the keyring refuses or the file cannot be written.
        """
        record = {"format": FORMAT, "way": str(self.way), "recipient": self.identity.recipient.text}
        match self.way:
            case Way.PASSPHRASE:
                return {**record, "wrapped": wrap(self.identity, self.passphrase or "")}, lambda: None
            case Way.KEYRING:
                if not ring.put(case_id, self.identity.secret(), self.prompt):
                    raise UserError("key_keyring_refused", ExitCode.FAILED)
                return record, lambda: _forget(case_id, self.prompt)
            case Way.BESIDE:
                file = _make_beside(case, self.identity)
                return {**record, "file": os.path.join("..", file.name)}, lambda: _unlink(file)  # noqa: PTH118
        file = (self.file or case).absolute()
        if self.made:
            _make_key_file(file, self.identity)
        return {**record, "file": str(file)}, (lambda: _unlink(file)) if self.made else (lambda: None)

    def notices(self, case: Path) -> tuple[Reason, ...]:
        """Return what to tell the user, once: where the key is and what losing it means (`casefile.toml`, `key`)."""
        if self.way is Way.BESIDE:
            return (Reason("beside", (("path", str(kept_file(case) or beside(case))),)),)
        if self.way is not Way.FILE:
            return (Reason(str(self.way)),)
        file = (self.file or case).absolute()
        said = [Reason("file_made" if self.made else "file", (("path", str(file)),))]
        if file.exists() and file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            said.append(Reason("file_open", (("path", str(file)),)))
        return tuple(said)


def choose(config: Config, options: KeyOptions) -> KeyChoice:
    """Return the key for a new case, by the rules of this module.  Nothing is written yet."""
    prompt = options.ask is not None
    file = options.key_file or config.key_file
    if file is not None:
        if os.path.lexists(file):
            return KeyChoice(Way.FILE, read_key_file(file), file=file, made=False)
        return KeyChoice(Way.FILE, generate(), file=file)
    if config.passphrase:
        return KeyChoice(Way.PASSPHRASE, generate(), passphrase=config.passphrase)
    if config.keyring and ring.backend(prompt):
        return KeyChoice(Way.KEYRING, generate(), prompt=prompt)
    passphrase = options.ask(True) if options.ask else ""
    if passphrase:
        return KeyChoice(Way.PASSPHRASE, generate(), passphrase=passphrase)
    return KeyChoice(Way.BESIDE, generate())


def unlock(case: CaseFolder, config: Config, options: KeyOptions) -> Identity:
    """Return the key of a case; `UserError` (refused) when it is missing or another.

    A key file named by the user is tried whatever the way, so that a saved copy of the key always serves.
    """
    record = case.key_record()
    if case.summary.key_destroyed or record is None:
        raise UserError("key_destroyed", ExitCode.REFUSED)
    file = options.key_file or (config.key_file if record["way"] in {Way.FILE, Way.BESIDE} else None)
    identity = read_key_file(file) if file else _by_way(case, record, config, options)
    if identity.recipient.text != record["recipient"]:
        raise UserError("key_wrong", ExitCode.REFUSED)
    return identity


def destroy(case: Path, case_id: str, record: dict[str, Any]) -> bool:
    """Destroy the key if it is this case's alone; false for a file that the user named, or a silent keyring."""
    match record["way"]:
        case Way.KEYRING:
            return ring.delete(case_id, prompt=False)
        case Way.BESIDE:
            return _unlink_own(_resolve(case, record), record)
    return bool(record["way"] == Way.PASSPHRASE)


def beside(case: Path) -> Path:
    """Return the first free name for a key file next to a case folder."""
    case = case.absolute()
    file, number = case.with_name(f"{case.name}.key"), 1
    while os.path.lexists(file):
        number += 1
        file = case.with_name(f"{case.name}-{number}.key")
    return file


def read_record(case: Path) -> dict[str, Any] | None:
    """Return `key.json` of a case, None when it is gone; `UserError` when it is not what étanche writes."""
    try:
        text = (case / "key.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise UserError("key_record", ExitCode.REFUSED, path=str(case / "key.json")) from None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        record = None
    if not isinstance(record, dict) or record.get("format") != FORMAT or not isinstance(record.get("recipient"), str):
        raise UserError("key_record", ExitCode.REFUSED, path=str(case / "key.json"))
    return record


def kept_file(case: Path) -> Path | None:
    """Return the key file that `key.json` names, None when the key is kept otherwise."""
    record = read_record(case)
    return _resolve(case, record) if record and "file" in record else None


def read_key_file(file: Path) -> Identity:
    """Return the key of a file as `age-keygen` writes it (comments, then the key); `UserError` (refused) otherwise."""
    try:
        with file.open("rb") as stream:
            text = stream.read(_MAX_KEY_FILE).decode("utf-8")
        line = next(line for line in text.splitlines() if line.strip() and not line.startswith("#"))
        return Identity.parse(line)
    except FileNotFoundError:
        raise UserError("key_file_missing", ExitCode.REFUSED, path=str(file)) from None
    except (OSError, UnicodeDecodeError, StopIteration, CryptoError):
        raise UserError("key_file_unreadable", ExitCode.REFUSED, path=str(file)) from None


def _by_way(case: CaseFolder, record: dict[str, Any], config: Config, options: KeyOptions) -> Identity:
    match record["way"]:
        case Way.PASSPHRASE:
            passphrase = config.passphrase or (options.ask(False) if options.ask else "")
            if not passphrase:
                raise UserError("key_passphrase_missing", ExitCode.REFUSED)
            try:
                return unwrap(str(record.get("wrapped")), passphrase)
            except CryptoError:
                raise UserError("key_passphrase_wrong", ExitCode.REFUSED) from None
        case Way.KEYRING:
            secret = ring.get(case.summary.case_id, options.ask is not None) if config.keyring else None
            if secret is None:
                raise UserError("key_keyring_missing", ExitCode.REFUSED)
            try:
                return Identity.parse(secret)
            except CryptoError:
                raise UserError("key_wrong", ExitCode.REFUSED) from None
    return read_key_file(_resolve(case.path, record))


def _resolve(case: Path, record: dict[str, Any]) -> Path:
    """Return the key file of a record: an absolute path, or one from the case folder, which may have been moved.

    A case folder renamed together with its key (`NEW` and `NEW.key`) is still found.
    """
    file = Path(os.path.normpath(case.absolute() / str(record.get("file", ""))))
    renamed = case.absolute().with_name(f"{case.absolute().name}.key")
    return renamed if record["way"] == Way.BESIDE and not file.exists() and renamed.exists() else file


def _make_beside(case: Path, identity: Identity) -> Path:
    file = beside(case)
    _make_key_file(file, identity)
    return file


def _make_key_file(file: Path, identity: Identity) -> None:
    text = f"# the key of an étanche case: without it, what is sealed cannot be read\n# {identity.recipient.text}\n"
    with disk.faults(file):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            disk.write_all(descriptor, f"{text}{identity.secret()}\n".encode())
            os.fsync(descriptor)
        except OSError:
            _unlink(file)
            raise
        finally:
            os.close(descriptor)


def _unlink_own(file: Path, record: dict[str, Any]) -> bool:
    """Remove a key file only if it holds this case's key: a record that lies must not name another file for removal."""
    try:
        own = read_key_file(file).recipient.text == record["recipient"]
    except UserError:
        return False
    return own and _unlink(file)


def _unlink(file: Path) -> bool:
    try:
        file.unlink()
    except OSError:
        return False
    return True


def _forget(case_id: str, prompt: bool) -> None:
    ring.delete(case_id, prompt)
