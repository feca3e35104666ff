"""Days, months and years in a text.

Rules, in the order in which they apply:

1. A date is absolute: 12/03/1970, 12-03-70, 12 03 1970, 1970-03-12, 12031970, digits one by one (1 2 0 3 1 9 7 0), with any of
   . / - | between and blanks around; 12 mars 1970, 12 mars, mars 1970, 23avr, 18X2027, "douze mars mille neuf cent
   soixante-dix"; 03/1970; a bare year after "en", "depuis" and the like, or before what was done then.
   "Lundi", "hier" and times of day are none.
2. Day and month alone (12/03, 28.09) count after "le", "du", "au", a cycle ("C3"), or beside another date; elsewhere they
   are a fraction, a score, a page.
3. The date of a law is none ("loi du 18 août 2013", "décret n°2013-1066 du 3 juin 2013").
4. A date is one of birth after "né le", "date de naissance", "DDN".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.model import Finding, Kind
from etanche.recognise.identities.spelt import spelt
from etanche.recognise.identities.words import WORDS

_I = re.IGNORECASE
_DAY, _MONTH, _YEAR = "(?:[0Oo]?[1-9]|[12][0-9Oo]|3[01])", "(?:[0Oo]?[1-9]|1[0-2])", "(?:1[89]|20|21)[0-9]{2}"
_SEPARATOR = r" {0,2}[/.|\\–-] {0,2}"
_FREE = r"(?<![0-9A-Za-z])(?<![0-9][.,/-])"
_END = r"(?![0-9])(?!(?:[/-]|[.,])[0-9])"
_NAMES = (
    r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre"
    r"|january|february|march|april|june|july|august|september|october|november|december)(?![^\W\d_])"
)
_SHORT = r"(?:janv|jan|f[ée]vr?|mar|avr|juil|jul|jui|sept?|oct|nov|d[ée]c|feb|apr|aug|aout|ao[uû])(?:\.|(?![^\W\d_]))"
_ANY = f"(?:{_NAMES}|{_SHORT})"
_ROMAN = "(?:VIII|VII|VI|IV|IX|XII|XI|X|V|III|II|I)"
_UNITS = "un|deux|trois|quatre|cinq|six|sept|huit|neuf"
_TEENS = "dix|onze|douze|treize|quatorze|quinze|seize"
_TENS = "vingt|trente|quarante|cinquante|soixante|quatre.vingts?"
_BELOW = rf"(?:(?:{_TENS})(?:[ -](?:et[ -])?(?:{_UNITS}|onze|{_TEENS})(?:[ -](?:sept|huit|neuf))?)?|(?:dix[ -](?:sept|huit|neuf))|{_TEENS}|{_UNITS})"
_SPOKEN_DAY = rf"(?:premier|1er|1ier|vingt[ -](?:et[ -]un|{_UNITS})|trente(?:[ -]et[ -]un)?|dix[ -](?:sept|huit|neuf)|{_TEENS}|vingt|{_UNITS})"
_SPOKEN_YEAR = rf"(?:(?:mille|mil)[ -](?:neuf|huit)[ -]cents?|deux[ -]mille)(?:[ -](?:et[ -])?{_BELOW})?"
_SHORT_YEAR = "(?:[0-9]{2}(?![0-9]|[ ]?(?:h|mg|ml|ans?|%|:|kg|cp|g/)))"

_STRICT = re.compile(
    rf"{_FREE}(?:(?:{_DAY} ?[-&] ?)?{_DAY}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_YEAR}|{_MONTH}{_SEPARATOR}{_DAY}{_SEPARATOR}{_YEAR}"
    rf"|{_YEAR}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_DAY}|{_DAY} {_MONTH} {_YEAR}(?! [0-9]{{2}} [0-9]{{2}}))(?:(?=T[0-9]{{2}})|{_END})"
    rf"|{_FREE}(?:{_DAY}(?P<same>[/.-]){_MONTH}(?P=same)|{_DAY} ?(?P<wide>[/|]) ?{_MONTH} ?(?P=wide) ?)(?:[0-9]{{2}})(?![0-9]|[/.,-][0-9]| ?%)"
)
_WORDED = re.compile(
    rf"(?<![0-9,.])(?<![^\W\d_])(?:(?:{_DAY}(?: ?er)?|{_SPOKEN_DAY})[ .,/|_-]{{0,3}}{_ANY}(?:[ .,/|_-]{{0,3}}(?:{_YEAR}(?![0-9])|{_SPOKEN_YEAR}|{_SHORT_YEAR}))?"
    rf"|{_ANY} {_DAY},? {_YEAR}(?![0-9])"
    rf"|(?:{_NAMES}[ '’-]|{_SHORT}['’-])[0-9]{{2}}(?![0-9]|[ ]?(?:h|mg|ml|ans?|%|:|kg|cp|g/|[a-zé]{{3}}))"
    rf"|{_SPOKEN_DAY}[ /.-]{_MONTH}[ /.-]{_YEAR}"
    rf"|{_DAY}[ ./-]?{_ROMAN}[ ./-]?{_YEAR}"
    rf"|{_ANY}[ .,/-]{{0,3}}(?:{_YEAR}(?![0-9])|{_SPOKEN_YEAR}))",
    _I,
)
_LONE_MONTH = re.compile(
    rf"(?<![^\W_])(?:en|d[ée]but|fin|mi|courant|depuis|d[èe]s|jusqu.en|mois d[e'’]) ?-?({_NAMES})"
    rf"|(?<![^\W_])({_NAMES})(?=,? (?:à|a|et|-|/|au) {_NAMES})",
    _I,
)
_BOXED = re.compile(
    r"(?<![0-9])[0-3] [0-9] {0,2}[/.|-] {0,2}[01] [0-9] {0,2}[/.|-] {0,2}[12] [0-9] [0-9] [0-9](?![0-9])"
)
_MONTH_YEAR = re.compile(rf"{_FREE}(?:(?:0[1-9]|1[0-2])(?: ?[/-] ?|[.])|[1-9]/){_YEAR}{_END}")
_COMPACT = re.compile(
    rf"(?<![0-9A-Za-z,.-])(?:(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{{2}}|(?:19|20)[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01]))(?=(?:[0-2][0-9][0-5][0-9](?:[0-5][0-9])?)?(?![0-9A-Za-z]))"
)
_NO_CLOCK = r"(?! ?[0-9]? ?(?:mg|ml|g\b|cm|mm|%|UI|kg|mmHg|/))"
_PAIR = re.compile(
    rf"(?<![0-9A-Za-z])(?<![0-9][.,/-])(?<![0-9] [/.])({_DAY} {{0,2}}/ {{0,2}}{_MONTH}|(?:0[1-9]|[12][0-9]|3[01])[.-](?:0[1-9]|1[0-2])) ?(?![0-9])(?!\s?[/.,-] ?[0-9]){_NO_CLOCK}"
)
_PAIR_CUE = re.compile(
    r"(?:(?<![^\W_])(?:le|du|au|depuis(?: le)?|d[èe]s(?: le)?|vers le|rdv|rendez.vous|[CDJSVMP][0-9]{1,2}|cure \d+|cycle \d+|partir du|jusqu.au|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche"
    r"|fait|vu|pr[ée]l(?:[èe]vement|ev[ée])?) ?:?|\() {0,2}$",
    _I,
)
_BARE_YEAR = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9][.,/-])(?<![.,/=+<>-])(?:19[0-9]{2}|20[0-6][0-9])(?!\d)(?! ?(?:[.:°%€] ?[0-9]|[/,-] ?(?!(?:19|20)[0-9]{2}(?![0-9]))[0-9]|%|€|mg|ml|g\b|ui|kg|kcal|cm|mm|m2|cc|euros|[/x*=+]|patients?|cas\b|cp|mmol|µ|u/))",
    _I,
)
_YEAR_CUE = re.compile(
    r"(?:(?<![^\W_])(?:en|an|ann[ée]es?|depuis|fin|d[ée]but|mi|courant|[ée]t[ée]|automne|hiver|printemps|de|d[èe]s|avant|apr[èe]s|vers|jusqu.en|datant de|dat[ée]e? de|n[ée]e? ?(?:en)?|et|à|nov|oct|sept|d[ée]c|janv|f[ée]v|avr"
    r"|ao[uû]t|atcds?|entre|in|since)\.?|[(:;,=>|]|(?:^|[\s])-|\n) ?$",
    _I,
)
_EVENT = re.compile(r"([^\W\d_]{4,}) {1,2}$")
_COUNTED = frozenset(
    "soit total dose environ score page lot numero reference code poste hors pres plus moins moyenne maximum minimum version article chambre salle batiment".split()
)
_YEAR_AFTER = re.compile(r" ?(?:[:)=]|-? ?(?:$|\n)|-)|, |(?: [A-ZÉ]?[a-zéèà])")
_SEASONED = re.compile(
    rf"(?<![^\W_])(?:fin|d[ée]but|[ée]t[ée]|hiver|automne|printemps|courant|mi) {_YEAR}(?![0-9])", _I
)
_LAW = re.compile(
    r"(?:\bloi\b|d[ée]crets?\b|arr[êe]t[ée]s?\b|ordonnance n|directive\b|r[èe]glement\b|circulaire\b|\bnorme\b|\barticle\b|version (?:du|de)|copyright|©|\bISO\b)[^.;\n]{0,28}$",
    _I,
)
_NUMBERED = re.compile(r"(?:n[°ouº]|num[ée]ro|r[ée]f[ée]?r?e?n?c?e?|\b(?:page|p|lot|ref|version|v)\.?) ?:? ?$", _I)
_BIRTH = re.compile(
    r"(?:(?<![^\W_])n[ée]+(?:\(e\)|\.e|e)?(?: +(?:le|la|en|vers|:))?|naissance|d(?:ate)?\.? ?(?:de )?nais(?:s\w*)?\.?|(?<![^\W_])ddn|d\.d\.n\.?|(?<![^\W_])dn|mise? au monde(?: le)?|birth|dob|né à [\w -]{2,30} le)"
    r"\s{0,3}[:=(|,-]?\s{0,3}(?:le )?$",
    _I,
)


def days(text: str) -> Iterator[Finding]:
    """Yield the dates of a text, the surest first; two may overlap."""
    for start, end, what in spelt(text):
        if what == "date":
            yield _date(text, start, end, 0.85)
    for pattern, confidence in ((_BOXED, 0.9), (_STRICT, 0.98), (_WORDED, 0.95), (_SEASONED, 0.9)):
        for found in pattern.finditer(text):
            if not _excused(text, found.start()):
                yield _date(text, found.start(), found.end(), confidence)


def doubtful_days(text: str, dated: list[tuple[int, int]]) -> Iterator[Finding]:
    """Yield the dates that only what is around tells, `dated` being where others are."""
    for found in _COMPACT.finditer(text):
        if not _NUMBERED.search(text, max(0, found.start() - 14), found.start()):
            yield _date(text, *found.span(), 0.8)
    for found in _MONTH_YEAR.finditer(text):
        if not _excused(text, found.start()):
            yield _date(text, *found.span(), 0.85)
    for found in _LONE_MONTH.finditer(text):
        yield _date(text, *found.span(found.lastindex or 0), 0.75)
    near = list(dated)
    for found in _PAIR.finditer(text):
        start, end = found.span(1)
        if _excused(text, start):
            continue
        beside = any(-3 <= start - other_end <= 24 or -3 <= other_start - end <= 24 for other_start, other_end in near)
        if beside or _PAIR_CUE.search(text, max(0, start - 24), start):
            near.append((start, end))
            yield _date(text, start, end, 0.75)
    for found in _BARE_YEAR.finditer(text):
        if _is_year(text, *found.span()):
            yield _date(text, *found.span(), 0.75)


def _is_year(text: str, start: int, end: int) -> bool:
    if _excused(text, start):
        return False
    return bool(
        (start == 0 or _YEAR_CUE.search(text, max(0, start - 16), start)) and _YEAR_AFTER.match(text, end)
    ) or bool(_YEAR_CUE.search(text, max(0, start - 16), start) and (end == len(text) or not text[end].isalnum()))


def _excused(text: str, start: int) -> bool:
    """Tell whether what stands before makes it no date of anybody (rule 3)."""
    before = max(0, start - 45)
    return bool(_LAW.search(text, before, start) or _NUMBERED.search(text, max(0, start - 14), start))


def _date(text: str, start: int, end: int, confidence: float) -> Finding:
    while end > start and text[end - 1] in " .,/-":
        end -= 1
    birth = _BIRTH.search(text, max(0, start - 45), start)
    return Finding(Kind.BIRTH_DATE if birth else Kind.DATE, start, end, confidence)
