"""The lists: what they hold, and what they must not."""

from __future__ import annotations

from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etanche import lexicon
from etanche.lexicon.fold import fold


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("  Cœur-de-l’Île ", "COEUR DE L ILE"),
        ("D'Artagnan", "D ARTAGNAN"),
        ("Straße", "STRASSE"),
        ("LÆTITIA", "LAETITIA"),
        ("é\u0301", "E"),
        ("", ""),
        (" - ' ", ""),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize("list_name", ["surnames", "first_names", "commune_names", "medicine_names"])
def test_lists_are_folded(list_name: str) -> None:
    words = getattr(lexicon, list_name)()
    assert len(words) > 5_000
    assert all(fold(word) == word and word for word in words)


def test_known_words_are_there() -> None:
    assert {"MARTIN", "LE GALL", "DUPONT"} <= lexicon.surnames()
    assert {"MARIE", "ANDRE", "ZOE", "JEAN PIERRE"} <= lexicon.first_names()
    assert {"VANNES", "ORLEANS", "SAINT BRIEUC", "EVREUX"} <= {
        name.replace("ST ", "SAINT ") for name in lexicon.commune_names()
    }
    assert {"LEVOTHYROX", "KARDEGIC", "METFORMINE", "DOLIPRANE", "ACIDE FOLIQUE"} <= lexicon.medicine_names()


def test_ordinary_words_are_no_medicines() -> None:
    ordinary = {
        "PETITE",
        "POUDRE",
        "DIANE",
        "OLIVIER",
        "CALCIUM",
        "FEMME",
        "ENFANT",
        "VACCIN",
        "CHLORHYDRATE DE",
        "VIRUS",
    }
    assert not ordinary & lexicon.medicine_names()
    assert "AUTRES NOMS" not in lexicon.surnames()


def test_codes_have_their_shape() -> None:
    assert all(len(code) == 13 and code.isdigit() for code in lexicon.cip_codes())
    assert all(len(code) == 5 and code.isdigit() for code in lexicon.postcodes())
    assert all(len(code) == 5 for code in lexicon.insee_communes())
    assert {"75056", "2A004", "56260", "97411"} <= lexicon.insee_communes()


def test_communes_are_columns_of_equal_length() -> None:
    places = lexicon.communes()
    assert len({len(getattr(places, name)) for name in type(places).__slots__}) == 1
    vannes = places.insee.index("56260")
    assert (places.name[vannes], places.postcode[vannes], places.departement[vannes]) == ("VANNES", "56000", "56")
    assert abs(places.latitude[vannes] - 47.66) < 0.05
    assert lexicon.postcode_communes()["56000"] == {"VANNES"}


def test_frequencies_follow_the_centuries() -> None:
    surnames = lexicon.surname_frequencies()
    assert surnames.counts.shape == (len(surnames.names), len(surnames.decades))
    totals = surnames.counts.sum(axis=1, dtype=int)
    assert surnames.names[int(totals.argmax())] == "MARTIN"
    girls = lexicon.first_name_frequencies("F")
    assert girls.counts.shape == (len(girls.names), len(girls.years))
    by_name = dict(zip(girls.names, girls.counts, strict=True))
    assert by_name["MONIQUE"].argmax() < by_name["EMMA"].argmax()
    boys = lexicon.first_name_frequencies("M")
    assert boys.names[int(boys.counts.sum(axis=1, dtype=int).argmax())] == "JEAN"


def test_every_data_file_has_a_source() -> None:
    folder = resources.files("etanche.lexicon") / "data"
    shipped = {file.name for file in folder.iterdir()} - {"sources.toml"}
    named = {name for source in lexicon.sources() for name in source.files}
    assert shipped == named
    assert all(source.licence in {"Licence Ouverte 2.0", "MIT"} and source.publisher for source in lexicon.sources())


def test_the_whole_stays_small() -> None:
    folder = resources.files("etanche.lexicon") / "data"
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 2_500_000
