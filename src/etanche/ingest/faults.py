"""What nobody foresaw, said without a word of the rows: a reader that fails names its type of error and its place."""

from __future__ import annotations

import traceback

from etanche.errors import ExitCode, UserError


def as_user_error(error: Exception, shown: str) -> UserError:
    """Return what is said of a fault in reading what is shown as `shown`: never its text, which may quote rows."""
    if isinstance(error, UserError):
        return error
    if isinstance(error, OSError):
        return UserError("ingest_unreadable", ExitCode.UNREADABLE, path=shown)
    if isinstance(error, MemoryError):
        return UserError("out_of_memory", ExitCode.UNREADABLE)
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else "?"
    return UserError("ingest_reader", ExitCode.UNREADABLE, path=shown, kind=type(error).__name__, place=place)
