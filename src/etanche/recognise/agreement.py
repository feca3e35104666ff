"""Columns that agree row by row: what one says of another when no header does.

Rules, in the order in which they apply:

1. The commune in a NIR is where its bearer was born: a column of communes, by name or by code, that agrees with it is
   the place of birth.
2. A commune that agrees with the postcode of its row is that of an address.  When one does, and the file knows births,
   another commune that agrees with no postcode, and is not the prescriber's, is the place of birth.
3. Codes 1 and 2 that agree with the first names, the titles or the letters M and F of their rows are the sex.
4. A surname that nobody has, often equal to the patient's, is the patient's too.
5. A second surname that women alone have is a birth name; yes and no for women alone is a pregnancy.
6. A short list of names beside first names is one of surnames, and beside surnames one of first names.

Shares are over rows in which both cells tell; under eight of them nothing is concluded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from etanche import lexicon
from etanche.identifiers import celltext, nir
from etanche.lexicon.fold import fold
from etanche.model import Column, Kind, Reason, Role
from etanche.recognise import questions as ask
from etanche.recognise.profile import Profile

_FEW = 8
_ROWS = 400
_AGREED, _SEXED = 0.5, 0.85
_CODED = 0.8
_ONLY, _EVEN, _WOMEN = 0.97, 0.2, 8
"""Women among the rows that have a cell, among all rows, and rows that it takes to say so."""
_SAME = 0.2
"""Rows in which two surnames are equal, as those of men and of unmarried women are; by chance, one in a thousand."""
SETTLED = frozenset({"header", "header_contradicted", "more_particular", "agrees_with"})
"""Reasons of verdicts that neighbours leave alone."""

Told = Callable[[str, str], bool | None]
"""Whether two cells of a row agree; None where they tell nothing."""


def settle(columns: list[Column], profiles: Sequence[Profile]) -> None:
    """Type the columns that agree with others of their rows, in place."""
    _birth_places(columns, profiles)
    _addresses(columns, profiles)
    _sexes(columns, profiles)
    _womens(columns, profiles)
    _short_lists(columns, profiles)


def _share(first: Sequence[str], second: Sequence[str], told: Told) -> float:
    """Return the share of rows that agree, of those that tell; 0 where too few do."""
    both = [(one, two) for one, two in zip(first, second, strict=True) if one and two]
    answers = [answer for one, two in both[:: max(1, len(both) // _ROWS)] if (answer := told(one, two)) is not None]
    return sum(answers) / len(answers) if len(answers) >= _FEW else 0.0


def _open(column: Column) -> bool:
    return column.reason.code not in SETTLED


def _agreeing(column: Column, kind: Kind, role: Role, confidence: float, share: float, other: Column) -> Column:
    params = (("percent", round(100 * share)), ("neighbour", other.index + 1), ("kind", other.kind.value))
    return replace(column, kind=kind, role=role, confidence=confidence, reason=Reason("agrees_with", params))


def _birth_places(columns: list[Column], profiles: Sequence[Profile]) -> None:
    for number in [column for column in columns if column.kind is Kind.NIR]:
        for column in columns:
            told = _PLACES.get(column.kind)
            if told is None or not _open(column):
                continue
            share = _share(profiles[number.index].cells, profiles[column.index].cells, told)
            if share >= _AGREED:
                columns[column.index] = _agreeing(column, Kind.BIRTH_PLACE, number.role, 0.93, share, number)


def _born_code(number: str, cell: str) -> bool | None:
    code = celltext.compact(number)[5:10]
    return code == celltext.upper(cell).zfill(5) if nir.fits(number) else None


def _born_name(number: str, cell: str) -> bool | None:
    names = _commune_names().get(celltext.compact(number)[5:10]) if nir.fits(number) else None
    return None if names is None else fold(cell) in names


_PLACES: dict[Kind, Told] = {Kind.INSEE_COMMUNE: _born_code, Kind.COMMUNE: _born_name}


@cache
def _commune_names() -> dict[str, frozenset[str]]:
    """Return the folded names by INSEE code."""
    known = lexicon.communes()
    found: dict[str, set[str]] = {}
    for code, name in zip(known.insee, known.name, strict=True):
        found.setdefault(code, set()).add(name)
    return {code: frozenset(names) for code, names in found.items()}


def _at_postcode(postcode: str, commune: str) -> bool | None:
    names = lexicon.postcode_communes().get(celltext.tidy(postcode).zfill(5))
    return None if names is None else fold(commune) in names


def _known_commune(word: str) -> bool:
    return word in lexicon.commune_names()


def _addresses(columns: list[Column], profiles: Sequence[Profile]) -> None:
    """Tell the commune of an address, by its postcode, from that of a birth."""
    postcodes = [column for column in columns if column.kind is Kind.POSTCODE]
    communes = [column for column in columns if column.kind is Kind.COMMUNE]
    unknown = [column for column in columns if column.kind is Kind.UNKNOWN and _open(column)]
    communes += [column for column in unknown if profiles[column.index].share(_known_commune, folded=True) >= _CODED]
    if not postcodes or (len(communes) < 2 and not unknown):
        return
    strays = []
    for column in communes:
        shares = {
            other.index: _share(profiles[other.index].cells, profiles[column.index].cells, _at_postcode)
            for other in postcodes
        }
        best = max(shares, key=lambda index: shares[index])
        if shares[best] >= _AGREED:
            if _open(column):
                role = columns[best].role
                columns[column.index] = _agreeing(column, Kind.COMMUNE, role, 0.95, shares[best], columns[best])
        elif _open(column) and column.kind is Kind.COMMUNE:
            strays.append(column)
    births = any(column.kind is Kind.BIRTH_DATE for column in columns)
    if births and len(strays) == 1 and not _prescribers(columns, profiles, strays[0]):
        reason = Reason("agrees_with_no_postcode")
        columns[strays[0].index] = replace(strays[0], kind=Kind.BIRTH_PLACE, confidence=0.75, reason=reason)


def _prescribers(columns: Sequence[Column], profiles: Sequence[Profile], place: Column) -> bool:
    """Tell whether a commune is the same in all rows of one RPPS."""
    cells = profiles[place.index].cells
    for column in columns:
        if column.kind in {Kind.RPPS, Kind.ADELI}:
            first: dict[str, str] = {}
            again = [first.setdefault(number, cell) == cell for number, cell in _filled(profiles[column.index], cells)]
            if len(again) > 2 * len(first) and sum(again) >= 0.9 * len(again):
                return True
    return False


def _filled(profile: Profile, cells: Sequence[str]) -> list[tuple[str, str]]:
    return [(one, two) for one, two in zip(profile.cells, cells, strict=True) if one and two]


def same_person(columns: list[Column], profiles: Sequence[Profile]) -> None:
    """Give the patient, in place, the names that nobody has but that agree with theirs, or that they alone lack."""
    surnames = [column for column in columns if column.kind in {Kind.SURNAME, Kind.BIRTH_NAME}]
    owned = [column for column in surnames if column.role is Role.PATIENT]
    for column in surnames:
        if column.role is Role.NONE and any(_alike(profiles, column, other) for other in owned):
            columns[column.index] = replace(column, role=Role.PATIENT)
    for kind in (Kind.FIRST_NAME, Kind.TITLE):
        nobodys = [column for column in columns if column.kind is kind and column.role is Role.NONE]
        had = any(column.kind is kind and column.role is Role.PATIENT for column in columns)
        if owned and len(nobodys) == 1 and not had:
            columns[nobodys[0].index] = replace(nobodys[0], role=Role.PATIENT)


def _alike(profiles: Sequence[Profile], one: Column, other: Column) -> bool:
    return _share(profiles[one.index].cells, profiles[other.index].cells, _same_name) >= _SAME


def _same_name(one: str, other: str) -> bool:
    return one.upper() == other.upper()


@cache
def _sexed_names() -> dict[str, str]:
    """Return the sex of the first names that nearly always have one, by folded name."""
    births: dict[str, dict[str, int]] = {}
    for letter in ("F", "M"):
        known = lexicon.first_name_frequencies(letter)
        for name, total in zip(known.names, known.counts.sum(axis=1, dtype=int), strict=True):
            births.setdefault(fold(name), {})[letter] = int(total)
    return {
        name: max(totals, key=lambda letter: totals[letter])
        for name, totals in births.items()
        if max(totals.values()) >= 0.95 * sum(totals.values())
    }


def _of_first_name(text: str) -> str | None:
    return _sexed_names().get(fold(text).split(" ")[0])


_TITLES: Mapping[str, str] = {
    **dict.fromkeys(("M", "MR", "MONSIEUR", "H"), "M"),
    **dict.fromkeys(("MME", "MLLE", "MELLE", "MADAME", "MRS", "F"), "F"),
}


def _of_title(text: str) -> str | None:
    return _TITLES.get(celltext.upper(text).rstrip("."))


_SEX_OF: dict[Kind, Callable[[str], str | None]] = {
    Kind.SEX: _of_title,
    Kind.TITLE: _of_title,
    Kind.FIRST_NAME: _of_first_name,
}


def _one_or_two(text: str) -> bool:
    return text in {"1", "2"}


def _sexes(columns: list[Column], profiles: Sequence[Profile]) -> None:
    for column in columns:
        profile = profiles[column.index]
        if column.kind not in {Kind.NUMBER, Kind.UNKNOWN, Kind.BOOLEAN} or not _open(column):
            continue
        if profile.share(_one_or_two) < _CODED or not {"1", "2"} <= set(profile.values):
            continue
        for other in columns:
            of = _SEX_OF.get(other.kind)
            if of is None:
                continue
            share = _share(profile.cells, profiles[other.index].cells, _told_by(of))
            if share >= _SEXED:
                columns[column.index] = _agreeing(column, Kind.SEX, other.role, 0.9, share, other)
                break


def _told_by(of: Callable[[str], str | None]) -> Told:
    def told(code: str, cell: str) -> bool | None:
        sex, coded = of(cell), celltext.tidy(code)
        return None if sex is None or not _one_or_two(coded) else "MF"[coded == "2"] == sex

    return told


_WOMENS = {Kind.SURNAME: Kind.BIRTH_NAME, Kind.BOOLEAN: Kind.PREGNANCY}


def _womens(columns: list[Column], profiles: Sequence[Profile]) -> None:
    """Type what is filled for women alone: a second surname, yes and no."""
    sexes = [column for column in columns if column.kind is Kind.SEX and profiles[column.index].distinct > 1]
    if not sexes:
        return
    sex = sexes[0]
    cells = profiles[sex.index].cells
    if not _EVEN <= _women(cells) <= 1 - _EVEN:
        return
    surnames = [column for column in columns if column.kind is Kind.SURNAME]
    for column in columns:
        flags = column.kind is Kind.CONSTANT and profiles[column.index].share(ask.flag) == 1
        kind = Kind.PREGNANCY if flags else _WOMENS.get(column.kind)
        if kind is None or not _open(column) or (kind is Kind.BIRTH_NAME and len(surnames) < 2):
            continue
        filled = [one for one, two in zip(cells, profiles[column.index].cells, strict=True) if one and two]
        if len(filled) >= _WOMEN and (share := _women(filled)) >= _ONLY:
            confidence = 0.9 if kind is Kind.BIRTH_NAME else 0.7
            columns[column.index] = _agreeing(column, kind, sex.role, confidence, share, sex)


def _women(cells: Sequence[str]) -> float:
    told = [sex for cell in cells if (sex := "F" if cell == "2" else "M" if cell == "1" else _of_title(cell))]
    return told.count("F") / len(told) if told else 0.0


def _short_lists(columns: list[Column], profiles: Sequence[Profile]) -> None:
    """Type what only its neighbours tell to be names: few of them, as of a practice's doctors."""
    for column in columns:
        profile = profiles[column.index]
        if column.kind is not Kind.UNKNOWN or not _open(column) or profile.distinct < 5:
            continue
        beside = {columns[place].kind for place in (column.index - 1, column.index + 1) if 0 <= place < len(columns)}
        for kind, partner, question in (
            (Kind.SURNAME, Kind.FIRST_NAME, ask.surname_folded),
            (Kind.FIRST_NAME, Kind.SURNAME, ask.first_name_folded),
        ):
            share = profile.share(question, folded=True)
            if partner in beside and share >= _CODED and profile.share(ask.name_like) >= 0.9:
                reason = Reason("beside", (("neighbour_kind", partner.value),))
                columns[column.index] = replace(column, kind=kind, role=Role.PATIENT, confidence=0.75, reason=reason)
                break
