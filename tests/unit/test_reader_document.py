"""DOCX, ODT and RTF: text whole, tables as tables."""

from __future__ import annotations

import random
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import opendocument as odf
from etanche.errors import UserError
from etanche.ingest.bids import Head, best
from etanche.ingest.parsers.rtf import text_of
from reading import read

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ROWS = [["Nom", "Naissance"], ["Durand", "01/02/1980"], ["Lefèvre", "03/04/1990"]]


def docx(body: str, **others: str) -> bytes:
    """Return a DOCX, of the members that matter."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for name, text in ({"document": body} | others).items():
            archive.writestr(f"word/{name}.xml", f"<?xml version='1.0'?><w:document {W}>{text}</w:document>")
    return out.getvalue()


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def table(rows: list[list[str]]) -> str:
    cells = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
    return "<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>"


def test_docx(tmp_path: Path) -> None:
    path = tmp_path / "letter.docx"
    body = paragraph("Cher confrère,") + table(ROWS) + "<w:p><w:r><w:t>à</w:t><w:tab/><w:t>bientôt</w:t></w:r></w:p>"
    path.write_bytes(docx(body, header1=paragraph("Cabinet")))
    found, _ = read(path)
    assert found["table_1"] == [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]
    assert found["text"] == [
        {"part": "document", "text": "Cher confrère,\nà\tbientôt"},
        {"part": "header1", "text": "Cabinet"},
    ]


def test_odt(tmp_path: Path) -> None:
    grid = odf.table("t", *(odf.row(*map(odf.cell, row)) for row in ROWS))
    odf.write(tmp_path / "letter.odt", "text", odf.paragraph("Cher confrère,") + grid + odf.paragraph("Bien à vous"))
    found, _ = read(tmp_path / "letter.odt")
    assert found["table_1"][1] == {"Nom": "Lefèvre", "Naissance": "03/04/1990"}
    assert found["text"] == [{"part": "document", "text": "Cher confrère,\nBien à vous"}]


def test_rtf(tmp_path: Path) -> None:
    path = tmp_path / "letter.rtf"
    path.write_bytes(
        rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator x;}{\info{\author Moi}}"
        rb"\f0 Cher confr\'e8re,\par {\b merci} \u8364?20\line 1\cell 2\row \{fin\}}"
    )
    found, _ = read(path)
    assert found["text"] == [{"part": "document", "text": "Cher confrère,\nmerci €20\n1\t2\n{fin}"}]


def test_entities_and_damage_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "ccc">]><a>&b;</a>')
    path.write_bytes(out.getvalue())
    with pytest.raises(UserError) as refused:
        read(path)
    assert refused.value.code == "ingest_xml_entities"
    path.write_bytes(docx(""))
    with pytest.raises(UserError) as refused:
        read(path)
    assert refused.value.code == "ingest_document_empty"


def test_what_was_whole_before_a_cut_is_read(tmp_path: Path) -> None:
    chance = random.Random(4)
    whole = docx("".join(paragraph(f"{k} {chance.random()}") for k in range(3000)) + table(ROWS))
    path = tmp_path / "cut.docx"
    for at in chance.sample(range(20_000, len(whole)), 50):
        path.write_bytes(whole[:at])
        found, _ = read(path)
        lines = found["text"][0]["text"].splitlines()
        assert len(lines) > 3000 * (at - 8000) / len(whole) * 0.8
        assert [line.split()[0] for line in lines[:-1]] == [str(k) for k in range(len(lines) - 1)]


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(
            [b"{", b"}", b"\\par", b"\\'e9", b"\\'", b"\\u8364", b"\\uc9 ", b"\\bin5 ", b"\\*", b"x", b"\\", b"\xe9"]
        )
    )
)
def test_any_rtf_is_text(pieces: list[bytes]) -> None:
    assert isinstance(text_of(b"{\\rtf1" + b"".join(pieces)), str)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), min_size=1, max_size=20))
def test_spoilt_documents_do_no_harm(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(docx(paragraph("é") * 30 + table(ROWS)))
    for at, byte in changes:
        data[4 + at % (len(data) - 4)] = byte
    path = tmp_path / "spoilt.docx"
    path.write_bytes(data)
    try:
        read(path)
    except UserError as error:
        assert error.code.startswith("ingest_")  # noqa: PT017 - it need not raise


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (docx(paragraph("x")), "document"),
        (b"{\\rtf1 x}", "document"),
    ],
)
def test_bids(data: bytes, name: str) -> None:
    reader = best(Head("x", data))
    assert reader is not None
    assert name == reader.NAME
