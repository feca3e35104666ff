"""Questions about places by name or code: départements, regions, countries, communes; and days that look like names.

Those named `*_folded` take a folded text, the others a tidied one.  The lists are in `places.toml`.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from etanche import lexicon
from etanche.identifiers import departement, insee_commune, postcode

_NUMBERED = re.compile(r"(?:\(?\d[\dAB]{1,2}\)?[ :]+)?(.*?)(?:[ :]*\(?\d[\dAB]{1,2}\)?)?")
_ARRONDISSEMENT = re.compile(r" CEDEX.*$| \d+ ?(?:E|ER|EME)?(?: ARR.*)?$| ?\(.*\)$")


@cache
def _lists() -> dict[str, frozenset[str]]:
    data = tomllib.loads((resources.files(__package__) / "places.toml").read_text(encoding="utf-8"))
    return {name: frozenset(words) for name, words in data.items()}


def _whole(text: str) -> str:
    """Return a code without the ".0" that data frames leave."""
    return text.removesuffix(".0")


def departement_folded(word: str) -> bool:
    """A département by name, its number perhaps beside it ("33 GIRONDE", "GIRONDE (33)")."""
    known = _lists()["departements"]
    if word in known:
        return True
    found = _NUMBERED.fullmatch(word)
    return found is not None and found[1] in known


def departement_code(text: str) -> bool:
    """A département by its code, its leading zero lost or one too many, its name perhaps behind it."""
    head = _whole(text).split(" ")[0]
    return departement.fits(head) or departement.fits(head.lstrip("0"))


def region_folded(word: str) -> bool:
    """A region by name, of today or before 2016."""
    return word in _lists()["regions"]


def region_code(text: str) -> bool:
    """A region by code."""
    return _whole(text) in _lists()["region_codes"]


def country_folded(word: str) -> bool:
    """A country by name, French, English or German."""
    return word in _lists()["countries"]


def country_code(text: str) -> bool:
    """A country by code: two or three letters (ISO 3166-1), their three digits, or INSEE's 99 and three digits."""
    code = text.upper()
    if code in _lists()["country_codes"]:
        return True
    digits = _whole(code)
    return digits in _lists()["country_numbers"] or (len(digits) == 5 and digits.isdigit() and digits.startswith("99"))


def calendar_folded(word: str) -> bool:
    """A day of the week or a month."""
    return word in _lists()["calendar"]


def commune_folded(word: str) -> bool:
    """A commune of the lexicon ("ST" read as "SAINT"; CEDEX, arrondissement and an article behind it left out)."""
    known = lexicon.commune_names()
    if word in known:
        return True
    head = _ARRONDISSEMENT.sub("", word)
    if head in known:
        return True
    spelt = re.sub(r"\bSTE\b", "SAINTE", re.sub(r"\bST\b", "SAINT", head))
    short = re.sub(r"\bSAINTE\b", "STE", re.sub(r"\bSAINT\b", "ST", head))
    return spelt in known or short in known


def postcode_known(text: str) -> bool:
    """A postcode of a commune."""
    return _whole(text) in lexicon.postcodes()


def postcode_like(text: str) -> bool:
    """A postcode by its shape: a lost zero, decimals and a name behind it allowed, or a CEDEX."""
    code = _whole(text)
    return postcode.fits(code) or postcode.fits(code.split(" ")[0]) or "CEDEX" in code.upper()


def insee_known(text: str) -> bool:
    """An INSEE code of a commune."""
    return _whole(text).upper() in lexicon.insee_communes()


def insee_like(text: str) -> bool:
    """An INSEE code by its shape: a lost zero and decimals allowed."""
    code = _whole(text)
    return insee_commune.fits(code.zfill(5) if len(code) == 4 else code)
