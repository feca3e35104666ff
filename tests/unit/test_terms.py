"""Medicines, chemicals and disorders in French text: lists, forms of words, neighbours, and what is none."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etanche.model import Kind
from etanche.recognise.terms import find, sources
from etanche.recognise.terms.morphology import morphology
from etanche.recognise.terms.spelling import keys, letters, root
from etanche.recognise.terms.vocabulary import GENERIC, data


def said(text: str, kind: Kind) -> list[str]:
    return [text[found.start : found.end] for found in find(text) if found.kind is kind]


def diseases(text: str) -> list[str]:
    return said(text, Kind.DISEASE)


def medicines(text: str) -> list[str]:
    return said(text, Kind.MEDICINE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cirrhose alcoolique sous furosémide", ["Cirrhose alcoolique"]),
        ("INSUFFISANCE RENALE CHRONIQUE", ["INSUFFISANCE RENALE CHRONIQUE"]),
        ("Cancers du sein et métastases osseuses.", ["Cancers du sein", "métastases osseuses"]),
        ("Une pancréatite, puis un ostéoblastome.", ["pancréatite", "ostéoblastome"]),
        ("Les maux de tête avec nausées", ["maux de tête", "nausées"]),
        ("une maladie de Zimmerlund, ancienne", ["maladie de Zimmerlund"]),
        ("baisse de la vision", ["baisse de la vision"]),
        ("HTA, IDM en 2012", ["HTA", "IDM"]),
        ("Patient asthmatique", ["asthmatique"]),
    ],
)
def test_disorders(text: str, expected: list[str]) -> None:
    assert diseases(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TTT LEVOTHYROX 75", ["LEVOTHYROX"]),
        ("traitement par inhibiteurs calciques et bêta-bloquants", ["inhibiteurs calciques", "bêta-bloquants"]),
        ("Dosage de la 25 hydroxyvitamine D", ["25 hydroxyvitamine D"]),
        ("un anticorps, le zorilumab", ["anticorps", "zorilumab"]),
        (
            "chlorhydrate de tramadol et acide acétylsalicylique",
            ["chlorhydrate de tramadol", "acide acétylsalicylique"],
        ),
    ],
)
def test_medicines(text: str, expected: list[str]) -> None:
    found = medicines(text)
    assert all(any(name in one or one in name for one in found) for name in expected), found


@pytest.mark.parametrize(
    "text",
    [
        "La petite visite de la cuisine dure toute la semaine.",
        "Activité limitée, propositions décrites dans le dossier",
        "Le climat et le débat sur l'économie régionale",
        "Mme Savon, Dr Mercure et Jasmine Poudre",
        "Delphine CELESTINE habite Castellane",
        "atteints, calculée, composés, produite",
        "",
        "   \n\t",
    ],
)
def test_ordinary_french_holds_no_term(text: str) -> None:
    assert find(text) == ()


def test_a_chemical_inside_a_disorder_is_both() -> None:
    text = "Intoxication au plomb"
    assert diseases(text) == [text]
    assert medicines(text) == ["plomb"]


def test_codes() -> None:
    found = find("Hépatite sous furosémide, zorilumab, LEVOTHYROX")
    assert [one.code for one in found] == ["K00-K93", "C03", "L", "H03AA01"]


def test_general_words_are_less_sure() -> None:
    [form, illness] = find("un comprimé contre la maladie")
    assert form.confidence == illness.confidence == GENERIC


def test_an_abbreviation_is_in_capitals_only() -> None:
    assert diseases("le bk est positif") == []
    assert diseases("le BK est positif") == ["BK"]


def test_a_name_that_no_list_holds_is_told_by_its_neighbours_and_then_everywhere() -> None:
    text = "Malade sous Zybelan depuis mai. Arrêt de Zybelan."
    assert medicines(text) == ["Zybelan", "Zybelan"]
    assert medicines("Le malade voit Zybelan en mai.") == []
    assert medicines("On donne Zybelan 20 mg le soir.") == ["Zybelan"]
    assert medicines("une prise par Monsieur en mai") == []


def test_without_accents_a_text_says_the_same() -> None:
    assert diseases("œdème, oedème, OEDEME") == ["œdème", "oedème", "OEDEME"]
    assert diseases("apnee du sommeil") == ["apnee du sommeil"]
    assert diseases("APNÉE DU SOMMEIL") == ["APNÉE DU SOMMEIL"]


@pytest.mark.parametrize(
    ("one", "other"), [("rénales", "rénal"), ("rénaux", "rénal"), ("osseuse", "osseux"), ("vaisseaux", "vaisseau")]
)
def test_forms_of_a_word_share_a_root(one: str, other: str) -> None:
    assert root(letters(one)) == root(letters(other))


def test_a_participle_is_another_word() -> None:
    assert root(letters("calculée")) != root(letters("calcul"))
    assert {("nausé",), (root("nausee"),)} == set(keys(["nausée"]))


@pytest.mark.parametrize("word", ["visite", "machine", "resultat", "controle", "telephonie", "endoscopie"])
def test_ordinary_words_have_no_form_of_a_term(word: str) -> None:
    assert morphology().read(word) is None


@given(st.text(alphabet=st.sampled_from("aeéÉiosxr tpn'-.,;\nœßA1µβ"), max_size=60) | st.text(max_size=40))
def test_offsets_are_those_of_the_text(text: str) -> None:
    assert len(letters(text)) == len(text)
    last: dict[Kind, int] = {}
    for found in find(text):
        assert last.get(found.kind, 0) <= found.start < found.end <= len(text)
        assert 0 < found.confidence <= 1
        last[found.kind] = found.end


def test_a_long_text_is_read_in_blocks_with_the_offsets_of_the_whole() -> None:
    line = "Un asthme sévère sous Ventoline.\n"
    for text in (line * 8000, line.replace("\n", " ") * 8000, "a" * 250_000 + " asthme"):
        words = {text[found.start : found.end] for found in find(text)}
        assert words <= {"asthme sévère", "Ventoline", "asthme"}
        assert len(find(text)) == 2 * text.count("Ventoline") + text.count(" asthme") - text.count("Un asthme")


def test_every_data_file_has_its_source() -> None:
    folder = resources.files("etanche.recognise.terms") / "data"
    named = {name for source in sources() for name in source.files}
    assert named == {file.name for file in folder.iterdir()} - {"sources.toml"}


def test_a_disorder_is_in_one_chapter() -> None:
    terms = [
        term.strip() for lists in data("disorders.toml").values() for term in lists["terms"].split(",") if term.strip()
    ]
    assert sorted(set(terms)) == sorted(terms)


def test_every_chapter_is_written() -> None:
    chapters = [name for name in data("disorders.toml") if "-" in name]
    assert len(chapters) == 19
