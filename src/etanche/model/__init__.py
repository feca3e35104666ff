"""The nouns of étanche: frozen dataclasses and enums, no I/O.

Reading order is the order of the story: a `Source` is opened as a `Table` of text cells with its quarantine; each
`Column` gets a kind and a role with its reason; rows are counted as persons; the `Census` says how many and the
`Severity` how grave.  Everything here is data: no other package of étanche is imported.
"""

from etanche.model.families import FAMILIES, FAMILIES_OF_TEXTS
from etanche.model.figures import (
    Census,
    Document,
    HashCount,
    KindCount,
    Passwords,
    Reuse,
    Severity,
    Share,
    Texts,
    TopicCount,
)
from etanche.model.tables import Column, Correction, Dialect, Finding, Held, Ledger, Quarantined, Reason, Sample, Source
from etanche.model.vocabulary import PERSON_ROLES, Category, Kind, QuarantineReason, Role, Stance

__all__ = [
    "FAMILIES",
    "FAMILIES_OF_TEXTS",
    "PERSON_ROLES",
    "Category",
    "Census",
    "Column",
    "Correction",
    "Dialect",
    "Document",
    "Finding",
    "HashCount",
    "Held",
    "Kind",
    "KindCount",
    "Ledger",
    "Passwords",
    "QuarantineReason",
    "Quarantined",
    "Reason",
    "Reuse",
    "Role",
    "Sample",
    "Severity",
    "Share",
    "Source",
    "Stance",
    "Texts",
    "TopicCount",
]
