"""XLSX and XLSM (ECMA-376) as a stream: the workbook's list of sheets, its shared texts and formats, then rows.

1. A workbook without its list (cut off, damaged) still has its sheets, named as their files are.
2. Everything but rows is read with expat, which refuses entities that a document declares; rows go through `sheetxml`.
3. Missing texts or formats are not an error: the cells are empty or bare numbers, and counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from etanche.ingest.parsers.office.package import Package
from etanche.ingest.parsers.office.values import kind_of_format
from etanche.ingest.parsers.office.xmlwalk import walk

_MOST_PART = 64 << 20
"""Bytes of a part that is neither rows nor texts."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: its name, the member that holds it, whether it is hidden."""

    name: str
    member: str
    hidden: bool = False


@dataclass(slots=True)
class Workbook:
    """What a workbook says beside its rows."""

    sheets: list[Sheet] = field(default_factory=list)
    from_1904: bool = False
    styles: list[str] = field(default_factory=list)
    """What each cell format makes of a number."""


def _bounded(package: Package, name: str) -> Iterator[bytes]:
    size = 0
    for chunk in package.stream(name):
        size += len(chunk)
        if size > _MOST_PART:
            return
        yield chunk


def read_workbook(package: Package) -> Workbook:
    """Return the sheets and formats of a workbook, as far as they are there."""
    book = Workbook()
    root = _main_part(package)
    base = PurePosixPath(root).parent
    targets = _targets(package, f"{base}/_rels/{PurePosixPath(root).name}.rels", base)
    listed: list[tuple[str, str, bool]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet":
            hidden = attributes.get("state", "visible") != "visible"
            listed.append((attributes.get("name", ""), attributes.get("id", ""), hidden))
        elif tag == "workbookPr":
            book.from_1904 = attributes.get("date1904", "0") in {"1", "true"}

    walk(_bounded(package, root), start)
    seen: set[str] = set()
    for name, key, hidden in listed:
        member = targets.get(key, "")
        if member in package.members and member not in seen and "chartsheet" not in member:
            seen.add(member)
            book.sheets.append(Sheet(name or PurePosixPath(member).stem, member, hidden))
    for member in sorted(package.members, key=_natural):
        if member not in seen and re.search(r"(?:^|/)worksheets/[^/]+\.xml$", member):
            book.sheets.append(Sheet(PurePosixPath(member).stem, member))
    book.styles = _styles(package, next((m for m in package.members if m.endswith("styles.xml")), ""))
    return book


def _natural(name: str) -> list[Any]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def _main_part(package: Package) -> str:
    """Return the workbook part that the package's relations name."""
    found: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship" and attributes.get("Type", "").endswith("/officeDocument"):
            found.append(attributes.get("Target", "").lstrip("/"))

    walk(_bounded(package, "_rels/.rels"), start)
    return found[0] if found and found[0] in package.members else "xl/workbook.xml"


def _targets(package: Package, rels: str, base: PurePosixPath) -> dict[str, str]:
    """Return which member each relation of the workbook names."""
    targets: dict[str, str] = {}

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag == "Relationship":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else str(base / target)
            targets[attributes.get("Id", "")] = re.sub(r"[^/]+/\.\./|\./", "", path)

    walk(_bounded(package, rels), start)
    return targets


def _styles(package: Package, name: str) -> list[str]:
    """Return what each cell format makes of a number."""
    codes: dict[int, str] = {}
    formats: list[int] = []
    inside: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        inside.append(tag)
        if tag == "numFmt":
            codes[_int(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif tag == "xf" and "cellXfs" in inside:
            formats.append(_int(attributes.get("numFmtId")))

    def end(_tag: str) -> None:
        inside.pop()

    walk(_bounded(package, name), start, end)
    return [kind_of_format(number, codes.get(number)) for number in formats]


def _int(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else 0
