"""Which category of personal data a kind of column is, and which clinical topics weigh as what.

Sources: GDPR art. 4(13)-(15), 9(1), 10, 87; for the NIR, art. 30 of the French act 78-17.  A kind may belong to
several categories: a blood group is health data, the name beside it is ordinary.  What says nothing of a person (an
internal constant, a file name, the laboratory's own FINESS number) belongs to none.
"""

from __future__ import annotations

from etanche.model import Category, Kind, Role

_HEALTH = (
    Kind.BLOOD_GROUP,
    Kind.PREGNANCY,
    Kind.MEDICINE,
    Kind.CIP,
    Kind.UCD,
    Kind.ATC,
    Kind.DISEASE,
    Kind.CIM10,
    Kind.ALD,
    Kind.RESULT,
    Kind.NABM,
    Kind.LOINC,
    Kind.SAMPLE_DATE,
    Kind.VISIT_DATE,
)
_CREDENTIALS = (Kind.LOGIN, Kind.PASSWORD, Kind.PASSWORD_HASH, Kind.TOKEN)
_FINANCIAL = (Kind.IBAN, Kind.BIC, Kind.CARD)
_IMPERSONAL = (
    Kind.LABORATORY,
    Kind.FINESS,
    Kind.CONSTANT,
    Kind.EMPTY,
    Kind.FILE_NAME,
    Kind.TIMESTAMP,
    Kind.BOOLEAN,
    Kind.NUMBER,
    Kind.AMOUNT,
    Kind.UNKNOWN,
    Kind.DATE,
    Kind.IDENTIFIER,
    Kind.URL,
    Kind.COMMENT,
    Kind.SIREN,
    Kind.SIRET,
    Kind.RPPS,
    Kind.ADELI,
    Kind.DOCTOR,
)
"""Kinds that alone put a row in no category: a comment counts by what it says, a prescriber's number by its role."""

_SPECIAL: dict[Kind, Category] = {
    **dict.fromkeys(_HEALTH, Category.HEALTH),
    **dict.fromkeys(_CREDENTIALS, Category.CREDENTIALS),
    **dict.fromkeys(_FINANCIAL, Category.FINANCIAL),
    Kind.NIR: Category.NIR,
    Kind.INS: Category.NIR,
}


_PROFESSIONAL = (Kind.RPPS, Kind.ADELI, Kind.DOCTOR)
"""What names a professional: said of themselves, ordinary data; beside a patient, nothing of the patient."""


def category_of(kind: Kind, role: Role = Role.PATIENT) -> Category | None:
    """Return the category of a kind of column, None when it says nothing of a person of the role."""
    if kind in _SPECIAL:
        return _SPECIAL[kind]
    mute = kind in _IMPERSONAL and not (kind in _PROFESSIONAL and role is not Role.PATIENT)
    return None if mute else Category.ORDINARY
