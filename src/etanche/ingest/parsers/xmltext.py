"""The bytes of an XML text as UTF-8, whatever it declares; and the repairs of what no parser takes.

1. A byte-order mark decides; else UTF-16 shows by its NULs; else what is declared, unless the first bytes say
   otherwise: text that is UTF-8 and declares something else is UTF-8.
2. A byte that is not in the encoding is read as CP1252, and counted.
3. Repairs, only of a text that a parser refused: entities of HTML are their characters, a bare `&` is one, control
   characters are spaces.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from collections.abc import Generator

from etanche.ingest.encodings import bom, valid, wide
from etanche.ingest.entries import Entry

_DECLARED = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([\w.\-:]+)")
DECLARATION = re.compile(rb"\A\s*(?:<\?xml[^>]*\?>)?\s*")
_ENTITY = re.compile(rb"&(#?\w+);")
_BARE = re.compile(rb"&(?!#?\w{1,40};)")
_CONTROLS = bytes.maketrans(bytes(set(range(32)) - {9, 10, 13}), b" " * 29)
_FIVE = frozenset((b"lt", b"gt", b"amp", b"quot", b"apos"))


def encoding_of(head: bytes) -> tuple[str, int]:
    """Return the encoding of a text by its first bytes, and the length of its mark."""
    named, skip = bom(head)
    if named or (named := wide(head)):
        return named, skip
    match = _DECLARED.search(head[:1024])
    declared = match.group(1).decode().lower() if match else "utf-8"
    try:
        known = codecs.lookup(declared).name
    except LookupError:
        return "utf-8", 0
    if known.startswith(("utf-16", "utf-32")):
        return "utf-8", 0
    if known == "iso8859-1":
        # Where a text is said to be in it, 0x80-0x9f are CP1252's characters.
        known = "cp1252"
    cut = head[: max(head.rfind(b">"), 0)]
    return ("utf-8", 0) if not cut.isascii() and valid(cut, "utf-8") else (known, 0)


class _Stray:
    """Decodes bytes that are not in the encoding, and counts them."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, error: UnicodeError) -> tuple[str, int]:
        """Return what bytes are in CP1252."""
        if not isinstance(error, UnicodeDecodeError):
            raise error
        self.count += 1
        bad = error.object[error.start : error.end]
        return bad.decode("cp1252", "replace"), error.end


def blocks(entry: Entry, size: int, *, repair: bool = False) -> Generator[bytes, None, None]:
    """Yield the text of an entry as UTF-8, block by block."""
    encoding, skip = encoding_of(entry.head())
    stray = _Stray()
    name = f"etanche-{id(stray)}"
    codecs.register_error(name, stray)
    decoder = codecs.getincrementaldecoder(encoding)(
        name if "16" not in encoding and "32" not in encoding else "replace"
    )
    stream = entry.opener()
    rest = b""
    try:
        while data := stream.read(size):
            data, skip = data[skip:], max(0, skip - len(data))
            text = decoder.decode(data).encode("utf-8", "replace")
            if repair:
                text = rest + text
                cut = text.rfind(b"&", len(text) - 48 if len(text) > 48 else 0)
                text, rest = (text[:cut], text[cut:]) if cut >= 0 else (text, b"")
                text = repaired(text)
            yield text
        yield repaired(rest) if repair else decoder.decode(b"", final=True).encode("utf-8", "replace")
    finally:
        stream.close()
        codecs.register_error(name, codecs.strict_errors)
    if stray.count:
        entry.note("lines_other_encoding", lines=stray.count, encoding="cp1252")


def repaired(text: bytes) -> bytes:
    """Return text without what no parser takes."""
    return _BARE.sub(b"&amp;", _ENTITY.sub(_entity, text.translate(_CONTROLS)))


def _entity(match: re.Match[bytes]) -> bytes:
    """Return what an entity stands for; its own letters when nobody knows it."""
    name = match.group(1)
    if name in _FIVE:
        return match.group()
    if name.startswith(b"#"):
        try:
            code = int(b"0" + name[1:], 16) if name[1:2] in b"xX" else int(name[1:])
        except ValueError:
            return b"&amp;" + name + b";"
        legal = code in {9, 10, 13} or 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000
        return match.group() if legal else b" "
    found = html.entities.html5.get(name.decode("ascii", "replace") + ";")
    return b"&amp;" + name + b";" if found is None else found.encode()
