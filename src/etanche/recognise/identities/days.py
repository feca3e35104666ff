"""Days, months and years in a text.

Rules, in the order in which they apply:

1. A date is absolute: 12/03/1970, 12-03-70, 12 03 1970, 1970-03-12, 12031970, digits one by one (1 2 0 3 1 9 7 0),
   with any of . / - | between and blanks around; 12 mars 1970, 12 mars, mars 1970, 23avr, 18X2027, "douze mars mille
   neuf cent soixante-dix"; 03/1970; a bare year after "en", "depuis" and the like, or before what was done then.
   "Lundi", "hier" and times of day are none.
2. Day and month alone (12/03, 28.09) count after "le", "du", "au", a cycle ("C3"), or beside another date; elsewhere
   they are a fraction, a score, a page.
3. The date of a law is none ("loi du 18 août 2013", "décret n°2013-1066 du 3 juin 2013").
4. A date is one of birth after "né le", "date de naissance", "DDN".
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from etanche.model import Finding, Kind
from etanche.recognise.identities import dayforms as forms
from etanche.recognise.identities.spelt import spelt
from etanche.recognise.identities.words import WORDS, contexts

_SURE = (
    (forms.BOXED, 0.9),
    (forms.STRICT, 0.98),
    (forms.NUMBERED_DAY, 0.95),
    (forms.SPOKEN_DAY, 0.9),
    (forms.MONTH_FIRST, 0.9),
    (forms.SEASON, 0.85),
)
_NEAR = 24
"""Characters within which a date vouches for a day and month alone."""


def days(text: str) -> Iterator[Finding]:
    """Yield the dates of a text, the surest first; two may overlap."""
    for start, end, what in spelt(text):
        if what == "date":
            yield _date(text, start, end, 0.85)
    for pattern, confidence in _SURE:
        for found in pattern.finditer(text):
            if not _excused(text, found.start()):
                yield _date(text, found.start(), found.end(), confidence)


def doubtful_days(text: str, dated: list[tuple[int, int]]) -> Iterator[Finding]:
    """Yield the dates that only what is around tells, `dated` being where others are."""
    for found in forms.COMPACT.finditer(text):
        if not forms.NUMBERED.search(text, max(0, found.start() - 14), found.start()):
            yield _date(text, *found.span(), 0.8)
    for found in forms.MONTH_YEAR.finditer(text):
        if not _excused(text, found.start()):
            yield _date(text, *found.span(), 0.85)
    for found in forms.LONE_MONTH.finditer(text):
        yield _date(text, *found.span(found.lastindex or 0), 0.75)
    yield from _pairs(text, dated)
    for found in forms.BARE_YEAR.finditer(text):
        if _is_year(text, *found.span()):
            yield _date(text, *found.span(), 0.75)


def _pairs(text: str, dated: list[tuple[int, int]]) -> Iterator[Finding]:
    """Yield days and months without a year, which another date beside them or a word before tells from a fraction."""
    last = -_NEAR
    for found in forms.PAIR.finditer(text):
        start, end = found.span(1)
        if _excused(text, start):
            continue
        after = bisect_left(dated, (start,))
        beside = start - last < _NEAR or (after > 0 and 0 <= start - dated[after - 1][1] < _NEAR)
        beside = beside or (after < len(dated) and 0 <= dated[after][0] - end < _NEAR)
        padded = forms.PADDED.fullmatch(text, start, end)
        if padded and not forms.MEASURED.search(text, max(0, start - _NEAR), start):
            beside = True
        if beside or forms.PAIR_CUE.search(text, max(0, start - _NEAR), start):
            last = end
            yield _date(text, start, end, 0.75)


def _is_year(text: str, start: int, end: int) -> bool:
    """Tell whether four digits are a year by the words around: "en 1985", "(1985)", "appendicectomie 1985, …"."""
    if _excused(text, start):
        return False
    if text[max(0, start - 5) : start - 1].isdigit() or re.match(r" ?:(?![0-9])", text[end : end + 3]):
        return True
    event = forms.EVENT.search(text, max(0, start - 30), start)
    if event and forms.EVENT_ENDS.match(text, end) and 1930 <= int(text[start:end]) <= 2040:
        word = WORDS[event[1]]
        if word.folded not in contexts()["counted"] and (word.ordinary or word.family in "oKZ" or word.shape == "l"):
            return True
    cued = bool(forms.YEAR_CUE.search(text, max(0, start - 16), start))
    alone = end == len(text) or not text[end].isalnum()
    return (cued and alone) or (start == 0 and bool(forms.YEAR_AFTER.match(text, end)))


def _excused(text: str, start: int) -> bool:
    """Tell whether what stands before makes it no date of anybody (rule 3)."""
    before = max(0, start - 45)
    return bool(forms.LAW.search(text, before, start) or forms.NUMBERED.search(text, max(0, start - 14), start))


def _date(text: str, start: int, end: int, confidence: float) -> Finding:
    while end > start and text[end - 1] in " .,/-":
        end -= 1
    birth = forms.BIRTH.search(text, max(0, start - 45), start)
    return Finding(Kind.BIRTH_DATE if birth else Kind.DATE, start, end, confidence)
