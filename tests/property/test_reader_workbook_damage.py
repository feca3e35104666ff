"""Spreadsheets cut and corrupted: what was whole before the cut is read; whatever the bytes, nothing but `UserError`.

Budget: about ten seconds (each case starts processes).
"""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import openpyxl
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, Meter
from etanche.ingest.parsers import workbook as parser
from etanche.ingest.parsers.office.biff import BiffBook
from etanche.ingest.parsers.office.calamine import CalamineBook
from etanche.ingest.parsers.office.package import Package
from etanche.ingest.readers import workbook
from etanche.ingest.tables import cells_of

ROWS = 400
PARAMS = {
    "ratio": 400,
    "ratio_from": 1 << 26,
    "total": 1 << 30,
    "raw_bytes": 1 << 20,
    "sheet": 0,
    "width": 4,
    "skip": 0,
}


def cells(k: int) -> list[object]:
    return [185057812345678 + k, f"Nom{k}", dt.date(1950, 1, 1) + dt.timedelta(days=k), f"{k:05}"]


@cache
def xlsx() -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("S")
    rnd = random.Random(3)
    for k in range(ROWS):
        sheet.append([*cells(k)[:3], f"{rnd.random():.17f}"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def xls() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for k in range(60):
        for column, cell in enumerate(cells(k)):
            sheet.write(k, column, str(cell))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def ods() -> bytes:
    cell = "<table:table-cell office:value-type='float' office:value='{k}'/><table:table-cell><text:p>Nom{k}</text:p>"
    row = f"<table:table-row>{cell}</table:table-cell></table:table-row>"
    spaces = "xmlns:office='o' xmlns:table='t' xmlns:text='x'"
    content = f"<office:document-content {spaces}><office:spreadsheet><table:table table:name='S'>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        body = "".join(row.format(k=k) for k in range(ROWS))
        archive.writestr(
            "content.xml", content + body + "</table:table></office:spreadsheet></office:document-content>"
        )
    return out.getvalue()


def rows_of(data: bytes, folder: Path) -> list[list[str]]:
    """Return the rows of all sheets through the whole reader; none when the file is refused."""
    path = folder / "leak.bin"
    path.write_bytes(data)
    try:
        return [
            row
            for table in workbook.tables(file_entry(path, "leak.bin", Meter(DEFAULT)), DEFAULT)
            for piece in table._pieces()
            for row in cells_of(piece, len(table.names))
        ]
    except UserError:
        return []


def rows_here(data: bytes) -> list[list[str]]:
    """Return the rows without a process of their own: the same parser, a hundred times faster to start."""
    book = parser._zipped(io.BytesIO(data), PARAMS)
    found: list[list[str]] = []
    for index in range(len(book.sheets())):
        width = book.width(index)
        gathering = parser._Gathering(book, PARAMS | {"width": width})
        for batch in book.batches(index, -1):
            for item in batch:
                gathering.add(item)
        found += [list(row) for row in gathering._kept]
    return found


def whole_rows(data: bytes, member: str, cut: int) -> int:
    """Return how many rows of a member were whole before the cut, by an unpacker of its own."""
    package = Package(io.BytesIO(data[:cut]), ratio=400, ratio_from=1 << 26, total=1 << 30)
    return b"".join(package.stream(member)).count(b"</table:table-row>" if member == "content.xml" else b"</row>")


def test_cut_at_fifty_places() -> None:
    rnd = random.Random(7)
    for data, member, kept in ((xlsx(), "xl/worksheets/sheet1.xml", 4), (ods(), "content.xml", 2)):
        everything = rows_here(data)
        assert len(everything) == ROWS
        for cut in sorted(rnd.sample(range(60, len(data)), 50)):
            try:
                rows = rows_here(data[:cut])
            except parser.RefusalError:
                rows = []
            expected = whole_rows(data, member, cut)
            assert len(rows) >= expected
            # Formats may be lost with the end of the file: dates are serial numbers then.
            for row, before in zip(rows, everything, strict=False):
                assert [row[0], row[1], *row[3:kept]] == [before[0], before[1], *before[3:kept]]


def test_cut_through_the_whole_reader(tmp_path: Path) -> None:
    data = xlsx()
    for cut in (2000, len(data) // 2, len(data) - 30):
        assert len(rows_of(data[:cut], tmp_path)) >= whole_rows(data, "xl/worksheets/sheet1.xml", cut) - 1


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([xlsx, ods]), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=30))
def test_bytes_turned(make, turns) -> None:
    data = bytearray(make())
    for place, value in turns:
        data[min(int(place * len(data)), len(data) - 1)] = value
    with suppress(parser.RefusalError):
        rows_here(bytes(data))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.floats(0, 1), st.text("<>/crvis=\"'&;tx1A![]- ", max_size=6)), min_size=1, max_size=12))
def test_xml_turned(turns) -> None:
    """Well-packed, ill-formed: the XML itself is what was changed."""
    text = "<worksheet><sheetData>" + "".join(
        f'<row r="{k}"><c r="A{k}" t="inlineStr"><is><t>a{k}</t></is></c><c r="B{k}" s="1"><v>{k}</v></c></row>'
        for k in range(1, 60)
    )
    for place, piece in turns:
        at = int(place * len(text))
        text = text[:at] + piece + text[at + len(piece) :]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", text + "</sheetData></worksheet>")
    rows_here(out.getvalue())


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(turns=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=20), cut=st.floats(0.1, 1))
def test_xls_turned_and_cut(tmp_path_factory, turns, cut) -> None:
    """Calamine's own: in the sandbox, so that whatever it does is one error."""
    data = bytearray(xls()[: int(cut * len(xls()))])
    for place, value in turns:
        data[min(int(place * len(data)), len(data) - 1)] = value
    rows_of(bytes(data), tmp_path_factory.mktemp("xls"))


@cache
def old() -> bytes:
    book = xlwt.Workbook()
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for name in ("Un", "Deux"):
        sheet = book.add_sheet(name)
        for k in range(300):
            for column, cell in enumerate(cells(k)):
                sheet.write(k, column, cell, *([day] if column == 2 else []))
            sheet.write(k, 4, k % 2 == 0)
            sheet.write(k, 5, f"é{k} œ" * 20)
            sheet.write(k, 6, k / 8)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells_of_book(book) -> list[list[tuple[int, list[str]]]]:
    return [
        [(row.number, list(row.cells)) for batch in book.batches(index, -1) for row in batch]
        for index in range(len(book.sheets()))
    ]


def test_rescue_of_xls_reads_what_calamine_reads() -> None:
    ours, theirs = BiffBook(io.BytesIO(old())), CalamineBook(io.BytesIO(old()), "XLS")
    assert ours.sheets() == theirs.sheets() == [("Un", False), ("Deux", False)]
    assert cells_of_book(ours) == cells_of_book(theirs)


def test_xls_cut_at_fifty_places() -> None:
    everything = cells_of_book(BiffBook(io.BytesIO(old())))
    read = []
    for cut in sorted(random.Random(8).sample(range(600, len(old())), 50)):
        try:
            sheets = cells_of_book(BiffBook(io.BytesIO(old()[:cut])))
        except parser.RefusalError:
            sheets = []
        for rows, whole in zip(sheets, everything, strict=False):
            assert rows[:-1] == whole[: len(rows[:-1])]
        read.append(sum(map(len, sheets)))
    assert read == sorted(read)
    assert max(read) > 550
    assert sum(count > 0 for count in read) > 15


def test_xls_cut_through_the_whole_reader(tmp_path: Path) -> None:
    assert len(rows_of(old()[: len(old()) * 9 // 10], tmp_path)) > 250


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(turns=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=20), cut=st.floats(0.3, 1))
def test_rescue_of_xls_bears_any_bytes(turns, cut) -> None:
    data = bytearray(old()[: int(cut * len(old()))])
    for place, value in turns:
        data[min(int(place * len(data)), len(data) - 1)] = value
    with suppress(parser.RefusalError):
        book = BiffBook(io.BytesIO(bytes(data)))
        assert all(book.width(index) <= 256 for index in range(len(book.sheets())))
        cells_of_book(book)
