"""Hash of a password: crypt(3) families, Argon2, PBKDF2 and scrypt as frameworks write them, bare hexadecimal digests.

Rules, in the order in which they apply:

1. A mark at the beginning names the family (`$2y$`, `$argon2id$`, `pbkdf2_sha256$`, `{SSHA}`, `*` of MySQL).
2. Without a mark the length does: 32 hexadecimal digits are MD5 (NTLM looks alike), 40 SHA-1, 56 to 128 SHA-2.
3. A digest followed by a colon and some characters is a salted one.

>>> family("$2y$10$abcdefghijklmnopqrstuv"), family("d41d8cd98f00b204e9800998ecf8427e").effort
(Family(name='bcrypt', salted=True, effort='slow'), 'none')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from etanche.identifiers import celltext
from etanche.model import Kind

if TYPE_CHECKING:
    import ibis.expr.types as ir

KINDS = (Kind.PASSWORD_HASH,)

_SALT = ":[^ \\t]{1,64}"


@dataclass(frozen=True, slots=True)
class Family:
    """How a hash was made: its name, whether each has a salt, and what finding the password costs.

    `effort`: "none" (looked up, or guessed by the billion a second), "little" (each hash apart, as fast), "slow"
    (thousands of guesses a second), "memory" (fewer, and dear hardware).
    """

    name: str
    salted: bool
    effort: str


_FAMILIES: tuple[tuple[Family, str], ...] = (
    (Family("argon2", True, "memory"), r"[$]argon2(?:id|i|d)[$][./0-9A-Za-z$=,+-]{8,}"),
    (Family("scrypt", True, "memory"), r"(?:[$]scrypt[$]|[$]7[$]|scrypt:)[./0-9A-Za-z$=,:+-]{16,}"),
    (Family("yescrypt", True, "memory"), r"[$](?:y|gy)[$][./0-9A-Za-z$=,+-]{8,}"),
    (Family("bcrypt", True, "slow"), r"[$]2[abxy]?[$][./0-9A-Za-z$=,+-]{8,}"),
    (Family("sha512_crypt", True, "slow"), r"[$]6[$][./0-9A-Za-z$=,+-]{8,}"),
    (Family("sha256_crypt", True, "slow"), r"[$]5[$][./0-9A-Za-z$=,+-]{8,}"),
    (Family("pbkdf2", True, "slow"), r"(?:pbkdf2_sha(?:1|256|512)[$]|pbkdf2:sha(?:1|256|512):)[0-9]+[$][^ ]+"),
    (Family("phpass", True, "slow"), r"[$][PH][$][./0-9A-Za-z]{8,}"),
    (Family("sha1_crypt", True, "slow"), r"[$]sha1[$][./0-9A-Za-z$=,+-]{8,}"),
    (Family("md5_crypt", True, "slow"), r"[$](?:1|apr1)[$][./0-9A-Za-z$=,+-]{8,}"),
    (Family("ldap_salted_sha", True, "little"), r"[{]SSHA(?:256|512)?[}][0-9A-Za-z+/=]{20,}"),
    (Family("ldap_sha", False, "none"), r"[{]SHA(?:256|512)?[}][0-9A-Za-z+/=]{20,}"),
    (Family("mysql", False, "none"), r"[*][0-9A-Fa-f]{40}"),
    (Family("salted_md5", True, "little"), f"[0-9A-Fa-f]{{32}}{_SALT}"),
    (Family("salted_sha", True, "little"), f"(?:[0-9A-Fa-f]{{40}}|[0-9A-Fa-f]{{64}}|[0-9A-Fa-f]{{128}}){_SALT}"),
    (Family("md5", False, "none"), "[0-9A-Fa-f]{32}"),
    (Family("sha1", False, "none"), "[0-9A-Fa-f]{40}"),
    (Family("sha2", False, "none"), "[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}"),
)
OTHER = Family("other", False, "none")
"""What no rule names: the family is unknown, so the worst is supposed."""
FAMILIES: dict[str, Family] = {entry.name: entry for entry, _ in _FAMILIES} | {OTHER.name: OTHER}

_SHAPE = celltext.Shape("|".join(pattern for _, pattern in _FAMILIES))
_WHOLE = tuple((entry, f"^(?:{pattern})$") for entry, pattern in _FAMILIES)

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.tidy
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.tidy_expr


def family(text: str) -> Family:
    """Return how a hash was made."""
    tidy = celltext.tidy(text)
    return next((entry for entry, pattern in _WHOLE if re.search(pattern, tidy)), OTHER)


def family_expr(cell: ir.StringValue) -> ir.StringValue:
    """Return the name of `family` as an expression."""
    import ibis  # noqa: PLC0415 - half a second that plain Python callers need not pay

    def named(text: ir.StringValue) -> ir.StringValue:
        return ibis.cases(*((text.re_search(pattern), entry.name) for entry, pattern in _WHOLE), else_=OTHER.name)

    return celltext.let(celltext.tidy_expr(cell), named)
