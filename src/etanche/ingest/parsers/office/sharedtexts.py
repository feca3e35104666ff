"""The shared texts of an OOXML workbook (ECMA-376 part 1, 18.4): what its cells refer to by number."""

from __future__ import annotations

from etanche.ingest.frames import RefusalError
from etanche.ingest.parsers.office.package import Package
from etanche.ingest.parsers.office.spelling import unescaped
from etanche.ingest.parsers.office.xmlwalk import EntitiesError, walk


class _Gathering:
    """Texts as expat comes by them; how they sound (`rPh`) is not part of them."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._parts: list[str] = []
        self._text = False
        self._phonetic = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        """Enter an element."""
        if tag == "si":
            self._parts = []
        elif tag == "t":
            self._text = self._phonetic == 0
        elif tag == "rPh":
            self._phonetic += 1

    def end(self, tag: str) -> None:
        """Leave an element."""
        if tag == "si":
            self.texts.append(unescaped("".join(self._parts)))
        elif tag == "t":
            self._text = False
        elif tag == "rPh":
            self._phonetic -= 1

    def text(self, data: str) -> None:
        """Take characters."""
        if self._text:
            self._parts.append(data)


def shared_texts(package: Package) -> tuple[list[str], bool]:
    """Return the workbook's shared texts and whether they were whole."""
    name = next((m for m in package.members if m.lower().endswith("sharedstrings.xml")), "")
    if not name:
        return [], True
    gathering = _Gathering()
    try:
        whole = walk(package.stream(name), gathering.start, gathering.end, gathering.text)
    except EntitiesError:
        raise RefusalError("ingest_xml_entities") from None
    return gathering.texts, whole and name not in package.troubles
