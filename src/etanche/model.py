"""The nouns of étanche: frozen dataclasses and enums, no I/O.

Reading order is the order of the story: a `Source` is opened as a `Table` of text cells with its quarantine; each
`Column` gets a kind and a role with its reason; rows are counted as persons; the `Census` says how many and the
`Severity` how grave.  Everything here is data: no module of étanche is imported.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited text separates cells.  `quote` is empty when no cell is quoted; lines end in LF, CR or CRLF."""

    delimiter: str
    quote: str = ""
    doublequote: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    """One table's place of origin: where it lies, what it weighs, how it was read."""

    path: str
    """Path as given by the user (or relative to the folder given)."""
    member: str
    """Path inside the archive, members joined by `!`; empty for a plain file."""
    reader: str
    """Name of the reader whose bid opened it."""
    size: int
    """Bytes of the outermost file."""
    sha256: str
    """Hash of the outermost file, hexadecimal."""
    encoding: str
    dialect: Dialect | None
    header: bool
    table: str = ""
    """Name of the table inside its file or member (a sheet, a table of a dump); empty where that is one table."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A line that could not be read as a row: where, why, and its raw bytes (which only the encrypted store keeps)."""

    line: int
    """1-based line of the text."""
    offset: int
    """Byte offset of the line in the (unpacked) text as leaked."""
    reason: QuarantineReason
    raw: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows spread over a whole table, by column: what the kinds are recognised on.  Never written, never printed."""

    names: tuple[str, ...]
    """Column names: the header's, or `column_1`… without one."""
    header: bool
    columns: tuple[tuple[str, ...], ...] = field(repr=False)
    """One tuple of cells a column, aligned by row; a blank cell is an empty string."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every line accounted for: `lines == header + row_lines + quarantined + blank`."""

    lines: int
    header: int
    row_lines: int
    """Lines that the rows take (more than `rows` when cells hold line breaks)."""
    blank: int
    rows: int
    quarantined: int
    reasons: dict[QuarantineReason, int]

    def __post_init__(self) -> None:
        """Refuse a ledger that does not balance."""
        if self.lines != self.header + self.row_lines + self.quarantined + self.blank:
            msg = f"ledger does not balance: {self.lines} lines"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict was reached: a code of `words/<language>/reasons.toml` and its parameters (never a cell's text)."""

    code: str
    params: tuple[tuple[str, str | int | float], ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A further kind that cells of a column hold: packed with the column's own into one cell, or in its place."""

    kind: Kind
    share: float
    """Of the filled cells of the sample, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Column:
    """The verdict on one column.  Counts are cells over all rows of the table; before counting they are zero."""

    index: int
    name: str
    kind: Kind
    role: Role
    confidence: float
    """0 to 1: how likely the kind is right."""
    reason: Reason
    layout: str = ""
    """For dates, the strptime layout of the cells ("%d/%m/%Y"); for others empty."""
    filled: int = 0
    """Cells that are not blank."""
    valid: int = 0
    """Cells that pass the kind's check: shape, and key where the kind has one."""
    distinct: int = 0
    """Distinct normalised values among the filled cells."""
    table: str = ""
    """Which of several tables of different columns it is of; empty where the leak is one table."""
    also: tuple[Held, ...] = ()
    """What its cells hold besides (a telephone behind a name, an e-mail in place of a telephone), the more frequent
    first."""
    repeat: int = 0
    """Its number in a repeated group (`visit2_date` beside `visit1_date` is the second); 0 where it is in none."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a text holds: of what kind, where (characters, `end` exclusive), how sure.

    The kinds of a text are those of columns: `FULL_NAME`, `BIRTH_DATE`, `MOBILE`, `MEDICINE`, `DISEASE`…
    """

    kind: Kind
    start: int
    end: int
    confidence: float = 1.0
    """0 to 1: how likely the kind is right."""
    code: str = ""
    """What a terminology says of it, where known: an ATC code, a CIM-10 chapter or code."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A user's word on one column (`--map`): a kind, a role or both."""

    column: str
    kind: Kind | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class KindCount:
    """Rows with at least one filled cell of a kind, rows with a valid one, and distinct normalised values."""

    rows: int
    valid: int
    distinct: int


@dataclass(frozen=True, slots=True)
class TopicCount:
    """Persons (or rows) for whom a topic is affirmed (past included), and those for whom it is only negated."""

    affirmed: int
    negated: int


@dataclass(frozen=True, slots=True)
class Document:
    """What one document of the leak holds: a letter, a mailbox, the pages of a PDF."""

    source: int
    """Its place among the sources, from 0."""
    rows: int
    """Lines, messages or pages."""
    topics: dict[str, TopicCount]
    """Rows that affirm a topic, and those that only deny it."""
    found: dict[Kind, int]
    """Rows in which something of a kind stands."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What texts hold besides topics: comments, letters, messages."""

    rows: int = 0
    """Rows that hold a text."""
    distinct: int = 0
    """Distinct texts, each of which was read."""
    found: dict[Kind, KindCount] = field(default_factory=dict)
    """By kind, the rows whose texts hold one, those with one that passes its check, and the distinct values."""
    documents: tuple[Document, ...] = ()
    """What each document says; those of which nothing can be said are left out."""


@dataclass(frozen=True, slots=True)
class Reuse:
    """Passwords that two persons or more have."""

    passwords: int = 0
    accounts: int = 0
    """Accounts that have one of them."""
    persons: int = 0
    patients: int = 0
    most: int = 0
    """Accounts of the password that most have."""


@dataclass(frozen=True, slots=True)
class HashCount:
    """Passwords hashed in one way: accounts, distinct hashes, and what the way is worth."""

    accounts: int
    distinct: int
    shared: int
    """Accounts whose hash another has too: with no salt, the same password.  0 for salted families."""
    salted: bool
    effort: str
    """What finding the password costs: none, little, slow, memory."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords counted, never shown.  An account is a person and a password."""

    accounts: int
    """With a password in clear."""
    persons: int
    distinct: int
    weak_accounts: int
    weak_patients: int
    weak: dict[str, int]
    """Accounts by weakness; one may have several."""
    reused: Reuse
    hashes: dict[str, HashCount]
    """By family of hash."""


@dataclass(frozen=True, slots=True)
class Severity:
    """ENISA 2013: SE = DPC x EI + CB, with what each term rests on (codes of `words/<language>/severity.toml`)."""

    dpc: int
    """Data processing context, 1 to 4."""
    ei: float
    """Ease of identification: .25, .5, .75 or 1."""
    cb: float
    """Circumstances of the breach."""
    score: float
    band: str
    """low (< 2), medium (< 3), high (< 4), very_high."""
    reasons: tuple[Reason, ...]
    flags: tuple[str, ...]
    """`over_100_persons`, `unintelligible`: flags, not numbers."""


@dataclass(frozen=True, slots=True)
class Share:
    """A figure with its denominator: `count` of `of` `unit`s."""

    count: int
    of: int
    unit: str


@dataclass(frozen=True, slots=True)
class Census:
    """All figures of the triage (spec, "The census").  Persons are distinct patients unless a role is named."""

    ledger: Ledger
    persons: int
    columns: tuple[Column, ...]
    counts: dict[Kind, KindCount]
    counts_by_role: dict[Role, dict[Kind, KindCount]]
    sexes: dict[str, int]
    titles: dict[str, int]
    dates: dict[Kind, tuple[str, str]]
    """ISO dates, earliest and latest, by kind of date column."""
    departements: dict[Role, dict[str, int]]
    """Rows by département of the postcode, by role."""
    sample_months: dict[str, int]
    """Rows by month of the sample, "YYYY-MM"."""
    laboratories: dict[str, int]
    """Rows by laboratory, as the file names it."""
    age_bands: dict[str, int]
    """Persons by age at the reference date: "0-14", "15-17", "18-29", … "unknown"."""
    minors: int
    roles: dict[Role, int]
    categories: dict[Category, int]
    topics: dict[str, TopicCount]
    topic_rows: dict[str, TopicCount]
    combinations: dict[str, Share]
    """Persons by combination that hurts, e.g. `nir_birth_date_address`."""
    plausibility: dict[str, Share]
    """Checks beyond `valid`: NIR against sex and birth date, postcode against commune, …"""
    severity: Severity
    texts: Texts = Texts()
    passwords: Passwords | None = None
    """None for a file without passwords."""
    categories_by_role: dict[Role, dict[Category, int]] = field(default_factory=dict)
    """Persons of each role but the patients', by category of data that the file holds on them."""
    combinations_by_role: dict[Role, dict[str, Share]] = field(default_factory=dict)
