"""Addresses, postcodes and communes in a text.

Rules, in the order in which they apply:

1. An address is a number, a way ("rue", "bd", "chemin") and its name; without a number a way counts before a capital.
2. Five digits are a postcode after an address, before a commune, in brackets after one, or after "code postal".
3. A commune is what follows a postcode (with CEDEX and its number), what goes before one in brackets, and a name of
   the official list after "né à", "domicilié à", "ville de", or after "à" in a capital that is no ordinary word.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise

from etanche import lexicon
from etanche.lexicon.fold import fold
from etanche.model import Finding, Kind
from etanche.recognise.identities.toponyms import LETTER, WORD, listed, mixed_case, name_end, pattern_of
from etanche.recognise.identities.words import WORDS

_I = re.IGNORECASE
_COUNT = (
    "(?:[0-9]{1,4}(?: ?(?:[-/,–]|et|à) ?[0-9]{1,4}){0,2}|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze"
    "|douze|treize|quatorze"
    "|quinze|seize|vingt)"
)
_NUMBER = (
    rf"(?:n° ?)?(?<![0-9A-Za-z])(?<![0-9][.,/-])(?<![0-9]{{2}} )(?=[0-9nudtqcshoNUDTQCSHO]){_COUNT}"
    r"(?: ?(?:bis|ter|quater)| ?[A-Da-d](?![^\W\d_]))?,? {0,2}"
)
_POSTCODE = re.compile(r"(?<![0-9A-Za-z.,/-])(?<![0-9] )(?:F-)?([0-9]{5}|[0-9]{2} [0-9]{3})(?![ .,/-]?[0-9])")
_CEDEX = re.compile(r"\s{0,2}cedex(?: [0-9]{1,2}(?![0-9]))?", _I)
_CITY_GAP = re.compile(r"[\s,)|^~-]{0,4}(?:[àa] |(?:ville|commune) ?:? ?)?", _I)
_CITY_WORD = re.compile(rf"{WORD}|s/")
_WORD_GAP = re.compile(r"[ \t]{0,2}\n?[ -]?")
_SAINT = re.compile(r"\b[Ss][Tt](?=[ -])")
_LONGEST_CITY = 6
_NEAR_STREET = 45
"""Characters after an address within which five digits are its postcode."""


@cache
def _street() -> re.Pattern[str]:
    ways, short, numbered, dwellings = map(pattern_of, ("ways", "short_ways", "numbered_ways", "dwellings"))
    capital = r"(?=(?:(?:de|du|des|la|le|les)\s+|[ld]['’]\s?){0,2}(?-i:[A-ZÉÈÀ]))"
    written = "Av|Bd|Bld|Imp|All|AV|BD|Place|PLACE|Quai|QUAI|Route|Cours|Square|SQUARE|Voie|Passage|Villa|Cité"
    return re.compile(
        rf"{_NUMBER}(?:(?:grand[e']?|petite?|vieille|vieux|ancienne?|nouvelle|haute?|basse?)[ -]?)?(?:{ways}"
        rf"|{short}\b\.?|{numbered})(?!{LETTER})(?:[ \t]+|[ \t]*\n)"
        rf"|(?<!{LETTER})(?=[rabicsdlhzpqvRABICSDLHZPQV])(?:{ways}|(?-i:{written})\b\.?"
        rf"|{dwellings})(?!{LETTER})[ \t]+{capital}",
        _I,
    )


@cache
def _lives() -> re.Pattern[str]:
    return re.compile(rf"(?<!{LETTER})(?:{pattern_of('lives')})\s+(?:la ville de |la région de )?", _I)


_BARE = re.compile(
    rf"(?<![^\W_])(?<!['’-])[A-ZÉÎ]{LETTER}{{2,}}(?:(?:-| s/|-sur-| )(?:(?:[A-ZÉ]"
    rf"|[a-z]{{2,4}}-[A-ZÉ]){LETTER}+)){{0,3}}"
    rf"(?:-[a-z]{{2,4}}-[A-ZÉ]{LETTER}+)?"
)
_COMPOUND = re.compile(r"(?i)[ -](?:sur|s/|l[eè]s|lez|sous|en|la|le|les|de)[ /-]|^saint-")
_AT = re.compile(r"(?<![^\W_])(?:à|À|dans)\s+(?=[A-ZÉÈ])")


def addresses(text: str) -> Iterator[Finding]:
    """Yield the ways with their numbers."""
    for found in _street().finditer(text):
        end = name_end(text, found.end(), 5, address=True)
        if end > found.end():
            numbered = found.group()[0].isdigit()
            yield Finding(Kind.ADDRESS, found.start(), end, 0.95 if numbered else 0.75)


def postcodes(text: str, known: Iterable[Finding]) -> Iterator[Finding]:
    """Yield postcodes and the communes beside them; `known` are the addresses found."""
    ends = [finding.end for finding in known if finding.kind is Kind.ADDRESS]
    for found in _POSTCODE.finditer(text):
        code = found.group(1).replace(" ", "")
        if not "01" <= code[:2] <= "98":
            continue
        start, end = found.span()
        gap = _CITY_GAP.match(text, end)
        place = gap.end() if gap else end
        city_end, sure = _city(text, place)
        before = None if sure else _city_before(text, start)
        if not sure and city_end > place:
            sure = _delivers(code, text[place:city_end])
        listed_code = code in lexicon.postcodes()
        if " " in found.group(1) and not (listed_code and sure):
            continue
        street = bisect_right(ends, start) - 1
        vouched = (street >= 0 and start - ends[street] <= _NEAR_STREET) or _announced(text, start)
        if not (vouched or (listed_code and (sure or before)) or (sure and _CEDEX.search(text, place, place + 60))):
            continue
        yield Finding(Kind.POSTCODE, start, end, 0.95 if listed_code else 0.8)
        if before and not sure:
            yield Finding(Kind.COMMUNE, *before, 0.9)
        elif city_end > place and "\n\n" not in text[end:place]:
            yield Finding(Kind.COMMUNE, place, city_end, 0.95 if sure else 0.7)


def _announced(text: str, start: int) -> bool:
    """Tell whether words before say that a postcode follows."""
    return bool(re.search(r"(?:code postal|\bCP)\W{0,3}$|(?:dans|à|sur) le $", text[max(0, start - 14) : start], _I))


def _delivers(code: str, name: str) -> bool:
    """Tell whether a name begins like that of a commune of the postcode: "24200 Sarlat"."""
    beginning = fold(name)
    return len(beginning) > 3 and any(
        commune.startswith(beginning) for commune in lexicon.postcode_communes().get(code, ())
    )


def _city_before(text: str, start: int) -> tuple[int, int] | None:
    """Return where the commune before a postcode is: "Paris (75014)", "Marseille, 13006"."""
    found = re.search(
        rf"((?:{WORD}[ -]){{0,3}}{WORD}),?[ ^~|]{{0,2}}[(,]? ?(?:dans le )?$", text[max(0, start - 60) : start]
    )
    if found is None:
        return None
    base = max(0, start - 60)
    words = [(token.start() + base, token.end() + base) for token in re.finditer(WORD, found.group(1))]
    shift = found.start(1)
    for first, _ in words:
        begin, finish = first + shift, words[-1][1] + shift
        name = text[begin:finish]
        if fold(name) in lexicon.commune_names() and (name[0].isupper() or not mixed_case(text, begin)):
            return begin, finish
    return None


def _city(text: str, at: int) -> tuple[int, bool]:
    """Return where the commune that begins at `at` ends, and whether the official list has it."""
    tokens = _city_words(text, at)
    for token in reversed(tokens):
        name = text[at : token.end()]
        whole = fold(_SAINT.sub("Saint", name).replace("s/", "sur"))
        if len(whole) > 1 and whole in lexicon.commune_names():
            return _with_tail(text, token.end()), True
    if not tokens or not tokens[0].group()[0].isupper():
        return at, False
    end = tokens[0].end()
    joints = listed("joints") | {"SUR", "LES"}
    for before, token in pairwise(tokens):
        hyphen = "-" in text[before.end() : token.start()]
        if not hyphen and fold(token.group()) not in joints and fold(before.group()) not in listed("joints"):
            break
        end = token.end()
    return _with_tail(text, end), False


def _city_words(text: str, at: int) -> list[re.Match[str]]:
    """Return the words that may be a commune's name, from `at`; a line may end after one of them."""
    tokens: list[re.Match[str]] = []
    token = _CITY_WORD.match(text, at)
    while token is not None and len(tokens) < _LONGEST_CITY:
        tokens.append(token)
        gap = _WORD_GAP.match(text, token.end())
        token = _CITY_WORD.match(text, gap.end() if gap else token.end())
    return tokens


def _with_tail(text: str, end: int) -> int:
    """Take "sur", "lès" and what follows, and CEDEX, into a commune's name."""
    joined = re.compile(
        rf"(?:[ \n-](?:sur|s/|sous|l[eè]s|lez|SUR|LES|SOUS)[\s-]{{1,2}}(?=[A-ZÉ]){WORD})|(?: (?:SUR|LES))\n{WORD}"
    ).match(text, end)
    end = joined.end() if joined else end
    cedex = _CEDEX.match(text, end)
    return cedex.end() if cedex else end


def communes(text: str) -> Iterator[Finding]:
    """Yield communes after words that say that one follows (rule 3)."""
    for found in _lives().finditer(text):
        end, sure = _city(text, found.end())
        mixed = mixed_case(text, found.end())
        if sure and _is_city(text[found.end() : end], announced=True, mixed=mixed):
            yield Finding(Kind.COMMUNE, found.end(), end, 0.9)
    for found in _AT.finditer(text):
        end, sure = _city(text, found.end())
        mixed = mixed_case(text, found.end())
        if sure and mixed and _is_city(text[found.end() : end], announced=False, mixed=mixed):
            yield Finding(Kind.COMMUNE, found.end(), end, 0.7)
    if text.isupper():
        return
    for found in _BARE.finditer(text):
        name = found.group()
        if fold(name) in listed("cities") or (
            _COMPOUND.search(name) and fold(name.replace("s/", "sur")) in lexicon.commune_names()
        ):
            yield Finding(Kind.COMMUNE, *found.span(), 0.6)


def _is_city(name: str, *, announced: bool, mixed: bool) -> bool:
    """Tell whether a name of the official list is meant as a commune where it stands."""
    word = WORDS[name]
    if fold(name) in listed("cities"):
        return True
    if announced and mixed:
        return name[0].isupper()
    return not word.ordinary and not word.lists & {"titles", "eponyms"} and len(word.folded) > 3
