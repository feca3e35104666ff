"""What is counted: the census and its parts, and how grave it is."""

from __future__ import annotations

from dataclasses import dataclass, field

from etanche.model.tables import Column, Ledger, Reason
from etanche.model.vocabulary import Category, Kind, Role


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
