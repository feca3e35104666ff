"""Small and odd files: no crash, figures that can be counted by hand, and a report each time."""

import re

import pytest

from etanche import case
from etanche.config import Config


def key(number):
    return f"{97 - int(number) % 97:02d}"


def nir(stem):
    return stem + key(stem)


HER = nir("2800356960001")
HIM = nir("1791256961001")
WHOLE = "NOM;PRENOM;DATE_NAISSANCE;NUM_SECU;EMAIL;TEL_PORTABLE;GROSSESSE;COMMENTAIRE;MOT_DE_PASSE"
ROW = f"MARTIN;JEANNE;02/03/1980;{HER};j.martin@example.org;0639980012;O;VIH+;azerty"


@pytest.fixture
def census(tmp_path):
    """Triage files made of these lines (one file a list); return the census."""

    def triage(*files):
        paths = []
        for number, lines in enumerate(files):
            paths.append(tmp_path / f"leak{number}.csv")
            paths[-1].write_text("\n".join(lines) + "\n", encoding="utf-8")
        request = case.TriageRequest(paths=tuple(paths), case=tmp_path / "case")
        document = case.triage(request, Config(keyring=False), case.Hooks()).document
        page = (tmp_path / "case/report.html").read_text(encoding="utf-8")
        assert re.search("<html[^>]*>.*</html>", page, re.DOTALL)
        assert document["lines"] == document["ledger"]["header"] + document["rows"] + document["ledger"]["blank"]
        assert sum(document["age_bands"].values()) == document["persons"]
        return document

    return triage


def counts(document, kind):
    return tuple(document["counts"][kind][name] for name in ("rows", "valid", "distinct"))


def test_one_row(census):
    document = census([WHOLE, ROW])
    assert (document["rows"], document["persons"]) == (1, 1)
    for kind in ("surname", "birth_date", "nir", "email", "mobile", "pregnancy", "comment", "password"):
        assert counts(document, kind) == (1, 1, 1), kind
    assert document["categories"] == {"ordinary": 1, "nir": 1, "health": 1, "credentials": 1}
    assert document["topics"]["hiv"] == document["topics"]["pregnancy"] == {"affirmed": 1, "negated": 0}
    assert document["combinations"]["password_email"] == {"count": 1, "of": 1, "unit": "persons"}
    assert "password_reused" not in document["combinations"]


def test_one_row_without_a_header(census):
    document = census([ROW])
    assert (document["rows"], document["persons"]) == (1, 1)
    assert counts(document, "nir") == counts(document, "email") == counts(document, "mobile") == (1, 1, 1)


def test_the_same_row_again_and_again_is_one_person(census):
    document = census([WHOLE, *[ROW] * 30])
    assert (document["rows"], document["persons"]) == (30, 1)
    assert counts(document, "nir") == counts(document, "comment") == (30, 30, 1)
    assert document["topic_rows"]["hiv"]["affirmed"] == 30
    assert document["topics"]["hiv"]["affirmed"] == 1


def test_blank_cells_and_columns(census):
    document = census(["NOM;PRENOM;EMAIL;NOTE", *["DURAND;PAUL; ;\u00a0"] * 3, " ; ; ; "])
    assert (document["rows"], document["persons"]) == (4, 1)
    assert [(one["kind"], one["filled"]) for one in document["columns"][2:]] == [("empty", 0), ("empty", 0)]
    assert "empty" not in document["counts"]


def test_a_value_in_one_row_of_many(census):
    rows = ["DURAND;PAUL;01/12/1979;;;;;;", "PETIT;ANNE;04/05/1966;;;;;;"] * 50
    document = census([WHOLE, *rows[:60], ROW, *rows[60:]])
    assert (document["rows"], document["persons"]) == (101, 3)
    for kind in ("nir", "email", "mobile", "pregnancy", "comment", "password"):
        assert counts(document, kind) == (1, 1, 1), kind
    assert document["categories"] == {"ordinary": 3, "nir": 1, "health": 1, "credentials": 1}


def test_only_numbers_of_social_security(census):
    numbers = [nir(f"2{year}0356960{rank:03d}") for year in range(40, 60) for rank in (1, 2)]
    document = census(["NUM_SECU", *numbers, *numbers[:7], numbers[0][:13] + "00"])
    assert document["rows"] == 48
    assert counts(document, "nir") == (48, 47, 41)
    # A number with a wrong key is still that person's: the key is no part of who it is.
    assert document["persons"] == 40
    assert document["categories"] == {"nir": 40}


def test_only_addresses_and_passwords(census):
    lines = [f"user{n % 7}@example.org;secret{n % 3}" for n in range(42)]
    document = census(["email;password", *lines])
    assert document["persons"] == 7
    assert document["combinations"]["password_email"]["count"] == 7
    assert document["combinations"]["password_reused"]["count"] == 7
    assert counts(document, "password") == (42, 42, 3)


def test_columns_whose_values_never_come_twice(census):
    document = census(["EMAIL;MOT", *(f"a{k}@example.org;mot{k}" for k in range(40))])
    assert document["persons"] == 40


def test_passwords_that_differ_in_case_are_two(census):
    document = census(["email;password", *["a@example.org;Soleil", "b@example.org;soleil"] * 4])
    assert counts(document, "password") == (8, 8, 2)
    assert "password_reused" not in document["combinations"]


def test_a_list_of_prescribers_holds_no_patient(census):
    numbers = ("10990000019", "10990000084", "10990000159", "10990000225")
    names = ("MARTIN", "DURAND", "LEROY", "MOREAU")
    lines = [f"{name};LUC;{number}" for name, number in zip(names, numbers, strict=True)]
    document = census(["NOM_MEDECIN;PRENOM_MEDECIN;RPPS_MEDECIN", *lines * 5])
    assert document["persons"] == 0
    assert {role: persons for role, persons in document["roles"].items() if persons} == {"prescriber": 4}
    assert document["age_bands"] == {}


@pytest.mark.parametrize("cell", ["7", "0261912345"])
def test_three_hundred_columns(census, cell):
    """Of one kind all, so that the kind's rows are asked of all of them."""
    names = ";".join(f"C{n}" for n in range(300))
    document = census([names, *[";".join([cell] * 150 + ["x"] + [cell] * 149)] * 5])
    assert (document["rows"], len(document["columns"])) == (5, 300)
    assert {one["filled"] for one in document["columns"]} == {5}
    assert all(count["rows"] == 5 for count in document["counts"].values())


def test_sixty_columns_of_days_some_of_which_are_none(census):
    names = ";".join(f"DATE_VISITE_{n}" for n in range(60))
    days = [";".join("31/02/2019" if (row + n) % 7 == 0 else "03/04/2019" for n in range(60)) for row in range(20)]
    document = census([names, *days, ";".join(["31/02/2019"] * 60)])
    assert counts(document, "visit_date") == (21, 20, 2)


def test_several_files_are_counted_together(census):
    document = census([WHOLE, *[ROW] * 3], [WHOLE, ROW, "DURAND;PAUL;;;;;;;"])
    assert (document["rows"], document["lines"], document["persons"]) == (5, 7, 2)
    assert counts(document, "nir") == (4, 4, 1)
    assert counts(document, "surname") == (5, 5, 2)


def test_days_are_compared_however_they_are_written(census):
    written = ("MARTIN;JEAN;01/02/1980", "martin;jean;1/2/1980", "MARTIN;JÉAN;02/01/1980", "JEAN;MARTIN;01/02/1980")
    document = census(["NOM;PRENOM;DATE_NAISSANCE", *written, "MARTIN;JEAN;03/04/1981", "MARTIN;JEAN;31/02/1980"])
    assert document["persons"] == 3
    assert counts(document, "birth_date")[1] == 5


def test_a_child_under_a_parents_number_is_another_person(census):
    head = "NUM_SECU;NOM;PRENOM;SEXE;DATE_NAISSANCE"
    rows = [
        f"{HER};MARTIN;JEANNE;F;02/03/1980",
        f"{HER};;JEANNE;F;",
        f"{HER};MARTIN;;F;02/03/1980",
        f"{HER};MARTIN;ANNA;F;05/06/2012",
        f"{HER};;ANNA;F;05/06/2012",
        f"{HER};MARTIN;LEO;M;05/06/2012",
        f"{HER};;LEO;M;",
        f"{HIM};MARTIN;PIERRE;M;01/12/1979",
    ]
    document = census([head, *rows * 4])
    assert document["persons"] == 4
    assert document["plausibility"]["nir_sex"] == {"count": 24, "of": 32, "unit": "rows"}
    assert document["plausibility"]["nir_birth_date"] == {"count": 12, "of": 24, "unit": "rows"}
