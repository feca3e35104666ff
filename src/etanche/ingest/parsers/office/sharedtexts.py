"""The shared texts of an OOXML workbook (ECMA-376 part 1, 18.4): what its cells refer to by number.

1. The XML is cut at the end of each text.  Plain ones are taken out by one regular expression, a block at a time.
2. Others (of several runs, with how they sound, in unusual XML) go through expat one by one; a text that is no XML is
   empty, so that those after it keep their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from xml.parsers import expat

from etanche.ingest.frames import RefusalError
from etanche.ingest.parsers.office.package import Package
from etanche.ingest.parsers.office.spelling import unescaped
from etanche.ingest.parsers.office.xmlwalk import decoded, local

_BEGIN = re.compile(r"<(\w+:)?sst\b[^>]*>")
_PLAIN = re.compile(r'<si><t(?: xml:space="preserve")?+>([^<]*+)</t></si>')
_EMPTY = re.compile(r"<si\s*/>")
_MOST_TEXT = 16 << 20


class SharedTexts:
    """The texts by their number, read as far as they are asked for."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._name = next((m for m in package.members if m.lower().endswith("sharedstrings.xml")), "")
        self._blocks = self._read() if self._name else iter(())
        self._texts: list[str] = []
        self.lost = 0
        """How many times one was asked for that is not there."""
        self.whole = True
        """Whether the list was whole, as far as it was read."""

    def __len__(self) -> int:
        """Return how many were read so far."""
        return len(self._texts)

    def of(self, keys: Sequence[str]) -> list[str]:
        """Return the texts that cells refer to: an empty one for no key, and for a key without a text."""
        try:
            numbers = list(map(int, keys))
        except ValueError:
            filled = [key for key in keys if key]
            if len(filled) == len(keys):
                return [self._one(key) for key in keys]
            texts = iter(self.of(filled))
            return [next(texts) if key else "" for key in keys]
        if not numbers or min(numbers) < 0 or not self._reach(max(numbers)):
            return [self._one(key) for key in keys]
        return list(map(self._texts.__getitem__, numbers))

    def _one(self, key: str) -> str:
        index = int(key) if key.strip().isdecimal() and len(key) < 12 else -1
        if index >= 0 and self._reach(index):
            return self._texts[index]
        self.lost += 1
        return ""

    def _reach(self, index: int) -> bool:
        """Read up to a text; tell whether it is there."""
        while index >= len(self._texts):
            block = next(self._blocks, None)
            if block is None:
                return False
            self._texts.extend(_texts(block))
        return True

    def _read(self) -> Iterator[str]:
        """Yield the XML in blocks of whole texts.  Raises `RefusalError` for declared entities."""
        carry, prefix, begun = "", "", False
        for data in decoded(self._package.stream(self._name)):
            carry += data
            if not begun:
                found = _BEGIN.search(carry)
                if "<!ENTITY" in carry[: found.start() if found else None]:
                    raise RefusalError("ingest_xml_entities")
                if not found:
                    carry = carry[-_MOST_TEXT:]
                    continue
                begun, prefix = True, found[1] or ""
                carry = carry[found.end() :]
            if prefix:
                carry = carry.replace(f"<{prefix}", "<").replace(f"</{prefix}", "</")
            end = carry.rfind("</si>") + 5
            if end >= 5:
                yield carry[:end]
                carry = carry[end:]
            elif len(carry) > _MOST_TEXT:
                carry = ""
        self.whole = self._name not in self._package.troubles and "</sst>" in carry


def _texts(block: str) -> list[str]:
    """Return the texts of a block of whole ones."""
    if "<si/>" in block or "<si />" in block:
        block = _EMPTY.sub("<si><t></t></si>", block)
    plain: list[str] = _PLAIN.findall(block)
    if len(plain) == block.count("</si>"):
        if "&" in block or "_x" in block:
            return [unescaped(unescape(text)) if "&" in text or "_x" in text else text for text in plain]
        return plain
    texts = []
    for fragment in block.split("</si>")[:-1]:
        found = _PLAIN.fullmatch(fragment.strip() + "</si>")
        texts.append(unescaped(unescape(found[1])) if found else _by_expat(fragment))
    return texts


def _by_expat(fragment: str) -> str:
    """Return one text of which a regular expression cannot vouch."""
    begin = fragment.find("<si")
    parts: list[str] = []
    stack: list[str] = []

    def text(data: str) -> None:
        if stack and stack[-1] == "t" and "rPh" not in stack:
            parts.append(data)

    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda tag, _attributes: stack.append(local(tag))
    parser.EndElementHandler = lambda _tag: stack.pop()
    parser.CharacterDataHandler = text
    try:
        parser.Parse(f"{fragment[max(0, begin) :]}</si>".encode("utf-8", "surrogatepass"), True)
    except expat.ExpatError:
        return ""
    return unescaped("".join(parts))
