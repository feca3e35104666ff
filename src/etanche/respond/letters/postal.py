"""What stands in the window of the envelope: six lines of 38 characters, in capitals, and what is wrong with them.

Rules (AFNOR NF Z10-011), in the order in which they apply:

1. Capitals, no accents, no punctuation; what has no Latin letter at all cannot be printed and is a fault.
2. Line 1 says who, the last line postcode and commune; between them at most four lines of the address, of which the
   street is the last but BP, CS and lieu-dit.
3. A line of more than 38 characters is abbreviated by the usual words (BOULEVARD is BD), then broken at a blank.
4. In France the commune must be one of its postcode's, old names and names of delivery included; an address with CEDEX
   has a postcode of its own and is taken as it is.  Abroad the country is the last line, and no postcode is checked.

>>> envelope("Mme Élise Martin", "3 bis, rue de l'Église", "35000", "Rennes", "").lines
('MME ELISE MARTIN', '3 BIS RUE DE L EGLISE', '35000 RENNES')
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from etanche import lexicon

WIDTH = 38
BETWEEN = 4
"""Lines between the person's and that of the commune."""
_NOT_PRINTED = re.compile(r"[^A-Z0-9 ]+")
_STREET = re.compile(
    r"^\d|\b(?:RUE|R|AVENUE|AV|BOULEVARD|BD|BLD|CHEMIN|CHE|PLACE|PL|ROUTE|RTE|IMPASSE|IMP|ALLEE|ALL|QUAI|COURS|SQUARE|"
    r"SQ|SENTIER|PASSAGE|FAUBOURG|FG|VOIE|MONTEE|ROND POINT)\b"
)
_AFTER = re.compile(r"^(?:BP|CS|TSA|LIEU DIT|LD|LE|LA|LES) ?\b")
_SHORT = {
    "APPARTEMENT": "APT",
    "AVENUE": "AV",
    "ALLEE": "ALL",
    "BATIMENT": "BAT",
    "BOULEVARD": "BD",
    "CHEMIN": "CHE",
    "COMMANDANT": "CDT",
    "DOCTEUR": "DR",
    "ESCALIER": "ESC",
    "ETAGE": "ETG",
    "FAUBOURG": "FG",
    "GENERAL": "GAL",
    "IMPASSE": "IMP",
    "LOTISSEMENT": "LOT",
    "MADAME": "MME",
    "MADEMOISELLE": "MLLE",
    "MARECHAL": "MAL",
    "MONSIEUR": "M",
    "PLACE": "PL",
    "PRESIDENT": "PDT",
    "PROFESSEUR": "PR",
    "QUARTIER": "QUA",
    "RESIDENCE": "RES",
    "ROUTE": "RTE",
    "SAINT": "ST",
    "SAINTE": "STE",
    "SQUARE": "SQ",
}
FRANCE = frozenset({"", "F", "FR", "FRA", "FRANCE", "FRANCE METROPOLITAINE", "99100", "100", "XXXXX"})
_ORDINAL = re.compile(r" (?:\d{1,2}|\d{1,2}(?:ER|E|EME)(?: ARRONDISSEMENT)?)$")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is printed in the window, and what keeps it from being sent."""

    lines: tuple[str, ...] = field(repr=False)
    postcode: str
    country: str
    """"" in France."""
    faults: tuple[str, ...]
    """Codes of `words/<language>/letters.toml`, `fault`."""


def envelope(who: str | Sequence[str], address: str, postcode: str, commune: str, country: str) -> Envelope:
    """Return the lines of an envelope; `who` is the person's line, or two of them where a person writes for another."""
    names = [who] if isinstance(who, str) else list(who)
    faults: list[str] = []
    first = [line for name in names for line in _name_lines(name, faults)]
    if not any(first):
        faults.append("no_name")
    land, town = _plain(country), _plain(commune)
    abroad = land not in FRANCE
    code = _plain(postcode) if abroad else _postcode(postcode)
    middle = _middle(address, faults, BETWEEN - len(first) + 1)
    if not middle:
        faults.append("no_address")
    if not abroad:
        faults += _france(code, town)
    last = _broken(f"{code} {town}".strip(), 1, faults)
    if _unprintable(address, commune):
        faults.append("not_latin")
    lines = [*first, *middle, *last, *([land] if abroad else [])]
    found = tuple(dict.fromkeys(faults))
    return Envelope(tuple(line for line in lines if line), code, land if abroad else "", found)


def household(address: str, postcode: str) -> str:
    """Return what tells a home from others: its address and postcode, squashed; "" where either is not known."""
    plain, code = _plain(address).replace(" ", ""), _postcode(postcode)
    return f"{code}/{plain}" if plain and code else ""


def _plain(text: str) -> str:
    """Return a text as it is printed: capitals, digits and single blanks."""
    if not text:
        return ""
    return " ".join(_NOT_PRINTED.sub(" ", lexicon.fold(text)).split())


def _unprintable(*texts: str) -> bool:
    """Tell whether a text has letters, and most of them cannot be printed."""
    for text in texts:
        letters = [char for char in lexicon.fold(text) if char.isalnum()]
        if len(_NOT_PRINTED.findall("".join(letters))) and sum(char.isascii() for char in letters) * 2 < len(letters):
            return True
    return False


def _name_lines(name: str, faults: list[str]) -> list[str]:
    """Return a person's line, two where it does not fit."""
    if _unprintable(name):
        faults.append("not_latin")
        return []
    found: list[str] = []
    lines = _broken(_plain(name), 2, found)
    faults.extend("name_long" for _ in found)
    return lines


def _middle(address: str, faults: list[str], room: int) -> list[str]:
    """Return the lines between the person's and the commune's: complements, the street, then BP and lieu-dit."""
    # A comma after a number is no line of its own: "3 bis, rue".
    pieces = [_plain(piece) for piece in re.split(r"[\n\r;]+|,(?![^,\n]*\b(?:cedex)\b)", address)]
    joined: list[str] = []
    for piece in filter(None, pieces):
        if joined and re.fullmatch(r"\d{1,4}(?: (?:BIS|TER|QUATER|[A-D]))?", joined[-1]):
            joined[-1] += f" {piece}"
        else:
            joined.append(piece)
    street = [piece for piece in joined if _STREET.search(piece) and not _AFTER.match(piece)][:1]
    after = [piece for piece in joined if piece not in street and _AFTER.match(piece)]
    before = [piece for piece in joined if piece not in street and piece not in after]
    lines = [line for piece in (*before, *street, *after) for line in _broken(piece, room, faults)]
    if len(lines) > room:
        faults.append("address_long")
    return lines[:room]


def _broken(line: str, room: int, faults: list[str]) -> list[str]:
    """Return a line abbreviated and broken at blanks into lines that fit."""
    if len(line) > WIDTH:
        line = _abbreviated(line)
    lines = [""]
    for word in line.split():
        if len(lines[-1]) + len(word) + bool(lines[-1]) <= WIDTH:
            lines[-1] = f"{lines[-1]} {word}".strip()
        else:
            lines.append(word[:WIDTH])
    if len(lines) > room:
        faults.append("address_long")
    return [each for each in lines if each][:room]


def _abbreviated(line: str) -> str:
    return " ".join(_SHORT.get(word, word) for word in line.split())


def _postcode(text: str) -> str:
    code = _plain(text).replace(" ", "")
    # A spreadsheet takes the zero of the first nine départements away.
    return code.zfill(5) if code.isdigit() and len(code) == 4 else code


def _france(code: str, town: str) -> list[str]:
    faults = [] if town else ["no_commune"]
    if not code:
        return [*faults, "no_postcode"]
    if not re.fullmatch(r"\d{5}", code):
        return [*faults, "postcode_wrong"]
    if "CEDEX" in town.split() or not town:
        return faults
    return [*faults, *_together(code, town)]


@cache
def _together(code: str, town: str) -> tuple[str, ...]:
    """Return what is wrong with a postcode and a commune that are not each other's."""
    known = lexicon.postcode_communes().get(code)
    if known is None:
        return ("postcode_unknown",)
    return () if _town(town) in {_town(name) for name in known} else ("postcode_commune",)


def _town(name: str) -> str:
    short = _abbreviated(_plain(name))
    return _ORDINAL.sub("", short.replace("S/", "SUR ")).replace(" ", "")
