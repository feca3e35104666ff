"""Passwords that a user gives, to be tried on whatever is locked: read once, never kept, never shown."""

from __future__ import annotations

from pathlib import Path

from etanche.errors import ExitCode, UserError


def passwords_of(file: Path | None) -> tuple[str, ...]:
    """Return the lines of a file of passwords, as they stand.  Raises `UserError` (usage) when it cannot be read."""
    if file is None:
        return ()
    try:
        data = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError:
        raise UserError("passwords_unreadable", ExitCode.USAGE, path=str(file)) from None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return tuple(line for line in text.replace("\r\n", "\n").split("\n") if line)
