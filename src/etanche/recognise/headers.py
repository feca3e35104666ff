"""What a column's header says: a kind, a role, and how much of the header says it.

Rules, in the order in which they apply:

1. A header is cut into words at spaces, marks, digits and changes of case; accents and idle words go, and words that
   are short for others are read as these ("NOM_NAISS").
2. A header that is a phrase of the vocabulary (`headers.toml`) as a whole says its kind with strength 1.
3. Else words of a role are taken out and say the role; what remains is matched, the longest phrase first, with the
   share of letters it covers as its strength.  Every phrase within is a reading: the cells choose among them.
4. A role of several words ("sage-femme", "saisi par") is taken out before anything else is matched.
5. A header of role words alone says the kind of `[alone]`: "PRELEVEUR" is a person who samples.
6. One word that says nothing is cut into the parts of `[glued]`, if they make a phrase: "DTNAISSPAT", "NOMMERE".
7. Where a header names an organisation ("cp_mutuelle"), addresses, telephones and e-mails are nobody's.
8. The day of a sample or of a visit is the patient's, whoever took it.

    >>> says("dateNaissanceAssure")
    Said(kind=<Kind.BIRTH_DATE: 'birth_date'>, role=<Role.INSURED: 'insured'>, strength=1.0)
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from itertools import pairwise

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
    within: dict[str, Role]
    """The role that a joined phrase names: "matriculeassure"."""
    roles: dict[str, Role]
    long_roles: dict[tuple[str, ...], Role]
    """Roles of several words; of the idle ones "par" counts: what is "valide par" somebody is no flag."""
    alone: dict[Role, Kind]
    idle: frozenset[str]
    weak: frozenset[str]
    hints: frozenset[str]
    axes: frozenset[str]
    short: dict[str, str]
    """The word that a short one stands for."""
    parts: frozenset[str]
    elsewhere: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """Return the vocabulary, read once."""
    data = tomllib.loads((resources.files(__package__) / "headers.toml").read_text(encoding="utf-8"))
    idle = frozenset(data["words"]["idle"])
    said = [(tuple(text.split()), Role(role)) for role, texts in data["roles"].items() for text in texts]
    roles = {words[0]: role for words, role in said if len(words) == 1}
    long_roles = {words: role for words, role in said if len(words) > 1}
    short = {word: full for full, words in data["short"].items() for word in words}
    phrases: dict[tuple[str, ...], Kind] = {}
    joined: dict[str, Kind] = {}
    within: dict[str, Role] = {}
    for kind, texts in data["kinds"].items():
        for text in texts:
            spoken = tuple(word for word in text.split() if word not in idle) or tuple(text.split())
            full = tuple(short.get(word, word) for word in spoken)
            phrases.setdefault(full, Kind(kind))
            for spelt in (spoken, full):
                joined.setdefault("".join(spelt), Kind(kind))
                within |= {"".join(spelt): roles[word] for word in spelt if word in roles}
    words = data["words"]
    alone = {Role(role): Kind(kind) for role, kind in data["alone"].items()}
    weak, hints = (frozenset(short.get(word, word) for word in words[name]) for name in ("weak", "hints"))
    axes, parts = frozenset(words["axes"]), frozenset(data["glued"]["parts"])
    elsewhere = frozenset(words["elsewhere"])
    return Vocabulary(
        phrases, joined, within, roles, long_roles, alone, idle, weak, hints, axes, short, parts, elsewhere
    )


_WORDS = re.compile(r"[a-z]+|[0-9]+")
_CASES = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _spelt(header: str) -> list[str]:
    """Return all words of a header in small letters without accents, numbers included."""
    plain = unicodedata.normalize("NFKD", header.replace("°", " ").replace("œ", "oe").replace("º", " "))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORDS.findall(_CASES.sub(" ", plain).lower())


def _read(words: Sequence[str]) -> tuple[str, ...]:
    """Return the words in full, idle ones left out."""
    known = vocabulary()
    full = tuple(known.short.get(word, word) for word in words)
    return tuple(word for word in full if word not in known.idle) or full


def words_of(header: str) -> tuple[str, ...]:
    """Return the words of a header in small letters without accents and in full; numbers too, idle words left out."""
    return _read(_spelt(header))


def _long_role(spelt: Sequence[str]) -> tuple[Role | None, list[str]]:
    """Return the role of several words that a header names, and the words besides."""
    known = vocabulary()
    words = [word for word in spelt if word == "par" or word not in known.idle]
    for size in (3, 2):
        for start in range(len(words) - size + 1):
            role = known.long_roles.get(tuple(words[start : start + size]))
            if role is not None:
                return role, words[:start] + words[start + size :]
    return None, list(spelt)


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


_CONTACT = frozenset({
    Kind.ADDRESS, Kind.POSTCODE, Kind.COMMUNE, Kind.INSEE_COMMUNE, Kind.COUNTRY, Kind.LANDLINE, Kind.MOBILE, Kind.PHONE,
    Kind.EMAIL,
})  # fmt: skip


def says(header: str) -> Said:
    """Return what the header says."""
    said = _says(header)
    away = not vocabulary().elsewhere.isdisjoint(words_of(header))
    if away and said.role is None and any(reading.kind in _CONTACT for reading in said.readings):
        return replace(said, role=Role.NONE)
    return said


def _says(header: str) -> Said:
    known = vocabulary()
    long_role, besides = _long_role(_spelt(header))
    words = _read(besides)
    if not words:
        return Said(None, None, 0.0) if long_role is None else _as_whole(known.alone[long_role], long_role, 0.9, ())
    spelt = tuple(word for word in words if not word.isdigit()) or words
    roles = [known.roles[word] for word in words if word in known.roles]
    roles += [] if long_role is None else [long_role]
    # "patient" beside another role says less: "medecin du patient".
    role = next((found for found in roles if found is not Role.PATIENT), roles[0] if roles else None)
    rest = tuple(word for word in words if word not in known.roles)
    told = tuple(word for word in rest if not word.isdigit())
    kind = _whole(words) or _whole(spelt) or _day_within(spelt)
    if kind is None and role is not None and not told:
        return _as_whole(known.alone[role], role, 0.9, words)
    kind = kind or _whole(rest) or _whole(told)
    if kind is not None:
        role = role or known.within.get("".join(told))
        return _as_whole(kind, None if kind in _DAYS else role, 1.0, words)
    glued = _glued(told, role) or _glued_role(told)
    readings = _covering(told)
    if glued is None and readings:
        return Said(readings[0].kind, role, readings[0].strength, readings)
    return glued or Said(None, role, 0.0)


_DAYS = frozenset({Kind.SAMPLE_DATE, Kind.VISIT_DATE})
_LONGEST = 24
"""Letters of a header that is cut into parts."""


def _day_within(words: tuple[str, ...]) -> Kind | None:
    """Return the kind of day that two words name of which one is also a role: "date prel labo"."""
    pairs = (
        vocabulary().phrases.get(pair) for pair in pairwise(words) if not vocabulary().roles.keys().isdisjoint(pair)
    )
    return next((kind for kind in pairs if kind in _DAYS), None)


def _glued(words: tuple[str, ...], role: Role | None) -> Said | None:
    """Return what a header without any separator says when its parts make a phrase ("DTNAISSPAT")."""
    known = vocabulary()
    for parts in _cuts(words[0]) if len(words) == 1 and len(words[0]) <= _LONGEST else ():
        full = tuple(known.short.get(part, part) for part in parts)
        roles = [known.roles[part] for part in full if part in known.roles]
        kind = known.phrases.get(full) or known.phrases.get(tuple(part for part in full if part not in known.roles))
        if kind is not None and len(parts) > 1 and len(roles) < 2:
            return _as_whole(kind, None if kind in _DAYS else role or next(iter(roles), None), 0.9, full)
    return None


def _cuts(word: str) -> Iterator[tuple[str, ...]]:
    """Yield the ways of cutting a word into known parts, long first parts first."""
    if not word:
        yield ()
    for size in range(len(word), 1, -1):
        if word[:size] in vocabulary().parts:
            for rest in _cuts(word[size:]):
                yield word[:size], *rest


def _as_whole(kind: Kind, role: Role | None, strength: float, words: tuple[str, ...]) -> Said:
    """Return what a header says that is a phrase of the vocabulary; other readings are of the words within."""
    first = Reading(kind, strength, axis=_on_axis(words))
    others = tuple(one for one in _covering(words) if one.kind is not kind and not one.hint) if len(words) > 1 else ()
    # The matricule of an INS without its key is thirteen digits, which only a NIR may be.
    bare = (replace(first, kind=Kind.NIR),) if kind is Kind.INS else ()
    return Said(kind, role, strength, (first, *bare, *others))


def _glued_role(words: tuple[str, ...]) -> Said | None:
    """Return what a header without any separator says when it ends in a role ("NOMMEDECIN")."""
    known = vocabulary()
    if len(words) != 1:
        return None
    word = words[0]
    for ending, role in known.roles.items():
        if len(ending) > 4 and word.endswith(ending) and word[: -len(ending)] in known.joined:
            return _as_whole(known.joined[word[: -len(ending)]], role, 0.9, words)
    return None
