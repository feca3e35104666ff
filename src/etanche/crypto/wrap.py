"""An identity wrapped by a passphrase: Argon2id, then ChaCha20-Poly1305, as a versioned JSON text.

Argon2id with 64 MiB, 3 passes and 4 lanes is the second recommended option of RFC 9106, section 4 (0.16 s measured on
two cores; age's own passphrase mode was measured at 1 GiB and 2.3 s a call).  Everything but the ciphertext is
authenticated, and the parameters are bounded before they are obeyed: a hostile file cannot ask for 64 GiB.
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
import unicodedata
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from etanche.crypto.chain import canonical
from etanche.crypto.identity import DamagedError, Identity, WrongKeyError

FORMAT = "etanche-wrapped-identity/1"
MEMORY_KIB = 64 * 1024
PASSES = 3
LANES = 4

_BOUNDS = {"memory_kib": (8 * 1024, MEMORY_KIB), "passes": (1, 8), "lanes": (1, 8)}
_MAX_TEXT = 4096
_SALT, _NONCE = 16, 12


def wrap(identity: Identity, passphrase: str) -> str:
    """Return the identity as a JSON text that only `passphrase` opens.  `ValueError` for an empty passphrase."""
    header: dict[str, Any] = {
        "format": FORMAT,
        "kdf": "argon2id",
        "memory_kib": MEMORY_KIB,
        "passes": PASSES,
        "lanes": LANES,
        "salt": _text(secrets.token_bytes(_SALT)),
        "cipher": "chacha20-poly1305",
        "nonce": _text(secrets.token_bytes(_NONCE)),
        "recipient": identity.recipient.text,
    }
    cipher = ChaCha20Poly1305(_derive(header, passphrase))
    sealed = cipher.encrypt(_bytes(header["nonce"]), identity.secret().encode("ascii"), canonical(header))
    return json.dumps({**header, "wrapped": _text(sealed)}, indent=2)


def unwrap(text: str, passphrase: str) -> Identity:
    """Return the identity.

    Raises `WrongKeyError` for another passphrase (or changed bytes), `DamagedError` for another format.
    """
    header = _read(text)
    sealed = _bytes(header.pop("wrapped"))
    cipher = ChaCha20Poly1305(_derive(header, passphrase))
    try:
        secret = cipher.decrypt(_bytes(header["nonce"]), sealed, canonical(header))
    except InvalidTag:
        raise WrongKeyError("another passphrase") from None
    return Identity.parse(secret.decode("ascii"))


def _read(text: str) -> dict[str, Any]:
    """Return the fields of a wrapped identity once each was found to be what it has to be."""
    if len(text) > _MAX_TEXT:
        raise DamagedError("wrapped identity: too long")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise DamagedError("wrapped identity: not JSON") from None
    texts = ("salt", "nonce", "recipient", "wrapped")
    if not isinstance(fields, dict) or set(fields) != {"format", "kdf", "cipher", *_BOUNDS, *texts}:
        raise DamagedError("wrapped identity: other fields")
    if (fields["format"], fields["kdf"], fields["cipher"]) != (FORMAT, "argon2id", "chacha20-poly1305"):
        raise DamagedError("wrapped identity: unknown format")
    for name, (low, high) in _BOUNDS.items():
        value = fields[name]
        if type(value) is not int or not low <= value <= high:
            raise DamagedError(f"wrapped identity: {name} out of bounds")
    if not all(isinstance(fields[name], str) for name in texts):
        raise DamagedError("wrapped identity: not a text")
    if len(_bytes(fields["salt"])) != _SALT or len(_bytes(fields["nonce"])) != _NONCE:
        raise DamagedError("wrapped identity: salt or nonce")
    return fields


def _derive(header: dict[str, Any], passphrase: str) -> bytes:
    """Return 32 bytes from a passphrase, which is composed first (NFC): keyboards differ in how they spell "é"."""
    if not passphrase:
        raise ValueError("empty passphrase")
    kdf = Argon2id(
        salt=_bytes(header["salt"]),
        length=32,
        iterations=header["passes"],
        lanes=header["lanes"],
        memory_cost=header["memory_kib"],
    )
    return bytes(kdf.derive(unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogateescape")))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise DamagedError("wrapped identity: not base64") from None
