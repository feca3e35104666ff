"""A text as a row of tokens for the reader of names: words, initials, marks, and what other readers found as one token.

Rules, in the order in which they apply:

1. A finding of another reader is one token, its code the finding's kind.
2. A word keeps its hyphens and apostrophes; one capital, or several joined ("J.-P."), with or without its dot is an
   initial.
3. A line's end is a token, for a name rarely goes over it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from etanche.model import Finding, Kind
from etanche.recognise.identities.words import WORDS, Word

_L = r"[^\W\d_]"
TOKEN = re.compile(
    rf"(?P<initial>[A-ZÉÈ]\.(?:[ -]?[A-ZÉÈ]\.)*(?:-?[A-ZÉÈ](?![^\W_]))?)|(?P<word>{_L}+(?:['’-]{_L}+)*)"
    r"|(?P<number>[0-9]+)|(?P<line>\n)|(?P<mark>[^\s])"
)
_CODES = {
    Kind.DATE: "DATE", Kind.BIRTH_DATE: "BORN", Kind.MOBILE: "TEL", Kind.LANDLINE: "TEL", Kind.PHONE: "TEL",
    Kind.EMAIL: "MAIL", Kind.ADDRESS: "ADR", Kind.POSTCODE: "CITY", Kind.COMMUNE: "CITY", Kind.LABORATORY: "CARE",
    Kind.URL: "URL",
}  # fmt: skip


@dataclass(slots=True)
class Token:
    """One token: where it is, what it is (`code`), and for words what is known of it."""

    start: int
    end: int
    code: str
    """A word's family, a mark itself, `NUM`, `NL`, or what another reader found (`DATE`, `TEL`, `ID`…)."""
    word: Word | None = None
    dotted: bool = False


def tokens(text: str, taken: Iterable[Finding]) -> list[Token]:
    """Cut a text into tokens, `taken` being what other readers found, in order."""
    row: list[Token] = []
    position = 0
    for finding in taken:
        _cut(text, position, finding.start, row)
        row.append(Token(finding.start, finding.end, _CODES.get(finding.kind, "ID")))
        position = finding.end
    _cut(text, position, len(text), row)
    return row


def _cut(text: str, start: int, end: int, row: list[Token]) -> None:
    for found in TOKEN.finditer(text, start, end):
        group = found.lastgroup
        if group == "word":
            word = WORDS[found.group()]
            row.append(Token(found.start(), found.end(), word.family, word))
        elif group == "initial":
            # "M." is a title unless one stands before: "Dr M. LEROY".
            word = WORDS[found.group()[0]]
            sir = found.group() == "M." and not (row and row[-1].code == "T")
            row.append(Token(found.start(), found.end(), "T" if sir else "I", word, dotted=True))
        elif group == "number":
            row.append(Token(found.start(), found.end(), "NUM"))
        else:
            row.append(Token(found.start(), found.end(), "NL" if group == "line" else found.group()))
