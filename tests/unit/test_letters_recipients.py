"""Who is written to and what keeps a letter back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from etanche.errors import UserError
from etanche.respond.letters import lists, wording
from etanche.respond.letters.lists import Listed, Mention
from etanche.respond.letters.recipients import Addressee, Pile, Who, age, draft, told
from etanche.responding.letters_people import drafts

TODAY = date(2026, 11, 23)
HOME = {"address": "12 RUE DES LILAS", "postcode": "56000", "commune": "VANNES", "country": ""}
ELSEWHERE = {"name": "UDAF DU MORBIHAN", "address": "3 RUE DU PORT", "postcode": "56100", "commune": "LORIENT"}
ANNE = Addressee(
    key="r:7",
    registry_key="7",
    who=Who.PATIENT,
    surname="MARTIN",
    first_name="ANNE",
    salutation="madam",
    born=date(1980, 2, 29),
    place=HOME,
    email="anne@example.org",
    families=frozenset({"civil", "nir", "health", "sex_life"}),
)


def mentioned(*names: Listed, **place: str) -> Mention:
    return Mention(frozenset(names), place)


def test_an_adult_of_the_registry() -> None:
    made = draft(ANNE, None, TODAY)
    assert (made.pile, made.who, made.leaked_address) == (Pile.READY, Who.PATIENT, False)
    assert made.envelope.lines[0] == "MADAME ANNE MARTIN"
    assert made.email == "anne@example.org"


def test_families_never_name_a_topic() -> None:
    assert draft(ANNE, None, TODAY).families == ("civil", "nir", "health")
    assert told({"genetic"}) == told({"sex_life"}) == told({"health"}) == ("health",)
    assert told({"location"}) == ("contact",)


@pytest.mark.parametrize(
    ("mention", "pile"),
    [
        (mentioned(Listed.DECEASED), Pile.DECEASED),
        (mentioned(Listed.AT_RISK), Pile.AT_RISK),
        (mentioned(Listed.AT_RISK, Listed.ADDRESS, **ELSEWHERE), Pile.AT_RISK),
        (mentioned(Listed.CONFIDENTIAL), Pile.CONFIDENTIAL),
        (mentioned(Listed.CONFIDENTIAL, **ELSEWHERE), Pile.READY),
        (mentioned(Listed.GUARDIANSHIP), Pile.GUARDIANSHIP),
        (mentioned(Listed.GUARDIANSHIP, **ELSEWHERE), Pile.READY),
        (mentioned(Listed.NOT_THEM), Pile.NOT_THEM),
        (mentioned(Listed.DECEASED, Listed.CONFIRMED), Pile.DECEASED),
    ],
)
def test_lists_come_first(mention: Mention, pile: Pile) -> None:
    assert draft(ANNE, mention, TODAY).pile is pile
    assert draft(replace(ANNE, review=True), mention, TODAY).pile is (Pile.REVIEW if pile is Pile.READY else pile)


def test_a_guardian_is_addressed_for_the_person() -> None:
    made = draft(ANNE, mentioned(Listed.GUARDIANSHIP, **ELSEWHERE), TODAY)
    assert made.envelope.lines == ("UDAF DU MORBIHAN", "POUR ANNE MARTIN", "3 RUE DU PORT", "56100 LORIENT")
    assert (made.who, made.salutation, made.email) == (Who.GUARDIAN, "both", "")


def test_a_link_in_review_waits_until_somebody_confirms_it() -> None:
    unsure = replace(ANNE, review=True)
    assert draft(unsure, None, TODAY).pile is Pile.REVIEW
    assert draft(unsure, mentioned(Listed.CONFIRMED), TODAY).pile is Pile.READY


@pytest.mark.parametrize(
    ("born", "families", "pile"),
    [
        (date(2016, 1, 1), {"civil", "health"}, Pile.READY),
        (date(2016, 1, 1), {"civil", "sex_life"}, Pile.BIOLOGIST),
        (date(2016, 1, 1), {"civil", "genetic"}, Pile.BIOLOGIST),
        (date(2011, 11, 24), {"civil", "health"}, Pile.READY),
        (date(2011, 11, 23), {"civil", "health"}, Pile.BIOLOGIST),
        (date(2011, 11, 23), {"civil"}, Pile.READY),
        (date(2008, 11, 24), {"civil", "health"}, Pile.BIOLOGIST),
    ],
)
def test_minors(born: date, families: set[str], pile: Pile) -> None:
    child = replace(ANNE, born=born, families=frozenset(families))
    made = draft(child, None, TODAY)
    assert (made.pile, made.who, made.email) == (pile, Who.PARENTS, "")
    assert made.envelope.lines[:2] == ("TITULAIRES DE L AUTORITE PARENTALE", "DE ANNE MARTIN")
    assert draft(child, mentioned(Listed.CLEARED), TODAY).pile is Pile.READY
    assert draft(child, mentioned(Listed.OWN_SECRECY), TODAY).pile is Pile.OWN_SECRECY


def test_eighteen_today_is_an_adult() -> None:
    assert draft(replace(ANNE, born=date(2008, 11, 23)), None, TODAY).who is Who.PATIENT
    assert age(date(2008, 2, 29), date(2026, 2, 28)) == 17


def test_a_childs_title_counts_where_no_day_of_birth_is_known() -> None:
    assert draft(replace(ANNE, born=None, child=True), None, TODAY).who is Who.PARENTS


def test_an_address_that_is_none_waits_with_its_faults() -> None:
    made = draft(replace(ANNE, place=HOME | {"postcode": "", "address": ""}), None, TODAY)
    assert (made.pile, made.why) == (Pile.INCOMPLETE, ("no_address", "no_postcode"))


def test_who_is_in_no_registry_is_marked() -> None:
    stranger = replace(ANNE, registry_key="", key="x:4")
    assert draft(stranger, None, TODAY).leaked_address
    assert not draft(stranger, mentioned(Listed.ADDRESS, **ELSEWHERE), TODAY).leaked_address


def test_how_it_is_written() -> None:
    assert draft(ANNE, mentioned(Listed.ENGLISH), TODAY).variant == "en"
    assert draft(ANNE, mentioned(Listed.LARGE_PRINT), TODAY).variant == "fr-large"


LINES = "controller;registry_key;list;adresse;ville\nlab01;7;deceased;;\nLAB02;8;Address;3 rue du Port;Lorient\n"


def test_lists_are_read_as_spreadsheets_write_them() -> None:
    found = lists.read(LINES.encode("cp1252"), "lists.csv", ["LAB01", "LAB02"])
    assert found["LAB01"]["7"].lists == {Listed.DECEASED}
    assert found["LAB02"]["8"].place == {"address": "3 rue du Port", "commune": "Lorient"}


@pytest.mark.parametrize(
    ("data", "code", "codes"),
    [
        (b"registry_key\n7\n", "letters_lists_missing", ["A"]),
        (b"registry_key,list,liste\n7,deceased,x\n", "letters_lists_column", ["A"]),
        (b"registry_key,list,colour\n7,deceased,x\n", "letters_lists_column", ["A"]),
        (b"registry_key,list\n7,dead\n", "letters_lists_unknown", ["A"]),
        (b"registry_key,list\n,deceased\n", "letters_lists_line", ["A"]),
        (b"registry_key,list\n7,deceased\n", "letters_lists_line", ["A", "B"]),
        (b"registry_key,list,controller\n7,deceased,C\n", "letters_lists_line", ["A", "B"]),
        (b"registry_key,list\n7,guardianship\n", "letters_lists_line", ["A"]),
        (b"registry_key,list\n7,deceased,more\n", "letters_lists_line", ["A"]),
        (b"PK\x03\x04\x00", "letters_no_table", ["A"]),
        (b"", "letters_no_table", ["A"]),
    ],
)
def test_lists_to_mend(data: bytes, code: str, codes: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        lists.read(data, "lists.csv", codes)
    assert caught.value.code == code


LINE = {
    "registry_key": 7, "decision": "notify", "surname": "MARTIN", "birth_name": "", "first_name": "CAMILLE",
    "full_name": "", "sex": "", "title": "", "birth_date": "1980-02-29", "email": "", "families": ["civil"],
    "rows": [1], **HOME,
}  # fmt: skip


@pytest.mark.parametrize(
    ("title", "sex", "greeted"),
    [
        ("", "", "both"),
        ("", "F", "madam"),
        ("", "2", "madam"),
        ("", "masculin", "sir"),
        ("M.", "", "sir"),
        ("Mme", "F", "madam"),
        # What contradicts, what says neither, and what begins like one of them: nobody guesses, least of all by a name.
        ("Mme", "M", "both"),
        ("Dr", "", "both"),
        ("", "Madame", "both"),
        ("", "indéterminé", "both"),
        ("", "Mixte", "both"),
        ("", "0", "both"),
    ],
)
def test_how_somebody_is_greeted_is_known_or_either(title: str, sex: str, greeted: str) -> None:
    ((made, _),) = drafts([{**LINE, "title": title, "sex": sex}], [], [], {}, TODAY)
    assert made.salutation == greeted
    opening = {"madam": "MADAME ", "sir": "MONSIEUR ", "both": ""}[greeted]
    assert made.envelope.lines[0] == f"{opening}CAMILLE MARTIN"


def test_whoever_opens_a_childs_letter_is_greeted_as_either() -> None:
    ((made, _),) = drafts([{**LINE, "title": "Mme", "sex": "F", "birth_date": "2020-02-29"}], [], [], {}, TODAY)
    assert (made.who, made.salutation) == (Who.PARENTS, "both")


def test_only_the_salutation_says_madam_or_sir() -> None:
    """What follows is shared by many: it would say "Madame, Monsieur" to somebody who is greeted by the one."""
    for name in wording.VARIANTS:
        said = wording.template(name).content
        sentences = [each["text"] for section in said["section"] for each in section["sentence"]]
        assert len(sentences) > 10
        assert not [text for text in sentences if re.search(r"\b(Madame|Monsieur|Madam|Sir)\b", text)]
