"""Workbooks made to burst: each ends soon, with what came before or with one line, in bounded memory."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from etanche.errors import UserError
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, MIB, Meter
from etanche.ingest.readers import workbook

LIMITS = replace(DEFAULT, parser_bytes=1 << 30, parser_seconds=60, parser_silence=60, ratio_from=8 * MIB)
ROW = '<row r="{k}"><c r="A{k}"><v>{k}</v></c></row>'
SPACES = "xmlns:office='o' xmlns:table='t' xmlns:text='x'"


def workbook_of(path: Path, pieces: list[tuple[str, int]], member: str = "xl/worksheets/sheet1.xml") -> Path:
    """Write a workbook whose one part is each text so many times."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if member == "content.xml":
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        with archive.open(member, "w") as part:
            for text, times in pieces:
                block = max(1, min(times, MIB // max(1, len(text))))
                for _ in range(times // block):
                    part.write((text * block).encode())
    return path


def read(path: Path) -> tuple[int, set[str]]:
    """Return the number of rows and the codes of notes and reasons."""
    rows, codes = 0, set()
    for table in workbook.tables(file_entry(path, path.name, Meter(DEFAULT)), LIMITS):
        rows += sum(part.rows for part in table.parts())
        codes |= {note.code for note in table.notes} | {str(reason) for reason in table.ledger.reasons}
    return rows, codes


def test_zeros_without_end_after_good_rows(tmp_path: Path) -> None:
    head = "<worksheet><sheetData>" + "".join(ROW.format(k=k) for k in range(1, 101))
    path = workbook_of(tmp_path / "z.xlsx", [(head, 1), ("\0", 200 * MIB)])
    rows, codes = read(path)
    assert rows == 100
    assert "sheet_limit_ratio" in codes


def test_a_row_without_end(tmp_path: Path) -> None:
    import random

    noise = "".join(random.Random(1).choices("abcdefghij ", k=4000))
    pieces = [
        ("<worksheet><sheetData>" + ROW.format(k=1) + "<row>", 1),
        (noise, 20_000),
        ("</row>" + ROW.format(k=3), 1),
    ]
    rows, codes = read(workbook_of(tmp_path / "r.xlsx", [*pieces, ("</sheetData></worksheet>", 1)]))
    assert rows == 2
    assert "too_long" in codes


def test_no_rows_at_all(tmp_path: Path) -> None:
    path = workbook_of(tmp_path / "n.xlsx", [("<worksheet>" + "x" * 50, 400_000)])
    with pytest.raises(UserError) as caught:
        read(path)
    assert caught.value.code == "ingest_workbook_empty"


def test_deep_xml(tmp_path: Path) -> None:
    head = '<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is>'
    with pytest.raises(UserError):
        read(workbook_of(tmp_path / "d.xlsx", [(head, 1), ("<r>", 300_000), ("</row></sheetData>", 1)]))


def test_ods_that_repeats_itself(tmp_path: Path) -> None:
    head = f"<office:document-content {SPACES}><office:spreadsheet><table:table table:name='S'>"
    cell = "<table:table-cell table:number-columns-repeated='16384'><text:p>x</text:p></table:table-cell>"
    row = f"<table:table-row table:number-rows-repeated='1048576'>{cell}</table:table-row>"
    tail = "</table:table></office:spreadsheet></office:document-content>"
    rows, codes = read(workbook_of(tmp_path / "o.ods", [(head, 1), (row, 3), (tail, 1)], "content.xml"))
    assert 1000 < rows < 2000
    assert "repeats_left_out" in codes


def test_ods_with_entities(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    with pytest.raises(UserError) as caught:
        read(
            workbook_of(
                tmp_path / "e.ods",
                [(f"{bomb}<office:document-content {SPACES}>&b;</office:document-content>", 1)],
                "content.xml",
            )
        )
    assert caught.value.code == "ingest_xml_entities"
