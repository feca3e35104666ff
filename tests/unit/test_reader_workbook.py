"""Spreadsheets as real libraries write them: cells to the letter, headers, hidden sheets, passwords, impostors."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

import opendocument as odf
from etanche.errors import ExitCode, UserError
from etanche.ingest import open_paths, sandbox
from etanche.ingest.bids import Head
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, Meter
from etanche.ingest.office import is_office
from etanche.ingest.parsers import workbook as parser
from etanche.ingest.parsers.office import xlsxbook
from etanche.ingest.parsers.office.values import (
    DATE,
    ELAPSED,
    NUMBER,
    TIME,
    date_text,
    duration_text,
    float_text,
    kind_of_format,
    number_text,
)
from etanche.ingest.readers import workbook
from etanche.ingest.tables import CellTable, cells_of
from etanche.model import QuarantineReason


def read(path: Path, passwords: tuple[str, ...] = ()) -> dict[str, tuple[CellTable, list[list[str]]]]:
    """Return each table with all of its rows."""
    found = {}
    for table in workbook.tables(file_entry(path, path.name, Meter(DEFAULT, passwords=passwords)), DEFAULT):
        rows = [cells for piece in table._pieces() for cells in cells_of(piece, len(table.names))]
        list(table.parts())
        found[table.table] = (table, rows)
    return found


def notes(table: CellTable) -> dict[str, dict[str, object]]:
    return {note.code: dict(note.params) for note in table.notes}


PATIENTS = [
    ["nir", "nom", "naissance", "cp", "montant", "actif"],
    [185057812345678, "Lefèvre", dt.date(1985, 5, 1), "01000", 81.17, True],
    [285057812345679, "D'Arc\nJeanne", dt.datetime.fromisoformat("1985-05-01T13:45:30"), "29200", -3, False],
]
SPELLED = [
    ["185057812345678", "Lefèvre", "1985-05-01", "01000", "81.17", "TRUE"],
    ["285057812345679", "D'Arc\nJeanne", "1985-05-01 13:45:30", "29200", "-3", "FALSE"],
]


def xlsx(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_cells_of_xlsx_to_the_letter(tmp_path: Path) -> None:
    [(table, rows)] = read(xlsx(tmp_path / "p.xlsx", {"Patients": PATIENTS})).values()
    assert table.names == tuple(PATIENTS[0])
    assert table.header
    assert rows == SPELLED
    assert (table.ledger.lines, table.ledger.header, table.ledger.rows) == (3, 1, 2)
    assert table.source.table == "Patients"


def test_kinds_of_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["id", "valeur"])
    cells = [
        dt.time(1, 2, 3), dt.timedelta(hours=27), "#N/A", "=1/0", 0.25, 1e20, 12345678901234567890, "007", " x ",
        0.1 + 0.2, 1e-7, "a&b <c> \"d\"", "_x005F_x0041_",
    ]  # fmt: skip
    for k, cell in enumerate(cells):
        sheet.append([f"k{k}", cell])
    sheet["B6"].number_format = "0%"
    book.save(tmp_path / "k.xlsx")
    [(table, rows)] = read(tmp_path / "k.xlsx").values()
    assert [row[1] for row in rows] == [
        "01:02:03", "27:00:00", "#N/A", "", "0.25", "100000000000000000000", "12345678901234570000", "007", " x ",
        "0.3", "0.0000001", "a&b <c> \"d\"", "_x0041_",
    ]  # fmt: skip
    assert notes(table) == {"numbers_rounded": {"count": 2}}


def test_hidden_empty_and_small_sheets(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Vide"
    hidden = book.create_sheet("Caché")
    hidden.sheet_state = "veryHidden"
    hidden.append(["nom"])
    hidden.append(["Le Goff"])
    book.create_sheet("Liste").append(["12"])
    book.save(tmp_path / "h.xlsx")
    found = read(tmp_path / "h.xlsx")
    assert list(found) == ["Caché", "Liste"]
    assert "sheet_hidden" in notes(found["Caché"][0])
    assert found["Caché"][1] == [["Le Goff"]]
    assert found["Liste"][1] == [["12"]]
    assert not found["Liste"][0].header


def test_titles_blank_rows_and_rows_of_any_length(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Extraction du laboratoire"],
        [],
        ["Date :", dt.date(2021, 2, 14)],
        [],
        ["nom", "prénom", "téléphone", "ville"],
        ["Le Goff", "Anne", "0298000001", "Brest"],
        [],
        ["Morvan", "Yann"],
        ["Kervella", "Loïc", "0298000002", "Quimper"],
    ]
    [(table, got)] = read(xlsx(tmp_path / "t.xlsx", {"S": rows})).values()
    assert table.names == ("nom", "prénom", "téléphone", "ville")
    assert got == [
        ["Le Goff", "Anne", "0298000001", "Brest"],
        ["Morvan", "Yann", "", ""],
        ["Kervella", "Loïc", "0298000002", "Quimper"],
    ]
    ledger = table.ledger
    assert (ledger.lines, ledger.header, ledger.row_lines, ledger.blank) == (9, 5, 3, 1)
    part = next(table.parts())
    assert [(run.first_line, run.rows) for run in part.runs] == [(6, 1), (8, 2)]


def test_a_header_of_two_lines_with_merged_titles(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Identité", None, None, "Résultats", None])
    sheet.append(["nom", "prénom", "naissance", "TSH", "CRP"])
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("D1:E1")
    for k in range(12):
        sheet.append([f"NOM{chr(65 + k)}", "Anne", dt.date(1960 + k, 1, 2), 1.5 + k, 3 + k])
    book.save(tmp_path / "m.xlsx")
    [(table, rows)] = read(tmp_path / "m.xlsx").values()
    assert table.names == ("Identité nom", "Identité prénom", "Identité naissance", "Résultats TSH", "Résultats CRP")
    assert table.ledger.header == 2
    assert len(rows) == 12


def test_rows_that_look_alike_and_rows_that_do_not(tmp_path: Path) -> None:
    """Thousands of rows go by templates; each kind of exception must come out the same as by the careful path."""
    rows: list[list[object]] = [["id", "nom", "naissance", "note", "x"]]
    expected = []
    for k in range(3000):
        day = dt.date(1950, 1, 1) + dt.timedelta(days=k)
        cells: list[object] = [k, f"N{k}", day, f"a&{k}" if k % 7 == 0 else "n", k / 8]
        if k % 11 == 0:
            cells[1] = k
        if k % 13 == 0:
            cells[2] = None
        if k % 17 == 0:
            cells[4] = "texte"
        rows.append(cells)
        expected.append(
            ["" if cell is None else float_text(cell) if isinstance(cell, float) else str(cell) for cell in cells]
        )
    [(_, got)] = read(xlsx(tmp_path / "a.xlsx", {"S": rows})).values()
    assert got == expected


CELL = '<sheetData><row r="1"><c r="A1" {}</c></row></sheetData>'


def sheet_xml(path: Path, body: str, *, texts: str = "", head: str = "") -> Path:
    """Write a workbook of one sheet whose XML is given."""
    types = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("xl/worksheets/sheet1.xml", f'<?xml version="1.0"?>{head}<worksheet>{body}</worksheet>')
        if texts:
            archive.writestr("xl/sharedStrings.xml", f"<sst>{texts}</sst>")
    return path


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("<sheetData><row><c><v>1</v></c><c><v>2</v></c></row></sheetData>", [["1", "2"]]),
        ("<x:sheetData><x:row r='1'><x:c r='A1'><x:v>1</x:v></x:c></x:row></x:sheetData>", [["1"]]),
        ('<sheetData><row r="1"><c r="B1" t="s"><v>0</v></c></row></sheetData>', [["", "é<b"]]),
        ('<sheetData><row r="1"><c r="A1" t="s"><v>99</v></c><c r="B1"><v>3</v></c></row></sheetData>', [["", "3"]]),
        ('<sheetData><row r="2"/><row r="3"/><row r="4"><c r="A4"><v>1</v></c></row></sheetData>', [["1"]]),
        (CELL.format('t="str"><f>A&amp;"x"</f><v>a&#233;&amp;</v>'), [["aé&"]]),
        (CELL.format('t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>z</t></rPh></is>'), [["ab"]]),
        (CELL.format('><v><![CDATA[5]]></v></c><!-- <c r="B1"><v>6</v></c> --><c>'), [["5"]]),
        ('<sheetData><row r="1"><c r="A1"><v>1.85057812345678E14</v></c></row></sheetData>', [["185057812345678"]]),
        ('<sheetData><row r="1"><c r="A1"><v>81.170000000000002</v></c></row></sheetData>', [["81.17"]]),
        ('<sheetData><row r="1"><c r="A1"><v>5.0</v></c></row></sheetData>', [["5"]]),
        ('<sheetData><row r="1"><c r="A1" t="d"><v>2021-02-14T00:00:00</v></c></row></sheetData>', [["2021-02-14"]]),
        ('<sheetData><row r="1"><c r="A1" t="str"><v>a_x000D_b</v></c></row></sheetData>', [["a\rb"]]),
        ('<sheetData><row r="1"><c r="A1" t="e"><v>#REF!</v></c></row></sheetData>', [["#REF!"]]),
    ],
)  # fmt: skip
def test_xml_that_few_programs_write(tmp_path: Path, body: str, rows: list[list[str]]) -> None:
    path = sheet_xml(tmp_path / "x.xlsx", body, texts="<si><t>é&lt;b</t></si>")
    params = {"ratio": 400, "ratio_from": 1 << 26, "total": 1 << 30, "raw_bytes": 99, "passwords": []}
    (sheet, _), _ = parser.survey(path, params)
    frames = parser.rows(path, params | {"sheet": 0, "width": sheet["width"], "skip": 0})
    assert [cells for piece in sandbox.pieces(frames) for cells in cells_of(piece, sheet["width"])] == rows


def test_a_stray_cell_far_to_the_right_does_not_widen_every_row(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{k}"><c r="A{k}"><v>{k}</v></c><c r="B{k}"><v>1</v></c></row>' for k in range(1, 60))
    stray = '<row r="60"><c r="A60"><v>60</v></c><c r="XFD60"><v>3</v></c></row>'
    [(table, got)] = read(sheet_xml(tmp_path / "s.xlsx", f"<sheetData>{rows}{stray}</sheetData>")).values()
    assert (len(table.names), len(got)) == (2, 59)
    assert table.ledger.reasons == {QuarantineReason.TOO_MANY_CELLS: 1}


def test_a_row_wider_than_the_sheet_says_is_set_aside(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{k}"><c r="A{k}"><v>{k}</v></c><c r="B{k}"><v>1</v></c></row>' for k in range(1, 30000))
    wide = '<row r="30000"><c r="A30000"><v>1</v></c><c r="B30000"><v>2</v></c><c r="C30000"><v>3</v></c></row>'
    path = sheet_xml(tmp_path / "w.xlsx", f'<dimension ref="A1:B29999"/><sheetData>{rows}{wide}</sheetData>')
    [(table, got)] = read(path).values()
    assert len(got) == 29999
    assert table.ledger.reasons == {QuarantineReason.TOO_MANY_CELLS: 1}
    without = sheet_xml(tmp_path / "v.xlsx", f"<sheetData>{rows}{wide}</sheetData>")
    [(table, got)] = read(without).values()
    assert got[-1] == ["1", "2", "3"]


def test_a_row_that_is_no_xml_is_set_aside(tmp_path: Path) -> None:
    rows = ('r="1"><c r="A1"><v>1</v></c>', 'r="2"><c <<', 'r="3"><c r="A3"><v>3</v></c>')
    body = "<sheetData>" + "".join(f"<row {row}</row>" for row in rows) + "</sheetData>"
    [(table, got)] = read(sheet_xml(tmp_path / "b.xlsx", body)).values()
    assert got == [["1"], ["3"]]
    assert table.ledger.reasons == {QuarantineReason.UNDECODABLE: 1}


def test_entities_are_refused_or_harmless(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    path = sheet_xml(tmp_path / "e.xlsx", '<sheetData><row r="1"><c r="A1"><v>&b;</v></c></row></sheetData>', head=bomb)
    found = read(path)
    assert all("aaaa" not in cell for _, rows in found.values() for row in rows for cell in row)


def test_xls(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Feuille")
    day = xlwt.easyxf(num_format_str="DD/MM/YYYY")
    for k, name in enumerate(["nir", "nom", "naissance", "actif", "cp"]):
        sheet.write(0, k, name)
    for k in range(5):
        sheet.write(k + 1, 0, 185057812345678 + k)
        sheet.write(k + 1, 1, "Lefèvre")
        sheet.write(k + 1, 2, dt.datetime.fromisoformat(f"1985-05-0{1 + k}"), day)
        sheet.write(k + 1, 3, k % 2 == 0)
        sheet.write(k + 1, 4, "01000")
    book.save(str(tmp_path / "f.xls"))
    [(table, rows)] = read(tmp_path / "f.xls").values()
    assert table.names == ("nir", "nom", "naissance", "actif", "cp")
    assert rows[0] == ["185057812345678", "Lefèvre", "1985-05-01", "TRUE", "01000"]
    assert len(rows) == 5


def ods(path: Path, rows: int = 5) -> Path:
    """Write a spreadsheet with the empty rows to the end of the sheet that programs add."""
    head = odf.row(*map(odf.cell, ("nir", "nom", "naissance", "durée", "actif")))
    body = [
        odf.row(
            odf.cell("1,85E+14", "float", value=str(185057812345678 + k)),
            odf.cell("D'Arc\nJeanne"),
            odf.cell("01/05/85", "date", date_value="1985-05-01"),
            odf.cell("27:00", "time", time_value="PT27H00M00S"),
            odf.cell("VRAI", "boolean", boolean_value="true"),
        )
        for k in range(rows)
    ]
    filler = (
        '<table:table-row table:number-rows-repeated="1048000">'
        '<table:table-cell table:number-columns-repeated="1024"/></table:table-row>'
    )
    return odf.write(path, "spreadsheet", odf.table("Patients", head, *body, filler))


def test_ods(tmp_path: Path) -> None:
    [(table, rows)] = read(ods(tmp_path / "p.ods")).values()
    assert table.names == ("nir", "nom", "naissance", "durée", "actif")
    assert rows[0] == ["185057812345678", "D'Arc\nJeanne", "1985-05-01", "27:00:00", "TRUE"]
    assert len(rows) == 5


def test_passwords(tmp_path: Path) -> None:
    clear = io.BytesIO(xlsx(tmp_path / "p.xlsx", {"Patients": PATIENTS}).read_bytes())
    locked = tmp_path / "locked.xlsx"
    with locked.open("wb") as file:
        OOXMLFile(clear).encrypt("Tr0mbone", file)
    [(_, rows)] = read(locked, ("wrong", "Tr0mbone")).values()
    assert rows == SPELLED
    with pytest.raises(UserError) as caught:
        read(locked, ("wrong",))
    assert (caught.value.code, caught.value.exit_code) == ("ingest_workbook_encrypted", ExitCode.UNREADABLE)
    assert caught.value.params == {"path": "locked.xlsx"}


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"[Content_Types].xml": "x", "word/document.xml": "x"}, "ingest_format"),
        ({"[Content_Types].xml": "x", "ppt/presentation.xml": "x"}, "ingest_format"),
        ({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<a/>"}, "ingest_format"),
        ({"[Content_Types].xml": "x"}, "ingest_workbook_empty"),
        (
            {
                "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                "META-INF/manifest.xml": "<encryption-data/>",
                "content.xml": "??",
            },
            "ingest_workbook_encrypted",
        ),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_name(tmp_path: Path, members: dict[str, str], code: str) -> None:
    path = tmp_path / "d.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    with pytest.raises(UserError) as caught:
        read(path)
    assert (caught.value.code, caught.value.exit_code) == (code, ExitCode.UNREADABLE)


def test_office_documents_are_told_from_zips_that_hold_one(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "p.xlsx", {"S": PATIENTS})
    inside = tmp_path / "outer.zip"
    with zipfile.ZipFile(inside, "w") as archive:
        archive.write(path, "p.xlsx")
    assert is_office(path.read_bytes()[: 1 << 16])
    assert is_office(ods(tmp_path / "p.ods").read_bytes()[: 1 << 16])
    assert not is_office(inside.read_bytes())
    assert not is_office(b"PK\x03\x04")
    assert workbook.bid(Head("p.bin", path.read_bytes()[: 1 << 16])).score == pytest.approx(0.9)
    assert workbook.bid(Head("p.zip", inside.read_bytes()[: 1 << 16])).score == 0


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ("5", "5"), ("5.0", "5"), ("1.85057812345678E14", "185057812345678"), ("1E-7", "0.0000001"),
        ("0.1", "0.1"), ("81.170000000000002", "81.17"), ("12345678901234567890", "12345678901234567890"),
        ("1e400", "1e400"), ("NaN", "NaN"), ("x", "x"), ("", ""), ("007", "7"), ("1E999999999", "1E999999999"),
    ],
)  # fmt: skip
def test_numbers(stored: str, text: str) -> None:
    assert number_text(stored) == text


@pytest.mark.parametrize(
    ("serial", "kind", "from_1904", "text"),
    [
        ("44241", DATE, False, "2021-02-14"),
        ("44241.5", DATE, False, "2021-02-14 12:00:00"),
        ("42779", DATE, True, "2021-02-14"),
        ("1", DATE, False, "1900-01-01"),
        ("60", DATE, False, "1900-02-29"),
        ("61", DATE, False, "1900-03-01"),
        ("0", DATE, False, "0"),
        ("0.25", TIME, False, "06:00:00"),
        ("0.25", DATE, False, "06:00:00"),
        ("1.125", ELAPSED, False, "27:00:00"),
        ("-5", DATE, False, "-5"),
        ("99999999", DATE, False, "99999999"),
        ("2958465.9999999999", DATE, False, "2958466"),
        ("abc", DATE, False, "abc"),
        ("nan", DATE, False, "nan"),
        ("44241.123456789", DATE, False, "2021-02-14 02:57:46.667"),
    ],
)
def test_dates(serial: str, kind: str, from_1904: bool, text: str) -> None:
    assert date_text(serial, kind, from_1904=from_1904) == text


@pytest.mark.parametrize(
    ("number", "code", "kind"),
    [
        (0, None, NUMBER), (14, None, DATE), (22, None, DATE), (21, None, TIME), (46, None, ELAPSED),
        (49, None, NUMBER),
        (164, "dd/mm/yyyy", DATE), (164, "[$-40C]d mmmm yyyy;@", DATE), (164, "mmm", DATE), (164, "hh:mm", TIME),
        (164, "[h]:mm:ss", ELAPSED), (164, '#,##0.00 "dh"', NUMBER), (164, "General", NUMBER),
        (164, "0.00E+00", NUMBER),
        (164, "[Red]0", NUMBER), (164, "0\\d", NUMBER), (164, "yyyy-mm-dd hh:mm", DATE), (164, "@", NUMBER),
    ],
)  # fmt: skip
def test_formats(number: int, code: str | None, kind: str) -> None:
    assert kind_of_format(number, code) == kind


def test_durations() -> None:
    assert duration_text(-90061.5) == "-25:01:01.5"
    assert duration_text(0) == "00:00:00"


def test_what_is_named_xls_is_read_by_what_it_is(tmp_path: Path) -> None:
    head = "nom;ville\nLe Goff;Brest\nMorvan;Quimper\n"
    page = "<html><table><tr><td>nom<td>ville</tr><tr><td>Le Goff<td>Brest</tr></table></html>"
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    rows = (("nom", "ville"), ("Le Goff", "Brest"))
    cells = "".join(f"<Row><Cell><Data>{a}</Data></Cell><Cell><Data>{b}</Data></Cell></Row>" for a, b in rows)
    sheet = f'<?xml version="1.0"?><Workbook xmlns="{space}"><Worksheet><Table>{cells}</Table></Worksheet></Workbook>'
    for text, reader in ((head, "delimited"), (page, "html_table"), (sheet, "spreadsheetml")):
        (tmp_path / "export.xls").write_text(text)
        [table] = open_paths([tmp_path / "export.xls"])
        assert (table.source.reader, table.names) == (reader, ("nom", "ville"))


def test_a_cell_beyond_the_width_is_found_whatever_its_tag_is_called():
    for width, found, passed in ((3, ("D", "AA"), ("A", "C")), (26, ("AA", "ZZZ"), ("Z",)), (0, ("A",), ())):
        beyond = xlsxbook._beyond(width)
        for tag in ("c", "x:c"):
            for letters in found:
                match = beyond.search(f'<row r="1"><{tag} r="{letters}12" s="3"><v>1</v>'.encode())
                assert match is not None
                assert match[1].decode() == letters
            for letters in passed:
                assert beyond.search(f'<{tag} r="{letters}12" s="3"><v>1</v>'.encode()) is None
            # Neither an empty cell, nor what is said in a text.
            assert beyond.search(f'<{tag} r="XX12" s="3"/><{tag} r="XX12"></{tag}>'.encode()) is None
        assert beyond.search(b'<t>abc r="XX12"></t><d r="XX12"><v>') is None
