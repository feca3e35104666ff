"""Published examples and edge cases of each identifier; twins and engines are compared in tests/engines."""

# ruff: noqa: E501 - tables of cases read best a line a case

from __future__ import annotations

import pytest

from etanche.identifiers import (
    bic,
    blood_group,
    card,
    cip,
    dates,
    email,
    finess,
    iban,
    identifiers,
    ins,
    ip,
    loinc,
    nir,
    phone,
    postcode,
    rpps,
    sex,
    siren,
    siret,
    title,
)


@pytest.mark.parametrize(
    "text",
    [
        "180055612345655",
        "1 80 05 56 123 456 55",
        "280055612345605",
        "2 80 05 2A 123 456 34",
        "\xa01800556123456\u202f55",
    ],
)
def test_right_nirs(text):
    assert nir.fits(text)
    assert nir.valid(text)


@pytest.mark.parametrize(("text", "fits", "valid"), [
    ("1800556123456", True, True), ("180055612345656", True, False), ("380055612345600", True, False),
    ("780425612345600", True, False), ("180135612345600", False, False), ("180435612345600", False, False),
    ("1802056123456", True, True), ("1809956123456", True, True), ("180000012345600", False, False),
    ("580055612345693", False, False), ("18005561234569", False, False), ("1 80 05 56 123 456 9x", False, False),
])  # fmt: skip
def test_shape_and_key_are_apart(text, fits, valid):
    assert (nir.fits(text), nir.valid(text)) == (fits, valid)


def test_corsican_key_counts_19_and_18():
    for letters, digits in (("2A", "19"), ("2B", "18")):
        key = 97 - int(f"18005{digits}123456") % 97
        assert nir.valid(f"18005{letters}123456{key:02}")
        assert nir.valid(f"18005{letters.lower()}123456{key:02}")


def test_what_a_nir_tells():
    assert (nir.year_month("1800556123456"), nir.year_month("1802056123456"), nir.year_month("")) == (
        "8005",
        None,
        None,
    )


@pytest.mark.parametrize(("module", "right", "wrong"), [
    (siren, "732 829 320", "732 829 321"), (siret, "73282932000074", "73282932000075"),
    (iban, "FR76 3000 6000 0112 3456 7890 189", "FR76 3000 6000 0112 3456 7890 188"),
    (iban, "FR14 2004 1010 0505 0001 3M02 606", "FR15 2004 1010 0505 0001 3M02 606"),
    (iban, "GB82 WEST 1234 5698 7654 32", "GB82 WEST 1234 5698 7654 3"),
    (card, "4111 1111 1111 1111", "4111 1111 1111 1112"), (card, "378282246310005", "378282246310006"),
    (loinc, "2345-7", "2345-6"), (loinc, "718-7", "718-8"), (bic, "BNPAFRPPXXX", "BNPAQQPPXXX"),
    (cip, "3400930000007", "3400930000006"), (ip, "192.0.2.1", "192.0.2.256"), (ip, "2001:db8::1", "2001:db8:::1"),
    (email, "a.b+c@mail.example.org", "a..b@example.org"), (postcode, "97400", "96000"),
    (phone, "+33 (0)6 39 98 12 34", "+33 39 98 12 34"), (phone, "0033299001234", "00 99 00 12 34"),
    (blood_group, "O Rh nég", "Onyx"), (ins, "180055612345655^1.2.250.1.213.1.4.8", "180055612345656^1.2.250.1.213.1.4.8"),
])  # fmt: skip
def test_published_examples(module, right, wrong):
    assert module.valid(right)
    assert not module.valid(wrong)


def test_the_post_offices_siret_has_a_sum_that_five_divides():
    assert siret.valid("35600000000048")
    assert siret.valid("35600000009075")
    assert not siret.valid("35600000009076")


def test_luhn_of_rpps_and_finess():
    assert [rpps.valid(f"1000000000{key}") for key in range(10)].count(True) == 1
    assert [finess.valid(f"56000001{key}") for key in range(10)].count(True) == 1
    assert finess.valid("2A0000012")


def test_phones_by_line_and_spelling():
    assert phone.normalise("+33 6.39.98.12.34") == phone.normalise("0639981234") == "0639981234"
    assert phone.is_mobile("+33639981234")
    assert phone.is_landline("09 00 00 00 00")
    assert not phone.is_landline("0800000000")
    assert phone.fits("+32 2 555 12 12")
    assert not phone.valid("+32 2 555 12 12")


def test_departements():
    codes = ["56000", "97400", "98800", "20090", "20137", "20200", "20620", "20310", "1200", ""]
    assert [postcode.departement(code) for code in codes] == [
        "56",
        "974",
        "988",
        "2A",
        "2A",
        "2B",
        "2B",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(("text", "layout", "iso"), [
    ("29/02/2020", "%d/%m/%Y", "2020-02-29"), ("29/02/2019", "%d/%m/%Y", None), ("1/2/1980", "%d/%m/%Y", "1980-02-01"),
    ("19800229", "%Y%m%d", "1980-02-29"), ("12/31/1999", "%m/%d/%Y", "1999-12-31"), ("31/12/45", "%d/%m/%y", "1945-12-31"),
    ("31/12/15", "%d/%m/%y", "2015-12-31"), ("1980-02-29T23:59:59Z", "%Y-%m-%dT%H:%M:%S", "1980-02-29"),
    ("01/01/0001", "%d/%m/%Y", None), ("", "%d/%m/%Y", None), ("01/02/1980", "", None), ("١/٢/١٩٨٠", "%d/%m/%Y", None),
])  # fmt: skip
def test_days(text, layout, iso):
    assert dates.iso(text, layout) == iso


def test_layouts_that_no_rule_knows_are_refused():
    with pytest.raises(ValueError, match="unknown layout"):
        dates.iso("1980", "%Y")


def test_words_have_values():
    assert [sex.normalise(text) for text in (" homme", "2", "Féminin", "?")] == ["M", "F", "F", "?"]
    assert [title.normalise(text) for text in ("Sœur", "bébé", "Mme.", "Monsieur")] == ["SOEUR", "BEBE", "MME", "M"]
    assert [blood_group.normalise(text) for text in ("0 pos", "AB neg", "A")] == ["O+", "AB-", "A"]


@pytest.mark.parametrize(
    "text", ["1 80 05 56 123 456 55", "jean.dupont@example.org", "06 39 98 12 34", "56000", "12/05/1980"]
)
def test_masks_keep_the_layout_and_hide_the_content(text):
    for identifier in identifiers().values():
        masked = identifier.mask(text)
        shown = sum(char.isalnum() for char in masked)
        assert shown <= 3
        assert len(masked) <= 24


def test_masks_hide_control_characters():
    assert "\x1b" not in nir.mask("\x1b[31m1 80")
