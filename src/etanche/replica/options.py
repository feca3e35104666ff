"""What a replica is asked to be: how many rows, which seed, which layout; the content never depends on the layout."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from etanche.errors import ExitCode, UserError

MODEL_ROWS = 491_840
"""Rows of the leak of February 2021."""
MAX_ROWS = 20_000_000
NAMING = ("legacy", "english", "snake", "camel")
DELIMITERS = (";", ",", "\t", "|")
LINE_ENDS = ("\n", "\r\n")
_BOMS = {
    "utf-8": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
}
_LAYOUT = re.compile(r"(%[dmY])([/.\- ]?)(%[dmY])\2(%[dmY])")


@dataclass(frozen=True, slots=True)
class ReplicaOptions:
    """Size, seed and layout of a replica; refuses with a `UserError` what cannot be written.

    `columns` names the header's style (`NAMING`), `date_layout` holds %d, %m and %Y once each, `quoted` puts
    delimiters, quotes and line breaks into some comments, `bom` needs utf-8 or utf-16 ("utf-16" always has one).
    """

    rows: int = MODEL_ROWS
    seed: int = 2021
    delimiter: str = ";"
    encoding: str = "cp1252"
    header: bool = True
    columns: str = "legacy"
    shuffle: bool = False
    date_layout: str = "%d/%m/%Y"
    bom: bool = False
    quoted: bool = False
    line_end: str = "\r\n"

    def __post_init__(self) -> None:
        """Refuse what cannot be written, naming the option and the values that can."""
        self._check("rows", str(self.rows), f"1–{MAX_ROWS}", allowed=1 <= self.rows <= MAX_ROWS)
        self._check("seed", str(self.seed), "0, 1, 2…", allowed=self.seed >= 0)
        self._check("delimiter", repr(self.delimiter), "; , tab |", allowed=self.delimiter in DELIMITERS)
        self._check("columns", self.columns, " ".join(NAMING), allowed=self.columns in NAMING)
        self._check("line_end", repr(self.line_end), "LF CRLF", allowed=self.line_end in LINE_ENDS)
        layout = _LAYOUT.fullmatch(self.date_layout)
        whole = layout is not None and {layout[1], layout[3], layout[4]} == {"%d", "%m", "%Y"}
        self._check("date_layout", self.date_layout, "%d/%m/%Y %Y-%m-%d %Y%m%d", allowed=whole)
        try:
            known = bool("A;\n".encode(self.encoding))
        except LookupError:
            known = False
        self._check("encoding", self.encoding, "cp1252 latin-1 utf-8 utf-16", allowed=known)
        self._check("bom", self.encoding, "utf-8 utf-16", allowed=not self.bom or self.codec in _BOMS)

    @property
    def codec(self) -> str:
        """The name of the codec that writes the text, without byte-order mark."""
        name = codecs.lookup(self.encoding).name
        return {"utf-16": "utf-16-le", "utf-8-sig": "utf-8"}.get(name, name)

    @property
    def mark(self) -> bytes:
        """The byte-order mark that opens the file, empty without one."""
        always = codecs.lookup(self.encoding).name in {"utf-16", "utf-8-sig"}
        return _BOMS[self.codec] if always or self.bom else b""

    @staticmethod
    def _check(option: str, value: str, possible: str, *, allowed: bool) -> None:
        if not allowed:
            raise UserError("replica_option", ExitCode.USAGE, option=option, value=value, possible=possible)
