"""What a column's neighbours say of it.

Rules, in the order in which they apply:

1. A date that agrees with the year and month of a NIR in the same rows is the birth date.  Without a NIR, it is the
   one general date that goes back sixty years and more and whose half lies before 2005.
2. Numbers 1 and 2 that agree with the first digit of a NIR are the sex.  What else agrees row by row: `agreement`.
3. Two surnames side by side that are often equal: the one with fewer cells is the birth name.
4. A place beside the birth date is its place, when another place stands elsewhere; nine digits beside a laboratory
   are its FINESS; a code that holds the name of its row is a login, and the text to its right the password.
5. Names and contacts that are the same in all rows of one RPPS are the prescriber's.  Where numbers hardly come twice:
   the names directly left of it, and the address, telephone or e-mail that follows, if the patient has one already.
6. Of the other names, those that most rows have are the patient's; a second pair that nothing explains belongs to
   somebody unknown: role `none`, rather than a guess.

Columns that a header has typed keep their kind; roles that a header has said are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from etanche.identifiers import dates, nir
from etanche.lexicon.fold import fold
from etanche.model import Column, Kind, Reason, Role
from etanche.recognise import agreement
from etanche.recognise.profile import Profile

_NAMES = frozenset({Kind.SURNAME, Kind.FIRST_NAME, Kind.BIRTH_NAME, Kind.FULL_NAME, Kind.TITLE})
_CONTACT = frozenset({
    Kind.ADDRESS, Kind.POSTCODE, Kind.COMMUNE, Kind.LANDLINE, Kind.MOBILE, Kind.PHONE, Kind.EMAIL,
})  # fmt: skip
_FEW = 8


def settle(columns: Sequence[Column], profiles: Sequence[Profile], said: Sequence[Role | None]) -> list[Column]:
    """Return the columns with what their neighbours add; `said`: the role that each header names."""
    result = list(columns)
    numbers = [column.index for column in result if column.kind is Kind.NIR]
    for place in numbers:
        _agree_with_nir(result, profiles, place)
    if not any(column.kind is Kind.BIRTH_DATE for column in result):
        _oldest_dates(result, profiles)
    agreement.settle(result, profiles)
    _birth_names(result, profiles)
    _companions(result)
    _credentials(result, profiles)
    if not any(column.reason.code == "header" and column.kind in _NAMES for column in result):
        _roles(result, profiles, said)
        agreement.same_person(result, profiles)
    return result


def _pairs(first: Sequence[str], second: Sequence[str]) -> list[tuple[str, str]]:
    """Return cells of the same rows that are both filled, rows spread over the sample."""
    both = [(one, two) for one, two in zip(first, second, strict=True) if one and two]
    step = max(1, len(both) // 400)
    return both[::step]


def _agree_with_nir(columns: list[Column], profiles: Sequence[Profile], place: int) -> None:
    """Type the dates and the sexes that agree with the NIR; the fuller date is the patient's, others the insured's."""
    numbers = profiles[place].cells
    born: list[int] = []
    for index, column in enumerate(columns):
        if column.kind is Kind.DATE and column.layout:
            share = _born_share(_pairs(numbers, profiles[index].cells), column.layout)
            if share >= 0.5:
                columns[index] = _agreeing(column, Kind.BIRTH_DATE, 0.97, share, place)
                born.append(index)
        elif column.kind in {Kind.NUMBER, Kind.UNKNOWN, Kind.BOOLEAN} and profiles[index].share(_coded_sex) >= 0.8:
            share = _sex_share(_pairs(numbers, profiles[index].cells))
            if share >= 0.85 and profiles[index].distinct >= 2:
                columns[index] = _agreeing(column, Kind.SEX, 0.92, share, place)
    born.sort(key=lambda index: -profiles[index].filled)
    for index in born[1:]:
        columns[index] = replace(columns[index], role=Role.INSURED, confidence=0.8)


def _agreeing(column: Column, kind: Kind, confidence: float, share: float, place: int) -> Column:
    reason = Reason("agrees_with_nir", (("percent", round(100 * share)), ("neighbour", place + 1)))
    return replace(column, kind=kind, role=Role.PATIENT, confidence=confidence, reason=reason)


def _born_share(pairs: list[tuple[str, str]], layout: str) -> float:
    told = agreed = 0
    for number, day in pairs:
        month, born = nir.year_month(number), dates.iso(day, layout)
        if month is not None and born is not None:
            told += 1
            agreed += month == born[2:4] + born[5:7]
    return agreed / told if told >= _FEW else 0.0


def _coded_sex(text: str) -> bool:
    return text in {"0", "1", "2"}


def _sex_share(pairs: list[tuple[str, str]]) -> float:
    told = [(number[:1], cell) for number, cell in pairs if number[:1] in {"1", "2"} and cell in {"1", "2"}]
    return sum(one == two for one, two in told) / len(told) if len(told) >= _FEW else 0.0


def _oldest_dates(columns: list[Column], profiles: Sequence[Profile]) -> None:
    """Type the birth date where no NIR tells: the general date that spreads as lives do."""
    spans: list[tuple[int, int]] = []
    for index, column in enumerate(columns):
        if column.kind is not Kind.DATE or column.reason.code == "header_contradicted":
            continue
        years = sorted(
            int(day[:4]) for text in profiles[index].values if (day := dates.iso(text, column.layout)) is not None
        )
        if len(years) >= 20 and years[-1] - years[0] >= 60 and years[len(years) // 2] < 2005:
            spans.append((profiles[index].filled, index))
    if len(spans) == 1 or (spans and max(spans)[0] > 2 * sorted(spans)[-2][0]):
        index = max(spans)[1]
        reason = Reason("spread_of_births", (("header", columns[index].kind.value),))
        columns[index] = replace(
            columns[index], kind=Kind.BIRTH_DATE, role=Role.PATIENT, confidence=0.75, reason=reason
        )


def _birth_names(columns: list[Column], profiles: Sequence[Profile]) -> None:
    for left, right in pairwise(list(columns)):
        if {left.kind, right.kind} != {Kind.SURNAME} or "header" in {left.reason.code, right.reason.code}:
            continue
        pairs = _pairs(profiles[left.index].cells, profiles[right.index].cells)
        equal = sum(one.upper() == two.upper() for one, two in pairs) / len(pairs) if len(pairs) >= _FEW else 0.0
        if 0.2 <= equal < 1:
            fewer, other = sorted((left, right), key=lambda column: (profiles[column.index].filled, -column.index))
            reason = Reason("often_equal", (("percent", round(100 * equal)), ("neighbour", other.index + 1)))
            columns[fewer.index] = replace(fewer, kind=Kind.BIRTH_NAME, confidence=0.65, reason=reason)


def _beside(columns: Sequence[Column], index: int) -> set[Kind]:
    """Return the kinds of the columns to the left and to the right."""
    return {columns[place].kind for place in (index - 1, index + 1) if 0 <= place < len(columns)}


def _companions(columns: list[Column]) -> None:
    """Settle what looks alike by what stands beside it: a laboratory's number, a place beside a birth date."""
    communes = sum(column.kind is Kind.COMMUNE for column in columns)
    for index, column in enumerate(columns):
        if column.reason.code in agreement.SETTLED:
            continue
        beside = _beside(columns, index)
        if column.kind is Kind.SIREN and Kind.LABORATORY in beside and column.confidence < 0.9:
            reason = Reason("beside", (("neighbour_kind", Kind.LABORATORY.value),))
            columns[index] = replace(column, kind=Kind.FINESS, role=Role.LABORATORY, confidence=0.75, reason=reason)
        elif column.kind is Kind.COMMUNE and communes > 1 and Kind.BIRTH_DATE in beside and Kind.POSTCODE not in beside:
            reason = Reason("beside", (("neighbour_kind", Kind.BIRTH_DATE.value),))
            columns[index] = replace(column, kind=Kind.BIRTH_PLACE, confidence=0.75, reason=reason)


def _credentials(columns: list[Column], profiles: Sequence[Profile]) -> None:
    """Type a login that holds the name of its row, and the password that stands to its right."""
    names = [column.index for column in columns if column.kind in {Kind.SURNAME, Kind.FIRST_NAME}][:4]
    open_kinds = {Kind.UNKNOWN, Kind.IDENTIFIER}
    for index, column in enumerate(columns):
        if column.kind not in open_kinds or column.reason.code == "header" or not names:
            continue
        share = max(_holds_share(_pairs(profiles[name].cells, profiles[index].cells)) for name in names)
        if share < 0.6:
            continue
        reason = Reason("holds_name", (("percent", round(100 * share)),))
        columns[index] = replace(column, kind=Kind.LOGIN, role=Role.PATIENT, confidence=0.85, reason=reason)
        right = index + 1
        if right < len(columns) and columns[right].kind in open_kinds and columns[right].reason.code != "header":
            profile = profiles[right]
            if profile.distinct > 0.5 * profile.filled and profile.share(_secret) >= 0.9:
                reason = Reason("beside", (("neighbour_kind", Kind.LOGIN.value),))
                columns[right] = replace(
                    columns[right], kind=Kind.PASSWORD, role=Role.PATIENT, confidence=0.65, reason=reason
                )


def _holds_share(pairs: list[tuple[str, str]]) -> float:
    told = [(fold(name).replace(" ", ""), fold(cell)) for name, cell in pairs]
    held = sum(len(name) > 2 and name[:6] in cell and " " not in cell for name, cell in told)
    return held / len(told) if len(told) >= _FEW else 0.0


def _secret(text: str) -> bool:
    return 4 <= len(text) <= 64 and not any(char.isspace() for char in text)


def _roles(columns: list[Column], profiles: Sequence[Profile], said: Sequence[Role | None]) -> None:
    """Give roles where no header does: the prescriber by the RPPS, the patient where most rows have a name."""
    for place in [column.index for column in columns if column.kind in {Kind.RPPS, Kind.ADELI}]:
        if profiles[place].distinct < 0.5 * profiles[place].filled:
            _determined(columns, profiles, said, place)
        else:
            _prescriber(columns, profiles, said, place)
    runs = [run for run in _runs(columns, said) if _named(columns, run)]
    patients = max(runs, key=lambda run: max(profiles[index].filled for index in range(*run)), default=None)
    for run in runs:
        for index in range(*run):
            if run != patients:
                columns[index] = replace(columns[index], role=Role.NONE)


def _named(columns: list[Column], run: tuple[int, int]) -> bool:
    return bool({columns[index].kind for index in range(*run)} & {Kind.SURNAME, Kind.FULL_NAME})


def _determined(columns: list[Column], profiles: Sequence[Profile], said: Sequence[Role | None], place: int) -> None:
    """Give the prescriber the names and contacts that are the same in all rows of one number."""
    for index, column in enumerate(columns):
        if said[index] is None and column.kind in _NAMES | _CONTACT and profiles[index].distinct > 2:
            if _dependence(profiles[place].cells, profiles[index].cells) >= 0.93:
                columns[index] = replace(column, role=Role.PRESCRIBER)
        elif column.kind is Kind.DOCTOR and said[index] is None:
            columns[index] = replace(column, role=Role.NONE)


def _dependence(numbers: Sequence[str], cells: Sequence[str]) -> float:
    """Return the share of rows whose cell is the most frequent one of their number, where a number comes twice."""
    groups: dict[str, Counter[str]] = {}
    for number, cell in zip(numbers, cells, strict=True):
        if number and cell:
            groups.setdefault(number, Counter())[cell] += 1
    several = [group for group in groups.values() if group.total() > 1]
    rows = sum(group.total() for group in several)
    return sum(max(group.values()) for group in several) / rows if rows >= 2 * _FEW else 0.0


def _prescriber(columns: list[Column], profiles: Sequence[Profile], said: Sequence[Role | None], place: int) -> None:
    """Give the prescriber the names left of a number and the contact right of it.

    Prescribers are fewer than patients: a column with many more values than the number has is not theirs.
    """
    most = 1.3 * profiles[place].distinct + 5
    names = [column.index for column in columns if column.kind in {Kind.SURNAME, Kind.FULL_NAME}]
    taken: set[Kind] = set()
    left = place - 1
    while left >= 0 and _free_name(columns[left], said[left]) and len(names) > 1 and columns[left].kind not in taken:
        if (columns[left].kind is Kind.FULL_NAME and taken) or profiles[left].distinct > most:
            break
        taken.add(columns[left].kind)
        columns[left] = replace(columns[left], role=Role.PRESCRIBER)
        left -= 1
    for index, column in enumerate(columns):
        if column.kind is Kind.DOCTOR and taken and said[index] is None:
            columns[index] = replace(column, role=Role.NONE)
    had = {column.kind for column in columns[:place] if column.kind in _CONTACT}
    right = place + 1
    while right < len(columns) and columns[right].kind in _CONTACT and said[right] is None:
        known = columns[right].kind in had or had & {Kind.LANDLINE, Kind.MOBILE, Kind.PHONE}
        if known and profiles[right].distinct <= most:
            columns[right] = replace(columns[right], role=Role.PRESCRIBER)
        right += 1


def _runs(columns: list[Column], said: Sequence[Role | None]) -> list[tuple[int, int]]:
    """Return runs of name columns of the patient that no header has given away, cut where a kind comes again."""
    runs: list[tuple[int, int]] = []
    index = 0
    while index < len(columns):
        start, kinds = index, set[Kind]()
        while index < len(columns) and _free_name(columns[index], said[index]) and columns[index].kind not in kinds:
            kinds.add(columns[index].kind)
            index += 1
        if index > start:
            runs.append((start, index))
        else:
            index += 1
    return runs


def _free_name(column: Column, said: Role | None) -> bool:
    return column.kind in _NAMES and column.role is Role.PATIENT and said is None
