"""Hash of a password: crypt(3) families, Argon2, PBKDF2 as frameworks write it, bare hexadecimal MD5, SHA-1, SHA-2."""

from __future__ import annotations

from etanche.identifiers import celltext
from etanche.model import Kind

KINDS = (Kind.PASSWORD_HASH,)

_SHAPE = celltext.Shape(
    r"[$](?:1|2[abxy]|5|6|y|7|gy|argon2(?:id|i|d)|apr1|sha1|P)[$][./0-9A-Za-z$=,+-]{8,}"
    r"|pbkdf2_sha(?:1|256|512)[$][0-9]+[$][^ ]+|[{]S?SHA(?:256|512)?[}][0-9A-Za-z+/=]{20,}|[*][0-9A-Fa-f]{40}"
    r"|[0-9A-Fa-f]{32}|[0-9A-Fa-f]{40}|[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128}"
)

fits = _SHAPE.fits
valid = _SHAPE.fits
normalise = celltext.tidy
mask = celltext.mask_all
valid_expr = _SHAPE.expr
normal_expr = celltext.tidy_expr
