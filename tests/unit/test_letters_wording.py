"""What letters say: articles beside law, families only, nothing clinical, nothing of a patient to anybody else."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from itertools import combinations

import pytest

from etanche.respond.controllers import Controller, read
from etanche.respond.letters import press, wording
from etanche.respond.letters.recipients import TOLD, Who
from etanche.responding.letters_state import clinical

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CELLS = {
    "code": "LAB01",
    "name": "LABORATOIRE DES AJONCS",
    "address": "1 RUE DU PORT",
    "postcode": "56000",
    "commune": "VANNES",
    "aware": "2026-11-20 16:00",
    "breach_start": "2026-11-01",
    "breach_end": "2026-11-03",
    "processor": "EDITEUR SA",
    "dpo_name": "ANNE MARTIN",
    "dpo_phone": "0199009950",
    "cnil_filed": "2026-11-21",
    "complaint_filed": "2026-11-21",
    "representative": "PAUL LE GOFF",
    "description": "Un fichier de sauvegarde a été copié et mis en ligne.",
    "measures_after": "L'accès en cause est fermé.",
}
# What an article looks like where a sentence states law.
ARTICLE = re.compile(r"(?:RGPD|GDPR) [\d(]|C\. |CSP ")
# Words of duty and right: a sentence that has one states law.
LAW = re.compile(
    r"\bdevoir\b|\bdroit\b|interdit|\bpuni\b|réclamation|délai d|duty|\bright\b|forbidden|punished|within one month",
    re.IGNORECASE,
)
NO_CASE = re.IGNORECASE


def controller(**cells: str) -> Controller:
    said = {name: cell for name, cell in (CELLS | cells).items() if cell}
    lines = [",".join(said), ",".join('"' + cell + '"' for cell in said.values())]
    return read("\n".join(lines).encode(), "controllers.csv", NOW)[0]


def said_to(who: Who, name: str = "fr", families: tuple[str, ...] = TOLD, **cells: str) -> str:
    made = press.worded(controller(**cells), wording.template(name), who, families, NOW.date())
    return "\n".join([made.title, *(block.text for block in made.blocks)])


@pytest.mark.parametrize("name", wording.VARIANTS)
def test_each_sentence_that_states_law_has_its_article(name: str) -> None:
    sentences = [each for section in wording.template(name).content["section"] for each in section["sentence"]]
    bare = [each["text"] for each in sentences if LAW.search(each["text"]) and not each.get("articles")]
    assert bare == []
    assert all(ARTICLE.match(article) for each in sentences for article in each.get("articles", ()))
    assert sum(len(each.get("articles", ())) for each in sentences) > 25


@pytest.mark.parametrize("name", wording.VARIANTS)
@pytest.mark.parametrize("who", list(Who))
def test_no_letter_has_a_clinical_word_a_link_or_a_gap(name: str, who: Who) -> None:
    text = said_to(who, name)
    assert not clinical(tuple(text.splitlines()))
    assert not re.search(r"https?:|www\.|\{|\}", text)
    assert "LABORATOIRE DES AJONCS" not in text  # it stands as the sender
    assert "EDITEUR SA" in text


@pytest.mark.parametrize("name", wording.VARIANTS)
def test_somebody_who_is_no_patient_learns_of_none(name: str) -> None:
    text = said_to(Who.OTHER, name, ("civil", "nir", "contact"))
    assert not re.search(
        r"patient|conjoint|assuré|spouse|insured|confiance|\btrusted|enfant|child|parent", text, NO_CASE
    )
    assert not re.search(r"santé|health data|concerning health", text, NO_CASE)


def test_employers_may_not_use_it() -> None:
    assert "employeur" in said_to(Who.PATIENT)
    assert "employeur" not in said_to(Who.PATIENT, families=("civil",))


def test_only_families_held_are_named_and_in_one_order() -> None:
    names = wording.template("fr").content["family"]
    for some in combinations(TOLD, 2):
        text = said_to(Who.PATIENT, families=some)
        assert [family for family in TOLD if names[family] in text] == list(some)


def test_what_is_not_known_is_not_said() -> None:
    text = said_to(Who.PATIENT, cnil_filed="", complaint_filed="", processor="", breach_start="", breach_end="")
    assert not re.search("CNIL\\)|déposé plainte|prestataire|se sont produits", text)
    assert "le 20 novembre 2026" in text


def test_days_in_words() -> None:
    assert wording.day(date(2021, 3, 1), "fr") == "1er mars 2021"
    assert wording.day(date(2021, 3, 1), "en") == "1 March 2021"
    assert "du 1er novembre 2026 au 3 novembre 2026" in said_to(Who.PATIENT)
    assert "from 1 November 2026 to 3 November 2026" in said_to(Who.PATIENT, "en")


def test_what_is_not_known_to_the_day_is_said_as_a_range() -> None:
    text = said_to(Who.PATIENT, breach_start="2026-10-01 .. 2026-10-31", breach_end="")
    assert "se sont produits entre le 1er octobre 2026 et le 31 octobre 2026." in text
    text = said_to(Who.PATIENT, breach_start="2026-10-01 .. 2026-10-31", breach_end="2026-11-03", aware="")
    assert "se sont produits entre le 1er octobre 2026 et le 3 novembre 2026." in text
    text = said_to(Who.PATIENT, breach_end="", aware="2026-11-18 .. 2026-11-20")
    assert "se sont produits le 1er novembre 2026." in text
    assert "connaissance entre le 18 novembre 2026 et le 20 novembre 2026." in text


@pytest.mark.parametrize(
    ("blank", "missing"),
    [
        ({}, ()),
        ({"description": ""}, ("description",)),
        ({"measures_after": "inconnu"}, ("measures_after",)),
        ({"dpo_phone": ""}, ("contact",)),
    ],
)
def test_what_article_34_asks_for(blank: dict[str, str], missing: tuple[str, ...]) -> None:
    assert wording.missing(controller(**blank)) == missing


def test_templates_have_the_same_keys() -> None:
    french, *others = (wording.template(name).content for name in wording.VARIANTS)
    for other in others:
        for table in ("salutation", "label", "family", "family_parents", "contact"):
            assert french[table].keys() == other[table].keys()
    assert {section.get("heading") is None for section in french["section"]} == {True, False}


def sheets(count: int, kinds: int) -> tuple[press.Sheet, ...]:
    lines = ("MADAME ANNE MARTIN", "12 RUE DES LILAS", "56000 VANNES")
    return tuple(press.Sheet(f"LAB01-{at:06}", lines, "Madame,", at % kinds) for at in range(count))


def batch(count: int, *names: str) -> press.Batch:
    made = [press.worded(controller(), wording.template(name), Who.PATIENT, TOLD, NOW.date()) for name in names]
    sender = press.sender_of(controller())
    paged = press.paged(sender, made, NOW)
    return press.Batch(sender, paged, sheets(count, len(paged)), NOW)


def test_a_batch_has_the_pages_of_its_letters_and_the_same_bytes_each_time() -> None:
    made = batch(7, *wording.VARIANTS)
    data = press.document(made)
    assert press.count(data) == made.pages >= 7
    assert press.document(made) == data


def test_a_batch_is_pdf_ua() -> None:
    data = press.document(batch(2, "fr"))
    for mark in (b"pdfuaid:part>1<", b"/StructTreeRoot", b"/Marked true", b"/Lang(fr-FR)", b"/DisplayDocTitle true"):
        assert mark in data
    # Each letter has a heading of the first level, and its families are a list.
    assert data.count(b"/S/H1") == 2
    assert data.count(b"/S/LI") >= 2 * len(TOLD)


def test_the_plain_letter_says_the_same() -> None:
    made = batch(1, "fr")
    text = press.plain(made, made.sheets[0])
    assert all(block.text.casefold() in text.casefold() for block in made.wordings[0].blocks)
    assert "LAB01-000000" in text


def test_the_gate_of_free_texts_hears_an_illness_and_not_a_processing() -> None:
    assert clinical(("Les résultats de dépistage du VIH ont été publiés.",))
    assert not clinical(("Le traitement confié au prestataire a été copié.", "TSA 80715"))
