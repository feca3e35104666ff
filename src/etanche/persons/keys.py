"""What identifies the people of a row, as engine expressions (a sound first rule; the linker refines it later).

Rules for the patient, in the order in which they apply:

1. A NIR is not always one's own (spec link, "What made the difference"): it counts as the patient's only when its
   sex and its year and month of birth do not contradict the row's; two rows with the same own NIR are one person.
2. Usual name or birth name, with first name and birth date: rows that agree on any of the two names are one person,
   so that a woman counted once under each name is one.
3. A child under a parent's NIR: the same NIR, first name and birth date are one person, whatever the surname.
4. A typing error is forgiven when the NIR agrees on the rest: same NIR and birth date, same start of the first name.
5. Rows with no birth date or no name: names with an e-mail, a phone or an address; without names, the NIR, then the
   e-mail, the login or the phone alone.

Everyone else in the row is told apart by the strongest thing that the row says of them: an RPPS number, else names
with a birth date, else names alone; a spouse or a trusted person known by name only is told apart within the
patient's own rows, since two patients' "MARTIN JEAN" are rarely one man.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING

import ibis

from etanche.identifiers import dates, nir
from etanche.lexicon.names import squash_expr
from etanche.model import PERSON_ROLES, Column, Kind, Role

if TYPE_CHECKING:
    import ibis.expr.types as ir

_START = 3
"""Letters of the first name that must agree when the NIR and the birth date do (rule 4)."""


class RowCells:
    """The cells of one row by kind, for one role."""

    def __init__(self, rows: ir.Table, columns: Sequence[Column], role: Role) -> None:
        self._rows = rows
        self._columns = [column for column in columns if column.role is role]

    def cell(self, *kinds: Kind) -> ir.StringValue | None:
        """Return the first filled cell among the columns of these kinds; None when there is no such column."""
        cells = [
            self._rows[f"c{column.index}"].strip().nullif("")
            for kind in kinds
            for column in self._columns
            if column.kind is kind
        ]
        if not cells:
            return None
        return ibis.coalesce(*cells) if len(cells) > 1 else cells[0]

    def name(self, *kinds: Kind) -> ir.StringValue | None:
        """Return the same as names are compared."""
        cell = self.cell(*kinds)
        return None if cell is None else squash_expr(cell)

    def birth_date(self) -> ir.StringValue | None:
        """Return the birth date as ISO text, null when the cell is no date."""
        for column in self._columns:
            if column.kind is Kind.BIRTH_DATE:
                return dates.iso_expr(self._rows[f"c{column.index}"], column.layout)
        return None


def _hash(tag: str, *parts: ir.StringValue) -> ir.IntegerValue:
    """Return a key over all parts, null when one is missing."""
    whole = reduce(lambda left, right: left + "|" + right, parts, ibis.literal(tag))
    present = reduce(and_, [part.notnull() for part in parts])
    return ibis.ifelse(present, whole.hash(), ibis.null("uint64"))


def key_fields(rows: ir.Table, columns: Sequence[Column]) -> dict[str, ir.IntegerValue]:
    """Return the patient's keys of a row by name, `k_…`: those that the columns allow."""
    patient = RowCells(rows, columns, Role.PATIENT)
    surname = patient.name(Kind.SURNAME, Kind.FULL_NAME)
    first = patient.name(Kind.FIRST_NAME)
    if first is None and surname is not None:
        first = ibis.literal("")
    born = patient.birth_date()
    number = patient.cell(Kind.NIR, Kind.INS)
    digits = None if number is None else nir.normal_expr(number).substr(0, 13)
    keys: dict[str, ir.IntegerValue] = {}
    if digits is not None and number is not None:
        keys["k_nir"] = _hash("nir", _own(number, digits, patient.cell(Kind.SEX), born))
        if born is not None and first is not None:
            keys["k_child"] = _hash("child", digits, first, born)
            keys["k_typo"] = _hash("typo", digits, first.substr(0, _START), born)
    if born is not None and first is not None:
        for key, family in (("k_name", surname), ("k_birth_name", patient.name(Kind.BIRTH_NAME))):
            if family is not None:
                keys[key] = _hash("name", family, first, born)
    fallback = _fallback(patient, surname, first, born, digits)
    if fallback is not None:
        keys["k_fallback"] = fallback
    return keys


def _own(
    number: ir.StringValue, digits: ir.StringValue, sex: ir.StringValue | None, born: ir.StringValue | None
) -> ir.StringValue:
    """Return the NIR's 13 digits unless the row's sex or birth date contradicts them."""
    own = digits.length() == 13
    if sex is not None:
        own &= nir_agrees_with_sex(number, sex).fill_null(True)
    if born is not None:
        own &= nir_agrees_with_birth(number, born).fill_null(True)
    return ibis.ifelse(own, digits, ibis.null("string"))


def nir_agrees_with_sex(number: ir.StringValue, sex: ir.StringValue) -> ir.BooleanValue:
    """Tell whether a NIR's sex is the row's; null when either says nothing."""
    letter = sex.upper().substr(0, 1)
    of_row = letter.cases(("M", "M"), ("H", "M"), ("1", "M"), ("F", "F"), ("2", "F"), else_=ibis.null("string"))
    return of_row == nir.sex_expr(number)


def nir_agrees_with_birth(number: ir.StringValue, born: ir.StringValue) -> ir.BooleanValue:
    """Tell whether a NIR's year and month are those of an ISO birth date; null when either says nothing."""
    return nir.year_month_expr(number) == born.substr(2, 2) + born.substr(5, 2)


def _fallback(
    patient: RowCells,
    surname: ir.StringValue | None,
    first: ir.StringValue | None,
    born: ir.StringValue | None,
    digits: ir.StringValue | None,
) -> ir.IntegerValue | None:
    """Return a key for rows that the stronger ones cannot hold (rule 5)."""
    choices: list[ir.IntegerValue] = []
    nameless = ibis.literal(True)
    if surname is not None and first is not None:
        nameless = surname.isnull() | first.isnull()
        choices.extend(
            _hash("contact", surname, first, contact)
            for kind in (Kind.EMAIL, Kind.MOBILE, Kind.PHONE, Kind.LANDLINE, Kind.ADDRESS)
            if (contact := patient.cell(kind)) is not None
        )
        if born is None:
            choices.append(_hash("only-name", surname, first))
    alone = [digits] if digits is not None else []
    alone += [
        cell.lower()
        for kind in (Kind.EMAIL, Kind.LOGIN, Kind.MOBILE, Kind.PHONE)
        if (cell := patient.cell(kind)) is not None
    ]
    choices.extend(ibis.ifelse(nameless, _hash("alone", cell), ibis.null("uint64")) for cell in alone)
    if not choices:
        return None
    key = ibis.coalesce(*choices)
    return key if born is None else ibis.ifelse(born.isnull() | nameless, key, ibis.null("uint64"))


def role_fields(rows: ir.Table, columns: Sequence[Column]) -> dict[str, ir.IntegerValue]:
    """Return the key of everyone else in a row by name: `r_<role>`, or `w_<role>` where it holds within a patient."""
    fields: dict[str, ir.IntegerValue] = {}
    for role in PERSON_ROLES:
        if role is Role.PATIENT:
            continue
        person = RowCells(rows, columns, role)
        names = [
            name
            for kind in (Kind.SURNAME, Kind.FIRST_NAME, Kind.FULL_NAME, Kind.DOCTOR, Kind.LOGIN)
            if (name := person.name(kind)) is not None
        ]
        number = person.cell(Kind.RPPS, Kind.ADELI)
        if not names and number is None:
            continue
        fields.update(_role_field(role, names, number, person.birth_date()))
    return fields


def _role_field(
    role: Role, names: Sequence[ir.StringValue], number: ir.StringValue | None, born: ir.StringValue | None
) -> dict[str, ir.IntegerValue]:
    choices = [] if number is None else [_hash("number", number)]
    if names:
        whole = reduce(lambda left, right: left + "|" + right, [name.fill_null("") for name in names])
        present = reduce(lambda left, right: left | right, [name.notnull() for name in names])
        parts = whole if born is None else whole + "|" + born.fill_null("")
        choices.append(ibis.ifelse(present, parts.hash(), ibis.null("uint64")))
    key = ibis.coalesce(*choices) if len(choices) > 1 else choices[0]
    within = born is None and role in (Role.SPOUSE, Role.TRUSTED_PERSON, Role.INSURED)
    return {f"{'w' if within else 'r'}_{role.value}": key}
