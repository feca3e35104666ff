"""What a column's header says: a kind, a role, and how much of the header says it.

Rules, in the order in which they apply:

1. A header is cut into words at spaces, marks, digits and changes of case; accents and idle words go.
2. A header that is a phrase of the vocabulary (`headers.toml`) as a whole says its kind with strength 1.
3. Else words of a role are taken out and say the role; what remains is matched, the longest phrase first, with the
   share of letters it covers as its strength.
4. A header of role words alone says the kind of `[alone]`: "PRELEVEUR" is a person who samples.

    >>> says("dateNaissanceAssure")
    Said(kind=<Kind.BIRTH_DATE: 'birth_date'>, role=<Role.INSURED: 'insured'>, strength=1.0)
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

from etanche.model import Kind, Role


@dataclass(frozen=True, slots=True)
class Said:
    """What a header says; `strength` is 0 when it says nothing of the kind."""

    kind: Kind | None
    role: Role | None
    strength: float


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
    weak, hints = frozenset(data["words"]["weak"]), frozenset(data["words"]["hints"])
    return Vocabulary(phrases, joined, roles, alone, idle, weak, hints)


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


def _covering(words: tuple[str, ...]) -> tuple[Kind | None, float]:
    """Return the kind of the longest phrase within the words, and the share of letters that it covers.

    Weak words come last: "adr_localite" is a place, "code_acte" a test; some say nothing at all in company.
    """
    known = vocabulary()
    letters = sum(map(len, words))
    for size in range(min(len(words), 4), 1, -1):
        # The first words say what it is ("adresse ip client"), the last ones of what.
        for start in range(len(words) - size + 1):
            kind = known.phrases.get(words[start : start + size])
            if kind is not None:
                return kind, sum(map(len, words[start : start + size])) / letters
    single = [word for word in words if (word,) in known.phrases]
    strong = [word for word in single if word not in known.weak]
    for word in strong or [word for word in single if word in known.hints]:
        return known.phrases[(word,)], len(word) / letters * (1.0 if strong else 0.5)
    return None, 0.0


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
    for whole in (words, spelt):
        kind = _whole(whole)
        if kind is not None:
            return Said(kind, role, 1.0)
    rest = tuple(word for word in words if word not in known.roles)
    spelt = tuple(word for word in rest if not word.isdigit())
    if role is not None and not spelt:
        return Said(known.alone[role], role, 0.9)
    for whole in (rest, spelt):
        kind = _whole(whole)
        if kind is not None:
            return Said(kind, role, 1.0)
    glued = _glued_role(spelt)
    if glued is not None:
        return glued
    kind, share = _covering(spelt)
    return Said(kind, role, round(0.5 + 0.4 * share, 3) if kind else 0.0)


def _glued_role(words: tuple[str, ...]) -> Said | None:
    """Return what a header without any separator says when it ends in a role ("NOMMEDECIN")."""
    known = vocabulary()
    if len(words) != 1:
        return None
    word = words[0]
    for ending, role in known.roles.items():
        if len(ending) > 3 and word.endswith(ending) and word[: -len(ending)] in known.joined:
            return Said(known.joined[word[: -len(ending)]], role, 0.9)
    return None
