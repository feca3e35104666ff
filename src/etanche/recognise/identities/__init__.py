"""Identities in free text: who, when, where, under which number.

Rules, in the order in which they apply:

1. What names itself is taken first (`numbers.named`: e-mail, URL, password), then addresses, dates, NIRs, phones and
   identifiers (`places`, `days`, `numbers`), then persons among what is left (`names`); no two findings overlap.
2. Each reader first looks whether the text has anything for it, so that a comment that names nobody costs
   microseconds.
3. Persons come as their parts: `FIRST_NAME` and `SURNAME`, side by side.  Places of care are `LABORATORY` with the
   code `hospital` or `laboratory`.
4. A number whose key is wrong is found all the same; its confidence says so.

    >>> [finding.kind.value for finding in find("rappeler Mme DUPONT 06 12 34 56 78")]
    ['surname', 'mobile']
"""

from __future__ import annotations

from collections.abc import Iterable

from etanche.model import Finding, Kind
from etanche.recognise.identities import cares, days, names, numbers, places
from etanche.recognise.identities.gate import CARE, COMMUNE, DAY, NAME, SECRET, WAY, may_hold
from etanche.recognise.identities.spans import Spans

__all__ = ["find", "find_many"]

_DATES = frozenset({Kind.DATE, Kind.BIRTH_DATE})


def find(text: str) -> tuple[Finding, ...]:
    """Return the identities of a text, in its order, none over another."""
    may = may_hold(text)
    numbered = numbers.enough(text)
    dotted = "@" in text or "://" in text or "www." in text
    if not may and not numbered and not dotted:
        return ()
    spans = Spans()
    if dotted or may & SECRET:
        spans.add(numbers.named(text))
    if may & WAY:
        spans.add(places.addresses(text))
    if numbered or may & DAY:
        spans.add(days.days(text))
    if numbered:
        spans.add(numbers.numbers(text))
        spans.add(places.postcodes(text, list(spans)))
        spans.add(numbers.phones(text))
        spans.add(numbers.unnamed(text))
    if numbered or may & DAY:
        spans.add(days.doubtful_days(text, [(found.start, found.end) for found in spans if found.kind in _DATES]))
    if may & CARE:
        spans.add(cares.cares(text))
    if may & COMMUNE:
        spans.add(places.communes(text))
    if may & NAME:
        spans.add(names.persons(text, spans))
    return tuple(spans)


def find_many(texts: Iterable[str]) -> list[tuple[Finding, ...]]:
    """Return the identities of each text, in its order."""
    return [find(text) for text in texts]
