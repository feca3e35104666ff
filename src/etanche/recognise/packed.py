"""Columns whose cells hold several kinds: packed into one cell, or one kind here and another there.

Rules, in the order in which they apply:

1. Every column that could (cells of six characters and more that are no plain number or name) is read cell by cell into
   pieces.  A kind that enough cells hold beside the column's own is told in `also` with its share.
2. A column that nothing else explains, half of whose cells hold several kinds, is *packed*: its kind is the header's if
   that is among them, else a name, an address, then whatever most cells hold.
3. One whose cells hold one thing each, of two kinds or more, is *mixed*: the kind with the greater share.
4. Dates beside names are birth dates where they spread as births do.  A text that mentions things stays a comment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from etanche.identifiers import dates
from etanche.model import Column, Held, Kind, Reason, Role
from etanche.recognise import questions as ask
from etanche.recognise.doubts import doubted
from etanche.recognise.pieces import days, pieces, telling
from etanche.recognise.profile import Profile
from etanche.recognise.support import DATE_KINDS

_DATED = 0.03
_PACKED = 0.5
_EXPLAINED = 0.8
_MIXED = 0.3
_GLANCE = 3
"""One value in so many is read first; a column that shows nothing but its own kind is left at that."""
_DIFFERENT = 0.1
"""Different names by different cells, under which what reads as a name is a word that all cells share."""
_PHONES = frozenset({Kind.PHONE, Kind.MOBILE, Kind.LANDLINE})
_PEOPLE = frozenset({Kind.FULL_NAME, Kind.SURNAME, Kind.FIRST_NAME, Kind.BIRTH_NAME, Kind.DOCTOR, Kind.TITLE})
_FAMILIES = (_PHONES, DATE_KINDS, _PEOPLE - {Kind.BIRTH_NAME}, frozenset({Kind.NIR, Kind.INS}))
_FIRST = (Kind.FULL_NAME, Kind.DOCTOR, Kind.SURNAME, Kind.ADDRESS)
"""Kinds that a packed column is of before others: they have no check that the other pieces could fail."""
_OPEN = frozenset({
    Kind.UNKNOWN, Kind.COMMENT, Kind.IDENTIFIER, Kind.RESULT, Kind.ADDRESS, Kind.FULL_NAME, Kind.DOCTOR, Kind.SURNAME,
    Kind.FIRST_NAME, Kind.BIRTH_NAME, Kind.PHONE, Kind.MOBILE, Kind.LANDLINE, Kind.EMAIL, Kind.NIR, Kind.POSTCODE,
    Kind.COMMUNE, Kind.LABORATORY, Kind.INSURER, Kind.BIRTH_PLACE, Kind.LOGIN, Kind.DATE, Kind.BIRTH_DATE, Kind.IBAN,
    Kind.PREGNANCY, Kind.DISEASE, Kind.MEDICINE, Kind.NUMBER, Kind.AMC, Kind.TOKEN, Kind.FILE_NAME,
})  # fmt: skip
_VAGUE = frozenset({Kind.UNKNOWN, Kind.COMMENT, Kind.IDENTIFIER, Kind.RESULT, Kind.NUMBER, Kind.TOKEN, Kind.FILE_NAME})
_STRICT = frozenset({Kind.NIR, Kind.IBAN, Kind.EMAIL, *_PHONES})
"""Kinds told by a shape or a key that chance seldom gives: these count wherever they stand."""
_NEEDED: dict[Kind, float] = {
    **dict.fromkeys(_STRICT, 0.03),
    Kind.BIRTH_DATE: 0.03,
    Kind.BIRTH_NAME: 0.03,
    Kind.RPPS: 0.5,
    Kind.POSTCODE: 0.2,
    Kind.COMMUNE: 0.2,
    Kind.ADDRESS: 0.2,
    Kind.DATE: 0.2,
    Kind.IDENTIFIER: 0.1,
    Kind.FULL_NAME: 0.5,
    Kind.DOCTOR: 0.5,
    Kind.SURNAME: 0.5,
}
"""Share of cells from which a further kind is told."""

_PLACES = frozenset({Kind.ADDRESS, Kind.POSTCODE, Kind.COMMUNE})


@dataclass(frozen=True, slots=True)
class _Read:
    """A column read piece by piece: cells that hold each kind, all as shares of the filled ones."""

    shares: dict[Kind, float]
    packed: float
    """Cells that hold two kinds or more."""
    whole: float
    """Cells of which nothing is left besides their pieces."""
    prose: float
    """Cells that are sentences."""
    parted: float
    """Cells cut by a comma, a semicolon or a bar."""
    keyed: float
    """Cells that hold a NIR with the right key."""


def unpack(columns: Sequence[Column], profiles: Sequence[Profile], role_of: Callable[[Kind], Role]) -> list[Column]:
    """Return the columns with what their cells hold besides their kind, and the packed and mixed ones typed.

    `role_of` says whose data a kind is when nothing else does.
    """
    return [_unpacked(column, profiles[column.index], role_of) for column in columns]


def _unpacked(column: Column, profile: Profile, role_of: Callable[[Kind], Role]) -> Column:
    coded = column.kind in _STRICT or column.kind is Kind.UNKNOWN
    if column.kind not in _OPEN or not any(telling(text) or (coded and _coded(text)) for text in profile.values):
        return column
    if set(map(_family, _read(profile.counted[::_GLANCE]).shares)) <= {_family(column.kind)}:
        return column
    read = _read(profile.counted)
    shares = _named_together(read, _births(column, profile, read), profile)
    if not shares:
        return column
    kind, reason, confidence = _typed(column, shares, read)
    also = _besides(kind, shares, read)
    if kind is column.kind:
        return replace(column, also=also) if also else column
    role = role_of(kind) if column.role is Role.NONE else column.role
    return replace(column, kind=kind, role=role, reason=reason, confidence=confidence, also=also, layout="")


def _read(values: Sequence[tuple[str, int]]) -> _Read:
    """Read some of a column's values, each with the number of its cells."""
    held: Counter[Kind] = Counter()
    names: set[str] = set()
    packed = whole = prose = parted = keyed = 0
    for text, count in values:
        if not telling(text) and not _coded(text):
            continue
        found = pieces(text)
        prose += count * found.prose
        held.update(dict.fromkeys(found.kinds, count))
        names.add(found.name)
        packed += count * (len(set(map(_family, found.kinds))) > 1)
        whole += count * found.whole
        keyed += count * any(kind is Kind.NIR and ask.right_nir(piece) for kind, piece in found.found)
        parted += count * any(mark in text for mark in ",;|/")
    if len(names) < _DIFFERENT * len(values):
        held = Counter({kind: count for kind, count in held.items() if kind not in _PEOPLE})
    of = max(1, sum(count for _, count in values))
    return _Read(
        {kind: count / of for kind, count in held.items()}, packed / of, whole / of, prose / of, parted / of, keyed / of
    )


def _coded(text: str) -> bool:
    """Tell whether a cell is one long number or code, which may stand where another kind stands in other rows."""
    return 8 <= len(text) <= 40 and text.isalnum() and not text.isalpha()


def _family(kind: Kind) -> Kind:
    """Return one kind for all of a family: a landline and a mobile are no two kinds in a cell."""
    return next((min(family) for family in _FAMILIES if kind in family), kind)


def _births(column: Column, profile: Profile, read: _Read) -> Kind:
    """Return what the dates of a packed column are."""
    if column.kind is Kind.BIRTH_DATE or ("header", Kind.BIRTH_DATE.value) in column.reason.params:
        return Kind.BIRTH_DATE
    said, dated = read.shares.get(Kind.BIRTH_DATE, 0.0), read.shares.get(Kind.DATE, 0.0)
    if said >= 0.5 * max(dated, _DATED):
        return Kind.BIRTH_DATE
    if dated < _DATED or sum(read.shares.get(kind, 0) for kind in _PEOPLE) < _PACKED:
        return Kind.DATE
    years = sorted(_years(profile.values))
    spread = len(years) >= 12 and years[-1] - years[0] >= 50 and years[len(years) // 2] < 2005
    return Kind.BIRTH_DATE if spread else Kind.DATE


def _years(texts: Iterable[str]) -> list[int]:
    """Return the years of the dates that stand in some texts."""
    written = (day for text in texts for day in days(text))
    found = (dates.iso(day, layout) for day in written for layout in dates.layouts_of(day)[:1])
    return [int(day[:4]) for day in found if day is not None]


def _of_persons(share: float, read: _Read, profile: Profile) -> bool:
    """Tell whether numbers like NIRs are some: most have the right key, or most cells hold one that could be."""
    return share >= _PACKED or (2 * read.keyed >= share and profile.share(_fifteen_digits) <= 2 * read.keyed)


def _named_together(read: _Read, births: Kind, profile: Profile) -> dict[Kind, float]:
    """Return the shares with dates as one kind and telephones as one; without what the cells speak against."""
    found = dict(read.shares)
    if (days := found.pop(Kind.DATE, 0.0) + found.pop(Kind.BIRTH_DATE, 0.0)) > 0:
        found[births] = min(1.0, days)
    lines = {kind: found.pop(kind) for kind in _PHONES & found.keys()}
    if lines and not doubted(Kind.PHONE, profile):
        most, every = max(lines, key=lambda kind: lines[kind]), sum(lines.values())
        found[most if lines[most] >= 0.9 * every else Kind.PHONE] = min(1.0, every)
    if Kind.NIR in found and not _of_persons(found[Kind.NIR], read, profile):
        del found[Kind.NIR]
    return found


def _fifteen_digits(text: str) -> bool:
    return text.isdecimal() and len(text) == 15


def _typed(column: Column, shares: Mapping[Kind, float], read: _Read) -> tuple[Kind, Reason, float]:
    """Return the kind of the column: its own unless that is vague and the pieces say more."""
    record = column.kind is Kind.COMMENT and read.packed >= _EXPLAINED and shares.get(Kind.FULL_NAME, 0) >= _EXPLAINED
    by_header = column.reason.code == "header" and not record
    said = next((Kind(str(value)) for name, value in column.reason.params if name == "header"), None)
    told = None if column.kind not in _VAGUE or by_header or read.prose > 0.3 else _told(shares, read, said)
    if told is None:
        return column.kind, column.reason, column.confidence
    kind, code, share = told
    return kind, Reason(code, (("percent", round(100 * share)),)), 0.85


def _told(shares: Mapping[Kind, float], read: _Read, said: Kind | None) -> tuple[Kind, str, float] | None:
    """Return the kind that the pieces tell, the code of the reason and its share; None where they tell too little."""
    most = max(shares, key=lambda kind: (shares[kind], kind))
    share = shares[most]
    if read.packed >= _PACKED:
        names = [kind for kind in (said, *_FIRST) if kind is not None and shares.get(kind, 0) >= _PACKED]
        return (names[0] if names else most), "packed", read.packed
    if most in _STRICT:
        if share >= _EXPLAINED:
            return most, "holds", share
        return (most, "mixed", share) if share >= _MIXED and read.whole >= _EXPLAINED else None
    parted = most is Kind.FULL_NAME and min(read.parted, read.whole) >= _EXPLAINED and share >= _PACKED
    return (most, "packed", read.parted) if parted else None


def _besides(kind: Kind, shares: Mapping[Kind, float], read: _Read) -> tuple[Held, ...]:
    """Return the further kinds that are worth telling, the more frequent first."""
    told = []
    for other, share in sorted(shares.items(), key=lambda item: (-item[1], item[0])):
        if _family(other) == _family(kind) or share < _NEEDED.get(other, 1.1):
            continue
        named = other in _PEOPLE or other is Kind.DATE
        if named and (read.packed < _PACKED or kind in _VAGUE):
            continue
        if other is Kind.IDENTIFIER and kind not in _STRICT:
            continue
        if other in _PLACES and kind in _PLACES - {Kind.ADDRESS} and read.packed < _PACKED:
            continue
        told.append(Held(other, round(share, 4)))
    return tuple(told)
