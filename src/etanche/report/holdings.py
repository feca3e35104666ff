"""Parts of the report on passwords, and on what is held on those who are no patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from etanche.report.markup import Markup, tag
from etanche.report.speech import Speech
from etanche.report.tables import Number, table

Document = Mapping[str, Any]

_CATEGORIES = ("ordinary", "nir", "health", "genetic", "sex_life", "offences", "credentials", "financial")


def passwords(document: Document, speech: Speech) -> list[Markup]:
    """Return how many passwords are weak, shared and hashed; nothing for a file without any."""
    held, word = document["passwords"], speech.section("passwords")
    parts: list[Markup] = []
    accounts, reused = held["accounts"], held["reused"]
    if accounts != 0:
        counts = [(word("weak"), held["weak_accounts"])]
        counts += [(speech.label("weakness", name), count) for name, count in held["weak"].items()]
        counts += [(word("reused"), reused["accounts"]), (word("most"), reused["most"])]
        rows = [
            (name, Number(speech.number(count)), Number(speech.percent(count, accounts)))
            for name, count in counts
            if count != 0
        ]
        caption = speech("passwords.caption", accounts=speech.number(accounts))
        parts.append(table(caption, [word(name) for name in ("what", "accounts", "share")], rows))
        distinct, shared = speech.number(held["distinct"]), speech.number(reused["passwords"])
        parts.append(tag("p", speech("passwords.lead", distinct=distinct, passwords=shared)))
    if held["hashes"]:
        headings = [word(name) for name in ("family", "accounts", "distinct", "shared", "effort")]
        by_family = [
            (
                speech.label("hash", family),
                *(Number(speech.number(count[name])) for name in ("accounts", "distinct", "shared")),
                speech.label("effort", count["effort"]),
            )
            for family, count in held["hashes"].items()
        ]
        parts.append(table(word("hashes_caption"), headings, by_family))
    return parts


def others(document: Document, speech: Speech) -> list[Markup]:
    """Return persons of every role but the patients' by category of data."""
    by_role = document["categories_by_role"]
    found = [name for name in _CATEGORIES if any(name in held for held in by_role.values())]
    if not found:
        return []
    rows = [
        (speech.label("roles", role), *(Number(speech.number(held.get(name, 0))) for name in found))
        for role, held in by_role.items()
    ]
    headings = [speech("passwords.role"), *(speech.label("category", name) for name in found)]
    return [table(speech("passwords.others_caption"), headings, rows)]
