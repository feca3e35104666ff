r"""RTF (version 1.9) as text: what is between its control words.

1. `\par`, `\line`, `\row` break lines, `\cell` and `\tab` are tabulators, `\'hh` and `\uN` are characters.
2. Fonts, colours, styles, pictures and whatever a reader may leave out (`{\*`) are left out.
3. One pass, nothing raised, whatever the nesting.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"\\([A-Za-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9A-Fa-f]{2})|\\([^A-Za-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)|\\"
)
_LEFT_OUT = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata datastore listtable listoverridetable generator filetbl "
    b"latentstyles rsidtbl xmlnstbl".split()
)
_SYMBOLS = {b"~": "\u00a0", b"_": "-", b"-": "", b"\n": "\n", b"\r": "\n"}
_BREAKS = {
    b"par": "\n",
    b"line": "\n",
    b"row": "\n",
    b"sect": "\n",
    b"page": "\n",
    b"cell": "\t",
    b"tab": "\t",
    b"emdash": "—",
    b"endash": "–",
    b"lquote": "‘",
    b"rquote": "’",
    b"ldblquote": "“",
    b"rdblquote": "”",
    b"bullet": "•",
}
_PAGES = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850", b"ansi": "cp1252"}


def text_of(data: bytes) -> str:
    """Return the text of an RTF document, line breaks kept."""
    reader = _Reader()
    text = "".join(piece for match in _TOKEN.finditer(data) if (piece := reader.take(match)))
    # Characters beyond the first plane come as two of \\u.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip("\n")


class _Reader:
    """Where in the groups a pass is."""

    def __init__(self) -> None:
        self.page = "cp1252"
        self.stack: list[tuple[bool, int]] = []
        self.hidden = False
        self.skip = 1
        """Characters that stand in for one of \\u."""
        self.pending = 0

    def take(self, match: re.Match[bytes]) -> str:
        """Return the text of one token, empty for none."""
        word, number, code, symbol, brace, text = match.groups()
        if brace == b"{":
            self.stack.append((self.hidden, self.skip))
        elif brace == b"}":
            self.hidden, self.skip = self.stack.pop() if self.stack else (False, 1)
        elif word is not None:
            return self._word(word, int(number) if number else None)
        elif symbol == b"*":
            self.hidden = True
        elif not self.hidden:
            return self._shown(code, symbol, text)
        return ""

    def _word(self, word: bytes, number: int | None) -> str:
        if word in _LEFT_OUT:
            self.hidden = True
        elif word in _PAGES:
            self.page = _PAGES[word]
        elif word == b"ansicpg" and number is not None:
            self.page = _codec(number) or self.page
        elif word == b"uc" and number is not None:
            self.skip = max(0, min(9, number))
        elif not self.hidden and word == b"u" and number is not None:
            self.pending = self.skip
            return chr(number % 65536)
        elif not self.hidden:
            return _BREAKS.get(word, "")
        return ""

    def _shown(self, code: bytes | None, symbol: bytes | None, text: bytes | None) -> str:
        if code is not None:
            if self.pending:
                self.pending -= 1
                return ""
            return bytes.fromhex(code.decode("ascii")).decode(self.page, "replace")
        if symbol is not None:
            return _SYMBOLS.get(symbol, symbol.decode("latin-1"))
        if text is None:
            return ""
        kept, self.pending = text[self.pending :], max(0, self.pending - len(text))
        return kept.decode(self.page, "replace")


def _codec(number: int) -> str:
    name = {10000: "mac_roman", 65001: "utf-8"}.get(number, f"cp{number}")
    try:
        "é".encode(name, "replace")
    except LookupError:
        return ""
    return name
