"""The awareness log: who knew what, when, and why it was certain; the clocks start from it (GDPR 33(1))."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from etanche.respond.document import Document, Dossier, Made
from etanche.respond.template import Block, Value, plain
from etanche.respond.terms import terms, told

_MOMENTS = ("breach_start", "breach_end", "processor_aware", "processor_filed", "attack_known", "aware")


def _moments(dossier: Dossier, language: str, _made: Sequence[Made]) -> Mapping[str, Value | Block]:
    """Return the moments that are known, the earliest first, each in one row, with the column it stands in."""
    said, one = terms(language), dossier.controller
    known = [(one.moments[name], name) for name in one.moments if name in _MOMENTS or name.endswith("_filed")]
    rows = [
        f"| {told(moment, one.calendar.zone, said)} | {plain(said['label'][name])} | {plain(name)} | |"
        for moment, name in sorted(known, key=lambda each: (each[0].earliest, each[0].latest, each[1]))
    ]
    return {"moments": (*rows, "| | | | |", "| | | | |", "| | | | |")}


DOCUMENT = Document(order=10, duty="notify_authority", more=_moments)
