"""report.html: one file that asks nothing of the network, whole in both languages, and readable by everyone."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from report_census import census, facts
from rich.console import Console

from etanche.report import census_document, html, terminal
from etanche.report.page import POLICY
from etanche.words import LANGUAGES, Words

VOID = {"meta", "br"}
SECTIONS = [
    "key_figures", "severity", "categories", "people", "places", "time", "health", "texts", "harm", "first_hour",
    "columns", "unread", "method", "provenance",
]  # fmt: skip


class Page(HTMLParser):
    """The elements of a page; refuses tags that do not close where they should."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def all(self, name: str) -> list[dict[str, Any]]:
        return [attributes for tag, attributes in self.elements if tag == name]


def document() -> dict[str, Any]:
    return census_document(census(), facts(), Words("en"))


@pytest.fixture(params=[(language, form) for language in LANGUAGES for form in (False, True)])
def made(request: pytest.FixtureRequest) -> str:
    language, form = request.param
    return html(document(), language, shareable=form)


def test_nothing_is_fetched_and_nothing_runs(made: str) -> None:
    page = Page(made)
    assert re.findall(r"(?i)https?:|//[a-z]|@import|url\(|javascript:", made) == []
    assert {"script", "link", "iframe", "img", "object", "embed", "form", "base"} & {
        tag for tag, _ in page.elements
    } == set()
    targets = [attributes["href"] for _, attributes in page.elements if "href" in attributes]
    assert [target for target in targets if not target.startswith("#")] == []
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []
    policies = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [POLICY]
    assert POLICY.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_the_structure_is_that_of_a_report(made: str) -> None:
    page = Page(made)
    assert [section["id"] for section in page.all("section")] == SECTIONS
    assert [link["href"][1:] for link in page.all("a")] == SECTIONS
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.all("html")[0]["lang"] in LANGUAGES


def test_whoever_does_not_see_can_read_it(made: str) -> None:
    page = Page(made)
    assert made.count("<table") == made.count("<caption>")
    assert [th for th in page.all("th") if th.get("scope") not in {"row", "col"}] == []
    for picture in page.all("svg"):
        if picture.get("aria-hidden") != "true":
            assert picture["role"] == "img"
            title, description = picture["aria-labelledby"].split()
            assert f'id="{title}"' in made
            assert f'id="{description}"' in made


def test_identifiers_are_unique_and_references_lead_somewhere(made: str) -> None:
    page = Page(made)
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    targets = {attributes["href"][1:] for _, attributes in page.elements if "href" in attributes}
    assert targets - set(names) == set()


def test_the_page_speaks_the_language_asked_for_whatever_that_of_the_document() -> None:
    english, french = html(document(), "en"), html(document(), "fr")
    assert "491,840 rows on 471,206 patients" in english
    assert "491\u202f840 lignes sur 471\u202f206 patients" in french
    assert "gravité très élevée" in french
    assert "56 Morbihan: 175,755" in english
    assert "4 × 1 + 1 = 5" in english
    equation = "".join(Page(french).text).replace("\u202f", " ").replace("\u00a0", " ")
    assert "lignes : 492 072 = en-tête : 1 + lues : 491 840 + mises de côté : 224 + vides : 7" in equation


def test_every_figure_has_its_denominator() -> None:
    text = "".join(Page(html(document(), "en")).text)
    for caption in ("Patients by category of data, of 471,206", "Rows by sex, as the file writes it, of 491,840"):
        assert caption in text


def test_the_shareable_page_shows_no_small_count_and_no_rare_value() -> None:
    full, shared = html(document(), "en"), html(document(), "en", shareable=True)
    for rare in ("LABO DE TEST", ">CERT<", "leaks/export_2020.zip", "1911"):
        assert rare in full
        assert rare not in shared
    assert "export_2020.zip" in shared
    assert re.findall(r'<td class="n">[1-4]</td>', shared.split('id="categories"')[1]) == []


def test_a_file_of_four_rows_says_no_figure_when_shared() -> None:
    few = document()
    few |= {"rows": 4, "persons": 3, "minors": 2, "lines": 5, "quarantined": 0}
    few["ledger"] |= {"lines": 5, "rows": 4, "row_lines": 4, "blank": 0, "quarantined": 0, "reasons": {}}
    page = html(few, "en", shareable=True)
    assert "The file holds very few rows" in page
    assert "Minors are among them" in page


def test_a_census_of_nothing_makes_a_page_and_a_screen() -> None:
    empty = document()
    for key in ("sexes", "titles", "dates", "departements", "sample_months", "laboratories", "topics", "combinations"):
        empty[key] = {}
    empty |= {"rows": 0, "persons": 0, "columns": [], "counts": {}, "roles": {}, "categories": {}}
    empty |= {"sources": [], "documents": []}
    for language in LANGUAGES:
        Page(html(empty, language))
        terminal(empty, language, Console(width=80, force_terminal=False, file=StringIO()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_screen_fits_eighty_columns_and_is_plain_without_a_terminal(language: str) -> None:
    console = Console(width=80, record=True, force_terminal=False, file=StringIO())
    terminal(document(), language, console)
    text = console.export_text(styles=True)
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "report.html" in text
    assert "NIR" in text
