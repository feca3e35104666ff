"""What a column's header says: a kind, a role, and how much of the header says it.

Rules, in the order in which they apply:

1. A header is cut into words at spaces, marks, digits and changes of case; accents and idle words go.
2. A header that is a phrase of the vocabulary (`headers.toml`) as a whole says its kind with strength 1.
3. Else words of a role are taken out and say the role; what remains is matched, the longest phrase first, with the
   share of letters it covers as its strength.  Every phrase within is a reading: the cells choose among them.
4. A header of role words alone says the kind of `[alone]`: "PRELEVEUR" is a person who samples.

    >>> says("dateNaissanceAssure")
    Said(kind=<Kind.BIRTH_DATE: 'birth_date'>, role=<Role.INSURED: 'insured'>, strength=1.0)
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from etanche.model import Kind, Role


@dataclass(frozen=True, slots=True)
class Reading:
    """One way of reading a header: a kind, and how much of the header says it."""

    kind: Kind
    strength: float
    hint: bool = False
    """The word says the kind only when it is all there is, and it is not."""
    axis: bool = False
    """The header names an axis or a projection: positions may be metres."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a header says; `strength` is 0 when it says nothing of the kind."""

    kind: Kind | None
    role: Role | None
    strength: float
    readings: tuple[Reading, ...] = field(default=(), repr=False, compare=False)
    """All readings, the likeliest first: `kind` and `strength` are the first's."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of `headers.toml`, ready for matching."""

    phrases: dict[tuple[str, ...], Kind]
    joined: dict[str, Kind]
    roles: dict[str, Role]
    alone: dict[Role, Kind]
    idle: frozenset[str]
    weak: frozenset[str]
    hints: frozenset[str]
    axes: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary, read once."""
    data = tomllib.loads((resources.files(__package__) / "headers.toml").read_text(encoding="utf-8"))
    idle = frozenset(data["words"]["idle"])
    phrases: dict[tuple[str, ...], Kind] = {}
    for kind, texts in data["kinds"].items():
        for text in texts:
            words = tuple(word for word in text.split() if word not in idle) or tuple(text.split())
            phrases.setdefault(words, Kind(kind))
    joined = {"".join(words): kind for words, kind in phrases.items()}
    roles = {word: Role(role) for role, words in data["roles"].items() for word in words}
    alone = {Role(role): Kind(kind) for role, kind in data["alone"].items()}
    weak, hints, axes = (frozenset(data["words"][name]) for name in ("weak", "hints", "axes"))
    return Vocabulary(phrases, joined, roles, alone, idle, weak, hints, axes)


_WORDS = re.compile(r"[a-z]+|[0-9]+")
_CASES = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def words_of(header: str) -> tuple[str, ...]:
    """Return the words of a header in small letters without accents, numbers included, idle words left out."""
    plain = unicodedata.normalize("NFKD", header.replace("°", " ").replace("œ", "oe").replace("º", " "))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    idle = vocabulary().idle
    words = tuple(_WORDS.findall(_CASES.sub(" ", plain).lower()))
    return tuple(word for word in words if word not in idle) or words


def _whole(words: tuple[str, ...]) -> Kind | None:
    known = vocabulary()
    return known.phrases.get(words) or known.joined.get("".join(words))


def _covering(words: tuple[str, ...]) -> tuple[Reading, ...]:
    """Return the readings of phrases within the words, the longest first, with the share of letters each covers.

    Weak words come last: "adr_localite" is a place, "code_acte" a test; some say nothing at all in company.
    """
    known = vocabulary()
    letters = sum(map(len, words))
    axis = _on_axis(words)
    found: list[Reading] = []

    def add(kind: Kind, share: float, *, hint: bool = False) -> None:
        if kind not in {one.kind for one in found}:
            found.append(Reading(kind, round(0.5 + 0.4 * share, 3), hint, axis))

    for size in range(min(len(words), 4), 1, -1):
        # The first words say what it is ("adresse ip client"), the last ones of what.
        for start in range(len(words) - size + 1):
            kind = known.phrases.get(words[start : start + size])
            if kind is not None:
                add(kind, sum(map(len, words[start : start + size])) / letters)
    single = [word for word in words if (word,) in known.phrases]
    strong = [word for word in single if word not in known.weak]
    # An identifier of something says less than the something ("uai_fax").
    for word in sorted(strong, key=lambda word: known.phrases[(word,)] is Kind.IDENTIFIER):
        add(known.phrases[(word,)], len(word) / letters)
    for word in single:
        if word in known.hints:
            add(known.phrases[(word,)], len(word) / letters / 2, hint=True)
    return tuple(found)


def _on_axis(words: tuple[str, ...]) -> bool:
    return not vocabulary().axes.isdisjoint(words)


def says(header: str) -> Said:
    """Return what the header says."""
    known = vocabulary()
    words = words_of(header)
    if not words:
        return Said(None, None, 0.0)
    spelt = tuple(word for word in words if not word.isdigit()) or words
    roles = [known.roles[word] for word in words if word in known.roles]
    # "patient" beside another role says less: "medecin du patient".
    role = next((found for found in roles if found is not Role.PATIENT), roles[0] if roles else None)
    rest = tuple(word for word in words if word not in known.roles)
    told = tuple(word for word in rest if not word.isdigit())
    kind = _whole(words) or _whole(spelt)
    if kind is None and role is not None and not told:
        return _as_whole(known.alone[role], role, 0.9, words)
    kind = kind or _whole(rest) or _whole(told)
    if kind is not None:
        return _as_whole(kind, role, 1.0, words)
    glued = _glued_role(told)
    readings = _covering(told)
    if glued is None and readings:
        return Said(readings[0].kind, role, readings[0].strength, readings)
    return glued or Said(None, role, 0.0)


def _as_whole(kind: Kind, role: Role | None, strength: float, words: tuple[str, ...]) -> Said:
    """Return what a header says that is a phrase of the vocabulary; other readings are of the words within."""
    first = Reading(kind, strength, axis=_on_axis(words))
    others = tuple(one for one in _covering(words) if one.kind is not kind and not one.hint) if len(words) > 1 else ()
    return Said(kind, role, strength, (first, *others))


def _glued_role(words: tuple[str, ...]) -> Said | None:
    """Return what a header without any separator says when it ends in a role ("NOMMEDECIN")."""
    known = vocabulary()
    if len(words) != 1:
        return None
    word = words[0]
    for ending, role in known.roles.items():
        if len(ending) > 3 and word.endswith(ending) and word[: -len(ending)] in known.joined:
            return _as_whole(known.joined[word[: -len(ending)]], role, 0.9, words)
    return None
