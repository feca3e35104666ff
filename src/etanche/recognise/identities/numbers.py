"""Numbers, addresses of the network and secrets in a text.

Rules, in the order in which they apply:

1. What names itself goes first: e-mail, URL, IBAN, a password after "mdp :", an identifier after "IPP", "NDA", "RPPS".
2. A NIR is 13 digits, with its key 15, that begin with 1-4, 7 or 8, in groups or digit by digit; its key may be wrong
   (the confidence says so).  Digit by digit one more or less is let pass; after "sécurité sociale" any length from 8.
   An object identifier (1.2.250.1…, 2.16.840.1…) is none: systems write whose number it is beside the number.
3. A French phone number is ten digits from 01 to 09, or +33 and nine, with blanks, dots, dashes and strokes between,
   in any grouping, an O for a zero allowed; a foreign one begins with + or 00, or has its area in brackets.
4. An extension (4 to 6 digits) or a cut number counts after "tél", "poste", "bip", "joignable au" and the like.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from etanche.identifiers import celltext, iban, nir, phone, rpps
from etanche.model import Finding, Kind
from etanche.recognise.identities.spelt import spelt

_I = re.IGNORECASE
_EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]{0,63}\w(?: ?@ ?)\w[\w-]*(?:(?:\.| \. ?)\w[\w-]*)+")
_URL = re.compile(r"(?:https?://|ftp://|www\.)[^\s<>()\"]*[^\s<>()\"',;.:!?]", _I)
_IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){3,7}(?:[ -]?[A-Z0-9]{1,3})?\b")
_SECRET = re.compile(
    r"\b(?:mdp|mot de passe|mots? de passe|password|passwd|pwd|code d.acc[eè]s)\b"
    r"(?:\s*(?:[:=]|est|provisoire|temporaire|portail|wifi|session))*\s*[\"'«]?\s*([^\s\"'»,;]{4,})",
    _I,
)
_NAMED_NUMBER = (
    r"ipp|nda|nip|iep|ip|id|identifiant|(?:n[°ouº]*\.?|num[ée]ro)\s*(?:de |du |d')?(?:dossier|patient|s[ée]jour|venue"
    r"|visite|passage|examen|demande|pr[ée]l[eè]vement|facture|adh[ée]rent|permanent|id(?:entification)?)"
    r"|patiente?\s*n[°ouº]+|dossier|visite|s[ée]jour"
)
_CUED = (
    (Kind.RPPS, r"rpps", r"[0-9](?:[ .]?[0-9]){7,10}"),
    (Kind.ADELI, r"adeli", r"[0-9](?:[ .]?[0-9AB]){7,8}"),
    (Kind.FINESS, r"finess(?: (?:g[ée]ographique|juridique|[ée]j|[ée]t))?", r"[0-9](?:[ .]?[0-9AB]){7,8}"),
    (Kind.IDENTIFIER, _NAMED_NUMBER, r"[A-Z]{0,3}[0-9](?:[0-9A-Z/_-]{2,}[0-9]|[0-9]{2,})"),
)
_CUED_NUMBERS = re.compile(
    "|".join(
        rf"(?<![^\W_])(?:{cue})(?:\W{{1,4}}|(?:est|n[°ouº]\.?|num[ée]ro)\s*){{0,3}}(?P<{kind.name}>{body})(?![0-9])"
        for kind, cue, body in _CUED
    ),
    _I,
)
_LONE = re.compile(
    r"(?<=\|)\s*((?!(?:19|20)[0-9]{6}(?:[0-9]{4,6})?\s*(?:\||$))(?!0[1-9][0-9]{8}\s*(?:\||$))[0-9]{7,12})\s*(?=\||$)"
)

_OID = r"(?:1\.[0-3]\.(?:[0-9]{3,}|6)|2\.16\.[0-9]{3,})\."
_NIR = re.compile(
    rf"(?<![0-9A-Za-z,])(?<![0-9][ .])(?=[1-9])(?!{_OID})"
    r"[1-9](?:[ .\u00a0_-]{0,2}(?:[0-9]|(?<=2)[ABab]|(?<=2[ .-])[ABab])){11,13}"
    r"(?:[ ./|\u00a0-]{0,3}(?:cl[ée]\s*:?\s*)?[0-9] ?[0-9]| ?[0-9])?(?![ .]?[0-9])(?![,/][0-9])",
    _I,
)
_NIR_CUE = re.compile(
    r"(?:s[ée]cu(?:rit[ée])?(?: sociale?)?|immatriculation|\bnir|\bnss|n° ?ss|(?:assurance.?"
    r"|num[ée]ro d.)maladie|assur[ée]e?s?"
    r"|\bins|\binsee|num[ée]ro (?:ss|national)|d.id(?:entification|entit[ée])?(?: national)?|carte vitale)\b\D{0,40}$",
    _I,
)
_NIR_LOOSE = re.compile(
    r"(?:s[ée]cu(?:rit[ée])? ?(?:sociale?)?|\bnir\b|\bnss\b|n° ?ss\b|immatriculation|num[ée]ro ss\b)[^0-9\n]{0,20}"
    rf"((?!{_OID})"
    r"[0-9](?:[ .-]{0,2}(?:[0-9]|(?<=2)[AB])){7,15})(?![0-9])",
    _I,
)

_GAP = r"[\s./_\u00a0-]{0,3}"
_FRENCH = re.compile(
    rf"(?:(?<![0-9A-Z,])|(?<=TEL)|(?<=FAX)|(?<=T))(?<![0-9][.,/-])(?=[(+0Oo])(?:\([+]?[0-9]{{2,3}}\) ?)?"
    rf"(?:(?:[+]|00) ?33{_GAP}(?:\(0\){_GAP}|0)?[1-9]|[0Oo]{_GAP}[1-9])(?:{_GAP}[0-9O]){{8}}(?![0-9]|[.,][0-9])"
    rf"|(?<![0-9A-Za-z,])(?<![0-9][.,/-])(?:\(0[1-9]\)(?:{_GAP}[0-9]){{8}}|33[ .][1-9](?:[ .][0-9]{{2}}){{4}})(?![0-9])"
    r"|(?<![0-9A-Za-z,])0[1-9](?P<mark>[,:])[0-9]{2}(?:(?P=mark)[0-9]{2}){3}(?![0-9])"
)
_FOREIGN = re.compile(
    r"(?<![0-9A-Za-z])(?=[(+0])(?:(?:[+]|00)[1-9][0-9]{0,2}(?:[ .()/-]{0,2}[0-9]){7,12}"
    r"|\([0-9]{3}\)[ .-]{0,2}[0-9]{3}[ .-][0-9]{4}(?: [0-9]{2})?)(?![0-9])"
)
_CUT = re.compile(r"(?<![0-9,.])(?<![0-9] )0[1-9](?:[ .][0-9]{2}){2,3}(?![ ./-]?[0-9])")
_BEGUN = re.compile(r"^\s*(0[1-9](?:[ .][0-9]{2}){1,3})(?= (?:au|à|dans) )")
_CALLED = re.compile(
    r"(?<![^\W_])(?=[tfpdbmsljcrgauTFPDBMSLJCRGAU])(?:t[ée]l(?:[ée]phon(?:e|ique))?s?|tph|gsm|port|fax|poste"
    r"|dect|bip|portable|mobile"
    r"|standard|ligne directe|(?:joign|contact|rejoin|joindre)\w*(?: \w+){0,3} (?:au|le)|r?app?el(?:er"
    r"|ez)(?: \w+){0,2} (?:au|le)"
    r"|r?appeler|fax(?:er|ez)\w*(?: \w+){0,4} (?:au|à)|(?:secr[ée]tariat|garde|accueil|bureau|urgences"
    r"|standard)(?= ?:))"
    r"\.?(?: (?:du |de la |des |de l.)?[^\W\d_]+(?= ?:)){0,2}(?:\s|:|=|\.|n[°ouº]+|num[ée]ro|interne|au){0,8}"
    r"(\+?[0-9(](?:[ .()/-]{0,2}[0-9]){3,13})(?![0-9]|[.,/:h][0-9])",
    _I,
)
_ENOUGH = re.compile(r"[0-9](?:[\s./,:()|_–\u00a0-]{0,3}[0-9oO]){2}")


def enough(text: str) -> bool:
    """Tell whether a text has three digits near each other, the least that any number here takes."""
    return _ENOUGH.search(text) is not None


def named(text: str) -> Iterator[Finding]:
    """Yield what names itself: e-mail, URL, IBAN, passwords."""
    if "@" in text:
        for found in _EMAIL.finditer(text):
            # "ARNOULDarnould@exemple.fr": a name in capitals run into the address.
            glued = re.match(r"[A-Z]{3,}(?=[a-z])", found.group())
            yield Finding(Kind.EMAIL, found.start() + (glued.end() if glued else 0), found.end(), 0.99)
    if "://" in text or "ww." in text.lower():
        for found in _URL.finditer(text):
            yield Finding(Kind.URL, *found.span(), 0.99)
    for found in _SECRET.finditer(text):
        yield Finding(Kind.PASSWORD, *found.span(1), 0.9)


def numbers(text: str) -> Iterator[Finding]:
    """Yield identifiers after their name, NIRs, IBANs, in order of trust."""
    for found in _IBAN.finditer(text):
        if iban.valid(found.group()):
            yield Finding(Kind.IBAN, *found.span(), 0.99)
    yield from _nirs(text)
    for found in _CUED_NUMBERS.finditer(text):
        name = found.lastgroup or ""
        yield Finding(Kind[name], *found.span(name), 0.95)


def _nirs(text: str) -> Iterator[Finding]:
    for start, end, what in spelt(text):
        if what == "nir":
            yield Finding(Kind.NIR, start, end, 0.9)
    for found in _NIR.finditer(text):
        confidence = _nir_confidence(text, found)
        if confidence:
            yield Finding(Kind.NIR, *found.span(), confidence)
    for found in _NIR_LOOSE.finditer(text):
        yield Finding(Kind.NIR, *found.span(1), 0.7)


def _nir_confidence(text: str, found: re.Match[str]) -> float:
    """Return how likely digits in the place of a NIR are one; 0 where they are not."""
    written = found.group()
    number = re.sub(r"[^0-9AB]", "", written.upper())
    tight = written.isalnum()
    if number.startswith("34009") and tight:
        return 0.0
    if len(number) == 15 and nir.fits(number):
        return 0.99 if nir.valid(number) else 0.9
    if _NIR_CUE.search(text, max(0, found.start() - 60), found.start()):
        return 0.9
    # Written as on the card, "2 62 05 29…": the sex stands alone.
    alone = not tight and not written[1].isdigit() and number[0] in "123478"
    if len(number) == 15 and number[0] in "123478":
        return 0.8
    if len(number) == 13 and nir.fits(number) and (alone or number[0] in "12"):
        return 0.75
    return 0.6 if alone and len(number) in {12, 13, 14, 16} else 0.0


def phones(text: str) -> Iterator[Finding]:
    """Yield phone numbers, the fullest first."""
    for found in _FRENCH.finditer(text):
        yield Finding(_line(found.group()), *found.span(), 0.97)
    for found in _FOREIGN.finditer(text):
        yield Finding(Kind.PHONE, *found.span(), 0.85)
    for found in _CALLED.finditer(text):
        yield Finding(Kind.PHONE, *found.span(1), 0.85)
    for found in _CUT.finditer(text):
        yield Finding(Kind.PHONE, *found.span(), 0.6)
    for found in _BEGUN.finditer(text):
        yield Finding(Kind.PHONE, *found.span(1), 0.5)


def _line(written: str) -> Kind:
    number = celltext.compact(written.replace("O", "0").replace("o", "0"))
    if phone.is_mobile(number):
        return Kind.MOBILE
    return Kind.LANDLINE if phone.is_landline(number) else Kind.PHONE


def unnamed(text: str) -> Iterator[Finding]:
    """Yield numbers that only their form tells: an RPPS whose key is right, a number alone in its field."""
    for found in re.finditer(r"(?<![0-9])1[0-9]{10}(?![0-9])", text):
        if rpps.valid(found.group()):
            yield Finding(Kind.RPPS, *found.span(), 0.7)
    for found in _LONE.finditer(text):
        yield Finding(Kind.IDENTIFIER, *found.span(1), 0.6)
