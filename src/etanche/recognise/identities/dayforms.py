"""How days, months and years are written: the patterns of `days`.

Rules, in the order in which they apply:

1. Every pattern begins with what rules a place out at once (no letter or digit before, a digit or a first letter
   here): a text of letters is passed at tens of megabytes a second.
2. Letters O stand for zeros, as forms that were read by machine have them.
"""

from __future__ import annotations

import re

_I = re.IGNORECASE
_DAY, _MONTH = "(?:[0Oo]?[1-9]|[12][0-9Oo]|3[01])", "(?:[0Oo]?[1-9]|1[0-2])"
_YEAR = "(?:1[89]|2[0Oo]|21)[0-9Oo]{2}"
_MARK = r" {0,2}[/.|\\–-] {0,2}"
_FREE = r"(?<![0-9A-Za-z])(?<![0-9][.,/])(?<![^0-9][0-9]-)(?<![^0-9][0-9]{2}-)(?=[0-9Oo])"
_AFTER = r"(?<![0-9])(?<![0-9][.,/])(?<![^0-9][0-9]-)(?<![^0-9][0-9]{2}-)(?=[0-9Oo])"
"""As `_FREE`, but a word may be run into it: "le12/03/2019"."""
_END = r"(?![0-9])(?![/.,][0-9])"
_WORD = r"(?<![^\W_])"
NAMES = (
    r"(?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre"
    r"|january|february|march|april|june|july|august|september|october|november|december)(?![^\W\d_])"
)
_SHORT = r"(?:janv|jan|f[ée]vr?|mar|avr|juil|jul|jui|sept?|oct|nov|d[ée]c|feb|apr|aug|aout|ao[uû])(?:\.|(?![^\W\d_]))"
_ANY = f"(?:{NAMES}|{_SHORT})"
_ROMAN = "(?:VIII|VII|VI|IV|IX|XII|XI|X|V|III|II|I)"
_UNITS = "un|deux|trois|quatre|cinq|six|sept|huit|neuf"
_TEENS = "dix|onze|douze|treize|quatorze|quinze|seize"
_TENS = "vingt|trente|quarante|cinquante|soixante|quatre.vingts?"
_BELOW = (
    rf"(?:(?:{_TENS})(?:[ -](?:et[ -])?(?:{_UNITS}|{_TEENS})(?:[ -](?:sept|huit|neuf))?)?"
    rf"|(?:dix[ -](?:sept|huit|neuf))|{_TEENS}|{_UNITS})"
)
_SPOKEN_DAY = (
    rf"(?:premier|1i?er|vingt[ -](?:et[ -]un|{_UNITS})|trente(?:[ -]et[ -]un)?|dix[ -](?:sept|huit|neuf)"
    rf"|{_TEENS}|vingt|{_UNITS})"
)
_SPOKEN_YEAR = rf"(?:(?:mille|mil)[ -](?:neuf|huit)[ -]cents?|deux[ -]mille)(?:[ -](?:et[ -])?{_BELOW})?"
_NO_UNIT = r"(?![0-9]|[ ]?(?:h|mg|ml|ans?|%|:|kg|cp|g/))"
_THEN_YEAR = rf"(?:[ .,/|_-]{{0,3}}(?:{_YEAR}(?![0-9])|{_SPOKEN_YEAR}|[0-9]{{2}}{_NO_UNIT}))?"

STRICT = re.compile(
    rf"{_AFTER}(?:(?:(?<=[dl][ue] ){_DAY}[-&])?{_DAY}{_MARK}{_MONTH}{_MARK}{_YEAR}|{_MONTH}{_MARK}{_DAY}{_MARK}{_YEAR}"
    rf"|{_YEAR}{_MARK}{_MONTH}{_MARK}{_DAY}|{_DAY} {_MONTH} {_YEAR}(?! [0-9]{{2}} [0-9]{{2}}))(?:(?=T[0-9]{{2}})"
    rf"|{_END})"
    rf"|{_FREE}(?:{_DAY}(?P<same>[/.-]){_MONTH}(?P=same)|{_DAY} ?(?P<wide>[/|]) ?{_MONTH} ?(?P=wide) ?)"
    r"[0-9]{2}(?![0-9]|[/.,-][0-9]| ?%)"
    rf"|(?:(?<=le )|(?<=du )|(?<=au )){_DAY} {_MONTH} [0-9]{{2}}(?![ .]?[0-9])"
)
"""Day, month and year in figures, in any order that is used."""
BOXED = re.compile(
    r"(?<![0-9])[0-3] [0-9] {0,2}[/.|-] {0,2}[01] [0-9] {0,2}[/.|-] {0,2}[12] [0-9] [0-9] [0-9](?![0-9])"
)
"""The same, a box a digit, marks between: 1 2 / 0 3 / 1 9 7 0."""
NUMBERED_DAY = re.compile(
    rf"(?<![0-9,.])(?<![^\W\d_])(?=[0-9Oo])(?:{_DAY}(?: ?er)?[ .,/|_-]{{0,3}}{_ANY}{_THEN_YEAR}"
    rf"|{_DAY}[ ./-]?{_ROMAN}[ ./-]?{_YEAR})",
    _I,
)
"""12 mars 1970, 23avr, 1er avril, 18X2027."""
SPOKEN_DAY = re.compile(
    rf"{_WORD}(?=[pvtdoqsucnPVTDOQSUCN1]){_SPOKEN_DAY}(?:[ .,/|_-]{{1,3}}{_ANY}{_THEN_YEAR}"
    rf"|[ /.-]{_MONTH}[ /.-]{_YEAR})",
    _I,
)
"""Douze mars mille neuf cent soixante-dix, vingt-six 02 2012."""
MONTH_FIRST = re.compile(
    rf"(?<![^\W\d_])(?=[jfmasondJFMASOND])(?:{_ANY} {_DAY},? {_YEAR}(?![0-9])"
    rf"|{_ANY}[ .,/-]{{0,3}}(?:{_YEAR}(?![0-9])|{_SPOKEN_YEAR})"
    rf"|(?:{NAMES}[ '’-]|{_SHORT}['’-])[0-9]{{2}}(?![0-9]|[ ]?(?:h|mg|ml|ans?|%|:|kg|cp|g/|[a-zé]{{3}})))",
    _I,
)
"""Mars 1970, mars 70, march 12, 1970."""
LONE_MONTH = re.compile(
    rf"{_WORD}(?=[edfmcj])(?:en|d[ée]but|fin|mi|courant|depuis|d[èe]s|jusqu.en|mois d[e'’]) ?-?({NAMES})"
    rf"|{_WORD}(?=[jfmasond])({NAMES})(?=,? (?:à|a|et|-|/|au) {NAMES})",
    _I,
)
"""A month alone, after a word that says when, or the first of two."""
SEASON = re.compile(
    rf"{_WORD}(?=[fdéehapcmFDÉEHAPCM])(?:fin|d[ée]but|[ée]t[ée]|hiver|automne|printemps|courant|mi) {_YEAR}(?![0-9])",
    _I,
)
MONTH_YEAR = re.compile(
    rf"{_FREE}(?:(?:0[1-9]|1[0-2])(?: ?[/-] ?|[.])|[1-9]/){_YEAR}{_END}(?!-[0-9])"
    rf"|{_FREE}(?:19|20)[0-9]{{2}}[/-](?:0[1-9]|1[0-2]){_END}(?!-[0-9])"
    rf"|{_FREE}(?:(?<=en )|(?<=depuis )|(?<=fin )|(?<=d[ée]but ))(?:0?[1-9]|1[0-2])/[0-9]{{2}}{_END}",
    _I,
)
COMPACT = re.compile(
    r"(?<![0-9A-Za-z,.-])(?=[0-9]{8})(?:(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:19|20)[0-9]{2}"
    r"|(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]"
    r"|3[01]))(?=(?:[0-2][0-9][0-5][0-9](?:[0-5][0-9])?)?(?![0-9A-Za-z]))"
)
"""12031970 and 19700312; a time of day may follow."""

PAIR = re.compile(
    rf"(?<![0-9A-Za-z])(?<![0-9][.,/-])(?<![0-9] [/.])(?=[0-9Oo])({_DAY} {{0,2}}/ {{0,2}}{_MONTH}"
    r"|(?:0[1-9]|[12][0-9]|3[01])[.-](?:0[1-9]|1[0-2])) ?(?![0-9])(?!\s?[/.,-] ?[0-9])"
    r"(?! ?[0-9]? ?(?:mg|ml|g\b|cm|mm|%|UI|kg|mmHg|/))"
)
"""Day and month, or a fraction: what is around tells."""
PADDED = re.compile(r"(?:0[1-9]|[12][0-9]|3[01]) ?/ ?0[1-9]")
"""Day and month with their zeros: seldom a fraction."""
MEASURED = re.compile(
    r"(?:\bTA|\bPA|tension|score|glasgow|\bEVA|acuit[ée]|\bA\.?V\.?|\bOD|\bOG|note|stade|grade)\W{0,3}(?:[àa] )?$", _I
)
"""Before what is measured, not dated."""
PAIR_CUE = re.compile(
    r"(?:(?<![^\W_])(?:le|du|au|depuis(?: le)?|d[èe]s(?: le)?|vers le|rdv|rendez.vous|[CDJSVMP][0-9]{1,2}"
    r"|cure \d+|cycle \d+"
    r"|partir du|jusqu.au|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|fait|vu|pr[ée]l(?:[èe]vement"
    r"|ev[ée])?) ?:?|[(=]) {0,2}$",
    _I,
)
BARE_YEAR = re.compile(
    r"(?<![0-9A-Za-z])(?:(?<=19[0-9]{2}[/-])|(?<=20[0-9]{2}[/-])|(?<![0-9][.,/-])(?<![.,/=+<>-]))"
    r"(?:19[0-9]{2}|20[0-6][0-9])(?!\d)"
    r"(?! ?(?:[.:°%€] ?[0-9]|[/,-] ?(?!(?:19|20)[0-9]{2}(?![0-9]))[0-9]|%|€|mg|ml|g\b|ui|kg|kcal|cm|mm|m2|cc"
    r"|euros|[/x*=+]"
    r"|patients?|cas\b|cp|mmol|µ|u/))",
    _I,
)
YEAR_CUE = re.compile(
    r"(?:(?<![^\W_])(?:en|an|ann[ée]es?|depuis|fin|d[ée]but|mi|courant|[ée]t[ée]|automne|hiver|printemps|de"
    r"|d[èe]s|avant|apr[èe]s"
    r"|vers|jusqu.en|datant de|dat[ée]e? de|n[ée]e? ?(?:en)?|et|à|nov|oct|sept|d[ée]c|janv|f[ée]v|avr|ao[uû]t"
    r"|atcds?|entre|in|since)\.?"
    r"|[(:;,=>|]|(?:^|[\s])-|\n) ?$",
    _I,
)
YEAR_AFTER = re.compile(r" ?(?:[:)=]|-? ?(?:$|\n)|-)|, |(?: [A-ZÉ]?[a-zéèà])")
EVENT = re.compile(r"([^\W\d_]{3,}) {1,2}$")
"""The word before a bare year: "appendicectomie 1985"."""
EVENT_ENDS = re.compile(
    r" ?(?:[,;)\n]|\.(?![0-9])|$)| (?:puis|avec|pour|par|sans|suivie?s?|trait[ée]e?s?|r[ée]cidive|et|sous|chez"
    r"|au|à|-)(?![^\W_])"
)

LAW = re.compile(
    r"(?:\bloi\b|d[ée]crets?\b|arr[êe]t[ée]s?\b|ordonnance n|directive\b|r[èe]glement\b|circulaire\b|\bnorme\b"
    r"|\barticle\b"
    r"|version (?:du|de)|copyright|©|\bISO\b)[^.;\n]{0,28}$",
    _I,
)
NUMBERED = re.compile(r"(?:n[°ouº]|num[ée]ro|r[ée]f[ée]?r?e?n?c?e?|\b(?:page|p|lot|ref|version|v)\.?) ?:? ?$", _I)
BIRTH = re.compile(
    r"(?:(?<![^\W_])n[ée]+(?:\(e\)|\.e|e)?(?: +(?:le|la|en|vers|:))?|naissance|d(?:ate)?\.? ?(?:de )?nais(?:s\w*)?\.?"
    r"|(?<![^\W_])ddn|d\.d\.n\.?|(?<![^\W_])dn|mise? au monde(?: le)?|birth|dob|n[ée]e? [àa] [\w -]{2,30} le)"
    r"\s{0,3}[:=(|,-]?\s{0,3}(?:le )?$",
    _I,
)
