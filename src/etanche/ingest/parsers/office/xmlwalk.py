"""XML as text and as elements.

1. Small parts are walked with expat: prefixes dropped, declared entities refused.
2. Large ones are decoded as a stream, in the encoding that their first bytes tell.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from xml.parsers import expat


class EntitiesError(Exception):
    """A document declares entities of its own: none that holds a table does."""


def local(tag: str) -> str:
    """Return a tag or attribute without its prefix."""
    return tag.rpartition(":")[2]


def walk(
    chunks: Iterator[bytes],
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> bool:
    """Feed XML to handlers; return whether it was whole.  Raises `EntitiesError` for declared entities."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: start(local(tag), {local(k): v for k, v in attributes.items()})
    if end:
        parser.EndElementHandler = lambda tag: end(local(tag))
    if text:
        parser.CharacterDataHandler = text

    def declared(*_: object) -> None:
        raise EntitiesError

    parser.EntityDeclHandler = declared
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except expat.ExpatError:
        return False
    return True


def decoded(chunks: Iterator[bytes]) -> Iterator[str]:
    """Yield the text of XML; bytes that are none become U+FFFD."""
    decoder: codecs.IncrementalDecoder | None = None
    for chunk in chunks:
        if decoder is None:
            decoder = codecs.getincrementaldecoder(_encoding(chunk))("replace")
        yield decoder.decode(chunk)


def _encoding(first: bytes) -> str:
    """Return the encoding of XML by its first bytes."""
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if first.startswith(b"<\0"):
        return "utf-16-le"
    if first.startswith(b"\0<"):
        return "utf-16-be"
    found = re.match(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9_.\-]+)["']""", first)
    try:
        return codecs.lookup(found[1].decode("ascii")).name if found else "utf-8-sig"
    except LookupError:
        return "utf-8-sig"
