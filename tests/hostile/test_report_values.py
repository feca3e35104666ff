"""Values of a leaked file that attack whoever reads about them: markup, terminal sequences, bidi, formulas, length."""

from __future__ import annotations

import io
import re
import unicodedata
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from etanche.model import (
    Category,
    Census,
    Column,
    Dialect,
    Kind,
    KindCount,
    Ledger,
    Reason,
    Role,
    Severity,
    Source,
)
from etanche.report import Facts, census_document, first_lines, html, terminal
from etanche.report.text import looks_like_a_name, plain
from etanche.words import Words

HOSTILE = (
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "&lt;b&gt; &#60;script&#62;",
    "{rows} {0} {undefined.attribute} %s",
    "[red]red[/red] [link=file:x]x[/link] [/]",
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]8;;file:///x\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]0;title\x07",
    "\x9b31mred",
    "\x1bP1;2q\x1b\\",
    "abc\u202edcba\u2066x\u2069",
    "zero\u200bwidth\ufeff",
    "nul\x00byte\x08\x08back",
    "line\r\nbreak\u2028and\u2029more",
    "=cmd|' /C calc'!A0",
    "\ud800lone",
    "A" * 100_000,
    "\x1b[" * 5_000,
    "e" + "\u0301" * 500,
)
FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def census(value: str) -> Census:
    """Return a census whose every free text is `value`."""
    column = Column(0, value, Kind.TITLE, Role.PATIENT, 1.0, Reason("x", (("word", value),)), value, 20, 20, 1)
    return Census(
        ledger=Ledger(21, 1, 20, 0, 20, 0, {}),
        persons=20,
        columns=(column,),
        counts={Kind.TITLE: KindCount(20, 20, 1)},
        counts_by_role={},
        sexes={value: 20},
        titles={value: 20},
        dates={Kind.SAMPLE_DATE: (value, value)},
        departements={Role.PATIENT: {value: 20}},
        sample_months={"2020-01": 20},
        laboratories={value: 20},
        age_bands={"unknown": 20},
        minors=0,
        roles={Role.PATIENT: 20},
        categories={Category.ORDINARY: 20},
        topics={},
        topic_rows={},
        combinations={},
        plausibility={},
        severity=Severity(1, 0.25, 0.5, 0.75, "low", (Reason("dpc_simple", (("kinds", value),)),), ()),
    )


def facts(value: str) -> Facts:
    source = Source(value, value, "delimited", 1, "00", "utf-8", Dialect(value[:1]), True)
    stated = dict.fromkeys(("from_whom", "how", "when", "ground", "until"), value)
    return Facts(value, "0", datetime(2026, 1, 1, tzinfo=UTC), (source,), "00", stated, "keyring")


class Elements(HTMLParser):
    """The names of elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.names |= {tag, *(f"@{name}" for name, _ in attrs)}


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:24])
@pytest.mark.parametrize("shareable", [False, True])
def test_the_page_says_it_and_does_nothing(value: str, shareable: bool) -> None:
    usual = Elements(html(census_document(census("M"), facts("M"), Words("fr")), "fr", shareable=shareable)).names
    page = html(census_document(census(value), facts(value), Words("fr")), "fr", shareable=shareable)
    page.encode("utf-8")
    assert Elements(page).names <= usual
    inert = page.replace("\n", "")
    assert [character for character in inert if unicodedata.category(character) in FORBIDDEN] == []
    assert len(page) < 400_000


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: ascii(value)[:24])
def test_the_screen_says_it_and_does_nothing(value: str) -> None:
    document = census_document(census(value), facts(value), Words("en"))
    out = io.StringIO()
    terminal(document, "en", Console(file=out, width=80, force_terminal=True, color_system="standard"))
    # Rich's own colours are all that may be left.
    said = re.sub(r"\x1b\[[\d;]*m", "", out.getvalue())
    lines = first_lines(census(value).columns, facts(value).sources, Words("en"))
    for text in (said.replace("\n", ""), *lines):
        assert [character for character in text if unicodedata.category(character) in FORBIDDEN] == []
    assert "\x1b[2J" not in out.getvalue()


def test_rich_markup_in_a_value_stays_text() -> None:
    document = census_document(census("M"), facts("[bold]x[/bold]"), Words("en"))
    out = io.StringIO()
    terminal(document, "en", Console(file=out, width=80, force_terminal=False))
    assert "[bold]x[/bold]" in out.getvalue()


@given(st.text())
def test_plain_text_is_one_visible_line(value: str) -> None:
    text = plain(value)
    assert len(text) <= 80
    assert [character for character in text if unicodedata.category(character) in FORBIDDEN] == []
    assert plain(text) == text
    text.encode("utf-8")


@given(st.text(st.characters(categories=["L", "N", "P"], exclude_characters="\xad"), max_size=80))
def test_ordinary_text_is_left_alone(value: str) -> None:
    assert plain(value) == value


def test_a_name_is_told_from_a_value() -> None:
    assert looks_like_a_name("DATE_NAISSANCE_2")
    assert looks_like_a_name("column_12")
    for value in ("marie@example.org", "06 12 34 56 78", "1980-01-02", "2 80 01 56 121 003", "x" * 41):
        assert not looks_like_a_name(value)
