"""Addresses, postcodes, communes and places of care in a text.

Rules, in the order in which they apply:

1. An address is a number, a way ("rue", "bd", "chemin") and its name; without a number a way counts before a capital.
2. Five digits are a postcode after an address, before a commune, in brackets after one, or after "code postal".
3. A commune is what follows a postcode (with CEDEX and its number), what goes before one in brackets, and a name of the official
   list after "né à", "domicilié à", "ville de", or after "à" in a capital that is no ordinary word.
4. A place of care is its word ("hôpital", "CHU", "clinique", "laboratoire") and the name that follows, of which the name alone
   is the finding: kind `LABORATORY`, code `hospital` or `laboratory`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from etanche import lexicon
from etanche.lexicon.fold import fold
from etanche.model import Finding, Kind
from etanche.recognise.identities.words import WORDS

_I = re.IGNORECASE
_ACCENTS = {
    "é": "[éeÉE]",
    "è": "[èeÈE]",
    "ê": "[êeÊE]",
    "ô": "[ôoÔO]",
    "â": "[âaÂA]",
    "î": "[îiÎI]",
    "à": "[àaÀA]",
    "ù": "[ùuÙU]",
}
_LETTERS = r"[^\W\d_]"
_WORD = rf"{_LETTERS}+(?:['’.-]{{1,2}}{_LETTERS}+)*"
_TOKEN = re.compile(rf"{_WORD}\.?|[0-9]+|s/")
_COUNT = r"(?:[0-9]{1,4}(?: ?(?:[-/,]|et) ?[0-9]{1,4}){0,2}|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze|quinze|seize|vingt)"
_NUMBER = rf"(?:n° ?)?(?<![0-9A-Za-z])(?<![0-9][.,/-])(?<![0-9]{{2}} ){_COUNT}(?: ?(?:bis|ter|quater)| ?[A-Da-d](?![^\W\d_]))?,? {{0,2}}"
_POSTCODE = re.compile(r"(?<![0-9A-Za-z.,/-])(?<![0-9] )(?:F-)?([0-9]{5}|[0-9]{2} [0-9]{3})(?![ .,/-]?[0-9])")
_CEDEX = re.compile(r"\s{0,2}cedex(?: [0-9]{1,2}(?![0-9]))?", _I)
_CITY_GAP = re.compile(r"[\s,)|^~-]{0,4}(?:[àa] )?")
_LONGEST_CITY = 6


def _words(name: str) -> str:
    listed = tomllib.loads((resources.files(__package__) / "places.toml").read_text(encoding="utf-8"))[name]
    spelt = (
        "".join(_ACCENTS.get(char, re.escape(char)) for char in word) for word in sorted(listed, key=len, reverse=True)
    )
    return "(?:" + "|".join(word.replace(r"\ ", " +") for word in spelt) + ")"


@cache
def _folded(name: str) -> frozenset[str]:
    listed = tomllib.loads((resources.files(__package__) / "places.toml").read_text(encoding="utf-8"))[name]
    return frozenset(map(fold, listed))


def first_words(*names: str) -> frozenset[str]:
    """Return the first words of the phrases of some lists, folded: without one of them nothing is to be found."""
    return frozenset(phrase.split(" ")[0] for name in names for phrase in _folded(name))


@cache
def _street() -> re.Pattern[str]:
    ways, short, numbered, dwellings = map(_words, ("ways", "short_ways", "numbered_ways", "dwellings"))
    capital = r"(?=(?:(?:de|du|des|la|le|les)\s+|[ld]['’]\s?){0,2}(?-i:[A-ZÉÈÀ]))"
    return re.compile(
        rf"{_NUMBER}(?:{ways}|{short}\b\.?|{numbered})(?!{_LETTERS})(?:[ \t]+|[ \t]*\n)"
        rf"|(?<!{_LETTERS})(?:{ways}|(?-i:(?:Av|Bd|Bld|Imp|All|AV|BD)\b\.?)|(?-i:Place|PLACE|Quai|QUAI|Route|Cours|Square|SQUARE|Voie|Passage|Villa|Cité)|{dwellings})(?!{_LETTERS})[ \t]+{capital}",
        _I,
    )


@cache
def _care() -> re.Pattern[str]:
    small = r"(?:[\s:«\"]+(?:de|du|des|la|le|les|d['’]|l['’])(?![^\W\d_])|[ld]['’])*"
    return re.compile(
        rf"(?<!{_LETTERS})(?:(?P<hospital>{_words('hospitals')})|(?P<laboratory>{_words('laboratories')}))(?!{_LETTERS}){small}\s*[:«\"]?\s*(?:[ld]['’])?(?=(?-i:[A-ZÉÈ]))",
        _I,
    )


@cache
def _lives() -> re.Pattern[str]:
    return re.compile(rf"(?<!{_LETTERS})(?:{_words('lives')})\s+(?:la ville de |la région de )?", _I)


_BARE = re.compile(
    rf"(?<![^\W_])(?<!['’-])[A-ZÉÎ]{_LETTERS}{{2,}}(?:(?:-| s/|-sur-| )(?:(?:[A-ZÉ]|[a-z]{{2,4}}-[A-ZÉ]){_LETTERS}+)){{0,3}}(?:-[a-z]{{2,4}}-[A-ZÉ]{_LETTERS}+)?"
)
_COMPOUND = re.compile(r"(?i)[ -](?:sur|s/|l[eè]s|lez|sous|en|la|le|les|de)[ /-]|^saint-")
_AT = re.compile(r"(?<![^\W_])(?:à|À|dans)\s+(?=[A-ZÉÈ])")


def addresses(text: str) -> Iterator[Finding]:
    """Yield the ways with their numbers."""
    for found in _street().finditer(text):
        end = _tail(text, found.end(), 5, address=True)
        if end > found.end():
            numbered = found.group()[0].isdigit()
            yield Finding(Kind.ADDRESS, found.start(), end, 0.95 if numbered else 0.75)


def _tail(text: str, at: int, longest: int, *, address: bool) -> int:
    """Return where the name that begins at `at` ends: capitals and small words; in a text of one case, a few words."""
    end, names, cased = at, 0, _mixed(text)
    position = at
    while names < longest:
        token = _TOKEN.match(text, position)
        if token is None:
            break
        word = token.group().rstrip(".")
        folded = fold(word)
        # "rue du 8 mai 1945": digits are part of a way's name, never of a place's.
        digits = word.isdigit()
        if digits and not (address and len(word) <= 4 and _dated(text, token.start(), names)):
            break
        if folded in _folded("joints") and not (names and folded in {"LE", "A", "AU"}):
            position = _gap(text, token.end())
            continue
        small = not digits and word[0].islower() and "'" not in word[:2] and "’" not in word[:2]
        if names and (folded in _folded("ends") or (small and cased) or (not cased and names >= 2)):
            break
        if not names and not digits and folded in _folded("ends") and not (address and "titles" in WORDS[word].lists):
            break
        names += 1
        end = token.end() if not token.group().endswith(".") or token.end() < len(text) else token.end() - 1
        position = _gap(text, token.end())
        if position < 0:
            break
    return end


_DATED = re.compile(
    r"(?:1er|[0-9]{1,2}) (?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre)|(?:19|18)[0-9]{2}",
    _I,
)


def _dated(text: str, at: int, names: int) -> bool:
    return bool(_DATED.match(text, at)) and (names > 0 or text[at : at + 2] not in {"19", "18"})


_GAPS = re.compile(r"[ \t]{0,2}(?:-(?=\w))?")


def _gap(text: str, at: int) -> int:
    found = _GAPS.match(text, at)
    return found.end() if found else at


def _mixed(text: str) -> bool:
    """Tell whether the text has both cases, so that a capital says something."""
    return not (text.isupper() or text.islower())


def cares(text: str) -> Iterator[Finding]:
    """Yield the names of hospitals and laboratories."""
    for found in _care().finditer(text):
        end = _tail(text, found.end(), 4, address=False)
        first = _TOKEN.match(text, found.end())
        if end > found.end() and first is not None and not _plain(first.group(), text):
            yield Finding(Kind.LABORATORY, found.end(), end, 0.8, found.lastgroup or "")


def _plain(written: str, text: str) -> bool:
    """Tell whether a word that should be a name is an ordinary word: "CLINIQUE NORMALE"."""
    word = WORDS[written.rstrip(".")]
    if word.shape == "A" and not _mixed(text):
        return word.ordinary or "abbreviations" in word.lists
    return bool(word.lists & {"titles", "abbreviations"}) and len(word.folded) > 1


def postcodes(text: str, known: Iterable[Finding]) -> Iterator[Finding]:
    """Yield postcodes and the communes beside them; `known` are the addresses found."""
    ends = [finding.end for finding in known if finding.kind is Kind.ADDRESS]
    for found in _POSTCODE.finditer(text):
        code = found.group(1).replace(" ", "")
        start, end = found.span()
        gap = _CITY_GAP.match(text, end)
        place = gap.end() if gap else end
        city_end, sure = _city(text, place)
        after_street = any(0 <= start - street <= 45 for street in ends)
        listed = code in lexicon.postcodes()
        named = re.search(r"(?:code postal|\bCP)\W{0,3}$|(?:dans|à|sur) le $", text[max(0, start - 14) : start], _I)
        before = _city_before(text, start)
        if not ("01" <= code[:2] <= "98"):
            continue
        if " " in found.group(1) and not (listed and sure):
            continue
        if after_street or named or (listed and (sure or before)) or (sure and _CEDEX.search(text, place, place + 60)):
            yield Finding(Kind.POSTCODE, start, end, 0.95 if listed else 0.8)
            if before and not sure:
                yield Finding(Kind.COMMUNE, *before, 0.9)
            elif city_end > place and "\n\n" not in text[end:place]:
                yield Finding(Kind.COMMUNE, place, city_end, 0.95 if sure else 0.7)


def _city_before(text: str, start: int) -> tuple[int, int] | None:
    """Return where the commune before a postcode is: "Paris (75014)", "Marseille, 13006"."""
    found = re.search(
        rf"((?:{_WORD}[ -]){{0,3}}{_WORD}),?[ ^~|]{{0,2}}[(,]? ?(?:dans le )?$", text[max(0, start - 60) : start]
    )
    if found is None:
        return None
    base = max(0, start - 60)
    words = [(token.start() + base, token.end() + base) for token in re.finditer(_WORD, found.group(1))]
    shift = found.start(1)
    for first, _ in words:
        begin, finish = first + shift, words[-1][1] + shift
        name = text[begin:finish]
        if fold(name) in lexicon.commune_names() and (name[0].isupper() or not _mixed(text)):
            return begin, finish
    return None


def _city(text: str, at: int) -> tuple[int, bool]:
    """Return where the commune that begins at `at` ends, and whether the official list has it."""
    tokens = []
    position = at
    for _ in range(_LONGEST_CITY):
        token = re.compile(rf"{_WORD}|s/").match(text, position)
        if token is None:
            break
        tokens.append(token)
        gap = re.compile(r"[ \t]{0,2}\n?[ -]?").match(text, token.end())
        position = gap.end() if gap else token.end()
    for size in range(len(tokens), 0, -1):
        name = text[at : tokens[size - 1].end()]
        if fold(re.sub(r"\b[Ss][Tt](?=[ -])", "Saint", name).replace("s/", "sur")) in lexicon.commune_names():
            if size == 1 and len(name) < 2:
                continue
            return _with_tail(text, tokens[size - 1].end()), True
    if not tokens or not tokens[0].group()[0].isupper():
        return at, False
    end = tokens[0].end()
    for before, token in zip(tokens, tokens[1:], strict=False):
        gap = text[before.end() : token.start()]
        if (
            fold(token.group()) not in _folded("joints") | {"SUR", "LES"}
            and "-" not in gap
            and fold(before.group()) not in _folded("joints")
        ):
            break
        end = token.end()
    return _with_tail(text, end), False


def _with_tail(text: str, end: int) -> int:
    """Take "sur", "lès" and what follows, and CEDEX, into a commune's name."""
    joined = re.compile(
        rf"(?:[ \n-](?:sur|s/|sous|l[eè]s|lez|SUR|LES|SOUS)[\s-]{{1,2}}(?=[A-ZÉ]){_WORD})|(?: (?:SUR|LES))\n{_WORD}"
    ).match(text, end)
    end = joined.end() if joined else end
    cedex = _CEDEX.match(text, end)
    return cedex.end() if cedex else end


def communes(text: str) -> Iterator[Finding]:
    """Yield communes after words that say that one follows (rule 3)."""
    mixed = _mixed(text)
    for found in _lives().finditer(text):
        end, sure = _city(text, found.end())
        if sure and _is_city(text[found.end() : end], announced=True, mixed=mixed):
            yield Finding(Kind.COMMUNE, found.end(), end, 0.9)
    if not mixed:
        return
    for found in _AT.finditer(text):
        end, sure = _city(text, found.end())
        if sure and _is_city(text[found.end() : end], announced=False, mixed=mixed):
            yield Finding(Kind.COMMUNE, found.end(), end, 0.7)
    for found in _BARE.finditer(text):
        name = found.group()
        if fold(name) in _folded("cities") or (
            _COMPOUND.search(name) and fold(name.replace("s/", "sur")) in lexicon.commune_names()
        ):
            yield Finding(Kind.COMMUNE, *found.span(), 0.6)


def _is_city(name: str, *, announced: bool, mixed: bool) -> bool:
    """Tell whether a name of the official list is meant as a commune where it stands."""
    word = WORDS[name]
    if fold(name) in _folded("cities"):
        return True
    if announced and mixed:
        return name[0].isupper()
    return not word.ordinary and not word.lists & {"titles", "eponyms"} and len(word.folded) > 3
