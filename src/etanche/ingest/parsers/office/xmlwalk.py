"""Walking small XML with expat: prefixes dropped, declared entities refused."""

from __future__ import annotations

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
