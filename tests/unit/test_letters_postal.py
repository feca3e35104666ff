"""The window of an envelope (AFNOR NF Z10-011), and what the post would not deliver."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etanche.respond.letters.postal import WIDTH, envelope, household


def faults(address="12 rue des Lilas", postcode="56000", commune="Vannes", country="", who="Mme Anne Martin"):
    return envelope(who, address, postcode, commune, country).faults


def test_six_lines_in_capitals_without_accents_or_points() -> None:
    made = envelope("Mme Élise Le Goff", "Appt 3, 12 bis, rue de l'Église, BP 14", "56000", "Vannes", "France")
    assert made.lines == ("MME ELISE LE GOFF", "APPT 3", "12 BIS RUE DE L EGLISE", "BP 14", "56000 VANNES")
    assert made.faults == ()


def test_the_street_comes_after_what_completes_it() -> None:
    made = envelope("A B", "12 RUE DES LILAS, RESIDENCE LES PINS", "56000", "VANNES", "")
    assert made.lines[1:3] == ("RESIDENCE LES PINS", "12 RUE DES LILAS")


def test_a_long_line_is_abbreviated_then_broken() -> None:
    made = envelope("A B", "112 BOULEVARD DU MARECHAL DE LATTRE DE TASSIGNY", "56000", "VANNES", "")
    assert made.lines[1] == "112 BD DU MAL DE LATTRE DE TASSIGNY"
    assert not made.faults


def test_a_spreadsheets_postcode_gets_its_zero_back() -> None:
    assert envelope("A B", "1 RUE X", "1000", "BOURG EN BRESSE", "").lines[-1] == "01000 BOURG EN BRESSE"


def test_abroad_the_country_is_the_last_line_and_no_postcode_is_checked() -> None:
    made = envelope("A B", "10 Main Street", "SW1A 1AA", "London", "United Kingdom")
    assert made.lines[-2:] == ("SW1A 1AA LONDON", "UNITED KINGDOM")
    assert made.faults == ()


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"address": ""}, "no_address"),
        ({"postcode": ""}, "no_postcode"),
        ({"commune": ""}, "no_commune"),
        ({"postcode": "5600A"}, "postcode_wrong"),
        ({"postcode": "99999"}, "postcode_unknown"),
        ({"postcode": "75013"}, "postcode_commune"),
        ({"address": "A, B, C, D, E, F"}, "address_long"),
        ({"who": "王小明"}, "not_latin"),
        ({"who": ""}, "no_name"),
        ({"who": "A" * 30 + " " + "B" * 30 + " " + "C" * 30}, "name_long"),
    ],
)
def test_what_the_post_would_not_deliver(cells: dict[str, str], fault: str) -> None:
    assert fault in faults(**cells)


@pytest.mark.parametrize("commune", ["PARIS", "Paris 13", "PARIS 13E ARRONDISSEMENT", "paris 13eme", "PARIS CEDEX 13"])
def test_ways_to_write_a_commune(commune: str) -> None:
    assert faults(postcode="75013", commune=commune) == ()


def test_saint_is_st() -> None:
    assert faults(postcode="42100", commune="St-Étienne") == faults(postcode="42100", commune="SAINT ETIENNE") == ()


@given(st.text(max_size=80), st.text(max_size=120), st.text(max_size=10), st.text(max_size=40), st.text(max_size=20))
def test_any_cells_give_lines_that_fit(who: str, address: str, postcode: str, commune: str, country: str) -> None:
    made = envelope(who, address, postcode, commune, country)
    # A country of its own line may be longer than 38: the post reads it all the same.
    lines = made.lines[:-1] if made.country else made.lines
    assert all(len(line) <= WIDTH and line == line.upper() and line.isascii() for line in lines)
    assert len(lines) <= 7


def test_a_home_needs_address_and_postcode() -> None:
    assert household("12, rue des Lilas", "56000") == household("12 RUE DES LILAS", "56 000") != ""
    assert household("", "56000") == household("12 rue", "") == ""
