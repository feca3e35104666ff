"""The complementary notification (GDPR 33(4)): what changed since the initial one, then every answer as it is now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from etanche.respond.document import BLANKS, Document, Dossier, Made
from etanche.respond.notification import filed, questions
from etanche.respond.template import Block, Value, plain
from etanche.respond.terms import terms


def _changes(dossier: Dossier, language: str, _made: Sequence[Made]) -> Mapping[str, Value | Block]:
    blanks = tuple(each.question for each in dossier.answers if each.text is None)
    found: dict[str, Value | Block] = {"answers": questions(dossier.answers, "CNIL"), BLANKS: blanks}
    if dossier.initial is not None:
        rows = tuple(_rows(dossier, dossier.initial, terms(language)["blank"]))
        found["compared"] = Value("", "notification.json")
        found |= {"changes": rows} if rows else {"unchanged": Value("", "notification.json")}
    return found


def _rows(dossier: Dossier, initial: Mapping[str, str | None], blank: str) -> Iterator[str]:
    """Yield one row for each answer that is not what it was, in the order of the form."""
    for each in dossier.answers:
        before = initial.get(each.code)
        if each.code != "type" and before != each.text:
            was, now = (f"*{blank}*" if text is None else plain(text) for text in (before, each.text))
            yield f"| {plain(each.question)} | {was} | {now} |"


DOCUMENT = Document(
    order=20, duty="notify_authority", folder="", applies=lambda dossier: filed(dossier.controller), more=_changes
)
