"""Repeated groups: `visit1_date, visit2_date`, `tel1, tel2, tel_3`, `enfant1_nom, enfant1_ddn, enfant2_nom`…

Rules, in the order in which they apply:

1. Headers that are alike but for one number are one group; the numbers are small and follow one another.  A header
   without the number is the first, where no other is ("tel", "tel2").
2. What stands behind the number says the kind where the whole header says none: the "nom" of "enfant1_nom" is a name,
   which the "nom" of "nom du canton" is not.
3. Members whose cells do not contradict it take the kind that most cells of the group have: a column that the sample
   has empty or nearly so is what its siblings are.  A landline beside a mobile stays one.

    >>> [(member.index, member.number) for member in members(("id", "visit1_date", "visit_2_date", "cip13"))]
    [(1, 1), (2, 2)]
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from etanche.model import Column, Kind, Reason, Role
from etanche.recognise import content
from etanche.recognise.headers import says
from etanche.recognise.profile import Profile
from etanche.recognise.support import DATE_KINDS, support

_NUMBER = re.compile(r"[0-9]{1,2}(?![0-9])")
_MARKS = re.compile(r"[^a-z0-9]+")
_LARGEST = 40
_BORNE_OUT = 0.5
_PHONES = frozenset({Kind.PHONE, Kind.MOBILE, Kind.LANDLINE})
_PHONE_OF = dict.fromkeys(_PHONES, Kind.PHONE)
_MUTE = frozenset({Kind.EMPTY, Kind.UNKNOWN, Kind.CONSTANT})
_WEAK = frozenset({Kind.NUMBER, Kind.IDENTIFIER, Kind.BOOLEAN, Kind.COMMENT, Kind.DATE, Kind.RESULT, Kind.AMOUNT})


@dataclass(frozen=True, slots=True)
class Member:
    """A column of a repeated group: its place among the columns, its group, its number, the header's last part."""

    index: int
    group: str
    number: int
    tail: str


def members(names: Sequence[str]) -> list[Member]:
    """Return the columns that are of a repeated group, in the order of the columns."""
    found: dict[str, dict[int, Member]] = defaultdict(dict)
    plain = [_plain(name) for name in names]
    for index, name in enumerate(plain):
        # The same header may be read as a group by any of its numbers: "visit1_test2" is of two.
        for number in _NUMBER.finditer(name):
            stem = _joined(name[: number.start()], "#", name[number.end() :])
            tail = name[number.end() :].strip("_")
            found[stem].setdefault(int(number.group()), Member(index, stem, int(number.group()), tail))
    for index, name in enumerate(plain):
        group = found.get(_joined(name, "#", ""))
        if group and 1 not in group and 2 in group:
            group[1] = Member(index, _joined(name, "#", ""), 1, "")
    kept: dict[int, Member] = {}
    for group in sorted(found.values(), key=len, reverse=True):
        if _follows(group):
            for member in group.values():
                kept.setdefault(member.index, member)
    return [kept[index] for index in sorted(kept)]


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).casefold()
    return _MARKS.sub("_", "".join(char for char in letters if not unicodedata.combining(char))).strip("_")


def _joined(*parts: str) -> str:
    return "_".join(part.strip("_") for part in parts if part.strip("_"))


def _follows(group: dict[int, Member]) -> bool:
    """Tell whether the numbers count: two at least, from 0, 1 or 2, hardly one left out."""
    numbers = sorted(group)
    return len(numbers) > 1 and numbers[0] <= 2 and numbers[-1] <= min(_LARGEST, 2 * len(numbers) + 1)


def agree(columns: Sequence[Column], profiles: Sequence[Profile], role_of: Callable[[Kind], Role]) -> list[Column]:
    """Return the columns with the members of repeated groups numbered, and typed by one another."""
    result = list(columns)
    groups: dict[str, list[Member]] = defaultdict(list)
    for member in members([column.name for column in columns]):
        groups[member.group].append(member)
        column = replace(result[member.index], repeat=member.number)
        result[member.index] = _by_tail(column, member, profiles[member.index], role_of)
    for group in groups.values():
        _level(result, profiles, [member.index for member in group])
    return result


def _by_tail(column: Column, member: Member, profile: Profile, role_of: Callable[[Kind], Role]) -> Column:
    """Return the column by what stands behind its number, where the header as a whole told nothing."""
    said = says(member.tail) if member.tail else None
    headed = column.reason.code in {"header", "header_contradicted", "header_not_borne_out", "empty_header", "packed"}
    if said is None or said.kind is None or said.strength < 1 or headed or not profile.filled:
        return column
    layout, days = content.layout_of(profile) if said.kind in DATE_KINDS else ("", 0.0)
    share = support(profile, said.kind, days)
    if share < _BORNE_OUT:
        return column
    reason = Reason("header", (("header", said.kind.value), ("percent", round(100 * share))))
    role = role_of(said.kind) if column.role is Role.NONE else column.role
    return replace(column, kind=said.kind, role=role, confidence=0.9, reason=reason, layout=layout)


def _level(columns: list[Column], profiles: Sequence[Profile], places: Iterable[int]) -> None:
    """Give the members of one group the kind that most of its cells have."""
    own = [columns[place] for place in places]
    model = _model(own, profiles)
    if model is None:
        return
    kind = model.kind
    alike = _PHONES if kind in _PHONES else frozenset({kind})
    taken = kind if len({column.kind for column in own} & alike) == 1 else Kind.PHONE
    for column in own:
        profile = profiles[column.index]
        if column.kind in alike or (profile.filled and not _yields(column, profile, model)):
            continue
        layout, days = content.layout_of(profile) if kind in DATE_KINDS else ("", 0.0)
        if profile.filled and support(profile, kind, days) < _BORNE_OUT:
            continue
        reason = Reason("like_siblings", (("neighbour", model.index + 1), ("kind", taken.value)))
        confidence = round(0.9 * model.confidence, 3)
        columns[column.index] = replace(
            column, kind=taken, role=model.role, confidence=confidence, reason=reason, layout=layout or model.layout
        )


def _model(own: Sequence[Column], profiles: Sequence[Profile]) -> Column | None:
    """Return the member that the others are to follow; None where they agree on too little.

    Headers that say nothing ("champ1, champ2, champ3") make a group only of members that all say the same.
    """
    told = [column for column in own if column.kind not in _MUTE]
    weights: dict[Kind, float] = defaultdict(float)
    for column in told:
        weight = 0.5 if column.kind in _WEAK else 1.0
        weights[_PHONE_OF.get(column.kind, column.kind)] += profiles[column.index].filled * column.confidence * weight
    if not weights:
        return None
    kind = max(weights, key=lambda one: (weights[one], one))
    ours = [column for column in told if _PHONE_OF.get(column.kind, column.kind) is kind]
    strong = [column for column in told if column.kind not in _WEAK]
    meant = any(says(column.name).kind is not None for column in ours) or any(
        column.reason.code == "header" for column in ours
    )
    agreed = len(ours) >= 2 and len(ours) == len(strong)
    if not (agreed or (meant and 3 * len(ours) >= 2 * len(strong))):
        return None
    return max(ours, key=lambda column: profiles[column.index].filled)


def _yields(column: Column, profile: Profile, model: Column) -> bool:
    """Tell whether a member's own verdict is weaker than its siblings'."""
    few = profile.filled < 12
    return column.kind in _MUTE | _WEAK or few or column.confidence < min(0.8, model.confidence)
