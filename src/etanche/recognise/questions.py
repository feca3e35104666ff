"""Questions that a cell answers with yes or no: the small ones that no identifier asks.

Each takes a tidied text; those named `*_folded` take a folded one.
"""

from __future__ import annotations

import re

from etanche import lexicon
from etanche.identifiers import cip, finess, nir, phone, siren, title
from etanche.identifiers.ins import has_oid


def _matcher(pattern: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(pattern, flags)


_NAME = _matcher(r"[^\W\d_](?:[^\W\d_]|['’`. ,()/-]){0,59}")
_STREETS = (
    r"rue|r\.|avenue|av\.?|ave|boulevard|bd|bld|blvd|chemin|che|chem|ch\.|impasse|imp|allee|allees|all|allée|allées|place|"
    r"pl|route|rte|quai|cours|square|sq|passage|pass|residence|résidence|res|rés|lotissement|lot|hameau|ham|"
    r"lieu[- ]dit|ld|"
    r"villa|cite|cité|venelle|voie|sentier|sente|faubourg|fg|esplanade|promenade|montee|montée|ruelle|rond[- ]point|"
    r"street|road|lane|drive|clos|parc|domaine|mail|traverse|zone|za|zi|zac|kerlann|lann|tour|port|pont"
)
_STREET = _matcher(rf"(?:^|[\s,0-9])(?:{_STREETS})(?:\s|$)", re.IGNORECASE)
_NUMBERED = _matcher(r"\d{1,4}\s?(?:bis|ter|quater|[a-dA-D])?,?\s+\D{3,}")
_ADDRESS_PART = _matcher(
    r"(?:^|\s)(?:appt?\.?|appartement|bat\.?|bât\.?|batiment|bâtiment|escalier|esc\.?|etage|étage|rdc|porte|chez|bp|cs|"
    r"residence|résidence|lieu[- ]dit|hall|immeuble|imm\.?|entree|entrée|lot\.?|foyer|ehpad|apt)(?:\s|$|\d)",
    re.IGNORECASE,
)
_FILE = _matcher(
    r"[^\n;|]{0,200}[\w)]\.(?:txt|csv|xlsx?|pdf|docx?|zip|gz|xml|json|hl7|hpr|dat|log|jpe?g|png|tiff?|er7|sql|bak|mdb|"
    r"dbf|edi|tsv)",
    re.IGNORECASE,
)
_NUMBER = _matcher(r"[+-]?(?:\d{1,3}(?:[  \u202f]\d{3})+|\d+)(?:[.,]\d+)?(?:[eE][+-]?\d+)?\s?%?")
_AMOUNT = _matcher(
    r"[+-]?(?:\d{1,3}(?:[  \u202f.]\d{3})+|\d{1,9})[.,]\d{2}\s?(?:€|eur|euros?|\$|£|chf)?", re.IGNORECASE
)
_MARKED_AMOUNT = _matcher(r"(?:€|\$|£)?\s?[+-]?\d[\d  .,]*\s?(?:€|eur|euros?|\$|£|chf)", re.IGNORECASE)
_CODE = _matcher(r"(?=.*\d)[A-Za-z0-9][A-Za-z0-9/_.:#-]{2,39}")
_DOCTOR = _matcher(r"(?:dr|docteur|pr|prof|professeur|doctor|prof\.|dr\.|pr\.)\.?\s+\S.*", re.IGNORECASE)
_LABORATORY = _matcher(
    r"\b(?:labo(?:ratoires?)?|lbm|selas|selarl|"
    r"biolog\w*|biomed\w*|analyses)\b|\bbio[a-zé]{3,}|\w+lab\b",
    re.IGNORECASE,
)
_INSURER = _matcher(
    r"mutuel|\bmut\b|mutelle|\b(?:mgen|mgp|axa|allianz|groupama|macif|maaf|maif|matmut|mma|gmf|apicil|malakoff|ag2r|"
    r"swiss ?life|"
    r"klesia|pro btp|probtp|harmonie|generali|aesio|eovi|april|cpam|msa|css|cmu|c2s|ame|humanis|vyv|mnt|mnh|"
    r"lmde|smerep|ipeca|unéo|uneo|interiale|intériale|alptis|miltis|mercer|gras savoye|henner|cnp|camieg|cpcam|rsi|"
    r"cnmss|mutualia|radiance|adrea|viasante|viasanté|almerys|viamedis|solimut)\b|assuranc|prévoyance|prevoyance",
    re.IGNORECASE,
)
_PREGNANCY = _matcher(
    r"enceinte|grossesse|pregnan|\b\d{1,2}\s?(?:sa|semaines?|weeks?)\b|\bg\d+\s?p\d+\b|gravid", re.IGNORECASE
)
_ALD = _matcher(r"ald\s?(?:n°)?\s?\d{1,2}(?:\s.*)?", re.IGNORECASE)
_BLOOD = _matcher(r"(?:AB|A|B|O|0)\s?(?:RH\s?)?(?:[+-]|POS\w*\.?|NEG\w*\.?|NÉG\w*\.?)", re.IGNORECASE)
_FLAGS = frozenset(
    [
        "0",
        "1",
        "O",
        "N",
        "OUI",
        "NON",
        "Y",
        "YES",
        "NO",
        "TRUE",
        "FALSE",
        "VRAI",
        "FAUX",
        "T",
        "F",
        "V",
        "0.0",
        "1.0",
        "J",
        "NEIN",
        "JA",
        "X",
        "ON",
        "OFF",
        "-1",
    ]
)
_UNIT = r"(?:[µumkn]?(?:g|mol|l|ui|u|iu|kat|eq)|[tg]|mui|ng|pg|fl|mm|ml|%|log|copies|cp)"
_RESULT = _matcher(rf"[<>≤≥]?\s?-?\d+(?:[.,]\d+)?\s?{_UNIT}(?:\s?/\s?[\wµ³²]{{1,8}})?", re.IGNORECASE)
_MONTH = (
    "(?:janv|fe?v|feb|f[ée]vr|mars?|avr|apr|mai|may|juin|jun|juil|jul|ao[ûu]t|aug|sept?|oct|nov|d[ée]c)[a-zéû]*[.]?"
)
_MOMENT = _matcher(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?")
_WRITTEN = _matcher(
    rf"(?:[a-zé]{{3,9}}[.,]?\s+)?[0-3]?\d(?:er|st|nd|rd|th)?[ .-]+{_MONTH}[ .,-]+(?:19|20)?\d{{2}}(?:\b.{{0,12}})?"
    rf"|(?:[a-zé]{{3,9}}[.,]?\s+)?{_MONTH}[ .-]+(?:[0-3]?\d,? )?(?:19|20)\d{{2}}|{_MONTH}-\d{{2}}",
    re.IGNORECASE,
)
_DAY = _matcher(
    r"^(?:19|20)\d{2}[-/](?:0[1-9]|1[0-2])$|^(?:0[1-9]|1[0-2])[-/](?:19|20)\d{2}$"
    r"|\b[0-3]?\d[-/.][01]?\d[-/.](?:19|20)?\d{2}\b|\b(?:19|20)\d{2}[-/.][01]?\d[-/.][0-3]?\d\b",
)
_HASH_BARE = _matcher(r"[0-9a-fA-F]+")


def moment_in_digits(text: str) -> bool:
    """A day and its time without any separator ("20141219105304")."""
    return _MOMENT.fullmatch(text) is not None


def day_in_words(text: str) -> bool:
    """A day or a month in words that no layout reads ("jeudi 12 mai 2016", "May 12, 2016", "janv-14")."""
    return _WRITTEN.fullmatch(text) is not None


def day_like(text: str) -> bool:
    """A day, or a month of a year, in any writing: what bears a header of dates out."""
    return len(text) <= 40 and (moment_in_digits(text) or day_in_words(text) or _DAY.search(text) is not None)


def public_siren(text: str) -> bool:
    """A SIREN of a commune, a département or a group of communes, as INSEE deals them out: 2, then 0, 1, 2 or 4."""
    return text[:2] in {"20", "21", "22", "23", "24", "25"} and siren.valid(text)


def name_like(text: str) -> bool:
    """Letters, spaces, hyphens and apostrophes, at most six words."""
    return _NAME.fullmatch(text) is not None and text.count(" ") < 6


def address(text: str) -> bool:
    """A street: a number before words, or a word for a street."""
    return _STREET.search(text) is not None or (_NUMBERED.match(text) is not None and len(text) > 8)


def street(text: str) -> bool:
    """A word for a street, with a number or with more words."""
    return " " in text and _STREET.search(text) is not None


def located(text: str) -> bool:
    """A street with its name, or the complement of an address."""
    return (address(text) and " " in text) or address_part(text)


def address_part(text: str) -> bool:
    """The complement of an address: flat, building, floor, care of."""
    return _ADDRESS_PART.search(text) is not None


def has_letters(text: str) -> bool:
    """At least two letters side by side or a whole word of one."""
    return any(char.isalpha() for char in text)


def file_name(text: str) -> bool:
    """A name with the extension of a kind of file."""
    return _FILE.fullmatch(text) is not None


def number(text: str) -> bool:
    """A number, groups and decimals allowed."""
    return _NUMBER.fullmatch(text) is not None


def integer(text: str) -> bool:
    """Digits only."""
    return text.isascii() and text.isdigit()


def amount(text: str) -> bool:
    """Two decimals, or a currency."""
    return _AMOUNT.fullmatch(text) is not None or _MARKED_AMOUNT.fullmatch(text) is not None


def money(text: str) -> bool:
    """A number or an amount with its currency."""
    return number(text) or amount(text)


def code(text: str) -> bool:
    """A code: digits and letters without blanks, a digit at least."""
    return _CODE.fullmatch(text) is not None


def doctor(text: str) -> bool:
    """A name behind "Dr" or "Pr"."""
    return _DOCTOR.fullmatch(text) is not None


def laboratory(text: str) -> bool:
    """Words of a medical laboratory's name."""
    return _LABORATORY.search(text) is not None


def insurer(text: str) -> bool:
    """Words or abbreviations of an insurer's name."""
    return _INSURER.search(text) is not None


def pregnancy(text: str) -> bool:
    """Words of a pregnancy, or its weeks."""
    return _PREGNANCY.search(text) is not None


def named_ald(text: str) -> bool:
    """A long-term condition with its abbreviation in the cell."""
    return _ALD.fullmatch(text) is not None


def blood(text: str) -> bool:
    """A blood group with its rhesus."""
    return _BLOOD.fullmatch(text) is not None


def flag(text: str) -> bool:
    """One half of yes and no."""
    return text.upper() in _FLAGS


def keyed_nir(text: str) -> bool:
    """A NIR with its key, right or wrong."""
    return nir.has_key(text)


def right_nir(text: str) -> bool:
    """A NIR with its key, and right."""
    return nir.has_key(text) and nir.valid(text)


def plausible_nir(text: str) -> bool:
    """A NIR, key or not, of a person whose sex and month of birth are known."""
    return nir.fits(text) and text[:1] in "12" and nir.year_month(text) is not None


def ins_with_oid(text: str) -> bool:
    """An INS followed by its OID."""
    return has_oid(text)


def rpps_like(text: str) -> bool:
    """Eleven digits beginning as RPPS numbers do today."""
    return len(text) == 11 and text.startswith("10")


def finess_like(text: str) -> bool:
    """Nine characters as FINESS numbers are: département, then 0 for nearly all; the zero before may be lost.

    20 is no département of theirs (Corsica's are 2A and 2B), but the beginning of public SIRENs.
    """
    number = text.zfill(9)
    return finess.fits(number) and number[2] == "0" and number[:2] != "20"


def right_finess(text: str) -> bool:
    """A FINESS with the right key, its leading zero perhaps lost."""
    return len(text) >= 8 and finess.valid(text.zfill(9))


def any_phone(text: str) -> bool:
    """A telephone number, the French without their leading zero included."""
    text = text.removesuffix(".0")
    return phone.fits(text) or (len(text) == 9 and integer(text) and text[0] != "0") or _short_phone(text)


def _short_phone(text: str) -> bool:
    return 2 <= len(text) <= 6 and integer(text)


def titled(text: str) -> bool:
    """A person's title."""
    return title.fits(text)


def hex_hash(text: str) -> bool:
    """Hexadecimal digits as long as a common digest."""
    return len(text) in {32, 40, 56, 64, 96, 128} and _HASH_BARE.fullmatch(text) is not None


def result(text: str) -> bool:
    """A measure with its unit ("12,5 mg/L", "140 mmol/L", "38 %")."""
    return _RESULT.fullmatch(text) is not None


def cip_13(text: str) -> bool:
    """A CIP of 13 digits with the right key."""
    return text.startswith("34009") and cip.valid(text)


def solid(text: str) -> bool:
    """No blank inside."""
    return not any(char.isspace() for char in text)


def several_words(text: str) -> bool:
    """Two words or more, one of them with three letters."""
    words = text.split()
    return len(words) > 1 and any(len(word) > 2 and word.isalpha() for word in words)


def two_words(text: str) -> bool:
    """Two words at least, nothing of the second left to guess."""
    return " " in text.strip()


def _parts(word: str) -> list[str]:
    return [part for part in word.split(" ") if part]


def surname_folded(word: str) -> bool:
    """A surname of the lexicon, or one of two names that both are."""
    known = lexicon.surnames()
    return word in known or (" " in word and all(part in known or len(part) < 4 for part in _parts(word)))


def first_name_folded(word: str) -> bool:
    """A first name of the lexicon, or several."""
    known = lexicon.first_names()
    return word in known or (" " in word and all(part in known for part in _parts(word)))


def full_name_folded(word: str) -> bool:
    """A first name and a surname of the lexicon, in either order."""
    parts = _parts(word)
    if len(parts) < 2:
        return False
    names, first = lexicon.surnames(), lexicon.first_names()
    return (parts[0] in first and parts[-1] in names) or (parts[-1] in first and parts[0] in names)


def medicine_folded(word: str) -> bool:
    """A medicine's name at the beginning, or anywhere among few words."""
    known = lexicon.medicine_names()
    parts = _parts(word)
    return any(" ".join(parts[:size]) in known for size in range(min(4, len(parts)), 0, -1)) or any(
        len(part) > 4 and part in known for part in parts[1:4]
    )
