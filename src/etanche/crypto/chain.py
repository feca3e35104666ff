"""The hash chain under the custody log: SHA-256 over canonical JSON.

Each entry's hash covers the entry and the hash before it, so that the last hash (the *head*) vouches for all of them.
Whoever owns the folder can rebuild a whole chain: the head is printed in every report, where it can be timestamped.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
"""What stands before the first entry."""


def canonical(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON holds
    """Return the one JSON text of `value`: keys sorted, no spaces, ASCII.  `ValueError` for NaN."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def fingerprint(data: bytes | bytearray | memoryview) -> str:
    """Return the SHA-256 of `data`, 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def link(entry: Mapping[str, Any]) -> str:
    """Return the hash of an entry: all of it, `prev` included, but `hash` itself."""
    return fingerprint(canonical({key: value for key, value in entry.items() if key != "hash"}))
