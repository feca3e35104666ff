"""Documents as PDF/UA-1: structure, determinism, what cannot be shown, what is refused."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pypdfium2
import pytest

from etanche.respond import typeset

NOW = datetime(2026, 11, 23, 22, 0, tzinfo=UTC, microsecond=5)


def made(source: str, inputs: dict[str, object] | None = None) -> bytes:
    return typeset.pdf(source, inputs or {}, title="Plainte", language="fr", created=NOW)


def text_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def test_data_reach_the_page_and_are_never_evaluated() -> None:
    hostile = '#panic("x") $1$ *b* @ref = head "'
    assert hostile in text_of(made("= #data.heading", {"heading": hostile}))


def test_a_document_says_that_it_is_pdf_ua() -> None:
    data = made("= Titre\n\n- un\n- deux\n")
    assert b"pdfuaid:part>1</pdfuaid:part" in data
    assert b"/StructTreeRoot" in data
    assert b"/Marked true" in data
    assert b"/Lang(fr-FR)" in data
    assert b"/DisplayDocTitle true" in data


def test_the_same_gives_the_same_bytes() -> None:
    assert made("= A\n#data.x", {"x": "é"}) == made("= A\n#data.x", {"x": "é"})


def test_every_character_that_passes_can_be_shown() -> None:
    """Typst refuses PDF/UA-1 with a character that no font has: the allowed ones are all typeset."""
    letters = [chr(number) for number in range(0x20, 0x2800)]
    allowed = [char for char in letters if typeset.shown(char) == char and unicodedata.category(char) != "Mn"]
    assert len(allowed) > 1500
    made("= A\n#for x in data.chars [#x ]", {"chars": allowed})


@pytest.mark.parametrize(("text", "shown"), [("王", "□"), ("a\x00b", "ab"), ("e\u0301", "é"), ("\U0001f600", "□")])
def test_what_cannot_be_shown(text: str, shown: str) -> None:
    assert typeset.shown([{"x": text}]) == [{"x": shown}]
    assert made("= A\n#data.x", {"x": text})


@pytest.mark.parametrize(
    "source", ['#import "@preview/x:0.1.0"', '#include "x.typ"', '#read("controllers.py")', '#image("x.png")']
)
def test_a_source_reads_nothing(source: str) -> None:
    with pytest.raises(typeset.TypesetError):
        made(source)


def test_what_typst_says_of_the_data_is_withheld() -> None:
    with pytest.raises(typeset.TypesetError) as caught:
        made("= A\n#panic(data.name)", {"name": "DUPONT"})
    assert "DUPONT" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
