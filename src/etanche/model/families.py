"""Families of data, as a notification and a letter name them: which kinds of column each is.

A family is what people are told ("your address, your telephone"), where a category is what the law weighs (GDPR art. 4,
9, 10, 87): see the guidelines 9/2022 of the EDPB, "types of data".  Genetic data and sex life have no kind of column:
they come from what texts speak of.
"""

from __future__ import annotations

from etanche.model.vocabulary import Category, Kind

FAMILIES: dict[str, frozenset[Kind]] = {
    "civil": frozenset(
        {Kind.SURNAME, Kind.BIRTH_NAME, Kind.FIRST_NAME, Kind.FULL_NAME, Kind.SEX, Kind.BIRTH_DATE, Kind.BIRTH_PLACE}
    ),
    "nir": frozenset({Kind.NIR, Kind.INS}),
    "contact": frozenset({Kind.ADDRESS, Kind.LANDLINE, Kind.MOBILE, Kind.PHONE, Kind.EMAIL}),
    "credentials": frozenset({Kind.LOGIN, Kind.PASSWORD, Kind.PASSWORD_HASH, Kind.TOKEN}),
    "financial": frozenset({Kind.IBAN, Kind.BIC, Kind.CARD}),
    "location": frozenset({Kind.LATITUDE, Kind.LONGITUDE}),
    "health": frozenset(
        {
            Kind.BLOOD_GROUP, Kind.PREGNANCY, Kind.MEDICINE, Kind.CIP, Kind.UCD, Kind.ATC, Kind.DISEASE, Kind.CIM10,
            Kind.ALD, Kind.RESULT, Kind.NABM, Kind.LOINC, Kind.SAMPLE_DATE, Kind.VISIT_DATE,
        }
    ),
    "genetic": frozenset(),
    "sex_life": frozenset(),
}  # fmt: skip
"""Kinds by family, in the order in which families are told."""

FAMILIES_OF_TEXTS: dict[Category, frozenset[str]] = {
    Category.HEALTH: frozenset({"health"}),
    Category.GENETIC: frozenset({"health", "genetic"}),
    Category.SEX_LIFE: frozenset({"health", "sex_life"}),
}
"""What a text that speaks of a topic of a category holds, even to deny it (GDPR art. 4(15), 9(1))."""
