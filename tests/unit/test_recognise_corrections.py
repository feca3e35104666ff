"""The file of corrections: two formats, every mistake refused in one line."""

from __future__ import annotations

import pytest

from etanche.errors import ExitCode, UserError
from etanche.model import Correction, Kind, Role
from etanche.recognise import corrections_from_toml
from etanche.recognise.corrections import by_index
from etanche.words import LANGUAGES, Words


def test_toml():
    content = b'[columns."NUM_SECU"]\nkind = "nir"\nrole = "patient"\n[columns."#3"]\nrole = "spouse"\n'
    assert corrections_from_toml(content) == (
        Correction("NUM_SECU", Kind.NIR, Role.PATIENT),
        Correction("#3", None, Role.SPOUSE),
    )


def test_toml_without_the_outer_table():
    assert corrections_from_toml(b'["Date 2"]\nkind = "sample_date"\n') == (Correction("Date 2", Kind.SAMPLE_DATE),)


@pytest.mark.parametrize("content", [
    "column,kind,role\n#1,nir,patient\nNom;x,surname,\n",
    "\ufeffcolumn;kind;role\r\n#1;NIR;Patient\r\n\"Nom;x\";surname\r\n\r\n",
    "colonne\tkind\trole\n#1\tnir\tpatient\nNom;x\tsurname\n",
])  # fmt: skip
def test_csv(content):
    expected = (Correction("#1", Kind.NIR, Role.PATIENT), Correction("Nom;x", Kind.SURNAME, None))
    assert corrections_from_toml(content.encode()) == expected


@pytest.mark.parametrize(("content", "code"), [
    (b"", "map_malformed"), (b"\xff\xfe\x00", "map_malformed"), (b"[columns", "map_malformed"),
    (b'[columns."A"]\nkinds = "nir"\n', "map_malformed"), (b'[columns]\nA = "nir"\n', "map_malformed"),
    (b"column,kind\nA,\n", "map_malformed"), (b"column,kind\nA,nirr\n", "map_unknown_kind"),
    (b"column,kind,role\nA,nir,patiente\n", "map_unknown_role"),
])  # fmt: skip
def test_mistakes_are_refused(content, code):
    with pytest.raises(UserError) as caught:
        corrections_from_toml(content)
    assert (caught.value.code, caught.value.exit_code) == (code, ExitCode.USAGE)
    for language in LANGUAGES:
        assert "\n" not in Words(language)(f"errors.{code}", **caught.value.params)


def test_columns_by_name_and_place():
    given = [Correction("nom ", Kind.SURNAME), Correction("#2", Kind.FIRST_NAME)]
    assert set(by_index(("Nom", "Prénom"), given)) == {0, 1}


@pytest.mark.parametrize("column", ["Autre", "#0", "#3", "#x", "#²"])
def test_unknown_columns_are_refused(column):
    with pytest.raises(UserError) as caught:
        by_index(("A", "B"), [Correction(column, Kind.NIR)])
    assert caught.value.code == "map_unknown_column"
    assert "#2" in Words("en")("errors.map_unknown_column", **caught.value.params)
