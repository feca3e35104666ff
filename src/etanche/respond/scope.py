"""Whom and what a number counts, said with it: a number of patients is not the number of all who are concerned.

Rules, in the order in which they apply:

1. Persons of a registry are its patients alone; where the letters are worked out, everybody they are for is counted
   beside them, by role.  What the letters count is recipients: a child's letter goes to its parents.
2. A number that somebody claimed for the whole case says so, where several controllers share it.
3. Rows that carry the controller's name and rows of its registry's persons are two numbers, each with its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from etanche.respond.terms import between, number

if TYPE_CHECKING:
    from etanche.respond.notification import Facts

REGISTRY, CASE = "registry", "case"


def persons(facts: Facts, said: Mapping[str, Any]) -> str | None:
    """Return how many persons, with whom that counts (GDPR 33(3)(a)); None where nothing is known."""
    found = between(facts.persons, said)
    if found is not None and facts.persons_scope:
        found = f"{found} {said['scope'][facts.persons_scope]}"
    if not facts.recipients:
        return found
    roles = ", ".join(f"{number(count, said)} {said['scope'][who]}" for who, count in facts.recipients.items())
    everyone = said["scope"]["everyone"].format(
        count=number(sum(facts.recipients.values()), said), roles=roles, source=facts.recipients_from
    )
    return "; ".join(each for each in (found, everyone) if each)


def records(facts: Facts, said: Mapping[str, Any]) -> str | None:
    """Return how many rows, by the name they carry and by the persons they are of; None where nothing is known."""
    found = between(facts.records, said)
    if facts.linked_rows is None:
        return found
    linked = said["scope"]["linked_rows"].format(count=number(facts.linked_rows, said), source=facts.linked_rows_from)
    if found is None:
        return str(linked)
    return f"{found} {said['scope']['named' if facts.records_from.startswith('census.json') else 'stated']}; {linked}"
