"""What is known of France's names, places and medicines: official open files, transformed and shipped.

Rules:

1. Each list is read on first use and kept; reading one takes well under 50 ms.
2. Lists for recognition are frozen sets of folded words (`fold`): fold a cell before looking it up.
3. `sources()` says where each list comes from, under which licence, of which date (`data/sources.toml`).
4. The user's own lists (`own`) stand beside them once `use` was called.

    >>> fold("Pleumeur-Bodou") in commune_names()
    True
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Literal

import numpy as np
import zstandard
from numpy.typing import NDArray

from etanche.lexicon import own
from etanche.lexicon.fold import fold

__all__ = [
    "Communes",
    "FirstNameFrequencies",
    "LexiconSource",
    "SurnameFrequencies",
    "cip_codes",
    "common_passwords",
    "commune_columns",
    "commune_names",
    "commune_postcodes",
    "communes",
    "every_commune",
    "every_source",
    "first_name_frequencies",
    "first_names",
    "fold",
    "insee_communes",
    "is_cip",
    "medicine_names",
    "other_communes",
    "own",
    "postcode_communes",
    "postcodes",
    "sources",
    "surname_frequencies",
    "surnames",
    "use",
]

_WHOLE_CITIES = frozenset({"75056", "69123", "13055"})
"""Paris, Lyon and Marseille as one commune: La Poste lists their arrondissements only."""


@dataclass(frozen=True, slots=True)
class LexiconSource:
    """Where a list comes from."""

    name: str
    title: str
    publisher: str
    licence: str
    date: datetime.date
    script: str
    files: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True, eq=False)
class SurnameFrequencies:
    """Births in France by surname (INSEE's spelling, upper case) and decade: `counts[i, d]`, shape (names, 11)."""

    names: tuple[str, ...] = field(repr=False)
    counts: NDArray[np.uint16] = field(repr=False)
    decades: tuple[int, ...]
    """First year of each decade: 1891, 1901 … 1991."""


@dataclass(frozen=True, slots=True, eq=False)
class FirstNameFrequencies:
    """Births of one sex by first name (upper case, accents kept) and five years, in tens: `counts[i, p]`."""

    names: tuple[str, ...] = field(repr=False)
    counts: NDArray[np.uint16] = field(repr=False)
    years: tuple[int, ...]
    """First year of each period: 1900, 1905 … 2020."""


@dataclass(frozen=True, slots=True)
class Communes:
    """La Poste's communes as columns of equal length, one entry per commune and postcode, sorted by INSEE code."""

    insee: tuple[str, ...] = field(repr=False)
    name: tuple[str, ...] = field(repr=False)
    """Folded."""
    postcode: tuple[str, ...] = field(repr=False)
    departement: tuple[str, ...] = field(repr=False)
    """Of the commune: 01 … 95, 2A, 2B, 971 … 988."""
    latitude: tuple[float, ...] = field(repr=False)
    """Degrees; NaN where La Poste gives none."""
    longitude: tuple[float, ...] = field(repr=False)


def _read(name: str) -> bytes:
    return zstandard.ZstdDecompressor().decompress((resources.files(__package__) / "data" / name).read_bytes())


def _lines(name: str) -> list[str]:
    return _read(name).decode().split("\n")


def _counts(name: str, rows: int) -> NDArray[np.uint16]:
    """Return counts (names x periods) from a file of low bytes, then high bytes, each period by period."""
    low, high = np.frombuffer(_read(name), dtype=np.uint8).reshape(2, -1, rows)
    return np.ascontiguousarray((low.astype(np.uint16) | (high.astype(np.uint16) << 8)).T)


@cache
def sources() -> tuple[LexiconSource, ...]:
    """Return where each list comes from."""
    return _sources(resources.files(__package__) / "data")


def _sources(folder: Traversable) -> tuple[LexiconSource, ...]:
    listed = tomllib.loads((folder / "sources.toml").read_text(encoding="utf-8"))["source"]
    return tuple(LexiconSource(**{**entry, "files": tuple(entry["files"])}) for entry in listed)


def use(lists: Sequence[own.OwnList]) -> None:
    """Put the user's own lists beside the shipped ones, in place of any used before."""
    own.put_in_use(lists)
    for known in (surnames, first_names, commune_names, medicine_names, common_passwords):
        known.cache_clear()


def every_source() -> Iterator[tuple[LexiconSource, int, int]]:
    """Yield the source of each list that is shipped, here or beside another step, its bytes and its entries."""
    here = resources.files(__package__) / "data"
    for folder in sorted(_folders(resources.files("etanche")), key=lambda folder: (folder != here, str(folder))):
        for source in _sources(folder):
            files = [folder / name for name in source.files]
            yield source, sum(len(file.read_bytes()) for file in files), _entries(files[0])


def _folders(place: Traversable) -> Iterator[Traversable]:
    for entry in place.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _folders(entry)
        elif entry.name == "sources.toml":
            yield place


def _entries(file: Traversable) -> int:
    """Return the lines of a list, or the texts in the lists of a TOML file."""
    if file.name.endswith(".toml"):
        return _texts(tomllib.loads(file.read_text(encoding="utf-8")))
    return zstandard.ZstdDecompressor().decompress(file.read_bytes()).count(b"\n") + 1


def _texts(value: object) -> int:
    if isinstance(value, dict):
        return sum(_texts(each) for each in value.values() if not isinstance(each, str))
    return sum(1 if isinstance(each, str) else _texts(each) for each in value) if isinstance(value, list) else 0


@cache
def surnames() -> frozenset[str]:
    """Return the folded surnames with at least 50 bearers born 1891-2000 (INSEE)."""
    return frozenset(_lines("surnames.txt.zst")) | own.words("surnames")


@cache
def surname_frequencies() -> SurnameFrequencies:
    """Return births by surname and decade, for surnames with at least 200 bearers (INSEE)."""
    names = tuple(_lines("surname-names.txt.zst"))
    return SurnameFrequencies(names, _counts("surname-counts.u16.zst", len(names)), tuple(range(1891, 2001, 10)))


@cache
def first_names() -> frozenset[str]:
    """Return the folded first names given at least 30 times 1900-2022 (INSEE)."""
    return frozenset(_lines("first-names.txt.zst")) | own.words("first_names")


@cache
def first_name_frequencies(sex: Literal["F", "M"]) -> FirstNameFrequencies:
    """Return births of one sex by first name and five years, in tens, for names given at least 300 times (INSEE)."""
    names = tuple(_lines(f"first-name-names-{sex}.txt.zst"))
    counts = _counts(f"first-name-counts-{sex}.u16.zst", len(names))
    return FirstNameFrequencies(names, counts, tuple(range(1900, 2023, 5)))


@cache
def commune_columns() -> tuple[tuple[str, ...], ...]:
    """Return INSEE codes, folded names, postcodes, latitudes and longitudes, as texts, in the order of the codes."""
    # One split of the whole text: a split a line would take ten times as long, and every triage waits for it.
    flat = _read("communes.tsv.zst").decode().replace("\n", "\t").split("\t")
    return tuple(tuple(flat[column::5]) for column in range(5))


@cache
def communes() -> Communes:
    """Return every commune with its postcodes and position (La Poste)."""
    insee, name, postcode, latitude, longitude = commune_columns()
    departement = tuple(code[:3] if code[:2] in {"97", "98"} else code[:2] for code in insee)
    return Communes(insee, name, postcode, departement, _degrees(latitude), _degrees(longitude))


def _degrees(texts: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(float(text) if text else float("nan") for text in texts)


@cache
def postcode_communes() -> dict[str, frozenset[str]]:
    """Return by postcode the folded names of its communes: today's, old ones within them, and those of delivery."""
    found: dict[str, set[str]] = {}
    _, names, codes, *_ = commune_columns()
    for postcode, name in zip(codes, names, strict=True):
        found.setdefault(postcode, set()).add(name)
    for line in _lines("commune-aliases.tsv.zst"):
        postcode, name = line.split("\t")
        found.setdefault(postcode, set()).add(name)
    return {postcode: frozenset(names) for postcode, names in found.items()}


@cache
def commune_names() -> frozenset[str]:
    """Return the folded names of all communes, old communes and delivery names."""
    aliases = _read("commune-aliases.tsv.zst").decode().replace("\n", "\t").split("\t")
    return frozenset(commune_columns()[1]).union(aliases[1::2], own.words("communes"))


@cache
def postcodes() -> frozenset[str]:
    """Return the postcodes of communes (five digits; CEDEX codes are not among them)."""
    return frozenset(commune_columns()[2])


@cache
def insee_communes() -> frozenset[str]:
    """Return the INSEE codes of communes, arrondissements of Paris, Lyon and Marseille included."""
    return frozenset(commune_columns()[0]) | _WHOLE_CITIES


@cache
def medicine_names() -> frozenset[str]:
    """Return folded brands and substances, one to four words, without ordinary French words (BDPM)."""
    return frozenset(_lines("medicines.txt.zst")) | own.words("medicines")


@cache
def cip_codes() -> frozenset[str]:
    """Return the CIP codes of presentations, 13 digits (BDPM)."""
    return frozenset(_lines("cip.txt.zst"))


@cache
def other_communes() -> dict[str, str]:
    """Return folded names by INSEE code of communes that La Poste's list has no more, or not yet (INSEE, COG)."""
    return dict(line.split("\t", 1) for line in _lines("communes-other.tsv.zst"))


@cache
def common_passwords() -> frozenset[str]:
    """Return the 10,000 passwords that public leaks hold most often, in small letters (zxcvbn)."""
    return frozenset(_lines("passwords.txt.zst")) | own.words("passwords")


@cache
def commune_postcodes() -> frozenset[tuple[str, str]]:
    """Return every pair of a commune's INSEE code and one of its postcodes."""
    insee, _, codes, *_ = commune_columns()
    return frozenset(zip(insee, codes, strict=True))


@cache
def every_commune() -> frozenset[str]:
    """Return the INSEE codes of communes of today and of those that were."""
    return insee_communes() | frozenset(other_communes())


@cache
def _short_cip_codes() -> frozenset[str]:
    return frozenset(code[5:12] for code in cip_codes())


def is_cip(text: str) -> bool:
    """Tell whether a CIP code, of 13 digits or of the older seven within them, is of a presentation in the list."""
    digits = "".join(filter(str.isdigit, text))
    return digits in cip_codes() or digits in _short_cip_codes()
