"""Keys of a case: an age X25519 identity (secret) opens what was sealed to its recipient (public).

Sealed bytes are an ordinary age file (age-encryption.org/v1): any age program opens them with the same key.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

import pyrage  # type: ignore[import-untyped]

from etanche.errors import EtancheError

_NO_MATCH = "No matching keys found"


class CryptoError(EtancheError):
    """What was to be opened cannot be."""


class WrongKeyError(CryptoError):
    """The key or passphrase is not the one this was sealed with."""


class DamagedError(CryptoError):
    """The sealed bytes, or the text of a key, are not whole: changed, cut, or something else altogether."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """The public half: seals, cannot open.  `text` is age's `age1…`."""

    text: str
    _key: pyrage.x25519.Recipient = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse a text that is no recipient with `DamagedError`."""
        try:
            key = pyrage.x25519.Recipient.from_str(self.text)
        except pyrage.RecipientError:
            raise DamagedError("not a recipient") from None
        object.__setattr__(self, "_key", key)


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """The secret half.  It shows as its recipient; the secret leaves only through `secret()`."""

    _key: pyrage.x25519.Identity

    @classmethod
    def parse(cls, text: str) -> Identity:
        """Return the identity of `AGE-SECRET-KEY-1…`; `DamagedError` when the text is none."""
        try:
            return cls(pyrage.x25519.Identity.from_str(text.strip()))
        except pyrage.IdentityError:
            raise DamagedError("not an identity") from None

    @property
    def recipient(self) -> Recipient:
        """The public half."""
        return Recipient(str(self._key.to_public()))

    def secret(self) -> str:
        """Return the secret, `AGE-SECRET-KEY-1…`: for a key file, the keyring or a wrap, and nothing else."""
        return str(self._key)

    def __repr__(self) -> str:
        return f"Identity(recipient={self.recipient.text!r})"

    def __reduce__(self) -> str:
        raise TypeError("an identity is never pickled")


def generate() -> Identity:
    """Return a new identity, from the system's random source."""
    return Identity(pyrage.x25519.Identity.generate())


def random_name() -> str:
    """Return 16 random hexadecimal digits, to name a case."""
    return secrets.token_hex(8)


def seal(data: bytes, recipient: Recipient) -> bytes:
    """Return `data` encrypted to `recipient` as an age file: 200 bytes and 16 a 64 KiB longer.

    Holds the interpreter's lock while it works (about 0.12 s for 64 MiB): compress first, which does not.
    """
    return bytes(pyrage.encrypt(data, [recipient._key]))  # noqa: SLF001 - the two halves of one module


def unseal(data: bytes, identity: Identity) -> bytes:
    """Return what was sealed; `WrongKeyError` for another key's, `DamagedError` for bytes that were changed or cut."""
    try:
        return bytes(pyrage.decrypt(data, [identity._key]))  # noqa: SLF001 - the two halves of one module
    except pyrage.DecryptError as error:
        # pyrage has one exception for both; its text holds no data, and a test pins the one that is told apart
        if str(error) == _NO_MATCH:
            raise WrongKeyError("sealed to another key") from None
        raise DamagedError("sealed bytes are not whole") from None
