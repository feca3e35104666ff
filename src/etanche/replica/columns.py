"""The columns of the leak: what each holds, whose it is, and its name in four styles of header.

`legacy` is the vendor's style of the model case, `english` another vendor's, `snake` and `camel` the legacy names
respelt.  A column is known inside the replica by its legacy name.
"""

from __future__ import annotations

from dataclasses import dataclass

from etanche.model import Kind, Role


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the leak."""

    name: str
    english: str
    kind: Kind
    role: Role

    def spelt(self, style: str) -> str:
        """Return the name in a style: legacy, english, snake or camel."""
        if style == "english":
            return self.english
        parts = self.name.lower().split("_")
        return {
            "legacy": self.name,
            "snake": "_".join(parts),
            "camel": parts[0] + "".join(part.capitalize() for part in parts[1:]),
        }[style]


_P, _I, _S, _D, _L, _N = Role.PATIENT, Role.INSURED, Role.SPOUSE, Role.PRESCRIBER, Role.LABORATORY, Role.NONE

FIELDS: tuple[Field, ...] = (
    Field("NUM_DOSSIER", "File number", Kind.IDENTIFIER, _N),
    Field("CODE_LABO", "Laboratory code", Kind.IDENTIFIER, _L),
    Field("NOM_LABO", "Laboratory", Kind.LABORATORY, _L),
    Field("FINESS_LABO", "Laboratory FINESS", Kind.FINESS, _L),
    Field("NUM_SECU", "Social security number", Kind.NIR, _P),
    Field("TITRE", "Title", Kind.TITLE, _P),
    Field("NOM", "Last name", Kind.SURNAME, _P),
    Field("NOM_NAISSANCE", "Birth name", Kind.BIRTH_NAME, _P),
    Field("PRENOM", "First name", Kind.FIRST_NAME, _P),
    Field("SEXE", "Sex", Kind.SEX, _P),
    Field("DATE_NAISSANCE", "Date of birth", Kind.BIRTH_DATE, _P),
    Field("LIEU_NAISSANCE", "Place of birth", Kind.BIRTH_PLACE, _P),
    Field("DATE_DECES", "Date of death", Kind.DEATH_DATE, _P),
    Field("ADRESSE", "Address", Kind.ADDRESS, _P),
    Field("COMPLEMENT", "Address line 2", Kind.ADDRESS, _P),
    Field("CODE_POSTAL", "Postcode", Kind.POSTCODE, _P),
    Field("VILLE", "City", Kind.COMMUNE, _P),
    Field("CODE_INSEE", "INSEE code", Kind.INSEE_COMMUNE, _P),
    Field("PAYS", "Country", Kind.COUNTRY, _P),
    Field("TEL_FIXE", "Home phone", Kind.LANDLINE, _P),
    Field("TEL_PORTABLE", "Mobile phone", Kind.MOBILE, _P),
    Field("EMAIL", "Email", Kind.EMAIL, _P),
    Field("NOM_CONJOINT", "Spouse last name", Kind.SURNAME, _S),
    Field("PRENOM_CONJOINT", "Spouse first name", Kind.FIRST_NAME, _S),
    Field("NOM_ASSURE", "Insured last name", Kind.SURNAME, _I),
    Field("PRENOM_ASSURE", "Insured first name", Kind.FIRST_NAME, _I),
    Field("DATE_NAISSANCE_ASSURE", "Insured date of birth", Kind.BIRTH_DATE, _I),
    Field("PERSONNE_CONFIANCE", "Trusted person", Kind.FULL_NAME, Role.TRUSTED_PERSON),
    Field("NOM_MEDECIN", "Prescriber last name", Kind.SURNAME, _D),
    Field("PRENOM_MEDECIN", "Prescriber first name", Kind.FIRST_NAME, _D),
    Field("RPPS_MEDECIN", "Prescriber RPPS", Kind.RPPS, _D),
    Field("ADRESSE_MEDECIN", "Prescriber address", Kind.ADDRESS, _D),
    Field("CP_MEDECIN", "Prescriber postcode", Kind.POSTCODE, _D),
    Field("VILLE_MEDECIN", "Prescriber city", Kind.COMMUNE, _D),
    Field("TEL_MEDECIN", "Prescriber phone", Kind.LANDLINE, _D),
    Field("EMAIL_MEDECIN", "Prescriber email", Kind.EMAIL, _D),
    Field("PRELEVEUR", "Sampler", Kind.DOCTOR, Role.SAMPLER),
    Field("MUTUELLE", "Insurer", Kind.INSURER, _P),
    Field("NUM_MUTUELLE", "Insurer number", Kind.AMC, _P),
    Field("GROUPE_SANGUIN", "Blood group", Kind.BLOOD_GROUP, _P),
    Field("GROSSESSE", "Pregnancy", Kind.PREGNANCY, _P),
    Field("ALD", "Long-term illness", Kind.ALD, _P),
    Field("CIM10", "ICD-10", Kind.CIM10, _P),
    Field("TRAITEMENT", "Treatment", Kind.MEDICINE, _P),
    Field("CODE_CIP", "CIP code", Kind.CIP, _P),
    Field("CODE_NABM", "NABM code", Kind.NABM, _P),
    Field("RESULTAT", "Result", Kind.RESULT, _P),
    Field("MONTANT", "Amount", Kind.AMOUNT, _N),
    Field("IBAN", "IBAN", Kind.IBAN, _P),
    Field("LOGIN", "Login", Kind.LOGIN, _P),
    Field("MOT_DE_PASSE", "Password", Kind.PASSWORD, _P),
    Field("DATE_PRELEVEMENT", "Sample date", Kind.SAMPLE_DATE, _P),
    Field("DERNIERE_VISITE", "Last visit", Kind.VISIT_DATE, _P),
    Field("DATE_CREATION", "Created at", Kind.TIMESTAMP, _N),
    Field("COMMENTAIRE1", "Comment 1", Kind.COMMENT, _P),
    Field("COMMENTAIRE2", "Comment 2", Kind.COMMENT, _P),
    Field("OPERATEUR", "Operator", Kind.LOGIN, Role.STAFF),
    Field("FICHIER_SOURCE", "Source file", Kind.FILE_NAME, _N),
    Field("VERSION", "Version", Kind.CONSTANT, _N),
    Field("ACTIF", "Active", Kind.BOOLEAN, _N),
    Field("RESERVE", "Reserved", Kind.EMPTY, _N),
)

MIGRATION = tuple(field.name for field in FIELDS if field.name not in {"RESERVE", "VERSION", "IBAN", "CODE_CIP"})
"""Columns of the migration export."""
EXPORT = (
    "NUM_DOSSIER",
    "CODE_LABO",
    "NUM_SECU",
    "TITRE",
    "NOM",
    "NOM_NAISSANCE",
    "PRENOM",
    "SEXE",
    "DATE_NAISSANCE",
    "ADRESSE",
    "CODE_POSTAL",
    "VILLE",
    "TEL_FIXE",
    "TEL_PORTABLE",
    "EMAIL",
    "NOM_MEDECIN",
    "PRENOM_MEDECIN",
    "RPPS_MEDECIN",
    "MUTUELLE",
    "CODE_NABM",
    "DATE_PRELEVEMENT",
    "DERNIERE_VISITE",
    "COMMENTAIRE1",
)
"""Columns of a laboratory's daily export."""
