"""Sealing for somebody outside: a controller who gets its own part of a case, under its own key.

Rules, in the order in which they apply:

1. The recipient is the outsider's own, or a key is made for them in a file, once; it is never the case's.
2. What is sealed is an ordinary age file: `age -d -i KEY FILE` opens it without étanche.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from etanche.casefile import disk
from etanche.casefile.keys import read_key_file
from etanche.crypto import CryptoError, Recipient, generate, seal
from etanche.errors import ExitCode, UserError


def recipient_of(text: str) -> str:
    """Return a recipient as it is given, checked; `UserError` (usage) for one that is none."""
    try:
        return Recipient(text.strip()).text
    except CryptoError:
        raise UserError("handover_recipient", ExitCode.USAGE) from None


@contextmanager
def key_in(file: Path, whose: str) -> Iterator[tuple[str, bool]]:
    """Yield the recipient of the key in a file, and whether it was made now; `UserError` (usage) for another file.

    One that was made goes again where the block fails.
    """
    if os.path.lexists(file):
        try:
            found = read_key_file(file).recipient.text
        except UserError:
            raise UserError("handover_key", ExitCode.USAGE, path=str(file)) from None
        yield found, False
        return
    identity = generate()
    text = f"# the key of {whose}: it opens what étanche sealed for them\n# {identity.recipient.text}\n"
    with ExitStack() as folder:
        with disk.faults(file):
            folder.enter_context(disk.folder_made(file.parent))
            disk.write(file, f"{text}{identity.secret()}\n".encode())
        try:
            yield identity.recipient.text, True
        except BaseException:
            with suppress(OSError):
                file.unlink()
            raise


def sealed_for(data: bytes, recipient: str) -> bytes:
    """Return data sealed to an outsider's recipient."""
    return seal(data, Recipient(recipient))
