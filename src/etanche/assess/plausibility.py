"""Do the values agree with one another, and with what exists?  Checks beyond shape and key, each with its denominator.

Rules, in the order in which they apply:

1. A check counts the rows (of one column's values alone, the cells) that agree, of those where it can be decided; what
   nothing decides counts nowhere.
2. A NIR is held against the sex and the birth date of its row (`persons.keys`), against what was numbered so in the
   year that it names (`nir_departement`, `nir_commune`), and against the place of birth (`nir_birth_place`).
3. A postcode is held against the commune beside it and against its INSEE code; a CEDEX postcode against the
   département of the commune.
4. Codes are held against the lists that are shipped: CIP, CIM-10 categories, ATC groups, INSEE's communes.
5. An INS with an OID of tests or demonstrations is nobody's; neither is a telephone number of a range kept for fiction,
   or not open yet on the day of the latest sample.  Files made up to be sold are found out by these.
6. A birth date is possible from 125 years before today on, and not after today.

What needs several cells of a row leaves the distinct pairs of each part (`side_lists`), judged once each.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

import ibis
import pyarrow as pa

from etanche import lexicon
from etanche.assess.counts import one_row
from etanche.assess.fields import PHONE_KINDS
from etanche.identifiers import atc, cim10, ins, insee_commune, nir_place, phone, phone_plan, postcode
from etanche.lexicon import births
from etanche.lexicon.names import squash
from etanche.model import Column, Kind, Role, Share

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from etanche.assess.counts import Tables
    from etanche.assess.engine import Runner

_OF_THE_ROW = {"nir_sex": "x_nir_sex", "nir_birth_date": "x_nir_birth"}
_LISTED: dict[str, tuple[Kind, Callable[[str], bool]]] = {
    "cip_listed": (Kind.CIP, lexicon.is_cip),
    "cim10_listed": (Kind.CIM10, cim10.listed),
    "atc_listed": (Kind.ATC, atc.listed),
    "insee_listed": (Kind.INSEE_COMMUNE, lambda code: code.upper() in lexicon.every_commune()),
}
_CEDEX = re.compile(r"\s*\bCEDEX\b.*$", re.IGNORECASE)
_OLDEST = 125
"""Years from which a birth date is no one's alive or lately dead."""

Sides = Mapping[str, "ir.Table"]
"""Distinct pairs of cells by what they are for, each with the rows that have it (`n`)."""


def side_lists(columns: Sequence[Column]) -> dict[str, Callable[[ir.Table], ir.Table]]:
    """Return what each part leaves for the checks that the file's columns allow, by name."""
    own = {column.kind: f"c{column.index}" for column in reversed(columns) if column.role is Role.PATIENT}
    found: dict[str, Callable[[ir.Table], ir.Table]] = {}
    if Kind.POSTCODE in own and {Kind.COMMUNE, Kind.INSEE_COMMUNE} & set(own):
        found["places"] = _places(own[Kind.POSTCODE], own.get(Kind.COMMUNE), own.get(Kind.INSEE_COMMUNE))
    if Kind.NIR in own:
        found["births"] = _births(own[Kind.NIR])
    if Kind.NIR in own and Kind.BIRTH_PLACE in own:
        found["born"] = _born(own[Kind.NIR], own[Kind.BIRTH_PLACE])
    if Kind.INS in own:
        found["authorities"] = _authorities(own[Kind.INS])
    return found


def _places(code: str, commune: str | None, insee: str | None) -> Callable[[ir.Table], ir.Table]:
    def places(rows: ir.Table) -> ir.Table:
        cells = {"commune": rows[commune] if commune else None, "insee": rows[insee] if insee else None}
        beside = {name: ibis.null("string") if cell is None else cell for name, cell in cells.items()}
        some = rows.select(postcode=rows[code], **beside).filter(ibis._.postcode.notnull())
        return some.group_by("postcode", "commune", "insee").aggregate(n=some.count())

    return places


def _births(number: str) -> Callable[[ir.Table], ir.Table]:
    def some_births(rows: ir.Table) -> ir.Table:
        some = rows.select(digits=nir_place.digits_expr(rows[number])).filter(ibis._.digits.notnull())
        some = some.select(era=nir_place.era_of_expr(some.digits.substr(1, 2)), place=some.digits.substr(5, 5))
        return some.group_by("era", "place").aggregate(n=some.count())

    return some_births


def _born(number: str, place: str) -> Callable[[ir.Table], ir.Table]:
    def some_born(rows: ir.Table) -> ir.Table:
        some = rows.filter(rows[place].notnull())
        some = some.select(digits=nir_place.digits_expr(some[number]), born=some[place])
        some = some.filter(some.digits.notnull())
        era, departement = nir_place.era_of_expr(some.digits.substr(1, 2)), some.digits.substr(5, 3)
        some = some.select("born", late=era.between(_SINCE_1968, nir_place.EITHER - 1), departement=departement)
        return some.group_by("born", "late", "departement").aggregate(n=some.count())

    return some_born


def _authorities(number: str) -> Callable[[ir.Table], ir.Table]:
    def authorities(rows: ir.Table) -> ir.Table:
        some = rows.filter(rows[number].notnull()).select(authority=ins.authority_expr(rows[number]))
        return some.group_by("authority").aggregate(n=some.count())

    return authorities


def count_plausibility(engine: Runner, tables: Tables, sides: Sides, columns: Sequence[Column]) -> dict[str, Share]:
    """Return the checks that need no day."""
    shares: dict[str, Share] = {}
    facts = tables.facts
    told = {name: facts[field] for name, field in _OF_THE_ROW.items() if field in facts.columns}
    if told:
        line = one_row(
            engine,
            facts.aggregate(
                **{name: said.sum() for name, said in told.items()},
                **{f"of_{name}": said.count() for name, said in told.items()},
            ),
        )
        for name in told:
            shares |= _share(name, line[name], line[f"of_{name}"])
    if "births" in sides:
        shares |= _birth_shares(_merged(engine, sides["births"]))
    if "born" in sides:
        shares |= _judged("nir_birth_place", _merged(engine, sides["born"]), born_there)
    if "places" in sides:
        places = _merged(engine, sides["places"])
        shares |= _judged("postcode_commune", places.drop_columns("insee"), in_postcode)
        shares |= _judged("postcode_insee", places.drop_columns("commune"), insee_in_postcode)
    if "authorities" in sides:
        shares |= _judged("ins_oid", _merged(engine, sides["authorities"]), _real_authority)
    return shares | _listed_shares(engine, tables.checked, columns)


def count_dated(
    engine: Runner, tables: Tables, columns: Sequence[Column], latest: dt.date, today: dt.date
) -> dict[str, Share]:
    """Return the checks that hold on a day: telephones on that of the latest sample, births on today."""
    checked = tables.checked
    numbers = checked.filter(checked.valid & checked.col.isin(_of(columns, PHONE_KINDS)))
    ranges = numbers.group_by(beginning=phone.normal_expr(numbers.value).left(phone_plan.TELLING))
    days = checked.filter(checked.day.notnull() & checked.col.isin(_of(columns, (Kind.BIRTH_DATE,))))
    oldest = today.replace(year=today.year - _OLDEST, day=min(today.day, 28))
    in_time = (days.day <= ibis.literal(today)) & (days.day > ibis.literal(oldest))
    born = one_row(engine, days.aggregate(of=days.n.sum(), n=days.n.sum(where=in_time)))
    shares = _phone_shares(engine.fetch(ranges.aggregate(n=numbers.n.sum())), latest.isoformat())
    return shares | _share("birth_date_possible", born["n"], born["of"], "cells")


def _phone_shares(ranges: pa.Table, day: str) -> dict[str, Share]:
    opened, real = [0, 0], [0, 0]
    for beginning, n in zip(ranges["beginning"].to_pylist(), ranges["n"].to_pylist(), strict=True):
        found = phone_plan.of_range(beginning)
        fiction = found[0] == "fiction"
        _tally(opened, fiction or phone_plan.open_on(found, day), n)
        _tally(real, not fiction, n)
    return _share("phone_plan", opened[0], opened[1], "cells") | _share("phone_not_fiction", real[0], real[1], "cells")


def in_postcode(code: str, commune: str | None) -> bool | None:
    """Tell whether a commune is of a postcode; None without one, and for a postcode that nothing is known of."""
    if commune is None:
        return None
    names = lexicon.postcode_communes().get(code)
    if names is not None:
        return commune in names or squash(commune) in {squash(name) for name in names}
    departement = postcode.departement(code)
    named = births.departements_named(lexicon.fold(_CEDEX.sub("", commune)))
    if departement is None or not named or not _CEDEX.search(commune):
        return None
    return departement in named


def insee_in_postcode(code: str, insee: str | None) -> bool | None:
    """Tell whether an INSEE code is of a commune with the postcode; None where either is unknown."""
    if insee is None or insee.upper() not in lexicon.insee_communes() or code not in lexicon.postcodes():
        return None
    return (insee.upper(), code) in lexicon.commune_postcodes()


def born_there(born: str, late: bool, digits: str) -> bool | None:
    """Tell whether the place that a row names is in the département of its NIR; None where that cannot be told.

    `digits` are the first three of the NIR's place, `late` says whether it is of 1968 or later, when 91-95 were in
    France for certain.  A commune has had several départements: Corsica's was one, Paris and Versailles had their
    neighbours'.
    """
    departement = nir_place.departement(digits)
    known = _departements_of(born)
    if not known or departement == "99" or (departement in _PROTECTORATES and not late):
        return None
    return departement in known or not known.isdisjoint(_FORMERLY.get(departement, ()))


_SINCE_1968 = 3
_PROTECTORATES = frozenset({"91", "92", "93", "94", "95", "96"})
_FORMERLY = {"20": ("2A", "2B"), "75": ("92", "93", "94"), "78": ("91", "92", "95")}


@cache
def _departements_of(born: str) -> frozenset[str]:
    """Return the départements that a place of birth can be of: an INSEE code, a name, a name with a number."""
    text = born.strip()
    if insee_commune.fits(text) and text.upper() in lexicon.every_commune():
        return frozenset({nir_place.departement(text.upper())})
    number = re.search(r"\b(0[1-9]|[1-9][0-9]|2[AB]|97[1-6])\d{0,3}\b", text.upper())
    name = lexicon.fold(re.sub(r"[0-9(),]+(?:E|ER|EME)?", " ", text).strip())
    named = births.departements_named(lexicon.fold(text)) or births.departements_named(name)
    return named & {number[1]} if number and number[1] in named else named


def _real_authority(authority: str) -> bool | None:
    return authority in {"nir", "nia"} if authority else None


def _birth_shares(pairs: pa.Table) -> dict[str, Share]:
    possible, listed = [0, 0], [0, 0]
    for era, place, n in zip(*(pairs[name].to_pylist() for name in ("era", "place", "n")), strict=True):
        can_be = nir_place.possible(place, era)
        _tally(possible, can_be, n)
        _tally(listed, can_be and number_given(place), n)
    return _share("nir_departement", possible[0], possible[1]) | _share("nir_commune", listed[0], listed[1])


def number_given(place: str) -> bool:
    """Tell whether the commune's number in a NIR was ever given in its département; abroad the number decides alone."""
    departement = nir_place.departement(place)
    if departement == "99":
        return True
    number = int(place[len(departement) :])
    return number <= births.highest_communes().get(departement, 999) or number in {90, 990}


def _listed_shares(engine: Runner, checked: ir.Table, columns: Sequence[Column]) -> dict[str, Share]:
    kinds = {kind for kind, _ in _LISTED.values()}
    kind_of = {column.index: column.kind for column in columns if column.kind in kinds and column.filled}
    if not kind_of:
        return {}
    found = engine.fetch(checked.filter(checked.valid & checked.col.isin(list(kind_of))).select("col", "value", "n"))
    lines = list(zip(*(found[name].to_pylist() for name in ("col", "value", "n")), strict=True))
    shares: dict[str, Share] = {}
    for name, (kind, listed) in _LISTED.items():
        tally = [0, 0]
        for col, value, n in lines:
            if kind_of[col] is kind:
                _tally(tally, listed(value), n)
        shares |= _share(name, tally[0], tally[1], "cells")
    return shares


def _of(columns: Iterable[Column], kinds: Iterable[Kind]) -> list[int]:
    """Return the columns of some kinds; one that is not there, rather than none, which no engine takes."""
    return [column.index for column in columns if column.kind in kinds] or [-1]


def _merged(engine: Runner, pairs: ir.Table) -> pa.Table:
    """Return the distinct pairs of all parts, each with its rows."""
    keys = [name for name in pairs.columns if name not in {"row", "n"}]
    return engine.fetch(pairs.group_by(*keys).aggregate(n=pairs.n.sum()))


def _judged(name: str, pairs: pa.Table, judge: Callable[..., bool | None]) -> dict[str, Share]:
    """Return the share of rows that a judge of their cells agrees with, of those that it decides."""
    tally = [0, 0]
    cells = [pairs[column].to_pylist() for column in pairs.column_names if column != "n"]
    for *values, n in zip(*cells, pairs["n"].to_pylist(), strict=True):
        _tally(tally, judge(*values), n)
    return _share(name, tally[0], tally[1])


def _tally(tally: list[int], agrees: bool | None, n: int) -> None:
    if agrees is not None:
        tally[0] += n if agrees else 0
        tally[1] += n


def _share(name: str, n: int, of: int, unit: str = "rows") -> dict[str, Share]:
    # Sums come as decimals from an engine whose own integers are wider than 64 bits.
    return {name: Share(int(n), int(of), unit)} if of else {}
