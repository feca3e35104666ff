"""PDF pages in the sandbox: PDFium gives the text, pdfplumber the tables that are ruled.

1. A page is looked at by PDFium first (fast); pdfplumber (slow) sees only pages on which lines are drawn.
2. A page gives one frame: its number, its tables (edges of their columns in points, rows of cells) and the text
   outside of them, as JSON in the body.
3. A page that cannot be read gives an empty frame that says so; the others are read.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pdfplumber
import pypdfium2  # type: ignore[import-untyped]
from pdfminer.pdfexceptions import PDFException
from pdfminer.psparser import PSException
from pypdfium2 import raw as pdfium

from etanche.ingest.frames import Frame, RefusalError
from etanche.ingest.parsers.pdf_repair import MOST, repaired

_RULES = 4
"""Drawn paths from which on a page may hold a table."""
_MOST_TABLES = 200
_HYPHENS = {2: "-", 0xFFFE: "-", 0: ""}
"""What PDFium puts for the hyphen of a broken word."""
_BROKEN = (PDFException, PSException, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError)
"""What pdfminer is known to raise on broken pages."""

Found = list[dict[str, Any]]
Readable = io.BufferedReader | io.BytesIO


def pages(path: Path, params: dict[str, Any]) -> Iterator[Frame]:
    """Yield a frame with the number of pages, then one a page."""
    document, file, password = _opened(path, params["passwords"])
    count = len(document)
    yield {"pages": count, "repaired": isinstance(file, io.BytesIO)}, b""
    plumber: Any = None
    for number in range(count):
        text, ruled = _looked(document, number)
        tables: Found = []
        if ruled:
            try:
                plumber = plumber or pdfplumber.open(file, password=password)
                tables, rest = _tables(plumber.pages[number])
                text = rest if tables else text
            except _BROKEN:
                tables = []
        body = json.dumps({"tables": tables, "text": text or ""}).encode("ascii")
        yield {"page": number + 1, "broken": text is None}, body


def _opened(path: Path, passwords: list[str]) -> tuple[pypdfium2.PdfDocument, Readable, str]:
    """Return the document, its bytes and the password that opens it.  Raises `RefusalError` when nothing does.

    The file is handed over open: PDFium would follow the link of a memory file to nowhere.
    """
    for password in ("", *passwords):
        try:
            return pypdfium2.PdfDocument(path.open("rb"), password=password or None), path.open("rb"), password
        except pypdfium2.PdfiumError as error:
            if error.err_code != pdfium.FPDF_ERR_PASSWORD:
                return _repaired(path)
    raise RefusalError("ingest_pdf_encrypted")


def _repaired(path: Path) -> tuple[pypdfium2.PdfDocument, Readable, str]:
    """Return what can be made of a file whose end is lost.  Raises `RefusalError` when nothing can."""
    with path.open("rb") as file:
        data = repaired(file.read(MOST + 1))
    if data is not None:
        try:
            return pypdfium2.PdfDocument(data), io.BytesIO(data), ""
        except pypdfium2.PdfiumError:
            pass
    raise RefusalError("ingest_pdf_damaged")


def _looked(document: pypdfium2.PdfDocument, number: int) -> tuple[str | None, bool]:
    """Return a page's text, None where it cannot be read, and whether lines are drawn on it."""
    try:
        page = document[number]
        text = page.get_textpage().get_text_range().replace("\r\n", "\n").translate(_HYPHENS)
        ruled = 0
        for _ in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_PATH,), max_depth=3):
            ruled += 1
            if ruled >= _RULES:
                break
        page.close()
    except (pypdfium2.PdfiumError, ValueError):
        return None, False
    return text.strip("\n"), ruled >= _RULES


def _tables(page: Any) -> tuple[Found, str]:  # noqa: ANN401 - pdfplumber's page, which has no types
    """Return the tables of a page and the text outside of them."""
    found: Found = []
    rest = page
    for table in page.find_tables()[:_MOST_TABLES]:
        rows = [[(cell or "") for cell in row] for row in table.extract()]
        width = max(map(len, rows), default=0)
        if width < 2 or not any(any(row) for row in rows):
            continue
        edges = sorted({round(cell[0]) for row in table.rows for cell in row.cells if cell})
        found.append({"edges": edges, "rows": [row + [""] * (width - len(row)) for row in rows]})
        rest = rest.outside_bbox(_within(table.bbox, page.bbox))
    text = rest.extract_text() if found else ""
    page.close()
    return found, text


def _within(box: tuple[float, ...], page: tuple[float, ...]) -> tuple[float, ...]:
    """Return a box cut to its page: pdfplumber refuses others."""
    return (max(box[0], page[0]), max(box[1], page[1]), min(box[2], page[2]), min(box[3], page[3]))
