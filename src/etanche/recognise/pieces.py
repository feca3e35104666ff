"""What a cell holds when it holds several things: its pieces, each of a kind.

Rules, in the order in which they apply:

1. What shows itself by shape is cut out first, in an order of trust: e-mail, IBAN, NIR, RPPS, date, telephone, postcode
   with its place before or behind it, street, postcode alone.
2. What is left and reads as names is names: a title, a first name and a surname in either order; behind "née", "ép."
   or in brackets, another surname.
3. What is left besides (marks, "tél", "né le") joins the pieces and says nothing.

    >>> [str(kind) for kind in pieces("M. DUPONT Jean 12/03/1970 - 06 12 34 56 78").kinds]
    ['date', 'mobile', 'full_name']
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from etanche import lexicon
from etanche.identifiers import dates, email, iban, phone, rpps
from etanche.lexicon.fold import fold
from etanche.model import Kind
from etanche.recognise import questions as ask

Piece = tuple[Kind, str]
"""A kind, and the part of the cell that is of it."""
_Namer = Callable[[re.Match[str], str], tuple[Piece, ...]]
"""Returns the pieces of what a pattern found in a text; none when it only looked like it."""
NAMES = frozenset({Kind.FULL_NAME, Kind.SURNAME, Kind.DOCTOR})
_GAP = "[ ./\u00a0\u202f-]?"
_EMAIL = re.compile(r"[A-Za-z0-9][\w.+'-]*@[A-Za-z0-9][\w.-]*\.[A-Za-z]{2,24}")
_IBAN = re.compile(r"(?<![0-9A-Z])[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){4,7}(?: ?[0-9A-Z]{1,3})?(?![0-9A-Z])")
_NIR = re.compile(
    rf"(?<![0-9])[12378]{_GAP}[0-9]{{2}}{_GAP}[0-9]{{2}}{_GAP}[0-9][0-9ABab](?:{_GAP}[0-9]{{3}}){{2}}"
    rf"(?:[ ./|\u00a0-]{{0,3}}(?:cl[ée] ?:? ?)?[0-9]{{2}})?(?![0-9])"
)
_RPPS = re.compile(r"(?<![0-9])10[0-9]{9}(?![0-9])")
_DAY = re.compile(
    r"(?<![0-9])(?:[0-3]?[0-9]([./-])[01]?[0-9]\1(?:1[89]|2[01])?[0-9]{2}|(?:1[89]|2[01])[0-9]{2}-[01][0-9]-[0-3][0-9]"
    r"|[0-3][0-9][01][0-9](?:19|20)[0-9]{2}|(?:19|20)[0-9]{2}[01][0-9][0-3][0-9])(?![0-9])"
)
_PHONE = re.compile(rf"(?<![0-9])(?:(?:[+]|00)33{_GAP}(?:\(0\){_GAP}|0)?|0)[1-9](?:{_GAP}[0-9]{{2}}){{4}}(?![0-9])")
_PLACE = re.compile(r"(?<![0-9])([0-9]{5})(?:\s+|\s*[-–,:]\s*)([^\W\d_][^0-9,;/|()]*)")
_BEHIND = re.compile(r"([^\W\d_][^0-9,;/|()]*?)[ ,(-]*(?<![0-9])([0-9]{5})(?![0-9])\)?")
_STREET = re.compile(r"(?<![0-9])[0-9]{1,4}\s?(?:bis|ter|quater|[a-dA-D])?[ ,]+[^\W\d_][^0-9;|/]*")
_BORN = re.compile(r"\b(?:n[ée]e?|birth|dob|ddn|nais\w*)\b[ .:(]*(?:le|on|:)?[ .:(]*$", re.IGNORECASE)
_MAIDEN = re.compile(
    r"(?:\bn[ée]+e?|\b[ée]p(?:ouse)?\.?|\bveuve|\bvve|\bjf|\bborn|\bgeb\.?)\s+([^\W\d_][\w' -]+)", re.IGNORECASE
)
_BRACKETS = re.compile(r"\(([^\W\d_][^\W\d_' -]*(?:[ '-][^\W\d_]+)*)\)")
_TELLING = re.compile(r"[0-9@(;|/,]|\b(?:n[ée]+e?|[ée]p(?:ouse)?|veuve|vve|jf)\b", re.IGNORECASE)
_CODE = re.compile(r"(?<![0-9])[0-9]{5}(?![0-9])")
_LABELS = re.compile(
    r"\b(?:t[ée]l(?:[ée]phone)?|port(?:able)?|mob(?:ile)?|gsm|fixe|dom(?:icile)?|e?-?mail|courriel|n[ée]e? le|ddn|nir|"
    r"ss|le|ou|et|and|cp)\b\.?\s*:?",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_TITLES = frozenset({"M", "M.", "MR", "MR.", "MME", "MME.", "MLLE", "MLLE.", "MONSIEUR", "MADAME", "MRS", "MS"})
_DOCTORS = frozenset({"DR", "DR.", "PR", "PR.", "DOCTEUR", "PROFESSEUR"})
_PARTICLES = frozenset(
    {"de", "du", "des", "la", "le", "les", "d", "l", "van", "von", "der", "ben", "el", "al", "da", "di"}
)
_MOST_WORDS = 5
LONGEST = 160
"""Characters of a cell that can be packed; longer ones are prose."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """What a cell holds, in the order in which it was found; `whole` when nothing is left besides."""

    found: tuple[Piece, ...] = field(repr=False)
    whole: bool
    prose: bool = False
    """Whether more words are left than names are: a sentence that mentions things rather than a record."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds, each once."""
        return tuple(dict.fromkeys(kind for kind, _ in self.found))

    @property
    def name(self) -> str:
        """The words of the name it holds; empty without one."""
        return next((text for kind, text in self.found if kind in NAMES), "")


def pieces(text: str) -> Pieces:
    """Return the pieces of a (tidied) cell."""
    found: list[Piece] = []
    rest = text
    for pattern, name in _SHAPES:
        rest = _cut(rest, pattern, name, found)
    if not found and ask.code(text) and any(map(str.isalpha, text)):
        return Pieces(((Kind.IDENTIFIER, text),), whole=True)
    rest = _LABELS.sub(" ", rest)
    rest = _maiden(rest, found)
    words = _WORD.findall(rest)
    named = _names(words)
    if named is not None:
        found.append((named, " ".join(words)))
    prose = named is None and sum(len(word) > 1 for word in words) > 3
    return Pieces(tuple(found), named is not None or not any(map(str.isalnum, rest)), prose)


def telling(text: str) -> bool:
    """Tell whether a cell could hold more than one name or one number: cheap, for it is asked of every cell."""
    return 6 <= len(text) <= LONGEST and not text.isalnum() and _TELLING.search(text) is not None


def days(text: str) -> list[str]:
    """Return the days that stand in a text, as they are written."""
    return [found.group() for found in _DAY.finditer(text)]


def _cut(text: str, pattern: re.Pattern[str], name: _Namer, held: list[Piece]) -> str:
    """Return the text without what the pattern finds, each find that has a kind noted."""
    out, last = [], 0
    for found in pattern.finditer(text):
        told = name(found, text)
        if told:
            held.extend(told)
            out.append(text[last : found.start()])
            last = found.end()
    return " ".join([*out, text[last:]]) if out else text


def _checked(kind: Kind, check: Callable[[str], bool]) -> _Namer:
    return lambda found, _: ((kind, found.group()),) if check(found.group()) else ()


def _day(found: re.Match[str], text: str) -> tuple[Piece, ...]:
    if not dates.fits(found.group()):
        return ()
    kind = Kind.BIRTH_DATE if _BORN.search(text[: found.start()]) else Kind.DATE
    return ((kind, found.group()),)


def _phone(found: re.Match[str], _: str) -> tuple[Piece, ...]:
    number = found.group()
    if phone.is_mobile(number):
        return ((Kind.MOBILE, number),)
    return ((Kind.LANDLINE, number),) if phone.is_landline(number) else ()


def _nir(found: re.Match[str], text: str) -> tuple[Piece, ...]:
    """Return a NIR; one with a wrong key or none only beside words, for a number alone is judged with its column."""
    number = re.sub("[^0-9ABab]", "", found.group())
    beside = any(map(str.isalpha, text[: found.start()] + text[found.end() :]))
    return ((Kind.NIR, number),) if ask.right_nir(number) or (beside and ask.plausible_nir(number)) else ()


def _behind(found: re.Match[str], _: str) -> tuple[Piece, ...]:
    """Return a postcode behind its commune ("PARIS 75011"), or behind anything else."""
    communes = lexicon.postcode_communes().get(found[2])
    if communes is None:
        return ()
    place = fold(found[1])
    return ((Kind.POSTCODE, found[2]), (Kind.COMMUNE, place)) if place in communes else ()


def _postcode(found: re.Match[str], text: str) -> tuple[Piece, ...]:
    known = found.group() in lexicon.postcodes() and any(map(str.isalpha, text))
    return ((Kind.POSTCODE, found.group()),) if known else ()


def _place(found: re.Match[str], _: str) -> tuple[Piece, ...]:
    known = found[1] in lexicon.postcodes() or "CEDEX" in found[2].upper()
    return ((Kind.POSTCODE, found[1]), (Kind.COMMUNE, found[2].strip(" -"))) if known else ()


_SHAPES = (
    (_EMAIL, _checked(Kind.EMAIL, email.valid)), (_IBAN, _checked(Kind.IBAN, iban.valid)), (_NIR, _nir),
    (_RPPS, _checked(Kind.RPPS, rpps.valid)), (_DAY, _day), (_PHONE, _phone), (_PLACE, _place), (_BEHIND, _behind),
    (_STREET, _checked(Kind.ADDRESS, ask.street)), (_CODE, _postcode),
)  # fmt: skip


def _maiden(text: str, held: list[Piece]) -> str:
    """Return the text without the other surname that stands behind "née" or in brackets."""
    for pattern in (_BRACKETS, _MAIDEN):
        found = pattern.search(text)
        if found is None:
            continue
        name = fold(re.sub(r"^(?:n[ée]+e?|[ée]p(?:ouse)?\.?|veuve|vve|jf)\s+", "", found[1], flags=re.IGNORECASE))
        first = name.split(" ")[0]
        if name in lexicon.surnames() or first in lexicon.surnames():
            held.append((Kind.BIRTH_NAME, name))
            taken = found.end() if pattern is _BRACKETS or name in lexicon.surnames() else found.start(1) + len(first)
            return text[: found.start()] + " " + text[taken:]
    return text


def _written_alike(words: list[str]) -> bool:
    """Tell whether some words are written as the parts of one name: all small, or all with a capital."""
    capitals = [word[0].isupper() for word in words if word.lower().split("'")[0] not in _PARTICLES]
    return all(capitals) or not any(capitals)


def _names(words: list[str]) -> Kind | None:
    """Return what some words are when they are somebody's name: a doctor's, a full name, a single surname."""
    plain = [word for word in words if word.upper() not in _TITLES]
    doctors = [word for word in plain if word.upper() not in _DOCTORS]
    if not doctors or len(doctors) > _MOST_WORDS or not _written_alike(doctors):
        return None
    folded = [fold(word) for word in doctors]
    surnames, first = lexicon.surnames(), lexicon.first_names()
    if len(doctors) < len(plain):
        return Kind.DOCTOR
    if len(folded) == 1:
        alone = len(plain) < len(words) or len(folded[0]) > 2
        return Kind.SURNAME if alone and folded[0] in surnames else None
    one, other = folded[0], folded[-1]
    known = sum(word in surnames or word in first for part in folded for word in part.split(" "))
    named = one in first or one.split(" ")[0] in first or other in first or other.split(" ")[0] in first
    whole = sum(len(part.split(" ")) for part in folded)
    return Kind.FULL_NAME if named and 2 * known >= whole else None
