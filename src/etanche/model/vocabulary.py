"""The closed lists: kinds of column, roles, categories of data, stances, reasons to set a line aside."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a column holds.  The values are a contract (design, "Kinds, by these names")."""

    NIR = "nir"
    INS = "ins"
    SURNAME = "surname"
    BIRTH_NAME = "birth_name"
    FIRST_NAME = "first_name"
    FULL_NAME = "full_name"
    SEX = "sex"
    TITLE = "title"
    BIRTH_DATE = "birth_date"
    BIRTH_PLACE = "birth_place"
    DEATH_DATE = "death_date"
    ADDRESS = "address"
    POSTCODE = "postcode"
    COMMUNE = "commune"
    INSEE_COMMUNE = "insee_commune"
    COUNTRY = "country"
    LANDLINE = "landline"
    MOBILE = "mobile"
    PHONE = "phone"
    EMAIL = "email"
    RPPS = "rpps"
    ADELI = "adeli"
    FINESS = "finess"
    DOCTOR = "doctor"
    LABORATORY = "laboratory"
    AMC = "amc"
    INSURER = "insurer"
    BLOOD_GROUP = "blood_group"
    PREGNANCY = "pregnancy"
    MEDICINE = "medicine"
    CIP = "cip"
    ATC = "atc"
    DISEASE = "disease"
    CIM10 = "cim10"
    ALD = "ald"
    RESULT = "result"
    NABM = "nabm"
    LOINC = "loinc"
    SAMPLE_DATE = "sample_date"
    VISIT_DATE = "visit_date"
    DATE = "date"
    COMMENT = "comment"
    DEPARTEMENT = "departement"
    REGION = "region"
    LOGIN = "login"
    PASSWORD = "password"  # noqa: S105 - the name of a kind
    PASSWORD_HASH = "password_hash"  # noqa: S105 - the name of a kind
    TOKEN = "token"  # noqa: S105 - the name of a kind
    IBAN = "iban"
    BIC = "bic"
    CARD = "card"
    IP = "ip"
    DEVICE = "device"
    IDENTIFIER = "identifier"
    SIREN = "siren"
    SIRET = "siret"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    URL = "url"
    AMOUNT = "amount"
    NUMBER = "number"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"
    CONSTANT = "constant"
    EMPTY = "empty"
    FILE_NAME = "file_name"
    UCD = "ucd"
    UNKNOWN = "unknown"


class Role(StrEnum):
    """Whose data a column holds.  `NONE`: nobody's (an internal key, an amount)."""

    PATIENT = "patient"
    INSURED = "insured"
    SPOUSE = "spouse"
    PRESCRIBER = "prescriber"
    SAMPLER = "sampler"
    TRUSTED_PERSON = "trusted_person"
    STAFF = "staff"
    LABORATORY = "laboratory"
    NONE = "none"


PERSON_ROLES: tuple[Role, ...] = (
    Role.PATIENT,
    Role.INSURED,
    Role.SPOUSE,
    Role.PRESCRIBER,
    Role.SAMPLER,
    Role.TRUSTED_PERSON,
    Role.STAFF,
)


class Category(StrEnum):
    """Categories of personal data that the law tells apart (GDPR art. 4, 9, 10, 87; art. 30 loi 78-17 for the NIR)."""

    ORDINARY = "ordinary"
    NIR = "nir"
    HEALTH = "health"
    GENETIC = "genetic"
    SEX_LIFE = "sex_life"
    OFFENCES = "offences"
    CREDENTIALS = "credentials"
    FINANCIAL = "financial"


class Stance(StrEnum):
    """How a text speaks of a clinical topic.  The past counts as affirmed in the census."""

    AFFIRMED = "affirmed"
    PAST = "past"
    NEGATED = "negated"
    UNCERTAIN = "uncertain"
    OTHER_PERSON = "other_person"


class QuarantineReason(StrEnum):
    """Why a line was set aside."""

    TOO_FEW_CELLS = "too_few_cells"
    TOO_MANY_CELLS = "too_many_cells"
    UNBALANCED_QUOTE = "unbalanced_quote"
    NUL_BYTE = "nul_byte"
    UNDECODABLE = "undecodable"
    TOO_LONG = "too_long"
    CUT = "cut"
