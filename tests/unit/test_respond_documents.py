"""Documents: templates and what fills them, the words of two languages, pages, the article beside each sentence."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pypdf
import pytest

from etanche import respond
from etanche.replica.controllers import controllers as replica_controllers
from etanche.respond import terms as words
from etanche.respond.document import articles
from etanche.respond.page import page, tree
from etanche.respond.template import Template, Value, articles_of, fill, plain
from etanche.words import LANGUAGES

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TEMPLATES = {
    f"{one.name}.{language}": one.template(language)
    for one in respond.known_documents()
    for language in LANGUAGES
    if one.template(language)
}


def template(*body, laws=True):
    return Template("x", "fr", "X", date(2026, 11, 23), None, laws, body)


def filled(*body, laws=True, **values):
    return fill(template(*body, laws=laws), values, "[? {label}]", {"siren": "SIREN", "rows": "lignes"})


def test_a_hole_is_a_value_a_blank_or_a_slip():
    done = filled("- {siren}, {rows}, {ask: le lieu}", siren=Value("*1*", "c: siren"))
    assert done.lines == ("- \\*1\\*, **[? lignes]**, **[? le lieu]**",)
    assert done.blanks == ("lignes", "le lieu")
    with pytest.raises(KeyError):
        filled("{sirn}")


def test_a_figure_bears_a_note_and_the_same_again():
    rows = Value("742", "census.json: laboratories", noted=True)
    done = filled("{siren} {rows} {rows}", rows=rows, siren=Value("1", "c"))
    assert done.lines == ("1 742[^1] 742[^1]",)
    assert dict(done.used)["rows"] is rows


def test_lines_under_a_condition_and_blocks():
    body = ("- {?siren}avec", "{!siren} sans", "1. {!rows}sans", "{{table}}")
    done = filled(*body, siren=Value("1", "c"), table=("| a |", "|---|"))
    assert done.lines == ("- avec", "1. sans", "| a |", "|---|")


def test_laws_are_beside_their_sentence_or_in_the_source_only():
    line = "Le délai est de 72 heures [[RGPD 33(1); RGPD 33(4)]]. Ne payez pas [[advice]]."
    assert filled(line).lines == ("Le délai est de 72 heures (RGPD 33(1), RGPD 33(4)). Ne payez pas.",)
    hidden = filled(line, laws=False)
    assert hidden.lines == ("Le délai est de 72 heures. Ne payez pas.",)
    assert hidden.articles == ("RGPD 33(1)", "RGPD 33(4)")


def test_both_languages_have_the_same_words():
    french, english = (words.terms(language) for language in ("fr", "en"))
    assert french.keys() == english.keys()
    for table in ("value", "label"):
        assert french[table].keys() == english[table].keys()


# A sentence that says what somebody must, may or risks, or when, in law.
LAW = re.compile(
    r"\b(doit|doivent|devez|devra|tenue?s? de|obligat|oblige|exige|impose|puni|passible|interdi|infraction|délai|"
    r"prescri|droit (?:de|d|à|au|des)\b|avez le droit|a le droit|peut demander|pouvez demander|seule voie|72 heures|"
    r"must|shall|obliged|requires|required|punish|offence|forbid|entitled|the right to|right of|"
    r"within \w+ (?:hours|days|month)|unlawful|illegal|72 hours)",
    re.IGNORECASE,
)


MARK = re.compile(r"\[\[[^\[\]]+\]\]")


def sentences(line):
    """The sentences of a line, each with its marks; no heading, nothing that a person has to write."""
    if line.startswith("#"):
        return []
    marks = MARK.findall(line)
    apart = re.split(r"(?<=[.!?])\s+(?!⟦)", MARK.sub("⟦⟧", re.sub(r"\{ask:[^}]*\}", "", line)))
    return [re.sub("⟦⟧", lambda _: marks.pop(0), sentence) for sentence in apart]


def test_a_sentence_of_law_without_its_article_is_found():
    first, second = sentences("Le délai est de 72 heures. Il court [[RGPD 33(1); RGPD 33(4)]].")
    assert LAW.search(first)
    assert not MARK.search(first)
    assert MARK.search(second)


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_sentence_of_law_has_its_article(name):
    known = articles()
    for line in TEMPLATES[name].body:
        assert {article.replace("GDPR", "RGPD") for article in articles_of(line)} <= known.keys(), line
        for sentence in sentences(line):
            if LAW.search(MARK.sub("", sentence)):
                assert MARK.search(sentence), sentence


def test_articles_say_how_they_are_known():
    used = {
        article.replace("GDPR", "RGPD")
        for each in TEMPLATES.values()
        for line in each.body
        for article in articles_of(line)
    }
    assert used == articles().keys()
    for article in articles().values():
        assert article["mark"] in {"read", "known"}
        assert article["gist"]
        assert article["source"]


def test_every_document_has_french_words():
    for one in respond.known_documents():
        assert one.template(respond.NATIVE), one.name


def test_markdown_takes_nothing_of_a_value_for_its_own():
    evil = '[^1] {siren} [[x]] # *x* [a](http://b) `c` <script> | ![d](e) #read("/etc/passwd") 1. ~~f~~ &amp; _g_ \\'
    nodes = tree(f"- {plain(evil)}\n\n| a |\n|---|\n| {plain(evil)} |\n\n[^1]: a note\n")
    texts = []

    def collect(node):
        assert node["kind"] in {"list", "item", "par", "table", "row", "cell", "text"}
        texts.append(node.get("text", ""))
        for each in node.get("items", ()):
            collect(each)

    for node in nodes:
        collect(node)
    assert "".join(texts).count(evil) == 2


def test_a_page_is_pdf_ua_with_title_and_language():
    table = "| a | b |\n|---|---|\n| c | d |"
    text = f"# Plainte contre X\n\nUn **[à compléter : nom]** et 742[^1].\n\n{table}\n\n[^1]: census.json: rows\n"
    read = pypdf.PdfReader(io.BytesIO(page(text, "fr", NOW)))
    assert read.metadata.title == "Plainte contre X"
    assert read.trailer["/Root"]["/Lang"].startswith("fr")
    assert b"pdfuaid:part" in read.trailer["/Root"]["/Metadata"].get_data()
    shown = read.pages[0].extract_text()
    for expected in ("à compléter : nom", "census.json: rows", "742"):
        assert expected in shown


def test_any_text_makes_a_page():
    for text in (
        "",
        "#",
        "- \n",
        "| a |\n|---|\n",
        "x" * 5000,
        "[^1]\n\n[^1]: \n",
        "\x00\u202e\ud83d\ude00 😀",
        "<b>x</b>",
        "```\nx\n```",
    ):
        assert page(text.encode("utf-8", "replace").decode("utf-8", "replace"), "en", NOW).startswith(b"%PDF")


def test_the_controllers_of_the_replica_have_every_column_and_are_read():
    table = replica_controllers(np.random.default_rng(1), 10_000)
    assert list(table) == [column.name for column in respond.columns()]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerows([list(table), *zip(*(column.to_pylist() for column in table.values()), strict=True)])
    found = respond.read(stream.getvalue().encode(), "controllers.csv", NOW)
    assert len(found) == 28
    moments = [one.moments.get("aware") for one in found]
    assert {moment and moment.exact for moment in moments} == {True, False, None}
    assert 0 < sum(respond.filed(one) for one in found) < 28


COUNTED = {
    748_291: "census.json: laboratories",
    631_717: "link-LAB01.json: notify, review",
    999_331: "census.json: rows",
}


def dossier(cells=""):
    """A controller with figures that nothing else can be mistaken for."""
    header = "code;name;processor;cnil_filed;ransom"
    one = respond.read(f"{header}\nLAB01;Tilleuls;Editeur;{cells};yes".encode(), "c.csv", NOW)[0]
    records, persons, rows = COUNTED
    facts = respond.Facts(
        file_seen=True,
        families=("civil", "genetic"),
        roles=("patient",),
        records=(records, records),
        records_from=COUNTED[records],
        persons=(persons, persons),
        persons_from=COUNTED[persons],
    )
    case = {"id": "0123456789abcdef", "created": "2026-11-23T10:00", "sha256": "f" * 64}
    given = respond.answers(one, facts, "CNIL", late=False)
    return respond.Dossier(one, (), facts, {"rows": rows, "counts.password.rows": rows}, case, given, None, NOW)


@pytest.mark.parametrize("cells", ["", "2026-11-20 10:00"], ids=["initial", "complementary"])
def test_every_figure_is_traced_and_what_was_seen_in_the_whole_file_is_marked(cells):
    one = dossier(cells)
    made = respond.make(one, respond.common, ("en",))
    texts = {each.path: each.text for each in made} | {"n.md": respond.markdown(one.answers, "x", "CNIL")}
    found = dict.fromkeys(COUNTED, 0)
    for path, text in texts.items():
        notes = dict(re.findall(r"^\[\^(\d+)\]: (.*)$", text, re.MULTILINE))
        for number, source in COUNTED.items():
            shape = f"{number:,}".replace(",", "[\u00a0,]")
            for after in re.findall(f"{shape}(?: \\([^)]*\\))?(.{{0,60}})", text):
                found[number] += 1
                note = re.match(r"\[\^(\d+)\]", after)
                assert (note and notes[note[1]].startswith(source.split(" ")[0])) or f"*({source})*" in after, path
        for said in ("état civil, données", "identity, genetic", "identity, health"):
            for after in re.findall(f"^.*{said}[^(\n]*(?:\\(art. 9\\) )?(.*)$", text, re.MULTILINE):
                assert "fichier entier" in after or "whole file" in after, path
    assert min(found.values()) >= 3


def test_outsiders_learn_no_narrow_family():
    made = {each.path: each.text for each in respond.make(dossier(), respond.common, ("en",))}
    for name in ("press-notice", "help-line", "person-steps", "person-complaint"):
        for path in (f"documents/{name}.md", f"documents/{name}.en.md"):
            assert not re.search(r"génétique|genetic|sexuel|sex life", made[path]), path
    assert "génétique" in made["documents/register-entry.md"]


def test_offences_of_the_controller_are_for_counsel_alone():
    for each in respond.make(dossier(), respond.common, ("en",)):
        assert bool(re.search(r"226-17|226-22", each.text)) == each.path.startswith(respond.PRIVILEGED)


def test_what_goes_out_ends_with_what_is_taken_off_before_and_the_first_page_does_not():
    made = {each.path: each.text for each in respond.make(dossier(), respond.common, ("en",))}
    bare = {path for path, text in made.items() if not re.search("^## (À retirer|To be taken off)", text, re.MULTILINE)}
    assert bare == {path for path in made if path.startswith("index")} != set()


def test_the_page_of_the_command_lists_every_document():
    page_of_docs = (Path(__file__).parents[2] / "docs" / "how-to" / "respond.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([a-z/-]+)`( \*en\*)? \|", page_of_docs, re.MULTILINE))
    known = {one.stem: " *en*" if one.template("en") else "" for one in respond.known_documents()}
    assert {name: listed.get(name) for name in known} == known
