"""HTML tables and SpreadsheetML, which spreadsheets name .xls: cells, spans, entities, damage."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etanche.errors import UserError
from etanche.ingest.bids import Head
from etanche.ingest.entries import file_entry
from etanche.ingest.limits import DEFAULT, Meter
from etanche.ingest.readers import html_table, spreadsheetml
from etanche.ingest.tables import CellTable, cells_of

Found = dict[str, tuple[CellTable, list[list[str]]]]


def read(reader: object, path: Path, data: bytes) -> Found:
    path.write_bytes(data)
    found: Found = {}
    for table in reader.tables(file_entry(path, path.name, Meter(DEFAULT)), DEFAULT):
        rows = [cells for piece in table._pieces() for cells in cells_of(piece, len(table.names))]
        list(table.parts())
        found[table.table] = (table, rows)
    return found


PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset=windows-1252>
<style>td {{mso-number-format:"\\@"}} table > tr</style></head><body>
<!-- <table><tr><td>rien</td></tr></table> -->
<table border=1>
<tr><th>nir<th>nom<th>ville
<tr><td x:num="185057812345678">1,85E+14<td>Lef&egrave;vre<br>n&#233;e D'Arc</td><td> Brest&nbsp; </td></tr>
<tr><td>2850578</td><td><p>No\u00ebl</p></td><td colspan=2></td></tr>
{more}
</table></body></html>"""


def test_a_page_named_xls(tmp_path: Path) -> None:
    data = PAGE.format(more="").encode("cp1252")
    assert html_table.bid(Head("export.xls", data)).score > 0.9
    [(table, rows)] = read(html_table, tmp_path / "export.xls", data).values()
    assert table.names == ("nir", "nom", "ville")
    assert table.encoding == "cp1252"
    assert rows == [["185057812345678", "Lefèvre\nnée D'Arc", "Brest"], ["2850578", "Noël", ""]]
    assert (table.ledger.lines, table.ledger.header, table.ledger.blank) == (3, 1, 0)


def test_spans_and_tables_in_tables(tmp_path: Path) -> None:
    page = b"""<table><tr><td rowspan=2>a<td>b<td>c</tr><tr><td>d<td>e</tr><tr><td>f<td colspan=2>g</tr></table>
    <table><tr><td>x<table><tr><td>inner</table>y</table>"""
    found = read(html_table, tmp_path / "s.html", page)
    assert [rows for _, rows in found.values()] == [
        [["a", "b", "c"], ["", "d", "e"], ["f", "g", ""]],
        [["xy"]],
        [["inner"]],
    ]
    assert list(found) == ["table 1", "table 2", "table 3"]


def test_utf_16_and_undeclared_pages(tmp_path: Path) -> None:
    page = "<table><tr><td>nom<td>prénom</tr>" + "<tr><td>Lefèvre<td>Anaïs</tr>" * 5 + "</table>"
    for encoding in ("utf-16", "utf-8", "cp1252", "cp850"):
        data = page.encode(encoding)
        assert html_table.bid(Head("x", data)).score > 0.9
        [(_, rows)] = read(html_table, tmp_path / "u.xls", data).values()
        assert rows[-1] == ["Lefèvre", "Anaïs"]


def test_pages_without_tables(tmp_path: Path) -> None:
    assert html_table.bid(Head("a.html", b"<html><body>bonjour")).score < 0.6
    assert html_table.bid(Head("a.csv", b"nom;ville\n<table>;x\n")).score == 0
    with pytest.raises(UserError) as caught:
        read(html_table, tmp_path / "a.xls", b"<html><body>bonjour")
    assert caught.value.code == "ingest_format"


def test_comments_without_end_are_not_looked_at_twice(tmp_path: Path) -> None:
    data = b"<!---->" * 9000 + b"<!--" * 20_000 + b"<a" * 20_000
    assert html_table.bid(Head("x.html", data[: 1 << 16])).score == 0
    [(_, rows)] = read(html_table, tmp_path / "x.html", b"<table><tr><td>a</tr>" + b"<" * 3_000_000).values()
    assert rows == [["a"]]


def test_a_page_cut_at_fifty_places(tmp_path: Path) -> None:
    more = "".join(f"<tr><td>{k}</td><td>Nom{k}</td><td>Brest</td></tr>\n" for k in range(200))
    data = PAGE.format(more=more).encode("cp1252")
    for cut in random.Random(4).sample(range(len(PAGE) - 40, len(data)), 50):
        [(table, rows)] = read(html_table, tmp_path / "c.xls", data[:cut]).values()
        assert any(note.code == "sheet_truncated" for note in table.notes) == (data[:cut].count(b"</table>") < 2)
        whole = data[:cut].count(b"</tr>") - 1  # but for the one in a comment
        assert len(rows) in {whole, whole + 1}
        assert rows[2:whole] == [[str(k), f"Nom{k}", "Brest"] for k in range(whole - 2)]


SHEET = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="Patients"><Table>
<Row><Cell><Data ss:Type="String">nir</Data></Cell><Cell><Data ss:Type="String">nom</Data></Cell>
<Cell><Data ss:Type="String">naissance</Data></Cell><Cell><Data ss:Type="String">actif</Data></Cell></Row>
{rows}
</Table></Worksheet><Worksheet ss:Name="Vide"><Table/></Worksheet></Workbook>"""
ROW = """<Row{index}><Cell><Data ss:Type="Number">1.85057812345678E14</Data></Cell>
<Cell ss:Index="2"><ss:Data ss:Type="String" xmlns="x">Lef&#232;vre <B>Anne</B></ss:Data></Cell>
<Cell><Data ss:Type="DateTime">1985-05-01T00:00:00.000</Data></Cell>
<Cell><Data ss:Type="Boolean">1</Data></Cell></Row>"""


def test_spreadsheetml(tmp_path: Path) -> None:
    data = SHEET.format(rows=ROW.format(index="") + ROW.format(index=' ss:Index="5"')).encode()
    assert spreadsheetml.bid(Head("x.xls", data)).score > 0.9
    assert html_table.bid(Head("x.xls", data)).score == 0
    found = read(spreadsheetml, tmp_path / "s.xls", data)
    [(table, rows)] = found.values()
    assert list(found) == ["Patients"]
    assert table.names == ("nir", "nom", "naissance", "actif")
    assert rows == [["185057812345678", "Lefèvre Anne", "1985-05-01", "TRUE"]] * 2
    assert (table.ledger.lines, table.ledger.blank) == (5, 2)


def test_spreadsheetml_cut_at_fifty_places(tmp_path: Path) -> None:
    data = SHEET.format(rows=ROW.format(index="") * 100).encode()
    begin = data.index(b"</Row>") + 300
    for cut in random.Random(4).sample(range(begin, len(data)), 50):
        [(table, rows)] = read(spreadsheetml, tmp_path / "c.xls", data[:cut]).values()
        assert len(rows) == data[:cut].count(b"</Row>") - 1
        assert any(note.code == "sheet_damaged" for note in table.notes)


def test_entities_are_refused(tmp_path: Path) -> None:
    entities = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    bomb = entities + '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'
    with pytest.raises(UserError) as caught:
        read(spreadsheetml, tmp_path / "e.xml", bomb.encode())
    assert caught.value.code == "ingest_xml_entities"


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    reader=st.sampled_from([html_table, spreadsheetml]),
    turns=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=5)), max_size=10),
)
def test_bytes_turned(tmp_path_factory, reader, turns) -> None:
    data = bytearray(
        (PAGE.format(more="") if reader is html_table else SHEET.format(rows=ROW.format(index="") * 3)).encode()
    )
    for place, value in turns:
        at = int(place * len(data))
        data[at : at + len(value)] = value
    with suppress(UserError):
        read(reader, tmp_path_factory.mktemp("page") / "f.xls", bytes(data))
