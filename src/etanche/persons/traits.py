"""The traits of the people of a row, each computed once: what keys are made of.

Rules, in the order in which they apply:

1. A trait is a column `<role>_<trait>` beside the row's cells `c<index>`, which come without blanks at their edges.
2. The patient's names are compared squashed (capitals, no accents, no joints), everyone else's as they are written.
3. A birth date is compared as a day, its day and month in either order: clerks change them about, and two persons of
   one name born on such days are rarer.  What is no day of the calendar (00/00/0000, 31/02/1980) is no trait.
4. Of a NIR the thirteen digits are compared, without spaces; what cannot be one ("0000000000000", "1") is no trait.
5. What is written where nothing is known is no trait: one digit or pair of digits again and again as a telephone or a
   NIR (0600000000, 0606060606), the days that programs begin or end with as a birth date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import ibis

from etanche.identifiers import dates, nir
from etanche.lexicon.names import squash_expr
from etanche.model import PERSON_ROLES, Column, Kind, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

_PATIENT_NAMES = {
    "surname": (Kind.SURNAME, Kind.FULL_NAME),
    "birth_name": (Kind.BIRTH_NAME,),
    "first": (Kind.FIRST_NAME,),
}
_AS_WRITTEN = {
    "surname": (Kind.SURNAME, Kind.FULL_NAME, Kind.DOCTOR),
    "first": (Kind.FIRST_NAME,),
    "sex": (Kind.SEX,),
    "contact": (Kind.EMAIL, Kind.MOBILE, Kind.PHONE, Kind.LANDLINE, Kind.ADDRESS),
    "phone": (Kind.MOBILE, Kind.PHONE, Kind.LANDLINE),
    "address": (Kind.ADDRESS,),
    "postcode": (Kind.POSTCODE, Kind.COMMUNE),
    "alone": (Kind.EMAIL, Kind.LOGIN, Kind.MOBILE, Kind.PHONE),
    "number": (Kind.RPPS, Kind.ADELI),
    "login": (Kind.LOGIN,),
}


_NOT_BORN = (dt.date(1899, 12, 30), dt.date(1900, 1, 1))
"""Days from which programs count, the first and the last; nobody alive was born on them."""
_NOT_BORN_AS_WRITTEN = "^(?:0000|0001|9999|1899-12-3[01]|1900-01-01)|(?:0000|0001|9999|3[01]/12/1899|01/01/1900)$"
_NIR = f"^{nir.NUMBER}$"
_SAME_DIGIT = tuple(digit * 12 for digit in "0123456789")
_NO_LINE = (
    "^(?:[0-9]{2})?(?:" + "|".join([f"{d}{{8}}" for d in "0123456789"] + [f"(?:0{d}){{5}}" for d in "123456789"]) + ")$"
)


def trait_fields(rows: ir.Table, columns: Sequence[Column]) -> dict[str, ir.Value]:
    """Return the traits that the columns allow, by name; a trait that is missing from a row is null."""
    fields: dict[str, ir.Value] = {}
    for role in PERSON_ROLES:
        own = [column for column in columns if column.role is role]
        for name, kinds in _AS_WRITTEN.items():
            if (cell := _first(rows, own, kinds)) is not None:
                fields[f"{role.value}_{name}"] = cell
    patient = [column for column in columns if column.role is Role.PATIENT]
    for name, kinds in _PATIENT_NAMES.items():
        if (cell := _first(rows, patient, kinds)) is not None:
            fields[f"patient_{name}"] = squash_expr(cell)
    numbers = [column for kind in (Kind.NIR, Kind.INS) for column in patient if column.kind is kind]
    if len(numbers) == 1 and f"n{numbers[0].index}" in rows.columns:
        # A hashed column was normalised for its check already, no separators, in capitals; nearly all cells pass it.
        fields["patient_digits"] = _digits(rows[f"n{numbers[0].index}"], rows[f"v{numbers[0].index}"])
    elif (number := _first(rows, patient, (Kind.NIR, Kind.INS))) is not None:
        tight = ibis.ifelse(number.re_search("^[0-9AB]+$"), number, number.re_replace("[^0-9ABab]", "").upper())
        fields["patient_digits"] = _digits(tight, ibis.literal(False))
    for role in (Role.PATIENT, Role.INSURED):
        births = [column for column in columns if column.role is role and column.kind is Kind.BIRTH_DATE]
        fields |= _birth(role, rows, births)
    return fields


def _digits(number: ir.StringValue, valid: ir.BooleanValue) -> ir.StringValue:
    """Return the thirteen digits of a NIR without separators, null where they cannot be one."""
    digits = number.left(13)
    doubtful = digits.substr(1, 6) == digits.substr(7, 6)
    able = digits.re_search(_NIR) & digits.substr(1).isin(_SAME_DIGIT).negate()
    return (valid & ~doubtful).ifelse(digits, able.ifelse(digits, ibis.null("string")))


def line(cell: ir.StringValue) -> ir.StringValue:
    """Return a telephone as it is written, null for one digit or pair of digits again and again."""
    # The last eight digits come in two halves alike, with blanks or without: one number of ten thousand is looked at.
    doubtful = (cell.substr(2, 4) == cell.substr(6, 4)) | (cell.substr(3, 5) == cell.substr(9, 5))
    return doubtful.ifelse(cell.re_replace("[^0-9]", "").re_search(_NO_LINE).ifelse(None, cell), cell)


def trait(rows: ir.Table, role: Role, name: str) -> ir.StringValue | None:
    """Return one trait of a row that has its `trait_fields`; None when the file has no column for it."""
    field = f"{role.value}_{name}"
    return rows[field] if field in rows.columns else None


def _birth(role: Role, rows: ir.Table, columns: Sequence[Column]) -> dict[str, ir.Value]:
    """Return the birth date as it is compared; of the patient also year and month as a NIR has them (YYMM, a number).

    Cells that agree on no layout are compared as they are written.  Of several columns (of several tables) the first
    filled one counts.
    """
    if not columns:
        return {}
    read = [column for column in columns if column.layout]
    if not read:
        cells = [rows[f"c{column.index}"] for column in columns]
        known = [cell.re_search(_NOT_BORN_AS_WRITTEN).ifelse(None, cell) for cell in cells]
        return {f"{role.value}_born": _coalesced(known)}
    return {f"{role.value}_day": _coalesced([dates.date_expr(rows[f"c{c.index}"], c.layout) for c in read])}


def compared_days(rows: ir.Table) -> dict[str, ir.Value]:
    """Return what is compared of the days of birth that `trait_fields` read."""
    fields: dict[str, ir.Value] = {}
    for role in (Role.PATIENT, Role.INSURED):
        if f"{role.value}_day" in rows.columns:
            day = rows[f"{role.value}_day"]
            when = day.between(*_NOT_BORN).ifelse(None, day)
            year, month, day = when.year(), when.month(), when.day()
            either = ibis.least(month, day) * 100 + ibis.greatest(month, day)
            fields[f"{role.value}_born"] = (year.cast("int32") * 10_000 + either).cast("string")
            fields[f"{role.value}_yymm"] = year % 100 * 100 + month
    return fields


def _first(rows: ir.Table, columns: Sequence[Column], kinds: Sequence[Kind]) -> ir.StringValue | None:
    """Return the first filled cell among the columns of these kinds, in the order of the kinds."""
    cells = [rows[f"c{column.index}"] for kind in kinds for column in columns if column.kind is kind]
    return _coalesced(cells) if cells else None


def _coalesced(cells: Sequence[ir.Value]) -> ir.Value:
    return ibis.coalesce(*cells) if len(cells) > 1 else cells[0]
