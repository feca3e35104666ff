"""Sealing for somebody outside: a controller who gets its own part of a case, under its own key.

Rules, in the order in which they apply:

1. The recipient is the outsider's own, or a key is made for them in a file, once; it is never the case's.
2. What is sealed is an ordinary age file: `age -d -i KEY FILE` opens it without étanche.
"""

from __future__ import annotations

import os
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


def key_in(file: Path, whose: str) -> tuple[str, bool]:
    """Return the recipient of the key in a file, and whether it was made now; `UserError` (usage) for another file."""
    if os.path.lexists(file):
        try:
            return read_key_file(file).recipient.text, False
        except UserError:
            raise UserError("handover_key", ExitCode.USAGE, path=str(file)) from None
    identity = generate()
    text = f"# the key of {whose}: it opens what étanche sealed for them\n# {identity.recipient.text}\n"
    with disk.faults(file):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        disk.write(file, f"{text}{identity.secret()}\n".encode())
    return identity.recipient.text, True


def sealed_for(data: bytes, recipient: str) -> bytes:
    """Return data sealed to an outsider's recipient."""
    return seal(data, Recipient(recipient))
