"""The only place that imports cryptographic primitives.

Rules, in the order in which they apply:

1. No primitive is written here: age (X25519, ChaCha20-Poly1305) comes from `pyrage`, Argon2id and the wrap's
   ChaCha20-Poly1305 from `cryptography`, SHA-256 from the standard library (decisions 0010 to 0012).
2. A secret never shows in a `repr`, an exception or a log.
3. What is read from a file is hostile: parameters are bounded before they are obeyed, errors are ours.
4. Sealing hides and detects damage, but anyone who knows the (public) recipient can seal: who sealed what is told by
   the hash chain, never by the seal.

    >>> identity = generate()
    >>> unseal(seal(b"rows", identity.recipient), identity)
    b'rows'
"""

from etanche.crypto.chain import GENESIS, canonical, fingerprint, link
from etanche.crypto.identity import (
    CryptoError,
    DamagedError,
    Identity,
    Recipient,
    WrongKeyError,
    generate,
    random_name,
    seal,
    unseal,
)
from etanche.crypto.wrap import unwrap, wrap

__all__ = [
    "GENESIS",
    "CryptoError",
    "DamagedError",
    "Identity",
    "Recipient",
    "WrongKeyError",
    "canonical",
    "fingerprint",
    "generate",
    "link",
    "random_name",
    "seal",
    "unseal",
    "unwrap",
    "wrap",
]
